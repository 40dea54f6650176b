"""Reads Parquet files into columns of text, so that the rest of Autopilot sees what a CSV file would hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError

MAGIC = b"PAR1"
_BATCH_CELLS = 4_000_000
_TEXT_CELL = 12


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(4) == MAGIC


def extent(path: Path, name: str) -> tuple[int, int]:
    """About as many bytes as the file would have as CSV, and its cells."""
    meta = _file(path, name).metadata
    stored = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
    cells = int(meta.num_rows * meta.num_columns)
    return int(max(stored, cells * _TEXT_CELL)), cells


def read_header(path: Path, name: str) -> list[str]:
    """The column names.

    Raises:
        AlgorithmError: it is no Parquet file, or a column holds what no table cell can.
    """
    schema = _file(path, name).schema_arrow
    for field in schema:
        if not _is_offered(field.type):
            raise AlgorithmError(
                f"File '{name}': column '{field.name}' has the Parquet type {field.type}, which Autopilot cannot use. Offered are numbers, "
                "strings, booleans, dates, times, and lists of numbers."
            )
    return list(schema.names)


def read_blocks(path: Path, name: str, columns: Sequence[str]) -> Iterator[Any]:
    """The rows in tables of text columns named `0`, `1`, ..., in the order of `columns`.

    Raises:
        AlgorithmError: the file is damaged.
    """
    import pyarrow as pa

    rows = max(1, min(65_536, _BATCH_CELLS // max(1, len(columns))))
    try:
        for batch in _file(path, name).iter_batches(batch_size=rows):
            yield pa.table(
                [_as_text(batch.column(batch.schema.get_field_index(column))) for column in columns],
                names=[str(at) for at in range(len(columns))],
            )
    except (pa.ArrowException, OSError) as error:
        raise AlgorithmError(f"File '{name}' cannot be read as Parquet: {error}") from error


def _file(path: Path, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise AlgorithmError(f"File '{name}' cannot be read as Parquet: {error}") from error


def _is_offered(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_offered(kind.value_type)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = kind.value_type
        return bool(types.is_integer(inner) or types.is_floating(inner))
    nested = types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind)
    return not (nested or types.is_fixed_size_binary(kind))


def _as_text(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if types.is_nested(kind):
        rows = (
            "" if row is None else ",".join("" if one is None else repr(one) for one in row)
            for row in column.to_pylist()
        )
        return pa.array(rows, pa.string())
    if types.is_timestamp(kind):
        column = _whole_seconds(column)
    elif types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    elif types.is_duration(kind):
        column = column.cast(pa.int64())
    return pc.fill_null(column.cast(pa.string()), "")


def _whole_seconds(column: Any) -> Any:
    # Text of as few digits as the values need, since `strptime` reads no nanoseconds.
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.type.tz is None:
        days = column.cast(pa.date32(), safe=False)
        if pc.all(pc.equal(days.cast(column.type), column)).as_py():
            return days
    seconds = column.cast(pa.timestamp("s", column.type.tz), safe=False)
    if pc.all(pc.equal(seconds.cast(column.type), column)).as_py():
        return seconds
    return column.cast(pa.timestamp("us", column.type.tz), safe=False)
