"""The child of a supervisor between fork and the job's own code: sandbox, limits, environment. Standard library only."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from smstudio_ext.engine.runtime import cgroups, sandbox

OPT_ML = "/opt/ml"
TEMPORARY = "tmp"
"""Folder below /opt/ml for temporary files, so that they count on the job's volume and go with it."""


def become_job(
    spec: dict[str, Any], parent: int, output: int, group: Path | None = None, pids_group: Path | None = None
) -> NoReturn:
    """Turns this fork into the job's process; never returns.

    Args:
        group, pids_group: control groups to enter.
    """
    code = 1
    try:
        _detach(parent, output)
        for entered in {group, pids_group} - {None}:
            assert entered is not None
            with contextlib.suppress(OSError):  # the supervisor watches the memory too
                cgroups.enter_group(entered)
        environment = _prepare(spec)
        if spec.get("command"):
            os.execvpe(spec["command"][0], spec["command"], environment)
        os.environ.clear()
        os.environ.update(environment)
        code = run_entry(spec["entry"], spec.get("args") or {}, int(spec.get("threads") or 1))
    except BaseException as error:  # noqa: BLE001 - a fork must never run on into its parent's code
        if isinstance(error, OSError) and spec.get("command"):
            print(f"Cannot run {spec['command'][0]}: {error.strerror}", file=sys.stderr)
            code = 127
        else:
            traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def become_feeder(plans: Path, failure: Path, parent: int, output: int) -> NoReturn:
    """Turns this fork into the feeder of the job's Pipe channels; never returns."""
    try:
        _detach(parent, output)
        from smstudio_ext.engine.runtime import pipes  # most jobs have no feeder

        pipes.feed(plans, failure)
    except BaseException:  # noqa: BLE001 - a fork must never run on into its parent's code
        traceback.print_exc()
    finally:
        os._exit(1)


def _detach(parent: int, output: int) -> None:
    """Leaves the supervisor: own group, plain signals, and no descriptors but the log's."""
    signal.set_wakeup_fd(-1)
    os.setpgid(0, 0)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    sandbox.die_with_parent(parent)
    sandbox.prefer_as_oom_victim()
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, 4096)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")


def _prepare(spec: dict[str, Any]) -> dict[str, str]:
    """Enters the sandbox; returns the job's environment."""
    environment = dict(spec.get("env") or {})
    folder = spec.get("cwd")
    if spec.get("optml"):
        base = Path(spec["optml"])
        shown = _show(spec, base)
        environment.setdefault("SMSTUDIO_OPT_ML", OPT_ML if shown else str(base))
        if spec.get("home"):
            environment["HOME"] = _show_home(Path(spec["home"])) if shown else spec["home"]
        if spec.get("volume_mb"):
            (base / TEMPORARY).mkdir(exist_ok=True)
            if shown:  # elsewhere the path may be too long for the sockets that programs put there
                environment["TMPDIR"] = f"{OPT_ML}/{TEMPORARY}"
        if folder and not shown and (folder == OPT_ML or folder.startswith(OPT_ML + "/")):
            folder = str(base) + folder[len(OPT_ML) :]
    for name, value in sandbox.limit_cores(spec.get("cores") or [], int(spec.get("threads") or 1)).items():
        environment.setdefault(name, value)
    if spec.get("volume_mb"):
        sandbox.limit_file_size(int(spec["volume_mb"]))
    if folder:
        os.chdir(folder)
    return environment


def _show(spec: dict[str, Any], base: Path) -> bool:
    """Binds /opt/ml and the names of the job's hosts; whether this machine lets it."""
    try:
        sandbox.bind_opt_ml(base)
    except sandbox.SandboxUnavailable as reason:
        if spec.get("command"):
            print(
                f"smstudio: /opt/ml cannot be shown to this program ({reason}). Programs find the folder in "
                f"SAGEMAKER_BASE_DIR={base} and the SM_* variables.",
                flush=True,
            )
        return False
    if spec.get("hosts_file"):
        try:
            sandbox.show_hosts(Path(spec["hosts_file"]), spec.get("hostname") or "")
        except OSError as reason:
            print(f"smstudio: the names of the job's hosts cannot be shown ({reason}).", flush=True)
    return True


def _show_home(home: Path) -> str:
    """Binds a home directory; returns the path under which programs find it."""
    try:
        sandbox.show_home(home)
    except OSError:
        return str(home)
    return str(sandbox.HOME)


def run_entry(entry: str, arguments: dict[str, Any], threads: int) -> int:
    """Calls `package.module:function(**arguments)`; returns the process's exit code."""
    module, _, function = entry.partition(":")
    try:
        ThreadPools.size(threads)
        result = getattr(importlib.import_module(module), function)(**arguments)
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
            return 1
        return int(stop.code or 0)
    except BaseException:  # noqa: BLE001 - the last frame of a job's process: its log says what happened
        traceback.print_exc()
        return 1
    return result if isinstance(result, int) else 0


class ThreadPools:
    """Native thread pools of the libraries that are loaded; finding them costs 15 ms, so a fork server does it once."""

    _found: Any = None

    @classmethod
    def find(cls) -> None:
        """Looks for pools in the libraries that this process has loaded."""
        if "numpy" not in sys.modules:
            return
        with contextlib.suppress(ImportError):
            cls._found = importlib.import_module("threadpoolctl").ThreadpoolController()

    @classmethod
    def size(cls, threads: int) -> None:
        """Tells pools directly that read their variables long ago, when the fork server loaded them."""
        if cls._found is None:
            cls.find()
        if cls._found is not None:
            cls._found.limit(limits=max(1, threads))
