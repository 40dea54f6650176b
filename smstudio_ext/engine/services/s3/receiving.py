"""Takes a body from the network to a blob: hashing and writing in a thread, in flat memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from smstudio_ext.engine.protocol.payload import Payload, Verified
from smstudio_ext.engine.services.s3.request import S3Request
from smstudio_ext.engine.store.objects import EntityTooLarge, ObjectStore
from smstudio_ext.engine.store.objects.blobs import BlobWriter

Result = TypeVar("Result")

_PIECE = 1 << 20
_AHEAD = 3 << 20
MAX_PUT = 5 << 30
"""Largest body of one PutObject or UploadPart, bytes."""


async def receive(request: S3Request, payload: Payload, then: Callable[[str, Verified], Result]) -> Result:
    """Writes and verifies the body; `then(blob, verified)` makes something of it, in the same thread.

    While a thread hashes and writes one piece, the next is read. Nothing is left behind on an error.

    Raises:
        AwsError: what the payload's checks, the disk or `then` refuse.
    """
    if payload.length is not None and payload.length > MAX_PUT:
        raise EntityTooLarge(payload.length, MAX_PUT)
    loop = asyncio.get_running_loop()
    workers = request.objects.workers
    sink = _Sink(request.objects, payload)
    writing: asyncio.Future[None] | None = None
    finishing: asyncio.Future[Result] | None = None
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.http.body:
            pieces.append(piece)
            size += len(piece)
            # the network is not held up while the thread is behind, until that costs too much memory
            if size >= _AHEAD or (size >= _PIECE and (writing is None or writing.done())):
                if writing is not None:
                    await writing
                writing = loop.run_in_executor(workers, sink.take, pieces)
                pieces, size = [], 0
        if writing is not None:
            await writing
        finishing = loop.run_in_executor(workers, sink.finish, pieces, then)
        return await finishing
    except BaseException:
        running = [future for future in (writing, finishing) if future is not None and not future.done()]
        if running:
            await asyncio.wait(running)
        sink.discard()
        raise


class _Sink:
    """The half of `receive` that runs in threads."""

    def __init__(self, objects: ObjectStore, payload: Payload) -> None:
        self._objects = objects
        self._payload = payload
        self._writer: BlobWriter | None = None

    def take(self, pieces: list[bytes]) -> None:
        writer = self._writer
        if writer is None:
            writer = self._writer = self._objects.writer(self._payload.length)
        # few large steps: each one gives up the interpreter lock and has to win it back from the event loop
        for decoded in self._payload.feed(b"".join(pieces)):
            writer.write(decoded)
        if writer.size > MAX_PUT:
            raise EntityTooLarge(writer.size, MAX_PUT)

    def finish(self, pieces: list[bytes], then: Callable[[str, Verified], Result]) -> Result:
        self.take(pieces)
        assert self._writer is not None
        verified = self._payload.finish()
        return then(self._writer.commit(), verified)

    def discard(self) -> None:
        if self._writer is not None:
            self._writer.discard()
