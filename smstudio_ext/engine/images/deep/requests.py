"""Requests and answers of the deep images: JSON instances, JSON Lines and what the client accepts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.jobfiles import split_content_type

JSON = "application/json"
JSONLINES = "application/jsonlines"
_LINES = frozenset({JSONLINES, "application/jsonl", "application/x-jsonlines", "application/json-lines"})


def kind_of(content_type: str, supported: Sequence[str], default: str = JSON) -> str:
    """The MIME type of a request.

    Raises:
        ClientError: a type that the model does not read (415).
    """
    kind = split_content_type(content_type or default)[0] or default
    kind = JSONLINES if kind in _LINES else kind
    if kind not in supported:
        raise ClientError(f"Content type {kind} is not supported. Supported: {', '.join(supported)}.", 415)
    return kind


def answer_kind(accept: str, supported: Sequence[str], default: str) -> str:
    """The MIME type to answer with.

    Raises:
        ClientError: nothing of what the client accepts is offered (406).
    """
    for item in (accept or "*/*").split(","):
        kind = item.split(";")[0].strip().lower()
        kind = JSONLINES if kind in _LINES else kind
        if kind in supported:
            return kind
        if kind in ("", "*/*", "application/*"):
            return default
    raise ClientError(f"Accept type {accept} is not supported. Supported: {', '.join(supported)}.", 406)


def parse_json(body: bytes) -> Any:
    """The body as JSON.

    Raises:
        ClientError: it is none, or is empty.
    """
    if not body.strip():
        raise ClientError("The request body is empty.")
    try:
        return json.loads(body)
    except ValueError as error:
        raise ClientError(f"The body is not valid JSON: {error}") from error


def parse_lines(body: bytes) -> list[Any]:
    """The body as JSON Lines.

    Raises:
        ClientError: a line is no JSON, or there is none.
    """
    rows = []
    for number, line in enumerate(body.splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            raise ClientError(f"Line {number} is not valid JSON: {error}") from error
    if not rows:
        raise ClientError("The request body is empty.")
    return rows


def instances_of(body: bytes) -> tuple[list[Any], dict[str, Any]]:
    """`instances` and `configuration` of a JSON request.

    Raises:
        ClientError: no list under `instances`.
    """
    loaded = parse_json(body)
    if not isinstance(loaded, dict) or not isinstance(loaded.get("instances"), list):
        raise ClientError('The request must be a JSON object with a list under "instances".')
    if not loaded["instances"]:
        raise ClientError("The request holds no instance.")
    configuration = loaded.get("configuration") or {}
    if not isinstance(configuration, dict):
        raise ClientError('"configuration" must be a JSON object.')
    return loaded["instances"], configuration


def encode(rows: Sequence[Any], kind: str, *, key: str | None = "predictions") -> bytes:
    """Rows as JSON (under `key`, or as a plain list) or as JSON Lines."""
    if kind == JSONLINES:
        return ("\n".join(json.dumps(row) for row in rows) + "\n").encode()
    return json.dumps({key: list(rows)} if key else list(rows)).encode()
