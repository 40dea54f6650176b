"""Runs a Python script of the user's as `__main__` in a process that has the numeric libraries loaded already."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import logging
import os
import random
import signal
import sys
import threading
import types
from pathlib import Path

from smstudio_ext.companion import hook
from smstudio_ext.engine.images.toolkit.jobpython import COMPAT, JobPython


def can_run_here(script: Path) -> bool:
    """Whether nothing beside the script stands in for a module that this process has loaded already."""
    loaded = {name for name in sys.modules if "." not in name}
    for entry in script.parent.iterdir():
        name = entry.name[:-3] if entry.name.endswith(".py") else entry.name
        if entry != script and name in loaded and (entry.name.endswith(".py") or entry.is_dir()):
            return False
    return True


def become_script(script: str, arguments: list[str], python: JobPython, environment: dict[str, str]) -> int:
    """Runs a script to its end and returns its exit code; call it in a process that does nothing else any more.

    For the script this is `python3 SCRIPT ARGUMENTS...` of the job's environment: argv, `__main__`, path, signals,
    randomness, exit handlers and threads are those of a new interpreter.

    Args:
        script: as the script shall see it in `argv[0]`; relative to the current folder.
    """
    os.environ.clear()
    os.environ.update(environment)
    renew(python)
    hook.install()  # a new interpreter has it from the package's .pth file
    sys.argv = [script, *arguments]
    sys.orig_argv = [str(python.python), script, *arguments]
    named = [entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:0] = [os.path.abspath(os.path.dirname(script)), *named]
    main = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=os.path.abspath(script), __builtins__=sys.modules["builtins"], __spec__=None
    )
    main.__dict__["__cached__"] = None
    sys.modules["__main__"] = main
    code = 0
    try:
        with io.open_code(os.path.abspath(script)) as file:
            program = compile(file.read(), main.__dict__["__file__"], "exec", dont_inherit=True)
        exec(program, main.__dict__)
    except SystemExit as stop:
        code = _exit_code(stop)
    except BaseException as error:  # noqa: BLE001 - the script's last frame: told as an interpreter tells it
        code = _told(error)
    return _ended(main, code)


def renew(python: JobPython) -> None:
    """Makes fresh in this process what a new interpreter of the job's Python would have fresh."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    for handler in list(logging.root.handlers):
        logging.root.removeHandler(handler)
    sys.executable = str(python.python)
    sys.prefix = sys.exec_prefix = str(python.folder)
    sys.stdin = os.fdopen(0, closefd=False)
    for name in ("stdin", "stdout", "stderr"):
        setattr(sys, f"__{name}__", getattr(sys, name))
    sys.path[:] = [entry for entry in sys.path if entry]
    first = next(
        (n for n, entry in enumerate(sys.path) if entry.endswith(("site-packages", "dist-packages"))),
        len(sys.path),
    )
    sys.path[first:first] = python.import_path()
    sys.path.append(str(COMPAT))
    importlib.invalidate_caches()
    importlib.import_module("smstudio_job").install()


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None or isinstance(stop.code, int):
        return (stop.code or 0) & 0xFF
    print(stop.code, file=sys.stderr)
    return 1


def _told(error: BaseException) -> int:
    """Prints the traceback without the frames of this module."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    sys.excepthook(type(error), error.with_traceback(frames), frames)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _ended(main: types.ModuleType, code: int) -> int:
    """Waits for the script's threads, runs its exit handlers and lets go of its objects, as an interpreter does at its end."""
    try:
        shutdown = getattr(threading, "_shutdown", None)
        if shutdown is not None:
            shutdown()
        run_exit_functions = getattr(atexit, "_run_exitfuncs", None)
        if run_exit_functions is not None:
            run_exit_functions()
    except BaseException as error:  # noqa: BLE001 - an exit handler of the user's: told, the code stays
        _told(error)
    for name in sorted(main.__dict__, key=lambda name: not name.startswith("_")):
        if name != "__builtins__":
            main.__dict__[name] = None
    gc.collect()
    return code if _flush_files() else code or 120


def _flush_files() -> bool:
    """Writes what is left in the buffers of open files; whether the standard streams could be."""
    for found in gc.get_objects():
        if isinstance(found, (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)) and not found.closed:
            with contextlib.suppress(OSError, ValueError):
                found.flush()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return False
    return True
