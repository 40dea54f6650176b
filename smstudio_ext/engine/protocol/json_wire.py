"""AWS's json 1.0 and 1.1 wire: bodies of JSON both ways."""

from __future__ import annotations

import json
from typing import Any

from botocore.model import OperationModel

from smstudio_ext.engine.protocol.shapes import SerializationException, reader, writer

_dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def parse(operation: OperationModel, body: bytes) -> dict[str, Any]:
    """The input of an operation from its body.

    Raises:
        SerializationException: the body is not JSON, or a value is not of its member's type.
    """
    value = load_object(body)
    shape = operation.input_shape
    if shape is None:
        return {}
    read: dict[str, Any] = reader(shape)(value)
    return read


def load_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; an empty body is an empty object."""
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SerializationException(f"The request body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise SerializationException("The request body is not a JSON object.")
    return value


def serialize(operation: OperationModel, output: dict[str, Any]) -> bytes:
    """The body of an answer."""
    shape = operation.output_shape
    if shape is None:
        return b""
    return _dumps(writer(shape)(output)).encode()


def dump(value: Any) -> bytes:
    """Compact JSON."""
    return _dumps(value).encode()
