"""Topics by the method of moments: a whitened third-order tensor, decomposed by alternating least squares.

Source: Anandkumar, Ge, Hsu, Kakade and Telgarsky, "Tensor Decompositions for Learning Latent Variable Models" (JMLR 2014), theorem
3.5 for latent Dirichlet allocation; it is the method of AWS's container (hyperparameters max_restarts, max_iterations, tol).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Counts: TypeAlias = Any
"""A scipy CSR matrix of documents by words (scipy ships no types)."""

_DENSE_WORDS = 2_000
_FEWEST_WORDS = 3  # the third moment needs three words of a document
_ROWS_AT_ONCE = 2_048


def estimate(
    counts: Counts, topics: int, alpha0: float, *, restarts: int, iterations: int, tol: float
) -> tuple[Array, Array] | None:
    """Topic weights and topics of a corpus.

    Args:
        counts: (documents, words).
        alpha0: sum of the Dirichlet prior's parameters.

    Returns:
        alpha (topics,) and beta (topics, words), or None when the corpus does not span that many topics.
    """
    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    counts, lengths = counts[lengths >= _FEWEST_WORDS], lengths[lengths >= _FEWEST_WORDS]
    if counts.shape[0] < topics:
        return None
    generator = np.random.default_rng(17)
    mean = np.asarray(counts.T @ (1 / lengths)).ravel() / len(lengths)
    values, vectors = _leading(counts, lengths, mean, topics, alpha0, generator)
    if values.min() <= 1e-12 * max(values.max(), 1e-300):
        return None
    whiten = vectors / np.sqrt(values)
    tensor = _third_moment(counts, lengths, mean, whiten, alpha0)
    weights, columns = decompose(
        tensor, restarts=restarts, iterations=iterations, tol=tol, generator=generator
    )
    back = vectors * np.sqrt(values)
    beta = np.maximum((alpha0 + 2) / 2 * weights[:, None] * (columns.T @ back.T), 0)
    sums = beta.sum(axis=1, keepdims=True)
    if not np.isfinite(beta).all() or (sums <= 0).any():
        return None
    alpha = 4 * alpha0 * (alpha0 + 1) / ((alpha0 + 2) ** 2 * np.maximum(weights, 1e-9) ** 2)
    alpha = np.clip(alpha / alpha.sum(), 1e-3 / topics, None)
    return alpha0 * alpha / alpha.sum(), beta / sums


def _leading(
    counts: Counts, lengths: Array, mean: Array, topics: int, alpha0: float, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Largest eigenvalues and eigenvectors of the second cross moment, which is never formed for many words."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    pairs = 1 / (lengths * (lengths - 1)) / len(lengths)
    single = np.asarray(counts.T @ pairs).ravel()
    share = alpha0 / (alpha0 + 1)

    def apply(block: Array) -> Array:
        column = block.ndim == 1
        wide = block[:, None] if column else block
        out = counts.T @ (pairs[:, None] * (counts @ wide)) - single[:, None] * wide
        out = np.asarray(out) - share * np.outer(mean, mean @ wide)
        return out[:, 0] if column else out

    words = counts.shape[1]
    if words <= max(_DENSE_WORDS, topics + 1) or topics >= words - 1:
        values, vectors = np.linalg.eigh(apply(np.eye(words)))
        return values[-topics:], vectors[:, -topics:]
    operator = LinearOperator((words, words), matvec=apply, matmat=apply, dtype=np.float64)
    found: tuple[Array, Array] = eigsh(operator, k=topics, which="LA", v0=generator.random(words))
    return found


def _third_moment(counts: Counts, lengths: Array, mean: Array, whiten: Array, alpha0: float) -> Array:
    """(topics, topics, topics) whitened third cross moment."""
    topics = whiten.shape[1]
    triples = 1 / (lengths * (lengths - 1) * (lengths - 2)) / len(lengths)
    documents = np.asarray(counts @ whiten)
    tensor = np.zeros((topics * topics, topics))
    for start in range(0, len(documents), _ROWS_AT_ONCE):
        part = documents[start : start + _ROWS_AT_ONCE]
        crossed = (part[:, :, None] * part[:, None, :]).reshape(len(part), -1)
        tensor += crossed.T @ (triples[start : start + len(part), None] * part)
    tensor = tensor.reshape(topics, topics, topics)
    by_word = np.asarray(counts.T @ (triples[:, None] * documents))
    tensor -= _symmetric(np.einsum("wa,wb,wc->abc", whiten, whiten, by_word, optimize=True))
    third = np.asarray(counts.T @ triples).ravel()
    tensor += 2 * np.einsum("w,wa,wb,wc->abc", third, whiten, whiten, whiten, optimize=True)
    center = whiten.T @ mean
    # W' M2 W = I, so the raw second moment is this:
    second = np.eye(topics) + alpha0 / (alpha0 + 1) * np.outer(center, center)
    tensor -= alpha0 / (alpha0 + 2) * _symmetric(np.einsum("ab,c->abc", second, center))
    cube = np.einsum("a,b,c->abc", center, center, center)
    return np.asarray(tensor + 2 * alpha0**2 / ((alpha0 + 1) * (alpha0 + 2)) * cube)


def _symmetric(tensor: Array) -> Array:
    """Sum over the three places of the last index of a tensor that is symmetric in the first two."""
    return np.asarray(tensor + tensor.transpose(0, 2, 1) + tensor.transpose(2, 0, 1))


def decompose(
    tensor: Array, *, restarts: int, iterations: int, tol: float, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Symmetric CP decomposition by alternating least squares; the best of several starts.

    Returns:
        Weights (rank,), positive, and unit columns (size, rank).
    """
    size = len(tensor)
    flat = tensor.reshape(size, -1)
    best: tuple[float, Array, Array] | None = None
    for _ in range(restarts):
        factor = np.linalg.qr(generator.normal(size=(size, size)))[0]
        weights = np.ones(size)
        before = np.inf
        for _ in range(iterations):
            pairs = np.einsum("ar,br->abr", factor, factor).reshape(-1, size)
            gram = (factor.T @ factor) ** 2
            updated = np.linalg.lstsq(gram, (flat @ pairs).T, rcond=None)[0].T
            weights = np.linalg.norm(updated, axis=0)
            factor = updated / np.maximum(weights, 1e-300)
            rebuilt = np.einsum("r,ar,br,cr->abc", weights, factor, factor, factor, optimize=True)
            residual = float(np.linalg.norm(tensor - rebuilt))
            if abs(before - residual) <= tol * max(1.0, residual):
                break
            before = residual
        if best is None or residual < best[0]:
            best = residual, weights, factor
    assert best is not None
    return best[1], best[2]
