"""Parquet as SageMaker's algorithms read it: the target in the first column, every column numeric."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.formats.tables import FormatError, Table


def read_parquet(source: str | Path | bytes, *, label_size: int = 1, name: str = "") -> Table:
    """Reads one parquet file.

    Args:
        source: path, or the bytes themselves.
        label_size: 1 = the first column is the target, 0 = there is none.
        name: what errors call the data; the file's name by default.

    Raises:
        FormatError: no parquet file, columns that are no numbers, or no feature column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = name or (Path(source).name if not isinstance(source, bytes) else "the data")
    try:
        with pq.ParquetFile(io.BytesIO(source) if isinstance(source, bytes) else str(source)) as file:
            values = _values(file, name)
    except (pa.ArrowException, OSError) as error:
        words = str(error).strip().splitlines()
        raise FormatError(
            f"Parquet file '{name}' cannot be read: {words[0] if words else 'no parquet file'}", file=name
        ) from error
    if values.shape[1] <= label_size:
        raise FormatError(
            f"Parquet file '{name}' has {values.shape[1]} column(s): no feature is left.", file=name
        )
    labels = values[:, 0].copy() if label_size else np.empty(0, dtype=np.float32)
    return Table(np.ascontiguousarray(values[:, label_size:]), labels)


def _values(file: Any, name: str) -> npt.NDArray[np.float32]:
    import pyarrow as pa

    kinds = file.schema_arrow
    for field in kinds:
        if not (
            pa.types.is_integer(field.type)
            or pa.types.is_floating(field.type)
            or pa.types.is_boolean(field.type)
            or pa.types.is_decimal(field.type)
            or pa.types.is_null(field.type)
        ):
            raise FormatError(
                f"Parquet file '{name}': column '{field.name}' is of type {field.type}; only numbers are accepted.",
                file=name,
            )
    values = np.empty((file.metadata.num_rows, len(kinds)), dtype=np.float32)
    start = 0
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        for number in range(len(kinds)):
            column = table.column(number)
            if pa.types.is_decimal(column.type):
                column = column.cast(pa.float64())
            values[start : start + table.num_rows, number] = column.to_numpy()
        start += table.num_rows
    return values
