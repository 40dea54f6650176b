"""Infers what kind of data each column holds, and describes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from smstudio_ext.engine.autopilot.distinct import Distinct, count_distinct
from smstudio_ext.engine.autopilot.moments import moments
from smstudio_ext.engine.images.sklearn_automl import cells
from smstudio_ext.engine.images.sklearn_automl.sequences import are_sequences

Kind = Literal["numeric", "categorical", "text", "datetime", "sequence", "id", "constant"]

NUMERIC_SHARE = 0.95
"""A column is numeric when at least this share of its values are numbers; the rest then counts as missing."""
TEXT_WORDS = 4.0
"""Mean number of words from which a column of mostly different strings is text."""
_SAMPLE = 200
_WORD_VALUES = 5000
_LEAST_ROWS = 50
_ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "key", "index", "rowid", "rownum"})
_NAME_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass
class Column:
    """One column of the input.

    Attributes:
        kind: how it is used; `id` (different in nearly every row) and `constant` columns are left out.
        reason: why it is of this kind, in a sentence.
        missing, unique: counts; unique does not count missing values.
        spellings: cells that mean a missing value, other than empty ones -> rows.
        infinite: cells that are infinite, which are treated as missing.
        date_format: of datetime columns.
        decimal_comma: numbers are written `1.234,5`.
        whole: every number is whole.
        numeric_share: share of the values that are numbers.
        statistics: of the numbers (`moments.moments`).
        top: the most frequent values with their counts.
        words: mean number of words a value.
        unique_words: different words of the values, of a sample in long columns.
    """

    name: str
    kind: Kind
    missing: int
    unique: int
    reason: str = ""
    spellings: dict[str, int] = field(default_factory=dict)
    infinite: int = 0
    date_format: str = ""
    decimal_comma: bool = False
    whole: bool = False
    numeric_share: float = 0.0
    statistics: dict[str, float] = field(default_factory=dict)
    top: list[tuple[str, int]] = field(default_factory=list)
    words: float = 0.0
    unique_words: int = 0

    def document(self, used: bool, brief: bool = False) -> dict[str, Any]:
        """The column as a member of analysis.json; a brief one is for tables of very many columns."""
        if brief and not used:
            return {
                "Name": self.name,
                "Type": self.kind,
                "Used": False,
                "Missing": self.missing,
                "Unique": self.unique,
            }
        found: dict[str, Any] = {
            "Name": self.name,
            "Type": self.kind,
            "Reason": self.reason,
            "Used": used,
            "Missing": self.missing,
            "MissingSpellings": self.spellings,
            "Unique": self.unique,
            "Infinite": self.infinite,
            "NumericShare": round(self.numeric_share, 6),
            "Words": round(self.words, 3),
            "UniqueWords": self.unique_words,
            "Top": [{"Value": value, "Count": count} for value, count in self.top],
        }
        if self.statistics:
            found["Statistics"] = self.statistics
        if self.date_format:
            found["DateFormat"] = self.date_format
        if self.decimal_comma:
            found["DecimalComma"] = True
        return found


def describe_column(name: str, data: Any, given: str | None = None) -> Column:
    """Infers one column's kind.

    Args:
        data: pyarrow (chunked) string array.
        given: the kind that the user states (`numeric`, `categorical`, `text`, `datetime`, `sequence`), which then holds unless no
            value is of it.
    """
    found = count_distinct(data)
    total = found.rows
    finite = np.isfinite(found.numbers)
    infinite = int(found.counts[np.isinf(found.numbers)].sum())
    column = Column(
        name,
        "constant",
        found.missing + infinite,
        len(found.counts),
        spellings=found.spellings,
        infinite=infinite,
        decimal_comma=found.decimal_comma,
        numeric_share=float(found.counts[~np.isnan(found.numbers)].sum()) / total if total else 0.0,
        top=[(value[:100], count) for value, count in found.top(10)],
    )
    if finite.any():
        numbers = found.numbers[finite]
        column.whole = bool((numbers % 1 == 0).all())
        column.statistics = moments(numbers, found.counts[finite])
    sample = found.sample(_SAMPLE)
    if column.numeric_share < 1:
        column.words = sum(len(value.split()) for value in sample) / len(sample) if sample else 0.0
    column.kind, column.reason = _infer(column, found, len(data), int(finite.sum()), sample)
    stated = given_kind(given)
    if stated is not None and stated != column.kind:
        _restate(column, stated, sample)
    if column.kind != "numeric":
        column.decimal_comma = False
    if column.words >= 2:
        column.unique_words = len(
            {word for value in found.sample(_WORD_VALUES) for word in value.lower().split()}
        )
    return column


def given_kind(given: str | None) -> Kind | None:
    """Kind of a FeatureDataTypes entry; None when it leaves the choice."""
    kinds: dict[str, Kind] = {
        "numeric": "numeric",
        "categorical": "categorical",
        "text": "text",
        "datetime": "datetime",
        "sequence": "sequence",
    }
    return kinds.get((given or "").lower())


def _restate(column: Column, stated: Kind, sample: Sequence[str]) -> None:
    """Gives a column the kind that the user states, if any value is of it."""
    if stated == "numeric" and not column.statistics:
        column.reason += f" It was given as {stated}, but none of its values is a number."
        return
    if stated == "datetime":
        column.date_format = cells.find_date_format(sample, least=0.5) or ""
        if not column.date_format:
            column.reason += f" It was given as {stated}, but its values are dates in no known format."
            return
    elif stated == "sequence" and not are_sequences(sample):
        column.reason += f" It was given as {stated}, but its values are no lists of numbers."
        return
    if stated != "datetime":
        column.date_format = ""
    column.kind, column.reason = stated, "Given in the feature specification."


def _infer(
    column: Column, found: Distinct, rows: int, finite: int, sample: Sequence[str]
) -> tuple[Kind, str]:
    total = found.rows
    if column.unique == 0:
        return "constant", "All values are missing."
    if column.unique == 1 and not found.missing:
        return "constant", "Every row has the same value."
    if column.numeric_share >= NUMERIC_SHARE:
        return _infer_number(column, found, rows, finite, sample)
    if column.unique > 1:
        column.date_format = cells.find_date_format(sample) or ""
        if column.date_format:
            forms = column.date_format.count("|") + 1
            return (
                "datetime",
                f"The values are dates in {'one format' if forms == 1 else f'{forms} formats'}.",
            )
        if are_sequences(sample):
            return "sequence", "The values are lists of numbers."
    different = column.unique / max(1, total)
    if different > 0.3 and column.words >= TEXT_WORDS:
        return "text", f"The values are mostly different and have {column.words:.1f} words on average."
    if different > 0.9 and total >= _LEAST_ROWS:
        return "id", f"{column.unique:,} of {total:,} values are different, as in an identifier."
    return (
        "categorical",
        f"There are {column.unique:,} different values, of which {column.numeric_share:.0%} are numbers.",
    )


def _infer_number(
    column: Column, found: Distinct, rows: int, finite: int, sample: Sequence[str]
) -> tuple[Kind, str]:
    if finite < 2 and not found.missing:
        return "constant", "There is one finite number only."
    low, high = column.statistics.get("Min", 0.0), column.statistics.get("Max", 0.0)
    if column.whole and low >= 19000101 and high <= 20991231 and column.unique > 1:
        column.date_format = cells.find_date_format(sample) or ""
        if column.date_format:
            return "datetime", "The values are dates written as eight digits."
    if column.whole and rows >= _LEAST_ROWS and column.unique == found.rows == rows:
        # Whole numbers that never repeat and leave no gap count the rows.
        if high - low + 1 == rows:
            return "id", "The values number the rows."
        words = [word.lower() for word in _NAME_WORD.findall(column.name)]
        if words and (words[-1] in _ID_WORDS or words[0] in _ID_WORDS):
            return "id", "The values are whole numbers that never repeat, and the name is an identifier's."
    share = f"{column.numeric_share:.1%} of" if column.numeric_share < 1 else "All"
    return "numeric", f"{share} the values are numbers."
