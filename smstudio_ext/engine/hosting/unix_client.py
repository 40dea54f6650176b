"""A small keep-alive HTTP/1.1 client for model servers on unix domain sockets, made for short round trips."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

import httptools

_SUSPECT_SECONDS = 0.5


class ServerUnreachable(Exception):
    """No connection could be made; the request was not sent."""


class ConnectionBroken(Exception):
    """The server went away before it had answered."""


class ServerTimeout(Exception):
    """The server did not answer in time."""


@dataclass
class Reply:
    """Answer of a model server; header names in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class UnixServerPool:
    """Connections to one model server. Belongs to one event loop.

    Connections are made when needed and kept for the next request, newest first; each carries one request at a
    time.

    Attributes:
        in_flight: requests under way.
        suspect_until: `time.monotonic()` until which the server had better not be asked: it has just broken off, and
            while its process ends it may still take connections.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.in_flight = 0
        self.suspect_until = 0.0
        self._idle: list[_Connection] = []
        self._closed = False

    async def post(
        self, target: str, headers: Iterable[tuple[str, str]], body: bytes, timeout: float
    ) -> Reply:
        """Sends a POST request and waits for the whole answer.

        Args:
            target: path, e.g. `/invocations`.
            headers: further headers; values without line breaks.
            timeout: seconds for the whole exchange.

        Raises:
            ServerUnreachable: nobody listens on the socket.
            ConnectionBroken: the connection ended before the answer did.
            ServerTimeout: no whole answer in time.
        """
        lines = [f"POST {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"]
        lines.extend(f"{name}: {value}\r\n" for name, value in headers)
        lines.append("\r\n")
        head = "".join(lines).encode("latin-1", "replace")
        connection = self._take() or await self._connect(timeout)
        self.in_flight += 1
        try:
            reply = await connection.exchange(head, body, timeout)
        except ConnectionBroken:
            self.suspect_until = time.monotonic() + _SUSPECT_SECONDS
            raise
        finally:
            self.in_flight -= 1
        if connection.reusable and not self._closed:
            self._idle.append(connection)
        else:
            connection.close()
        return reply

    def close(self) -> None:
        """Closes idle connections now and busy ones after their request."""
        self._closed = True
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def _take(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _connect(self, timeout: float) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await asyncio.wait_for(
                loop.create_unix_connection(lambda: _Connection(loop), self.path), timeout
            )
        except (OSError, asyncio.TimeoutError) as error:
            raise ServerUnreachable(f"No model server listens on {self.path}: {error}") from error
        return connection


class _Connection(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Reply] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.reusable = True

    async def exchange(self, head: bytes, body: bytes, timeout: float) -> Reply:
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ConnectionBroken("The model server closed the connection.")
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._chunks: list[bytes] = []
        self._waiter = self._loop.create_future()
        self._timer = self._loop.call_later(timeout, self._expire)
        if len(body) < 65536:
            transport.write(head + body)
        else:
            transport.writelines((head, body))
        try:
            return await self._waiter
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._timer.cancel()
            self._waiter = None

    def close(self) -> None:
        self.reusable = False
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream transport, as create_unix_connection says

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            self.close()  # an answer that nobody asked for: this connection cannot be trusted
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionBroken(f"The model server's answer is not HTTP: {error}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        self._fail(ConnectionBroken("The model server closed the connection before it had answered."))

    # httptools callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        self.reusable = self.reusable and self._parser.should_keep_alive()
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            chunks = self._chunks
            content = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            waiter.set_result(Reply(self._parser.get_status_code(), self._headers, content))

    def _expire(self) -> None:
        self._fail(ServerTimeout("The model server did not answer in time."))
        self.close()

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
