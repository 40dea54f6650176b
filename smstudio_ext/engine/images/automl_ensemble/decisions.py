"""From probabilities to labels, and honest scores of both, under AWS's names of the metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.automl_ensemble.table import Outline, Whole, Wide

_THRESHOLDS = {"F1": "f1_binary", "BalancedAccuracy": "balanced_accuracy", "Accuracy": "accuracy"}
_NAMES = {
    "accuracy": "Accuracy",
    "auc": "AUC",
    "balanced_accuracy": "BalancedAccuracy",
    "logloss": "LogLoss",
    "mlogloss": "LogLoss",
    "mae": "MAE",
    "mse": "MSE",
    "r2": "R2",
    "rmse": "RMSE",
}
_BINARY = {"f1_binary": "F1", "precision": "Precision", "recall": "Recall"}
_MULTICLASS = {"f1_macro": "F1macro", "precision_macro": "PrecisionMacro", "recall_macro": "RecallMacro"}
_LEANING = {"BalancedAccuracy": "balanced_accuracy", "RecallMacro": "recall_macro", "F1macro": "f1_macro"}
_EXPONENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FEWEST = 25
"""Below so many rows of the rarer class a chosen threshold is more noise than gain."""


@dataclass(frozen=True)
class Decision:
    """How probabilities become a label.

    Attributes:
        threshold: probability of class 1 above which a row is of class 1 (two classes).
        factors: what each class's probability is multiplied by before the largest is taken (more classes).
    """

    threshold: float = 0.5
    factors: tuple[float, ...] = ()

    def labels(self, predicted: Wide) -> Whole:
        """Class codes of (rows, width) probabilities."""
        if predicted.shape[1] == 1:
            return (predicted[:, 0] > self.threshold).astype(np.int64)
        scaled = predicted * np.array(self.factors) if self.factors else predicted
        return np.asarray(scaled.argmax(axis=1), dtype=np.int64)


def decide(outline: Outline, truth: Whole, predicted: Wide, weights: Wide | None = None) -> Decision:
    """The decision that does best for the objective on held-out predictions.

    Args:
        weights: (rows,) sample weights; balanced accuracy takes none, as on AWS.
    """
    if outline.objective == "BalancedAccuracy":
        weights = None
    if outline.classes == 2:
        metric = _THRESHOLDS.get(outline.objective, "none")
        if min(np.bincount(truth, minlength=2)) < _FEWEST:
            return Decision()
        return Decision(scores.best_threshold(truth, predicted[:, 0], metric, weights))
    metric = _LEANING.get(outline.objective, "")
    if not metric:
        return Decision()
    shares = (np.bincount(truth, minlength=outline.classes) + 1.0) / (len(truth) + outline.classes)
    found = []
    for exponent in _EXPONENTS:
        decision = Decision(factors=tuple((shares**-exponent).tolist()) if exponent else ())
        matrix = scores.confusion(truth, decision.labels(predicted), outline.classes, weights)
        found.append((scores.CONFUSION_SCORES[metric](matrix), -exponent, decision))
    return max(found, key=lambda entry: entry[:2])[2]


def evaluate(
    outline: Outline, truth: Wide, predicted: Wide, labels: Whole | None, weights: Wide | None = None
) -> dict[str, float]:
    """Every metric of the problem type.

    Args:
        truth: (rows,) targets.
        predicted: (rows, width) predictions of models that have not seen the row.
        labels: (rows,) class codes of `honest_labels`; None for regression.
        weights: (rows,) sample weights; balanced accuracy takes none, as on AWS.
    """
    if weights is not None:
        weights = weights * (len(weights) / weights.sum())
    if labels is None:
        found = scores.regression_scores(truth, predicted[:, 0], weights)
        return {_NAMES[name]: value for name, value in found.items()}
    codes = truth.astype(np.int64)
    matrix = scores.confusion(codes, labels, outline.classes, weights)
    probabilities = predicted[:, 0] if outline.classes == 2 else predicted
    own = _BINARY if outline.classes == 2 else _MULTICLASS
    found = {
        standard: scores.CONFUSION_SCORES[name](matrix)
        for name, standard in (_NAMES | own).items()
        if name in scores.CONFUSION_SCORES
    }
    if weights is not None:
        counts = scores.confusion(codes, labels, outline.classes)
        found["BalancedAccuracy"] = scores.balanced_accuracy(counts)
    found["LogLoss"] = scores.log_loss(codes, probabilities, weights)
    if outline.classes == 2:
        found["AUC"] = scores.auc(codes, probabilities, weights)
    return found


def honest_labels(
    outline: Outline, truth: Whole, predicted: Wide, folds: Whole, weights: Wide | None = None
) -> Whole:
    """Labels of each fold as decided by what the other folds say."""
    numbers = np.unique(folds)
    if len(numbers) < 2:
        # One held-out part: its halves decide for each other.
        folds = np.arange(len(truth)) % 2
        numbers = np.unique(folds)
    labels = np.zeros(len(truth), dtype=np.int64)
    for number in numbers:
        inside = folds == number
        known = None if weights is None else weights[~inside]
        labels[inside] = decide(outline, truth[~inside], predicted[~inside], known).labels(predicted[inside])
    return labels
