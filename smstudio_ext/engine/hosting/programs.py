"""Containers that are programs of their own: started beside this process, asked over HTTP, ended with it."""

from __future__ import annotations

import contextlib
import http.client
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import smstudio_ext
from smstudio_ext.engine.hosting.containers import CLEANUP, ContainerFailure, Request, Response
from smstudio_ext.engine.images.contract import Command, Image, Launch, MetricDefinition
from smstudio_ext.engine.runtime import sandbox
from smstudio_ext.engine.runtime.job_process import run_entry
from smstudio_ext.engine.runtime.supervisor import read_json, run_cleanup, write_json

CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
PASSED_ON = (
    CUSTOM_ATTRIBUTES,
    "x-amzn-sagemaker-inference-id",
    "x-amzn-sagemaker-session-id",
    "x-amzn-sagemaker-target-model",
)
"""Headers of an invocation that programs see; they may set the first one, and those of sessions, in their answers."""
SESSION_HEADERS = ("x-amzn-sagemaker-new-session-id", "x-amzn-sagemaker-closed-session-id")

_PING_SECONDS = 2.0
_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 3700.0  # the engine gives up long before
_PART = 64 * 1024
_BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from smstudio_ext.engine.hosting.programs import main; main()"


class ProgramContainer:
    """A running program. `call` may be used from several threads at once."""

    def __init__(self, process: _Process, address: Path | int, cleanup: Path) -> None:
        self._process = process
        self._cleanup = cleanup
        self._address = address
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    @classmethod
    def start(cls, spec: Mapping[str, Any], optml: Path, socket_path: Path) -> ProgramContainer:
        """Starts the program of a container and waits until GET /ping answers 200.

        The caller bounds the wait: it ends the whole process group when it takes too long.

        Raises:
            ContainerFailure: the program ended before it answered.
        """
        port = _free_port()
        environment = {
            **spec["environment"],
            "SAGEMAKER_BIND_TO_PORT": str(port),
            "SMSTUDIO_BIND_TO_SOCKET": str(socket_path),
            "SAGEMAKER_BASE_DIR": str(optml),
        }
        for name in ("output", "input"):
            (optml / name).mkdir(parents=True, exist_ok=True)
        command = _command(spec, optml, environment)
        socket_path.unlink(missing_ok=True)
        if command.cleanup:
            write_json(optml / CLEANUP, {"argv": list(command.cleanup)})
        process = _spawn(command, optml, {**environment, **command.env})
        container = cls(process, socket_path if command.socket else port, optml / CLEANUP)
        while not container.healthy():
            code = process.poll()
            if code is not None:
                raise ContainerFailure(_told(optml, code), 500)
            time.sleep(_POLL_SECONDS)
        return container

    def call(self, request: Request, *, stream: bool = False) -> Response:
        """POST /invocations.

        Raises:
            ContainerFailure: the program answered with an error status, or not at all.
            TimeoutError: it took longer than the request allows.
        """
        headers = {"Content-Type": request.content_type, "Accept": request.accept or "*/*"}
        headers.update({name: request.headers[name] for name in PASSED_ON if name in request.headers})
        connection = self._connection(request.timeout or _ANSWER_SECONDS)
        try:
            connection.request("POST", "/invocations", request.body, headers)
            answer = connection.getresponse()
            found = {
                name: value
                for name in (CUSTOM_ATTRIBUTES, *SESSION_HEADERS)
                if (value := answer.getheader(name))
            }
            content_type = answer.getheader("Content-Type") or "application/octet-stream"
            if stream and answer.status < 400:
                return Response(b"", content_type, found, self._parts(connection, answer))
            body = answer.read()
        except TimeoutError:
            connection.close()
            raise
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ContainerFailure(f"The container's program broke off: {error}", 500) from error
        self._keep(connection)
        if answer.status >= 400:
            raise ContainerFailure(body.decode("utf-8", "replace"), answer.status)
        return Response(body, content_type, found)

    def healthy(self) -> bool:
        """GET /ping answers 200 within two seconds."""
        if self._process.poll() is not None:
            return False
        connection = _Connection(self._address, _PING_SECONDS)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def execution_parameters(self) -> dict[str, Any]:
        """What GET /execution-parameters answers; empty where the program does not have it."""
        connection = _Connection(self._address, _PING_SECONDS)
        try:
            connection.request("GET", "/execution-parameters")
            answer = connection.getresponse()
            found = json.loads(answer.read()) if answer.status == 200 else {}
        except (OSError, ValueError, http.client.HTTPException):
            return {}
        finally:
            connection.close()
        return found if isinstance(found, dict) else {}

    def dead(self) -> bool:
        """Whether the program has ended."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Ends the program: SIGTERM, then SIGKILL."""
        for connection in self._idle:
            connection.close()
        self._process.end(5.0)
        run_cleanup((read_json(self._cleanup) or {}).get("argv"))
        self._cleanup.unlink(missing_ok=True)

    def _parts(
        self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse
    ) -> Iterator[bytes]:
        try:
            while data := answer.read1(_PART):
                yield data
        except (OSError, http.client.HTTPException) as error:
            raise ContainerFailure(f"The container's program broke off: {error}", 500) from error
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Connection(self._address, timeout)

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        # A connection that the program may close at any time is not worth a lost request: only those of programs on
        # our socket, which promise to keep them, are used again.
        if connection.sock is None or not isinstance(self._address, Path):
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)


