"""What the transformers of this package share: their base class, and reading arrays."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

_FEW = 256


class Transformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A scikit-learn transformer; `fit(X, y=None)` returns self."""

    def _fitted(self, attribute: str) -> Any:
        """An attribute that `fit` makes.

        Raises:
            NotFittedError: `fit` was not called.
        """
        try:
            return getattr(self, attribute)
        except AttributeError:
            raise NotFittedError(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' with appropriate arguments before "
                "using this estimator."
            ) from None


def as_table(values: Any, dtype: Any = None) -> Array:
    """A two-dimensional array.

    Raises:
        ValueError: another number of dimensions, or complex numbers.
    """
    table = np.asarray(values, dtype=dtype)
    if table.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {table.ndim}D array instead. Reshape your data either using array.reshape(-1, 1) if "
            "your data has a single feature or array.reshape(1, -1) if it contains a single sample."
        )
    if table.dtype.kind == "c":
        raise ValueError(f"Complex data not supported\n{values}\n")
    return table


def as_cells(values: Any) -> Array:
    """A table of Python objects; numbers and texts stay what they are."""
    if isinstance(values, np.ndarray):
        return as_table(values, dtype=object)
    rows = [list(row) for row in values]
    table = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    for at, row in enumerate(rows):
        table[at, :] = row
    return table


def check_width(table: Any, expected: int) -> None:
    """Refuses a table of another width than the one that was fitted.

    Raises:
        ValueError: as said.
    """
    if table.shape[1] != expected:
        raise ValueError(
            f"X shape does not match training shape: 'transform' input X has {table.shape[1]} features per sample, "
            f"expected {expected} from 'fit' input"
        )


def as_numbers(values: Array) -> Floats:
    """Cells as finite numbers; NaN for whatever is none (texts, None, infinities).

    Args:
        values: one or two dimensions, any type.
    """
    if values.dtype.kind in "fiub":
        numbers = values.astype(np.float64)
    elif values.size <= _FEW:
        numbers = np.array([to_number(cell) for cell in values.ravel()], dtype=np.float64).reshape(
            values.shape
        )
    elif values.ndim == 1:
        numbers = _column(values)
    else:
        numbers = np.empty(values.shape, dtype=np.float64)
        for at in range(values.shape[1]):
            numbers[:, at] = _column(values[:, at])
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def to_number(cell: Any) -> float:
    """One cell as a number; NaN when it is none."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        return math.nan


def _column(cells: Array) -> Floats:
    try:
        return cells.astype(np.float64)
    except (TypeError, ValueError):
        return np.fromiter((to_number(cell) for cell in cells), dtype=np.float64, count=len(cells))


def counts_of(column: Array) -> Counter[Any]:
    """How often each value is in a column; NaN counts as one value."""
    values = column.tolist()
    return Counter(_NAN if isinstance(value, float) and value != value else value for value in values)


_NAN = math.nan


def sort_values(values: Any) -> list[Any]:
    """Values in order; texts and numbers together by their text."""
    found = list(values)
    try:
        return sorted(found)
    except TypeError:
        return sorted(found, key=str)


def codes_of(column: Array, categories: Any) -> npt.NDArray[np.int64]:
    """The place of each cell in `categories`, -1 for cells that are not among them."""
    places = {category: at for at, category in enumerate(categories)}
    has_nan = any(isinstance(category, float) and category != category for category in places)
    if has_nan:
        at_nan = next(at for category, at in places.items() if category != category)
        return np.array([at_nan if cell != cell else places.get(cell, -1) for cell in column.tolist()])
    return np.array([places.get(cell, -1) for cell in column.tolist()], dtype=np.int64)
