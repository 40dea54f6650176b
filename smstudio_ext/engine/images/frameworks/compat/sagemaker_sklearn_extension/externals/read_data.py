"""Reads CSV into arrays of text cells."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import psutil

from .._base import Array

# A cell is a Python text (about 56 bytes) and a reference to it.
_CELL_BYTES = 64


def read_csv_data(
    source: str | bytes,
    batch_size: int = 1000,
    fit_memory_percent: float = 20.0,
    target_column_index: int | None = None,
    output_dtype: str = "O",
    max_rows: int | None = None,
) -> Any:
    """Reads CSV rows without a header.

    Args:
        source: a file, a folder (all its files in the order of their names), the name of a Pipe mode channel, or the
            content itself as bytes.
        batch_size: rows read at a time.
        fit_memory_percent: stop when the cells take so much of the machine's memory; the rows read are then the first.
        target_column_index: give this column apart.
        output_dtype: `O` for Python texts, `U` for numpy's texts.
        max_rows: stop after so many rows (an addition of this implementation).

    Returns:
        (rows, columns), or with `target_column_index` the pair of (rows, features) and (rows,).

    Raises:
        ValueError: a row has another number of columns than the first, or the bytes are no UTF-8.
    """
    limit = int(psutil.virtual_memory().total * fit_memory_percent / 100)
    rows: list[list[str]] = []
    width = 0
    cells = 0
    for name, number, row in _rows(source):
        if not rows:
            width = len(row)
        elif len(row) != width:
            raise ValueError(f"{name}row {number}: {len(row)} columns where {width} are expected.")
        rows.append(row)
        cells += width
        if len(rows) == max_rows:
            break
        if not len(rows) % batch_size and cells * _CELL_BYTES >= limit:
            break
    if target_column_index is None:
        return _table(rows, width, output_dtype)
    target = np.array([row.pop(target_column_index) for row in rows], dtype=output_dtype)
    return _table(rows, max(0, width - 1), output_dtype), target


def _table(rows: list[list[str]], width: int, output_dtype: str) -> Array:
    if not rows or width == 0:
        return np.empty((len(rows), width), dtype=output_dtype)
    return np.array(rows, dtype=output_dtype)


def _rows(source: str | bytes) -> Iterator[tuple[str, int, list[str]]]:
    """The rows with the name of their file and their number in it; empty lines are none."""
    for name, stream in _streams(source):
        try:
            with stream:
                for number, row in enumerate(csv.reader(stream), 1):
                    if row:
                        yield name, number, row
        except UnicodeDecodeError as error:
            raise ValueError(f"{name}not UTF-8: {error.reason} at byte {error.start}.") from error
        except csv.Error as error:
            raise ValueError(f"{name}no valid CSV: {error}.") from error


def _streams(source: str | bytes) -> Iterator[tuple[str, TextIO]]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield "", io.TextIOWrapper(io.BytesIO(source), encoding="utf-8-sig", newline="")
        return
    path = Path(source)
    if path.is_dir():
        for found in sorted(path.rglob("*")):
            if found.is_file() and not found.name.startswith("."):
                yield f"{found.name}, ", _open(found)
    elif path.exists():
        yield f"{path.name}, ", _open(path)
    else:
        base = os.environ.get("SMSTUDIO_OPT_ML") or os.environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml"
        pipe = Path(base) / "input" / "data" / f"{source}_0"
        if not pipe.exists():
            raise ValueError(f"'{source}' is no file, no folder and no channel of this job.")
        yield f"{source}, ", _open(pipe)


def _open(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")
