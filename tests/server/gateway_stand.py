"""A Jupyter gateway of its own process, and a wire before it that can be cut."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import PATIENCE, eventually
from tests.ports import HeldPort

TOKEN = "the-gateways-own-token"


class GatewayServer:
    """A plain Jupyter server, or `jupyter_kernel_gateway`, with a token.

    Attributes:
        url: its address.
    """

    def __init__(
        self, home: Path, *, program: str = "jupyter_server", arguments: tuple[str, ...] = ()
    ) -> None:
        self.home = home
        home.mkdir(parents=True)
        self._held = HeldPort()
        self.port = self._held.number
        self.url = f"http://127.0.0.1:{self.port}"
        self._program, self._arguments = program, arguments
        self.log = home / "gateway.log"
        self.start()

    def start(self) -> None:
        """Starts it on its port, and waits until it answers."""
        settings = (
            [f"--KernelGatewayApp.auth_token={TOKEN}", f"--KernelGatewayApp.port={self.port}"]
            if self._program == "kernel_gateway"
            else [
                f"--IdentityProvider.token={TOKEN}",
                f"--ServerApp.port={self.port}",
                "--ServerApp.port_retries=0",
            ]
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    self._program,
                    "--allow-root",
                    "--no-browser",
                    *settings,
                    *self._arguments,
                ]
                if self._program == "jupyter_server"
                else [sys.executable, "-m", self._program, *settings, *self._arguments],
                env={
                    **{
                        key: value
                        for key, value in os.environ.items()
                        if not key.startswith(("JUPYTER", "KERNEL_"))
                    },
                    "JUPYTER_DATA_DIR": str(self.home / "data"),
                    "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
                    "JUPYTER_CONFIG_DIR": str(self.home / "config"),
                    "JUPYTER_PREFER_ENV_PATH": "1",
                },
                cwd=self.home,
                stdout=log,
                stderr=log,
            )
        eventually(self._answers, what=f"the gateway's start: {self.log}")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with suppress(httpx.TransportError):
            return self.call("GET", "api/kernelspecs").status_code == 200
        return False

    def call(self, method: str, path: str) -> httpx.Response:
        """One REST call, with the token."""
        return httpx.request(
            method,
            f"{self.url}/{path}",
            headers={"Authorization": f"token {TOKEN}"},
            timeout=PATIENCE,
            trust_env=False,
        )

    def kernels(self) -> list[dict[str, Any]]:
        """The kernels that run there."""
        found: list[dict[str, Any]] = self.call("GET", "api/kernels").json()
        return found

    def close(self) -> None:
        """Ends it with its kernels."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        self._held.release()


class Wire:
    """A TCP proxy before a port: `cut` breaks all connections, and refuses new ones until `mend`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = True
        self._pairs: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if not self._open:
                    here.close()
                    continue
                there = socket.create_connection(("127.0.0.1", self._to))
                self._pairs += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while said := one.recv(65536):
                other.sendall(said)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Breaks what is connected, and lets nothing in."""
        with self._lock:
            self._open = False
            for each in self._pairs:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            self._pairs.clear()

    def mend(self) -> None:
        """Lets connections in again."""
        with self._lock:
            self._open = True

    def close(self) -> None:
        """Ends it."""
        self._listening.close()
        self.cut()
