"""The different values of a column with their frequencies, read as numbers where they are some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.sklearn_automl import cells

_PROBE = 2000
_LONGEST_MISSING = 16
_LEAST_SHARE = 0.5


@dataclass
class Distinct:
    """Different stripped values of a column, missing ones apart.

    Attributes:
        values: pyarrow string array; None for plain numbers, whose text is made when it is asked for.
        counts: rows of each value.
        numbers: each value as a number; NaN where it is none, infinite where it is.
        missing: rows without a value.
        spellings: cells that mean a missing value -> rows, without empty cells.
        decimal_comma: the numbers are written with a decimal comma.
    """

    values: Any
    counts: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.float64]
    missing: int
    spellings: dict[str, int]
    decimal_comma: bool = False

    @property
    def rows(self) -> int:
        """Rows that have a value."""
        return int(self.counts.sum())

    def sample(self, size: int) -> list[str]:
        """Some of the values, evenly spaced in the order of their first rows."""
        step = max(1, len(self.counts) // size)
        return self.texts(np.arange(0, len(self.counts), step)[:size])

    def top(self, size: int) -> list[tuple[str, int]]:
        """The most frequent values with their rows."""
        order = np.argsort(-self.counts, kind="stable")[:size]
        return list(zip(self.texts(order), self.counts[order].tolist(), strict=True))

    def texts(self, places: npt.NDArray[np.int64]) -> list[str]:
        """Values as text."""
        if self.values is None:
            return [f"{number:.15g}" for number in self.numbers[places].tolist()]
        found: list[str] = self.values.take(places).to_pylist()
        return found


def count_distinct(data: Any) -> Distinct:
    """Counts a column's values.

    Args:
        data: pyarrow (chunked) string array.
    """
    import pyarrow.compute as pc

    plain = plain_numbers(data)
    if plain is not None:
        return _count_numbers(plain)
    counted = pc.value_counts(pc.utf8_trim_whitespace(data))
    values = counted.field("values")
    counts = counted.field("counts").to_numpy().astype(np.int64)
    short = pc.less_equal(pc.binary_length(values), _LONGEST_MISSING)
    gone = pc.and_(short, pc.is_in(pc.utf8_lower(values), value_set=_missing_set())).to_numpy(
        zero_copy_only=False
    )
    spellings: dict[str, int] = {}
    missing = 0
    if gone.any():
        missing = int(counts[gone].sum())
        named = zip(values.filter(_mask(gone)).to_pylist(), counts[gone].tolist(), strict=True)
        spellings = {value: count for value, count in named if value}
        values, counts = values.filter(_mask(~gone)), counts[~gone]
    numbers, comma = _numbers(values, counts)
    return Distinct(values, counts, numbers, missing, spellings, comma)


def plain_numbers(data: Any) -> npt.NDArray[np.float64] | None:
    """A column as numbers, NaN for empty cells, if it holds plain numbers only; else None."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        numbers = pc.if_else(pc.equal(data, ""), pa.scalar(None, pa.string()), data).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    found = np.asarray(
        numbers.to_numpy(zero_copy_only=False) if isinstance(numbers, pa.Array) else numbers.to_numpy()
    )
    # The word `nan` is a missing value by its spelling, which is counted on the other way.
    return None if int(np.isnan(found).sum()) > numbers.null_count else found


def _count_numbers(numbers: npt.NDArray[np.float64]) -> Distinct:
    known = numbers[~np.isnan(numbers)]
    values, counts = np.unique(known, return_counts=True)
    return Distinct(None, counts.astype(np.int64), values, len(numbers) - len(known), {})


def _missing_set() -> Any:
    import pyarrow as pa

    return pa.array(sorted(cells.MISSING), pa.string())


def _mask(mask: npt.NDArray[np.bool_]) -> Any:
    import pyarrow as pa

    return pa.array(mask)


def _numbers(values: Any, counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], bool]:
    import pyarrow as pa

    if not len(values):
        return np.empty(0), False
    try:
        return values.cast(pa.float64()).to_numpy(zero_copy_only=False), False
    except pa.ArrowInvalid:
        pass
    # Not all are plain numbers. A look at some tells whether reading them one by one is worth while.
    step = max(1, len(values) // _PROBE)
    probe = values.take(np.arange(0, len(values), step)[:_PROBE]).to_pylist()
    comma = cells.uses_decimal_comma(probe)
    if comma and _share(probe, True) <= _share(probe, False):
        comma = False
    if step > 1 and _share(probe, comma) < _LEAST_SHARE:
        return _plain_numbers(values), False
    return np.array([_number(value, comma) for value in values.to_pylist()]), comma


def _share(probe: list[str], comma: bool) -> float:
    return sum(cells.is_number(value, comma) for value in probe) / max(1, len(probe))


def _number(value: str, comma: bool) -> float:
    found = cells.to_number(value, comma)
    if found != found and cells.is_number(value, comma):
        return -np.inf if value.lstrip().startswith("-") else np.inf
    return found


def _plain_numbers(values: Any) -> npt.NDArray[np.float64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.match_substring_regex(values, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    kept = pc.if_else(plain, pc.utf8_ltrim(values, characters="+"), pa.scalar(None, pa.string()))
    return np.asarray(kept.cast(pa.float64()).to_numpy(zero_copy_only=False))
