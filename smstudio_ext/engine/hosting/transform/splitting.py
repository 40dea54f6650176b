"""Splits input files into records and groups these into the bodies of requests, without holding a file in memory."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

MIB = 1024 * 1024
_READ = 1 << 20
_RECORDIO_MAGIC = 0xCED7230A


class SplitError(Exception):
    """An input file cannot be split: a record is too large, or the file is not of its type."""


def bodies(path: Path, split: str, *, packed: bool, limit: int, single: bool) -> Iterator[bytes]:
    """The request bodies that a file is sent as, in order.

    Args:
        split: SplitType: None, Line, RecordIO or TFRecord.
        packed: the file is gzipped.
        limit: most bytes of a body; 0 for no limit.
        single: one record a body (BatchStrategy SingleRecord); else as many as the limit allows.

    Raises:
        SplitError: a record is larger than the limit, or the file is not of its type.
    """
    try:
        with cast("IO[bytes]", gzip.open(path) if packed else path.open("rb")) as file:
            if split == "None":
                body = _read_all(file, limit, path.name)
                if body:
                    yield body
            elif split == "Line" and not single:
                yield from _line_blocks(file, limit, path.name)
            else:
                yield from _batches(_RECORDS[split](file, limit, path.name), limit, single, path.name)
    except (gzip.BadGzipFile, EOFError) as error:
        raise SplitError(f"{path.name} is not a gzip file: {error}") from error


def _read_all(file: IO[bytes], limit: int, name: str) -> bytes:
    body = file.read(limit + 1) if limit else file.read()
    if limit and len(body) > limit:
        raise too_large(name, limit)
    return body


def _line_blocks(file: IO[bytes], limit: int, name: str) -> Iterator[bytes]:
    """Whole lines up to the limit at a time: only the last line break of each block is looked for."""
    size = limit or 64 * MIB
    rest = b""
    while True:
        data = rest + file.read(size - len(rest)) if len(rest) < size else rest
        if len(data) < size:  # the end of the file
            yield from _not_blank(data)
            return
        cut = data.rfind(b"\n") + 1
        if cut == 0:
            following = file.read(1)
            if following in (b"", b"\n"):  # the last line fills the block to its end
                yield from _not_blank(data)
                rest = b""
                continue
            if limit:
                raise too_large(name, limit)
            data += following + file.readline()
            cut = len(data)
        yield from _not_blank(data[:cut])
        rest = data[cut:]


def _not_blank(block: bytes) -> Iterator[bytes]:
    """The block without its empty lines."""
    windows = b"\r" in block
    if block.startswith((b"\n", b"\r\n")) or b"\n\n" in block or (windows and b"\n\r\n" in block):
        block = b"".join(line for line in block.splitlines(keepends=True) if line.strip(b"\r\n"))
    if block:
        yield block


def _lines(file: IO[bytes], limit: int, name: str) -> Iterator[bytes]:
    while line := file.readline(limit + 2) if limit else file.readline():
        if limit and len(line.rstrip(b"\r\n")) > limit:
            raise too_large(name, limit)
        if line.strip(b"\r\n"):
            yield line


def _recordio(file: IO[bytes], limit: int, name: str) -> Iterator[bytes]:
    """Records with their frames: magic, length, data padded to four bytes."""
    while head := file.read(8):
        if len(head) < 8 or struct.unpack("<I", head[:4])[0] != _RECORDIO_MAGIC:
            raise SplitError(f"{name} is not a RecordIO file (SplitType RecordIO).")
        length = struct.unpack("<I", head[4:])[0] & 0x1FFFFFFF
        yield head + _exactly(file, (length + 3) // 4 * 4, limit, name, "RecordIO")


def _tfrecord(file: IO[bytes], limit: int, name: str) -> Iterator[bytes]:
    """Records with their frames: length, its checksum, data, its checksum."""
    while head := file.read(12):
        if len(head) < 12:
            raise SplitError(f"{name} is not a TFRecord file (SplitType TFRecord).")
        yield head + _exactly(file, struct.unpack("<Q", head[:8])[0] + 4, limit, name, "TFRecord")


def _exactly(file: IO[bytes], size: int, limit: int, name: str, kind: str) -> bytes:
    if limit and size > limit:
        raise too_large(name, limit)
    data = b""
    if size < 1 << 40:  # a larger one is no length but other bytes
        data = file.read(size)
    if len(data) < size:
        raise SplitError(f"{name} is not a {kind} file, or it is cut off (SplitType {kind}).")
    return data


_RECORDS = {"Line": _lines, "RecordIO": _recordio, "TFRecord": _tfrecord}


def _batches(records: Iterator[bytes], limit: int, single: bool, name: str) -> Iterator[bytes]:
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and (single or (limit and size + len(record) > limit)):
            yield b"".join(batch)
            batch, size = [], 0
        batch.append(record)
        size += len(record)
        if not limit and size > 64 * MIB:
            yield b"".join(batch)
            batch, size = [], 0
    if batch:
        yield b"".join(batch)


def too_large(name: str, limit: int) -> SplitError:
    """The error for a record beyond MaxPayloadInMB."""
    return SplitError(
        f"Too much data for max payload size: a record of {name} exceeds MaxPayloadInMB ({limit // MIB} MB). Set SplitType to "
        "Line, or raise MaxPayloadInMB."
    )
