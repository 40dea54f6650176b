"""RecordIO-protobuf (`application/x-recordio-protobuf`): reads and writes records of `aialgs.data.Record`.

A record is framed by a little-endian magic number and length and padded to four bytes. The message is proto2:
`Record{map<string, Value> features=1, label=2}`, `Value{oneof Float32Tensor=2, Float64Tensor=3, Int32Tensor=7}`, a tensor
`{values=1, keys=2, shape=3}` (https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html). Only the key `values` is used.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

MAGIC = 0xCED7230A
_LENGTH_BITS = (1 << 29) - 1
Matrix: TypeAlias = Any
"""A dense float32 array or a scipy CSR matrix (scipy ships no types)."""


class RecordIOError(ValueError):
    """The bytes are no RecordIO-protobuf, or hold records that no table can be made of."""


@dataclass
class Records:
    """A table read from records.

    Attributes:
        features: rows x columns, dense (missing = NaN) or CSR.
        labels: one value a row; None when no record has a label.
    """

    features: Matrix
    labels: npt.NDArray[np.float32] | None


def write_dense(features: npt.NDArray[np.float32], labels: npt.NDArray[np.float32] | None = None) -> bytes:
    """Encodes a dense table, one record a row, as float32 tensors without keys.

    Args:
        features: (rows, columns).
        labels: (rows,), or None for records without label.
    """
    rows, columns = features.shape
    values = np.ascontiguousarray(features, dtype="<f4")
    head = b""
    # Every record of one table has the same bytes but for the values, so one template serves all rows.
    value_prefix, value_suffix = _entry_template(1, 4 * columns)
    template = bytearray(value_prefix)
    features_at = len(template)
    template += b"\0" * (4 * columns) + value_suffix
    label_at = 0
    if labels is not None:
        label_prefix, label_suffix = _entry_template(2, 4)
        template += label_prefix
        label_at = len(template)
        template += b"\0" * 4 + label_suffix
    length = len(template)
    head = struct.pack("<II", MAGIC, length)
    frame = head + bytes(template) + b"\0" * (-length % 4)
    out = np.tile(np.frombuffer(frame, dtype=np.uint8), (rows, 1))
    if columns:
        start = len(head) + features_at
        out[:, start : start + 4 * columns] = values.view(np.uint8).reshape(rows, 4 * columns)
    if labels is not None:
        start = len(head) + label_at
        encoded = np.ascontiguousarray(labels, dtype="<f4").view(np.uint8).reshape(rows, 4)
        out[:, start : start + 4] = encoded
    return out.tobytes()


def write_sparse(features: sparse.csr_matrix, labels: npt.NDArray[np.float32] | None = None) -> bytes:
    """Encodes a CSR table, one record a row, as float32 tensors with keys and shape."""
    out = bytearray()
    shape = _varint(features.shape[1])
    shape_field = b"\x1a" + _varint(len(shape)) + shape
    data = features.data.astype("<f4")
    for row in range(features.shape[0]):
        start, end = features.indptr[row], features.indptr[row + 1]
        keys = b"".join(_varint(int(key)) for key in features.indices[start:end])
        raw = data[start:end].tobytes()
        tensor = b"\x0a" + _varint(len(raw)) + raw + b"\x12" + _varint(len(keys)) + keys + shape_field
        message = _entry(1, tensor)
        if labels is not None:
            message += _entry(2, b"\x0a\x04" + struct.pack("<f", labels[row]))
        out += struct.pack("<II", MAGIC, len(message)) + message + b"\0" * (-len(message) % 4)
    return bytes(out)


def read(data: bytes) -> Records:
    """Decodes a whole file or request body.

    Raises:
        RecordIOError: bad framing or message, or rows of different width.
    """
    if not data:
        raise RecordIOError("The data hold no record.")
    return _read_uniform(data) or _read_general(data)


def read_stream(stream: IO[bytes], *, block_bytes: int = 8 << 20) -> Iterator[Records]:
    """Decodes a file or pipe of any length, some megabytes at a time.

    Yields:
        Tables of consecutive records; sparse ones may differ in width where the records do not say their shape.

    Raises:
        RecordIOError: bad framing or message, or rows of different width inside one block.
    """
    rest = b""
    while block := stream.read(block_bytes):
        data = rest + block
        at = 0
        while at + 8 <= len(data):
            magic, word = struct.unpack_from("<II", data, at)
            if magic != MAGIC:
                raise RecordIOError(
                    "The data hold a record that does not start with RecordIO's magic number."
                )
            length = word & _LENGTH_BITS
            end = at + 8 + length + (-length % 4)
            if end > len(data):
                break
            at = end
        if at:
            yield read(data[:at])
        rest = data[at:]
    if rest:
        raise RecordIOError("The data end inside a record.")


def write(
    stream: IO[bytes],
    features: Matrix,
    labels: npt.NDArray[np.float32] | None = None,
    *,
    block_rows: int = 65_536,
) -> int:
    """Writes a table to a file or pipe in blocks of rows, so that memory stays flat.

    Args:
        features: (rows, columns) dense or CSR.
        labels: (rows,), or None.

    Returns:
        Bytes written.
    """
    written = 0
    for start in range(0, features.shape[0], block_rows):
        rows = slice(start, start + block_rows)
        part = None if labels is None else np.asarray(labels[rows], dtype=np.float32)
        if sparse.issparse(features):
            data = write_sparse(features[rows], part)
        else:
            data = write_dense(np.asarray(features[rows], dtype=np.float32), part)
        written += stream.write(data)
    return written


def write_labels(rows: Sequence[Mapping[str, float | Sequence[float]]]) -> bytes:
    """Encodes answers: one record a row whose labels hold float32 tensors by name, as AWS's algorithms answer."""
    out = bytearray()
    for row in rows:
        message = b""
        for name, value in row.items():
            numbers = [value] if isinstance(value, int | float) else list(value)
            packed = struct.pack(f"<{len(numbers)}f", *numbers)
            message += _entry(2, b"\x0a" + _varint(len(packed)) + packed, name)
        out += struct.pack("<II", MAGIC, len(message)) + message + b"\0" * (-len(message) % 4)
    return bytes(out)


