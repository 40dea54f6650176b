"""Training program of the randomcutforest image: one uniform sample a tree from the stream, then the trees."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import NO_DATA, Source
from smstudio_ext.engine.images.firstparty.job import Job, open_job
from smstudio_ext.engine.images.firstparty.sampling import Reservoir
from smstudio_ext.engine.images.randomcutforest import model
from smstudio_ext.engine.images.randomcutforest.forest import Tree, grow, score
from smstudio_ext.engine.images.randomcutforest.parameters import DECLARED

_DEVIATIONS = 3.0


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "RandomCutForest", DECLARED)
    values = job.values
    source = Source(job.channels["train"], labels="none", width=values["feature_dim"])
    begin = time.time()
    samples = _sample(job, source)
    if job.hosts.leads:
        if not len(samples[0].rows):
            raise AlgorithmError(NO_DATA)
        trees = [grow(one.rows, np.random.default_rng([5, at])) for at, one in enumerate(samples)]
        job.log.info(f"Grew {len(trees)} trees of up to {values['num_samples_per_tree']} points")
        job.save(model.encode(trees))
        job.log.progress(1, 1)
        job.log.throughput(source.rows, time.time() - begin)
        _test(job, trees)
    job.log.finish()


def _sample(job: Job, source: Source) -> list[Reservoir]:
    """An independent uniform sample a tree of all hosts' rows, at the leader."""
    values = job.values
    size, width = values["num_samples_per_tree"], values["feature_dim"]
    samples = [
        Reservoir(size, width, np.random.default_rng([2, job.hosts.rank, tree]))
        for tree in range(values["num_trees"])
    ]
    for block in source.blocks():
        rows = block.dense()
        for sample in samples:
            sample.add(rows)
    if job.hosts.size > 1:
        merged = [Reservoir(size, width, np.random.default_rng(tree)) for tree in range(len(samples))]
        flat = [part for sample in samples for part in (sample.keys, sample.rows)]
        for parts in job.hosts.gather(*flat):
            for at, one in enumerate(merged):
                one.add(parts[2 * at + 1], parts[2 * at])
        return merged
    return samples


def _test(job: Job, trees: list[Tree]) -> None:
    """Metrics of a labelled test channel: rows three standard deviations above the mean score count as anomalies."""
    if "test" not in job.channels:
        job.log.info("Test data is not provided.")
        return
    found, truth = [], []
    for block in Source(job.channels["test"], labels="optional", width=job.values["feature_dim"]).blocks():
        found.append(score(trees, block.dense()))
        if block.labels is not None:
            truth.append(block.labels)
    values = np.concatenate(found)
    job.log.info(f"Test scores: mean {values.mean():g}, standard deviation {values.std():g}")
    if not truth:
        job.log.info("The test channel has no labels; no metric is computed.")
        return
    predicted = (values > values.mean() + _DEVIATIONS * values.std()).astype(np.int64)
    labels = (np.concatenate(truth) > 0.5).astype(np.int64)
    matrix = scores.confusion(labels, predicted, 2)
    measures = {"accuracy": scores.accuracy(matrix)} if "accuracy" in job.values["eval_metrics"] else {}
    if "precision_recall_fscore" in job.values["eval_metrics"]:
        measures |= {
            "precision": scores.precision_binary(matrix),
            "recall": scores.recall_binary(matrix),
            "f1": scores.f1_binary(matrix),
        }
    for name, value in measures.items():
        job.log.score("test", name, value)
        job.log.quality("test", name, value, "score")
