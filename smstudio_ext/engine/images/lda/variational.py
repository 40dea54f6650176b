"""Variational inference for latent Dirichlet allocation (Blei, Ng and Jordan, 2003; Hoffman, Blei and Bach, 2010)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Counts: TypeAlias = Any
"""A scipy CSR matrix of documents by words (scipy ships no types)."""

_DOCUMENTS_AT_ONCE = 1_024
_TINY = 1e-100


def infer(
    counts: Counts, alpha: Array, beta: Array, *, iterations: int = 100, start: Array | None = None
) -> Array:
    """(documents, topics) Dirichlet parameters of each document's topic mixture.

    Args:
        beta: (topics, words) weights of words; rows need not sum to one.
        start: parameters to begin with.
    """
    gamma = np.empty((counts.shape[0], len(alpha)))
    for first in range(0, counts.shape[0], _DOCUMENTS_AT_ONCE):
        rows = slice(first, first + _DOCUMENTS_AT_ONCE)
        gamma[rows] = _infer(counts[rows], alpha, beta, iterations, None if start is None else start[rows])
    return gamma


def _infer(counts: Counts, alpha: Array, beta: Array, iterations: int, start: Array | None) -> Array:
    from scipy import sparse

    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    gamma = alpha + lengths[:, None] / len(alpha) if start is None else start
    documents = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    words = np.ascontiguousarray(beta.T[counts.indices])
    data = counts.data.astype(np.float64)
    for _ in range(iterations):
        weights = np.exp(expected_log(gamma))
        norms = np.einsum("ik,ik->i", weights[documents], words) + _TINY
        ratio = sparse.csr_matrix((data / norms, counts.indices, counts.indptr), shape=counts.shape)
        moved = alpha + weights * np.asarray(ratio @ beta.T)
        change = np.abs(moved - gamma).mean()
        gamma = moved
        if change < 1e-3:
            break
    return gamma


def expected_log(parameters: Array) -> Array:
    """E[log x] of Dirichlet vectors in the rows."""
    from scipy.special import psi

    return np.asarray(psi(parameters) - psi(parameters.sum(axis=-1, keepdims=True)))


def per_word_bound(counts: Counts, alpha: Array, beta: Array) -> float:
    """Lower bound of the log-likelihood per word, topics given; perplexity is exp of its negative.

    Args:
        beta: (topics, words), rows sum to one.
    """
    from scipy.special import gammaln

    gamma = infer(counts, alpha, beta)
    logs = expected_log(gamma)
    documents = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    total = 0.0
    for first in range(0, len(documents), 1 << 18):
        part = slice(first, first + (1 << 18))
        weights = np.exp(logs)[documents[part]]
        norms = np.einsum("ik,ik->i", weights, beta.T[counts.indices[part]]) + _TINY
        total += float(counts.data[part] @ np.log(norms))
    total += float(((alpha - gamma) * logs).sum() + gammaln(gamma).sum() - gammaln(gamma.sum(axis=1)).sum())
    total += counts.shape[0] * float(gammaln(alpha.sum()) - gammaln(alpha).sum())
    return float(total / max(float(counts.sum()), 1.0))


def refine(
    counts: Counts,
    alpha: Array,
    belief: Array,
    *,
    eta: float,
    rounds: int,
    batch: int,
    told: Callable[[int, float], None],
) -> Array:
    """Stochastic variational passes over a corpus.

    Args:
        belief: (topics, words) Dirichlet parameters of the topics to begin with.
        eta: Dirichlet prior of words in topics.
        rounds: passes over the corpus.
        batch: documents a step.
        told: called after each pass with its number and the mean change of the topics.

    Returns:
        The parameters (topics, words) after the last pass.
    """
    from scipy import sparse

    documents = counts.shape[0]
    batch = min(batch, documents)
    generator = np.random.default_rng(23)
    step = 0
    for number in range(rounds):
        before = belief / belief.sum(axis=1, keepdims=True)
        order = generator.permutation(documents)
        for first in range(0, documents, batch):
            part = counts[order[first : first + batch]]
            weights = np.exp(expected_log(belief))
            gamma = infer(part, alpha, weights)
            mixture = np.exp(expected_log(gamma))
            rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
            norms = np.einsum("ik,ik->i", mixture[rows], weights.T[part.indices]) + _TINY
            ratio = sparse.csr_matrix((part.data / norms, part.indices, part.indptr), shape=part.shape)
            found = weights * np.asarray(mixture.T @ ratio)
            rate = 1.0 if batch == documents else (10.0 + step) ** -0.7
            belief = (1 - rate) * belief + rate * (eta + found * documents / part.shape[0])
            step += 1
        change = float(np.abs(belief / belief.sum(axis=1, keepdims=True) - before).sum(axis=1).mean())
        told(number, change)
        if change < 1e-3:
            break
    return belief
