"""Infers what kind of data each column holds, and describes it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.sklearn_automl import cells

Kind = Literal["numeric", "categorical", "text", "datetime", "id", "constant"]

NUMERIC_SHARE = 0.95
"""A column is numeric when at least this share of its values are numbers; the rest then counts as missing."""
TEXT_WORDS = 4.0
"""Mean number of words from which a column of mostly different strings is text."""
_SAMPLE = 200


@dataclass
class Column:
    """One column of the input.

    Attributes:
        kind: how it is used; `id` (different in nearly every row) and `constant` columns are left out.
        missing, unique: counts; unique does not count missing values.
        infinite: cells that are infinite, which are treated as missing.
        date_format: of datetime columns.
        whole: every number is whole.
        numeric_share: share of the values that are numbers.
        statistics: mean, median, min, max, std of the numbers.
        top: the most frequent values with their counts.
        words: mean number of words a value.
    """

    name: str
    kind: Kind
    missing: int
    unique: int
    infinite: int = 0
    date_format: str = ""
    whole: bool = False
    numeric_share: float = 0.0
    statistics: dict[str, float] = field(default_factory=dict)
    top: list[tuple[str, int]] = field(default_factory=list)
    words: float = 0.0

    def document(self) -> dict[str, Any]:
        """The column as a member of analysis.json."""
        found: dict[str, Any] = {
            "Name": self.name,
            "Type": self.kind,
            "Missing": self.missing,
            "Unique": self.unique,
            "Infinite": self.infinite,
            "NumericShare": round(self.numeric_share, 6),
            "Words": round(self.words, 3),
            "Top": [{"Value": value, "Count": count} for value, count in self.top],
        }
        if self.statistics:
            found["Statistics"] = self.statistics
        if self.date_format:
            found["DateFormat"] = self.date_format
        return found


@dataclass
class _Values:
    """Different stripped values of a column with their counts, missing ones apart."""

    values: list[str]
    counts: npt.NDArray[np.int64]
    missing: int


def describe_column(name: str, data: Any, given: str | None = None) -> Column:
    """Infers one column's kind.

    Args:
        data: pyarrow (chunked) string array.
        given: the kind that the user states (`numeric`, `categorical`, `text`, `datetime`), which then holds.
    """
    found = _count(data)
    rows = len(data)
    total = int(found.counts.sum())
    parsed = [float(value) if cells.is_number(value) else None for value in found.values]
    is_number = np.array([number is not None for number in parsed], dtype=bool)
    numbers = np.array([math.nan if number is None else number for number in parsed])
    finite = np.isfinite(numbers)
    infinite = int(found.counts[is_number & ~finite].sum())
    share = float(found.counts[is_number].sum()) / total if total else 0.0
    order = np.argsort(-found.counts, kind="stable")[:10]
    column = Column(
        name,
        "constant",
        found.missing + infinite,
        len(found.values),
        infinite=infinite,
        numeric_share=share,
        top=[(found.values[at][:100], int(found.counts[at])) for at in order],
        whole=bool(finite.any() and (numbers[finite] % 1 == 0).all()),
    )
    if finite.any():
        column.statistics = _statistics(numbers[finite], found.counts[finite])
    column.words = _mean_words(found)
    column.kind = given_kind(given) or _infer(column, found, rows, int(finite.sum()))
    if column.kind == "datetime":
        column.date_format = cells.find_date_format(_sample(found.values)) or ""
        if not column.date_format:
            column.kind = "categorical"
    return column


def given_kind(given: str | None) -> Kind | None:
    """Kind of a FeatureDataTypes entry; None when it leaves the choice."""
    kinds: dict[str, Kind] = {
        "numeric": "numeric",
        "categorical": "categorical",
        "text": "text",
        "datetime": "datetime",
    }
    return kinds.get((given or "").lower())


def _count(data: Any) -> _Values:
    import pyarrow.compute as pc

    counted = pc.value_counts(data)
    merged: dict[str, int] = {}
    missing = 0
    for value, count in zip(
        counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True
    ):
        text = (value or "").strip()
        if text.lower() in cells.MISSING:
            missing += count
        else:
            merged[text] = merged.get(text, 0) + count
    return _Values(list(merged), np.array(list(merged.values()), dtype=np.int64), missing)


def _statistics(values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> dict[str, float]:
    order = np.argsort(values)
    at = int(np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2))
    mean = float(np.average(values, weights=counts))
    return {
        "Mean": mean,
        "Median": float(values[order][at]),
        "Min": float(values.min()),
        "Max": float(values.max()),
        "Std": float(np.sqrt(np.average((values - mean) ** 2, weights=counts))),
    }


def _mean_words(found: _Values) -> float:
    sample = _sample(found.values)
    return sum(len(value.split()) for value in sample) / len(sample) if sample else 0.0


def _sample(values: list[str]) -> list[str]:
    step = max(1, len(values) // _SAMPLE)
    return values[::step][:_SAMPLE]


def _infer(column: Column, found: _Values, rows: int, finite: int) -> Kind:
    total = int(found.counts.sum())
    if column.unique == 0 or (column.unique == 1 and found.missing == 0):
        return "constant"
    if column.numeric_share >= NUMERIC_SHARE:
        if finite < 2 and not found.missing:
            return "constant"
        # Whole numbers that never repeat and leave no gap count the rows.
        span = column.statistics["Max"] - column.statistics["Min"] + 1 if column.statistics else 0
        if column.whole and rows >= 50 and column.unique == total == rows and span == rows:
            return "id"
        return "numeric"
    if column.unique > 1 and cells.find_date_format(_sample(found.values)):
        return "datetime"
    different = column.unique / max(1, total)
    if different > 0.3 and column.words >= TEXT_WORDS:
        return "text"
    if different > 0.9 and total >= 50:
        return "id"
    return "categorical"
