"""Encoders of categories: one column a category, or one code."""

from __future__ import annotations

import warnings
from math import ceil, inf
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from .._base import (
    Array,
    Transformer,
    as_cells,
    check_width,
    codes_of,
    counts_of,
    sort_values,
)

__all__ = ["RobustOrdinalEncoder", "ThresholdOneHotEncoder"]


class ThresholdOneHotEncoder(Transformer):
    """A column of zeros and ones for each category that is frequent enough; other values have zeros everywhere.

    Args:
        categories: `auto`, or the categories of each column.
        drop: `first` drops the first category of each column, a list drops those; None none.
        sparse: give a sparse matrix.
        dtype: of the result.
        threshold: rows (from 1 on) or share of the rows (below 1) that a category needs; None means 10, or a thousandth of
            the rows if that is more.
        max_categories: most categories of one column, the most frequent.

    Attributes:
        categories_: categories of each column, in order.
        drop_idx_: place of the dropped category of each column, or None.
    """

    def __init__(
        self,
        categories: Any = "auto",
        drop: Any = None,
        sparse: bool = True,
        dtype: Any = np.float64,
        threshold: float | None = None,
        max_categories: int = 100,
    ) -> None:
        self.categories = categories
        self.drop = drop
        self.sparse = sparse
        self.dtype = dtype
        self.threshold = threshold
        self.max_categories = max_categories

    def fit(self, X: Any, y: Any = None) -> ThresholdOneHotEncoder:
        """Counts the categories."""
        if self.max_categories < 1:
            raise ValueError("max_categories must be at least 1.")
        table = as_cells(X)
        if isinstance(self.categories, str):
            needed = _needed(self.threshold, len(table))
            self.categories_ = [self._frequent(column, needed) for column in table.T]
            self._warn(table, needed)
        else:
            self.categories_ = [np.array(list(given), dtype=object) for given in self.categories]
            check_width(table, len(self.categories_))
        self.drop_idx_ = self._dropped()
        return self

    def transform(self, X: Any) -> Any:
        """(rows, categories of all columns), sparse or dense."""
        categories = self._fitted("categories_")
        table = as_cells(X)
        check_width(table, len(categories))
        offset = 0
        rows, places = [], []
        for at, found in enumerate(categories):
            codes = codes_of(table[:, at], found)
            keep = codes >= 0
            if self.drop_idx_ is not None:
                dropped = self.drop_idx_[at]
                keep &= codes != dropped
                codes = codes - (codes > dropped)
            rows.append(np.flatnonzero(keep))
            places.append(codes[keep] + offset)
            offset += len(found) - (self.drop_idx_ is not None)
        row, place = np.concatenate(rows), np.concatenate(places)
        if not self.sparse:
            dense = np.zeros((len(table), offset), dtype=self.dtype)
            dense[row, place] = 1
            return dense
        ones = np.ones(len(row), dtype=self.dtype)
        return csr_matrix((ones, (row, place)), shape=(len(table), offset))

    def get_feature_names_out(self, input_features: Any = None) -> Array:
        """Names of the columns: `<feature>_<category>`."""
        categories = self._fitted("categories_")
        names = [f"x{at}" for at in range(len(categories))] if input_features is None else input_features
        out = []
        for at, found in enumerate(categories):
            dropped = None if self.drop_idx_ is None else self.drop_idx_[at]
            out += [f"{names[at]}_{one}" for place, one in enumerate(found) if place != dropped]
        return np.array(out, dtype=object)

    def _frequent(self, column: Array, needed: float) -> Array:
        counts = counts_of(column)
        kept = [one for one, count in counts.items() if count >= needed]
        if not kept:
            # No row has this value, so that the column of zeros stands for all of them.
            return np.array([f"{sort_values(counts)[-1]}___"], dtype=object)
        if len(kept) > self.max_categories:
            kept = sorted(kept, key=lambda one: (-counts[one], str(one)))[: self.max_categories]
        return _objects(sort_values(kept))

    def _warn(self, table: Array, needed: float) -> None:
        empty = sum(
            1
            for column, found in zip(table.T, self.categories_, strict=True)
            if len(found) == 1 and max(counts_of(column).values(), default=0) < needed
        )
        if empty:
            warnings.warn(
                f"{empty} out of {table.shape[1]} features do not have any categories appearing more than "
                f"threshold={self.threshold} {'time' if self.threshold == 1 else 'times'}.",
                stacklevel=3,
            )

    def _dropped(self) -> list[int] | None:
        if self.drop is None:
            return None
        if isinstance(self.drop, str):
            return [0] * len(self.categories_)
        return [list(found).index(one) for found, one in zip(self.categories_, self.drop, strict=True)]


