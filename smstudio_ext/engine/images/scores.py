"""Metrics of classification and regression as SageMaker's images compute them, in plain numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def confusion(
    truth: Labels, predicted: Labels, classes: int, weights: Array | None = None
) -> npt.NDArray[Any]:
    """Counts, or sums of the rows' weights, by (true class, predicted class)."""
    places = truth * classes + predicted
    return np.bincount(places, weights=weights, minlength=classes * classes).reshape(classes, classes)


def _rates(matrix: npt.NDArray[np.int64]) -> tuple[Array, Array, Array]:
    hits = np.diag(matrix).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.nan_to_num(hits / matrix.sum(axis=0))
        recall = np.nan_to_num(hits / matrix.sum(axis=1))
        f1 = np.nan_to_num(2 * hits / (matrix.sum(axis=0) + matrix.sum(axis=1)))
    return precision, recall, f1


def _present(matrix: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    # Macro means run over the classes that occur in truth or prediction, as scikit-learn's do.
    return np.asarray((matrix.sum(axis=0) + matrix.sum(axis=1)) > 0)


def accuracy(matrix: npt.NDArray[np.int64]) -> float:
    """Share of rows whose class is right."""
    return float(np.trace(matrix) / max(1, matrix.sum()))


def balanced_accuracy(matrix: npt.NDArray[np.int64]) -> float:
    """Mean recall over the classes that occur."""
    seen = matrix.sum(axis=1) > 0
    return float(_rates(matrix)[1][seen].mean()) if seen.any() else 0.0


def precision_binary(matrix: npt.NDArray[np.int64]) -> float:
    """Precision of class 1."""
    return float(_rates(matrix)[0][1])


def recall_binary(matrix: npt.NDArray[np.int64]) -> float:
    """Recall of class 1."""
    return float(_rates(matrix)[1][1])


def f1_binary(matrix: npt.NDArray[np.int64]) -> float:
    """F1 of class 1."""
    return float(_rates(matrix)[2][1])


def precision_macro(matrix: npt.NDArray[np.int64]) -> float:
    """Mean precision over classes."""
    return float(_rates(matrix)[0][_present(matrix)].mean())


def recall_macro(matrix: npt.NDArray[np.int64]) -> float:
    """Mean recall over classes."""
    return float(_rates(matrix)[1][_present(matrix)].mean())


def f1_macro(matrix: npt.NDArray[np.int64]) -> float:
    """Mean F1 over classes."""
    return float(_rates(matrix)[2][_present(matrix)].mean())


CONFUSION_SCORES: dict[str, Callable[[npt.NDArray[np.int64]], float]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "precision": precision_binary,
    "recall": recall_binary,
    "f1_binary": f1_binary,
    "f1": f1_macro,
    "f1_macro": f1_macro,
    "precision_macro": precision_macro,
    "recall_macro": recall_macro,
    "precision_micro": accuracy,
    "recall_micro": accuracy,
}
"""Scores of hard predictions, by the XGBoost image's names. Micro means equal accuracy with one label a row."""


def auc(truth: Labels, score: Array, weights: Array | None = None) -> float:
    """Area under the ROC curve of class 1 by ranks (ties count half); NaN with one class only."""
    if weights is not None:
        return _weighted_auc(truth, score, weights)
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[truth == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _weighted_auc(truth: Labels, score: Array, weights: Array) -> float:
    _, inverse = np.unique(score, return_inverse=True)
    positive = np.bincount(inverse, weights=weights * (truth == 1))
    negative = np.bincount(inverse, weights=weights * (truth != 1))
    total = float(positive.sum() * negative.sum())
    below = np.cumsum(negative) - negative / 2
    return float((positive * below).sum() / total) if total else float("nan")


def log_loss(truth: Labels, probabilities: Array, weights: Array | None = None) -> float:
    """Mean negative log likelihood; probabilities (rows,) of class 1 or (rows, classes)."""
    if probabilities.ndim == 1:
        chosen = np.where(truth == 1, probabilities, 1 - probabilities)
    else:
        chosen = probabilities[np.arange(len(truth)), truth]
    return float(np.average(-np.log(np.clip(chosen, 1e-15, 1.0)), weights=weights))


def regression_scores(truth: Array, predicted: Array, weights: Array | None = None) -> dict[str, float]:
    """mse, rmse, mae and r2."""
    error = predicted - truth
    mse = float(np.average(error**2, weights=weights))
    spread = float(np.average((truth - np.average(truth, weights=weights)) ** 2, weights=weights))
    return {
        "mse": mse,
        "rmse": float(np.sqrt(mse)),
        "mae": float(np.average(np.abs(error), weights=weights)),
        "r2": 1 - mse / spread if spread > 0 else 0.0,
    }


def classification_scores(truth: Labels, probabilities: Array, threshold: float = 0.5) -> dict[str, float]:
    """Every score of a classifier.

    Args:
        truth: class indices.
        probabilities: (rows,) of class 1, or (rows, classes).
        threshold: probability above which a row is of class 1 (binary only).
    """
    if probabilities.ndim == 1:
        predicted = (probabilities > threshold).astype(np.int64)
        classes = 2
    else:
        predicted = probabilities.argmax(axis=1)
        classes = probabilities.shape[1]
    matrix = confusion(truth, predicted, classes)
    scores = {
        name: function(matrix)
        for name, function in CONFUSION_SCORES.items()
        if classes == 2 or name not in ("precision", "recall", "f1_binary")
    }
    loss = log_loss(truth, probabilities)
    if probabilities.ndim == 1:
        scores |= {"auc": auc(truth, probabilities), "logloss": loss, "error": 1 - scores["accuracy"]}
    else:
        scores |= {"mlogloss": loss, "merror": 1 - scores["accuracy"]}
    return scores


def best_threshold(truth: Labels, score: Array, metric: str, weights: Array | None = None) -> float:
    """Probability threshold that maximises a score of hard predictions.

    Args:
        metric: `f1_binary`, `balanced_accuracy` or `accuracy`.
        weights: of the rows; None counts each once.

    Returns:
        The middle between the two scores that the best cut separates; 0.5 for other metrics or one class only.
    """
    each = np.ones(len(truth), dtype=np.int64) if weights is None else weights
    total = each.sum()
    positives = (each * truth).sum()
    if metric not in ("f1_binary", "balanced_accuracy", "accuracy") or not 0 < positives < total:
        return 0.5
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    hits = np.cumsum((each * truth)[order])
    chosen = np.cumsum(each[order])
    if metric == "f1_binary":
        gain = 2 * hits / (chosen + positives)
    elif metric == "balanced_accuracy":
        gain = hits / positives - (chosen - hits) / (total - positives)
    else:
        gain = hits - (chosen - hits)
    # A cut inside a run of equal scores cannot be made.
    gain = np.where(np.append(ranked[:-1] > ranked[1:], True), gain, -np.inf)
    at = int(np.argmax(gain))
    below = ranked[at + 1] if at + 1 < len(truth) else 0.0
    return float((ranked[at] + below) / 2)


def crossfit_predictions(truth: Labels, score: Array, folds: Labels, metric: str) -> Labels:
    """Hard predictions whose threshold is chosen, for each fold, on the other folds only: an honest estimate."""
    predicted = np.zeros(len(truth), dtype=np.int64)
    for fold in np.unique(folds):
        inside = folds == fold
        predicted[inside] = score[inside] > best_threshold(truth[~inside], score[~inside], metric)
    return predicted
