"""Writes what the analysis read as the tuning data of the trials."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reading import RawTable

_SMALL_CELLS = 500_000
_WIDE = 5_000
_BREAK = r"[\r\n]+"

Part = tuple[RawTable, npt.NDArray[np.int64]]


def write_tuning_data(
    folder: Path, header: Sequence[str], parts: Sequence[Part], kept: Collection[str | None] | None = None
) -> int:
    """Writes `header/headers.csv` and `tuning_data/{train,validation}/chunk_0.csv`.

    Args:
        parts: of training and validation: the table and the rows of it.
        kept: columns whose cells are written, the others are left empty; None means all.

    Returns:
        How many rows equal an earlier one of either part.
    """
    (folder / "header").mkdir(parents=True, exist_ok=True)
    with (folder / "header/headers.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow(header)
    seen: set[int] = set()
    written = 0
    for part, (table, rows) in zip(("train", "validation"), parts, strict=True):
        path = folder / "tuning_data" / part / "chunk_0.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = [
            column.take(rows) if kept is None or name in kept else None
            for name, column in zip(header, table.columns, strict=True)
        ]
        _write_rows(path, columns, len(rows))
        with path.open("rb") as lines:
            seen.update(map(hash, lines))
        written += len(rows)
    return written - len(seen)


def _write_rows(path: Path, columns: Sequence[Any], rows: int) -> None:
    cleaned = [None if column is None else _one_line(column) for column in columns]
    if rows * len(cleaned) > _SMALL_CELLS and len(cleaned) < _WIDE:
        _write_many(path, cleaned)
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        texts = [repeat("", rows) if column is None else column.to_pylist() for column in cleaned]
        writer.writerows(zip(*texts, strict=True))


def _write_many(path: Path, columns: Sequence[Any]) -> None:
    import polars as pl
    import pyarrow as pa
    import pyarrow.compute as pc

    # Polars writes quotes for an empty text, but none for a missing one.
    frame = {
        str(at): pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
        for at, column in enumerate(columns)
    }
    pl.from_arrow(pa.table(frame)).write_csv(path, include_header=False, quote_style="necessary")  # type: ignore[union-attr]


def _one_line(column: Any) -> Any:
    # Transform jobs split the data by line, so a line break within a cell would tear a row apart.
    import pyarrow.compute as pc

    if pc.any(pc.match_substring_regex(column, _BREAK)).as_py():
        return pc.replace_substring_regex(column, _BREAK, " ")
    return column
