"""Training program of the XGBoost image in algorithm mode."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import granted_cpus, read_channels, read_hyperparameters, read_json
from smstudio_ext.engine.images.matrices import Table, read_channel
from smstudio_ext.engine.images.xgboost import models
from smstudio_ext.engine.images.xgboost.crossvalidation import cross_validate
from smstudio_ext.engine.images.xgboost.evaluate import (
    all_scores,
    computed_scores,
    measure_latency,
    score_line,
)
from smstudio_ext.engine.images.xgboost.parameters import Settings, larger_is_better, parse_settings


def train(optml: Path) -> None:
    """Trains and writes `model/xgboost-model` (or one file a fold) in xgboost's own format.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    _run(optml, pickled=False)


def train_pickled(optml: Path) -> None:
    """As `train`, for image versions before 1.3-1, whose model file is a Python pickle."""
    _run(optml, pickled=True)


def _run(optml: Path, *, pickled: bool) -> None:
    settings = parse_settings(read_hyperparameters(optml))
    hosts = read_json(optml / "input/config/resourceconfig.json").get("hosts", ["algo-1"])
    if len(hosts) > 1:
        raise AlgorithmError(
            "Distributed XGBoost training is not offered by this engine yet; use one instance."
        )
    channels = read_channels(optml)
    if "train" not in channels:
        raise AlgorithmError("Missing required channel: train")
    table = read_channel(channels["train"], weights=settings.csv_weights)
    held_out = None
    if "validation" in channels:
        held_out = read_channel(channels["validation"], weights=settings.csv_weights)
    check_labels(table, settings)
    if held_out is not None:
        check_labels(held_out, settings)
        _check_width(table, held_out)
    settings.params["nthread"] = settings.nthread or granted_cpus()
    print(
        f"Train matrix has {table.features.shape[0]} rows and {table.features.shape[1]} columns", flush=True
    )
    if held_out is not None:
        print(f"Validation matrix has {held_out.features.shape[0]} rows", flush=True)
    try:
        if settings.kfold:
            boosters = cross_validate(table, held_out, settings)
        else:
            boosters = [_fit(table, held_out, settings)]
    except xgb.core.XGBoostError as error:
        raise AlgorithmError(f"XGBoost refused the job: {str(error).strip().splitlines()[-1]}") from error
    models.save(boosters, optml / "model", pickled=pickled)


def check_labels(table: Table, settings: Settings) -> None:
    """Refuses labels that the objective cannot use, with the texts of AWS's image.

    Raises:
        AlgorithmError: labels outside [0, 1], or [0, num_class), or negative counts.
    """
    low, high = float(table.labels.min()), float(table.labels.max())
    if settings.objective in ("binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic"):
        if low < 0 or high > 1:
            raise AlgorithmError("label must be in [0,1] for logistic regression")
    elif settings.objective.startswith("multi:"):
        classes = settings.classes
        if low < 0 or high >= classes or not np.equal(np.mod(table.labels, 1), 0).all():
            raise AlgorithmError(
                f"label must be in [0, num_class): num_class={classes} but found labels from {low:g} to {high:g}."
            )
    elif settings.objective in ("count:poisson", "reg:tweedie", "reg:gamma") and low < 0:
        raise AlgorithmError(f"{settings.objective}: label must be nonnegative")


def _check_width(table: Table, held_out: Table) -> None:
    mine, other = table.features.shape[1], held_out.features.shape[1]
    if mine == other:
        return
    if isinstance(table.features, np.ndarray) or isinstance(held_out.features, np.ndarray):
        raise AlgorithmError(f"The train channel has {mine} features and the validation channel {other}.")
    for part in (table, held_out):
        part.features.resize(part.features.shape[0], max(mine, other))


def _matrix(table: Table, nthread: int) -> xgb.DMatrix:
    return xgb.DMatrix(table.features, label=table.labels, weight=table.weights, nthread=nthread)


def _fit(table: Table, held_out: Table | None, settings: Settings) -> xgb.Booster:
    nthread = settings.params["nthread"]
    evals = [(_matrix(table, nthread), "train")]
    if held_out is not None:
        evals.append((_matrix(held_out, nthread), "validation"))
    computed = settings.computed_metrics

    def computed_each_round(predicted: npt.NDArray[Any], matrix: xgb.DMatrix) -> list[tuple[str, float]]:
        return list(computed_scores(computed, matrix.get_label(), predicted, settings).items())

    callbacks: list[xgb.callback.TrainingCallback] = [_Log(settings), _Stop()]
    if settings.early_stopping_rounds:
        if held_out is None:
            raise AlgorithmError("early_stopping_rounds needs a validation channel.")
        last = settings.metrics[-1]
        callbacks.append(
            xgb.callback.EarlyStopping(
                rounds=settings.early_stopping_rounds,
                metric_name=last,
                data_name="validation",
                maximize=larger_is_better(last),
            )
        )
    booster = xgb.train(
        # Without any native metric xgboost would add its default one.
        settings.params
        | {
            "eval_metric": settings.native_metrics,
            "disable_default_eval_metric": not settings.native_metrics,
        },
        evals[0][0],
        settings.rounds,
        evals=evals,
        custom_metric=computed_each_round
        if [name for name in computed if name != "inference_latency"]
        else None,
        callbacks=callbacks,
        verbose_eval=False,
    )
    if settings.early_stopping_rounds and booster.num_boosted_rounds() > booster.best_iteration + 1:
        booster = booster[: booster.best_iteration + 1]
    if held_out is not None:
        _finish(booster, evals, settings, held_out)
    return booster


def _finish(
    booster: xgb.Booster, evals: list[tuple[xgb.DMatrix, str]], settings: Settings, held_out: Table
) -> None:
    """Chooses the threshold, and prints the final scores when they differ from the last round's."""
    latency = "inference_latency" in settings.metrics
    if not latency and (settings.threshold_metric is None or settings.classes != 2):
        return
    predicted = {name: booster.predict(matrix) for matrix, name in evals}
    threshold = 0.5
    if settings.threshold_metric is not None and settings.classes == 2:
        threshold = scores.best_threshold(
            held_out.labels.astype(np.int64), predicted["validation"].astype(float), settings.threshold_metric
        )
        booster.set_attr(**{models.THRESHOLD_ATTRIBUTE: repr(threshold)})
    parts = []
    for matrix, name in evals:
        found = all_scores(matrix.get_label(), predicted[name], settings, threshold)
        parts.append({metric: found[metric] for metric in settings.metrics if metric in found})
    if latency:
        row = held_out.features[0]
        dense = row if isinstance(row, np.ndarray) else row.toarray()
        parts[1]["inference_latency"] = measure_latency([booster], dense)
    print(score_line(booster.num_boosted_rounds(), parts[0], parts[1]), flush=True)


class _Log(xgb.callback.TrainingCallback):
    """Prints a line a round as AWS's image does."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._names = [name for name in settings.metrics if name != "inference_latency"]

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: dict[str, Any]) -> bool:
        parts = []
        for name in ("train", "validation"):
            logged = evals_log.get(name, {})
            parts.append({metric: logged[metric][-1] for metric in self._names if metric in logged})
        print(score_line(epoch, parts[0], parts[1]), flush=True)
        return False


class _Stop(xgb.callback.TrainingCallback):
    """Ends training after the round in which SIGTERM comes, so that the model so far is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = False

    def before_training(self, model: xgb.Booster) -> xgb.Booster:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._ask)
        return model

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        self._asked = True

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: dict[str, Any]) -> bool:
        if self._asked:
            print("SIGTERM: saving the model of the rounds done so far", file=sys.stderr, flush=True)
        return self._asked