def read_labels(data: bytes) -> list[dict[str, npt.NDArray[np.float32]]]:
    """Decodes answers in RecordIO-protobuf: the labels of each record by name.

    Raises:
        RecordIOError: bad framing or message.
    """
    return [_read_entries(message) for message in _frames(data)]


def _read_entries(message: bytes) -> dict[str, npt.NDArray[np.float32]]:
    found: dict[str, npt.NDArray[np.float32]] = {}
    for number, start, end in _fields(message, 0, len(message)):
        if number != 2:
            continue
        name, values = "", np.empty(0, dtype=np.float32)
        for inner, inner_start, inner_end in _fields(message, start, end):
            if inner == 1:
                name = message[inner_start:inner_end].decode("utf-8", errors="replace")
            elif inner == 2:
                values = _parse_value(message, inner_start, inner_end)[0]
        found[name] = values
    return found


def _read_uniform(data: bytes) -> Records | None:
    # Dense tables of one writer have frames of equal bytes but for the values: parse one, slice the rest.
    if len(data) < 8:
        raise RecordIOError("The data end inside a record's header.")
    magic, length = struct.unpack_from("<II", data)
    frame = 8 + length + (-length % 4)
    if magic != MAGIC or frame > len(data) or len(data) % frame:
        return None
    spans = _dense_spans(data[8 : 8 + length])
    if spans is None:
        return None
    table = np.frombuffer(data, dtype=np.uint8).reshape(-1, frame)
    fixed = np.ones(frame, dtype=bool)
    for start, end in spans:
        fixed[8 + start : 8 + end] = False
    if len(table) > 1 and not (table[:, fixed] == table[0, fixed]).all():
        return None
    parts = [
        np.ascontiguousarray(table[:, 8 + start : 8 + end]).view("<f4").astype(np.float32)
        for start, end in spans
    ]
    return Records(parts[0], parts[1][:, 0] if len(parts) > 1 else None)


def _dense_spans(message: bytes) -> list[tuple[int, int]] | None:
    """Where the packed float32 values of features (and label) lie in a message; None if it is not of that kind."""
    spans: dict[int, tuple[int, int]] = {}
    for number, start, end in _fields(message, 0, len(message)):
        if number not in (1, 2):
            continue
        found = None
        for inner, inner_start, inner_end in _fields(message, start, end):
            if inner == 2:
                for kind, tensor_start, tensor_end in _fields(message, inner_start, inner_end):
                    for part, part_start, part_end in _fields(message, tensor_start, tensor_end):
                        if kind != 2 or part == 2 or (part == 1 and found) or part_start < 0:
                            return None
                        if part == 1:
                            found = (part_start, part_end)
        if found is None or number in spans:
            return None
        spans[number] = found
    if 1 not in spans or (2 in spans and spans[2][1] - spans[2][0] != 4):
        return None
    return [spans[number] for number in sorted(spans)]


def _read_general(data: bytes) -> Records:
    rows: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None, int]] = []
    labels: list[float | None] = []
    for message in _frames(data):
        row, label = _parse_record(message)
        rows.append(row)
        labels.append(label)
    width = max(size for _, _, size in rows)
    given = [label for label in labels if label is not None]
    if given and len(given) != len(labels):
        raise RecordIOError("Some records have a label and some have none.")
    label_array = np.asarray(given, dtype=np.float32) if given else None
    if all(keys is None for _, keys, _ in rows):
        if any(size != width for _, _, size in rows):
            raise RecordIOError("Records have different numbers of features.")
        return Records(np.stack([values for values, _, _ in rows]), label_array)
    indices = [np.arange(len(values)) if keys is None else keys for values, keys, _ in rows]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in indices])])
    matrix = sparse.csr_matrix(
        (np.concatenate([values for values, _, _ in rows]), np.concatenate(indices), indptr),
        shape=(len(rows), width),
    )
    return Records(matrix, label_array)


