"""Reads a channel in parts of bounded size, the same way in File and Pipe mode.

    for part in parts(channel, "lines"):          # or "recordio", "parquet", "files"
        table = parse(part.data)                  # whole lines, records or files only
        ... f"{part.source}, line {part.first}"   # for messages

Each call of `parts` is one epoch: in File mode it reads the files again, in Pipe mode the next FIFO
`/opt/ml/input/data/<channel>_<epoch>`.
"""

from __future__ import annotations

import gzip
import io
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from smstudio_ext.engine.images.contract import AlgorithmError

if TYPE_CHECKING:
    from smstudio_ext.engine.images.jobfiles import Channel

PART_BYTES = 8 * 1024 * 1024
FIFO_SECONDS = 60.0
"""How long the FIFO of an epoch is waited for; it is there before the epoch begins."""

Framing = Literal["lines", "recordio", "parquet", "files"]

_MAGIC = 0xCED7230A
_LENGTH_MASK = (1 << 29) - 1
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"

_epochs: dict[Path, int] = {}  # FIFOs are read once and in order, so the next number belongs to the process
_spooled: dict[Path, list[Path]] = {}


@dataclass(frozen=True)
class Part:
    """Some whole lines, records or files of a channel.

    Attributes:
        source: name of the file (relative to the channel's folder) or of the FIFO that it came from.
        first: number of its first line or record in the source, from 1.
    """

    data: bytes
    source: str
    first: int


def parts(channel: Channel, framing: Framing, part_bytes: int = PART_BYTES) -> Iterator[Part]:
    """One epoch of a channel, in parts of about `part_bytes` that end where a unit of `framing` ends.

    Args:
        framing: `lines` (CSV, libsvm, JSON Lines; gzipped files are unpacked), `recordio` (frames of RecordIO-protobuf),
            `parquet` (one file a part), `files` (one file a part: in Pipe mode one RecordIO record of the wrapper).

    Raises:
        AlgorithmError: broken frames, or the FIFO of the epoch does not come.
    """
    for source, stream in _objects(channel):
        with closing(stream):
            if framing == "lines":
                yield from _lines(stream, source, part_bytes)
            elif framing == "recordio":
                yield from _frames(stream, source, part_bytes)
            elif framing == "parquet":
                yield from _parquet_files(stream, source)
            else:
                yield Part(stream.read(), source, 1)


def open_epoch(channel: Channel) -> IO[bytes]:
    """The FIFO of the next epoch of a Pipe channel, open for reading; bytes as they come.

    Raises:
        AlgorithmError: the channel is not in Pipe mode, or the FIFO does not come.
    """
    if channel.mode != "Pipe":
        raise AlgorithmError(f"Channel '{channel.name}' is not in Pipe mode.")
    epoch = _epochs.get(channel.path, 0)
    fifo = channel.path.with_name(f"{channel.name}_{epoch}")
    deadline = time.monotonic() + FIFO_SECONDS
    while not fifo.exists():
        if time.monotonic() > deadline:
            raise AlgorithmError(
                f"Channel '{channel.name}': the FIFO {fifo.name} of epoch {epoch} did not come."
            )
        time.sleep(0.005)
    stream = fifo.open("rb", buffering=1 << 20)
    _epochs[channel.path] = epoch + 1
    return stream


def spool(channel: Channel) -> list[Path]:
    """Files with one epoch of a Pipe channel, for programs that need files: written once a process, to the job's disk."""
    if channel.path in _spooled:
        return _spooled[channel.path]
    folder = channel.path.parent.parent / ".spooled" / channel.name
    folder.mkdir(parents=True, exist_ok=True)
    found: list[Path] = []
    if channel.record_wrapper == "RecordIO" or "parquet" in channel.content_type:
        framing: Framing = "files" if channel.record_wrapper == "RecordIO" else "parquet"
        for number, part in enumerate(parts(channel, framing)):
            found.append(folder / f"{channel.name}-{number:06d}")
            found[-1].write_bytes(part.data)
    else:
        found.append(folder / channel.name)
        with open_epoch(channel) as stream, found[0].open("wb") as sink:
            while block := stream.read(PART_BYTES):
                sink.write(block)
    _spooled[channel.path] = found
    return found


