"""Columns whose cells hold sequences of numbers: recognises them and describes each sequence by a few numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FEATURES = (
    *("length", "mean", "std", "min", "quartile_1", "median", "quartile_3", "max"),
    *("first", "last", "slope", "mean_change", "mean_absolute_change", "autocorrelation", "crossings"),
)
"""Names of the features, in the order of the output's columns."""

_SPLIT = re.compile(r"\s*[,;|]\s*|\s+")
_LEAST_LENGTH = 4
_LEAST_SHARE = 0.95
_BRACKETS = "[](){} \t"


def read_sequence(cell: str) -> Array:
    """The numbers of a cell such as `1, 2.5, 3`, `[1 2 3]` or `1;2;;3` (a gap is NaN); empty when it is no sequence."""
    text = cell.strip().strip(_BRACKETS)
    if not text:
        return np.empty(0)
    try:
        return np.array(
            [
                math.nan if part.lower() in ("", "nan", "null", "none") else float(part)
                for part in _SPLIT.split(text)
            ]
        )
    except ValueError:
        return np.empty(0)


def are_sequences(cells: Iterable[str]) -> bool:
    """Whether a sample of a column's values holds sequences: nearly all are, and most have four numbers or more."""
    lengths = [len(read_sequence(cell)) for cell in cells]
    read = [length for length in lengths if length >= 2]
    return bool(read) and len(read) >= _LEAST_SHARE * len(lengths) and median(read) >= _LEAST_LENGTH


def sequence_features(column: Sequence[str]) -> Array:
    """(rows,) cells -> (rows, len(FEATURES)); NaN where a cell holds no sequence, or one too short for a feature."""
    out = np.full((len(column), len(FEATURES)), np.nan)
    for row, cell in enumerate(column):
        numbers = read_sequence(cell)
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers):
            out[row] = _describe(numbers)
    return out


def _describe(numbers: Array) -> list[float]:
    center = float(numbers.mean())
    spread = float(numbers.std())
    low, first, middle, third, high = np.quantile(numbers, (0, 0.25, 0.5, 0.75, 1))
    slope = change = absolute = correlation = math.nan
    crossings = 0.0
    if len(numbers) > 1:
        steps = np.diff(numbers)
        times = np.arange(len(numbers)) - (len(numbers) - 1) / 2
        slope = float((times * (numbers - center)).sum() / (times**2).sum())
        change, absolute = float(steps.mean()), float(np.abs(steps).mean())
        shifted = numbers - center
        if spread > 0:
            correlation = float((shifted[1:] * shifted[:-1]).mean() / spread**2)
        crossings = float((np.diff(np.sign(shifted)) != 0).sum())
    ends = [float(numbers[0]), float(numbers[-1])]
    order = [
        float(len(numbers)),
        center,
        spread,
        float(low),
        float(first),
        float(middle),
        float(third),
        float(high),
    ]
    return [*order, *ends, slope, change, absolute, correlation, crossings]
