"""Features of an RBF kernel by landmarks, on the scale of the rows' own distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.kernel_approximation import Nystroem

_PAIRS = 2_000


class Landmarks(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Principal components, then Nystroem's features (Williams and Seeger 2001): the time grows with the rows, not with their square.

    Args:
        width: kernel width; 1 lets two rows at the median distance count as alike by exp(-1).
        landmarks: rows that others are compared with, at most.
        components: principal components, at most.
    """

    def __init__(
        self, width: float = 1.0, landmarks: int = 1_000, components: int = 64, random_state: int = 0
    ) -> None:
        self.width = width
        self.landmarks = landmarks
        self.components = components
        self.random_state = random_state

    def fit(self, rows: Any, codes: Any = None) -> Landmarks:
        """Fits to (rows, features)."""
        kept = max(1, min(self.components, rows.shape[1], len(rows) // 2))
        self.components_ = PCA(kept, random_state=self.random_state).fit(rows)
        reduced = self.components_.transform(rows)
        random = np.random.default_rng(self.random_state)
        first, second = random.integers(0, len(rows), (2, _PAIRS))
        apart = ((reduced[first] - reduced[second]) ** 2).sum(axis=1)
        usual = float(np.median(apart[first != second])) if len(rows) > 1 else 1.0
        self.kernel_ = Nystroem(
            gamma=self.width / max(usual, 1e-9),
            n_components=min(self.landmarks, len(rows)),
            random_state=self.random_state,
        ).fit(reduced)
        return self

    def transform(self, rows: Any) -> Any:
        """(rows, landmarks)."""
        return self.kernel_.transform(self.components_.transform(rows))
