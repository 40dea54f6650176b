"""Training program of the factorization-machines image."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images import scores as measures
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.factorization_machines.model import FactorModel, gradients, score
from smstudio_ext.engine.images.factorization_machines.parameters import BINARY, DECLARED, REGRESSOR
from smstudio_ext.engine.images.firstparty.data import NO_DATA, Block, Source
from smstudio_ext.engine.images.firstparty.job import Job, open_job
from smstudio_ext.engine.images.linear_learner.losses import sigmoid

Array = npt.NDArray[Any]


_SHOWN_BATCHES = 500


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "factorization-machines", DECLARED)
    values = job.values
    source = Source(job.channels["train"], labels="required", width=values["feature_dim"])
    learner = Learner(values)
    generator = np.random.default_rng([3, job.hosts.rank])
    for epoch in range(values["epochs"]):
        begin = time.time()
        tally = Tally(values["predictor_type"])
        for number, batch in enumerate(source.batches(values["mini_batch_size"], generator)):
            _check(batch, values["predictor_type"])
            margins = learner.learn(batch)
            assert batch.labels is not None
            tally.add(margins, batch.labels)
            if number % _SHOWN_BATCHES == 0:
                for name, kind, value in measure(margins, batch.labels, values["predictor_type"]):
                    job.log.quality("train", name, value, kind, epoch=epoch, batch=number)
        _average(job, learner, tally.rows)
        for name, kind, value in tally.total(job):
            job.log.quality("train", name, value, kind, epoch=epoch)
        job.log.progress(epoch + 1, values["epochs"])
        job.log.throughput(tally.rows, time.time() - begin)
    model = learner.model()
    job.save(model.encode())
    _test(job, model)
    job.log.finish()


def _check(batch: Block, predictor: str) -> None:
    labels = batch.labels
    if predictor == BINARY and labels is not None and not np.isin(labels, (0.0, 1.0)).all():
        raise AlgorithmError(
            f"Labels of a binary_classifier must be 0 or 1; found {sorted({float(one) for one in labels})[:5]}."
        )


class Learner:
    """Parameters and their Adam moments; of sparse mini-batches only the rows that occur are touched."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        width, factors = values["feature_dim"], values["num_factors"]
        generator = np.random.default_rng(11)
        self.bias = _begin(values, "bias", (1,), generator)
        self.linear = _begin(values, "linear", (width,), generator)
        self.factors = _begin(values, "factors", (width, factors), generator)
        self._moments = {
            name: (np.zeros_like(part), np.zeros_like(part)) for name, part in self.parameters().items()
        }
        self._step = 0

    def parameters(self) -> dict[str, Array]:
        """The arrays by name."""
        return {"bias": self.bias, "linear": self.linear, "factors": self.factors}

    def learn(self, batch: Block) -> Array:
        """Takes one step; returns the scores before it."""
        features, rows = batch.features, slice(None)
        used: Any = rows
        if sparse.issparse(features):
            used, codes = np.unique(features.indices, return_inverse=True)
            features = sparse.csr_matrix(
                (features.data, codes, features.indptr), shape=(features.shape[0], len(used))
            )
        linear, factors = self.linear[used], self.factors[used]
        margins, crossed, squared = score(features, float(self.bias[0]), linear, factors)
        labels = batch.labels if batch.labels is not None else np.zeros(len(batch))
        slope = (sigmoid(margins) if self._values["predictor_type"] == BINARY else margins) - labels
        found = gradients(features, squared, crossed, factors, slope)
        scale = self._values["rescale_grad"]
        scale = 1 / len(batch) if scale is None else scale
        self._step += 1
        self._move("bias", slice(None), np.array([found[0]]) * scale)
        self._move("linear", used, found[1] * scale)
        self._move("factors", used, found[2] * scale)
        return margins

    def _move(self, name: str, rows: Any, gradient: Array) -> None:
        values = self._values
        part = self.parameters()[name]
        first, second = self._moments[name]
        gradient = gradient + values[f"{name}_wd"] * part[rows]
        if values["clip_gradient"]:
            gradient = np.clip(gradient, -values["clip_gradient"], values["clip_gradient"])
        first[rows] = 0.9 * first[rows] + 0.1 * gradient
        second[rows] = 0.999 * second[rows] + 0.001 * gradient**2
        corrected = np.sqrt(second[rows] / (1 - 0.999**self._step)) + (values["eps"] or 1e-8)
        part[rows] -= values[f"{name}_lr"] * (first[rows] / (1 - 0.9**self._step)) / corrected

    def model(self) -> FactorModel:
        """The model as it is now."""
        return FactorModel(self._values["predictor_type"], float(self.bias[0]), self.linear, self.factors)


