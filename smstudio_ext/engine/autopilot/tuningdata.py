"""Writes what the analysis read: the tuning data of the trials, and a sample of the rows for the reports."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reading import RawTable

SAMPLE_ROWS = 10_000
_SAMPLE_CELLS = 10_000_000
_SMALL_CELLS = 500_000
_BREAK = r"[\r\n]+"

Part = tuple[RawTable, npt.NDArray[np.int64]]


def write_tuning_data(folder: Path, header: Sequence[str], parts: Sequence[Part]) -> int:
    """Writes `header/headers.csv` and `tuning_data/{train,validation}/chunk_0.csv`.

    Args:
        parts: of training and validation: the table and the rows of it.

    Returns:
        How many rows equal an earlier one of either part.
    """
    (folder / "header").mkdir(parents=True, exist_ok=True)
    with (folder / "header/headers.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow(header)
    seen: set[int] = set()
    written = 0
    for name, (table, rows) in zip(("train", "validation"), parts, strict=True):
        path = folder / "tuning_data" / name / "chunk_0.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_rows(path, [column.take(rows) for column in table.columns], len(rows))
        with path.open("rb") as lines:
            seen.update(map(hash, lines))
        written += len(rows)
    return written - len(seen)


def write_sample(
    path: Path, header: Sequence[str], parts: Sequence[Part], classes: Sequence[Any], seed: int
) -> None:
    """Writes a header and up to 10,000 random rows of both parts.

    Args:
        classes: for each part, positions (within its rows) of the rows of each class; empty for regression.
    """
    total = sum(len(rows) for _, rows in parts)
    wanted = max(1, min(SAMPLE_ROWS, _SAMPLE_CELLS // len(header)))
    generator = np.random.default_rng(seed)
    chunks: list[list[list[str]]] = []
    for (table, rows), members in zip(parts, classes, strict=True):
        share = min(1.0, wanted / total)
        chosen = generator.random(len(rows)) < share if share < 1 else np.ones(len(rows), dtype=bool)
        for positions in members:
            # A class that chance left out has its first row in the sample.
            if len(positions) and not chosen[positions].any():
                chosen[positions[0]] = True
        kept = rows[chosen]
        chunks.append([_one_line(column.take(kept)).to_pylist() for column in table.columns])
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for columns in chunks:
            writer.writerows(zip(*columns, strict=True))


def _write_rows(path: Path, columns: Sequence[Any], rows: int) -> None:
    cleaned = [_one_line(column) for column in columns]
    if rows * len(cleaned) <= _SMALL_CELLS:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows(zip(*(column.to_pylist() for column in cleaned), strict=True))
        return
    _write_many(path, cleaned)


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
