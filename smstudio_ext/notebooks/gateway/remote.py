"""The side of a relay that faces the gateway: one web socket, and what waits while it is broken."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import uuid
from collections import deque
from typing import Any

from smstudio_ext.notebooks.gateway.config import Gateway, GatewayProblem
from smstudio_ext.notebooks.gateway.rest import GatewayApi
from smstudio_ext.notebooks.gateway.wire import V1, BadFrame, Frame, pack, unpack

CONNECT_SECONDS = 20.0
PING_SECONDS = 20.0
"""Between two looks whether the gateway still answers; a dead connection is seen within twice as long."""

LARGEST_MESSAGE = 2**31 - 1
"""Bytes."""


class Dropped(Exception):
    """The connection broke."""


class Refused(Exception):
    """The gateway does not take the connection; the message says why."""


class RemoteSide:
    """The channels of a kernel on a gateway.

    Args:
        gateway: where it is.
        kernel_id: its id there.
    """

    def __init__(self, gateway: Gateway, kernel_id: str) -> None:
        self._gateway = gateway
        self._address = gateway.web_socket(f"api/kernels/{kernel_id}/channels")
        self._session = uuid.uuid4().hex  # the same after a break: the gateway then sends what it kept
        self._socket: Any = None
        self._v1 = False
        self._waiting: deque[Frame] = deque()

    async def connect(self) -> None:
        """Connects and sends what waited.

        Raises:
            Refused: it does not work now.
        """
        from tornado.httpclient import HTTPClientError, HTTPRequest
        from tornado.websocket import WebSocketError, websocket_connect

        self.close()
        try:
            request = HTTPRequest(
                f"{self._address}?session_id={self._session}",
                headers=GatewayApi(self._gateway).headers(),
                connect_timeout=CONNECT_SECONDS,
                request_timeout=CONNECT_SECONDS,
                follow_redirects=False,
                validate_cert=self._gateway.validate_cert,
                ca_certs=self._gateway.ca_certs or None,
                client_cert=self._gateway.client_cert or None,
                client_key=self._gateway.client_key or None,
            )
            self._socket = await asyncio.wait_for(
                websocket_connect(
                    request,
                    ping_interval=PING_SECONDS,
                    ping_timeout=PING_SECONDS,
                    max_message_size=LARGEST_MESSAGE,
                    subprotocols=[V1],
                ),
                CONNECT_SECONDS + 5,
            )
        except HTTPClientError as error:
            said = "refuses the token" if error.code in (401, 403) else f"answers with {error.code}"
            raise Refused(f"It {said}.") from error
        except asyncio.TimeoutError as error:
            raise Refused("It does not answer.") from error
        except (OSError, ssl.SSLError, WebSocketError, GatewayProblem) as error:
            raise Refused(f"{error}".rstrip(".") + ".") from error
        self._v1 = self._socket.selected_subprotocol == V1
        while self._waiting:
            frame = self._waiting.popleft()
            if not await self._sent(frame):
                self._waiting.appendleft(frame)
                return

    async def send(self, frame: Frame) -> None:
        """Sends a message, or keeps it until there is a connection again."""
        if self._waiting or not await self._sent(frame):
            self._waiting.append(frame)

    async def _sent(self, frame: Frame) -> bool:
        from tornado.websocket import WebSocketClosedError

        if self._socket is None:
            return False
        said = pack(frame, v1=self._v1)
        try:
            await self._socket.write_message(said, binary=isinstance(said, bytes))
        except WebSocketClosedError:
            return False
        return True

    async def receive(self) -> Frame:
        """The next message of the kernel.

        Raises:
            Dropped: the connection broke.
        """
        while self._socket is not None:
            said = await self._socket.read_message()
            if said is None:
                self._socket = None
                break
            with contextlib.suppress(BadFrame):
                return unpack(said, v1=self._v1)
        raise Dropped

    def close(self) -> None:
        """Closes the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
