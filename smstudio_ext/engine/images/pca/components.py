"""Principal components of a stream: exact from second moments, or by a randomised sketch for many features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Features: TypeAlias = Any
"""A dense array or a scipy CSR matrix (scipy ships no types)."""


@dataclass
class Components:
    """A projection.

    Attributes:
        mean: (features,), zero when no mean is subtracted.
        values: (components,) singular values of the (centred) data, the largest last as AWS stores them.
        vectors: (features, components), column by column with `values`.
    """

    mean: Array
    values: Array
    vectors: Array

    def project(self, features: Features) -> Array:
        """(rows, components) coordinates."""
        return np.asarray(features @ self.vectors - self.mean @ self.vectors)


@dataclass
class Moments:
    """Sums over rows that parts of the data, or hosts, add up: the exact mode.

    Attributes:
        square: (features, features) sum of outer products.
    """

    features: int
    rows: float = 0.0
    total: Array = field(init=False)
    square: Array = field(init=False)

    def __post_init__(self) -> None:
        self.total = np.zeros(self.features)
        self.square = np.zeros((self.features, self.features))

    def add(self, rows: Features) -> None:
        """Takes in some rows."""
        self.rows += rows.shape[0]
        self.total += np.asarray(rows.sum(axis=0), dtype=np.float64).ravel()
        product = rows.T @ rows
        self.square += product if isinstance(product, np.ndarray) else product.toarray()

    def solve(self, components: int, *, center: bool) -> Components:
        """The leading eigenvectors of the (centred) second moments."""
        from scipy import linalg

        mean = self.total / self.rows if center else np.zeros(self.features)
        moments = self.square - self.rows * np.outer(mean, mean)
        values, vectors = linalg.eigh(
            moments, subset_by_index=(self.features - components, self.features - 1), driver="evr"
        )
        return Components(mean, np.sqrt(np.maximum(values, 0)), vectors)


class Sketch:
    """Randomised mode: second moments seen only through a thin basis, in several passes when the data can be read again.

    The first pass is a Nystrom sketch of the moment matrix (Tropp, Yurtsever, Udell and Cevher, 2017); further ones sharpen the
    basis by power iterations; the last one projects the data on it, after which the components are those of a small matrix.

    Args:
        width: columns of the basis, components plus oversampling.
        seed: hosts with one seed draw one basis.
    """

    def __init__(self, features: int, width: int, seed: int = 0) -> None:
        self.rows = 0.0
        self.total = np.zeros(features)
        self._basis = np.random.default_rng(seed).standard_normal((features, min(width, features)))
        self.image = np.zeros(self._basis.shape)

    def add(self, rows: Features) -> None:
        """First pass: takes in some rows."""
        self.rows += rows.shape[0]
        self.total += np.asarray(rows.sum(axis=0), dtype=np.float64).ravel()
        self.image += np.asarray(rows.T @ (rows @ self._basis))

    def mean(self, *, center: bool) -> Array:
        """Mean of the rows, or zeros."""
        return self.total / self.rows if center else np.zeros(len(self.total))

    def range(self, *, center: bool) -> Array:
        """Orthonormal basis of the leading directions."""
        mean = self.mean(center=center)
        return np.linalg.qr(self.image - self.rows * np.outer(mean, mean @ self._basis))[0]

    def sharpen(self, basis: Array, image: Array, *, center: bool) -> Array:
        """One power iteration: the basis after another multiplication by the moment matrix.

        Args:
            image: sum over rows of outer products of the row and `row @ basis`.
        """
        mean = self.mean(center=center)
        return np.linalg.qr(image - self.rows * np.outer(mean, mean @ basis))[0]

    def solve_once(self, components: int, *, center: bool) -> Components:
        """Components from the first pass alone."""
        mean = self.mean(center=center)
        image = self.image - self.rows * np.outer(mean, mean @ self._basis)
        shift = np.sqrt(len(image)) * np.finfo(np.float64).eps * np.linalg.norm(image)
        image = image + shift * self._basis
        core = self._basis.T @ image
        core = (core + core.T) / 2
        values, vectors = np.linalg.eigh(core)
        kept = values > max(values.max(initial=0.0), 0.0) * 1e-12
        half = image @ (vectors[:, kept] / np.sqrt(values[kept]))
        left, singular, _ = np.linalg.svd(half, full_matrices=False)
        squares = np.maximum(singular**2 - shift, 0)
        return _largest_last(mean, np.sqrt(squares), left, components)

    def solve_twice(self, basis: Array, inner: Array, components: int, *, center: bool) -> Components:
        """Components from the second pass.

        Args:
            basis: what `range` gave.
            inner: sum over rows of outer products of `row @ basis`.
        """
        mean = self.mean(center=center)
        shifted = mean @ basis
        values, vectors = np.linalg.eigh(inner - self.rows * np.outer(shifted, shifted))
        return _largest_last(mean, np.sqrt(np.maximum(values[::-1], 0)), basis @ vectors[:, ::-1], components)


def _largest_last(mean: Array, values: Array, vectors: Array, components: int) -> Components:
    kept = min(components, len(values))
    return Components(mean, values[:kept][::-1].copy(), np.ascontiguousarray(vectors[:, :kept][:, ::-1]))
