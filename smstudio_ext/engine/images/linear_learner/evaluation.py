"""The metrics of linear-learner under the names of its log, for one model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.linear_learner.losses import OBJECTIVES, evaluate, sigmoid, softmax

Array = npt.NDArray[Any]
Metric = tuple[str, Literal["loss", "score"], float]


def measure(margins: Array, labels: Array, threshold: float, values: Mapping[str, Any]) -> list[Metric]:
    """Every metric of a model.

    Args:
        margins: (rows,) or (rows, classes) linear scores; of regressors in units of the data.
        labels: (rows,) classes or targets as they come.
        threshold: score (probability, or margin of hinge_loss) above which a row is of class 1.
        values: the job's hyperparameters.
    """
    wide = margins[:, None] if margins.ndim == 1 else margins[:, None, :]
    losses, _ = evaluate(values["loss"], wide, labels, values, slope=False)
    found: list[Metric] = [(OBJECTIVES[values["loss"]], "loss", float(losses.mean()))]
    if values["predictor_type"] == "regressor":
        return found + _regression(margins, labels)
    if margins.ndim == 1:
        return found + _binary(margins, labels.astype(np.int64), threshold, values)
    return found + _multiclass(margins, labels.astype(np.int64), values)


def _regression(predicted: Array, labels: Array) -> list[Metric]:
    found = scores.regression_scores(labels.astype(np.float64), predicted.astype(np.float64))
    return [
        ("mse", "loss", found["mse"]),
        ("absolute_loss", "loss", found["mae"]),
        ("rmse", "loss", found["rmse"]),
        ("mae", "loss", found["mae"]),
        ("r2", "score", found["r2"]),
    ]


def _binary(margins: Array, truth: Array, threshold: float, values: Mapping[str, Any]) -> list[Metric]:
    answers = answer(margins, values["loss"])
    matrix = scores.confusion(truth, (answers > threshold).astype(np.int64), 2)
    precision, recall = scores.precision_binary(matrix), scores.recall_binary(matrix)
    found: list[Metric] = [
        ("binary_classification_accuracy", "score", scores.accuracy(matrix)),
        (f"binary_f_{values['f_beta']:.3f}", "score", _f_beta(precision, recall, values["f_beta"])),
        ("precision", "score", precision),
        ("recall", "score", recall),
        ("roc_auc_score", "score", scores.auc(truth, answers)),
        ("balanced_accuracy", "score", scores.balanced_accuracy(matrix)),
    ]
    if values["loss"] == "logistic":
        found.append(("log_loss", "loss", scores.log_loss(truth, answers)))
    return found


def _multiclass(margins: Array, truth: Array, values: Mapping[str, Any]) -> list[Metric]:
    classes = margins.shape[1]
    ranks = np.argsort(np.argsort(-margins, axis=1, kind="stable"), axis=1)[np.arange(len(truth)), truth]
    matrix = scores.confusion(truth, margins.argmax(axis=1), classes)
    top = min(values["accuracy_top_k"], classes)
    beta = values["f_beta"]
    hits = np.diag(matrix).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.nan_to_num(hits / matrix.sum(axis=0))
        recall = np.nan_to_num(hits / matrix.sum(axis=1))
    seen = (matrix.sum(axis=0) + matrix.sum(axis=1)) > 0
    found: list[Metric] = [
        ("multiclass_accuracy", "score", scores.accuracy(matrix)),
        (f"multiclass_top_k_accuracy_{top}", "score", float((ranks < top).mean())),
        # one relevant class a row, so the ideal gain is 1
        ("dcg", "score", float((1 / np.log2(ranks + 2)).mean())),
        ("macro_recall", "score", float(recall[seen].mean())),
        ("macro_precision", "score", float(precision[seen].mean())),
        (
            f"macro_f_{beta:.3f}",
            "score",
            float(np.mean([_f_beta(p, r, beta) for p, r in zip(precision[seen], recall[seen], strict=True)])),
        ),
        ("multiclass_balanced_accuracy", "score", scores.balanced_accuracy(matrix)),
    ]
    if values["loss"] == "softmax_loss":
        found.append(("multiclass_log_loss", "loss", scores.log_loss(truth, softmax(margins))))
    return found


def _f_beta(precision: float, recall: float, beta: float) -> float:
    below = beta**2 * precision + recall
    return float((1 + beta**2) * precision * recall / below) if below > 0 else 0.0


def answer(margins: Array, loss: str) -> Array:
    """What an endpoint answers as score: probabilities, or margins of losses without them."""
    if loss == "logistic":
        return sigmoid(margins)
    return softmax(margins) if loss == "softmax_loss" else margins
