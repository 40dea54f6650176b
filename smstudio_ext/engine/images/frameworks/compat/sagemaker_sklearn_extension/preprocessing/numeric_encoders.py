"""Encoders of categories as numbers that mean something: weight of evidence, and likeness of their texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import KBinsDiscretizer

from .._base import Array, Floats, Transformer, as_cells, as_table

__all__ = ["SimilarityEncoder", "WOEEncoder"]

_PRIME = 2038074743
"""The largest prime whose square fits 64 bits."""


class WOEEncoder(Transformer):
    """Weight of evidence: log of the odds of class 0 among the rows of a category, against the odds of all rows.

    For two classes. Values must not be missing, and those of `transform` must have been seen.

    Args:
        binning: `uniform`, `quantile` or `kmeans`: put numbers into bins first.
        n_bins: number of bins, 2 or more.
        alpha: added to each count, so that nothing is divided by zero.
        laplace: also smooth the odds of all rows, by twice alpha.

    Attributes:
        woe_pairs_: for each column the places of its values, and their weights.
    """

    def __init__(
        self, binning: str | None = None, n_bins: int = 10, alpha: float = 0.5, laplace: bool = False
    ) -> None:
        self.binning = binning
        self.n_bins = n_bins
        self.alpha = alpha
        self.laplace = laplace

    def fit(self, X: Any, y: Any) -> WOEEncoder:
        """Learns the weights."""
        assert self.binning in (None, "uniform", "quantile", "kmeans"), (
            "Binning strategy must be in {'uniform', 'quantile', 'kmeans'}."
        )
        assert self.binning is None or self.n_bins >= 2, "Number of bins must be larger than 2."
        assert self.alpha >= 0, "Regularization parameter `alpha` must be non-negative."
        target = np.asarray(y)
        classes = np.unique(target)
        assert len(classes) <= 2, "Weight-of-Evidence encoder is only supported for binary targets."
        table = as_cells(X)
        self._dim = table.shape[1]
        if self.binning:
            self.binner_ = KBinsDiscretizer(n_bins=self.n_bins, strategy=self.binning, encode="ordinal")
            table = self.binner_.fit_transform(table.astype(np.float64)).astype(object)
        first = target == classes[0]
        self.woe_pairs_ = [self._weights(column, first) for column in table.T]
        return self

    def fit_transform(self, X: Any, y: Any = None, **_: Any) -> Floats:
        """`fit`, then `transform`."""
        return self.fit(X, y).transform(X)

    def transform(self, X: Any) -> Floats:
        """(rows, columns) of weights."""
        pairs = self._fitted("woe_pairs_")
        table = as_cells(X)
        if table.shape[1] != self._dim:
            raise ValueError(f"The input dimension is {table.shape[1]} instead of the expected {self._dim}")
        if self.binning:
            table = self.binner_.transform(table.astype(np.float64)).astype(object)
        out = np.empty(table.shape, dtype=np.float64)
        for at, (places, weights) in enumerate(pairs):
            column = table[:, at].tolist()
            assert all(value in places for value in column), (
                "One or more category in the data was not seen at training time."
            )
            out[:, at] = weights[[places[value] for value in column]]
        return out

    def _weights(self, column: Array, first: Array) -> tuple[dict[Any, int], Floats]:
        beta = 2 * self.alpha if self.laplace else 0.0
        count0 = int(first.sum())
        odds = (len(first) - count0 + beta) / (count0 + beta) if count0 + beta else np.inf
        values = list(dict.fromkeys(column.tolist()))
        weights = []
        for value in values:
            here = column == value
            in0 = int((here & first).sum())
            in1 = int(here.sum()) - in0
            with np.errstate(all="ignore"):
                weights.append(np.log(odds * np.float64(in0 + self.alpha) / np.float64(in1 + self.alpha)))
        return {value: at for at, value in enumerate(values)}, np.array(weights)


class SimilarityEncoder(Transformer):
    """Numbers that are alike where texts are: min-hashes of the groups of three letters in them.

    Args:
        target_dimension: numbers for each column.
        seed: of the hash functions.
    """

    def __init__(self, target_dimension: int = 30, seed: int | None = None) -> None:
        self.target_dimension = target_dimension
        self.seed = seed

    def fit(self, X: Any = None, y: Any = None) -> SimilarityEncoder:
        """Draws the hash functions; the data are not looked at."""
        whole = isinstance(self.target_dimension, int)
        assert whole, "Target dimension must be a positive integer."
        assert self.target_dimension > 0, "Target dimension must be a positive integer."
        self.hash_prime_ = _PRIME
        random = np.random.RandomState(self.seed)
        self._mult = random.randint(1, _PRIME, size=(self.target_dimension, 1))
        self._add = random.randint(0, _PRIME, size=(self.target_dimension, 1))
        return self

    def transform(self, X: Any) -> Floats:
        """(rows, columns x target_dimension), between 0 and 1."""
        self._fitted("hash_prime_")
        table = as_table(X)
        texts = [str(cell) for cell in table.ravel().tolist()]
        # `HashingVectorizer` keeps nothing between texts, so that one text always gets the same numbers.
        words = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 3), binary=True).transform(texts)
        rows = [
            self._hashes(words.indices[words.indptr[at] : words.indptr[at + 1]]) for at in range(len(texts))
        ]
        return np.array(rows).reshape(len(table), table.shape[1] * self.target_dimension)

    def _hashes(self, indices: Array) -> Floats:
        tokens = indices.astype(np.int64) % _PRIME if len(indices) else np.zeros(1, dtype=np.int64)
        smallest = ((self._mult * tokens[None, :] + self._add) % _PRIME).min(axis=1)
        return np.asarray(smallest / _PRIME, dtype=np.float64)
