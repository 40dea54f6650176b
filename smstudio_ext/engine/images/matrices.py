"""Reads training channels and request bodies into numeric matrices."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.formats import recordio

Features: TypeAlias = Any
"""A dense float32 array or a scipy CSR matrix (scipy ships no types)."""

CSV = "text/csv"
LIBSVM = frozenset({"text/libsvm", "text/x-libsvm"})
PARQUET = frozenset({"application/x-parquet", "x-application/vnd.amazon+parquet"})
RECORDIO = frozenset(
    {"application/x-recordio-protobuf", "application/vnd.amazon.sagemaker.recordio-protobuf"}
)
TRAINING_TYPES = (CSV, *sorted(LIBSVM), *sorted(PARQUET), *sorted(RECORDIO))


@dataclass
class Table:
    """Labelled rows.

    Attributes:
        features: (rows, columns) dense or CSR.
        labels: (rows,).
        weights: (rows,) or None.
    """

    features: Features
    labels: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32] | None = None

    def take(self, rows: npt.NDArray[np.int64]) -> Table:
        """The rows of the given indices."""
        return Table(
            self.features[rows], self.labels[rows], None if self.weights is None else self.weights[rows]
        )


def stack(tables: list[Table]) -> Table:
    """Puts tables of one schema under each other; sparse ones of different width are widened."""
    if len(tables) == 1:
        return tables[0]
    weights = None
    if all(table.weights is not None for table in tables):
        weights = np.concatenate([table.weights for table in tables if table.weights is not None])
    widths = {table.features.shape[1] for table in tables}
    if any(sparse.issparse(table.features) for table in tables):
        parts = [sparse.csr_matrix(table.features) for table in tables]
        for part in parts:
            part.resize(part.shape[0], max(widths))
        features: Any = sparse.vstack(parts, format="csr")
    elif len(widths) > 1:
        raise AlgorithmError(
            f"Files of one job have different numbers of columns: {sorted(width + 1 for width in widths)}."
        )
    else:
        features = np.concatenate([table.features for table in tables])
    return Table(features, np.concatenate([table.labels for table in tables]), weights)


def read_channel(channel: Channel, *, weights: bool = False) -> Table:
    """Reads every file of a training channel; the label comes first, or is the records' label.

    Args:
        weights: the second CSV column holds sample weights (`csv_weights`).

    Raises:
        AlgorithmError: unknown content type, a header line, text in the data, rows of different length, no data.
    """
    kind = _ALIASES.get(channel.content_type, channel.content_type) or _sniff(channel)
    reader: Callable[[Path], Table]
    if kind == CSV:
        if channel.parameters.get("label_size", "1") != "1":
            raise AlgorithmError(f"Channel '{channel.name}': this algorithm needs label_size=1 in text/csv.")
        reader = lambda path: _read_csv(path, weights)  # noqa: E731
    elif kind in LIBSVM:
        reader = _read_libsvm
    elif kind in PARQUET:
        reader = _read_parquet
    elif kind in RECORDIO:
        reader = _read_recordio
    else:
        raise AlgorithmError(
            f"'{kind}' is not an accepted ContentType of channel '{channel.name}': {', '.join(TRAINING_TYPES)}."
        )
    files = [path for path in channel.files() if path.stat().st_size > 0]
    if not files:
        raise AlgorithmError(f"Channel '{channel.name}': all files are empty.")
    table = stack([reader(path) for path in files])
    if np.isnan(table.labels).any():
        row = int(np.flatnonzero(np.isnan(table.labels))[0]) + 1
        raise AlgorithmError(
            f"Channel '{channel.name}': row {row} has no label (the first column must hold the target)."
        )
    return table


_ALIASES = {"csv": CSV, "libsvm": "text/libsvm", "parquet": "application/x-parquet"}


def _sniff(channel: Channel) -> str:
    # Without ContentType AWS's XGBoost reads libsvm and fails on CSV; the first line tells which it is.
    with channel.files()[0].open("rb") as stream:
        words = stream.readline(65_536).split()
    return "text/libsvm" if len(words) > 1 and b":" in words[1] else CSV


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def _read_csv(path: Path, weights: bool) -> Table:
    import pandas as pd

    data = _bytes(path)
    _refuse_header(data, path)
    try:
        frame = pd.read_csv(io.BytesIO(data), header=None, dtype=np.float32, skip_blank_lines=True)
    except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise AlgorithmError(
            f"CSV file '{path.name}' cannot be read as numbers: {_first_line(error)}"
        ) from error
    values = frame.to_numpy()
    first = 2 if weights else 1
    if values.shape[1] <= first:
        raise AlgorithmError(
            f"CSV file '{path.name}' has {values.shape[1]} column(s): no feature is left beside the label"
            f"{' and the weight' if weights else ''}."
        )
    return Table(np.ascontiguousarray(values[:, first:]), values[:, 0], values[:, 1] if weights else None)


def _refuse_header(data: bytes, path: Path) -> None:
    line = data[: data.find(b"\n")] if b"\n" in data else data
    text = line.decode("utf-8", errors="replace").strip("\ufeff\r\n ")
    for value in text.split(","):
        cell = value.strip().strip('"')
        try:
            float(cell or "nan")
        except ValueError:
            raise AlgorithmError(
                f"Non-numeric value '{cell[:40]}' found in the header line '{text[:80]}...' of CSV file '{path.name}'. "
                "CSV format require no header line in it. If header line is already removed, XGBoost does not accept "
                "non-numeric value in the data."
            ) from None


def _read_libsvm(path: Path) -> Table:
    from sklearn.datasets import load_svmlight_file

    try:
        features, labels = load_svmlight_file(io.BytesIO(_bytes(path)), dtype=np.float32, zero_based=True)
    except ValueError as error:
        raise AlgorithmError(f"libsvm file '{path.name}' cannot be read: {_first_line(error)}") from error
    return Table(features.tocsr(), labels.astype(np.float32))


def _read_parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        values = pq.read_table(path).to_pandas().to_numpy(dtype=np.float32)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise AlgorithmError(
            f"Parquet file '{path.name}' cannot be read as numbers: {_first_line(error)}"
        ) from error
    return Table(np.ascontiguousarray(values[:, 1:]), values[:, 0])


def _read_recordio(path: Path) -> Table:
    try:
        records = recordio.read(_bytes(path))
    except recordio.RecordIOError as error:
        raise AlgorithmError(f"RecordIO file '{path.name}': {error}") from error
    if records.labels is None:
        raise AlgorithmError(f"RecordIO file '{path.name}': the records have no label.")
    return Table(records.features, records.labels)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def parse_csv_rows(body: bytes) -> npt.NDArray[np.float32]:
    """Rows of a CSV request body without label; empty cells are NaN. One row takes microseconds, not a data frame.

    Raises:
        ClientError: no row, text in a cell, rows of different length.
    """
    try:
        lines = body.decode("utf-8-sig").strip("\r\n").split("\n")
    except UnicodeDecodeError as error:
        raise ClientError(f"The CSV body is not UTF-8: {error.reason} at byte {error.start}.") from error
    if lines == [""]:
        raise ClientError("The request body is empty.")
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append([float(cell) if cell else np.nan for cell in line.rstrip("\r").split(",")])
        except ValueError:
            rows.append(_slow_cells(line, number))
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise ClientError(f"Row {number} has {len(row)} columns, row 1 has {width}.")
    return np.asarray(rows, dtype=np.float32)


def _slow_cells(line: str, number: int) -> list[float]:
    cells = []
    for column, text in enumerate(line.split(","), 1):
        cell = text.strip().strip('"').strip()
        try:
            cells.append(float(cell) if cell else np.nan)
        except ValueError as error:
            raise ClientError(f"Row {number}, column {column}: '{cell[:40]}' is not a number.") from error
    return cells


def parse_libsvm_rows(body: bytes) -> sparse.csr_matrix:
    """Rows of a libsvm request body; a leading label is allowed and ignored."""
    data: list[float] = []
    indices: list[int] = []
    indptr = [0]
    for number, line in enumerate(body.decode("utf-8", errors="replace").strip().splitlines(), 1):
        for token in line.split():
            index, colon, value = token.partition(":")
            if not colon:
                continue
            try:
                indices.append(int(index))
                data.append(float(value))
            except ValueError as error:
                raise ClientError(f"Row {number}: '{token[:40]}' is no libsvm pair index:value.") from error
        indptr.append(len(indices))
    if len(indptr) == 1:
        raise ClientError("The request body is empty.")
    return sparse.csr_matrix(
        (np.asarray(data, dtype=np.float32), indices, indptr),
        shape=(len(indptr) - 1, max(indices, default=0) + 1),
    )


def parse_recordio_rows(body: bytes) -> Features:
    """Rows of a RecordIO-protobuf request body; labels are ignored."""
    try:
        return recordio.read(body).features
    except recordio.RecordIOError as error:
        raise ClientError(str(error)) from error


def parse_json_rows(body: bytes, *, lines: bool) -> npt.NDArray[np.float32]:
    """Rows of an `application/json` or `application/jsonlines` body.

    Known shapes: `{"instances": [{"features": [..]} | {"data": {"features": {"values": [..]}}} | [..]]}`, one such instance, or a
    list of lists.
    """
    import json

    try:
        if lines:
            instances = [json.loads(line) for line in body.splitlines() if line.strip()]
        else:
            loaded = json.loads(body)
            instances = loaded["instances"] if isinstance(loaded, dict) and "instances" in loaded else loaded
            if isinstance(instances, dict) or (instances and not isinstance(instances[0], list | dict)):
                instances = [instances]
    except (ValueError, KeyError, TypeError) as error:
        raise ClientError(f"The body is not valid JSON: {_first_line(error)}") from error
    if not instances:
        raise ClientError("The request holds no instance.")
    try:
        return np.asarray([_instance(instance) for instance in instances], dtype=np.float32)
    except (ValueError, TypeError, KeyError) as error:
        raise ClientError(
            'JSON instances must be numeric lists of one length, as in {"instances": [{"features": [1.5, 16.0]}]}.'
        ) from error


def _instance(value: Any) -> list[float]:
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    if isinstance(value, dict):
        value = value["features"]
    if isinstance(value, dict):
        value = value["values"]
    return [np.nan if cell is None else float(cell) for cell in value]
