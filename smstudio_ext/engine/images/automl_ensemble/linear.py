"""Linear models on standardised numbers and one-hot categories, fitted by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.automl_ensemble.learning import Part
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

_MOST_LEVELS = 60
_QUANTILES = 33


@dataclass
class Encoder:
    """Turns the table's features into well-scaled ones.

    Attributes:
        center, scale: (numeric,) robust location and scale of numeric features.
        numeric: their positions.
        missing: positions of features that get an indicator of missing values.
        levels: feature -> codes that get a column.
        kinks: (quantiles, numeric) of each numeric feature, for its rank as a second column; empty for none.
    """

    numeric: npt.NDArray[np.int64]
    center: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    missing: npt.NDArray[np.int64]
    levels: list[tuple[int, int]]
    kinks: npt.NDArray[np.float64]

    @classmethod
    def fit(cls, x: Floats, categories: Mapping[int, int], *, ranks: bool) -> Encoder:
        """Learns from (rows, features)."""
        numeric = np.array([at for at in range(x.shape[1]) if at not in categories], dtype=np.int64)
        values = x[:, numeric].astype(np.float64)
        gone = np.isnan(values)
        empty = gone.all(axis=0)
        values[:, empty] = 0.0
        center = np.nanmedian(values, axis=0) if len(numeric) else np.empty(0)
        low, high = (
            np.nanquantile(values, [0.25, 0.75], axis=0) if len(numeric) else (np.empty(0), np.empty(0))
        )
        spread = np.nanstd(values, axis=0) if len(numeric) else np.empty(0)
        scale = np.where(high > low, (high - low) / 1.35, spread)
        kinks = np.empty((0, len(numeric)))
        if ranks and len(numeric):
            kinks = np.nanquantile(values, np.linspace(0, 1, _QUANTILES), axis=0)
        levels = []
        for at, size in sorted(categories.items()):
            present = np.bincount(np.nan_to_num(x[:, at]).astype(np.int64), minlength=size)
            codes = [int(code) for code in np.argsort(-present, kind="stable") if present[code] > 0]
            levels += [(at, code) for code in codes[:_MOST_LEVELS]]
        return cls(
            numeric,
            center,
            np.where(scale > 1e-12, scale, 1.0),
            numeric[gone.any(axis=0) & ~empty],
            levels,
            kinks,
        )

    def transform(self, x: Floats) -> npt.NDArray[np.float32]:
        """(rows, features) -> (rows, columns), without missing values."""
        values = x[:, self.numeric].astype(np.float64)
        filled = np.where(np.isnan(values), self.center, values)
        scaled = (filled - self.center) / self.scale
        # Outliers keep their order but lose their reach (smooth clipping).
        parts = [scaled / np.sqrt(1 + (scaled / 3) ** 2)]
        if len(self.kinks):
            points = np.linspace(-1, 1, len(self.kinks))
            parts.append(
                np.column_stack(
                    [np.interp(filled[:, at], self.kinks[:, at], points) for at in range(len(self.numeric))]
                )
            )
        if len(self.missing):
            parts.append(np.isnan(x[:, self.missing]).astype(np.float64))
        if self.levels:
            columns = np.array([at for at, _ in self.levels])
            codes = np.array([code for _, code in self.levels])
            parts.append((np.nan_to_num(x[:, columns]) == codes).astype(np.float64))
        return np.hstack(parts).astype(np.float32)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What a file keeps."""
        return {
            "numeric": self.numeric,
            "center": self.center,
            "scale": self.scale,
            "missing": self.missing,
            "levels": np.array(self.levels, dtype=np.int64).reshape(-1, 2),
            "kinks": self.kinks,
        }

    @classmethod
    def from_arrays(cls, found: Mapping[str, npt.NDArray[Any]]) -> Encoder:
        """Reads what `arrays` wrote."""
        return cls(
            found["numeric"],
            found["center"],
            found["scale"],
            found["missing"],
            [(int(at), int(code)) for at, code in found["levels"]],
            found["kinks"],
        )


@dataclass
class LinearModel:
    """Weights over encoded features."""

    encoder: Encoder
    weights: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]
    outline: Outline
    rounds: int = 0

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`."""
        score = self.encoder.transform(x).astype(np.float64) @ self.weights + self.bias
        return probabilities(score, self.outline)

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`."""
        arrays = {**self.encoder.arrays(), "weights": self.weights, "bias": self.bias}
        with path.open("wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]


class LinearKind:
    """Ridge or logistic regression."""

    suffix = ".npz"

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> LinearModel:
        """See `learning.Kind`."""
        from sklearn import linear_model

        encoder = Encoder.fit(part.x, outline.categories, ranks=bool(settings.get("ranks")))
        x = encoder.transform(part.x)
        strength = float(settings.get("strength", 1.0))
        if outline.regression:
            ridge = linear_model.Ridge(alpha=strength).fit(x, part.y, sample_weight=part.weights)
            weights = np.asarray(ridge.coef_, dtype=np.float64).reshape(-1, 1)
            return LinearModel(encoder, weights, np.atleast_1d(np.asarray(ridge.intercept_)), outline)
        # The tolerance is scikit-learn's own; a fit that ends before it is good enough for an ensemble's member.
        rounds = int(np.clip(part.seconds / (2e-9 * max(1, x.size) * max(1, outline.width)), 20, 200))
        model = linear_model.LogisticRegression(C=1 / strength, max_iter=rounds)
        model.fit(x, part.y.astype(np.int64), sample_weight=part.weights)
        weights, bias = model.coef_.T.astype(np.float64), model.intercept_.astype(np.float64)
        if outline.classes > 2 and len(model.classes_) < outline.classes:
            weights, bias = _spread(weights, bias, model.classes_.astype(np.int64), outline.classes)
        return LinearModel(encoder, weights, bias, outline)

    def load(self, path: Path, outline: Outline) -> LinearModel:
        """See `learning.Kind`."""
        with np.load(path, allow_pickle=False) as found:
            return LinearModel(Encoder.from_arrays(found), found["weights"], found["bias"], outline)


def _spread(weights: Wide, bias: Wide, known: npt.NDArray[np.int64], classes: int) -> tuple[Wide, Wide]:
    """Weights for all classes, from those of a fold that lacked some."""
    if weights.shape[1] == 1:
        weights, bias = np.hstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    wide, base = np.zeros((len(weights), classes)), np.full(classes, -20.0)
    wide[:, known], base[known] = weights, bias
    return wide, base


def probabilities(score: Wide, outline: Outline) -> Wide:
    """(rows, width) raw scores -> predictions."""
    if outline.regression:
        return score
    if outline.classes == 2:
        return np.asarray(1 / (1 + np.exp(-np.clip(score, -500, 500))))
    shifted = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
