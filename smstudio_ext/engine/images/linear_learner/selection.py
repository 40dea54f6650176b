"""Thresholds of binary classifiers, and which of several models is best by the job's criterion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def best_cut(truth: Array, scores: Array, values: Mapping[str, Any]) -> tuple[float, float]:
    """The threshold above which a row is of class 1, and the criterion's value there.

    Args:
        truth: (rows,) 0 or 1.
        scores: (rows,) probabilities or margins.
        values: `binary_classifier_model_selection_criteria`, `target_recall`, `target_precision`, `f_beta`.

    Returns:
        The middle between the two scores that the best cut separates.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    hits = np.cumsum(truth[order])
    chosen = np.arange(1, len(ranked) + 1)
    positives = max(1, int(truth.sum()))
    gain = _gain(hits, chosen, positives, len(ranked), values)
    # A cut inside a run of equal scores cannot be made.
    gain = np.where(np.append(ranked[:-1] > ranked[1:], True), gain, -np.inf)
    at = int(np.argmax(gain))
    below = ranked[at + 1] if at + 1 < len(ranked) else ranked[at] - 1e-6
    return float((float(ranked[at]) + float(below)) / 2), float(gain[at])


def _gain(hits: Array, chosen: Array, positives: int, rows: int, values: Mapping[str, Any]) -> Array:
    criterion = values["binary_classifier_model_selection_criteria"]
    precision, recall = hits / chosen, hits / positives
    if criterion == "precision_at_target_recall":
        reached = recall >= values["target_recall"]
        # below the target: the closest recall, worse than any that reaches it
        return np.where(reached, 1 + precision, recall)
    if criterion == "recall_at_target_precision":
        reached = precision >= values["target_precision"]
        return np.where(reached, 1 + recall, precision)
    if criterion in ("f1", "f_beta"):
        beta = 1.0 if criterion == "f1" else values["f_beta"]
        return np.asarray((1 + beta**2) * hits / (beta**2 * positives + chosen))
    negatives = rows - int(hits[-1])
    return np.asarray((hits + negatives - (chosen - hits)) / rows)


def criterion_values(truth: Array, margins: Array, values: Mapping[str, Any]) -> list[float]:
    """The criterion of each model at its best threshold; margins (rows, models)."""
    usable = np.where(np.isfinite(margins), margins, -1e30)
    return [best_cut(truth, usable[:, model], values)[1] for model in range(margins.shape[1])]


def best_model(cuts: list[tuple[float, float]], losses: Array, rows: int, criterion: str) -> int:
    """The model with the best criterion; among accuracies that noise cannot tell apart, the one with the least loss.

    Args:
        cuts: threshold and criterion of each model, as `best_cut` gives them.
        losses: (models,).
        rows: number of rows that the criterion was measured on.
    """
    best = max(value for _, value in cuts)
    room = _noise(best, rows) if criterion == "accuracy" else 1e-6
    return min((at for at in range(len(cuts)) if cuts[at][1] >= best - room), key=lambda at: losses[at])


def settled_cut(
    truth: Array, scores: Array, found: tuple[float, float], usual: float, criterion: str
) -> float:
    """The threshold found, unless the usual one is as accurate up to noise: one fitted to noise would not hold."""
    accuracy = float(((scores > usual) == truth).mean())
    if criterion == "accuracy" and found[1] - accuracy <= _noise(found[1], len(truth)):
        return usual
    return found[0]


def _noise(accuracy: float, rows: int) -> float:
    """Standard error of an accuracy."""
    return float(np.sqrt(max(accuracy * (1 - accuracy), 1e-12) / rows))
