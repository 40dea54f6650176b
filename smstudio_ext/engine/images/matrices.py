"""Reads training channels and request bodies into numeric matrices."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.formats import recordio
from smstudio_ext.formats.csv_files import guess_delimiter, read_csv
from smstudio_ext.formats.libsvm import read_libsvm
from smstudio_ext.formats.parquet_files import read_parquet
from smstudio_ext.formats.tables import Features, FormatError, Table, stack_tables

__all__ = [
    "CSV",
    "LIBSVM",
    "PARQUET",
    "RECORDIO",
    "Features",
    "Table",
    "content_kind",
    "parse_csv_rows",
    "parse_json_rows",
    "parse_libsvm_rows",
    "parse_recordio_rows",
    "read_channel",
    "stack",
]

CSV = "text/csv"
LIBSVM = frozenset({"text/libsvm", "text/x-libsvm"})
PARQUET = frozenset({"application/x-parquet", "x-application/vnd.amazon+parquet"})
RECORDIO = frozenset(
    {"application/x-recordio-protobuf", "application/vnd.amazon.sagemaker.recordio-protobuf"}
)
LARGE_BODY = 64 * 1024
"""CSV bodies from this many bytes on are parsed as files are; below, starting the parser costs more than it saves."""
TRAINING_TYPES = (CSV, *sorted(LIBSVM), *sorted(PARQUET), *sorted(RECORDIO))


def stack(tables: list[Table]) -> Table:
    """Puts tables of one schema under each other; sparse ones of different width are widened.

    Raises:
        AlgorithmError: dense tables of different width.
    """
    try:
        return stack_tables(tables)
    except FormatError as error:
        raise AlgorithmError(str(error)) from error


def read_channel(channel: Channel, *, weights: bool = False) -> Table:
    """Reads every file of a training channel; the label comes first, or is the records' label.

    Args:
        weights: the second CSV column holds sample weights (`csv_weights`).

    Raises:
        AlgorithmError: unknown content type, a header line, text in the data, rows of different length, no data.
    """
    kind = content_kind(channel)
    files = [path for path in channel.files() if path.stat().st_size > 0]
    if not files:
        raise AlgorithmError(f"Channel '{channel.name}': all files are empty.")
    readers: dict[str, Callable[[Path], Table]] = {
        CSV: lambda path: read_csv(path, weights=weights),
        "text/libsvm": read_libsvm,
        "application/x-parquet": read_parquet,
        "application/x-recordio-protobuf": _read_recordio,
    }
    reader = readers[kind]
    try:
        table = stack_tables([reader(path) for path in files])
    except FormatError as error:
        raise AlgorithmError(f"Channel '{channel.name}': {error}") from error
    if np.isnan(table.labels).any():
        row = int(np.flatnonzero(np.isnan(table.labels))[0]) + 1
        raise AlgorithmError(
            f"Channel '{channel.name}': row {row} has no label (the first column must hold the target)."
        )
    return table


def content_kind(channel: Channel) -> str:
    """The format of a channel's files: one of CSV, `text/libsvm`, `application/x-parquet`, `application/x-recordio-protobuf`.

    Raises:
        AlgorithmError: a content type that is not accepted, or CSV with another `label_size` than 1.
    """
    kind = _ALIASES.get(channel.content_type, channel.content_type) or _sniff(channel)
    if kind == CSV:
        if channel.parameters.get("label_size", "1") != "1":
            raise AlgorithmError(
                f"Channel '{channel.name}': text/csv;label_size={channel.parameters['label_size']} is not an accepted csv "
                "ContentType. Optional parameter label_size must be equal to 1"
            )
        return CSV
    for known in (LIBSVM, PARQUET, RECORDIO):
        if kind in known:
            return _CANONICAL[known]
    raise AlgorithmError(
        f"'{kind}' is not an accepted ContentType of channel '{channel.name}': {', '.join(TRAINING_TYPES)}."
    )


_ALIASES = {
    "csv": CSV,
    "libsvm": "text/libsvm",
    "parquet": "application/x-parquet",
    "recordio-protobuf": "application/x-recordio-protobuf",
}
_CANONICAL = {
    LIBSVM: "text/libsvm",
    PARQUET: "application/x-parquet",
    RECORDIO: "application/x-recordio-protobuf",
}


def _sniff(channel: Channel) -> str:
    # Without ContentType AWS's XGBoost reads libsvm and fails on CSV; the first line tells which it is.
    with channel.files()[0].open("rb") as stream:
        words = stream.readline(65_536).split()
    return "text/libsvm" if len(words) > 1 and b":" in words[1] else CSV


def _read_recordio(path: Path) -> Table:
    data = path.read_bytes()
    try:
        records = recordio.read(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except recordio.RecordIOError as error:
        raise FormatError(f"RecordIO file '{path.name}': {error}", file=path.name) from error
    if records.labels is None:
        raise FormatError(f"RecordIO file '{path.name}': the records have no label.", file=path.name)
    return Table(records.features, records.labels)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def parse_csv_rows(body: bytes) -> npt.NDArray[np.float32]:
    """Rows of a CSV request body without label; empty cells are NaN. One row takes microseconds, not a data frame.

    Raises:
        ClientError: no row, text in a cell, rows of different length.
    """
    if len(body) > LARGE_BODY and (table := _parse_large(body)) is not None:
        return table
    try:
        lines = body.decode("utf-8-sig").strip("\r\n").split("\n")
    except UnicodeDecodeError as error:
        raise ClientError(f"The CSV body is not UTF-8: {error.reason} at byte {error.start}.") from error
    if lines == [""]:
        raise ClientError("The request body is empty.")
    mark = "," if "," in lines[0] else guess_delimiter(lines[0])
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append([float(cell) if cell else np.nan for cell in line.rstrip("\r").split(mark)])
        except ValueError:
            rows.append(_slow_cells(line, number, mark))
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise ClientError(f"Row {number} has {len(row)} columns, row 1 has {width}.")
    return np.asarray(rows, dtype=np.float32)


def _parse_large(body: bytes) -> npt.NDArray[np.float32] | None:
    """Rows of a body that is worth a data frame; None when it needs a closer look."""
    try:
        return read_csv(body, label_size=0).features  # type: ignore[no-any-return]
    except (FormatError, OSError, EOFError):
        return None


def _slow_cells(line: str, number: int, mark: str) -> list[float]:
    cells = []
    for column, text in enumerate(line.split(mark), 1):
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
