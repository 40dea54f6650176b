"""Scores an XGBoost model's predictions by the image's metric names."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.xgboost.parameters import Settings

Array = npt.NDArray[Any]


def computed_scores(
    names: list[str], labels: Array, predicted: Array, settings: Settings, threshold: float = 0.5
) -> dict[str, float]:
    """Metrics that xgboost does not compute itself.

    Args:
        names: metric names of `parameters.COMPUTED`; `inference_latency` is left to `measure_latency`.
        predicted: what the booster's objective answers (probabilities, margins of logitraw, class labels of softmax, values).
    """
    wanted = [name for name in names if name != "inference_latency"]
    if not wanted:
        return {}
    found = all_scores(labels, predicted, settings, threshold)
    return {name: found[name] for name in wanted}


def all_scores(
    labels: Array, predicted: Array, settings: Settings, threshold: float = 0.5
) -> dict[str, float]:
    """Every metric that this module knows for the job's objective."""
    if not settings.classes:
        return scores.regression_scores(labels.astype(float), predicted.astype(float))
    truth = labels.astype(np.int64)
    probabilities = as_probabilities(predicted, settings)
    found = scores.classification_scores(truth, probabilities, threshold)
    if settings.objective == "reg:logistic":
        found |= scores.regression_scores(labels.astype(float), predicted.astype(float))
    return found


def as_probabilities(predicted: Array, settings: Settings) -> npt.NDArray[np.float64]:
    """Class probabilities of an objective's answers: (rows,) for binary ones, (rows, classes) for multiclass ones."""
    values = predicted.astype(np.float64)
    if settings.objective == "binary:logitraw":
        return np.asarray(1 / (1 + np.exp(-values)), dtype=np.float64)
    if settings.objective == "multi:softmax":
        return np.eye(settings.classes)[values.reshape(-1).astype(np.int64)]
    if settings.objective == "multi:softprob" and values.ndim == 1:
        return values.reshape(-1, settings.classes)
    return values


def measure_latency(boosters: list[xgb.Booster], row: Array) -> float:
    """Seconds that one row takes through every booster (median of several tries)."""
    row = np.ascontiguousarray(row, dtype=np.float32).reshape(1, -1)
    times = []
    for booster in boosters:
        booster.set_param({"nthread": 1})
    for _ in range(9):
        start = time.perf_counter()
        for booster in boosters:
            booster.inplace_predict(row, validate_features=False)
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def score_line(step: int, train: dict[str, float], validation: dict[str, float]) -> str:
    """One log line as AWS's XGBoost image writes it."""
    parts = [f"#011train-{name}:{value:.5f}" for name, value in train.items()]
    parts += [f"#011validation-{name}:{value:.5f}" for name, value in validation.items()]
    return f"[{step}]" + "".join(parts)
