"""The first program of a notebook instance: prepares it, runs its scripts, and keeps its Jupyter server alive.

It is run as `python -m ... CONFIG` under a supervisor, outlives the engine and uses the standard library only. What it
prints is the instance's progress log. `ready.json` (written by the Jupyter server) says that the instance can be opened,
`failure.json` why it cannot.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from smstudio_ext.engine.notebook_instances.lines import StampedLog
from smstudio_ext.engine.notebook_instances.shims import make_shims

SCRIPT_SECONDS = 300.0
"""How long a lifecycle script may run, as on AWS."""
CLONE_SECONDS = 300.0
READY_SECONDS = 300.0
STOP_SECONDS = 8.0
RESTARTS = 5
RESTART_WINDOW = 60.0
_PAUSE = 0.05

Config = dict[str, Any]


class InstanceFailure(Exception):
    """The instance cannot start; the message is its FailureReason."""


@dataclass(frozen=True)
class Ended:
    """How a program ended; `late` when it was ended because its time was over."""

    code: int
    late: bool


def run_limited(
    command: list[str],
    seconds: float,
    log: StampedLog,
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    now: Callable[[], float] = time.monotonic,
    pause: Callable[[], None] = lambda: time.sleep(_PAUSE),
) -> Ended:
    """Runs a program in a session of its own, for at most so many seconds; what it left in the background goes on.

    Args:
        now, pause: the clock, and the wait between two looks at it.

    Raises:
        OSError: it cannot be run.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=None if env is None else dict(env),
        cwd=cwd,
        start_new_session=True,
    )
    assert process.stdout is not None
    copying = log.follow(process.stdout)
    begun = now()
    while process.poll() is None:
        if now() - begun > seconds:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            copying.join(1.0)
            return Ended(process.returncode, True)
        pause()
    copying.join(1.0)  # a background process may keep the pipe open: its lines go on to the log
    return Ended(process.returncode, False)


