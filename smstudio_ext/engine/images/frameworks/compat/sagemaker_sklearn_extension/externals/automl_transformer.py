"""The whole of a data transformer: features and target of one table."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse

from .._base import Array, Transformer
from .header import Header


class AutoMLTransformer(Transformer):
    """Transforms features, and the target in front of them where the table has it.

    Args:
        header: the table's columns.
        feature_transformer: a transformer of the features.
        target_transformer: a transformer of the target; None leaves it as it is.
    """

    def __init__(self, header: Header, feature_transformer: Any, target_transformer: Any) -> None:
        self.header = header
        self.feature_transformer = feature_transformer
        self.target_transformer = target_transformer

    def fit(self, X: Array, y: Array) -> AutoMLTransformer:
        """Learns from features (rows, features) and target (rows,).

        Rows whose target becomes NaN teach the features nothing.
        """
        target = y
        if self.target_transformer is not None:
            target = np.asarray(self.target_transformer.fit_transform(y))
        known = _known(target)
        if not known.any():
            raise ValueError(
                f"No row has a known label in the target column '{self.header.target_column_name}'."
            )
        self.feature_transformer.fit(*((X, target) if known.all() else (X[known], target[known])))
        return self

    def transform(self, X: Array) -> Any:
        """Features of a table without the target; target and features, side by side, of one with it.

        Rows whose target becomes NaN are left out.

        Raises:
            ValueError: another number of columns.
        """
        count = self.header.num_features
        if X.shape[1] == count:
            return self.feature_transformer.transform(X)
        if X.shape[1] != count + 1:
            raise ValueError(
                f"Received data of unknown size. Expected number of columns is {count}. "
                f"Number of columns in the received data is {X.shape[1]}."
            )
        target = np.asarray(self.label_transform(X[:, self.header.target_column_index]), dtype=np.float64)
        known = ~np.isnan(target)
        rows = X if known.all() else X[known]
        features = self.feature_transformer.transform(rows[:, self.header.feature_column_indices])
        dense = features.toarray() if issparse(features) else np.asarray(features)
        return np.column_stack((target[known], dense))

    def label_transform(self, y: Array) -> Any:
        """The target as the algorithm learns it."""
        if self.target_transformer is not None:
            return self.target_transformer.transform(y)
        return y.astype("float32")

    def inverse_label_transform(self, yt: Any) -> Any:
        """The target as it was."""
        if self.target_transformer is None:
            return yt
        return self.target_transformer.inverse_transform(yt)


def _known(target: Array) -> Array:
    if target.dtype.kind != "f":
        return np.ones(len(target), dtype=bool)
    return ~np.isnan(target)
