"""A linear model: mini-batch training, scores, and its readable file `model_algo-1`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.linear_learner.parameters import Settings

Array = npt.NDArray[np.float64]

MODEL_NAME = "model_algo-1"
FORMAT = "smstudio-linear-learner/1"


@dataclass
class Part:
    """Weights of one fitted model, for features as they come.

    Attributes:
        weights: (features, outputs).
        bias: (outputs,).
        fill: value that takes the place of a missing feature.
    """

    weights: Array
    bias: Array
    fill: Array

    def margins(self, features: Array) -> Array:
        """(rows, outputs) linear scores."""
        gone = np.isnan(features)
        if gone.any():
            features = np.where(gone, self.fill, features)
        return features @ self.weights + self.bias


@dataclass
class LinearModel:
    """The mean of one or several linear models (folds).

    Attributes:
        predictor: AWS's predictor_type.
        threshold: probability above which a row is of class 1.
    """

    predictor: str
    classes: int
    parts: list[Part] = field(default_factory=list)
    threshold: float = 0.5

    def predict(self, features: Array) -> Array:
        """(rows,) values or probabilities of class 1, or (rows, classes) probabilities."""
        return np.asarray(
            sum(link(part.margins(features), self.predictor) for part in self.parts) / len(self.parts)
        )

    def save(self, folder: Path) -> None:
        """Writes `model_algo-1` as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "format": FORMAT,
            "predictor_type": self.predictor,
            "num_classes": self.classes,
            "threshold": self.threshold,
            "models": [
                {"weights": part.weights.tolist(), "bias": part.bias.tolist(), "fill": part.fill.tolist()}
                for part in self.parts
            ],
        }
        (folder / MODEL_NAME).write_text(json.dumps(document), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Reads `model_algo-1`.

        Raises:
            ValueError: no such file, or one of another format (AWS's own is an MXNet archive, which is not read yet).
        """
        path = folder / MODEL_NAME
        if not path.exists():
            raise ValueError(f"The model archive holds no {MODEL_NAME}.")
        try:
            document: dict[str, Any] = json.loads(path.read_bytes())
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ValueError(
                f"{MODEL_NAME} is not in this engine's format (a model made on AWS is not read yet)."
            ) from error
        if document.get("format") != FORMAT:
            raise ValueError(f"{MODEL_NAME} has format {document.get('format')}; expected {FORMAT}.")
        parts = [
            Part(np.array(one["weights"]), np.array(one["bias"]), np.array(one["fill"]))
            for one in document["models"]
        ]
        return cls(document["predictor_type"], document["num_classes"], parts, document["threshold"])


def link(margins: Array, predictor: str) -> Array:
    """Turns linear scores into answers."""
    if predictor == "regressor":
        return margins[:, 0]
    if predictor == "binary_classifier":
        return np.asarray(1 / (1 + np.exp(-np.clip(margins[:, 0], -500, 500))))
    shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def loss(answers: Array, labels: Array, predictor: str) -> float:
    """Mean loss: squared, or negative log likelihood."""
    if predictor == "regressor":
        return float(np.mean((answers - labels) ** 2))
    codes = labels.astype(np.int64)
    if predictor == "binary_classifier":
        chosen = np.where(codes == 1, answers, 1 - answers)
    else:
        chosen = answers[np.arange(len(codes)), codes]
    return float(-np.log(np.clip(chosen, 1e-15, 1)).mean())


def fit(features: Array, labels: Array, held_out: tuple[Array, Array] | None, settings: Settings) -> Part:
    """Trains by Adam on mini-batches with L2 (`wd`) and proximal L1 (`l1`) penalties; the best epoch's weights win.

    Args:
        features: (rows, features), NaN for missing.
        held_out: rows whose loss decides the best epoch and early stopping; the training rows without them.
    """
    with np.errstate(all="ignore"):
        center = np.nan_to_num(np.nanmean(features, axis=0)) if len(features) else np.zeros(features.shape[1])
        spread = np.nan_to_num(np.nanstd(features, axis=0))
    spread = np.where(spread > 1e-9, spread, 1.0)
    shift = center if settings.normalize else np.zeros_like(center)
    scale = spread if settings.normalize else np.ones_like(spread)
    scaled = np.nan_to_num((features - shift) / scale)
    # A regression target is learnt in units of its own spread, so that one learning rate suits all.
    low, unit = (
        (float(labels.mean()), float(labels.std()) or 1.0)
        if settings.predictor == "regressor"
        else (0.0, 1.0)
    )
    targets = (labels - low) / unit
    checked = None
    if held_out is not None:
        checked = (np.nan_to_num((held_out[0] - shift) / scale), (held_out[1] - low) / unit)
    weights, bias = _descend(scaled, targets, checked, settings)
    weights, bias = weights * unit / scale[:, None], bias * unit + low
    return Part(weights, bias - shift @ weights, center)


def _row_weights(labels: Array, settings: Settings) -> Array | None:
    if settings.predictor == "binary_classifier" and settings.positive_weight is not None:
        positives = max(1.0, float(labels.sum()))
        mult = settings.positive_weight
        weight = (len(labels) - positives) / positives if isinstance(mult, str) else mult
        weights = np.where(labels == 1, weight, 1.0)
        return np.asarray(weights / weights.mean())
    if settings.predictor == "multiclass_classifier" and settings.balance:
        counts = np.bincount(labels.astype(np.int64), minlength=settings.classes)
        weights = 1 / np.maximum(1, counts[labels.astype(np.int64)])
        return np.asarray(weights / weights.mean())
    return None


def _descend(
    features: Array, targets: Array, held_out: tuple[Array, Array] | None, settings: Settings
) -> tuple[Array, Array]:
    generator = np.random.default_rng(settings.seed)
    rows, width = features.shape
    wanted = targets[:, None]
    if settings.predictor == "multiclass_classifier":
        wanted = np.eye(settings.outputs)[targets.astype(np.int64)]
    row_weights = _row_weights(targets, settings)
    state = np.zeros((width + 1, settings.outputs))
    first, second = np.zeros_like(state), np.zeros_like(state)
    padded = np.hstack([features, np.full((rows, 1), 1.0 if settings.bias else 0.0)])
    batch = min(settings.batch, rows)
    steps = settings.epochs * max(1, rows // batch)
    best, best_loss, worse, step = state.copy(), np.inf, 0, 0
    for _ in range(settings.epochs):
        order = generator.permutation(rows)
        for start in range(0, rows - batch + 1, batch):
            step += 1
            rate = settings.learning_rate * (1 - 0.95 * step / steps)
            at = order[start : start + batch]
            state = _step(state, first, second, padded[at], wanted[at], row_weights, at, rate, step, settings)
        answers_of, truth = (features, targets) if held_out is None else held_out
        now = loss(link(answers_of @ state[:-1] + state[-1], settings.predictor), truth, settings.predictor)
        if now < best_loss * (1 - settings.tolerance if best_loss > 0 else 1):
            worse = 0
        else:
            worse += 1
        if now < best_loss:
            best, best_loss = state.copy(), now
        if worse >= settings.patience or not np.isfinite(now):
            break
    return best[:-1], best[-1]


def _step(
    state: Array,
    first: Array,
    second: Array,
    rows: Array,
    wanted: Array,
    row_weights: Array | None,
    at: npt.NDArray[np.int64],
    rate: float,
    step: int,
    settings: Settings,
) -> Array:
    answers = link(rows @ state, settings.predictor)
    error = (answers[:, None] if answers.ndim == 1 else answers) - wanted
    if row_weights is not None:
        error = error * row_weights[at][:, None]
    gradient = rows.T @ error / len(rows)
    gradient[:-1] += settings.wd * state[:-1]
    first *= 0.9
    first += 0.1 * gradient
    second *= 0.999
    second += 0.001 * gradient**2
    moved = state - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    if settings.l1:
        moved[:-1] = np.sign(moved[:-1]) * np.maximum(np.abs(moved[:-1]) - rate * settings.l1, 0)
    return np.asarray(moved)
