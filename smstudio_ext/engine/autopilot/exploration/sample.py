"""A sample of the prepared data, read as what the analysis found each column to be."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reports.task import read_rows
from smstudio_ext.engine.images.sklearn_automl import cells
from smstudio_ext.engine.images.sklearn_automl.labels import LabelEncoder

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

MOST_ROWS = 10_000
MOST_CELLS = 2_000_000


@dataclass
class Sample:
    """Rows of training and validation data.

    Attributes:
        names: all columns in file order.
        columns: text cells by column name.
        target: class codes or values, NaN where a row has none.
        kinds: what the analysis found each column to be (`numeric`, `categorical`, ...).
        classes: names of the classes in the order of their codes; empty for regression.
        whole: the sample is all of the data.
    """

    names: list[str]
    columns: dict[str, npt.NDArray[np.object_]]
    target: Array
    kinds: dict[str, str]
    classes: list[str]
    whole: bool
    _commas: frozenset[str] = frozenset()
    _numbers: dict[str, Array] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.target)

    def numbers(self, name: str) -> Array:
        """A column's cells as numbers, NaN where there is none; dates as days."""
        if name not in self._numbers:
            self._numbers[name] = self._read(name)
        return self._numbers[name]

    def codes(self, name: str) -> tuple[Codes, int]:
        """Codes of a column's different cells, and how many there are; missing cells are one of them."""
        stripped = [str(cell).strip() for cell in self.columns[name]]
        plain = np.array(["" if cells.is_missing(cell) else cell for cell in stripped], dtype=object)
        _, found = np.unique(plain.astype(str), return_inverse=True)
        return found.astype(np.int64), int(found.max()) + 1 if len(found) else 0

    def _read(self, name: str) -> Array:
        column = self.columns[name].tolist()
        if self.kinds.get(name) == "datetime":
            form = cells.find_date_format([cell for cell in column if not cells.is_missing(cell)][:200])
            read = cells.dates(column, form) if form else []
            if read:
                return np.array([np.nan if day is None else day.timestamp() / 86400 for day in read])
        return cells.numbers(column, name in self._commas)


def read_sample(preprocessed: Path, analysis: dict[str, Any]) -> Sample:
    """Reads at most `MOST_ROWS` rows, fewer of wide tables.

    Args:
        preprocessed: folder with `header/headers.csv` and `tuning_data/{train,validation}/chunk_*.csv`.
        analysis: content of `analysis.json`.
    """
    with (preprocessed / "header/headers.csv").open(encoding="utf-8", newline="") as stream:
        names = next(csv.reader(stream), [])
    limit = max(200, min(MOST_ROWS, MOST_CELLS // max(1, len(names))))
    share = analysis["TrainRows"] / max(1, analysis["TrainRows"] + analysis["ValidationRows"])
    tuning = preprocessed / "tuning_data"
    rows = read_rows(tuning / "train", max(1, round(limit * share)))
    rows += read_rows(tuning / "validation", max(1, limit - len(rows)))
    columns = {
        name: np.array(column, dtype=object)
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    commas = frozenset(one["Name"] for one in analysis["Columns"] if one.get("DecimalComma"))
    classes = list(analysis["Classes"])
    target = _target(columns[analysis["Target"]].tolist(), classes, analysis["Target"] in commas)
    kinds = {one["Name"]: one["Type"] for one in analysis["Columns"]}
    whole = len(rows) >= analysis["TrainRows"] + analysis["ValidationRows"] and not analysis.get("Sampled")
    return Sample(names, columns, target, kinds, classes, whole, commas)


def _target(column: Sequence[str], classes: list[str], comma: bool) -> Array:
    return LabelEncoder(classes).encode(column) if classes else cells.numbers(column, comma)
