"""Robust statistics of columns, as the report defines them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FAR = 5.0
"""Values further than this many robust standard deviations from the median are outliers."""
_CLIP = 0.05


@dataclass(frozen=True)
class Shape:
    """A column of numbers.

    Attributes:
        outliers: share of values that are outliers.
        suspicious: a value far outside the others that many rows share, such as -999; None without one.
        suspicious_share: share of the values that it is.
    """

    mean: float
    median: float
    low: float
    high: float
    skewness: float
    kurtosis: float
    outliers: float
    suspicious: float | None = None
    suspicious_share: float = 0.0


def shape_of(values: Array) -> Shape | None:
    """The shape of a column; None without any number."""
    present = values[np.isfinite(values)]
    if not len(present):
        return None
    median = float(np.median(present))
    mean, std = float(present.mean()), float(present.std())
    standard = (present - mean) / std if std > 0 else np.zeros(len(present))
    spread = robust_deviation(present)
    away = np.abs(present - median) > FAR * spread if spread > 0 else np.zeros(len(present), dtype=bool)
    suspicious, share = _suspicious(present)
    return Shape(
        mean,
        median,
        float(present.min()),
        float(present.max()),
        float((standard**3).mean()),
        float((standard**4).mean() - 3) if std > 0 else 0.0,
        float(away.mean()),
        suspicious,
        share,
    )


def robust_deviation(values: Array) -> float:
    """Standard deviation of the values between the 5th and the 95th percentile; of all when those are equal."""
    low, high = np.quantile(values, [_CLIP, 1 - _CLIP])
    inner = values[(values >= low) & (values <= high)]
    spread = float(inner.std()) if len(inner) else 0.0
    return spread or float(values.std())


def _suspicious(values: Array) -> tuple[float | None, float]:
    """A frequent value alone at the edge, far from all others: a missing value in disguise."""
    if len(values) < 50:
        return None, 0.0
    for edge in (float(values.min()), float(values.max())):
        share = float((values == edge).mean())
        rest = values[values != edge]
        if not len(rest) or not 0.005 <= share <= 0.9:
            continue
        gap = abs(edge - (float(rest.min()) if edge < rest.min() else float(rest.max())))
        looks_made = edge in (-1, 0, -9) or set(str(abs(int(edge)))) == {"9"}
        if looks_made and gap > max(1.0, 1.5 * float(np.ptp(rest))) and edge == int(edge):
            return edge, share
        if looks_made and edge < 0 <= rest.min() and edge == int(edge):
            return edge, share
    return None, 0.0
