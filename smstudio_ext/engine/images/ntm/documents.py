"""Reads word counts: channels of training jobs and bodies of requests, as sparse rows."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.jobfiles import Channel, split_content_type
from smstudio_ext.engine.images.matrices import (
    CSV,
    RECORDIO,
    parse_csv_rows,
    parse_recordio_rows,
)
from smstudio_ext.formats import recordio

Counts: TypeAlias = Any
"""A scipy CSR matrix (documents, words) of float32 (scipy ships no types)."""

JSON = "application/json"
JSONLINES = "application/jsonlines"
SUPPORTED = (CSV, JSON, JSONLINES, "application/x-recordio-protobuf")


def read_counts(channel: Channel, width: int) -> Counts:
    """Every document of a channel.

    Args:
        width: `feature_dim`; sparse records may name fewer words.

    Raises:
        AlgorithmError: unknown content type, text in the data, negative counts, a wrong width, no document.
    """
    kind = channel.content_type or "application/x-recordio-protobuf"
    if kind not in RECORDIO and kind not in (CSV, "csv"):
        raise AlgorithmError(
            f"'{kind}' is not an accepted ContentType of channel '{channel.name}': text/csv, application/x-recordio-protobuf."
        )
    parts = [
        _read_csv(path) if kind in (CSV, "csv") else _read_records(path)
        for path in channel.files()
        if path.stat().st_size > 0
    ]
    if not parts:
        raise AlgorithmError(f"Channel '{channel.name}': all files are empty.")
    return sparse.vstack([_fit_width(part, width, channel.name) for part in parts], format="csr")


def _fit_width(part: Counts, width: int, channel: str) -> Counts:
    if part.shape[1] > width or (part.shape[1] < width and not part.has_keys):
        raise AlgorithmError(
            f"Channel '{channel}': the documents have {part.shape[1]} words but feature_dim is {width}."
        )
    part.resize(part.shape[0], width)
    if part.nnz and (not np.isfinite(part.data).all() or part.data.min() < 0):
        raise AlgorithmError(f"Channel '{channel}': word counts must be finite and not negative.")
    return part


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    try:
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError) as error:
        raise AlgorithmError(f"File '{path.name}' is no whole gzip file: {error}") from error


def _read_csv(path: Path) -> Counts:
    import pandas as pd

    try:
        frame = pd.read_csv(io.BytesIO(_unpacked(path)), header=None, dtype=np.float32)
    except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise AlgorithmError(
            f"CSV file '{path.name}' cannot be read as word counts (no header line is allowed): {reason}"
        ) from error
    found = sparse.csr_matrix(frame.fillna(0.0).to_numpy(dtype=np.float32))
    found.has_keys = False
    return found


def _read_records(path: Path) -> Counts:
    try:
        features = recordio.read(_unpacked(path)).features
    except recordio.RecordIOError as error:
        raise AlgorithmError(f"RecordIO file '{path.name}': {error}") from error
    found = sparse.csr_matrix(features, dtype=np.float32)
    found.has_keys = sparse.issparse(features)
    return found


def read_vocabulary(channel: Channel, width: int) -> list[str]:
    """The words of `vocab.txt` of the auxiliary channel, in the order of their ids.

    Raises:
        AlgorithmError: there is no such file, it is not UTF-8, or has another number of words than `feature_dim`.
    """
    paths = [path for path in channel.files() if path.name == "vocab.txt"]
    if not paths:
        raise AlgorithmError(f"Channel '{channel.name}' must hold the vocabulary as vocab.txt.")
    try:
        words = paths[0].read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise AlgorithmError("vocab.txt is not UTF-8.") from error
    if len(words) != width:
        raise AlgorithmError(f"vocab.txt has {len(words)} words but feature_dim is {width}.")
    return words


def parse_request(body: bytes, content_type: str) -> Any:
    """Documents of a request, dense or CSR.

    Raises:
        ClientError: an unknown content type, or a body that is none of it.
    """
    kind = split_content_type(content_type or CSV)[0]
    if kind == CSV:
        return np.nan_to_num(parse_csv_rows(body))
    if kind in RECORDIO:
        return parse_recordio_rows(body)
    if kind == JSON:
        loaded = _json(body)
        instances = loaded.get("instances") if isinstance(loaded, dict) else loaded
        if not isinstance(instances, list) or not instances:
            raise ClientError('The request must be a JSON object with a list under "instances".')
    elif kind == JSONLINES:
        instances = [_json(line) for line in body.splitlines() if line.strip()]
        if not instances:
            raise ClientError("The request body is empty.")
    else:
        raise ClientError(f"Content type {kind} is not supported. Supported: {', '.join(SUPPORTED)}.", 415)
    return _stack([_row(instance) for instance in instances])


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ClientError(f"The body is not valid JSON: {error}") from error


def _row(instance: Any) -> Counts:
    """One instance: a list, {"features": [...]}, or {"data": {"features": {"values", "keys", "shape"}}}."""
    value = instance.get("data", instance) if isinstance(instance, dict) else instance
    value = value.get("features", value) if isinstance(value, dict) else value
    try:
        if isinstance(value, dict) and value.get("keys"):
            keys = np.asarray(value["keys"], dtype=np.int64)
            shape = value.get("shape") or [int(keys.max()) + 1]
            cells = (
                np.asarray(value["values"], dtype=np.float32),
                (np.zeros(len(keys), dtype=np.int64), keys),
            )
            return sparse.csr_matrix(cells, shape=(1, int(shape[-1])))
        values = value["values"] if isinstance(value, dict) else value
        return sparse.csr_matrix(np.asarray([values], dtype=np.float32))
    except (KeyError, ValueError, TypeError) as error:
        raise ClientError(
            'JSON instances must be lists of word counts, as in {"instances": [{"features": [1, 0, 2]}]}, or sparse, as in '
            '{"instances": [{"data": {"features": {"keys": [0, 2], "shape": [3], "values": [1, 2]}}}]}.'
        ) from error


def _stack(rows: list[Counts]) -> Counts:
    width = max(row.shape[1] for row in rows)
    for row in rows:
        row.resize(1, width)
    return sparse.vstack(rows, format="csr")