class _Connection(http.client.HTTPConnection):
    """HTTP over a unix domain socket, or to a port of this machine."""

    def __init__(self, address: Path | int, timeout: float) -> None:
        super().__init__("localhost" if isinstance(address, Path) else "127.0.0.1", timeout=timeout)
        self._address = address

    def connect(self) -> None:
        if isinstance(self._address, Path):
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(str(self._address))
        else:
            self.port = self._address
            super().connect()


class _Process:
    """A child: of `subprocess`, or a fork of this process."""

    def __init__(self, pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
        self._pid = pid
        self._child = child
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._child is not None:
            return self._child.poll()
        if self._code is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def end(self, grace: float) -> None:
        deadline = time.monotonic() + grace
        number = signal.SIGTERM
        while self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)
            while self.poll() is None and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
            number, deadline = signal.SIGKILL, time.monotonic() + 1.0


def _told(optml: Path, code: int) -> str:
    """Why a program ended before it answered: what it left in `output/failure`, and its exit code."""
    reason = f"Its program ended with exit code {code} before it answered."
    with contextlib.suppress(OSError):
        left = (optml / "output" / "failure").read_text("utf-8", "replace").strip()
        return f"{left[:900]} ({reason})" if left else reason
    return reason


def image_of(fields: Mapping[str, Any]) -> Image:
    """The Image whose fields (`dataclasses.asdict`) a specification holds."""
    values = dict(fields)
    values["metric_definitions"] = tuple(
        MetricDefinition(**definition) for definition in values.get("metric_definitions") or ()
    )
    for name in ("preload", "accepts"):
        values[name] = tuple(values.get(name) or ())
    return Image(**values)


def _command(spec: Mapping[str, Any], optml: Path, environment: Mapping[str, str]) -> Command:
    module, _, function = str(spec["launch"]).partition(":")
    cache = Path(spec["cache"])
    cache.mkdir(parents=True, exist_ok=True)
    cpus, memory_mb = float(spec.get("cpus") or 0.0), int(spec.get("memory_mb") or 0)
    launch = Launch(
        "serve", image_of(spec["image"]), optml, environment, cache, cpus=cpus, memory_mb=memory_mb
    )
    command: Command = getattr(importlib.import_module(module), function)(launch)
    return command


def _spawn(command: Command, optml: Path, environment: Mapping[str, str]) -> _Process:
    kept = {name: value for name, value in os.environ.items() if name not in environment}
    plan = {
        "optml": str(optml),
        "argv": list(command.argv),
        "entry": command.entry,
        "args": dict(command.args),
        "cwd": command.cwd,
        "env": {**kept, **environment},
    }
    if command.entry is not None and threading.active_count() == 1:
        pid = os.fork()
        if pid == 0:
            _become(plan)
        return _Process(pid)
    root = str(Path(smstudio_ext.__file__).parent.parent)
    flags = ["-I", "-S"] if command.entry is None else []
    read, write = os.pipe()
    child = subprocess.Popen(
        [sys.executable, *flags, "-c", _BOOT, root, str(read)], pass_fds=[read], stdin=subprocess.DEVNULL
    )
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        json.dump(plan, pipe)
    return _Process(child.pid, child)


def main() -> None:
    """The child of `_spawn`: reads its plan from the descriptor that its argument names."""
    with os.fdopen(int(sys.argv[1])) as pipe:
        plan = json.load(pipe)
    _become(plan)


def _become(plan: Mapping[str, Any]) -> NoReturn:
    """Turns this process into the container's program; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)  # SIGTERM to the server's group lets it drain; it then ends this program itself
        sandbox.die_with_parent(os.getppid())
        # a program of its own sets it itself; a Python server must outlive clients that hang up
        signal.signal(signal.SIGPIPE, signal.SIG_DFL if plan["argv"] else signal.SIG_IGN)
        environment: dict[str, str] = dict(plan["env"])
        try:
            sandbox.bind_opt_ml(Path(plan["optml"]))
        except sandbox.SandboxUnavailable as reason:
            if plan["argv"]:
                print(
                    f"smstudio: /opt/ml cannot be shown to this program ({reason}). It finds the folder in "
                    f"SAGEMAKER_BASE_DIR={plan['optml']}.",
                    flush=True,
                )
        if plan["cwd"]:
            os.chdir(plan["cwd"])
        if plan["argv"]:
            os.execvpe(plan["argv"][0], plan["argv"], environment)
        os.environ.clear()
        os.environ.update(environment)
        code = run_entry(plan["entry"], dict(plan["args"]), int(environment.get("OMP_NUM_THREADS") or 1))
    except OSError as error:
        print(f"Cannot run {(plan['argv'] or [plan['entry']])[0]}: {error.strerror}", file=sys.stderr)
        code = 127
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
