"""Training program of the pca image."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import NO_DATA, Source
from smstudio_ext.engine.images.firstparty.job import Job, open_job
from smstudio_ext.engine.images.pca.components import Components, Moments, Sketch
from smstudio_ext.engine.images.pca.parameters import DECLARED
from smstudio_ext.formats import mxnet

_LARGEST_SQUARE = 20_000
_POWER_PASSES = 2


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`: the arrays `s`, `v` and `mean`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "PCA", DECLARED)
    values = job.values
    width, components = values["feature_dim"], values["num_components"]
    if components > width:
        raise AlgorithmError(f"num_components ({components}) must not be greater than feature_dim ({width}).")
    if values["algorithm_mode"] == "regular" and width > _LARGEST_SQUARE:
        raise AlgorithmError(
            f"algorithm_mode regular keeps a matrix of feature_dim x feature_dim; use randomized for more than {_LARGEST_SQUARE} "
            "features."
        )
    source = Source(job.channels["train"], labels="none", width=width)
    begin = time.time()
    found = _exact(job, source) if values["algorithm_mode"] == "regular" else _sketched(job, source)
    job.log.progress(1, 1)
    job.log.throughput(source.rows, time.time() - begin)
    job.save(
        mxnet.write(
            {
                "s": found.values.astype(np.float32),
                "v": found.vectors.astype(np.float32),
                "mean": found.mean.astype(np.float32)[None, :],
            }
        )
    )
    if "test" not in job.channels:
        job.log.info("Test data is not provided.")
    job.log.finish()


def _exact(job: Job, source: Source) -> Components:
    moments = Moments(job.values["feature_dim"])
    for batch in source.batches(max(job.values["mini_batch_size"], 2048)):
        moments.add(batch.features)
    rows, moments.total, moments.square = job.hosts.total(
        np.array(moments.rows), moments.total, moments.square
    )
    moments.rows = _enough(rows)
    return moments.solve(job.values["num_components"], center=job.values["subtract_mean"])


def _sketched(job: Job, source: Source) -> Components:
    values = job.values
    components, center = values["num_components"], values["subtract_mean"]
    extra = values["extra_components"]
    # AWS: -1 stands for max(10, num_components).
    sketch = Sketch(values["feature_dim"], components + (max(10, components) if extra == -1 else extra))
    for batch in source.batches(max(values["mini_batch_size"], 2048)):
        sketch.add(batch.features)
    rows, sketch.total, sketch.image = job.hosts.total(np.array(sketch.rows), sketch.total, sketch.image)
    sketch.rows = _enough(rows)
    again = job.hosts.total(np.array([source.rereadable], dtype=np.int64))[0] == job.hosts.size
    if not again:
        return sketch.solve_once(components, center=center)
    basis = sketch.range(center=center)
    for _ in range(_POWER_PASSES):
        image = np.zeros(basis.shape)
        for block in source.blocks():
            image += np.asarray(block.features.T @ (block.features @ basis))
        (image,) = job.hosts.total(image)
        basis = sketch.sharpen(basis, image, center=center)
    inner = np.zeros((basis.shape[1], basis.shape[1]))
    for block in source.blocks():
        part = np.asarray(block.features @ basis)
        inner += part.T @ part
    (inner,) = job.hosts.total(inner)
    return sketch.solve_twice(basis, inner, components, center=center)


def _enough(rows: np.ndarray) -> float:
    if not rows:
        raise AlgorithmError(NO_DATA)
    return float(rows)
