"""Brings features and targets to zero mean and unit spread, and takes weights back to the data as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Array = npt.NDArray[Any]
Features: TypeAlias = Any
"""A dense float32 array or a scipy CSR matrix (scipy ships no types)."""


@dataclass
class Scaler:
    """What is taken off and divided by.

    Attributes:
        fill: (features,) means, which take the place of missing values.
        shift, scale: (features,); shift is zero where data are not unbiased.
        low, unit: the same of the target.
    """

    fill: Array
    shift: Array
    scale: Array
    low: float
    unit: float

    @classmethod
    def of(cls, sums: Array, labels: Array, values: Mapping[str, Any], *, sparse_data: bool) -> Scaler:
        """Works them out from sums over the sample.

        Args:
            sums: (3, features) counts, sums and sums of squares of the values that are there.
            labels: (3,) the same of the target.
        """
        counts = np.maximum(sums[0], 1)
        mean = sums[1] / counts
        spread = np.sqrt(np.maximum(sums[2] / counts - mean**2, 0))
        # what is constant up to rounding stays as it is
        spread = np.where(spread > 1e-6 * np.maximum(np.abs(mean), 1e-3), spread, 1.0)
        unbias = values["unbias_data"]
        unbias = not sparse_data if unbias is None else unbias and not sparse_data
        scale = np.ones_like(spread) if values["normalize_data"] is False else spread
        shift = mean if unbias and values["normalize_data"] is not False else np.zeros_like(mean)
        low, unit = 0.0, 1.0
        if values["predictor_type"] == "regressor":
            average = labels[1] / max(labels[0], 1)
            if values["unbias_label"] is not False:
                low = float(average)
            if values["normalize_label"] is not False:
                unit = float(np.sqrt(max(labels[2] / max(labels[0], 1) - average**2, 0.0))) or 1.0
        return cls(mean, shift, scale, low, unit)

    def features(self, rows: Features) -> Features:
        """Scaled rows; missing values become the mean."""
        if sparse.issparse(rows):
            return rows @ sparse.diags((1 / self.scale).astype(np.float32), format="csr")
        scaled = (rows - self.shift.astype(np.float32)) / self.scale.astype(np.float32)
        gone = np.isnan(scaled)
        if gone.any():
            scaled[gone] = np.broadcast_to((self.fill - self.shift) / self.scale, scaled.shape)[gone]
        return np.asarray(scaled, dtype=np.float32)

    def labels(self, labels: Array) -> Array:
        """Scaled targets; classes stay as they are."""
        return np.asarray((labels - self.low) / self.unit, dtype=np.float32)

    def unscale(self, weights: Array, bias: Array) -> tuple[Array, Array]:
        """Weights (features, outputs) and biases (outputs,) for data as they come."""
        raw = weights * self.unit / self.scale[:, None]
        return raw, bias * self.unit + self.low - self.shift @ raw


def moments(rows: Features, labels: Array) -> tuple[Array, Array]:
    """Counts, sums and sums of squares of features and target, as `Scaler.of` wants them."""
    target = np.array([len(labels), labels.sum(dtype=np.float64), (labels.astype(np.float64) ** 2).sum()])
    if sparse.issparse(rows):
        found = [
            np.full(rows.shape[1], float(rows.shape[0])),
            np.asarray(rows.sum(axis=0), dtype=np.float64).ravel(),
            np.asarray(rows.multiply(rows).sum(axis=0), dtype=np.float64).ravel(),
        ]
        return np.stack(found), target
    wide = rows.astype(np.float64)
    there = ~np.isnan(wide)
    if not there.all():
        wide = np.where(there, wide, 0)
    return np.stack([there.sum(axis=0, dtype=np.float64), wide.sum(axis=0), (wide**2).sum(axis=0)]), target
