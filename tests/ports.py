"""Ports for the servers of tests, held from the moment they are chosen."""

from __future__ import annotations

import socket
import sys


class HeldPort:
    """A port of the loopback that nobody else is given.

    A port that was merely free a moment ago may be another process's by the time a slow machine's server listens on it.
    This one is bound without listening, so a server that sets SO_REUSEADDR (tornado's and Node's do) can take it, and
    nobody who asks for any free port gets it. Linux alone allows that; elsewhere the port is only looked up.

    Attributes:
        number: of the port.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]
        if sys.platform != "linux":
            self._socket.close()

    def release(self) -> None:
        """Lets go of it, once its server listens or is no longer wanted."""
        self._socket.close()
