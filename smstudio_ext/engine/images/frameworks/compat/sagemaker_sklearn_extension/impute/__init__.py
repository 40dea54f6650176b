"""Imputation of what is no finite number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer

from .._base import Array, Transformer, as_numbers, as_table, to_number

__all__ = ["RobustImputer", "RobustMissingIndicator", "is_finite_numeric"]

Mask = Callable[[Any], Any]


def is_finite_numeric(arr: Any) -> Array:
    """Whether each cell is a finite number, or a text that is one.

    Args:
        arr: array of any shape.

    Returns:
        Booleans of that shape.
    """
    cells = np.asarray(arr)
    if cells.ndim == 0:
        return np.asarray(np.isfinite(to_number(cells.item())))
    return ~np.isnan(as_numbers(cells))


class RobustImputer(Transformer):
    """Fills cells that are missing, where everything but a finite number is missing.

    Args:
        dtype: of the result; None gives floats.
        strategy: `median`, `mean`, `most_frequent` or `constant`.
        fill_values: for `constant`: one value, or one for each column; None means 0, or "missing_value" for texts.
        mask_function: takes the cells, returns True where a cell stays; `is_finite_numeric` by default.

    Attributes:
        statistics_: fill value of each column. Columns that have none (no value was seen) are dropped.
    """

    def __init__(
        self,
        dtype: Any = None,
        strategy: str = "median",
        fill_values: Any = None,
        mask_function: Mask | None = None,
    ) -> None:
        self.dtype = dtype
        self.strategy = strategy
        self.fill_values = fill_values
        self.mask_function = mask_function

    def fit(self, X: Any, y: Any = None) -> RobustImputer:
        """Learns the fill values."""
        table = self._masked(X)
        listed = self.strategy == "constant" and isinstance(self.fill_values, (list, tuple, np.ndarray))
        if listed and len(self.fill_values) != table.shape[1]:
            raise ValueError(
                f"'fill_values' should have length equal to number of features in X {table.shape[1]}, "
                f"got {len(self.fill_values)}"
            )
        self.vectorized_mask_function_ = self.mask_function or is_finite_numeric
        if self.strategy == "constant":
            default: Any = 0 if table.dtype.kind == "f" else "missing_value"
            fill = default if self.fill_values is None else self.fill_values
            values = list(fill) if listed else [fill] * table.shape[1]
            self.statistics_ = np.array(values, dtype=object if table.dtype == object else None)
            self.simple_imputer_ = None
        else:
            self.simple_imputer_ = SimpleImputer(strategy=self.strategy).fit(table)
            self.statistics_ = self.simple_imputer_.statistics_
        return self

    def transform(self, X: Any) -> Array:
        """The table with the gaps filled."""
        statistics = self._fitted("statistics_")
        table = self._masked(X)
        if table.shape[1] != len(statistics):
            raise ValueError(
                f"'transform' input X has {table.shape[1]} features per sample, expected {len(statistics)} from 'fit' input"
            )
        gone = np.isnan(table) if table.dtype.kind == "f" else _is_nan(table)
        filled = np.where(gone, statistics, table)
        if self.strategy != "constant":
            kept = ~_is_nan(np.asarray(statistics, dtype=object)[None, :])[0]
            if not kept.all():
                filled = filled[:, kept]
        return filled.astype(self.dtype)

    def _masked(self, X: Any) -> Array:
        """Numbers with NaN for gaps; objects when the mask is the user's own or texts shall stay."""
        table = as_table(X)
        if self.mask_function is None:
            return as_numbers(table)
        cells = table.astype(object)
        stays = np.asarray(self.mask_function(cells)).astype(bool)
        cells[~stays] = np.nan
        if self.strategy in ("mean", "median"):
            return cells.astype(np.float64)
        return cells


class RobustMissingIndicator(Transformer):
    """Says where cells are missing; see `RobustImputer` for what counts as missing.

    Args:
        features: `all` columns, or `missing-only`: those that had gaps when it was fitted.
        error_on_new: refuse gaps in columns that had none (`missing-only`).
        mask_function: True where a cell is there.
    """

    def __init__(
        self, features: str = "all", error_on_new: bool = True, mask_function: Mask | None = None
    ) -> None:
        self.features = features
        self.error_on_new = error_on_new
        self.mask_function = mask_function

    def fit(self, X: Any, y: Any = None) -> RobustMissingIndicator:
        """Learns which columns have gaps."""
        self.vectorized_mask_function_ = self.mask_function or is_finite_numeric
        self.missing_indicator_ = MissingIndicator(features=self.features, error_on_new=self.error_on_new)
        self.missing_indicator_.fit(self._gaps(X))
        return self

    def transform(self, X: Any) -> Array:
        """Booleans, one column for each feature that is watched."""
        indicator = self._fitted("missing_indicator_")
        return np.asarray(indicator.transform(self._gaps(X)))

    def _gaps(self, X: Any) -> Array:
        table = as_table(X, dtype=object) if self.mask_function is not None else as_table(X)
        mask = self.mask_function or is_finite_numeric
        return np.where(np.asarray(mask(table)).astype(bool), 0.0, np.nan)


def _is_nan(cells: Array) -> Array:
    return np.asarray(cells != cells, dtype=bool)
