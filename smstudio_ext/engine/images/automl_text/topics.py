"""A truncated decomposition of sparse features that fits small vocabularies too."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import TruncatedSVD


class Topics(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Latent semantic analysis; takes as many components as rows and features allow.

    Args:
        components: components at most.
    """

    def __init__(self, components: int = 128, random_state: int = 0) -> None:
        self.components = components
        self.random_state = random_state

    def fit(self, rows: Any, codes: Any = None) -> Topics:
        """Fits the decomposition to (rows, features)."""
        most = max(1, min(self.components, rows.shape[1] - 1, rows.shape[0] - 1))
        self.decomposition_ = TruncatedSVD(most, random_state=self.random_state).fit(rows)
        return self

    def transform(self, rows: Any) -> Any:
        """(rows, components)."""
        return self.decomposition_.transform(rows)