def _objects(channel: Channel) -> Iterator[tuple[str, IO[bytes]]]:
    """(name, stream) of each object; a FIFO without wrapper is one stream."""
    if channel.mode != "Pipe":
        for path in channel.files():
            yield path.relative_to(channel.path).as_posix(), _unpacked(path.open("rb", buffering=1 << 20))
        return
    stream = open_epoch(channel)
    name = Path(stream.name).name
    if channel.record_wrapper != "RecordIO":
        yield name, stream
        return
    with stream:
        for number, payload in enumerate(wrapped_records(stream, name), 1):
            yield f"{name}, record {number}", io.BytesIO(payload)


def _unpacked(stream: IO[bytes]) -> IO[bytes]:
    assert isinstance(stream, io.BufferedReader)
    if stream.peek(2)[:2] == _GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=stream), 1 << 20)
    return stream


def wrapped_records(stream: IO[bytes], source: str) -> Iterator[bytes]:
    """Payloads of RecordIO frames; those of several frames (longer than 2^29 bytes) are put together.

    Source of the format: https://mxnet.apache.org/versions/1.9.1/architecture/note_data_loading (flag 0 whole, 1 first, 2
    middle, 3 last, in the upper three bits of the length).

    Raises:
        AlgorithmError: the bytes are no such frames.
    """
    held = bytearray()
    while head := stream.read(8):
        flag, payload = _frame(stream, head, source)
        if flag == 0:
            yield payload
            continue
        held += payload
        if flag == 3:
            yield bytes(held)
            held.clear()
    if held:
        raise AlgorithmError(f"RecordIO stream '{source}' ends inside a record.")


def _frame(stream: IO[bytes], head: bytes, source: str) -> tuple[int, bytes]:
    length, padded, flag = _read_head(head, source)
    payload = stream.read(padded)
    if len(payload) < length:
        raise AlgorithmError(f"RecordIO stream '{source}' ends inside a record.")
    return flag, payload[:length]


def _read_head(head: bytes, source: str) -> tuple[int, int, int]:
    """(length, length with padding, flag) of a frame."""
    if len(head) < 8:
        raise AlgorithmError(f"RecordIO stream '{source}' ends inside a record.")
    magic, word = struct.unpack("<II", head)
    if magic != _MAGIC:
        raise AlgorithmError(f"'{source}' is no RecordIO: a record does not begin with the magic number.")
    length = word & _LENGTH_MASK
    return length, length + -length % 4, word >> 29


def _lines(stream: IO[bytes], source: str, part_bytes: int) -> Iterator[Part]:
    rest, first = b"", 1
    while block := stream.read(part_bytes):
        cut = block.rfind(b"\n") + 1
        if not cut:
            rest += block
            continue
        data, rest = rest + block[:cut], block[cut:]
        yield Part(data, source, first)
        first += data.count(b"\n")
    if rest:
        yield Part(rest, source, first)


def _frames(stream: IO[bytes], source: str, part_bytes: int) -> Iterator[Part]:
    rest, first = b"", 1
    while block := stream.read(part_bytes):
        data = rest + block
        at = count = 0
        while at + 8 <= len(data):
            _, padded, flag = _read_head(data[at : at + 8], source)
            if at + 8 + padded > len(data):
                break
            at += 8 + padded
            count += flag in (0, 3)
        if at:
            yield Part(data[:at], source, first)
        rest, first = data[at:], first + count
    if rest:
        raise AlgorithmError(f"RecordIO stream '{source}' ends inside a record.")


def _parquet_files(stream: IO[bytes], source: str) -> Iterator[Part]:
    """Parquet files that follow each other: a file begins and ends with `PAR1`."""
    data, at, first = b"", len(_PARQUET), 1
    while block := stream.read(PART_BYTES):
        data += block
        while (found := data.find(_PARQUET * 2, at)) >= 0:
            at = found + len(_PARQUET)
            if _ends_a_file(data, at):
                yield Part(data[:at], source, first)
                data, at, first = data[at:], len(_PARQUET), first + 1
        at = max(at, len(data) - 2 * len(_PARQUET) + 1)
    if data:
        yield Part(data, source, first)


def _ends_a_file(data: bytes, end: int) -> bool:
    """Whether the length before the `PAR1` that ends at `end` is that of a footer which fits."""
    if end < 12:
        return False
    (length,) = struct.unpack_from("<I", data, end - 8)
    return bool(0 < length <= end - 12)
