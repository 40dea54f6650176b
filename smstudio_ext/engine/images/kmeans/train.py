"""Training program of the kmeans image."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import NO_DATA, Source
from smstudio_ext.engine.images.firstparty.job import Job, open_job
from smstudio_ext.engine.images.kmeans.clustering import MiniBatch, Rows, initial, lloyd, nearest, sums
from smstudio_ext.engine.images.kmeans.parameters import DECLARED
from smstudio_ext.formats import mxnet

FACTOR, TRIALS = 10, 10
_FINALISTS, _TRY_PASSES, _PASSES_FROM_FILES = 3, 8, 5


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`: one array, the centres (k, feature_dim).

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "AWS/KMeansWebscale", DECLARED)
    source = Source(job.channels["train"], labels="none", width=job.values["feature_dim"])
    generator = np.random.default_rng(1)
    begin = time.time()
    wide, weights, rows = _stream(job, source, generator)
    job.log.throughput(rows, time.time() - begin)
    centers = _shrink(job, source, wide, weights, generator)
    job.save(mxnet.write([centers]))
    _test(job, centers)
    job.log.finish()


def _stream(job: Job, source: Source, generator: np.random.Generator) -> tuple[Rows, np.ndarray, int]:
    """The epochs over the stream; returns k * extra_center_factor centres, their weights and the rows seen."""
    values, hosts = job.values, job.hosts
    batches: MiniBatch | None = None
    seen = 0
    for epoch in range(values["epochs"]):
        total = 0.0
        rows = 0
        for batch in hosts.lockstep(source.batches(values["mini_batch_size"], generator)):
            part = None if batch is None else batch.dense()
            if batches is None:
                batches = MiniBatch(_begin(job, part, generator), values["half_life_time_size"])
            centers = batches.centers
            if part is None:
                found = np.zeros(centers.shape), np.zeros(len(centers)), 0.0
            else:
                found = sums(part, centers)
            totals, counts, squares = hosts.total(found[0], found[1], np.array(found[2]))
            batches.update(totals, counts)
            total += float(squares)
            rows += int(counts.sum())
        if batches is None or rows < values["k"]:
            raise AlgorithmError(NO_DATA if batches is None else _too_few(rows, values["k"]))
        job.log.info(f"processed a total of {rows} examples")
        job.log.progress(epoch + 1, values["epochs"])
        job.log.metrics({"train_msd": total / rows}, epoch=epoch)
        seen += rows
    assert batches is not None
    return batches.centers, batches.counts, seen


def _begin(job: Job, rows: Rows | None, generator: np.random.Generator) -> Rows:
    """The first centres, drawn by the leader from its first mini-batch."""
    values = job.values
    wanted = values["k"] * (values["extra_center_factor"] or FACTOR)
    drawn = np.zeros((0, values["feature_dim"]), dtype=np.float32)
    if job.hosts.leads and rows is not None:
        if len(rows) < values["k"]:
            raise AlgorithmError(_too_few(len(rows), values["k"]))
        if len(rows) < values["mini_batch_size"]:
            job.log.info(
                f"Batch size {values['mini_batch_size']} is bigger than the first batch data. Effective batch size used to "
                f"initialize is {len(rows)}",
                "WARNING",
            )
        drawn = initial(rows, min(wanted, len(rows)), values["init_method"], generator)
    (centers,) = job.hosts.share(drawn)
    return np.array(centers)


def _too_few(rows: int, k: int) -> str:
    return f"The number of records ({rows}) must not be less than the number of clusters k ({k})."


def _shrink(
    job: Job, source: Source, wide: Rows, weights: np.ndarray, generator: np.random.Generator
) -> Rows:
    """Reduces the centres to k by local Lloyd trials, then improves the best ones on the data itself."""
    values = job.values
    k = values["k"]
    used = weights > 0
    if used.sum() < k:
        used[:] = True
    job.log.info(f"shrinking {len(wide)} centers into {k}")
    attempts = []
    for attempt in range(values["local_lloyd_num_trials"] or TRIALS):
        centers, value = lloyd(
            wide[used],
            np.maximum(weights[used], 1e-9),
            k,
            method=values["local_lloyd_init_method"],
            iterations=values["local_lloyd_max_iter"],
            tol=values["local_lloyd_tol"],
            generator=generator,
        )
        job.log.info(f"local kmeans attempt #{attempt}. Current mean square distance {value:f}")
        attempts.append((value, attempt, centers))
    attempts.sort(key=lambda one: one[:2])
    centers, value = _refine(job, source, [centers for _, _, centers in attempts])
    job.log.info(f"finished shrinking process. Mean Square Distance = {value:g}")
    job.log.quality("train", "msd", value, "loss")
    job.log.score("train", "msd", value)
    return centers


def _refine(job: Job, source: Source, candidates: list[Rows]) -> tuple[Rows, float]:
    """Lloyd's iterations over all rows, as far as they can be read again (a pipe cannot: the best candidate stays).

    AWS's container ends with the shrunk centres; going on from them only lowers the mean squared distance.
    """
    again = job.hosts.total(np.array([source.rereadable], dtype=np.int64))[0] == job.hosts.size
    if not again:
        (centers,) = job.hosts.share(candidates[0])
        return centers, float("nan") if not source.rereadable else _pass(job, source, centers)[1]
    kept = job.hosts.total(np.array([source.in_memory], dtype=np.int64))[0] == job.hosts.size
    tries = []
    for candidate in candidates[: _FINALISTS if kept else 1]:
        (centers,) = job.hosts.share(candidate)
        tries.append(_iterate(job, source, centers, _TRY_PASSES if kept else 0))
    value, centers = min(tries, key=lambda one: one[0])
    value, centers = _iterate(
        job, source, centers, job.values["local_lloyd_max_iter"] if kept else _PASSES_FROM_FILES
    )
    return centers, value


def _iterate(job: Job, source: Source, centers: Rows, passes: int) -> tuple[float, Rows]:
    before = np.inf
    for _ in range(passes):
        moved, value = _pass(job, source, centers)
        if before - value <= job.values["local_lloyd_tol"] * value * 0.1:
            return value, centers
        before, centers = value, moved
    return _pass(job, source, centers)[1], centers


def _pass(job: Job, source: Source, centers: Rows) -> tuple[Rows, float]:
    """Means of the rows by nearest centre, and the mean squared distance to the centres given."""
    totals, counts, squares = np.zeros(centers.shape), np.zeros(len(centers)), 0.0
    for block in source.blocks():
        part = sums(block.dense(), centers)
        totals += part[0]
        counts += part[1]
        squares += part[2]
    totals, counts, total = job.hosts.total(totals, counts, np.array(squares))
    moved = np.array(centers)
    full = counts > 0
    moved[full] = (totals[full] / counts[full, None]).astype(np.float32)
    return moved, float(total / counts.sum())


def _test(job: Job, centers: Rows) -> None:
    """Prints the metrics of the test channel."""
    if "test" not in job.channels:
        job.log.info("Test data is not provided.")
        return
    squares = rows = 0.0
    for block in Source(job.channels["test"], labels="none", width=job.values["feature_dim"]).blocks():
        squares += nearest(block.dense(), centers)[1].sum()
        rows += len(block)
    squares, rows = (float(one) for one in job.hosts.total(np.array(squares), np.array(rows)))
    found = {"msd": squares / max(rows, 1), "ssd": squares}
    for name in job.values["eval_metrics"]:
        job.log.score("test", name, found[name])
        job.log.quality("test", name, found[name], "loss")
