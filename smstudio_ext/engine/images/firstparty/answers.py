"""Writes answers of Amazon's algorithms: JSON under a root key, JSON Lines, CSV and RecordIO-protobuf labels."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.matrices import CSV, RECORDIO
from smstudio_ext.formats.recordio import MAGIC

JSON = "application/json"
JSONLINES = "application/jsonlines"
RECORDIO_TYPE = "application/x-recordio-protobuf"
_OFFERED = (JSON, JSONLINES, CSV, RECORDIO_TYPE)

Row = dict[str, Any]


def choose(accept: str, default: str = JSON) -> tuple[str, dict[str, str]]:
    """The content type to answer with and the parameters of the Accept header (`verbose=true`), in lower case.

    Raises:
        ClientError: nothing of what the client accepts is offered (406).
    """
    for item in (accept or "*/*").split(","):
        kind, *rest = (part.strip().lower() for part in item.split(";"))
        parameters = {name: value for name, _, value in (part.partition("=") for part in rest)}
        if kind in ("", "*/*", "application/*"):
            kind = default.split(";")[0].strip().lower() or JSON
        if kind in RECORDIO:
            return RECORDIO_TYPE, parameters
        if kind == "application/x-jsonlines":
            kind = JSONLINES
        if kind in _OFFERED:
            return kind, parameters
    raise ClientError(f"Accept type {accept} is not supported. Supported: {', '.join(_OFFERED)}.", 406)


def encode(rows: Sequence[Row], kind: str, root: str = "predictions") -> bytes:
    """Encodes one answer a row.

    Args:
        rows: values by name; a value is a number or a list of numbers.
        kind: content type as `choose` gives it.
        root: key under which JSON answers stand.
    """
    if kind == JSON:
        return json.dumps({root: list(rows)}).encode()
    if kind == JSONLINES:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if kind == CSV:
        return "".join(",".join(_cells(row)) + "\n" for row in rows).encode()
    return b"".join(map(_record, rows))


def _cells(row: Row) -> list[str]:
    # Lists come last and flat, so that every line has the same columns.
    single = [json.dumps(value) for value in row.values() if not isinstance(value, list)]
    return single + [json.dumps(one) for value in row.values() if isinstance(value, list) for one in value]


def _record(row: Row) -> bytes:
    """One framed `aialgs.data.Record` whose labels are the answer's values."""
    message = b""
    for name, value in row.items():
        numbers = value if isinstance(value, list) else [value]
        tensor = _field(1, struct.pack(f"<{len(numbers)}f", *numbers))
        entry = _field(1, name.encode()) + _field(2, _field(2, tensor))
        message += _field(2, entry)
    return struct.pack("<II", MAGIC, len(message)) + message + b"\0" * (-len(message) % 4)


def _field(number: int, payload: bytes) -> bytes:
    size, length = len(payload), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return bytes([number << 3 | 2]) + bytes(length) + payload