class RobustOrdinalEncoder(Transformer):
    """A number for each category; values that were not seen get one more, or NaN.

    Args:
        categories: `auto`, or the categories of each column.
        dtype: of the result.
        unknown_as_nan: NaN for values that were not seen.
        threshold: rows (from 1 on) or share of the rows (below 1) that a category needs, `auto` as in
            `ThresholdOneHotEncoder`.
        max_categories: most categories of one column, the most frequent.

    Attributes:
        categories_: categories of each column, in order.
        feature_idxs_no_categories_: columns without a category that is frequent enough.
    """

    def __init__(
        self,
        categories: Any = "auto",
        dtype: Any = np.float32,
        unknown_as_nan: bool = False,
        threshold: Any = 1,
        max_categories: float = inf,
    ) -> None:
        self.categories = categories
        self.dtype = dtype
        self.unknown_as_nan = unknown_as_nan
        self.threshold = threshold
        self.max_categories = max_categories

    def fit(self, X: Any, y: Any = None) -> RobustOrdinalEncoder:
        """Counts the categories."""
        table = as_cells(X)
        self.feature_idxs_no_categories_: list[int] = []
        if not isinstance(self.categories, str):
            self.categories_ = [np.array(list(given), dtype=object) for given in self.categories]
            check_width(table, len(self.categories_))
            return self
        needed = _needed(None if self.threshold == "auto" else self.threshold, len(table))
        self.categories_ = [self._frequent(at, column, needed) for at, column in enumerate(table.T)]
        return self

    def transform(self, X: Any) -> Array:
        """(rows, columns) of codes."""
        categories = self._fitted("categories_")
        table = as_cells(X)
        check_width(table, len(categories))
        out = np.empty(table.shape, dtype=self.dtype)
        for at, found in enumerate(categories):
            codes = codes_of(table[:, at], found)
            out[:, at] = np.where(codes < 0, np.nan if self.unknown_as_nan else len(found), codes)
        out[:, self.feature_idxs_no_categories_] = np.nan if self.unknown_as_nan else 0
        return out

    def inverse_transform(self, X: Any) -> Array:
        """Categories of codes; None for codes that are no category's."""
        categories = self._fitted("categories_")
        table = np.asarray(X, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != len(categories):
            raise ValueError(
                f"Shape of the passed X data is not correct. Expected {len(categories)} columns, got "
                f"{table.shape[-1] if table.ndim else 0}."
            )
        out = np.full(table.shape, None, dtype=object)
        for at, found in enumerate(categories):
            known = np.isfinite(table[:, at]) & (table[:, at] < len(found)) & (table[:, at] >= 0)
            if at not in self.feature_idxs_no_categories_:
                out[known, at] = _objects(found)[table[known, at].astype(np.int64)]
        return out

    def _frequent(self, at: int, column: Array, needed: float) -> Array:
        counts = counts_of(column)
        kept = [one for one, count in counts.items() if count >= needed]
        if not kept:
            warnings.warn(
                f"feature at index {at} does not have any categories appearing more than {needed} "
                f"{'time' if needed == 1 else 'times'}",
                stacklevel=3,
            )
            self.feature_idxs_no_categories_.append(at)
            return np.array(["unknown"], dtype=object)
        if len(kept) > self.max_categories:
            ranked = sort_values(kept)[::-1]
            kept = sorted(ranked, key=lambda one: -counts[one])[: int(self.max_categories)]
        return _objects(sort_values(kept))


def _needed(threshold: float | None, rows: int) -> float:
    if not threshold:
        return max(10, rows / 1000)
    return threshold if threshold >= 1 else ceil(threshold * rows)


def _objects(values: Any) -> Array:
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out
