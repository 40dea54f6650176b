"""Numbers that describe sequences, written as texts such as "1, 2, 3"."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._base import Array, Floats, Transformer, as_table, check_width, to_number

__all__ = ["TSFeatureExtractor", "TSFlattener", "TSFreshFeatureExtractor"]

FEATURES = (
    "length sum mean median standard_deviation variance minimum maximum absolute_maximum root_mean_square "
    "first last slope mean_change mean_abs_change abs_energy autocorrelation_1 autocorrelation_2 autocorrelation_5 "
    "quantile_0.1 quantile_0.25 quantile_0.75 quantile_0.9 skewness kurtosis number_peaks count_above_mean "
    "longest_strike_above_mean first_location_of_maximum first_location_of_minimum"
).split()
"""The features of one sequence, in order; the first ten are tsfresh's minimal set."""


class TSFlattener(Transformer):
    """Reads texts such as "1, 2,, nan" as arrays; what is no finite number becomes NaN.

    Args:
        max_allowed_length: longer sequences are cut,
        trim_beginning: at their beginning; otherwise at their end.
    """

    def __init__(self, max_allowed_length: int = 10000, trim_beginning: bool = True) -> None:
        if max_allowed_length <= 0:
            raise ValueError(f"{max_allowed_length} must be positive.\n")
        self.max_allowed_length = max_allowed_length
        self.trim_beginning = trim_beginning

    def fit(self, X: Any, y: Any = None) -> TSFlattener:
        """Learns nothing."""
        return self

    def transform(self, X: Any, y: Any = None) -> list[Floats]:
        """One array for each row of the only column."""
        table = as_table(X, dtype=object)
        if table.shape[1] != 1:
            raise ValueError("TSFlattener can process a single feature column at a time.")
        return [self._sequence(cell) for cell in table[:, 0]]

    def _sequence(self, cell: Any) -> Floats:
        if not isinstance(cell, str):
            return np.array([np.nan])
        values = np.array([to_number(part) for part in cell.strip(" []()").split(",")], dtype=np.float64)
        values[~np.isfinite(values)] = np.nan
        if len(values) <= self.max_allowed_length:
            return values
        return (
            values[-self.max_allowed_length :] if self.trim_beginning else values[: self.max_allowed_length]
        )


class TSFreshFeatureExtractor(Transformer):
    """Features of each sequence: the first ten of `FEATURES` (`minimal`) or all.

    AWS's own computes them by tsfresh, which makes several hundred; these are a choice of them.

    Args:
        augment: put the sequence itself, filled up to the longest one, in front.
        interpolation_method: how gaps of `augment` are filled: `linear`, `fill`, `zeroes`, `hybrid` or None.
        extraction_type: `minimal`, or `efficient` and `all`, which are the same here.
        extraction_seed, sequence_length_q25, expansion_threshold: taken and not needed: there are few features.
    """

    def __init__(
        self,
        augment: bool = False,
        interpolation_method: str | None = "hybrid",
        extraction_type: str = "efficient",
        extraction_seed: int = 0,
        sequence_length_q25: Any = None,
        expansion_threshold: Any = None,
    ) -> None:
        self.augment = augment
        self.interpolation_method = interpolation_method
        self.extraction_type = extraction_type
        self.extraction_seed = extraction_seed
        self.sequence_length_q25 = sequence_length_q25
        self.expansion_threshold = expansion_threshold

    def fit(self, X: Any, y: Any = None) -> TSFreshFeatureExtractor:
        """Checks the choices; learns the longest sequence."""
        if self.extraction_type not in ("minimal", "efficient", "all"):
            raise ValueError(
                f"{self.extraction_type} is not a supported feature extraction option. Please choose one from the following "
                "options: [minimal, efficient, all]."
            )
        if self.interpolation_method not in ("linear", "fill", "zeroes", "hybrid", None):
            raise ValueError(
                f"{self.interpolation_method} is not a supported interpolation method. Please choose one from the following "
                "options: [linear, fill, zeroes, hybrid]."
            )
        self.longest_ = max((len(values) for values in X), default=0)
        return self

    def transform(self, X: Any, y: Any = None) -> Floats:
        """(sequences, features)."""
        longest = self._fitted("longest_")
        count = 10 if self.extraction_type == "minimal" else len(FEATURES)
        found = np.array([_describe(np.asarray(values, dtype=np.float64))[:count] for values in X])
        found = found.reshape(len(X), count)
        if not self.augment:
            return found
        padded = np.full((len(X), longest), np.nan)
        for row, values in enumerate(X):
            part = np.asarray(values, dtype=np.float64)[:longest]
            padded[row, : len(part)] = part
            padded[row] = _interpolate(padded[row], self.interpolation_method)
        return np.hstack([padded, found])


