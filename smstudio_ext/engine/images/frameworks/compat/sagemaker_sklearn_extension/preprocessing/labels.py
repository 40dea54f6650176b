"""Encoders of targets."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .._base import Array, Transformer, sort_values
from ..impute import RobustImputer

__all__ = ["NALabelEncoder", "RobustLabelEncoder"]


class RobustLabelEncoder(Transformer):
    """Codes 0 to n-1 for the classes, and something else for labels that are none of them.

    Args:
        labels: the classes, in order; None takes those that `fit` sees.
        fill_unseen_labels: accept unseen labels and codes; otherwise they are errors.
        fill_encoded_label_value: code of unseen labels, n by default. NaN (an addition of this implementation) makes
            `AutoMLTransformer` leave such rows out.
        fill_label_value: label of codes that are no class's.
        include_unseen_class: count `fill_label_value` among the classes in `get_classes`.

    Attributes:
        classes_: the classes in the order of their codes.
    """

    def __init__(
        self,
        labels: Any = None,
        fill_unseen_labels: bool = True,
        fill_encoded_label_value: Any = None,
        fill_label_value: Any = "<unseen_label>",
        include_unseen_class: bool = False,
    ) -> None:
        self.labels = labels
        self.fill_unseen_labels = fill_unseen_labels
        self.fill_encoded_label_value = fill_encoded_label_value
        self.fill_label_value = fill_label_value
        self.include_unseen_class = include_unseen_class

    def fit(self, y: Any) -> RobustLabelEncoder:
        """Learns the classes."""
        column = _column(y)
        self.classes_ = np.array(sort_values(set(column.tolist()))) if not self.labels else self._given()
        return self

    def fit_transform(self, y: Any, **_: Any) -> Array:
        """`fit`, then `transform`."""
        return self.fit(y).transform(y)

    def transform(self, y: Any) -> Array:
        """Codes; whole numbers, or floats where NaN stands for unseen labels."""
        codes = self._codes()
        column = _column(y)
        if not len(column):
            return np.array([])
        found = [codes.get(self._key(label), -1) for label in column.tolist()]
        encoded = np.array(found)
        unseen = encoded < 0
        if unseen.any():
            if not self.fill_unseen_labels:
                raise ValueError(f"y contains previously unseen labels: {sort_values(set(column[unseen]))}")
            fill = self.fill_encoded_label_value
            fill = len(codes) if fill is None else fill
            encoded = encoded.astype(np.float64) if isinstance(fill, float) else encoded
            encoded[unseen] = fill
        return encoded

    def inverse_transform(self, y: Any) -> list[Any]:
        """Labels of codes."""
        classes = self._fitted("classes_")
        column = _column(y)
        if not len(column):
            return []
        if column.dtype.kind not in "iu":
            try:
                column = column.astype(np.float64).astype(np.int64)
            except (TypeError, ValueError):
                raise ValueError("`y` contains values not convertible to integer.") from None
        places = column.tolist()
        unseen = [code for code in places if not 0 <= code < len(classes)]
        if unseen and not self.fill_unseen_labels:
            raise ValueError(f"y contains previously unseen labels: {sorted(set(unseen))}")
        return [classes[code] if 0 <= code < len(classes) else self.fill_label_value for code in places]

    def get_classes(self) -> Any:
        """The classes, with `fill_label_value` where it counts as one."""
        classes = self._fitted("classes_")
        if self.include_unseen_class and self.fill_unseen_labels:
            return np.append(classes, [self.fill_label_value])
        return classes

    def _given(self) -> Any:
        given = list(self.labels)
        if given != sort_values(given):
            warnings.warn("`labels` parameter is expected to be sorted. Sorting `labels`.", stacklevel=3)
        return sort_values(given)

    def _codes(self) -> dict[Any, int]:
        classes = self._fitted("classes_")
        listed = classes.tolist() if isinstance(classes, np.ndarray) else classes
        return {self._key(label): code for code, label in enumerate(listed)}

    def _key(self, label: Any) -> Any:
        """What a label is known by."""
        return label


class NALabelEncoder(Transformer):
    """Numbers of a regression target; what is no finite number becomes NaN.

    Args:
        mask_function: see `RobustImputer`.
    """

    def __init__(self, mask_function: Callable[[Any], Any] | None = None) -> None:
        self.mask_function = mask_function

    def fit(self, y: Any) -> NALabelEncoder:
        """Learns nothing but the mask."""
        self.model_ = RobustImputer(strategy="constant", fill_values=np.nan, mask_function=self.mask_function)
        self.model_.fit(np.asarray(y).reshape(-1, 1))
        return self

    def fit_transform(self, y: Any, **_: Any) -> Array:
        """`fit`, then `transform`."""
        return self.fit(y).transform(y)

    def transform(self, y: Any) -> Array:
        """(rows,) numbers."""
        model = self._fitted("model_")
        return np.asarray(model.transform(np.asarray(y).reshape(-1, 1)), dtype=np.float64).ravel()

    def inverse_transform(self, y: Any) -> Any:
        """The numbers themselves."""
        return y


def _column(y: Any) -> Array:
    column = np.asarray(y)
    if column.ndim == 2 and column.shape[1] == 1:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to (n_samples, ).",
            stacklevel=3,
        )
        return column.ravel()
    if column.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {column.shape} instead.")
    return column
