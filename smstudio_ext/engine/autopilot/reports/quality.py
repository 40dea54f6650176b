"""Measures predictions of unseen rows: metrics with their spread, confusion matrix, curves, residuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.reports.task import Task
from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.heldout import HeldOut

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

CURVE_POINTS, MANY_CURVE_POINTS = 200, 60
_RESAMPLES = 50
_RESAMPLED_ROWS = 20_000


@dataclass(frozen=True)
class Metric:
    """A metric's value and its standard deviation (over folds, or over resamples of the rows)."""

    value: float
    deviation: float


@dataclass(frozen=True)
class Curves:
    """Curves of one class against all others.

    Attributes:
        roc: false positive rates, true positive rates, thresholds.
        precision_recall: recalls, precisions, thresholds.
        gain: share of rows, from the highest score down, and share of the positives among them.
        auc, average_precision: areas under the first two.
        prior: share of positives.
    """

    roc: tuple[Array, Array, Array]
    precision_recall: tuple[Array, Array, Array]
    gain: tuple[Array, Array]
    auc: float
    average_precision: float
    prior: float

    @property
    def lift(self) -> tuple[Array, Array]:
        """Share of rows, and how many times more positives they hold than random rows."""
        across, up = self.gain
        return across[1:], up[1:] / across[1:]


@dataclass(frozen=True)
class Quality:
    """Everything that the model insights report says.

    Attributes:
        source: which rows were predicted, in words.
        spread: how standard deviations were found, in words.
        metrics: by AWS's names.
        constant: what always answering the most frequent class (or the mean) would reach.
        confusion: (true class, predicted class) counts; empty for regression.
        curves: by class name; for two classes the positive one alone.
    """

    task: Task
    held: HeldOut
    source: str
    spread: str
    metrics: dict[str, Metric]
    constant: dict[str, float]
    confusion: npt.NDArray[np.int64]
    curves: dict[str, Curves] = field(default_factory=dict)

    @property
    def residuals(self) -> Array:
        """Predicted less true values."""
        return self.held.answers - self.held.truth


def measure(task: Task, held: HeldOut, source: str) -> Quality:
    """Measures held-out predictions."""
    metrics, spread = _metrics(task, held)
    if not task.classes:
        constant = _regression(held.truth, np.full(len(held.truth), held.truth.mean()))
        return Quality(task, held, source, spread, metrics, constant, np.zeros((0, 0), dtype=np.int64))
    count = len(task.classes)
    truth, predicted = held.truth.astype(np.int64), _decided(held)
    confusion = scores.confusion(truth, predicted, count)
    shares = np.bincount(truth, minlength=count) / len(truth)
    majority = np.full(len(truth), int(shares.argmax()))
    prior = np.broadcast_to(shares, (len(truth), count))
    constant = _classification(truth, prior[:, 1] if count == 2 else prior, majority, count)
    curves = {}
    for code, name in enumerate(task.classes):
        if (count > 2 or code == 1) and 0 < (truth == code).sum() < len(truth):
            score = held.answers if count == 2 else held.answers[:, code]
            points = CURVE_POINTS if count <= 5 else MANY_CURVE_POINTS
            curves[name] = make_curves((truth == code).astype(np.int64), score, points)
    return Quality(task, held, source, spread, metrics, constant, confusion, curves)


