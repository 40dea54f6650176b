"""The feeder of Pipe mode: writes a channel's objects into one FIFO an epoch, in blocks. Standard library only.

It runs in a process beside the job's own (see `supervisor`), which may be a fork of the warm server or a bare interpreter.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import os
import random
import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

BLOCK = 1 << 20
MAGIC = 0xCED7230A
LARGEST_FRAME = (1 << 29) - 4  # a length has 29 bits; frames are padded to four bytes
WHOLE, FIRST, MIDDLE, LAST = 0, 1, 2, 3
_F_SETPIPE_SZ = 1031


@dataclass(frozen=True)
class PipePlan:
    """What one channel's FIFOs get.

    Attributes:
        fifo: path of the FIFOs without `_<epoch>`.
        rows: file of JSON lines, each a list of items `{"file": path, "name": its URI}` or `{"text": ...}`: one object (or one line of an
            augmented manifest) a row.
        gunzip: files are unpacked.
        wrap: each item becomes one RecordIO record.
        seed: shuffles the rows anew for each epoch; None keeps their order.
        shard, shards: this host gets every `shards`-th row from `shard` on (of the shuffled rows).
    """

    fifo: str
    rows: str
    gunzip: bool = False
    wrap: bool = False
    seed: int | None = None
    shard: int = 0
    shards: int = 1


class InputBroken(Exception):
    """An object cannot be streamed; the message is for the job's owner."""


def write_plans(path: Path, plans: list[PipePlan]) -> None:
    """Writes what `feed` reads."""
    path.write_text(json.dumps([asdict(plan) for plan in plans]))


def make_first_fifos(plan: PipePlan) -> None:
    """Makes the FIFOs of the first two epochs, so that they are there before the job's program starts."""
    for epoch in (0, 1):
        _make_fifo(plan, epoch)


def feed(plans: Path, failure: Path) -> int:
    """Serves every channel until the process is ended; returns only when input is broken.

    Args:
        plans: file of `write_plans`.
        failure: gets the reason.
    """
    broken = threading.Event()
    told: list[str] = []

    def serve(plan: PipePlan) -> None:
        try:
            for epoch in itertools.count():
                feed_epoch(plan, epoch)
        except (InputBroken, OSError) as error:
            told.append(str(error))
            broken.set()

    for given in json.loads(plans.read_text()):
        threading.Thread(target=serve, args=(PipePlan(**given),), daemon=True).start()
    broken.wait()
    failure.write_text(told[0])
    return 1


def feed_epoch(plan: PipePlan, epoch: int) -> None:
    """Waits for a reader of the epoch's FIFO and writes the epoch; a reader that leaves ends it early.

    Raises:
        InputBroken: an object is not what the plan says.
    """
    _make_fifo(plan, epoch)
    rows = epoch_rows(plan, epoch)
    path = f"{plan.fifo}_{epoch}"
    sink = os.open(path, os.O_WRONLY | os.O_CLOEXEC)  # blocks until somebody reads
    try:
        _make_fifo(plan, epoch + 1)
        with contextlib.suppress(OSError):
            _widen(sink)
        with contextlib.suppress(BrokenPipeError):  # the program has what it wants of this epoch
            for row in rows:
                for item in row:
                    _write_item(sink, item, plan)
    finally:
        os.close(sink)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def epoch_rows(plan: PipePlan, epoch: int) -> Iterator[list[dict[str, Any]]]:
    """The rows of this host in the order of an epoch. Holds eight bytes a row, not the rows."""
    offsets = _offsets(plan.rows)
    if plan.seed is not None:
        random.Random(f"{plan.seed}:{epoch}").shuffle(offsets)
    with open(plan.rows, "rb") as file:
        for offset in offsets[plan.shard :: plan.shards]:
            file.seek(offset)
            yield json.loads(file.readline())


def shuffled(count: int, seed: int | None, epoch: int = 0) -> list[int]:
    """Numbers of `count` rows in the order in which `epoch_rows` takes them."""
    order = list(range(count))
    if seed is not None:
        random.Random(f"{seed}:{epoch}").shuffle(order)
    return order


def _offsets(path: str) -> list[int]:
    offsets, at = [], 0
    with open(path, "rb") as file:
        for line in file:
            offsets.append(at)
            at += len(line)
    return offsets


def _write_item(sink: int, item: dict[str, Any], plan: PipePlan) -> None:
    if "text" in item:
        data = item["text"].encode()
        _write(sink, _head(len(data), WHOLE) + data + b"\0" * (-len(data) % 4) if plan.wrap else data)
        return
    path, name = item["file"], item["name"]
    if not plan.wrap:
        for block in _blocks(path, name, plan.gunzip):
            _write(sink, block)
        return
    size = sum(map(len, _blocks(path, name, True))) if plan.gunzip else os.path.getsize(path)
    _write_record(sink, _blocks(path, name, plan.gunzip), size)


def _write_record(sink: int, blocks: Iterator[bytes], size: int) -> None:
    """One RecordIO record; beyond 2^29 bytes it takes several frames."""
    frames = max(1, -(-size // LARGEST_FRAME))
    held = b""
    for number in range(frames):
        flag = WHOLE if frames == 1 else FIRST if number == 0 else LAST if number == frames - 1 else MIDDLE
        length = min(LARGEST_FRAME, size - number * LARGEST_FRAME)
        _write(sink, _head(length, flag))
        left = length
        while left:
            held = held or next(blocks)
            _write(sink, held[:left])
            held, left = held[left:], left - min(left, len(held))
        _write(sink, b"\0" * (-length % 4))


def _head(length: int, flag: int) -> bytes:
    return struct.pack("<II", MAGIC, length | flag << 29)


def _blocks(path: str, name: str, gunzip: bool) -> Iterator[bytes]:
    with open(path, "rb", buffering=0) as raw:
        source: IO[bytes] = gzip.GzipFile(fileobj=raw) if gunzip else raw  # type: ignore[assignment]
        try:
            while block := source.read(BLOCK):
                yield block
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputBroken(f"{name} is not a gzip file ({error}).") from error


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]


def _make_fifo(plan: PipePlan, epoch: int) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkfifo(f"{plan.fifo}_{epoch}")


def _widen(sink: int) -> None:
    """A wider pipe: fewer switches between feeder and program."""
    import fcntl

    if sys.platform == "linux":
        fcntl.fcntl(sink, _F_SETPIPE_SZ, BLOCK)
