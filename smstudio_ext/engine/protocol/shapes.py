"""Turns values of the wire into Python and back along a shape of a service model, by functions compiled once a shape."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from smstudio_ext.engine.errors import AwsError

Convert = Callable[[Any], Any]


class SerializationException(AwsError):
    """The body cannot be read as the operation's input."""

    code = "SerializationException"
    status = 400


def reader(shape: Shape) -> Convert:
    """A function from parsed JSON to the shape's Python value.

    Timestamps become float seconds, blobs bytes; nulls and members that the model does not know are dropped.
    """
    return _compiled(shape, _READERS, _read_scalar)


def writer(shape: Shape) -> Convert:
    """A function from an operation's output to JSON-able values: modelled members only, nulls dropped."""
    return _compiled(shape, _WRITERS, _write_scalar)


_READERS: dict[int, tuple[Shape, Convert]] = {}
_WRITERS: dict[int, tuple[Shape, Convert]] = {}


def _compiled(
    shape: Shape, cache: dict[int, tuple[Shape, Convert]], scalar: Callable[[Shape], Convert]
) -> Convert:
    known = cache.get(id(shape))
    if known is not None:
        return known[1]
    reading = cache is _READERS

    # A shape may hold itself: register a door to the function first, then make it.
    box: list[Convert] = []
    cache[id(shape)] = (shape, lambda value: box[0](value))
    if isinstance(shape, StructureShape):
        made = _structure(shape, cache, scalar, reading)
    elif isinstance(shape, ListShape):
        made = _list(_compiled(shape.member, cache, scalar), reading)
    elif isinstance(shape, MapShape):
        made = _map(_compiled(shape.value, cache, scalar), reading)
    else:
        made = scalar(shape)
    box.append(made)
    cache[id(shape)] = (shape, made)
    return made


def _structure(
    shape: StructureShape,
    cache: dict[int, tuple[Shape, Convert]],
    scalar: Callable[[Shape], Convert],
    reading: bool,
) -> Convert:
    # Members are compiled on first use: a Create input reaches hundreds of shapes of which a request has a few.
    members: dict[str, Shape] = dict(shape.members)
    wire = {name: member.serialization.get("name", name) for name, member in members.items()}
    if getattr(shape, "is_document_type", False):
        return lambda value: value
    if reading:
        by_wire = {wire_name: name for name, wire_name in wire.items()}
        compiled: dict[str, tuple[str, Convert]] = {}

        def read(value: Any) -> Any:
            if not isinstance(value, dict):
                raise SerializationException(_unexpected(value, "a structure"))
            result = {}
            for wire_name, item in value.items():
                if item is None:
                    continue
                entry = compiled.get(wire_name)
                if entry is None:
                    name = by_wire.get(wire_name)
                    if name is None:
                        continue
                    entry = compiled[wire_name] = (name, _compiled(members[name], cache, scalar))
                result[entry[0]] = entry[1](item)
            return result

        return read
    outgoing: dict[str, tuple[str, Convert]] = {}

    def write(value: Any) -> Any:
        result = {}
        for name, item in value.items():
            if item is None:
                continue
            entry = outgoing.get(name)
            if entry is None:
                member = members.get(name)
                if member is None:
                    continue
                entry = outgoing[name] = (wire[name], _compiled(member, cache, scalar))
            result[entry[0]] = entry[1](item)
        return result

    return write


def _list(item: Convert, reading: bool) -> Convert:
    def convert(value: Any) -> Any:
        if reading and not isinstance(value, list):
            raise SerializationException(_unexpected(value, "a list"))
        return [item(each) for each in value if each is not None]

    return convert


def _map(item: Convert, reading: bool) -> Convert:
    def convert(value: Any) -> Any:
        if reading and not isinstance(value, dict):
            raise SerializationException(_unexpected(value, "a map"))
        return {str(key): item(each) for key, each in value.items() if each is not None}

    return convert


def _read_scalar(shape: Shape) -> Convert:
    kind = shape.type_name
    if kind in ("string", "character"):
        return _read_string
    if kind in ("integer", "long"):
        return _read_integer
    if kind in ("float", "double"):
        return _read_number
    if kind == "boolean":
        return _read_boolean
    if kind == "timestamp":
        return read_timestamp
    if kind == "blob":
        return _read_blob
    return _same


def _write_scalar(shape: Shape) -> Convert:
    kind = shape.type_name
    if kind == "timestamp":
        form = shape.serialization.get("timestampFormat", "unixTimestamp")
        return _epoch if form == "unixTimestamp" else lambda value: write_timestamp(value, form)
    if kind == "blob":
        return lambda value: base64.b64encode(
            value if isinstance(value, bytes) else str(value).encode()
        ).decode()
    if kind in ("float", "double"):
        return _number
    return _same


def _same(value: Any) -> Any:
    return value


def _number(value: Any) -> Any:
    # JSON has no NaN: AWS writes it as a string, and botocore reads that back.
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "NaN" if value != value else ("Infinity" if value > 0 else "-Infinity")
    return value


def _epoch(value: Any) -> Any:
    if isinstance(value, datetime):
        value = value.timestamp()
    return round(value, 3) if isinstance(value, float) else value


def _read_string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        # AWS's own readers take numbers and booleans for strings.
        return str(value).lower() if isinstance(value, bool) else str(value)
    raise SerializationException(_unexpected(value, "a String"))


def _read_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SerializationException(_unexpected(value, "an Integer"))
    return int(value)


def _read_number(value: Any) -> float | int:
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return float(value.replace("Infinity", "inf"))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SerializationException(_unexpected(value, "a Double"))
    return value


def _read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise SerializationException(_unexpected(value, "a Boolean"))
    return value


def _read_blob(value: Any) -> bytes:
    if not isinstance(value, str):
        raise SerializationException(_unexpected(value, "a Blob"))
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise SerializationException("A blob is not valid base64.") from None


def read_timestamp(value: Any) -> float:
    """Seconds since the epoch from a number, an ISO 8601 or an HTTP date."""
    if isinstance(value, bool):
        raise SerializationException(_unexpected(value, "a Timestamp"))
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
        for parse in (
            lambda text: datetime.fromisoformat(text.replace("Z", "+00:00")),
            parsedate_to_datetime,
        ):
            try:
                moment = parse(value)
            except (ValueError, TypeError):
                continue
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=timezone.utc)
            return float(moment.timestamp())
    raise SerializationException(_unexpected(value, "a Timestamp"))


def write_timestamp(value: float | datetime, form: str) -> str | float:
    """A time in one of AWS's forms: `unixTimestamp`, `iso8601` or `rfc822`."""
    moment = value if isinstance(value, datetime) else datetime.fromtimestamp(value, timezone.utc)
    if form == "unixTimestamp":
        return round(moment.timestamp(), 3)
    if form == "rfc822":
        return format_datetime(moment.astimezone(timezone.utc), usegmt=True)
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").replace(".000Z", "Z")


def _unexpected(value: Any, wanted: str) -> str:
    names = {
        dict: "START_OBJECT",
        list: "START_ARRAY",
        str: "STRING_VALUE",
        bool: "BOOLEAN_VALUE",
        int: "NUMBER_VALUE",
        float: "NUMBER_VALUE",
    }
    return f"{names.get(type(value), 'Unexpected value')} can not be converted to {wanted}"
