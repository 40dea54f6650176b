"""Training program of the linear-learner image."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import NO_DATA, Block, Source
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.firstparty.job import Job, check_channels
from smstudio_ext.engine.images.firstparty.log import TrainingLog
from smstudio_ext.engine.images.jobfiles import read_channels, read_hyperparameters, read_json
from smstudio_ext.engine.images.linear_learner.crossvalidation import cross_validate
from smstudio_ext.engine.images.linear_learner.descent import Descent, make_grid
from smstudio_ext.engine.images.linear_learner.evaluation import answer, measure
from smstudio_ext.engine.images.linear_learner.losses import evaluate
from smstudio_ext.engine.images.linear_learner.model import LinearModel, Part
from smstudio_ext.engine.images.linear_learner.parameters import (
    BINARY,
    MULTICLASS,
    REGRESSOR,
    fold_settings,
    read_values,
)
from smstudio_ext.engine.images.linear_learner.scaling import Scaler, moments
from smstudio_ext.engine.images.linear_learner.selection import best_cut, best_model, settled_cut
from smstudio_ext.engine.images.matrices import Table, read_channel

Array = npt.NDArray[Any]

CHANNELS = ("train", "validation", "test")
_MOST_CALIBRATION_ROWS = 200_000
_MOST_SCORED_VALUES = 50_000_000


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    given = read_hyperparameters(optml)
    values = read_values(given)
    host = read_json(optml / "input/config/resourceconfig.json").get("current_host") or "algo-1"
    log = TrainingLog("Linear Learner", host)
    log.configuration(given, {name: value for name, value in values.items() if not name.startswith("_")})
    channels = read_channels(optml)
    check_channels(channels, CHANNELS)
    if values["_kfold"]:
        tables = [read_channel(channels[name]) for name in ("train", "validation") if name in channels]
        for table in tables:
            _check_labels(table.labels, values, "train")
        _check_widths(tables)
        validation = tables[1] if len(tables) > 1 else None
        cross_validate(tables[0], validation, fold_settings(values), log, optml / "output/data").save(
            optml / "model"
        )
        return
    job = Job(optml, values, channels, Hosts.of_job(optml), log)
    _train(job)
    log.finish()


def _train(job: Job) -> None:
    sources = {
        name: Source(job.channels[name], labels="required", width=job.values["feature_dim"], missing=True)
        for name in CHANNELS
        if name in job.channels
    }
    scaler, class_weights, missing = _survey(job, sources["train"])
    if missing:
        job.log.info("Some values of the training data are missing: each counts as the mean of its feature.")
    width = len(scaler.scale)
    for name, source in sources.items():
        source.width = width
        source.change(_scaled(scaler, name, job.values))
    outputs = job.values["num_classes"] if job.values["predictor_type"] == MULTICLASS else 1
    grid = make_grid(job.values, outputs, class_weights)
    job.log.info(f"Number of models trained in parallel: {len(grid)}")
    descent = Descent(job, grid, width, outputs)
    begin = time.time()
    state = descent.run(sources["train"], sources.get("validation"))
    job.log.metrics({"update.time": (time.time() - begin) * 1000})
    chosen, threshold = _choose(job, descent, state, sources)
    columns = slice(chosen * outputs, (chosen + 1) * outputs)
    weights, bias = scaler.unscale(
        state[:-1, columns].astype(np.float64), state[-1, columns].astype(np.float64)
    )
    job.values["positive_example_weight_mult"] = (
        float(grid.weights[chosen, -1]) if job.values["predictor_type"] == BINARY else 1.0
    )
    model = LinearModel(
        job.values["predictor_type"],
        job.values["num_classes"],
        [Part(weights, bias, scaler.fill if missing else None)],
        threshold,
        job.values["loss"],
        _notes(job.values, grid.weights[chosen]),
    )
    job.save(model.encode())
    _report(job, sources, state[:, columns], scaler, threshold)


def _scaled(scaler: Scaler, name: str, values: dict[str, Any]) -> Any:
    def change(block: Block) -> Block:
        assert block.labels is not None
        _check_labels(block.labels, values, name)
        return Block(scaler.features(block.features), scaler.labels(block.labels))

    return change


def _check_labels(labels: Array, values: dict[str, Any], channel: str) -> None:
    if values["predictor_type"] == REGRESSOR:
        return
    classes = values["num_classes"]
    if labels.min() < 0 or labels.max() >= classes or (labels % 1 != 0).any():
        found = sorted({float(one) for one in np.unique(labels)})[:5]
        raise AlgorithmError(
            f"Labels of a {values['predictor_type']} must be whole numbers from 0 to {classes - 1}; channel '{channel}' has "
            f"{found}."
        )


def _check_widths(tables: list[Table]) -> None:
    widths = [table.features.shape[1] for table in tables]
    if len(set(widths)) > 1:
        raise AlgorithmError(
            f"The train channel has {widths[0]} features and the validation channel {widths[1]}."
        )


def _survey(job: Job, source: Source) -> tuple[Scaler, Array, bool]:
    """Looks at the first rows: scaling, weights of classes to try, and whether values are missing."""
    values = job.values
    whole = source.small
    sums = labels = None
    counts = np.zeros(max(2, values["num_classes"]))
    seen, sparse_data, missing = 0, False, False
    for block in source.blocks():
        assert block.labels is not None
        _check_labels(block.labels, values, "train")
        part = block.take(slice(0, max(0, values["num_point_for_scaler"] - seen)))
        sparse_data = sparse_data or not isinstance(block.features, np.ndarray)
        if isinstance(block.features, np.ndarray) and not missing:
            missing = bool(np.isnan(block.features.sum()))
        if len(part):
            found = moments(part.features, part.labels if part.labels is not None else np.zeros(0))
            sums = found[0] if sums is None else sums + found[0]
            labels = found[1] if labels is None else labels + found[1]
        if values["predictor_type"] != REGRESSOR:
            counts += np.bincount(block.labels.astype(np.int64), minlength=len(counts))
        seen += len(block)
        if seen >= values["num_point_for_scaler"] and not whole:
            break
    if sums is None or labels is None:
        raise AlgorithmError(NO_DATA)
    sums, labels, counts = job.hosts.total(sums, labels, counts)
    if job.hosts.total(np.array([missing], dtype=np.int64))[0][0]:
        missing = True
    return Scaler.of(sums, labels, values, sparse_data=sparse_data), _class_weights(values, counts), missing


def _class_weights(values: dict[str, Any], counts: Array) -> Array:
    """(options, classes) row weights that the models try in turn."""
    if values["predictor_type"] == REGRESSOR:
        return np.ones((1, 1))
    if values["predictor_type"] == MULTICLASS:
        if not values["balance_multiclass_weights"]:
            return np.ones((1, len(counts)))
        return np.asarray(counts.sum() / (len(counts) * np.maximum(counts, 1)))[None, :]
    ratio = float(counts[0] / counts[1]) if counts[1] else 1.0
    given = values["positive_example_weight_mult"]
    options = {"balanced": [ratio], "auto": [1.0, ratio**0.5, ratio]}.get(str(given)) or [float(given)]
    return np.array([[1.0, option] for option in options])


def _notes(values: dict[str, Any], class_weights: Array) -> dict[str, Any]:
    loss = values["loss"]
    return {
        "quantile": values["quantile"] if loss == "quantile_loss" else None,
        "huber_delta": values["huber_delta"] if loss == "huber_loss" else None,
        "margin": values["margin"] if loss == "hinge_loss" else None,
        "loss_insensitivity": values["loss_insensitivity"] if loss.startswith("eps_") else None,
        "eps_insensitive_loss_type": loss if loss.startswith("eps_") else None,
        "accuracy_top_k": values["accuracy_top_k"],
        "f_beta": values["f_beta"],
        "positive_example_weight_mult": values["positive_example_weight_mult"],
        "class_weights": class_weights.tolist() if values["balance_multiclass_weights"] else None,
    }


def _collect(source: Source, descent: Descent, state: Array, limit: int) -> tuple[Array, Array]:
    """Margins of all models and labels of the first rows."""
    margins, labels, rows = [], [], 0
    for block in source.blocks():
        assert block.labels is not None
        part = block.take(slice(0, limit - rows))
        margins.append(descent.margins(part.features, state))
        labels.append(part.labels)
        rows += len(part)
        if rows >= limit:
            break
    return np.concatenate(margins), np.concatenate([one for one in labels if one is not None])


def _choose(job: Job, descent: Descent, state: Array, sources: dict[str, Source]) -> tuple[int, float]:
    """The best model by the job's criterion on the validation (else train) rows, and its threshold; the leader decides."""
    values = job.values
    asked = values["num_calibration_samples"] or _MOST_CALIBRATION_ROWS
    limit = max(1, min(asked, _MOST_CALIBRATION_ROWS, _MOST_SCORED_VALUES // state.shape[1]))
    with np.errstate(all="ignore"):
        margins, labels = _collect(sources.get("validation", sources["train"]), descent, state, limit)
        losses, _ = evaluate(values["loss"], margins, labels, values, slope=False)
    means = np.average(losses, axis=0, weights=np.broadcast_to(descent.row_weights(labels), losses.shape))
    means = np.where(np.isfinite(means), means, np.inf)
    chosen, threshold = int(np.argmin(means)), 0.0 if values["loss"] == "hinge_loss" else 0.5
    criterion = values["binary_classifier_model_selection_criteria"]
    thresholds = values["predictor_type"] == BINARY and not criterion.endswith(("_loss", "loss_function"))
    if thresholds and len(np.unique(labels)) > 1:  # one class alone says nothing about the other
        usable = np.where(np.isfinite(margins), margins, -1e30)
        answers = [answer(usable[:, at], values["loss"]) for at in range(margins.shape[1])]
        cuts = [best_cut(labels, one, values) for one in answers]
        chosen = best_model(cuts, means, len(labels), criterion)
        threshold = settled_cut(labels, answers[chosen], cuts[chosen], threshold, criterion)
    shared = job.hosts.share(np.array([chosen], dtype=np.float64), np.array([threshold]))
    chosen, threshold = int(shared[0][0]), float(shared[1][0])
    job.log.info(f"Selected model {chosen}; threshold {threshold:g}")
    return chosen, threshold


def _report(job: Job, sources: dict[str, Source], state: Array, scaler: Scaler, threshold: float) -> None:
    """Prints the final metrics of every channel that can be read again."""
    for part, source in sources.items():
        if part == "train" and not source.rereadable:
            continue
        margins, labels = [], []
        rows = 0
        for block in source.blocks():
            assert block.labels is not None
            margins.append(np.asarray(block.features @ state[:-1]) + state[-1])
            labels.append(block.labels)
            rows += len(block)
            if rows * state.shape[1] > _MOST_SCORED_VALUES:
                break
        gathered = job.hosts.gather(np.concatenate(margins), np.concatenate(labels))
        if not job.hosts.leads:
            continue
        found = np.concatenate([one[0] for one in gathered]) * scaler.unit + scaler.low
        truth = np.concatenate([one[1] for one in gathered]) * scaler.unit + scaler.low
        scored = found if job.values["predictor_type"] == MULTICLASS else found[:, 0]
        for name, kind, value in measure(scored, truth, threshold, job.values):
            job.log.score(part, name, value)
            job.log.quality(part, name, value, kind)
    for part in ("validation", "test"):
        if part not in sources:
            job.log.info(f"{part.capitalize()} data is not provided.")
