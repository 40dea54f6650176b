"""The event loop of a model server: takes frames, asks the model, and batches what waits for models that allow it."""

from __future__ import annotations

import asyncio
import functools
import signal
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from smstudio_ext.engine.hosting import frames
from smstudio_ext.engine.hosting.chain import Chain, ContainerError, ContainerFailure, Request, Response
from smstudio_ext.engine.hosting.containers import LoadError
from smstudio_ext.engine.hosting.frames import Frame, FrameReader, pack
from smstudio_ext.engine.hosting.multi_model import MultiModelCache
from smstudio_ext.engine.images.contract import ClientError

INLINE_BODY = 256 * 1024
"""Bodies up to this size are answered on the event loop itself, larger ones in a worker thread, so that health checks
are answered meanwhile. Both together still call a predictor one request at a time."""
LARGEST_BATCH = 64
"""Requests that are answered together at most."""

_PROGRAM_THREADS = 16
_MULTI_MODEL_THREADS = 4
_MESSAGE_LIMIT = 16 * 1024
_DONE = object()

Write = Callable[[bytes], None]


class Answering:
    """Answers the frames of all connections of one server."""

    def __init__(self, target: Chain | MultiModelCache) -> None:
        self._target = target
        multi = isinstance(target, MultiModelCache)
        programs = multi or (isinstance(target, Chain) and target.programs)
        self._inline = not programs
        only_programs = isinstance(target, Chain) and len(target.names) == 1 and target.programs
        threads = _MULTI_MODEL_THREADS if multi else _PROGRAM_THREADS if only_programs else 1
        self._invoke_many = target.invoke_many if isinstance(target, Chain) else None
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="invocations")
        self._pings = ThreadPoolExecutor(1, thread_name_prefix="ping")
        self._busy = 0  # requests in worker threads
        self._tasks: set[asyncio.Future[None]] = set()
        self.stop = asyncio.Event()
        self.failed = False

    def take(self, incoming: Iterable[Frame], write: Write) -> None:
        """Answers frames that came together."""
        now: list[Frame] = []
        for frame in incoming:
            if frame.kind == frames.PING:
                self._go(self._ping(frame, write))
            elif self._inline and not self._busy and len(frame.body) <= INLINE_BODY:
                now.append(frame)
            else:
                self._busy += 1
                self._go(self._in_thread(frame, write))
        if len(now) > 1 and self._invoke_many is not None:
            self._together(now, write)
        else:
            for frame in now:
                self._one(frame, write)

    async def drain(self) -> None:
        """Waits until every request is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _one(self, frame: Frame, write: Write) -> None:
        stream = frame.kind == frames.STREAM
        try:
            response = self._target.call(_request(frame), stream=stream)
        except (ContainerError, LoadError) as error:
            write(failure_frame(frame.number, error))
            return
        write(_answer(frame.number, response))

    def _together(self, waiting: list[Frame], write: Write) -> None:
        """Asks once for all requests of the same types."""
        groups: dict[tuple[str, str, int], list[Frame]] = {}
        for frame in waiting:
            groups.setdefault((frame.first, frame.second, frame.kind), []).append(frame)
        for group in groups.values():
            for at in range(0, len(group), LARGEST_BATCH):
                self._batch(group[at : at + LARGEST_BATCH], write)

    def _batch(self, group: list[Frame], write: Write) -> None:
        assert self._invoke_many is not None
        assert isinstance(self._target, Chain)
        first = group[0]
        if len(group) == 1 or first.kind == frames.STREAM:
            for frame in group:
                self._one(frame, write)
            return
        accept = self._target.accept_of(first.second)
        try:
            answers = self._invoke_many([frame.body for frame in group], first.first, accept)
        except Exception as error:  # noqa: BLE001 - one of the requests may be at fault: each is asked alone
            print(f"A batch of {len(group)} failed, asked one by one: {error}", file=sys.stderr)
            for frame in group:
                self._one(frame, write)
            return
        written = []
        for frame, answer in zip(group, answers, strict=True):
            if isinstance(answer, Exception):
                written.append(failure_frame(frame.number, ContainerError(self._target.names[0], answer)))
            else:
                written.append(pack(frame.number, frames.ANSWER, 200, answer[1], "", None, answer[0]))
        write(b"".join(written))

    def _go(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ping(self, frame: Frame, write: Write) -> None:
        healthy = True
        if not self._inline:
            loop = asyncio.get_running_loop()
            healthy = await loop.run_in_executor(self._pings, self._target.healthy)
            await self._look(healthy)
        write(pack(frame.number, frames.ANSWER, 200 if healthy else 503))

    async def _in_thread(self, frame: Frame, write: Write) -> None:
        loop = asyncio.get_running_loop()
        try:
            call = functools.partial(self._target.call, _request(frame), stream=frame.kind == frames.STREAM)
            response = await loop.run_in_executor(self._threads, call)
            if response.parts is None:
                write(_answer(frame.number, response))
            else:
                await self._stream(frame.number, response, write)
        except (ContainerError, LoadError) as error:
            write(failure_frame(frame.number, error))
            if isinstance(error, ContainerError) and isinstance(error.cause, ContainerFailure):
                await self._look(error.cause.status < 500)
        finally:
            self._busy -= 1

    async def _look(self, well: bool) -> None:
        """Ends this server when a container's program is no more: the engine starts another one."""
        if well:
            return
        loop = asyncio.get_running_loop()
        if await loop.run_in_executor(self._pings, self._target.dead):
            print("A container's program has ended; the model server ends too.", file=sys.stderr, flush=True)
            self.failed = True
            self.stop.set()

    async def _stream(self, number: int, response: Response, write: Write) -> None:
        assert response.parts is not None
        loop = asyncio.get_running_loop()
        write(pack(number, frames.BEGIN, 200, response.content_type, "", response.headers))
        parts = iter(response.parts)
        try:
            while (part := await loop.run_in_executor(self._threads, next, parts, _DONE)) is not _DONE:
                assert isinstance(part, bytes)
                write(pack(number, frames.PART, body=part))
        except ContainerFailure as error:
            write(pack(number, frames.BROKEN, error.status, body=str(error).encode()))
            return
        write(pack(number, frames.END))


