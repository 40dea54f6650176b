"""Fitted encoders of one kind of column each; plain numpy, so that one row costs microseconds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.sklearn_automl import cells

Array = npt.NDArray[np.float64]


@dataclass
class Categories:
    """Codes of one categorical column; code 0 stands for rare and unseen values, 1 for missing ones."""

    codes: dict[str, int]
    shares: Array

    @classmethod
    def fit(cls, column: Sequence[str], min_count: int, limit: int) -> Categories:
        """Gives codes from 2 on to the categories, the most frequent first."""
        counts = Counter(cell.strip() for cell in column)
        missing = sum(count for cell, count in counts.items() if cells.is_missing(cell))
        kept = [
            (cell, count)
            for cell, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            if count >= min_count and not cells.is_missing(cell)
        ][:limit]
        total = max(1, len(column))
        rare = total - missing - sum(count for _, count in kept)
        shares = np.array([rare, missing, *(count for _, count in kept)], dtype=float) / total
        return cls({cell: code for code, (cell, _) in enumerate(kept, 2)}, shares)

    def encode(self, column: Sequence[str]) -> npt.NDArray[np.int64]:
        """Codes of a column's cells."""
        codes = self.codes
        found = []
        for cell in column:
            code = codes.get(cell)
            if code is None:
                code = codes.get(cell.strip(), 1 if cells.is_missing(cell) else 0)
            found.append(code)
        return np.array(found, dtype=np.int64)

    @property
    def size(self) -> int:
        """Number of codes."""
        return len(self.shares)

    def levels(self) -> list[int]:
        """Codes that get a one-hot column: of two equal halves (yes/no) one says it all."""
        used = [code for code in range(self.size) if code >= 2 or self.shares[code] > 0]
        return used[1:] if len(used) == 2 else used


@dataclass
class Numbers:
    """Imputation and taming of numeric columns.

    Attributes:
        medians: fill values; None leaves NaN.
        flagged: columns that get a missing-value indicator.
        logs: columns whose signed logarithm is used.
        quantiles: (points, columns) reference quantiles for rank shaping, or None.
    """

    medians: Array | None
    flagged: npt.NDArray[np.int64]
    logs: npt.NDArray[np.int64]
    quantiles: Array | None

    @classmethod
    def fit(cls, values: Array, *, impute: bool, indicators: bool, extremes: str) -> Numbers:
        """Learns from (rows, columns) with NaN for missing."""
        gone = np.isnan(values)
        with np.errstate(all="ignore"):
            medians = np.array(
                [
                    np.median(column[~empty]) if not empty.all() else 0.0
                    for column, empty in zip(values.T, gone.T, strict=True)
                ]
            )
        filled = np.where(gone, medians, values)
        logs = np.empty(0, dtype=np.int64)
        quantiles = None
        if extremes == "log" and values.shape[1]:
            spread = filled.std(axis=0)
            spread[spread == 0] = 1
            skew = (((filled - filled.mean(axis=0)) / spread) ** 3).mean(axis=0)
            logs = np.flatnonzero(np.abs(skew) > 2)
        elif extremes == "quantile" and values.shape[1]:
            quantiles = np.quantile(filled, np.linspace(0, 1, 101), axis=0)
        flagged = np.flatnonzero(gone.any(axis=0)) if indicators else np.empty(0, dtype=np.int64)
        return cls(medians if impute else None, flagged, logs, quantiles)

    def transform(self, values: Array) -> Array:
        """(rows, columns) -> (rows, columns + indicators)."""
        gone = np.isnan(values)
        out = np.where(gone, self.medians, values) if self.medians is not None else values.copy()
        if len(self.logs):
            part = out[:, self.logs]
            out[:, self.logs] = np.sign(part) * np.log1p(np.abs(part))
        if self.quantiles is not None:
            for column in range(out.shape[1]):
                out[:, column] = normal_rank(out[:, column], self.quantiles[:, column])
        if len(self.flagged):
            return np.hstack([out, gone[:, self.flagged].astype(float)])
        return out


def normal_rank(values: Array, reference: Array) -> Array:
    # The middle of a run of equal quantiles, so that a frequent value (0, say) lands at its mid-rank.
    points = np.linspace(0, 1, len(reference))
    low = np.interp(values, reference, points)
    high = 1 - np.interp(-values, -reference[::-1], points)
    rank = np.clip((low + high) / 2, 0.005, 0.995)
    # Logit instead of probit: as good a shape, and no special functions in the serving path.
    return np.asarray(np.log(rank / (1 - rank)))


