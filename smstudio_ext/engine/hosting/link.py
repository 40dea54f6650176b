"""The engine's connection to one model server: many requests at a time on one unix domain socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from smstudio_ext.engine.hosting import frames
from smstudio_ext.engine.hosting.frames import Frame, FrameReader, pack

_SUSPECT_SECONDS = 0.5
_CONNECT_SECONDS = 5.0


class ServerUnreachable(Exception):
    """No connection could be made; the request was not sent."""


class ConnectionBroken(Exception):
    """The server went away before it had answered."""


class ServerTimeout(Exception):
    """The server did not answer in time."""


@dataclass
class Reply:
    """Answer of a model server.

    Attributes:
        container: which one failed, for an error status.
        parts: the body piece by piece, for a stream.
    """

    status: int
    content_type: str
    container: str
    headers: dict[str, str]
    body: bytes
    parts: AsyncIterator[bytes] | None = None


Done = Callable[[Frame | Exception], None]


@dataclass
class _Waiting:
    done: Done
    timer: asyncio.TimerHandle


class ServerLink:
    """The connection to one model server. Belongs to one event loop.

    Attributes:
        suspect_until: `time.monotonic()` until which the server had better not be asked: it has just broken off, and
            while its process ends it may still take connections.
        heard: `time.monotonic()` of the last frame that came from the server; 0 before the first.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.suspect_until = 0.0
        self.heard = 0.0
        self._connection: _Connection | None = None
        self._connecting: asyncio.Future[_Connection] | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._next = 0
        self._closed = False

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        return len(self._waiting)

    @property
    def connected(self) -> bool:
        """Whether `send` may be called."""
        return self._connection is not None

    def send(
        self,
        kind: int,
        content_type: str,
        accept: str,
        headers: Mapping[str, str] | None,
        body: bytes,
        timeout: float,
        done: Done,
    ) -> None:
        """Sends a request on the connection that is there; `done` gets each frame of the answer, or an error.

        Args:
            timeout: seconds until the first frame of the answer, and between two of them.
        """
        assert self._connection is not None
        self._next = number = (self._next + 1) & 0xFFFFFFFF
        timer = self._connection.loop.call_later(timeout, self._expire, number)
        self._waiting[number] = _Waiting(done, timer)
        self._connection.write(pack(number, kind, 0, content_type, accept, headers, body))

    async def post(
        self,
        content_type: str,
        accept: str,
        headers: Mapping[str, str] | None,
        body: bytes,
        timeout: float,
        *,
        kind: int = frames.INVOKE,
    ) -> Reply:
        """Sends a request and waits for its answer (the beginning of it, for a stream).

        Raises:
            ServerUnreachable: nobody listens on the socket.
            ConnectionBroken: the connection ended before the answer did.
            ServerTimeout: no answer in time.
        """
        if self._connection is None:
            await self._connect()
        loop = asyncio.get_running_loop()
        answer: asyncio.Queue[Frame | Exception] = asyncio.Queue()
        if kind == frames.STREAM:
            self.send(kind, content_type, accept, headers, body, timeout, answer.put_nowait)
            first = await answer.get()
        else:
            future: asyncio.Future[Frame | Exception] = loop.create_future()

            def settle(frame: Frame | Exception) -> None:
                if not future.done():
                    future.set_result(frame)

            self.send(kind, content_type, accept, headers, body, timeout, settle)
            first = await future
        if isinstance(first, Exception):
            raise first
        parts = _parts(answer) if first.kind == frames.BEGIN else None
        return Reply(first.code, first.first, first.second, first.headers(), first.body, parts)

    def close(self) -> None:
        """Closes the connection once the requests under way are answered."""
        self._closed = True
        self._close_idle()

    async def _connect(self) -> None:
        """Has a connection; several callers share one attempt."""
        if self._connecting is None:
            loop = asyncio.get_running_loop()
            self._connecting = loop.create_task(self._open())
        connecting = self._connecting
        try:
            await asyncio.shield(connecting)
        finally:
            if connecting.done() and self._connecting is connecting:
                self._connecting = None

    async def _open(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await asyncio.wait_for(
                loop.create_unix_connection(lambda: _Connection(loop, self), self.path), _CONNECT_SECONDS
            )
        except (OSError, asyncio.TimeoutError) as error:
            raise ServerUnreachable(f"No model server listens on {self.path}: {error}") from error
        self._connection = connection
        return connection

    def received(self, frame: Frame) -> None:
        """A frame of an answer came in."""
        self.heard = time.monotonic()
        waiting = self._waiting.get(frame.number)
        if waiting is None:
            return  # it came too late
        if frame.kind in (frames.BEGIN, frames.PART):
            loop = asyncio.get_running_loop()
            left = waiting.timer.when() - loop.time()
            waiting.timer.cancel()
            waiting.timer = loop.call_later(max(left, 60.0), self._expire, frame.number)
        else:
            waiting.timer.cancel()
            del self._waiting[frame.number]
        waiting.done(frame)
        if self._closed:
            self._close_idle()

    def lost(self) -> None:
        """The connection ended."""
        self._connection = None
        if self._waiting:
            self.suspect_until = time.monotonic() + _SUSPECT_SECONDS
        self._fail("The model server closed the connection before it had answered.")

    def babble(self, reason: str) -> None:
        """What came in is no frame."""
        self._fail(reason)

    def _fail(self, reason: str) -> None:
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            one.timer.cancel()
            one.done(ConnectionBroken(reason))

    def _expire(self, number: int) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            waiting.done(ServerTimeout("The model server did not answer in time."))
        if self._closed:
            self._close_idle()

    def _close_idle(self) -> None:
        if not self._waiting and self._connection is not None:
            self._connection.close()
            self._connection = None


class _Connection(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop, link: ServerLink) -> None:
        self.loop = loop
        self._link = link
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream transport, as create_unix_connection says

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._reader.feed(data):
                self._link.received(frame)
        except ValueError as error:
            self._link.babble(f"The model server's answer cannot be read: {error}")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._link.lost()


async def _parts(answer: asyncio.Queue[Frame | Exception]) -> AsyncIterator[bytes]:
    """Pieces of a stream.

    Raises:
        ConnectionBroken, ServerTimeout: it broke off.
    """
    while True:
        frame = await answer.get()
        if isinstance(frame, Exception):
            raise frame
        if frame.kind == frames.BROKEN:
            raise ConnectionBroken(frame.body.decode("utf-8", "replace"))
        if frame.kind == frames.END:
            return
        yield frame.body
