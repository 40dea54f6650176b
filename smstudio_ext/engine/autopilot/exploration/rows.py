"""Looks at rows as wholes: duplicates and anomalies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.exploration.sample import Sample

Array = npt.NDArray[np.float64]

ANOMALY_COLUMNS = 300
_TREES = 60


@dataclass(frozen=True)
class Duplicates:
    """Rows that occur more than once.

    Attributes:
        extra: rows that repeat an earlier one.
        examples: (first row's number, how often it occurs), the most frequent first.
    """

    extra: int
    examples: list[tuple[int, int]]


def find_duplicates(sample: Sample) -> Duplicates:
    """Equal rows of the sample, the target among their cells."""
    rows = list(zip(*(sample.columns[name] for name in sample.names), strict=True))
    counts = Counter(rows)
    extra = len(rows) - len(counts)
    if not extra:
        return Duplicates(0, [])
    first: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows):
        first.setdefault(row, number)
    return Duplicates(extra, [(first[row], count) for row, count in counts.most_common(10) if count > 1])


def anomaly_scores(sample: Sample, names: list[str], seed: int = 0) -> Array:
    """Isolation Forest's score of each row: from 0 to 1, about 0.5 for ordinary rows (Liu et al. 2008).

    Args:
        names: the columns to look at: numbers as they are, categories as how rare they are.
    """
    from sklearn.ensemble import IsolationForest

    parts = []
    for name in names[:ANOMALY_COLUMNS]:
        if sample.kinds.get(name) in ("numeric", "datetime"):
            values = sample.numbers(name)
            middle = np.nanmedian(values) if np.isfinite(values).any() else 0.0
            parts.append(np.where(np.isnan(values), middle, values))
        elif sample.kinds.get(name) == "categorical":
            codes, count = sample.codes(name)
            parts.append((np.bincount(codes, minlength=count) / len(codes))[codes])
    if not parts or sample.rows < 20:
        return np.zeros(sample.rows)
    table = np.column_stack(parts)
    forest = IsolationForest(n_estimators=_TREES, random_state=seed).fit(table)
    return np.asarray(-forest.score_samples(table), dtype=float)
