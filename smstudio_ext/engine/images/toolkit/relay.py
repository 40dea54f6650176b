"""Runs a command of the user's, passes on what it prints, and keeps what it says about its failure."""

from __future__ import annotations

import builtins
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable

from smstudio_ext.engine.images.toolkit.failures import CommandError

LINGER_SECONDS = 2.0
"""How long output of a program that has ended is waited for (something it started may hold the pipe open)."""
_MOST_TOLD = 32 * 1024

_ERROR_WORDS = (
    *(
        name
        for name, kind in vars(builtins).items()
        if isinstance(kind, type)
        and issubclass(kind, BaseException)
        and name.endswith(("Error", "Exception"))
    ),
    "Invalid requirement",
    "ResourceExhaustedError",
    "OutOfRangeError",
    "InvalidArgumentError",
    "ORTE",
)


class _Told:
    """Lines from the first that names an error, each once, as the toolkit tells them."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}
        self._size = 0

    def hear(self, line: str) -> None:
        if (self._lines or any(word in line for word in _ERROR_WORDS)) and self._size < _MOST_TOLD:
            self._lines.setdefault(line.strip(" :\n"), None)
            self._size += len(line)

    def text(self) -> str:
        return "\n ".join(line for line in self._lines if line)


class _Stream:
    """One output of the program: passed on as it comes, heard line by line."""

    def __init__(self, descriptor: int, target: int) -> None:
        self.descriptor = descriptor
        self.told = _Told()
        self._target = target
        self._rest = b""

    def read(self) -> bool:
        data = os.read(self.descriptor, 256 * 1024)
        if data:
            os.write(self._target, data)
        lines = (self._rest + data).split(b"\n")
        self._rest = b"" if not data else lines.pop()[-65536:]
        for line in lines:
            if line.strip():
                self.told.hear(line.decode("utf-8", "replace"))
        return bool(data)


def run_command(argv: list[str], environment: dict[str, str], folder: str, shown: str) -> None:
    """Runs a program to its end.

    Raises:
        CommandError: it ended with another code than 0; `ExecuteUserScriptError`.
    """

    def become() -> int:
        os.chdir(folder)
        os.execvpe(argv[0], argv, environment)

    run_child(become, shown)


def run_child(work: Callable[[], int], shown: str) -> None:
    """Runs `work` in a child of this process, which ends with what it returns.

    SIGTERM reaches the whole group: the child decides what it does, this process waits for it.

    Raises:
        CommandError: as `run_command`.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    out_read, out_write = os.pipe()
    error_read, error_write = os.pipe()
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        _become(work, out_write, error_write)
    os.close(out_write)
    os.close(error_write)
    streams = [_Stream(out_read, 1), _Stream(error_read, 2)]
    try:
        status = _watch(child, streams)
    finally:
        signal.signal(signal.SIGTERM, before)
        os.close(out_read)
        os.close(error_read)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
    if code != 0:
        output = "\n".join(filter(None, (stream.told.text() for stream in streams)))
        raise CommandError("ExecuteUserScriptError", code, output, shown)


def _become(work: Callable[[], int], out: int, error: int) -> None:
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.dup2(out, 1)
        os.dup2(error, 2)
        os.closerange(3, 4096)
        code = work()
    except BaseException as failure:  # noqa: BLE001 - a fork must never run on into its parent's code
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        code = 127 if isinstance(failure, FileNotFoundError) else 1
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _watch(child: int, streams: list[_Stream]) -> int:
    """Passes output on until the child has ended and its pipes are empty; returns its status."""
    status: int | None = None
    give_up = 0.0
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream.descriptor, selectors.EVENT_READ, stream)
        while selector.get_map():
            # A pidfd would wake at once, but not every kernel has it; a quiet child costs a look each half second.
            for key, _ in selector.select(0.5 if status is None else 0.05):
                if not key.data.read():
                    selector.unregister(key.fd)
            if status is None:
                done, found = os.waitpid(child, os.WNOHANG)
                if done:
                    status, give_up = found, time.monotonic() + LINGER_SECONDS
            elif time.monotonic() > give_up:
                break
    return os.waitpid(child, 0)[1] if status is None else status