class Machine:
    """One start of a notebook instance."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.secrets: list[str] = config["secrets"]
        self.home = Path(os.environ.get("HOME") or config["home"])
        self.volume = self.home / "SageMaker"
        self.user_environment: dict[str, str] = {}
        self.server_environment: dict[str, str] = {}
        self._begun = time.monotonic()
        self._jupyter: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self) -> int:
        """All steps; returns when the instance is to stop."""
        signal.signal(signal.SIGTERM, self._stop)
        try:
            self._prepare()
            self._clone()
            self._scripts()
            self._serve()
        except InstanceFailure as failure:
            self._fail(str(failure))
        return 0

    def _prepare(self) -> None:
        config = self.config
        say("Creating the network interface: this machine's loopback, reached at 127.0.0.1 only")
        say(f"Launching the ML compute instance: {config['instance']}")
        say(f"Packages: {config['packages']}")
        say(
            f"Attaching the ML storage volume: {config['volume_gb']} GB at {self.volume}, kept when the instance stops"
        )
        say(
            f"Instance storage: everything else in {self.home}, and temporary files; lost when the instance stops"
        )
        scratch = Path(config["scratch"])
        shims = make_shims(self.home, scratch, sys.executable)
        packages = self.home / "packages"
        packages.mkdir(exist_ok=True)
        hook = config["python_path"]
        os.environ["PATH"] = os.pathsep.join(
            [shims, str(packages / "bin"), os.environ.get("PATH", os.defpath)]
        )
        os.environ["PIP_TARGET"] = str(packages)
        os.environ["TMPDIR"] = str(scratch / "tmp")
        # the server itself must not find what scripts and notebooks install: it could fail of it
        self.user_environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*hook, str(packages)])}
        self.server_environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(hook),
            "SMSTUDIO_USER_PYTHONPATH": self.user_environment["PYTHONPATH"],
        }
        self._copy_examples()

    def _copy_examples(self) -> None:
        source, target = Path(self.config["examples"]), self.home / "sample-notebooks"
        target.mkdir(exist_ok=True)
        count = 0
        for notebook in sorted(source.rglob("*.ipynb")) if source.is_dir() else ():
            place = target / notebook.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(notebook, place)
            count += 1
        shown = self.volume / target.name
        if not os.path.lexists(shown):
            shown.symlink_to(target)
        say(f"Copying example Jupyter notebooks: {count} in {target}")

    def _clone(self) -> None:
        for order in self.config["repositories"]:
            place = self.volume / order["folder"]
            if place.exists():
                say(f"Repository {order['url']} is in {place} already")
                continue
            say(f"Cloning {order['url']} into {place}")
            branch = ["--branch", order["branch"]] if order["branch"] else []
            log = StampedLog(Path(self.config["logs"]["git"]), self.secrets)
            command = ["git", "clone", "--quiet", *branch, "--", order["url"], str(place)]
            environment = {**self.user_environment, "GIT_TERMINAL_PROMPT": "0"}
            try:
                ended = run_limited(command, CLONE_SECONDS, log, env=environment)
            except OSError as error:
                raise InstanceFailure(
                    f"Git repository {order['url']} was not cloned: {error.strerror}: git"
                ) from None
            if ended.code != 0 or ended.late:
                shutil.rmtree(place, ignore_errors=True)
                why = "took too long" if ended.late else f"git ended with exit code {ended.code}"
                raise InstanceFailure(
                    f"Git repository {order['url']} was not cloned: {why}. Please check your CloudWatch logs "
                    f"({self.config['name']}/git.log) for more details."
                )

    def _scripts(self) -> None:
        made = Path(self.config["made"])
        if not made.exists():
            self._script("OnCreate")
            made.touch()
        self._script("OnStart")

    def _script(self, hook: str) -> None:
        content = self.config["scripts"].get(hook)
        if not content:
            return
        say(f"Running the lifecycle script {hook} (at most {SCRIPT_SECONDS / 60:g} minutes)")
        text = base64.b64decode(content)
        script = (
            Path(self.config["scratch"]) / "tmp" / f"{hook}_{time.strftime('%Y-%m-%d-%H-%M', time.gmtime())}"
        )
        script.write_bytes(text)
        script.chmod(0o700)
        command = [str(script)] if text.startswith(b"#!") else ["/bin/bash", str(script)]
        log = StampedLog(Path(self.config["logs"][hook]), self.secrets)
        who = f"Notebook Instance Lifecycle Config '{self.config['config_arn']}' for Notebook Instance '{self.config['arn']}'"
        check = "Please check your CloudWatch logs for more details"
        begun = time.monotonic()
        try:
            ended = run_limited(command, SCRIPT_SECONDS, log, env=self.user_environment, cwd="/")
        except OSError as error:
            hint = " (it has Windows line endings)" if b"\r\n" in text else ""
            log.write(f"{script}: {error.strerror}{hint}".encode())
            raise InstanceFailure(f"{who} could not be run: {error.strerror}{hint}. {check}.") from None
        if ended.late:
            raise InstanceFailure(
                f"{who} took longer than 5 minutes. {check} if your Notebook Instance has Internet access."
            )
        if ended.code != 0:
            stream = f"{self.config['name']}/LifecycleConfig{hook}"
            raise InstanceFailure(f"{who} failed with exit code {ended.code} in {hook}. {check} ({stream}).")
        say(f"{hook} ended after {time.monotonic() - begun:.1f} s")

    def _serve(self) -> None:
        """Keeps the Jupyter server running until the instance is to stop."""
        ready = Path(self.config["ready"])
        log = StampedLog(Path(self.config["logs"]["jupyter"]), self.secrets)
        starts: list[float] = []
        while not self._stopping:
            starts = [begun for begun in starts if time.monotonic() - begun < RESTART_WINDOW]
            if len(starts) >= RESTARTS:
                raise InstanceFailure(
                    f"The Jupyter server ended {RESTARTS} times within a minute. Please check your CloudWatch logs "
                    f"({self.config['name']}/jupyter.log) for more details."
                )
            starts.append(time.monotonic())
            ready.unlink(missing_ok=True)
            say("Starting the Jupyter server" if len(starts) == 1 else "Starting the Jupyter server again")
            self._jupyter = subprocess.Popen(
                self.config["jupyter"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self.server_environment,
                cwd=self.volume,
            )
            assert self._jupyter.stdout is not None
            log.follow(self._jupyter.stdout)
            self._wait(ready)
            if not self._stopping:
                say(f"The Jupyter server ended with exit code {self._jupyter.returncode}")

    def _wait(self, ready: Path) -> None:
        """Waits for the server's end; tells when it answers, and ends it when it does not in time."""
        assert self._jupyter is not None
        begun = time.monotonic()
        while self._jupyter.poll() is None and not ready.exists() and not self._stopping:
            if time.monotonic() - begun > READY_SECONDS:
                self._jupyter.kill()
                self._jupyter.wait()
                raise InstanceFailure(f"The Jupyter server did not answer within {READY_SECONDS:g} seconds.")
            time.sleep(_PAUSE)
        if ready.exists():
            facts = json.loads(ready.read_text())
            say(f"Kernels: {', '.join(facts['kernels'])}")
            say(
                f"InService at http://127.0.0.1:{facts['port']}/ after {time.monotonic() - self._begun:.1f} s"
            )
        self._jupyter.wait()

    def _stop(self, _number: int, _frame: object) -> None:
        """SIGTERM: the server ends its kernels, then itself; scripts are ended with this process."""
        self._stopping = True
        jupyter = self._jupyter
        if jupyter is None:
            sys.exit(0)
        jupyter.terminate()
        killer = threading.Timer(STOP_SECONDS, jupyter.kill)  # the main thread is waiting for the server
        killer.daemon = True
        killer.start()

    def _fail(self, reason: str) -> NoReturn:
        say(f"Failed: {reason}")
        place = Path(self.config["failure"])
        aside = place.with_name(".failure")
        aside.write_text(json.dumps({"reason": reason}))
        aside.rename(place)
        sys.exit(1)


def say(text: str) -> None:
    """One line of the progress log."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(Machine(json.loads(Path(sys.argv[1]).read_text())).run())
