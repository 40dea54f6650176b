"""Trains many linear models at once on one stream of mini-batches and keeps the best epoch of each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import NO_DATA, Block, Source
from smstudio_ext.engine.images.firstparty.job import Job
from smstudio_ext.engine.images.linear_learner.losses import OBJECTIVES, evaluate
from smstudio_ext.engine.images.linear_learner.optimizers import Optimizer
from smstudio_ext.engine.images.linear_learner.selection import criterion_values

Array = npt.NDArray[Any]

MODELS, CLOSE_MODELS = 32, 8
_MOST_COLUMNS = 4096
_RATES, _DECAYS, _L1S = (0.01, 0.1, 0.03, 0.003), (1e-4, 1e-7, 1e-2, 1e-3), (0.0, 1e-5)
_SAMPLED_ROWS = 10_000


@dataclass
class Grid:
    """Hyperparameters of each model; the first one's are those of the job.

    Attributes:
        weights: (models, classes or 2) weight of rows by class; (models, 1) for regressors.
    """

    rates: Array
    decays: Array
    l1s: Array
    weights: Array

    def __len__(self) -> int:
        return len(self.rates)


def make_grid(values: dict[str, Any], outputs: int, class_weights: Array) -> Grid:
    """The models to train: the job's hyperparameters first, then ones close to them.

    Args:
        class_weights: (options, classes) row weights to try in turn.
    """
    given = values["learning_rate"], values["wd"], values["l1"]
    count = values["num_models"]
    if count is None:
        count = MODELS if given[0] is None and given[1] is None else CLOSE_MODELS
        count = max(1, min(count, _MOST_COLUMNS // outputs))
    rates = _RATES if given[0] is None else tuple(given[0] * factor for factor in (1, 2, 0.5, 0.25))
    decays = _DECAYS if given[1] is None else tuple(given[1] * factor for factor in (1, 0.1, 10, 0.01))
    l1s = _L1S if given[2] is None else (given[2], given[2] / 10 if given[2] else 0.0)
    chosen = [
        (
            rates[at % 4],
            decays[(at // 4 + at // 32) % 4],
            l1s[(at // 16) % 2],
            class_weights[at % len(class_weights)],
        )
        for at in range(count)
    ]
    return Grid(
        np.array([one[0] for one in chosen]),
        np.array([one[1] for one in chosen]),
        np.array([one[2] for one in chosen]),
        np.stack([one[3] for one in chosen]),
    )


class Descent:
    """Mini-batch training of all models of a grid.

    The state holds a row a feature and a last one of biases; columns run over models and, within them, outputs. What an epoch gives
    is the mean of the states in its second half (Polyak and Juditsky, 1992): the noise of single mini-batches falls out.

    Args:
        outputs: numbers that a model gives a row.
    """

    def __init__(self, job: Job, grid: Grid, width: int, outputs: int) -> None:
        self._job = job
        self._values = job.values
        self._grid = grid
        self._outputs = outputs
        self._generator = np.random.default_rng(job.values["seed"])
        self._state = self._begin(width)
        self._decay = self._columns(grid.decays)
        self._l1 = self._columns(grid.l1s)
        self._optimizer = Optimizer(job.values, self._columns(grid.rates), self._state.shape)
        self._batches = 0
        self._mean: Array = np.array(self._state)

    def _columns(self, per_model: Array) -> Array:
        return np.repeat(per_model, self._outputs).astype(np.float32)

    def _begin(self, width: int) -> Array:
        values = self._values
        shape = (width + 1, len(self._grid) * self._outputs)
        # equal seeds, so that all hosts begin with equal weights
        generator = np.random.default_rng(values["seed"])
        if values["init_method"] == "uniform":
            state = generator.uniform(-values["init_scale"], values["init_scale"], shape)
        else:
            state = generator.normal(0, values["init_sigma"], shape)
        state[-1] = (values["init_bias"] or 0.0) if values["use_bias"] else 0.0
        return np.asarray(state, dtype=np.float32)

    def margins(self, features: Any, state: Array) -> Array:
        """(rows, models) or (rows, models, outputs) linear scores."""
        flat: Array = np.asarray(features @ state[:-1]) + state[-1]
        return flat if self._outputs == 1 else flat.reshape(len(flat), len(self._grid), self._outputs)

    def run(self, source: Source, held_out: Source | None) -> Array:
        """All epochs; returns the state in which each model had its best epoch.

        Raises:
            AlgorithmError: there are no rows.
        """
        values, log = self._values, self._job.log
        best: Array = np.array(self._state)
        lowest = np.full(len(self._grid), np.inf)
        watched, worse = np.inf, 0
        objective = OBJECTIVES[values["loss"]]
        for epoch in range(values["epochs"]):
            begin = time.time()
            losses, rows = self._epoch(source, epoch)
            log.quality("train", objective, _least(losses), "loss", epoch=epoch)
            criterion = _least(losses)
            if held_out is not None:
                losses, criterion = self._check(held_out)
                log.quality("validation", objective, _least(losses), "loss", epoch=epoch)
            log.info(
                f"#early_stopping_criteria_metric: host={log.host}, epoch={epoch}, "
                f"criteria={self._criterion(held_out)}, value={abs(criterion)!r}"
            )
            better = losses < lowest
            lowest[better] = losses[better]
            columns = np.repeat(better, self._outputs)
            best[:, columns] = self._mean[:, columns]
            log.progress(epoch + 1, values["epochs"])
            log.metrics(
                {f"train_{objective}": _least(losses)}, begin, epoch=epoch, model=int(np.argmin(lowest))
            )
            log.throughput(rows, time.time() - begin)
            if criterion < watched - values["early_stopping_tolerance"] * abs(watched) or np.isinf(watched):
                watched, worse = min(criterion, watched), 0
            else:
                worse += 1
            if worse >= values["early_stopping_patience"]:
                log.info(f"Early stop condition met. Stopping training after epoch {epoch}.")
                break
        return best

    def _epoch(self, source: Source, epoch: int) -> tuple[Array, int]:
        """One pass; returns the mean loss of each model while it learnt, and the rows of all hosts."""
        totals, weight, number, rows_seen = np.zeros(len(self._grid)), np.zeros(len(self._grid)), 0, 0
        summed, first = np.zeros(self._state.shape), self._batches // 2
        for batch in self._job.hosts.lockstep(
            source.batches(self._values["mini_batch_size"], self._generator)
        ):
            gradient, losses, weights, rows = self._gradient(batch)
            if self._job.hosts.size > 1:
                gradient, losses, weights, counted = self._job.hosts.total(
                    gradient, losses, weights, np.array(rows)
                )
                rows = int(counted)
            totals += losses
            weight += weights
            rows_seen += rows
            share = number / self._batches if self._batches else 0.0
            self._step(gradient / max(rows, 1), (epoch + min(share, 1.0)) / self._values["epochs"])
            if number >= first and self._batches:
                summed += self._state
            number += 1
        if not rows_seen:
            raise AlgorithmError(NO_DATA)
        self._settle(summed, number - first)
        self._batches = number
        return _finite(totals / np.maximum(weight, 1e-12)), rows_seen

    def _settle(self, summed: Array, steps: int) -> None:
        """What this epoch gives; the first one, of unknown length, its last state, and so do weights that l1 holds at zero."""
        self._mean = np.array(self._state)
        if self._batches and steps > 0:
            free = self._l1 == 0
            self._mean[:, free] = (summed[:, free] / steps).astype(np.float32)

    def _gradient(self, batch: Block | None) -> tuple[Array, Array, Array, int]:
        """Sums over a mini-batch: gradient, losses, row weights by model; and its rows."""
        models = len(self._grid)
        if batch is None or batch.labels is None:
            return np.zeros(self._state.shape), np.zeros(models), np.zeros(models), 0
        weights = self.row_weights(batch.labels)
        with np.errstate(all="ignore"):
            margins = self.margins(batch.features, self._state)
            losses, slope = evaluate(self._values["loss"], margins, batch.labels, self._values)
            slope = slope * (weights[..., None] if slope.ndim == 3 else weights)
            flat = slope.reshape(len(batch), -1).astype(np.float32)
            down = np.asarray(batch.features.T @ flat)
            gradient = np.vstack([down, flat.sum(axis=0)])
        return gradient, (losses * weights).sum(axis=0), weights.sum(axis=0), len(batch)

    def row_weights(self, labels: Array) -> Array:
        """(rows, models) weight of each row."""
        if self._grid.weights.shape[1] == 1:
            return np.ones((len(labels), 1)) * self._grid.weights[:, 0]
        return np.asarray(self._grid.weights[:, labels.astype(np.int64)].T)

    def _step(self, gradient: Array, progress: float) -> None:
        values = self._values
        with np.errstate(all="ignore"):
            gradient = gradient.astype(np.float32)
            gradient[:-1] += self._decay * self._state[:-1]
            if values["bias_wd_mult"]:
                gradient[-1] += values["bias_wd_mult"] * self._decay * self._state[-1]
            if not values["use_bias"]:
                gradient[-1] = 0
            rates = self._optimizer.move(self._state, gradient, progress)
            if self._l1.any():
                weights = self._state[:-1]
                weights[:] = np.sign(weights) * np.maximum(np.abs(weights) - rates[:-1] * self._l1, 0)

    def _criterion(self, held_out: Source | None) -> str:
        chosen = self._values["binary_classifier_model_selection_criteria"]
        if (
            held_out is None
            or self._values["predictor_type"] != "binary_classifier"
            or chosen.endswith("loss")
        ):
            return "loss"
        return "loss" if chosen == "loss_function" else f"sampled_{chosen}"

    def _check(self, held_out: Source) -> tuple[Array, float]:
        """Validation loss of each model, and what early stopping watches (smaller is better)."""
        totals, weight = np.zeros(len(self._grid)), np.zeros(len(self._grid))
        sampled: list[tuple[Array, Array]] = []
        kept = 0
        for block in held_out.blocks():
            assert block.labels is not None
            with np.errstate(all="ignore"):
                margins = self.margins(block.features, self._mean)
                losses, _ = evaluate(self._values["loss"], margins, block.labels, self._values, slope=False)
            weights = self.row_weights(block.labels)
            totals += (losses * weights).sum(axis=0)
            weight += weights.sum(axis=0)
            if kept < _SAMPLED_ROWS and self._criterion(held_out) != "loss":
                sampled.append((margins[: _SAMPLED_ROWS - kept], block.labels[: _SAMPLED_ROWS - kept]))
                kept += len(sampled[-1][1])
        totals, weight = self._job.hosts.total(totals, weight)
        losses = _finite(totals / np.maximum(weight, 1e-12))
        if not sampled:
            return losses, _least(losses)
        scores = criterion_values(
            np.concatenate([one[1] for one in sampled]),
            np.concatenate([one[0] for one in sampled]),
            self._values,
        )
        (best,) = self._job.hosts.share(np.array(max(scores)))
        return losses, -float(best)


def _finite(losses: Array) -> Array:
    return np.where(np.isfinite(losses), losses, np.inf)


def _least(losses: Array) -> float:
    return float(losses.min())
