"""Transformers of columns with extreme values, and of constant ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import QuantileTransformer, quantile_transform

from .._base import Array, Floats, Transformer, as_table, check_width

__all__ = [
    "BaseExtremeValueTransformer",
    "LogExtremeValuesTransformer",
    "QuantileExtremeValuesTransformer",
    "RemoveConstantColumnsTransformer",
    "log_transform",
    "quantile_transform_nonrandom",
]


def log_transform(x: Any) -> Floats:
    """log(x + 1) where nothing is negative, else the same mirrored around 0: keeps signs and order."""
    values = np.asarray(x, dtype=np.float64)
    return _logarithm(values, bool(np.all(values >= 0)))


def quantile_transform_nonrandom(x: Any) -> Floats:
    """One column by its ranks, uniform between 0 and 1; (rows, 1)."""
    return np.asarray(
        quantile_transform(np.asarray(x, dtype=np.float64).reshape(-1, 1), random_state=0, copy=True)
    )


def identity(x: Any) -> Any:
    """The value itself."""
    return x


def _logarithm(values: Floats, plain: bool) -> Floats:
    if plain:
        with np.errstate(all="ignore"):
            # A value below those of the training data must not become NaN.
            return np.log1p(np.maximum(values, -1 + 1e-12))
    return np.sign(values) * np.log1p(np.abs(values))


class BaseExtremeValueTransformer(Transformer):
    """Transforms the columns that have extreme values, and leaves the others.

    A column has extreme values when its `quantile` percent quantile (or the mirrored one) lies more than `threshold_std`
    standard deviations from its mean.

    Args:
        quantile: percent, 0 to 100.
        threshold_std: standard deviations.
        transform_function: takes and gives one column.

    Attributes:
        n_input_features_: number of columns.
        quantiles_: (2, columns), the low and the high quantile.
        cols_to_transform_: places of the columns that are transformed.
    """

    def __init__(
        self,
        quantile: float = 98,
        threshold_std: float = 4.0,
        transform_function: Callable[[Any], Any] = identity,
    ) -> None:
        self.quantile = quantile
        self.threshold_std = threshold_std
        self.transform_function = transform_function

    def fit(self, X: Any, y: Any = None) -> BaseExtremeValueTransformer:
        """Finds the columns with extreme values."""
        if not 0 <= self.quantile <= 100:
            raise ValueError(
                f"Parameter `quantile` {self.quantile} is invalid. `quantile` must be an integer between 0 and 100"
            )
        table = _floats(X)
        self.n_input_features_ = table.shape[1]
        self.quantiles_ = np.percentile(table, [100 - self.quantile, self.quantile], axis=0)
        reach = self.threshold_std * table.std(axis=0)
        mean = table.mean(axis=0)
        extreme = (self.quantiles_[0] < mean - reach) | (self.quantiles_[1] > mean + reach)
        self.cols_to_transform_ = np.flatnonzero(extreme).tolist()
        return self

    def transform(self, X: Any, y: Any = None) -> Floats:
        """As many columns as there were."""
        columns = self._fitted("cols_to_transform_")
        table = _floats(X)
        check_width(table, self.n_input_features_)
        out = table.copy()
        for at in columns:
            out[:, at] = np.ravel(self._transform_function(table[:, at], at))
        return np.asarray(out)

    def _transform_function(self, x: Any, idx: int | None = None) -> Any:
        """What happens to column `idx`; subclasses may keep what they learned for it."""
        return self.transform_function(x)


class LogExtremeValuesTransformer(BaseExtremeValueTransformer):
    """Takes the logarithm of columns with extreme values: log(x + 1), mirrored where a column has negative values."""

    def __init__(self, quantile: float = 98, threshold_std: float = 4.0) -> None:
        super().__init__(quantile=quantile, threshold_std=threshold_std)

    def fit(self, X: Any, y: Any = None) -> LogExtremeValuesTransformer:
        """Finds the columns, and which of them are never negative."""
        super().fit(X)
        self.nonnegative_cols_ = np.flatnonzero((_floats(X) >= 0).all(axis=0)).tolist()
        return self

    def _transform_function(self, x: Any, idx: int | None = None) -> Any:
        return _logarithm(np.asarray(x, dtype=np.float64), idx in self.nonnegative_cols_)


class QuantileExtremeValuesTransformer(BaseExtremeValueTransformer):
    """Puts columns with extreme values in place of their ranks in the training data, uniform between 0 and 1."""

    def __init__(self, quantile: float = 98, threshold_std: float = 4.0) -> None:
        super().__init__(quantile=quantile, threshold_std=threshold_std)

    def fit(self, X: Any, y: Any = None) -> QuantileExtremeValuesTransformer:
        """Finds the columns and learns their quantiles."""
        super().fit(X)
        table = _floats(X)
        self.quantile_transformer_ = QuantileTransformer(
            n_quantiles=min(1000, len(table)), random_state=0, copy=True
        ).fit(table)
        return self

    def _transform_function(self, x: Any, idx: int | None = None) -> Any:
        if idx is None:
            return quantile_transform_nonrandom(x)
        reference = self.quantile_transformer_.quantiles_[:, idx]
        points = self.quantile_transformer_.references_
        # The middle of a run of equal quantiles: a frequent value lands at its mid-rank.
        low = np.interp(x, reference, points)
        high = -np.interp(-np.asarray(x), -reference[::-1], -points[::-1])
        return (low + high) / 2


class RemoveConstantColumnsTransformer(Transformer):
    """Drops columns that hold one value only, or none.

    Attributes:
        cols_to_transform_: True for the columns that are dropped.
    """

    def fit(self, X: Any, y: Any = None) -> RemoveConstantColumnsTransformer:
        """Finds them."""
        table = as_table(X, dtype=np.float64)
        self.n_input_features_ = table.shape[1]
        gone = np.isnan(table)
        with np.errstate(invalid="ignore"):
            same = (table == table[:1]).all(axis=0)
        self.cols_to_transform_ = same | gone.all(axis=0)
        return self

    def transform(self, X: Any) -> Array:
        """The other columns."""
        dropped = self._fitted("cols_to_transform_")
        table = as_table(X, dtype=np.float64)
        check_width(table, self.n_input_features_)
        if dropped.all():
            return np.empty((0, self.n_input_features_), dtype=table.dtype)
        return table[:, ~dropped]


def _floats(X: Any) -> Floats:
    table = as_table(X, dtype=np.float64)
    if not np.isfinite(table).all():
        raise ValueError("Input X contains NaN or infinity.")
    return table