def _frames(data: bytes) -> list[bytes]:
    frames: list[bytes] = []
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise RecordIOError(f"Record {len(frames) + 1} ends inside its header.")
        magic, length = struct.unpack_from("<II", data, at)
        if magic != MAGIC:
            raise RecordIOError(f"Record {len(frames) + 1} does not start with RecordIO's magic number.")
        length &= _LENGTH_BITS
        if at + 8 + length > len(data):
            raise RecordIOError(f"Record {len(frames) + 1} is cut short.")
        frames.append(data[at + 8 : at + 8 + length])
        at += 8 + length + (-length % 4)
    return frames


def _parse_record(
    message: bytes,
) -> tuple[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None, int], float | None]:
    features: Any = None
    label: float | None = None
    for number, start, end in _fields(message, 0, len(message)):
        if number not in (1, 2):
            continue
        for inner, inner_start, inner_end in _fields(message, start, end):
            if inner != 2:
                continue
            values, keys, size = _parse_value(message, inner_start, inner_end)
            if number == 1:
                features = (values, keys, size)
            elif len(values):
                label = float(values[0])
    if features is None:
        raise RecordIOError("A record has no features under the key 'values'.")
    return features, label


_DTYPES = {2: "<f4", 3: "<f8"}


def _parse_value(
    message: bytes, start: int, end: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None, int]:
    for kind, tensor_start, tensor_end in _fields(message, start, end):
        if kind not in (2, 3, 7):
            raise RecordIOError("A record holds a value that is no numeric tensor.")
        values: list[npt.NDArray[np.float32]] = []
        keys: list[int] = []
        shape: list[int] = []
        for part, part_start, part_end in _fields(message, tensor_start, tensor_end):
            packed = part_start >= 0
            begin = part_start if packed else -part_start
            if part == 1 and kind in _DTYPES:
                values.append(np.frombuffer(message[begin:part_end], dtype=_DTYPES[kind]).astype(np.float32))
            else:
                numbers = _varints(message, begin, part_end)
                if part == 1:
                    signed = [number - (1 << 64) if number >> 63 else number for number in numbers]
                    values.append(np.asarray(signed, dtype=np.float32))
                elif part == 2:
                    keys += numbers
                elif part == 3:
                    shape += numbers
        flat = np.concatenate(values) if values else np.empty(0, dtype=np.float32)
        if keys or (shape and len(flat) < int(np.prod(shape))):
            if len(keys) != len(flat):
                raise RecordIOError("A sparse record has not as many keys as values.")
            size = int(np.prod(shape)) if shape else max(keys, default=-1) + 1
            return flat, np.asarray(keys, dtype=np.int64), size
        return flat, None, len(flat)
    raise RecordIOError("A record holds an empty value.")


def _fields(message: bytes, at: int, end: int) -> list[tuple[int, int, int]]:
    """Fields as (number, start, end) of their payload; the start of a scalar (unpacked) field is negated."""
    fields = []
    while at < end:
        key, at = _read_varint(message, at, end)
        wire = key & 7
        if wire == 2:
            length, at = _read_varint(message, at, end)
            start = at
            at += length
        elif wire in (0, 1, 5):
            start = -at
            at = _read_varint(message, at, end)[1] if wire == 0 else at + (8 if wire == 1 else 4)
        else:
            raise RecordIOError("A record is no protobuf message.")
        if at > end:
            raise RecordIOError("A record's message is cut short.")
        fields.append((key >> 3, start, at))
    return fields


def _read_varint(message: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise RecordIOError("A record's message is cut short.")


def _varints(message: bytes, at: int, end: int) -> list[int]:
    if end - at > 48:
        return _many_varints(message[at:end])
    numbers = []
    while at < end:
        number, at = _read_varint(message, at, end)
        numbers.append(number)
    return numbers


def _many_varints(data: bytes) -> list[int]:
    # Long lists of keys: decode all numbers at once, byte place by byte place.
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(raw < 0x80)
    if not len(ends) or ends[-1] != len(raw) - 1:
        raise RecordIOError("A record's message is cut short.")
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = ends - starts + 1
    if sizes.max() > 10:
        raise RecordIOError("A record holds a number of more than 64 bits.")
    values = np.zeros(len(ends), dtype=np.uint64)
    for place in range(int(sizes.max())):
        at = np.minimum(starts + place, ends)
        part = (raw[at] & 0x7F).astype(np.uint64) << np.uint64(7 * place)
        values |= np.where(place < sizes, part, np.uint64(0))
    return [int(value) for value in values.tolist()]


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _entry(number: int, tensor: bytes, name: str = "values") -> bytes:
    value = b"\x12" + _varint(len(tensor)) + tensor
    key = name.encode()
    entry = b"\x0a" + _varint(len(key)) + key + b"\x12" + _varint(len(value)) + value
    return _varint(number << 3 | 2) + _varint(len(entry)) + entry


def _entry_template(number: int, size: int) -> tuple[bytes, bytes]:
    """What stands before and after `size` bytes of packed float32 values in a map entry."""
    whole = _entry(number, b"\x0a" + _varint(size) + b"\0" * size)
    return whole[: len(whole) - size], b""
