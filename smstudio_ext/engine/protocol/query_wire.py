"""AWS's query wire (STS, IAM, older CloudWatch clients): form fields in, XML out."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from smstudio_ext.engine.protocol.shapes import SerializationException, read_timestamp, write_timestamp


def fields(body: bytes, query: str = "") -> dict[str, str]:
    """The form fields of a request (from the body, or the query string of a GET)."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise SerializationException("The request body is not valid UTF-8.") from None
    return dict(parse_qsl(text or query, keep_blank_values=True))


def parse(operation: OperationModel, form: dict[str, str]) -> dict[str, Any]:
    """The input of an operation from its form fields."""
    shape = operation.input_shape
    if shape is None:
        return {}
    value = _parse(shape, form, "")
    return value if isinstance(value, dict) else {}


def _parse(shape: Shape, form: dict[str, str], prefix: str) -> Any:
    """The value at a prefix of the form's names, or None where there is none."""
    if isinstance(shape, StructureShape):
        result = {}
        for name, member in shape.members.items():
            wire = _member_name(name, member)
            value = _parse(member, form, f"{prefix}.{wire}" if prefix else wire)
            if value is not None:
                result[name] = value
        if result or not prefix or prefix in form:
            return result
        return None
    if isinstance(shape, ListShape):
        return _parse_list(shape, form, prefix)
    if isinstance(shape, MapShape):
        return _parse_map(shape, form, prefix)
    text = form.get(prefix)
    return None if text is None else _parse_scalar(shape, text)


def _member_name(name: str, member: Shape) -> str:
    serialization = member.serialization
    if isinstance(member, ListShape) and serialization.get("flattened"):
        return str(member.member.serialization.get("name") or serialization.get("name", name))
    return str(serialization.get("name", name))


def _parse_list(shape: ListShape, form: dict[str, str], prefix: str) -> list[Any] | None:
    if form.get(prefix) == "":
        return []
    base = (
        prefix
        if shape.serialization.get("flattened")
        else f"{prefix}.{shape.member.serialization.get('name', 'member')}"
    )
    items: list[Any] = []
    while True:
        here = f"{base}.{len(items) + 1}"
        if not any(name == here or name.startswith(here + ".") for name in form):
            return items or None
        items.append(_parse(shape.member, form, here))


def _parse_map(shape: MapShape, form: dict[str, str], prefix: str) -> dict[str, Any] | None:
    base = prefix if shape.serialization.get("flattened") else f"{prefix}.entry"
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    items: dict[str, Any] = {}
    number = 1
    while f"{base}.{number}.{key_name}" in form:
        items[form[f"{base}.{number}.{key_name}"]] = _parse(
            shape.value, form, f"{base}.{number}.{value_name}"
        )
        number += 1
    return items or None


def _parse_scalar(shape: Shape, text: str) -> Any:
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "blob":
            return base64.b64decode(text)
    except (ValueError, binascii.Error):
        raise SerializationException(f"'{text[:200]}' can not be converted to {kind}.") from None
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise SerializationException(f"'{text[:200]}' can not be converted to a Boolean.")
        return text.lower() == "true"
    if kind == "timestamp":
        return read_timestamp(text)
    return text


def serialize(operation: OperationModel, output: dict[str, Any], namespace: str, request_id: str) -> bytes:
    """The XML document of an answer."""
    pieces = [f'<{operation.name}Response xmlns="{escape(namespace)}">']
    shape = operation.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result")
        pieces.append(f"<{wrapper}>")
        _write_members(shape, output, pieces)
        pieces.append(f"</{wrapper}>")
    pieces.append(
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation.name}Response>"
    )
    return "".join(pieces).encode()


def _write_members(shape: Shape, value: dict[str, Any], pieces: list[str]) -> None:
    assert isinstance(shape, StructureShape)
    for name, member in shape.members.items():
        item = value.get(name)
        if item is not None:
            _write(member, item, str(member.serialization.get("name", name)), pieces)


def _write(shape: Shape, value: Any, name: str, pieces: list[str]) -> None:
    if isinstance(shape, StructureShape):
        pieces.append(f"<{name}>")
        _write_members(shape, value, pieces)
        pieces.append(f"</{name}>")
    elif isinstance(shape, ListShape):
        flattened = shape.serialization.get("flattened")
        item_name = name if flattened else str(shape.member.serialization.get("name", "member"))
        if not flattened:
            pieces.append(f"<{name}>")
        for item in value:
            _write(shape.member, item, item_name, pieces)
        if not flattened:
            pieces.append(f"</{name}>")
    elif isinstance(shape, MapShape):
        pieces.append(f"<{name}>")
        for key, item in value.items():
            pieces.append("<entry>")
            _write(shape.key, key, str(shape.key.serialization.get("name", "key")), pieces)
            _write(shape.value, item, str(shape.value.serialization.get("name", "value")), pieces)
            pieces.append("</entry>")
        pieces.append(f"</{name}>")
    else:
        pieces.append(f"<{name}>{escape(_text(shape, value))}</{name}>")


def _text(shape: Shape, value: Any) -> str:
    if shape.type_name == "timestamp":
        return str(write_timestamp(value, shape.serialization.get("timestampFormat", "iso8601")))
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