def make_curves(truth: Codes, score: Array, points: int = CURVE_POINTS) -> Curves:
    """ROC, precision-recall and gain curves of one class, thinned to at most `points` points.

    Args:
        truth: (rows,) 1 for the class, 0 for all others; both occur.
        score: (rows,) higher for the class.
    """
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], np.cumsum(truth[order])
    # A threshold cannot part rows of the same score.
    ends = np.flatnonzero(np.append(ranked[:-1] > ranked[1:], True))
    taken, found = ends + 1, hits[ends]
    positives, negatives = int(truth.sum()), int(len(truth) - truth.sum())
    recall, precision = found / positives, found / taken
    false_rate = (taken - found) / negatives
    average = float(np.sum(np.diff(np.append(0.0, recall)) * precision))
    keep = _thin(len(ends), points)
    return Curves(
        (
            np.append(0.0, false_rate[keep]),
            np.append(0.0, recall[keep]),
            np.append(np.inf, ranked[ends][keep]),
        ),
        (recall[keep], precision[keep], ranked[ends][keep]),
        (np.append(0.0, taken[keep] / len(truth)), np.append(0.0, recall[keep])),
        scores.auc(truth, score),
        average,
        positives / len(truth),
    )


def _thin(count: int, points: int) -> npt.NDArray[np.int64]:
    if count <= points:
        return np.arange(count)
    # The steep start of the curves keeps more of its points than the flat end.
    start, even = np.geomspace(1, count, points // 2), np.linspace(1, count, points // 2)
    return np.unique(np.concatenate([start, even]).astype(np.int64)) - 1


def _metrics(task: Task, held: HeldOut) -> tuple[dict[str, Metric], str]:
    score = _scorer(task, held)
    folds = np.unique(held.folds)
    if len(folds) > 1:
        parts = [score(np.flatnonzero(held.folds == fold)) for fold in folds]
        spread = f"standard deviation over the {len(folds)} folds"
        means = {name: float(np.nanmean([part[name] for part in parts])) for name in parts[0]}
    else:
        rows = np.arange(len(held.truth))
        means = score(rows)
        generator = np.random.default_rng(task.seed)
        size = min(len(rows), _RESAMPLED_ROWS)
        parts = [score(generator.integers(0, len(rows), size)) for _ in range(_RESAMPLES)]
        spread = f"standard deviation over {_RESAMPLES} resamples (bootstrap) of the rows"
        shrink = np.sqrt(size / len(rows))
        return {
            name: Metric(value, _deviation(parts, name) * shrink) for name, value in means.items()
        }, spread
    return {name: Metric(value, _deviation(parts, name)) for name, value in means.items()}, spread


def _deviation(parts: list[dict[str, float]], name: str) -> float:
    values = np.array([part[name] for part in parts])
    values = values[np.isfinite(values)]
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def _scorer(task: Task, held: HeldOut) -> Callable[[npt.NDArray[np.int64]], dict[str, float]]:
    if not task.classes:
        return lambda rows: _regression(held.truth[rows], held.answers[rows])
    truth, predicted = held.truth.astype(np.int64), _decided(held)
    count = len(task.classes)
    return lambda rows: _classification(truth[rows], held.answers[rows], predicted[rows], count)


def _decided(held: HeldOut) -> Codes:
    if held.predicted is not None:
        return held.predicted
    return held.answers.argmax(axis=1) if held.answers.ndim > 1 else (held.answers > 0.5).astype(np.int64)


def _regression(truth: Array, answers: Array) -> dict[str, float]:
    found = scores.regression_scores(truth, answers)
    return {"MSE": found["mse"], "RMSE": found["rmse"], "MAE": found["mae"], "R2": found["r2"]}


def _classification(truth: Codes, answers: Array, predicted: Codes, count: int) -> dict[str, float]:
    matrix = scores.confusion(truth, predicted, count)
    loss = scores.log_loss(truth, answers)
    found = {"Accuracy": scores.accuracy(matrix), "BalancedAccuracy": scores.balanced_accuracy(matrix)}
    if count == 2:
        return found | {
            "F1": scores.f1_binary(matrix),
            "Precision": scores.precision_binary(matrix),
            "Recall": scores.recall_binary(matrix),
            "AUC": scores.auc(truth, answers),
            "LogLoss": loss,
        }
    return found | {
        "F1macro": scores.f1_macro(matrix),
        "PrecisionMacro": scores.precision_macro(matrix),
        "RecallMacro": scores.recall_macro(matrix),
        "LogLoss": loss,
    }
