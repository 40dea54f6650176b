"""A linear model and its file `model_algo-1`: AWS's archive of MXNet files, or JSON for the models of several folds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.firstparty.models import MODEL_NAME, read_model
from smstudio_ext.engine.images.linear_learner import archive
from smstudio_ext.engine.images.linear_learner.evaluation import answer
from smstudio_ext.engine.images.linear_learner.parameters import LOSSES, Settings

Array = npt.NDArray[np.float64]

FORMAT = "smstudio-linear-learner/1"


@dataclass
class Part:
    """Weights of one fitted model, for features as they come.

    Attributes:
        weights: (features, outputs).
        bias: (outputs,).
        fill: value that takes the place of a missing feature; None where the training data had none missing.
    """

    weights: Array
    bias: Array
    fill: Array | None

    def margins(self, features: Array) -> Array:
        """(rows, outputs) linear scores; NaN for rows with missing values that nothing can take the place of."""
        gone = np.isnan(features) if isinstance(features, np.ndarray) else np.zeros(0, dtype=bool)
        if gone.any() and self.fill is not None:
            features = np.where(gone, self.fill, features)
        return np.asarray(features @ self.weights) + self.bias


@dataclass
class LinearModel:
    """One linear model, or the mean of several (folds).

    Attributes:
        predictor: AWS's predictor_type.
        threshold: score above which a row is of class 1.
        loss: the loss that it was trained with; it decides what a score is.
        notes: AWS's other parameters (`metrics_params` of the file).
    """

    predictor: str
    classes: int
    parts: list[Part] = field(default_factory=list)
    threshold: float = 0.5
    loss: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loss = self.loss or LOSSES[self.predictor][0]

    def predict(self, features: Array) -> Array:
        """(rows,) values, probabilities of class 1 or margins, or (rows, classes) of them."""
        if len(self.parts) == 1:
            margins = self.parts[0].margins(features)
            return answer(margins[:, 0] if self.predictor != "multiclass_classifier" else margins, self.loss)
        return np.asarray(
            sum(link(part.margins(features), self.predictor) for part in self.parts) / len(self.parts)
        )

    def save(self, folder: Path) -> None:
        """Writes `model_algo-1`: AWS's format for one model; the mean of several has none there, so JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL_NAME).write_bytes(self.encode())

    def encode(self) -> bytes:
        """The bytes of `model_algo-1`."""
        if len(self.parts) == 1:
            part = self.parts[0]
            return archive.write(
                archive.Stored(
                    self.predictor, self.loss, part.weights, part.bias, self.threshold, part.fill, self.notes
                )
            )
        document = {
            "format": FORMAT,
            "predictor_type": self.predictor,
            "num_classes": self.classes,
            "threshold": self.threshold,
            "models": [
                {
                    "weights": part.weights.tolist(),
                    "bias": part.bias.tolist(),
                    "fill": None if part.fill is None else part.fill.tolist(),
                }
                for part in self.parts
            ],
        }
        return json.dumps(document).encode()

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Reads `model_algo-1`, as AWS or this engine wrote it.

        Raises:
            ValueError: no such file, or one of another kind.
        """
        data = read_model(folder)
        if data[:2] == b"PK":
            found = archive.read(data)
            classes = 2 if found.predictor == "binary_classifier" else int(found.weights.shape[1])
            part = Part(found.weights, found.bias, found.fill)
            return cls(found.predictor, classes, [part], found.threshold, found.loss, found.notes)
        try:
            document: dict[str, Any] = json.loads(data)
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ValueError(f"{MODEL_NAME} is neither AWS's archive nor of this engine's format.") from error
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"{MODEL_NAME} has an unknown format; expected {FORMAT}.")
        parts = [
            Part(
                np.array(one["weights"]),
                np.array(one["bias"]),
                None if one["fill"] is None else np.array(one["fill"]),
            )
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
