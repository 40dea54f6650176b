"""A spawner of a JupyterHub for tests: a server's start ends when it listens, or fails at once when it has ended."""

from __future__ import annotations

import asyncio
import signal

import psutil
from jupyterhub.spawner import SimpleLocalProcessSpawner

from tests.ports import HeldPort


class WatchedSpawner(SimpleLocalProcessSpawner):  # type: ignore[misc]
    """The hub's own spawner returns at once, and the hub then waits to its time limit for a server that has ended.

    Until then it answers a further request for the server with "is starting". It also gives the server a port that
    somebody else may take before it listens.
    """

    _starting = False

    async def start(self) -> tuple[str, int]:
        """Starts the server; returns its address when it listens.

        Raises:
            RuntimeError: it ended; its output is in the hub's.
        """
        held = HeldPort()
        self.port = held.number
        self._starting = True
        try:
            address, port = await super().start()
            while not self._listens():
                code = await self.poll()
                if code is not None:
                    raise RuntimeError(
                        f"The server of {self.user.name} ended at its start, exit code {code}."
                    )
                await asyncio.sleep(0.1)
        finally:
            held.release()
        self._starting = False
        return address, port

    async def stop(self, now: bool = False) -> None:
        """Stops the server; one that did not start in time first says where its threads are, in the hub's output."""
        if (self._starting or self._waiting_for_response) and await self.poll() is None:
            await self._signal(signal.SIGABRT)  # PYTHONFAULTHANDLER=1
        await super().stop(now=now)

    def _listens(self) -> bool:
        try:
            connections = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:  # it has just ended
            return False
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == self.port for each in connections)