def failure_frame(number: int, error: ContainerError | LoadError) -> bytes:
    """Client errors of a predictor keep their status (400 by default); all others are 500 and logged."""
    if isinstance(error, LoadError):
        print(f"Model could not be loaded: {error}", file=sys.stderr, flush=True)
        return pack(number, frames.ANSWER, 500, "text/plain", error.container, body=str(error).encode())
    cause = error.cause
    text = str(cause)
    if isinstance(cause, ContainerFailure):
        status = cause.status
    elif isinstance(cause, ClientError):
        status = cause.status if 400 <= cause.status < 500 else 400
        print(f"Invocation refused by container {error.container}: {cause}", file=sys.stderr, flush=True)
    else:
        status, text = 500, f"{type(cause).__name__}: {cause}"
        print(f"Invocation failed in container {error.container}:", file=sys.stderr)
        traceback.print_exception(cause)
        sys.stderr.flush()
    return pack(
        number,
        frames.ANSWER,
        status,
        "text/plain",
        error.container,
        body=text.encode("utf-8", "replace")[:_MESSAGE_LIMIT],
    )


def run(answering: Answering, listener: socket.socket) -> bool:
    """Runs the event loop until SIGTERM; requests under way are answered before it returns.

    Returns:
        False: a container's program ended by itself.
    """
    try:
        import uvloop
    except ImportError:  # not made for every platform
        return asyncio.run(_run(answering, listener))
    return uvloop.run(_run(answering, listener))


async def _run(answering: Answering, listener: socket.socket) -> bool:
    loop = asyncio.get_running_loop()
    stop = answering.stop
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # a client that gave up must not end the server
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    connections: set[_Connection] = set()
    server = await loop.create_unix_server(lambda: _Connection(answering, connections), sock=listener)
    await stop.wait()
    server.close()
    await asyncio.sleep(0)
    await answering.drain()
    for connection in list(connections):
        connection.close()
    await asyncio.sleep(0)
    return not answering.failed


class _Connection(asyncio.Protocol):
    def __init__(self, answering: Answering, connections: set[_Connection]) -> None:
        self._answering = answering
        self._connections = connections
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream transport, as create_unix_server says
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._answering.take(self._reader.feed(data), self._write)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._transport = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()  # what is written is still sent

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _request(frame: Frame) -> Request:
    return Request(frame.body, frame.first, frame.second, frame.headers() if frame.extra else {})


def _answer(number: int, response: Response) -> bytes:
    headers: dict[str, Any] = response.headers
    return pack(number, frames.ANSWER, 200, response.content_type, "", headers, response.body)
