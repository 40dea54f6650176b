"""Cross-validated training of this engine's Autopilot: one model a fold, their mean is the model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.firstparty.log import TrainingLog
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.heldout import HeldOut
from smstudio_ext.engine.images.linear_learner.losses import OBJECTIVES
from smstudio_ext.engine.images.linear_learner.model import LinearModel, Part, fit, link, loss
from smstudio_ext.engine.images.linear_learner.parameters import LOSSES, Settings
from smstudio_ext.engine.images.matrices import Table, stack

Array = npt.NDArray[Any]

_LOG_NAMES = {"binary_f_beta": "binary_f_1.000", "macro_f_beta": "macro_f_1.000"}
_LOSSES = frozenset(
    {"mse", "rmse", "mae", "absolute_loss", "log_loss", "multiclass_log_loss", "inference_latency"}
)


def cross_validate(
    table: Table, held_out: Table | None, settings: Settings, log: TrainingLog, output: Path | None = None
) -> LinearModel:
    """One part a fold on all rows of both channels; scores are means over the held-out rows of the folds.

    Args:
        output: folder for the predictions of the held-out rows.
    """
    features, labels = _dense(table if held_out is None else stack([table, held_out]))
    model = LinearModel(settings.predictor, settings.classes)
    answered: list[tuple[Array, Array]] = []
    validations, total = [], np.zeros(0)
    for cv_round in range(settings.cv_rounds):
        folds = make_folds(
            labels,
            settings.kfold,
            stratified=settings.predictor != "regressor",
            seed=settings.seed + cv_round,
        )
        parts = [
            fit(
                features[folds != fold],
                labels[folds != fold],
                (features[folds == fold], labels[folds == fold]),
                settings,
            )
            for fold in range(settings.kfold)
        ]
        out_of_fold = _out_of_fold(parts, features, folds, settings)
        total = out_of_fold if not len(total) else total + out_of_fold
        cut = None
        if settings.threshold_metric:
            cut = scores.crossfit_predictions(
                labels.astype(np.int64), out_of_fold, folds, settings.threshold_metric
            )
        if output is not None and cv_round == 0:
            _held_out(labels, out_of_fold, folds, cut, settings).write(output)
        for fold, part in enumerate(parts):
            inside = folds == fold
            answered.append((labels[~inside], link(part.margins(features[~inside]), settings.predictor)))
            validations.append(
                fold_scores(
                    labels[inside],
                    out_of_fold[inside],
                    settings.predictor,
                    0.5,
                    None if cut is None else cut[inside],
                )
            )
        model.parts += parts
    if settings.threshold_metric:
        model.threshold = scores.best_threshold(
            labels.astype(np.int64), total / settings.cv_rounds, settings.threshold_metric
        )
    trains = [fold_scores(truth, answers, settings.predictor, model.threshold) for truth, answers in answered]
    validation = means(validations)
    validation["inference_latency"] = latency(model.predict, features[:1])
    print_scores(means(trains), validation, settings.predictor, settings.epochs, log)
    return model


def _held_out(labels: Array, answers: Array, folds: Array, cut: Array | None, settings: Settings) -> HeldOut:
    predicted = cut
    if settings.predictor != "regressor" and predicted is None:
        predicted = answers.argmax(axis=1) if answers.ndim > 1 else (answers > 0.5).astype(np.int64)
    return HeldOut(labels, answers, folds, predicted)


def _out_of_fold(parts: list[Part], features: Array, folds: Array, settings: Settings) -> Array:
    answers = [
        link(part.margins(features[folds == fold]), settings.predictor) for fold, part in enumerate(parts)
    ]
    out = np.zeros((len(features), *answers[0].shape[1:]))
    for fold, answer in enumerate(answers):
        out[folds == fold] = answer
    return out


def _dense(table: Table) -> tuple[Array, Array]:
    features = table.features if isinstance(table.features, np.ndarray) else table.features.toarray()
    return features.astype(np.float64), table.labels.astype(np.float64)


def fold_scores(
    labels: Array, answers: Array, predictor: str, threshold: float, predicted: Array | None = None
) -> dict[str, float]:
    """Every metric of the predictor type, by linear-learner's names.

    Args:
        answers: (rows,) or (rows, classes) probabilities or values.
        predicted: class codes that take the place of those that the threshold gives.
    """
    value = loss(answers, labels, predictor)
    if predictor == "regressor":
        found = scores.regression_scores(labels, answers)
        return {"objective_loss": value, "absolute_loss": found["mae"], **found}
    truth = labels.astype(np.int64)
    found = scores.classification_scores(truth, answers, threshold)
    if predicted is not None:
        matrix = scores.confusion(truth, predicted, 2)
        found |= {name: function(matrix) for name, function in scores.CONFUSION_SCORES.items()}
    if predictor == "binary_classifier":
        return {
            "objective_loss": value,
            "binary_classification_accuracy": found["accuracy"],
            "binary_f_beta": found["f1_binary"],
            "precision": found["precision"],
            "recall": found["recall"],
            "roc_auc_score": found["auc"],
            "balanced_accuracy": found["balanced_accuracy"],
            "log_loss": value,
        }
    return {
        "objective_loss": value,
        "multiclass_accuracy": found["accuracy"],
        "multiclass_balanced_accuracy": found["balanced_accuracy"],
        "macro_f_beta": found["f1_macro"],
        "macro_precision": found["precision_macro"],
        "macro_recall": found["recall_macro"],
        "multiclass_log_loss": value,
    }


def means(found: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each score over the folds."""
    return {name: float(np.nanmean([one[name] for one in found])) for name in found[0]}


def latency(predict: Callable[[Array], Array], row: Array) -> float:
    """Seconds that the answer of one row takes: the median of some."""
    times = []
    for _ in range(9):
        start = time.perf_counter()
        predict(row)
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def print_scores(
    train_scores: dict[str, float],
    validation: dict[str, float],
    predictor: str,
    epochs: int,
    log: TrainingLog,
) -> None:
    """Prints final metrics as AWS's image does, so that they become the job's."""
    objective = OBJECTIVES[LOSSES[predictor][0]]
    for part, found in (("train", train_scores), ("validation", validation)):
        log.quality(part, objective, found["objective_loss"], "loss", epoch=epochs - 1)
        for name, value in found.items():
            if name == "objective_loss":
                log.quality(part, objective, value, "loss")
            else:
                log.quality(part, _LOG_NAMES.get(name, name), value, "loss" if name in _LOSSES else "score")
