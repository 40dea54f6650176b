"""k-fold training of the XGBoost image (`_kfold`, `_num_cv_round`): fold models whose mean is the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.heldout import HeldOut
from smstudio_ext.engine.images.matrices import Table, stack
from smstudio_ext.engine.images.xgboost.evaluate import (
    all_scores,
    as_probabilities,
    measure_latency,
    score_line,
)
from smstudio_ext.engine.images.xgboost.models import THRESHOLD_ATTRIBUTE
from smstudio_ext.engine.images.xgboost.parameters import Settings

Array = npt.NDArray[Any]


@dataclass
class _FoldModel:
    booster: xgb.Booster
    cv_round: int
    rows: Array
    others: Array
    predicted: Array
    predicted_train: Array


def cross_validate(
    table: Table, held_out: Table | None, settings: Settings, output: Path | None = None
) -> list[xgb.Booster]:
    """Trains one booster a fold on train and validation channel together.

    Scores are means over the folds' held-out rows. With early stopping each fold stops on its own held-out rows, which flatters the
    scores a little (every candidate of a tuning job alike). A probability threshold is chosen on the out-of-fold predictions; the
    printed scores use, for each fold, the threshold that the other folds choose.

    Args:
        table: train channel.
        held_out: validation channel.
        settings: checked hyperparameters.
        output: folder for `predictions.csv` (truth, probability, label; or truth, value), as AWS's image writes it.

    Returns:
        `_kfold` x `_num_cv_round` boosters.
    """
    whole = table if held_out is None else stack([table, held_out])
    seed = int(settings.params.get("seed", 0))
    done: list[_FoldModel] = []
    for cv_round in range(settings.cv_rounds):
        folds = make_folds(
            whole.labels, settings.kfold, stratified=bool(settings.classes), seed=seed + cv_round
        )
        for fold in range(settings.kfold):
            others, rows = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            done.append(_fit_fold(whole, others, rows, cv_round, settings))
            _print_fold(len(done), done[-1], whole, settings)
    boosters = [model.booster for model in done]
    train, validation = _final_scores(done, whole, settings)
    if "inference_latency" in settings.metrics:
        row = whole.features[0]
        dense = row if isinstance(row, np.ndarray) else row.toarray()
        validation["inference_latency"] = measure_latency(boosters, dense)
    print(score_line(len(done), train, validation), flush=True)
    if output is not None:
        _write_predictions(done, whole, settings, output)
        _held_out(done, whole, settings).write(output)
    return boosters


def _write_predictions(done: list[_FoldModel], whole: Table, settings: Settings, output: Path) -> None:
    truth = whole.labels
    columns: list[Array] = [truth]
    if settings.classes:
        width = settings.classes if settings.classes > 2 or settings.objective.startswith("multi:") else 2
        votes = np.zeros((len(truth), width))
        probability = np.zeros(len(truth))
        for model in done:
            found = as_probabilities(model.predicted, settings)
            label = found.argmax(axis=1) if found.ndim > 1 else (found > 0.5).astype(np.int64)
            votes[model.rows, label] += 1
            probability[model.rows] += found.max(axis=1) if found.ndim > 1 else found
        columns += [probability / settings.cv_rounds, votes.argmax(axis=1)]
    else:
        total = np.zeros(len(truth))
        for model in done:
            total[model.rows] += model.predicted
        columns.append(total / settings.cv_rounds)
    output.mkdir(parents=True, exist_ok=True)
    np.savetxt(output / "predictions.csv", np.column_stack(columns), delimiter=",", fmt="%f")


def _held_out(done: list[_FoldModel], whole: Table, settings: Settings) -> HeldOut:
    """The first round's predictions of each row by the fold that had not seen it."""
    first = [model for model in done if model.cv_round == 0]
    parts = [
        as_probabilities(model.predicted, settings) if settings.classes else model.predicted
        for model in first
    ]
    answers = np.zeros((len(whole.labels), *parts[0].shape[1:]))
    folds = np.zeros(len(whole.labels), dtype=np.int64)
    for number, (model, part) in enumerate(zip(first, parts, strict=True)):
        answers[model.rows], folds[model.rows] = part, number
    predicted = None
    if settings.classes:
        predicted = answers.argmax(axis=1) if answers.ndim > 1 else (answers > 0.5).astype(np.int64)
        if settings.threshold_metric is not None and answers.ndim == 1:
            truth = whole.labels.astype(np.int64)
            predicted = scores.crossfit_predictions(truth, answers, folds, settings.threshold_metric)
    weights = None if whole.weights is None else whole.weights.astype(np.float64)
    return HeldOut(whole.labels.astype(np.float64), answers, folds, predicted, weights)


