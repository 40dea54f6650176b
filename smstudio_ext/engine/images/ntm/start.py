"""Where training starts: topics that a short factorization of some documents finds, so that few of them merge."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]

_CELLS = 20_000_000
_DOCUMENTS = 2_000
_TRIES, _ROUNDS = 4, 20


def starting_topics(counts: Any, topics: int, seed: int = 0) -> Array:
    """Log probabilities (words, topics), centred for each topic.

    Some rounds of expectation maximization of probabilistic latent semantic analysis (Hofmann, 1999) from seeds far from each
    other; the best of a few tries by likelihood.

    Args:
        counts: CSR matrix (documents, words).
    """
    random = np.random.default_rng(seed)
    rows = min(counts.shape[0], _DOCUMENTS, max(50 * topics, _CELLS // counts.shape[1]))
    sample = counts[random.permutation(counts.shape[0])[:rows]].toarray().astype(np.float32)
    sample = sample[sample.sum(axis=1) > 0]
    words = counts.shape[1]
    if len(sample) < topics:
        return random.normal(0, 0.3, size=(words, topics)).astype(np.float32)
    best, best_score = None, -np.inf
    for _ in range(_TRIES):
        found, score = _factorize(sample, _far_seeds(sample, topics, random))
        if score > best_score:
            best, best_score = found, score
    assert best is not None
    logs = np.log(best + 0.1 / words)
    centred: Array = (logs - logs.mean(axis=1, keepdims=True)).T.astype(np.float32)
    return np.ascontiguousarray(centred)


def _far_seeds(sample: Array, topics: int, random: np.random.Generator) -> Array:
    """Word distributions around documents far from each other (greedy k-means++ on the Hellinger distance)."""
    shares = sample / sample.sum(axis=1, keepdims=True)
    roots = np.sqrt(shares)
    chance = (roots**4).sum(axis=1)
    nearest = np.full(len(roots), np.inf)
    chosen: list[int] = []
    for _ in range(topics):
        total = chance.sum()
        weights = chance / total if total > 0 else None
        candidates = random.choice(len(roots), size=16, p=weights)
        distances = np.clip(2 - 2 * (roots @ roots[candidates].T), 0, None)
        left = np.minimum(distances, nearest[:, None])
        pick = int(left.sum(axis=0).argmin())
        chosen.append(int(candidates[pick]))
        nearest = left[:, pick]
        chance = nearest**2
    near = roots @ roots[chosen].T
    around = max(3, len(shares) // (20 * topics))
    seeds = [shares[np.argsort(-near[:, topic])[:around]].mean(axis=0) for topic in range(topics)]
    return np.stack(seeds).astype(np.float32)


def _factorize(sample: Array, seeds: Array) -> tuple[Array, float]:
    """Topics (topics, words) after the rounds, and the mean log likelihood of a document."""
    topics = seeds + 0.01 / seeds.shape[1]
    topics /= topics.sum(axis=1, keepdims=True)
    mixtures = np.full((len(sample), len(topics)), 1 / len(topics), dtype=np.float32)
    score = -np.inf
    for _ in range(_ROUNDS):
        expected = mixtures @ topics + 1e-12
        ratio = sample / expected
        score = float((sample * np.log(expected)).sum() / len(sample))
        new_mixtures = mixtures * (ratio @ topics.T)
        topics = topics * (mixtures.T @ ratio) + 1e-12
        topics /= topics.sum(axis=1, keepdims=True)
        mixtures = new_mixtures / new_mixtures.sum(axis=1, keepdims=True)
    return topics, score
