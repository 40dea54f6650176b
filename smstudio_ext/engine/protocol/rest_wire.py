"""AWS's rest-json wire: input from path, query, headers and body; output to headers and body."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from smstudio_ext.engine.protocol.http import HttpRequest, HttpResponse
from smstudio_ext.engine.protocol.json_wire import dump, load_object
from smstudio_ext.engine.protocol.shapes import (
    SerializationException,
    read_timestamp,
    reader,
    write_timestamp,
    writer,
)


def parse(
    operation: OperationModel, http: HttpRequest, labels: dict[str, str], body: bytes
) -> dict[str, Any]:
    """The input of an operation.

    Args:
        labels: percent-encoded labels of the path.

    Raises:
        SerializationException: a value is not of its member's type.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    assert isinstance(shape, StructureShape)
    query: dict[str, list[str]] = {}
    for key, text in parse_qsl(http.query, keep_blank_values=True):
        query.setdefault(key, []).append(text)
    payload = shape.serialization.get("payload")
    result: dict[str, Any] = {}
    in_body = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        if location == "uri":
            if wire in labels:
                result[name] = _scalar(member, unquote(labels[wire]))
        elif location == "querystring":
            if wire in query:
                result[name] = _query_value(member, query[wire])
        elif location == "header":
            if wire.lower() in http.headers:
                result[name] = _scalar(member, http.headers[wire.lower()])
        elif location == "headers":
            start = wire.lower()
            result[name] = {
                key[len(start) :]: text for key, text in http.headers.items() if key.startswith(start)
            }
        else:
            in_body[name] = member
    if payload:
        member = shape.members[payload]
        if member.type_name in ("blob", "string"):
            result[payload] = body if member.type_name == "blob" else body.decode()
        elif body:
            result[payload] = reader(member)(load_object(body))
    elif in_body:
        read = reader(shape)(load_object(body))
        result.update({name: value for name, value in read.items() if name in in_body})
    return result


def serialize(operation: OperationModel, output: dict[str, Any]) -> HttpResponse:
    """The answer of an operation."""
    status = int(operation.http.get("responseCode", 200))
    shape = operation.output_shape
    if shape is None:
        return HttpResponse(status, [], b"")
    assert isinstance(shape, StructureShape)
    headers: list[tuple[str, str]] = []
    rest: dict[str, Any] = {}
    for name, value in output.items():
        member = shape.members.get(name)
        if member is None or value is None:
            continue
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        if location == "header":
            headers.append((wire.lower(), _text(member, value)))
        elif location == "headers":
            headers.extend((f"{wire}{key}".lower(), str(text)) for key, text in value.items())
        elif location == "statusCode":
            status = int(value)
        else:
            rest[name] = value
    payload = shape.serialization.get("payload")
    if payload:
        value = rest.get(payload, b"")
        member = shape.members[payload]
        if isinstance(value, bytes):
            body = value
        elif isinstance(value, str):
            body = value.encode()
        else:
            body = dump(writer(member)(value))
    else:
        body = dump(writer(shape)(rest))
        headers.append(("content-type", "application/json"))
    return HttpResponse(status, headers, body)


def _query_value(shape: Shape, values: list[str]) -> Any:
    if isinstance(shape, ListShape):
        return [_scalar(shape.member, text) for text in values]
    if isinstance(shape, MapShape):
        return {}
    return _scalar(shape, values[-1])


def _scalar(shape: Shape, text: str) -> Any:
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError:
        raise SerializationException(f"'{text[:200]}' can not be converted to {kind}.") from None
    if kind == "boolean":
        return text.lower() == "true"
    if kind == "timestamp":
        return read_timestamp(text)
    if kind == "list":
        return [part.strip() for part in text.split(",")]
    if kind == "blob":
        return base64.b64decode(text)
    return text


def _text(shape: Shape, value: Any) -> str:
    if shape.type_name == "timestamp":
        return str(write_timestamp(value, shape.serialization.get("timestampFormat", "rfc822")))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
