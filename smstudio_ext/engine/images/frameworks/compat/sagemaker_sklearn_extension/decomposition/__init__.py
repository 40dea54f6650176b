"""Principal components of dense and sparse features."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.decomposition import PCA, TruncatedSVD

from .._base import Transformer

__all__ = ["RobustPCA"]


class RobustPCA(Transformer):
    """Keeps the strongest components: PCA for dense, truncated SVD (no centering) for sparse features.

    Args:
        n_components: how many; tables with no more columns stay as they are.
        svd_solver, iterated_power, tol, random_state: as in scikit-learn.

    Attributes:
        robust_pca_: the fitted decomposition, None where nothing is reduced.
    """

    def __init__(
        self,
        n_components: int = 1000,
        svd_solver: str = "auto",
        iterated_power: Any = "auto",
        tol: float = 0.0,
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.svd_solver = svd_solver
        self.iterated_power = iterated_power
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> RobustPCA:
        """Finds the components."""
        table = X if issparse(X) else np.asarray(X, dtype=np.float64)
        self.robust_pca_: Any = None
        # No more components than rows can be told apart, either.
        if table.shape[1] <= self.n_components or table.shape[0] < self.n_components:
            return self
        if issparse(table):
            self.robust_pca_ = TruncatedSVD(
                n_components=self.n_components,
                algorithm=self.svd_solver if self.svd_solver == "arpack" else "randomized",
                n_iter=5 if self.iterated_power == "auto" else self.iterated_power,
                random_state=self.random_state,
                tol=self.tol,
            )
        else:
            self.robust_pca_ = PCA(
                n_components=self.n_components,
                svd_solver=self.svd_solver,
                iterated_power=self.iterated_power,
                tol=self.tol,
                random_state=self.random_state,
            )
        self.robust_pca_.fit(table)
        return self

    def transform(self, X: Any) -> Any:
        """The rows by components, or as they are."""
        pca = self._fitted("robust_pca_")
        return X if pca is None else pca.transform(X)