def _begin(
    values: Mapping[str, Any], name: str, shape: tuple[int, ...], generator: np.random.Generator
) -> Array:
    method = values[f"{name}_init_method"]
    if method == "constant":
        start: Array = np.full(shape, values[f"{name}_init_value"] or 0.0)
    elif method == "uniform":
        scale = values[f"{name}_init_scale"]
        scale = 0.001 if scale is None else scale
        start = generator.uniform(-scale, scale, shape)
    else:
        start = generator.normal(0, values[f"{name}_init_sigma"], shape)
    return start.astype(np.float32)


def _average(job: Job, learner: Learner, rows: int) -> None:
    """After an epoch hosts go on from the mean of their parameters, weighted by rows."""
    if job.hosts.size == 1:
        if not rows:
            raise AlgorithmError(NO_DATA)
        return
    parts = learner.parameters()
    sums = job.hosts.total(
        np.array(float(rows)), *(part.astype(np.float64) * rows for part in parts.values())
    )
    if not sums[0]:
        raise AlgorithmError(NO_DATA)
    for part, found in zip(parts.values(), sums[1:], strict=True):
        part[...] = found / sums[0]


Metric = tuple[str, Literal["loss", "score"], float]


def measure(margins: Array, labels: Array, predictor: str) -> list[Metric]:
    """The container's metrics of some rows."""
    tally = Tally(predictor)
    tally.add(margins, labels)
    return tally.values()


class Tally:
    """Adds up what the metrics of many mini-batches need."""

    def __init__(self, predictor: str) -> None:
        self._predictor = predictor
        self._sums = np.zeros(6)

    @property
    def rows(self) -> int:
        """Rows counted."""
        return int(self._sums[0])

    def add(self, margins: Array, labels: Array) -> None:
        """Counts some rows."""
        if self._predictor == REGRESSOR:
            error = margins - labels
            self._sums += [len(labels), (error**2).sum(), np.abs(error).sum(), 0, 0, 0]
            return
        positive = margins > 0
        truth = labels > 0.5
        loss = np.logaddexp(0, margins) - labels * margins
        self._sums += [
            len(labels),
            loss.sum(),
            (positive == truth).sum(),
            (positive & truth).sum(),
            positive.sum(),
            truth.sum(),
        ]

    def total(self, job: Job) -> list[Metric]:
        """The metrics over all hosts."""
        (self._sums,) = job.hosts.total(self._sums)
        return self.values()

    def values(self) -> list[Metric]:
        """The metrics."""
        rows, one, two, hits, positive, truth = self._sums.tolist()
        rows = max(rows, 1)
        if self._predictor == REGRESSOR:
            return [
                ("rmse", "loss", float(np.sqrt(one / rows))),
                ("mse", "loss", float(one / rows)),
                ("absolute_loss", "loss", float(two / rows)),
            ]
        return [
            ("binary_classification_accuracy", "score", float(two / rows)),
            ("binary_classification_cross_entropy", "loss", float(one / rows)),
            ("binary_f_1.000", "score", float(2 * hits / max(positive + truth, 1))),
        ]


def _test(job: Job, model: FactorModel) -> None:
    if "test" not in job.channels:
        job.log.info("Test data is not provided.")
        return
    predictor = job.values["predictor_type"]
    tally = Tally(predictor)
    margins, labels = [], []
    for block in Source(job.channels["test"], labels="required", width=job.values["feature_dim"]).blocks():
        _check(block, predictor)
        assert block.labels is not None
        margins.append(model.scores(block.features))
        labels.append(block.labels)
        tally.add(margins[-1], block.labels)
    for name, kind, value in tally.total(job):
        job.log.score("test", name, value)
        job.log.quality("test", name, value, kind)
    if predictor == BINARY and labels:
        auc = measures.auc(np.concatenate(labels).astype(np.int64), np.concatenate(margins))
        job.log.score("test", "roc_auc_score", auc)
