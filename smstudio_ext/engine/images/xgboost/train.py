"""Training program of the XGBoost image in algorithm mode."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import Channel, granted_cpus, read_channels, read_hyperparameters
from smstudio_ext.engine.images.matrices import Table, read_channel
from smstudio_ext.engine.images.xgboost import cluster, models
from smstudio_ext.engine.images.xgboost.crossvalidation import cross_validate
from smstudio_ext.engine.images.xgboost.evaluate import (
    all_scores,
    computed_scores,
    measure_latency,
    score_line,
)
from smstudio_ext.engine.images.xgboost.labels import check_labels
from smstudio_ext.engine.images.xgboost.metrics import larger_is_better
from smstudio_ext.engine.images.xgboost.parameters import Settings, parse_settings
from smstudio_ext.engine.images.xgboost.rounds import (
    RoundLog,
    SaveCheckpoints,
    StopOnTerm,
    checkpoint_folder,
    load_checkpoint,
)

CHANNELS = ("train", "validation", "code")


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
    # The versions with pickles are those before 1.3.
    settings = parse_settings(read_hyperparameters(optml), before_1_3=pickled)
    channels = read_channels(optml)
    _check_channels(channels)
    _say("Running XGBoost Sagemaker in algorithm mode")
    for note in settings.notes:
        _say(note)
    several = len(cluster.host_names(optml)) > 1
    has_data = not several or all(_holds_data(channels[name]) for name in channels if name != "code")
    table, held_out = _read(channels, settings) if has_data else (None, None)
    settings.params["nthread"] = settings.nthread or granted_cpus()
    with cluster.joined(optml, has_data=has_data, columns=table.features.shape[1] if table else 0) as (
        takes_part,
        width,
    ):
        if not takes_part or table is None:
            return
        if several:
            _widen(table, width)
            if held_out is not None:
                _widen(held_out, width)
        boosters = _train(optml, table, held_out, settings, several=several)
        if cluster.leads():
            models.save(boosters, optml / "model", pickled=pickled)


def _train(
    optml: Path, table: Table, held_out: Table | None, settings: Settings, *, several: bool
) -> list[xgb.Booster]:
    folder = checkpoint_folder(optml)
    try:
        if settings.kfold:
            if several:
                raise AlgorithmError("_kfold is not offered with several instances.")
            return cross_validate(table, held_out, settings, optml / "output/data")
        _say("Single node training." if not several else f"Training on host {xgb.collective.get_rank() + 1}.")
        return [_fit(table, held_out, settings, folder)]
    except xgb.core.XGBoostError as error:
        raise AlgorithmError(f"XGB train call failed with exception:\n {_reason(error)}") from error


def _check_channels(channels: dict[str, Channel]) -> None:
    if "train" not in channels:
        raise AlgorithmError("Missing required channel: train")
    for name in channels:
        if name not in CHANNELS:
            raise AlgorithmError(f"Extraneous channel found: {name}")


def _holds_data(channel: Channel) -> bool:
    if channel.mode == "Pipe":
        return True
    return any(
        path.is_file() and not path.name.startswith((".", "_")) and path.stat().st_size > 0
        for path in channel.path.rglob("*")
    )


def _read(channels: dict[str, Channel], settings: Settings) -> tuple[Table, Table | None]:
    table = read_channel(channels["train"], weights=settings.csv_weights)
    held_out = None
    if "validation" in channels:
        held_out = read_channel(channels["validation"], weights=settings.csv_weights)
    check_labels(table, settings)
    if held_out is not None:
        check_labels(held_out, settings)
        _check_width(table, held_out)
    _say(f"Train matrix has {table.features.shape[0]} rows and {table.features.shape[1]} columns")
    if held_out is not None:
        _say(f"Validation matrix has {held_out.features.shape[0]} rows")
    return table, held_out


def _check_width(table: Table, held_out: Table) -> None:
    mine, other = table.features.shape[1], held_out.features.shape[1]
    if mine == other:
        return
    if isinstance(table.features, np.ndarray) or isinstance(held_out.features, np.ndarray):
        raise AlgorithmError(f"The train channel has {mine} features and the validation channel {other}.")
    for part in (table, held_out):
        _widen(part, max(mine, other))


def _widen(table: Table, width: int) -> None:
    rows, columns = table.features.shape
    if columns == width:
        return
    if isinstance(table.features, np.ndarray):
        raise AlgorithmError(f"This host's rows have {columns} features, those of another host {width}.")
    table.features.resize(rows, width)


def _matrix(table: Table, settings: Settings) -> xgb.DMatrix:
    """The table as xgboost keeps it; the table's features are given up, as both together would cost twice the memory."""
    groups = table.groups
    if groups is not None and (np.diff(groups) < 0).any():
        table = table.take(np.argsort(groups, kind="stable"))
        groups = table.groups
    matrix = xgb.DMatrix(
        table.features,
        label=table.labels,
        weight=table.weights,
        qid=groups if settings.objective.startswith("rank:") else None,
        nthread=settings.params["nthread"],
    )
    if settings.objective == "survival:aft":
        # The channels know one label a row: every row is observed, none censored.
        matrix.set_float_info("label_lower_bound", table.labels)
        matrix.set_float_info("label_upper_bound", table.labels)
    table.features = None
    return matrix


