"""Training program of the lda image: spectral estimate, then variational refinement."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import Source
from smstudio_ext.engine.images.firstparty.job import Job, open_job
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.engine.images.lda.parameters import DECLARED
from smstudio_ext.engine.images.lda.spectral import estimate
from smstudio_ext.engine.images.lda.variational import per_word_bound, refine
from smstudio_ext.formats import mxnet

Array = npt.NDArray[np.float64]
Counts: TypeAlias = Any
"""A scipy CSR matrix of documents by words (scipy ships no types)."""

_STARTS, _TRIED_ROUNDS, _ROUNDS = 3, 5, 10
_BATCH, _WHOLE_CORPUS = 256, 6_000
_TRUST = 1_000.0
_JUDGED_DOCUMENTS = 1_000
_LARGEST_TENSOR = 250


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`: two arrays, alpha (topics) and beta (topics x words).

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "AWS/LDA", DECLARED, distributed=False)
    values = job.values
    begin = time.time()
    counts = _documents(job, job.channels["train"])
    alpha, beta = _topics(job, counts)
    job.log.progress(1, 1)
    job.log.throughput(counts.shape[0], time.time() - begin)
    job.save(mxnet.write([alpha.astype(np.float32), beta.astype(np.float32)]))
    value = per_word_bound(counts[: values["mini_batch_size"]], alpha, beta)
    job.log.quality("train", "pwll", value, "score")
    if "test" in job.channels:
        value = per_word_bound(_documents(job, job.channels["test"]), alpha, beta)
        job.log.score("test", "pwll", value)
        job.log.quality("test", "pwll", value, "score")
    else:
        job.log.info("Test data is not provided.")
    job.log.finish()


def _topics(job: Job, counts: Counts) -> tuple[Array, Array]:
    """The best of the spectral estimate and a few random starts after some passes, refined to the end.

    Topics that depend linearly on each other (a corpus of bars) are beyond the method of moments; a random start finds them.
    """
    values = job.values
    topics, alpha0, width = values["num_topics"], values["alpha0"], values["feature_dim"]
    starts = []
    if topics <= min(_LARGEST_TENSOR, width):
        found = estimate(
            counts,
            topics,
            alpha0,
            restarts=values["max_restarts"],
            iterations=values["max_iterations"],
            tol=values["tol"],
        )
        if found is None:
            job.log.info("The moments of the corpus do not determine that many topics", "WARNING")
        else:
            job.log.info(f"Spectral estimate: alpha {np.round(found[0], 4).tolist()}")
            # smoothed, so that the passes can still move weight between words
            starts.append((found[0], 1 + _TRUST * found[1]))
    generator = np.random.default_rng(29)
    while len(starts) < min(_STARTS, max(1, values["max_restarts"])):
        starts.append((np.full(topics, alpha0 / topics), generator.gamma(100.0, 0.01, (topics, width))))
    tried = []
    for number, (alpha, start) in enumerate(starts):
        belief = _refine(job, counts, alpha, start, _TRIED_ROUNDS)
        value = per_word_bound(counts[:_JUDGED_DOCUMENTS], alpha, _means(belief))
        job.log.info(f"Start #{number}: log-likelihood per word {value:.6f}")
        tried.append((value, -number, alpha, belief))
    _, _, alpha, belief = max(tried, key=lambda one: one[:2])
    return alpha, _means(_refine(job, counts, alpha, belief, _ROUNDS))


def _means(belief: Array) -> Array:
    return np.asarray(belief / belief.sum(axis=1, keepdims=True))


def _refine(job: Job, counts: Counts, alpha: Array, belief: Array, rounds: int) -> Array:
    def told(number: int, change: float) -> None:
        job.log.info(f"Refinement pass {number}: mean change of topics {change:.6f}")

    batch = min(
        job.values["mini_batch_size"], counts.shape[0] if counts.shape[0] <= _WHOLE_CORPUS else _BATCH
    )
    return refine(counts, alpha, belief, eta=1 / len(alpha), rounds=rounds, batch=batch, told=told)


def _documents(job: Job, channel: Channel) -> Counts:
    """The word counts of a channel as one sparse matrix.

    Raises:
        AlgorithmError: negative counts, no documents.
    """
    parts = []
    for block in Source(channel, labels="none", width=job.values["feature_dim"]).blocks():
        part = sparse.csr_matrix(block.features, dtype=np.float32)
        if part.nnz and part.data.min() < 0:
            raise AlgorithmError(f"Channel '{channel.name}' has negative word counts.")
        part.eliminate_zeros()
        parts.append(part)
    if not parts:
        raise AlgorithmError(f"Channel '{channel.name}' holds no documents.")
    counts = sparse.vstack(parts, format="csr")
    filled = counts[np.diff(counts.indptr) > 0]
    if not filled.shape[0]:
        raise AlgorithmError(f"Channel '{channel.name}' holds only empty documents.")
    return filled
