"""Products of columns, and standardisation."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state

from .._base import Floats, Transformer, as_table, check_width

__all__ = ["QuadraticFeatures", "RobustStandardScaler"]


class QuadraticFeatures(Transformer):
    """Adds squares and products of two columns, as many as fit into `max_n_features`; squares come first.

    Args:
        include_bias: a column of ones in front.
        interaction_only: no squares.
        max_n_features: most columns of the result; must exceed the number of columns (and the bias).
        order: memory layout of the result, `C` or `F`.
        random_state: chooses among those that do not all fit.

    Attributes:
        combinations_: pairs of places, in the order of the columns that they make.
        n_input_features_, n_output_features_: numbers of columns.
    """

    def __init__(
        self,
        include_bias: bool = False,
        interaction_only: bool = False,
        max_n_features: int = 1000,
        order: str = "C",
        random_state: Any = 0,
    ) -> None:
        self.include_bias = include_bias
        self.interaction_only = interaction_only
        self.max_n_features = max_n_features
        self.order = order
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> QuadraticFeatures:
        """Chooses the pairs."""
        count = _numeric(X).shape[1]
        room = self.max_n_features - count - int(self.include_bias)
        if room <= 0:
            extra = " and bias column" if self.include_bias else ""
            raise ValueError(
                f"max_n_features must be large enough for the output to contain more than the original dataset{extra}"
            )
        random = check_random_state(self.random_state)
        squares = [] if self.interaction_only else [(at, at) for at in range(count)]
        squares = _some(squares, room, random)
        products = _some(list(combinations(range(count), 2)), room - len(squares), random)
        self.combinations_ = squares + products
        self.n_input_features_ = count
        self.n_output_features_ = count + len(self.combinations_) + int(self.include_bias)
        return self

    def transform(self, X: Any) -> Floats:
        """(rows, n_output_features_): bias, the columns, their squares and products."""
        pairs = self._fitted("combinations_")
        table = _numeric(X)
        check_width(table, self.n_input_features_)
        out = np.empty((len(table), self.n_output_features_), dtype=table.dtype, order=self.order)  # type: ignore[call-overload]
        first = int(self.include_bias)
        out[:, :first] = 1
        out[:, first : first + table.shape[1]] = table
        left, right = [a for a, _ in pairs], [b for _, b in pairs]
        out[:, first + table.shape[1] :] = table[:, left] * table[:, right]
        return np.asarray(out)


class RobustStandardScaler(Transformer):
    """Subtracts the mean and divides by the standard deviation; what is mostly zero keeps its zeros.

    Sparse features are only divided, and of dense ones those that are zero in 70 % of the rows or more.

    Args:
        copy: as in scikit-learn.

    Attributes:
        scaler_: the fitted `sklearn.preprocessing.StandardScaler`.
    """

    def __init__(self, copy: bool = True) -> None:
        self.copy = copy

    def fit(self, X: Any, y: Any = None) -> RobustStandardScaler:
        """Learns means and deviations; NaN is left out of them."""
        sparse = issparse(X)
        table = X if sparse else np.asarray(X, dtype=np.float64)
        self.scaler_ = StandardScaler(with_mean=not sparse, with_std=True, copy=self.copy).fit(table)
        if not sparse:
            filled = np.count_nonzero(table, axis=0) / max(1, len(table))
            self.scaler_.mean_ = np.where(filled > 0.3, self.scaler_.mean_, 0.0)
        return self

    def transform(self, X: Any) -> Any:
        """Scaled features."""
        scaler = self._fitted("scaler_")
        if issparse(X):
            return scaler.transform(X)
        table = np.asarray(X, dtype=np.float64)
        check_width(table, len(scaler.scale_))
        # A single row passes here in microseconds; scikit-learn's checks cost more than the arithmetic.
        return (table - scaler.mean_) / scaler.scale_ if scaler.with_mean else table / scaler.scale_


def _numeric(X: Any) -> Any:
    table = as_table(X)
    if table.dtype.kind not in "fiub":
        table = table.astype(np.float64)
    if table.dtype.kind == "f" and not np.isfinite(table).all():
        raise ValueError("Input X contains NaN or infinity.")
    return table


def _some(pairs: list[tuple[int, int]], count: int, random: Any) -> list[tuple[int, int]]:
    if count >= len(pairs):
        return pairs
    return [pairs[at] for at in random.choice(len(pairs), size=max(0, count), replace=False)]