def family_features(members: Array) -> Array:
    """(rows, members) -> sum, smallest, largest and spread of the values that are present."""
    gone = np.isnan(members)
    if not gone.any():
        low, high = members.min(axis=1), members.max(axis=1)
        total = members.sum(axis=1)
        return np.column_stack([total, low, high, high - low])
    total = np.where(gone, 0, members).sum(axis=1)
    low = np.where(gone, np.inf, members).min(axis=1)
    high = np.where(gone, -np.inf, members).max(axis=1)
    out = np.column_stack([total, low, high, high - low])
    out[gone.all(axis=1)] = np.nan
    return out


def pair_features(values: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    """Sum, difference, product and ratio of pairs of columns."""
    left = values[:, [a for a, _ in pairs]]
    right = values[:, [b for _, b in pairs]]
    with np.errstate(all="ignore"):
        ratio = left / right
        ratio[~np.isfinite(ratio)] = np.nan
    return np.hstack([left + right, left - right, left * right, ratio])


def useful_pairs(values: Array, labels: Array, count: int, classification: bool) -> list[tuple[int, int]]:
    """Pairs among the `count` columns that a small boosted model leans on most (training rows only)."""
    import xgboost as xgb

    rows = min(len(values), 20_000)
    chosen = np.random.default_rng(0).permutation(len(values))[:rows]
    classes = int(labels.max()) + 1 if classification else 0
    parameters: dict[str, Any] = {"max_depth": 4, "eta": 0.2, "nthread": 1, "verbosity": 0}
    if classes > 2:
        parameters |= {"objective": "multi:softprob", "num_class": classes}
    elif classification:
        parameters["objective"] = "binary:logistic"
    booster = xgb.train(
        parameters, xgb.DMatrix(values[chosen], label=labels[chosen]), 40 if classes <= 2 else 8
    )
    gains: dict[str, Any] = booster.get_score(importance_type="total_gain")
    ranked = sorted(gains, key=lambda name: -float(gains[name]))[:count]
    top = sorted(int(name[1:]) for name in ranked)
    return [(a, b) for at, a in enumerate(top) for b in top[at + 1 :]]


def date_features(column: Sequence[str], date_format: str) -> Array:
    """Days since 1970, year, and month, weekday and hour as points on a circle; NaN where there is no date."""
    with_time = "%H" in date_format or "%I" in date_format
    width = 6 + (2 if with_time else 0)
    out = np.full((len(column), width), np.nan)
    for row, moment in enumerate(cells.dates(column, date_format)):
        if moment is not None:
            out[row] = _date_parts(moment, with_time)
    return out


def _date_parts(moment: datetime, with_time: bool) -> list[float]:
    month = 2 * math.pi * (moment.month - 1) / 12
    weekday = 2 * math.pi * moment.weekday() / 7
    hours = moment.hour + moment.minute / 60
    parts = [
        moment.toordinal() - 719163 + hours / 24,
        float(moment.year),
        math.sin(month),
        math.cos(month),
        math.sin(weekday),
        math.cos(weekday),
    ]
    if with_time:
        angle = 2 * math.pi * hours / 24
        parts += [math.sin(angle), math.cos(angle)]
    return parts


@dataclass
class Words:
    """tf-idf weights of one text column.

    Attributes:
        vocabulary: term -> output column.
        weights: inverse document frequencies.
    """

    vocabulary: dict[str, int]
    weights: Array

    @classmethod
    def fit(cls, column: Sequence[str], limit: int) -> Words:
        """Keeps the terms of most documents, without those that nearly all documents have."""
        documents = [set(_words(cell)) for cell in column]
        counts = Counter(term for document in documents for term in document)
        total = max(1, len(documents))
        kept = [
            term
            for term, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            if 2 <= count <= 0.95 * total
        ][:limit]
        weights = np.array([math.log((1 + total) / (1 + counts[term])) + 1 for term in kept])
        return cls({term: at for at, term in enumerate(kept)}, weights)

    def transform(self, column: Sequence[str]) -> Array:
        """(rows,) text -> (rows, terms), rows of length one."""
        out = np.zeros((len(column), len(self.weights)))
        for row, cell in enumerate(column):
            for term in _words(cell):
                at = self.vocabulary.get(term)
                if at is not None:
                    out[row, at] += 1
        out *= self.weights
        length = np.sqrt((out**2).sum(axis=1, keepdims=True))
        return out / np.where(length > 0, length, 1)


def _words(cell: str) -> list[str]:
    return [
        word for word in "".join(c if c.isalnum() else " " for c in cell.lower()).split() if len(word) > 1
    ]
