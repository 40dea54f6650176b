"""Training program of the mlp image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.job import check_channels
from smstudio_ext.engine.images.firstparty.log import TrainingLog
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.heldout import HeldOut
from smstudio_ext.engine.images.jobfiles import read_channels, read_hyperparameters, read_json
from smstudio_ext.engine.images.linear_learner.crossvalidation import (
    fold_scores,
    latency,
    means,
    print_scores,
)
from smstudio_ext.engine.images.matrices import Table, read_channel, stack
from smstudio_ext.engine.images.mlp.model import MlpModel
from smstudio_ext.engine.images.mlp.parameters import Settings

Array = npt.NDArray[Any]

_HELD_OUT_SHARE = 5


def train(optml: Path) -> None:
    """Trains on `train` (and `validation`) and writes `model/model_algo-1`.

    With `_kfold` of two or more both channels are put together and cross-validated; the model is the mean of the folds'.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    given = read_hyperparameters(optml)
    settings = Settings.read(given)
    host = read_json(optml / "input/config/resourceconfig.json").get("current_host") or "algo-1"
    log = TrainingLog("MLP", host)
    log.configuration(given, {})
    channels = read_channels(optml)
    check_channels(channels, ("train", "validation"))
    tables = [read_channel(channels[name]) for name in ("train", "validation") if name in channels]
    widths = {table.features.shape[1] for table in tables}
    if len(widths) > 1:
        raise AlgorithmError(f"The channels have different numbers of features: {sorted(widths)}.")
    if settings.categorical > min(widths):
        raise AlgorithmError(
            f"num_categorical_features is {settings.categorical}; the data have {min(widths)} features."
        )
    # Such small networks only lose by threads that wait for each other.
    _use_one_thread()
    folds = _folds(tables, settings)
    features, labels = _dense(stack(tables) if len(tables) > 1 else tables[0])
    _check_labels(labels, settings)
    _cross_validate(features, labels, folds, settings, log, optml).save(optml / "model")


def _use_one_thread() -> None:
    """Keeps PyTorch to one thread."""
    import torch

    torch.set_num_threads(1)


def _folds(tables: list[Table], settings: Settings) -> Array:
    """Fold of each row of both channels; without cross-validation fold 0 is held out and the rest has fold -1."""
    rows = [len(table.labels) for table in tables]
    if settings.kfold >= 2:
        labels = np.concatenate([table.labels for table in tables])
        return make_folds(
            labels, settings.kfold, stratified=settings.predictor != "regressor", seed=settings.seed
        )
    if len(tables) > 1:
        return np.concatenate([np.full(rows[0], -1), np.zeros(rows[1], dtype=np.int64)])
    stratified = settings.predictor != "regressor"
    found = make_folds(tables[0].labels, _HELD_OUT_SHARE, stratified=stratified, seed=settings.seed)
    return np.where(found == 0, 0, -1)


def _cross_validate(
    features: Array, labels: Array, folds: Array, settings: Settings, log: TrainingLog, optml: Path
) -> MlpModel:
    from smstudio_ext.engine.images.mlp.learning import fit

    model = MlpModel(settings.predictor, settings.classes)
    held = folds >= 0
    epochs = 0
    answers = np.zeros((len(features), settings.outputs) if settings.outputs > 1 else len(features))
    for fold in range(int(folds.max()) + 1):
        inside = folds == fold
        part, used = fit(
            features[~inside],
            labels[~inside],
            (features[inside], labels[inside]),
            settings,
            settings.seed + fold,
        )
        epochs = max(epochs, used)
        model.parts.append(part)
        answers[inside] = model.answer(part, features[inside])
    cut = _choose_threshold(model, labels[held], answers[held], folds[held], settings)
    predicted = cut
    if settings.predictor != "regressor" and predicted is None:
        some = answers[held]
        predicted = some.argmax(axis=1) if some.ndim > 1 else (some > model.threshold).astype(np.int64)
    HeldOut(labels[held], answers[held], folds[held], predicted).write(optml / "output/data")
    validation = [
        fold_scores(
            labels[folds == fold],
            answers[folds == fold],
            settings.predictor,
            model.threshold,
            None if cut is None else cut[folds[held] == fold],
        )
        for fold in range(len(model.parts))
    ]
    trains = [
        fold_scores(
            labels[folds != fold],
            model.answer(part, features[folds != fold]),
            settings.predictor,
            model.threshold,
        )
        for fold, part in enumerate(model.parts)
    ]
    found = means(validation)
    found["inference_latency"] = latency(model.predict, features[:1])
    print_scores(means(trains), found, settings.predictor, epochs, log)
    return model


def _choose_threshold(
    model: MlpModel, labels: Array, answers: Array, folds: Array, settings: Settings
) -> Array | None:
    """Sets the model's threshold; gives the held-out rows' classes by thresholds that other folds choose."""
    if settings.predictor != "binary_classifier" or settings.threshold_metric is None:
        return None
    truth = labels.astype(np.int64)
    model.threshold = scores.best_threshold(truth, answers, settings.threshold_metric)
    if len(model.parts) < 2:
        return None
    return np.asarray(scores.crossfit_predictions(truth, answers, folds, settings.threshold_metric))


def _dense(table: Table) -> tuple[Array, Array]:
    features = table.features if isinstance(table.features, np.ndarray) else table.features.toarray()
    return features.astype(np.float64), table.labels.astype(np.float64)


def _check_labels(labels: Array, settings: Settings) -> None:
    if settings.predictor == "regressor":
        return
    if labels.min() < 0 or labels.max() >= settings.classes or (labels % 1 != 0).any():
        found = sorted({float(one) for one in np.unique(labels)})[:5]
        raise AlgorithmError(f"Labels must be whole numbers from 0 to {settings.classes - 1}; found {found}.")
