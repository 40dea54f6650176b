"""The model insights report as `statistics.json`, in the form of SageMaker's model quality statistics."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reports.quality import Curves, Metric, Quality

Document = dict[str, Any]

_NAMES = {
    "Accuracy": "accuracy",
    "BalancedAccuracy": "balanced_accuracy",
    "F1": "f1",
    "Precision": "precision",
    "Recall": "recall",
    "AUC": "auc",
    "LogLoss": "log_loss",
    "F1macro": "macro_f1",
    "PrecisionMacro": "macro_precision",
    "RecallMacro": "macro_recall",
    "MSE": "mse",
    "RMSE": "rmse",
    "MAE": "mae",
    "R2": "r2",
}
_POINTS = 400
"""Rows whose predictions stand in the document, spread over all."""

_SECTIONS = {
    "BinaryClassification": "binary_classification_metrics",
    "MulticlassClassification": "multiclass_classification_metrics",
    "Regression": "regression_metrics",
}


def statistics(quality: Quality) -> Document:
    """The document; beside SageMaker's members stand gain and lift curves, and residuals."""
    task = quality.task
    found: Document = {_NAMES[name]: _metric(metric) for name, metric in quality.metrics.items()}
    for name, value in quality.constant.items():
        found[
            f"{_NAMES[name]}_best_constant_classifier" if task.classes else f"{_NAMES[name]}_constant_mean"
        ] = {"value": value}
    if task.classes:
        found["confusion_matrix"] = {
            true: {
                guessed: int(quality.confusion[row, column]) for column, guessed in enumerate(task.classes)
            }
            for row, true in enumerate(task.classes)
        }
    if task.problem == "BinaryClassification":
        found |= _rates(quality.confusion)
        for curve in quality.curves.values():
            found |= _curves(curve)
    elif task.classes:
        found |= _weighted(quality.confusion)
        found["one_vs_rest"] = {name: _curves(curve) for name, curve in quality.curves.items()}
    else:
        found |= _residuals(quality)
    return {
        "version": 0.0,
        "dataset": {
            "item_count": len(quality.held.truth),
            "evaluation_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "source": quality.source,
            "standard_deviation": quality.spread,
        },
        "job": {
            "auto_ml_job_name": task.job,
            "candidate_name": task.candidate,
            "problem_type": task.problem,
            "objective_metric": task.objective,
            "target": task.target,
        },
        _SECTIONS[task.problem]: found,
    }


def _metric(metric: Metric) -> Document:
    return {"value": metric.value, "standard_deviation": metric.deviation}


def _rates(matrix: npt.NDArray[np.int64]) -> Document:
    (true_negative, false_positive), (false_negative, true_positive) = matrix.tolist()
    positives, negatives = true_positive + false_negative, true_negative + false_positive
    rates = {
        "true_positive_rate": _share(true_positive, positives),
        "true_negative_rate": _share(true_negative, negatives),
        "false_positive_rate": _share(false_positive, negatives),
        "false_negative_rate": _share(false_negative, positives),
    }
    for beta, name in ((0.5, "f0_5"), (2.0, "f2")):
        weight = beta * beta
        rates[name] = _share(
            (1 + weight) * true_positive,
            (1 + weight) * true_positive + weight * false_negative + false_positive,
        )
    return {name: {"value": value} for name, value in rates.items()}


def _weighted(matrix: npt.NDArray[np.int64]) -> Document:
    """Means over the classes, weighted by their rows."""
    hits, true, guessed = np.diag(matrix).astype(float), matrix.sum(axis=1), matrix.sum(axis=0)
    share = true / max(1, true.sum())
    found = {
        "weighted_recall": float((share * hits / np.maximum(true, 1)).sum()),
        "weighted_precision": float((share * hits / np.maximum(guessed, 1)).sum()),
    }
    for beta, name in ((0.5, "weighted_f0_5"), (1.0, "weighted_f1"), (2.0, "weighted_f2")):
        weight = beta * beta
        found[name] = float((share * (1 + weight) * hits / np.maximum(weight * true + guessed, 1)).sum())
    return {name: {"value": value} for name, value in found.items()}


def _curves(curves: Curves) -> Document:
    across, up = curves.lift
    return {
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": _rounded(curves.roc[0]),
            "true_positive_rates": _rounded(curves.roc[1]),
            "auc": curves.auc,
        },
        "precision_recall_curve": {
            "recalls": _rounded(curves.precision_recall[0]),
            "precisions": _rounded(curves.precision_recall[1]),
            "auprc": curves.average_precision,
        },
        "gain_curve": {"sample_shares": _rounded(curves.gain[0]), "gains": _rounded(curves.gain[1])},
        "lift_curve": {"sample_shares": _rounded(across), "lifts": _rounded(up)},
    }


def _residuals(quality: Quality) -> Document:
    residuals = quality.residuals
    counts, edges = np.histogram(residuals, bins=min(50, max(5, len(residuals) // 20)))
    quantiles = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
    shown = np.unique(np.linspace(0, len(residuals) - 1, min(len(residuals), _POINTS)).astype(np.int64))
    predicted = _rounded(quality.held.answers[shown])
    spread = float(residuals.std()) or 1.0
    return {
        "actual_vs_predicted": {"predicted": predicted, "actual": _rounded(quality.held.truth[shown])},
        "standardized_residuals": {"predicted": predicted, "residual": _rounded(residuals[shown] / spread)},
        "residuals": {
            "mean": float(residuals.mean()),
            "standard_deviation": float(residuals.std()),
            "quantiles": {str(at): float(np.quantile(residuals, at)) for at in quantiles},
            "histogram": {"counts": counts.tolist(), "edges": _rounded(edges)},
        },
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _rounded(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]
