"""Training program of the knn image: sample, reduce, index."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import NO_DATA, Source
from smstudio_ext.engine.images.firstparty.job import Job, open_job
from smstudio_ext.engine.images.firstparty.parameters import refuse
from smstudio_ext.engine.images.firstparty.sampling import Reservoir
from smstudio_ext.engine.images.knn import index as indexes
from smstudio_ext.engine.images.knn.model import NeighbourModel
from smstudio_ext.engine.images.knn.parameters import DECLARED
from smstudio_ext.engine.images.knn.projection import fjlt_matrix, sign_matrix

_SUBQUANTIZERS = (1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96)
"""What AWS allows for `faiss_index_pq_m`."""


def train(optml: Path) -> None:
    """Samples the `train` channel and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "AWS/KNN", DECLARED)
    _check(job)
    source = Source(job.channels["train"], labels="required", width=job.values["feature_dim"])
    begin = time.time()
    sample = _sample(job, source)
    job.log.progress(1, 1)
    job.log.throughput(source.rows, time.time() - begin)
    if job.hosts.leads:
        model = _build(job, sample)
        job.save(model.encode())
        _test(job, model)
    job.log.finish()


def _check(job: Job) -> None:
    values = job.values
    target, kind = values["dimension_reduction_target"], values["dimension_reduction_type"]
    if kind and target is None:
        raise refuse(
            "No value(s) were specified for 'dimension_reduction_target' which are required hyperparameter(s)"
        )
    if target is not None and target >= values["feature_dim"]:
        raise refuse(
            f"The value '{target}' is not valid for the 'dimension_reduction_target' hyperparameter which expects one of the "
            "following: an integer greater than 0 and less than feature_dim"
        )
    if values["faiss_index_pq_m"] not in (None, *_SUBQUANTIZERS):
        raise refuse(
            f"The value '{values['faiss_index_pq_m']}' is not valid for the 'faiss_index_pq_m' hyperparameter which accepts one of "
            f"the following: {', '.join(map(str, _SUBQUANTIZERS))}"
        )
    if values["k"] > values["sample_size"]:
        raise AlgorithmError(
            f"k ({values['k']}) must not be greater than sample_size ({values['sample_size']})."
        )
    indexes.require_faiss(values["index_type"])


def _sample(job: Job, source: Source) -> Reservoir:
    """A uniform sample of all hosts' rows, label first, at the leader."""
    values = job.values
    columns = values["feature_dim"] + 1
    sample = Reservoir(values["sample_size"], columns, np.random.default_rng([1, job.hosts.rank]))
    for block in source.blocks():
        assert block.labels is not None
        sample.add(np.column_stack([block.labels, block.dense()]))
    merged = Reservoir(values["sample_size"], columns, np.random.default_rng(0))
    for keys, rows in job.hosts.gather(sample.keys, sample.rows):
        merged.add(rows, keys)
    if job.hosts.leads and not len(merged.rows):
        raise AlgorithmError(NO_DATA)
    return merged


def _build(job: Job, sample: Reservoir) -> NeighbourModel:
    values = job.values
    labels, points = sample.rows[:, 0].copy(), np.ascontiguousarray(sample.rows[:, 1:])
    if values["k"] > len(points):
        raise AlgorithmError(
            f"k ({values['k']}) must not be greater than the number of records ({len(points)})."
        )
    projection = None
    if values["dimension_reduction_type"]:
        generator = np.random.default_rng(7)
        target = values["dimension_reduction_target"]
        if values["dimension_reduction_type"] == "sign":
            projection = sign_matrix(points.shape[1], target, generator)
        else:
            projection = fjlt_matrix(points.shape[1], target, len(points), generator)
        points = points @ projection
    index = indexes.build(
        points,
        values["index_metric"],
        values["index_type"],
        lists=values["faiss_index_ivf_nlists"],
        parts=values["faiss_index_pq_m"],
    )
    job.log.info(f"Built a {values['index_type']} index of {len(points)} points")
    return NeighbourModel(
        values["predictor_type"], values["k"], index, labels, projection, values["feature_dim"]
    )


def _test(job: Job, model: NeighbourModel) -> None:
    """Prints the metrics of the test channel (its rows of the first host)."""
    if "test" not in job.channels:
        job.log.info("Test data is not provided.")
        return
    truth, answers = [], []
    for block in Source(job.channels["test"], labels="required", width=model.width).blocks():
        assert block.labels is not None
        truth.append(block.labels)
        answers.append(model.decide(model.neighbours(block.dense())[0]))
    labels, predicted = np.concatenate(truth), np.concatenate(answers)
    if job.values["predictor_type"] == "regressor":
        value = float(np.mean((labels - predicted) ** 2))
        job.log.score("test", "mse", value)
        job.log.quality("test", "mse", value, "loss")
        return
    classes = np.unique(np.concatenate([labels, predicted]))
    matrix = scores.confusion(
        np.searchsorted(classes, labels), np.searchsorted(classes, predicted), len(classes)
    )
    job.log.score("test", "accuracy", scores.accuracy(matrix))
    job.log.score("test", "macro_f_1.000", scores.f1_macro(matrix))
    job.log.quality("test", "accuracy", scores.accuracy(matrix), "score")
