"""Reads request bodies of Amazon's algorithms into feature matrices."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.jobfiles import split_content_type
from smstudio_ext.engine.images.matrices import CSV, RECORDIO, parse_csv_rows, parse_recordio_rows

Features: TypeAlias = Any
"""A dense float32 array or a scipy CSR matrix (scipy ships no types)."""

JSON = "application/json"
JSONLINES = frozenset({"application/jsonlines", "application/x-jsonlines", "application/jsonlines+json"})
ACCEPTED = (CSV, JSON, "application/jsonlines", "application/x-recordio-protobuf")


def parse_features(body: bytes, content_type: str, width: int | None) -> Features:
    """Rows of a request.

    Args:
        content_type: MIME type; CSV when empty.
        width: number of features of the model; sparse rows are widened to it. None accepts any.

    Raises:
        ClientError: another type (415), bytes that cannot be read, or rows of another width.
    """
    kind = split_content_type(content_type or CSV)[0]
    if kind in (CSV, "csv"):
        features = parse_csv(body)
    elif kind in RECORDIO:
        features = parse_recordio_rows(body)
    elif kind == JSON:
        features = _from_instances(json_instances(body), width)
    elif kind in JSONLINES:
        features = _from_instances(json_lines(body), width)
    else:
        raise ClientError(f"Content type {kind} is not supported. Supported: {', '.join(ACCEPTED)}.", 415)
    return check_width(features, width)


def check_width(features: Features, width: int | None) -> Features:
    """Widens sparse rows to the model's width and refuses others.

    Raises:
        ClientError: the rows have another number of features.
    """
    found = int(features.shape[1])
    if width is None or found == width:
        return features
    if sparse.issparse(features) and found < width:
        features.resize(features.shape[0], width)
        return features
    raise ClientError(
        f"Feature size of the request is {found}, but the model was trained with {width} features."
    )


def to_dense(features: Features) -> npt.NDArray[np.float32]:
    """The rows as a dense array.

    Raises:
        ClientError: a value is missing.
    """
    rows: npt.NDArray[np.float32] = features if isinstance(features, np.ndarray) else features.toarray()
    if not np.isfinite(rows).all():
        raise ClientError("A row of the request has an empty, NaN or infinite value.")
    return rows


def parse_csv(body: bytes) -> npt.NDArray[np.float32]:
    """Rows of a CSV body; large clean bodies are read by one scan.

    Raises:
        ClientError: no row, text in a cell, rows of different length.
    """
    text = body.strip(b"\r\n ")
    if len(text) > 2_000 and b"," in text and b",," not in text and b'"' not in text:
        lines = text.split(b"\n")
        commas = {line.count(b",") for line in lines}
        if len(commas) == 1:
            width = commas.pop() + 1
            try:
                values = np.fromstring(b",".join(lines).decode("ascii"), dtype=np.float32, sep=",")
            except (ValueError, UnicodeDecodeError):
                values = np.empty(0, dtype=np.float32)
            if len(values) == width * len(lines):
                return values.reshape(len(lines), width)
    return parse_csv_rows(body)


def json_instances(body: bytes) -> list[Any]:
    """The instances of an `application/json` body: `{"instances": [...]}`, one instance, or a list.

    Raises:
        ClientError: no JSON, or no instance.
    """
    try:
        loaded = json.loads(body)
    except ValueError as error:
        raise ClientError(f"The body is not valid JSON: {error}") from error
    if isinstance(loaded, dict) and "instances" in loaded:
        loaded = loaded["instances"]
    if isinstance(loaded, dict) or (
        isinstance(loaded, list) and loaded and not isinstance(loaded[0], list | dict)
    ):
        loaded = [loaded]
    if not isinstance(loaded, list) or not loaded:
        raise ClientError('The request holds no instance; expected {"instances": [{"features": [...]}]}.')
    return loaded


def json_lines(body: bytes) -> list[Any]:
    """One instance a line.

    Raises:
        ClientError: a line that is no JSON, or no line.
    """
    found = []
    for number, line in enumerate(body.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(json.loads(line))
        except ValueError as error:
            raise ClientError(f"Line {number} is not valid JSON: {error}") from error
    if not found:
        raise ClientError("The request body is empty.")
    return found


def instance_values(instance: Any) -> tuple[list[Any], list[Any] | None, int | None]:
    """Values, keys and width of one JSON instance.

    Known shapes: a list, `{"features": [...]}`, `{"data": {"features": {"values": [...], "keys": [...], "shape": [n]}}}`, and the
    latter without `data`.

    Raises:
        ClientError: any other shape.
    """
    value = instance
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    if isinstance(value, dict) and "features" in value:
        value = value["features"]
    keys = width = None
    if isinstance(value, dict) and "values" in value:
        keys = value.get("keys")
        shape = value.get("shape")
        width = int(np.prod(shape)) if shape else None
        value = value["values"]
    if not isinstance(value, list) or (keys is not None and not isinstance(keys, list)):
        raise ClientError(
            'Each JSON instance must hold its values as {"features": [...]} or {"data": {"features": {"values": [...]}}}.'
        )
    return value, keys, width


def _from_instances(instances: list[Any], width: int | None) -> Features:
    parsed = [instance_values(instance) for instance in instances]
    try:
        if all(keys is None for _, keys, _ in parsed):
            return np.asarray([_floats(values) for values, _, _ in parsed], dtype=np.float32)
        data = np.concatenate([np.asarray(_floats(values), dtype=np.float32) for values, _, _ in parsed])
        indices = np.concatenate(
            [
                np.arange(len(values)) if keys is None else np.asarray(keys, dtype=np.int64)
                for values, keys, _ in parsed
            ]
        )
        indptr = np.concatenate([[0], np.cumsum([len(values) for values, _, _ in parsed])])
        widest = max([width or 0, *(size or 0 for _, _, size in parsed), int(indices.max(initial=-1)) + 1])
        return sparse.csr_matrix((data, indices, indptr), shape=(len(parsed), widest))
    except (ValueError, TypeError) as error:
        raise ClientError(
            'JSON instances must be numeric lists of one length, as in {"instances": [{"features": [1.5, 16.0]}]}.'
        ) from error


def _floats(values: list[Any]) -> list[float]:
    return [np.nan if value is None else float(value) for value in values]