def _fit(table: Table, held_out: Table | None, settings: Settings, checkpoints: Path | None) -> xgb.Booster:
    if settings.early_stopping_rounds and held_out is None:
        # As AWS's image does since 1.3: a job that runs there must not fail here.
        _say("early_stopping_rounds: without a validation channel every round is trained.")
        settings = replace(settings, early_stopping_rounds=None)
    row = None if held_out is None else held_out.features[0]
    evals = [(_matrix(table, settings), "train")]
    if held_out is not None:
        evals.append((_matrix(held_out, settings), "validation"))
    lean = settings.final_metrics and held_out is not None and bool(settings.native_metrics)
    native = settings.native_metrics[-1:] if lean else settings.native_metrics
    computed = [] if lean else settings.computed_metrics

    def computed_each_round(predicted: npt.NDArray[Any], matrix: xgb.DMatrix) -> list[tuple[str, float]]:
        return list(computed_scores(computed, matrix.get_label(), predicted, settings).items())

    start = load_checkpoint(checkpoints)
    if start is None and settings.params.get("process_type") == "update":
        raise AlgorithmError("process_type 'update' needs a model to update: a checkpoint of an earlier job.")
    done = start.num_boosted_rounds() if start else 0
    booster = xgb.train(
        # Without any native metric xgboost would add its default one.
        settings.params
        | {
            "eval_metric": native,
            "disable_default_eval_metric": not native,
        },
        evals[0][0],
        max(0, settings.rounds - done),
        evals=evals[1:] if lean else evals,
        custom_metric=computed_each_round
        if [name for name in computed if name != "inference_latency"]
        else None,
        callbacks=_callbacks(settings, checkpoints, done, native[-1] if lean else settings.stop_metric),
        xgb_model=start,
        verbose_eval=False,
    )
    if settings.early_stopping_rounds and booster.attr("best_iteration") is not None:
        best = booster.best_iteration + 1
        booster = booster[:best] if booster.num_boosted_rounds() > best else booster
    if held_out is not None:
        _finish(booster, evals, settings, held_out, row, always=lean)
    return booster


def _callbacks(
    settings: Settings, checkpoints: Path | None, done: int, stop_metric: str
) -> list[xgb.callback.TrainingCallback]:
    callbacks: list[xgb.callback.TrainingCallback] = [RoundLog(settings, done)]
    if checkpoints is not None:
        callbacks.append(SaveCheckpoints(checkpoints, done))
    if settings.save_on_stop:
        callbacks.append(StopOnTerm())
    if settings.early_stopping_rounds:
        callbacks.append(
            xgb.callback.EarlyStopping(
                rounds=settings.early_stopping_rounds,
                metric_name=settings.native_name(stop_metric),
                data_name="validation",
                maximize=larger_is_better(stop_metric),
            )
        )
    return callbacks


def _finish(
    booster: xgb.Booster,
    evals: list[tuple[xgb.DMatrix, str]],
    settings: Settings,
    held_out: Table,
    row: Any,
    *,
    always: bool,
) -> None:
    """Chooses the threshold, and prints the final scores, `always` or when they differ from the last round's."""
    latency = "inference_latency" in settings.metrics
    if not always and not latency and (settings.threshold_metric is None or settings.classes != 2):
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
        dense = row if isinstance(row, np.ndarray) else row.toarray()
        parts[1]["inference_latency"] = measure_latency([booster], dense)
    print(score_line(booster.num_boosted_rounds(), parts[0], parts[1]), flush=True)


def _reason(error: xgb.core.XGBoostError) -> str:
    """xgboost's own words without its stack trace."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith(("[bt]", "Stack trace"))]
    return (
        (kept[0] if kept else str(error)).rpartition("] ")[2]
        if "Check failed" not in str(error)
        else next(line[line.index("Check failed") :] for line in lines if "Check failed" in line)
    )


def _say(text: str) -> None:
    print(f"[{time.strftime('%Y-%m-%d:%H:%M:%S')}:INFO] {text}", flush=True)
