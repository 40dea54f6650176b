"""The warm fork server: a process that has the numeric libraries loaded and forks a supervised child for each job.

It has one thread and starts no OpenMP or BLAS threads, so its forks are safe. It ends when no engine has held a lease
for a while; its children do not need it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smstudio_ext.engine.runtime.job_process import ThreadPools
from smstudio_ext.engine.runtime.procfs import private_memory_mb
from smstudio_ext.engine.runtime.supervisor import short_path, supervise

SOCKET_NAME = "forkserver.sock"
LEASE_SECONDS = 20.0
DEFAULT_PRELOAD = (
    # what the analysis of an Autopilot job needs comes first: it runs while the rest is being loaded
    "numpy",
    "pyarrow.csv",
    "pyarrow.compute",
    "smstudio_ext.engine.runtime.programs",
    "smstudio_ext.engine.autopilot.analysis",
    "scipy.sparse",
    "scipy.special",
    "threadpoolctl",
    "xgboost",
    "pandas",
    "sklearn.pipeline",
    "sklearn.compose",
    "sklearn.preprocessing",
    "sklearn.impute",
    "sklearn.linear_model",
    "joblib",
    "smstudio_ext.engine.images.sklearn_automl.train",
    "smstudio_ext.engine.images.sklearn_automl.serve",
    "sklearn.ensemble",
    "smstudio_ext.engine.images.automl_ensemble.train",
    "smstudio_ext.engine.images.automl_ensemble.serve",
    "smstudio_ext.engine.images.xgboost.train",
    "smstudio_ext.engine.images.xgboost.serve",
    "smstudio_ext.engine.hosting.transform.program",
    "smstudio_ext.engine.images.linear_learner.train",
    "smstudio_ext.engine.images.linear_learner.serve",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
    "smstudio_ext.engine.hosting.server",
    "botocore.auth",
    "botocore.awsrequest",
    "smstudio_ext.engine.images.toolkit.training",
    "smstudio_ext.engine.images.toolkit.serving",
)
"""Modules that jobs of the built-in images need; each child has them at no cost."""


def fingerprint() -> str:
    """Same for servers that run the same code on the same interpreter."""
    import smstudio_ext

    return f"{sys.executable}|{Path(smstudio_ext.__file__).parent}|{smstudio_ext.__version__}"


def listen(run_dir: Path) -> socket.socket:
    """The server's listening socket in `run_dir`; a stale one is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    (run_dir / SOCKET_NAME).unlink(missing_ok=True)
    with short_path(str(run_dir)) as short:
        listener.bind(os.path.join(short, SOCKET_NAME))
    os.chmod(run_dir / SOCKET_NAME, 0o600)
    listener.listen(256)
    return listener


def connect(run_dir: Path, timeout: float = 120.0) -> socket.socket:
    """A connection to the server of `run_dir`.

    Raises:
        OSError: none listens there.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(timeout)
    try:
        with short_path(str(run_dir)) as short:
            client.connect(os.path.join(short, SOCKET_NAME))
    except OSError:
        client.close()
        raise
    return client


def request(connection: socket.socket, message: dict[str, Any]) -> str:
    """Sends one request and returns the line that answers it; empty when the server went away."""
    connection.sendall(json.dumps(message).encode() + b"\n")
    with connection.makefile("r") as lines:
        return lines.readline().strip()


class ForkServer:
    """Serves requests on `listener`, one JSON line a connection.

    `{"op": "start", "directory": D, "needs": [M...]}`: forks a supervisor for D, which answers, as soon as the modules M are loaded
    (all, when none is named); `{"op": "lease"}`: the connection stays open as long as the engine lives; `{"op": "hello"}`: answers
    pid, fingerprint and memory when all is loaded; `{"op": "quit"}`.
    """

    def __init__(self, listener: socket.socket, lease_seconds: float = LEASE_SECONDS) -> None:
        self._listener = listener
        self._lease_seconds = lease_seconds
        self._leases: set[socket.socket] = set()
        self._free_since = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._to_load: list[str] = []
        self._waiting: list[tuple[socket.socket, dict[str, Any]]] = []
        self._quit = False

    def load(self, modules: Sequence[str]) -> list[str]:
        """Imports modules, and between two of them starts what needs no more than those before.

        Returns:
            Those that could not be imported.
        """
        self._to_load = list(modules)
        missing: list[str] = []
        while self._to_load and not self._quit:
            missing += preload(self._to_load[:1])
            del self._to_load[0]
            self._look(0)
            self._answer_waiting()
        return missing

    def serve(self) -> None:
        """Serves until told to quit or left alone."""
        while not self._quit and not self._forgotten():
            self._look(None if self._leases else 1.0)

    def _look(self, seconds: float | None) -> None:
        """Takes what has come, or comes within some seconds."""
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._listener:
                self._accept()
            else:
                self._end_lease(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered

    def _answer_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for connection, message in waiting:
            self._answer(connection, message)

    def _forgotten(self) -> bool:
        return not self._leases and time.monotonic() - self._free_since > self._lease_seconds

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.settimeout(5.0)
        try:
            with connection.makefile("rb") as lines:
                message = json.loads(lines.readline() or b"{}")
        except (OSError, ValueError):
            connection.close()
            return
        self._answer(connection, message)

    def _answer(self, connection: socket.socket, message: dict[str, Any]) -> None:
        operation = message.get("op")
        if operation in ("start", "hello") and self._lacks(message.get("needs")):
            self._waiting.append((connection, message))
            return
        if operation == "start":
            self._fork(Path(message["directory"]), connection)
        elif operation == "lease":
            connection.setblocking(False)
            self._leases.add(connection)
            self._selector.register(connection, selectors.EVENT_READ)
            return
        elif operation == "hello":
            facts = {
                "pid": os.getpid(),
                "fingerprint": fingerprint(),
                "private_mb": private_memory_mb([os.getpid()]),
            }
            with contextlib.suppress(OSError):
                connection.sendall(json.dumps(facts).encode() + b"\n")
        elif operation == "quit":
            self._quit = True
        connection.close()

    def _lacks(self, needs: Sequence[str] | None) -> bool:
        """Whether a module that is still to be loaded is needed; every one is when none is named."""
        return bool(set(needs or self._to_load) & set(self._to_load))

    def _end_lease(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        self._leases.discard(connection)
        connection.close()
        self._free_since = time.monotonic()

    def _fork(self, directory: Path, connection: socket.socket) -> None:
        if os.fork():
            return
        try:
            self._selector.close()
            self._listener.close()
            for other in (*self._leases, *(waiting for waiting, _ in self._waiting)):
                other.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            connection.settimeout(None)
            supervise(directory, connection)
        finally:
            os._exit(0)


def preload(modules: list[str]) -> list[str]:
    """Imports modules; returns those that could not be imported."""
    missing: list[str] = []
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - a broken module fails the jobs that need it, not the server
            missing.append(f"{name} ({error})")
    return missing


def main() -> None:
    """Runs the server on an inherited listening socket: `LISTENER_FD MODULE...`."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are collected by the kernel
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    listener = socket.socket(fileno=int(sys.argv[1]))
    listener.set_inheritable(False)
    server = ForkServer(listener)
    missing = server.load(sys.argv[2:])
    if missing:
        print(f"fork server: not loaded, jobs that need them will say why: {missing}", file=sys.stderr)
    ThreadPools.find()
    gc.collect()
    gc.freeze()  # forks then share the pages of everything loaded
    server.serve()


if __name__ == "__main__":
    main()