def _curve_metric(settings: Settings) -> str:
    if settings.classes > 2 or settings.objective.startswith("multi:"):
        return "mlogloss" if settings.objective == "multi:softprob" else "merror"
    if settings.classes == 2:
        return "error" if settings.objective == "binary:hinge" else "logloss"
    native = settings.native_metrics
    return native[-1] if native else "rmse"


def _fit_fold(whole: Table, others: Array, rows: Array, cv_round: int, settings: Settings) -> _FoldModel:
    nthread = settings.params["nthread"]
    parts = []
    for index in (others, rows):
        part = whole.take(index)
        parts.append(xgb.DMatrix(part.features, label=part.labels, weight=part.weights, nthread=nthread))
    booster = xgb.train(
        settings.params
        | {"eval_metric": [_curve_metric(settings)], "seed": int(settings.params.get("seed", 0)) + cv_round},
        parts[0],
        settings.rounds,
        # Scoring the training rows each round would cost as much as growing the trees.
        evals=[(parts[1], "validation")] if settings.early_stopping_rounds else [],
        early_stopping_rounds=settings.early_stopping_rounds,
        verbose_eval=False,
    )
    if settings.early_stopping_rounds and booster.num_boosted_rounds() > booster.best_iteration + 1:
        booster = booster[: booster.best_iteration + 1]
    return _FoldModel(booster, cv_round, rows, others, booster.predict(parts[1]), booster.predict(parts[0]))


def _print_fold(number: int, model: _FoldModel, whole: Table, settings: Settings) -> None:
    validation = all_scores(whole.labels[model.rows], model.predicted, settings)
    train = all_scores(whole.labels[model.others], model.predicted_train, settings)
    print(score_line(number - 1, _reported(train, settings), _reported(validation, settings)), flush=True)


def _reported(found: dict[str, float], settings: Settings) -> dict[str, float]:
    return {name: found[name] for name in settings.metrics if name in found}


def _final_scores(
    done: list[_FoldModel], whole: Table, settings: Settings
) -> tuple[dict[str, float], dict[str, float]]:
    """Mean scores over all folds; sets the threshold on the boosters when one is wanted."""
    threshold = 0.5
    cuts: dict[int, npt.NDArray[np.int64]] = {}
    if settings.threshold_metric is not None and settings.classes == 2:
        threshold, cuts = _thresholds(done, whole, settings)
        for model in done:
            model.booster.set_attr(**{THRESHOLD_ATTRIBUTE: repr(threshold)})
    trains, validations = [], []
    for model in done:
        train = all_scores(whole.labels[model.others], model.predicted_train, settings, threshold)
        validation = all_scores(whole.labels[model.rows], model.predicted, settings, threshold)
        if model.cv_round in cuts:
            truth = whole.labels[model.rows].astype(np.int64)
            matrix = scores.confusion(truth, cuts[model.cv_round][model.rows], 2)
            validation |= {name: function(matrix) for name, function in scores.CONFUSION_SCORES.items()}
        trains.append(_reported(train, settings))
        validations.append(_reported(validation, settings))
    return _means(trains), _means(validations)


def _means(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.nanmean([one[name] for one in found])) for name in found[0]}


def _thresholds(
    done: list[_FoldModel], whole: Table, settings: Settings
) -> tuple[float, dict[int, npt.NDArray[np.int64]]]:
    metric = settings.threshold_metric or ""
    truth = whole.labels.astype(np.int64)
    cuts = {}
    total = np.zeros(len(truth))
    for cv_round in range(settings.cv_rounds):
        out_of_fold = np.zeros(len(truth))
        folds = np.zeros(len(truth), dtype=np.int64)
        for number, model in enumerate(done):
            if model.cv_round == cv_round:
                out_of_fold[model.rows] = as_probabilities(model.predicted, settings)
                folds[model.rows] = number
        cuts[cv_round] = scores.crossfit_predictions(truth, out_of_fold, folds, metric)
        total += out_of_fold
    return scores.best_threshold(truth, total / settings.cv_rounds, metric), cuts
