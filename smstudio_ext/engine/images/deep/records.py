"""RecordIO-protobuf records with named dense tensors of any key: token sequences in, named labels out.

Message and framing are those of `smstudio_ext.formats.recordio`, which reads tables under the key `values` alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

MAGIC = 0xCED7230A
Array: TypeAlias = npt.NDArray[Any]
_FLOAT32, _FLOAT64, _INT32 = 2, 3, 7


class RecordError(ValueError):
    """The bytes are no RecordIO, or a record is no `aialgs.data.Record`."""


@dataclass
class Record:
    """One record: tensors by name."""

    features: dict[str, Array] = field(default_factory=dict)
    label: dict[str, Array] = field(default_factory=dict)


def frames(data: bytes) -> Iterator[bytes]:
    """The payloads of a RecordIO file.

    Raises:
        RecordError: bad magic number, or the file is cut short.
    """
    at, number = 0, 0
    while at < len(data):
        number += 1
        if at + 8 > len(data):
            raise RecordError(f"record {number} ends inside its header")
        magic, length = struct.unpack_from("<II", data, at)
        if magic != MAGIC:
            raise RecordError(f"record {number} does not start with RecordIO's magic number")
        # The upper three bits tell parts of a divided record; Amazon's writers divide none.
        length &= (1 << 29) - 1
        if at + 8 + length > len(data):
            raise RecordError(f"record {number} is cut short")
        yield data[at + 8 : at + 8 + length]
        at += 8 + length + (-length % 4)


def frame(payload: bytes) -> bytes:
    """One payload in RecordIO's frame."""
    return struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def parse(message: bytes) -> Record:
    """Reads one record.

    Raises:
        RecordError: the bytes are no such message.
    """
    record = Record()
    for number, start, end in _fields(message, 0, len(message)):
        if number in (1, 2):
            name, values = _entry(message, start, end)
            (record.features if number == 1 else record.label)[name] = values
    return record


def encode(features: Mapping[str, Array], label: Mapping[str, Array]) -> bytes:
    """Writes one record; integer arrays become int32 tensors, all others float32."""
    out = bytearray()
    for number, entries in ((1, features), (2, label)):
        for name, values in entries.items():
            kind, packed = _pack(np.asarray(values))
            tensor = _block(1, packed)
            entry = _block(1, name.encode()) + _block(2, _block(kind, tensor))
            out += _block(number, entry)
    return bytes(out)


def write(records: Iterable[tuple[Mapping[str, Array], Mapping[str, Array]]]) -> bytes:
    """A RecordIO file of (features, label) pairs."""
    return b"".join(frame(encode(features, label)) for features, label in records)


def _pack(values: Array) -> tuple[int, bytes]:
    if np.issubdtype(values.dtype, np.integer):
        return _INT32, b"".join(_varint(int(value) & (2**64 - 1)) for value in values)
    return _FLOAT32, values.astype("<f4").tobytes()


def _entry(message: bytes, start: int, end: int) -> tuple[str, Array]:
    name, values = "", np.empty(0, dtype=np.float32)
    for number, first, last in _fields(message, start, end):
        if number == 1:
            name = message[first:last].decode("utf-8", "replace")
        elif number == 2:
            values = _value(message, first, last)
    return name, values


def _value(message: bytes, start: int, end: int) -> Array:
    for kind, first, last in _fields(message, start, end):
        if kind not in (_FLOAT32, _FLOAT64, _INT32):
            raise RecordError("a record holds a value that is no numeric tensor")
        parts: list[Array] = []
        for number, begin, stop in _fields(message, first, last):
            if number != 1:
                continue
            begin = abs(begin)
            if kind == _INT32:
                parts.append(_varints(message, begin, stop))
            else:
                parts.append(np.frombuffer(message[begin:stop], dtype="<f4" if kind == _FLOAT32 else "<f8"))
        if parts:
            return np.concatenate(parts)
        return np.empty(0, dtype=np.int64 if kind == _INT32 else np.float32)
    return np.empty(0, dtype=np.float32)


def _fields(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Fields as (number, start, end) of their payload; the start of an unpacked scalar is negated."""
    while at < end:
        key, at = _read_varint(message, at, end)
        wire = key & 7
        if wire == 2:
            length, at = _read_varint(message, at, end)
            start, at = at, at + length
        elif wire == 0:
            start = -at
            _, at = _read_varint(message, at, end)
        elif wire in (1, 5):
            start, at = -at, at + (8 if wire == 1 else 4)
        else:
            raise RecordError("a record is no protobuf message")
        if at > end:
            raise RecordError("a record's message is cut short")
        yield key >> 3, start, at


def _read_varint(message: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise RecordError("a record's message is cut short")


def _varints(message: bytes, at: int, end: int) -> npt.NDArray[np.int64]:
    numbers = []
    while at < end:
        number, at = _read_varint(message, at, end)
        numbers.append(number - (1 << 64) if number >> 63 else number)
    return np.asarray(numbers, dtype=np.int64)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _block(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload
