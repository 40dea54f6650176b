"""Mean, spread, shape and outliers of numbers, given as different values with their frequencies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FENCE = 1.5


def moments(values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> dict[str, float]:
    """Statistics of a column of numbers.

    Args:
        values: finite numbers, at least one.
        counts: rows of each.

    Returns:
        `Mean`, `Median`, `Min`, `Max`, `Std` (of the population), `Skewness` and excess `Kurtosis` (standardised third and fourth
        moment, 0 for a constant), and `Outliers`: rows outside the quartiles by more than 1.5 times their distance (Tukey's fences).
    """
    ordered, weights = values, counts
    if len(values) > 1 and not (values[1:] >= values[:-1]).all():
        order = np.argsort(values)
        ordered, weights = values[order], counts[order]
    rows = np.cumsum(weights)
    total = int(rows[-1])
    first, middle, third = (float(ordered[np.searchsorted(rows, total * part)]) for part in (0.25, 0.5, 0.75))
    # A few numbers near the limit of floats must not overflow in their powers.
    scale = float(np.abs(ordered).max()) or 1.0
    scaled = ordered / scale
    mean = float((scaled * weights).sum() / total)
    shifted = scaled - mean
    variance = float((shifted**2 * weights).sum() / total)
    std = variance**0.5
    skewness = kurtosis = 0.0
    if std > 1e-12:
        standard = shifted / std
        skewness = float((standard**3 * weights).sum() / total)
        kurtosis = float((standard**4 * weights).sum() / total) - 3
    reach = _FENCE * (third - first)
    outside = (ordered < first - reach) | (ordered > third + reach)
    return {
        "Mean": mean * scale,
        "Median": middle,
        "Min": float(ordered[0]),
        "Max": float(ordered[-1]),
        "Std": std * scale,
        "Skewness": skewness,
        "Kurtosis": kurtosis,
        "Outliers": int(weights[outside].sum()),
    }