class TSFeatureExtractor(Transformer):
    """`TSFlattener` and `TSFreshFeatureExtractor` for each column of a table.

    Args:
        sequences_lengths_q25: taken and not needed.
        max_allowed_length, trim_beginning, augment, interpolation_method, extraction_type, extraction_seed: as there.
    """

    def __init__(
        self,
        max_allowed_length: int = 10000,
        trim_beginning: bool = True,
        augment: bool = False,
        interpolation_method: str | None = "hybrid",
        extraction_type: str = "efficient",
        extraction_seed: int = 0,
        sequences_lengths_q25: Any = None,
    ) -> None:
        if max_allowed_length <= 0:
            raise ValueError(f"{max_allowed_length} must be positive.\n")
        self.max_allowed_length = max_allowed_length
        self.trim_beginning = trim_beginning
        self.augment = augment
        self.interpolation_method = interpolation_method
        self.extraction_type = extraction_type
        self.extraction_seed = extraction_seed
        self.sequences_lengths_q25 = sequences_lengths_q25

    def fit(self, X: Any, y: Any = None) -> TSFeatureExtractor:
        """Fits an extractor for each column."""
        table = as_table(X, dtype=object)
        if self.sequences_lengths_q25 is not None and len(self.sequences_lengths_q25) != table.shape[1]:
            raise ValueError(
                f"length of sequences_lengths_q25 should be equal to number of columns in X (={table.shape[1]})."
            )
        self.tsfresh_feature_extractors_ = [
            TSFreshFeatureExtractor(self.augment, self.interpolation_method, self.extraction_type).fit(
                self._sequences(table, at)
            )
            for at in range(table.shape[1])
        ]
        return self

    def transform(self, X: Any, y: Any = None) -> Floats:
        """(rows, features of all columns)."""
        extractors = self._fitted("tsfresh_feature_extractors_")
        table = as_table(X, dtype=object)
        check_width(table, len(extractors))
        return np.hstack([one.transform(self._sequences(table, at)) for at, one in enumerate(extractors)])

    def _sequences(self, table: Array, at: int) -> list[Floats]:
        return TSFlattener(self.max_allowed_length, self.trim_beginning).transform(table[:, at : at + 1])


def _interpolate(values: Floats, method: str | None) -> Floats:
    known = np.flatnonzero(~np.isnan(values))
    if method is None or len(known) == len(values):
        return values
    if not len(known) or method == "zeroes":
        return np.nan_to_num(values)
    places = np.arange(len(values))
    if method == "linear":
        return np.interp(places, known, values[known])
    before = np.searchsorted(known, places, side="right") - 1
    filled = values[known[np.maximum(before, 0)]]
    if method == "hybrid":
        filled[: known[0]] = 0
        filled[known[-1] + 1 :] = 0
    return np.asarray(filled)


def _describe(sequence: Floats) -> list[float]:
    x = sequence[~np.isnan(sequence)]
    if not len(x):
        return [0.0] * len(FEATURES)
    mean, std = float(x.mean()), float(x.std())
    steps = np.diff(x)
    centred = x - mean
    plain = [
        float(len(x)),
        float(x.sum()),
        mean,
        float(np.median(x)),
        std,
        std**2,
        float(x.min()),
        float(x.max()),
        float(np.abs(x).max()),
        math.sqrt(float((x**2).mean())),
    ]
    moves = [
        float(x[0]),
        float(x[-1]),
        _slope(centred),
        float(steps.mean()) if len(steps) else 0.0,
        float(np.abs(steps).mean()) if len(steps) else 0.0,
        float((x**2).sum()),
        *(_autocorrelation(centred, std, lag) for lag in (1, 2, 5)),
    ]
    shape = [
        *(float(value) for value in np.quantile(x, [0.1, 0.25, 0.75, 0.9])),
        float((centred**3).mean() / std**3) if std else 0.0,
        float((centred**4).mean() / std**4 - 3) if std else 0.0,
        float(((x[1:-1] > x[:-2]) & (x[1:-1] > x[2:])).sum()) if len(x) > 2 else 0.0,
        float((centred > 0).sum()),
        float(_longest_run(centred > 0)),
        float(x.argmax() / len(x)),
        float(x.argmin() / len(x)),
    ]
    return plain + moves + shape


def _slope(centred: Floats) -> float:
    places = np.arange(len(centred)) - (len(centred) - 1) / 2
    scale = float((places**2).sum())
    return float((places * centred).sum()) / scale if scale else 0.0


def _autocorrelation(centred: Floats, std: float, lag: int) -> float:
    if len(centred) <= lag or not std:
        return 0.0
    return float((centred[lag:] * centred[:-lag]).mean() / std**2)


def _longest_run(flags: Array) -> int:
    longest = run = 0
    for flag in flags.tolist():
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
