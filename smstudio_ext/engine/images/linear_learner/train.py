"""Training program of the linear-learner image."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.jobfiles import read_channels, read_hyperparameters, read_json
from smstudio_ext.engine.images.linear_learner.model import LinearModel, Part, fit, link, loss
from smstudio_ext.engine.images.linear_learner.parameters import Settings, parse_settings
from smstudio_ext.engine.images.matrices import Table, read_channel, stack

Array = npt.NDArray[Any]


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    settings = parse_settings(read_hyperparameters(optml))
    if len(read_json(optml / "input/config/resourceconfig.json").get("hosts", ["algo-1"])) > 1:
        raise AlgorithmError(
            "Distributed linear-learner training is not offered by this engine yet; use one instance."
        )
    channels = read_channels(optml)
    if "train" not in channels:
        raise AlgorithmError("Missing required channel: train")
    table = read_channel(channels["train"])
    held_out = read_channel(channels["validation"]) if "validation" in channels else None
    for part in (table, held_out):
        if part is not None:
            _check_labels(part, settings)
    if held_out is not None and held_out.features.shape[1] != table.features.shape[1]:
        raise AlgorithmError(
            f"The train channel has {table.features.shape[1]} features and the validation channel {held_out.features.shape[1]}."
        )
    print(
        f"Train matrix has {table.features.shape[0]} rows and {table.features.shape[1]} columns", flush=True
    )
    model = (
        _cross_validate(table, held_out, settings) if settings.kfold else _fit_once(table, held_out, settings)
    )
    model.save(optml / "model")


def _check_labels(table: Table, settings: Settings) -> None:
    if settings.predictor == "regressor":
        return
    found = np.unique(table.labels)
    if found.min() < 0 or found.max() >= max(2, settings.classes) or (found % 1 != 0).any():
        raise AlgorithmError(
            f"Labels of a {settings.predictor} must be whole numbers from 0 to {max(2, settings.classes) - 1}; found {found[:5].tolist()}."
        )


def _dense(table: Table) -> tuple[Array, Array]:
    features = table.features if isinstance(table.features, np.ndarray) else table.features.toarray()
    return features.astype(np.float64), table.labels.astype(np.float64)


def _fit_once(table: Table, held_out: Table | None, settings: Settings) -> LinearModel:
    features, labels = _dense(table)
    checked = None if held_out is None else _dense(held_out)
    part = fit(features, labels, checked, settings)
    model = LinearModel(settings.predictor, settings.classes, [part])
    truth = checked or (features, labels)
    if settings.threshold_metric:
        model.threshold = scores.best_threshold(
            truth[1].astype(np.int64), model.predict(truth[0]), settings.threshold_metric
        )
    found = _scores(labels, model.predict(features), settings, model.threshold)
    validation = (
        {} if checked is None else _scores(checked[1], model.predict(checked[0]), settings, model.threshold)
    )
    validation["inference_latency"] = _latency(model, features[:1])
    _print(1, found, validation)
    return model


def _cross_validate(table: Table, held_out: Table | None, settings: Settings) -> LinearModel:
    """One part a fold on all rows of both channels; scores are means over the held-out rows of the folds."""
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
        for fold, part in enumerate(parts):
            inside = folds == fold
            answered.append((labels[~inside], link(part.margins(features[~inside]), settings.predictor)))
            validations.append(
                _scores(
                    labels[inside], out_of_fold[inside], settings, 0.5, None if cut is None else cut[inside]
                )
            )
        model.parts += parts
    if settings.threshold_metric:
        model.threshold = scores.best_threshold(
            labels.astype(np.int64), total / settings.cv_rounds, settings.threshold_metric
        )
    trains = [_scores(truth, answers, settings, model.threshold) for truth, answers in answered]
    validation = _means(validations)
    validation["inference_latency"] = _latency(model, features[:1])
    _print(len(model.parts), _means(trains), validation)
    return model


def _out_of_fold(parts: list[Part], features: Array, folds: Array, settings: Settings) -> Array:
    answers = [
        link(part.margins(features[folds == fold]), settings.predictor) for fold, part in enumerate(parts)
    ]
    out = np.zeros((len(features), *answers[0].shape[1:]))
    for fold, answer in enumerate(answers):
        out[folds == fold] = answer
    return out


def _scores(
    labels: Array, answers: Array, settings: Settings, threshold: float, predicted: Array | None = None
) -> dict[str, float]:
    """Every metric of the predictor type, by linear-learner's names."""
    value = loss(answers, labels, settings.predictor)
    if settings.predictor == "regressor":
        found = scores.regression_scores(labels, answers)
        return {"objective_loss": value, "absolute_loss": found["mae"], **found}
    truth = labels.astype(np.int64)
    found = scores.classification_scores(truth, answers, threshold)
    if predicted is not None:
        matrix = scores.confusion(truth, predicted, 2)
        found |= {name: function(matrix) for name, function in scores.CONFUSION_SCORES.items()}
    if settings.predictor == "binary_classifier":
        return {
            "objective_loss": value,
            "binary_classification_accuracy": found["accuracy"],
            "binary_f_beta": found["f1_binary"],
            "binary_f_1": found["f1_binary"],
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


def _means(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.nanmean([one[name] for one in found])) for name in found[0]}


def _latency(model: LinearModel, row: Array) -> float:
    times = []
    for _ in range(9):
        start = time.perf_counter()
        model.predict(row)
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def _print(step: int, train_scores: dict[str, float], validation: dict[str, float]) -> None:
    parts = [f"#011train-{name}:{value:.6f}" for name, value in train_scores.items()]
    parts += [f"#011validation-{name}:{value:.6f}" for name, value in validation.items()]
    print(f"[{step}]" + "".join(parts), flush=True)
