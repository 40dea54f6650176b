"""The trained perceptrons as plain arrays: how they answer, and their file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.linear_learner.losses import sigmoid, softmax

Array = npt.NDArray[Any]

FILE = "model_algo-1"
FORMAT = "smstudio-mlp/1"


@dataclass
class Perceptron:
    """One trained network.

    Attributes:
        center, scale: of the numeric features, as they come.
        embeddings: a (codes + 1, size) table for each categorical feature; the last row is for unknown codes.
        layers: weights (in, out), bias (out,) and, with batch normalisation folded to a line, gain and shift (out,).
        output: weights and bias of the last layer.
        wide: weights of the features' direct way to the output; None without one.
        activation: `relu` or `tanh`.
        target: mean and deviation of a regression target.
    """

    center: Array
    scale: Array
    embeddings: list[Array]
    layers: list[tuple[Array, Array, Array, Array]]
    output: tuple[Array, Array]
    wide: Array | None = None
    activation: str = "relu"
    target: tuple[float, float] = (0.0, 1.0)

    @property
    def width(self) -> int:
        """Number of features."""
        return len(self.embeddings) + len(self.center)

    def margins(self, features: Array) -> Array:
        """(rows, features) -> (rows, outputs) before the link; regression values in units of the target."""
        count = len(self.embeddings)
        numeric = np.nan_to_num((features[:, count:] - self.center) / self.scale)
        parts = [numeric]
        for at, table in enumerate(self.embeddings):
            codes = np.nan_to_num(features[:, at], nan=-1).astype(np.int64)
            codes[(codes < 0) | (codes >= len(table))] = len(table) - 1
            parts.append(table[codes])
        inputs = np.hstack(parts)
        hidden = inputs
        for weights, bias, gain, shift in self.layers:
            hidden = hidden @ weights + bias
            hidden = np.tanh(hidden) if self.activation == "tanh" else np.maximum(hidden, 0)
            hidden = hidden * gain + shift
        out = hidden @ self.output[0] + self.output[1]
        if self.wide is not None:
            out = out + inputs @ self.wide
        mean, deviation = self.target
        return np.asarray(out * deviation + mean)


@dataclass
class MlpModel:
    """Several perceptrons whose answers are averaged.

    Attributes:
        predictor: `binary_classifier`, `multiclass_classifier` or `regressor`.
        classes: number of classes; 0 for regression.
        threshold: probability above which a row is of class 1.
    """

    predictor: str
    classes: int
    parts: list[Perceptron] = field(default_factory=list)
    threshold: float = 0.5

    def predict(self, features: Array) -> Array:
        """(rows,) probabilities of class 1 or values, or (rows, classes) probabilities."""
        return np.asarray(sum(self.answer(part, features) for part in self.parts) / len(self.parts))

    def answer(self, part: Perceptron, features: Array) -> Array:
        """What one perceptron answers."""
        margins = part.margins(features)
        if self.predictor == "multiclass_classifier":
            return softmax(margins)
        return sigmoid(margins[:, 0]) if self.predictor == "binary_classifier" else margins[:, 0]

    def save(self, folder: Path) -> None:
        """Writes `model_algo-1`, an npz file without pickles."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Array] = {}
        for number, part in enumerate(self.parts):
            named = {
                "center": part.center,
                "scale": part.scale,
                "weights": part.output[0],
                "bias": part.output[1],
            }
            named |= {f"embedding{at}": table for at, table in enumerate(part.embeddings)}
            for at, layer in enumerate(part.layers):
                named |= {f"layer{at}.{name}": one for name, one in zip(_LAYER, layer, strict=True)}
            if part.wide is not None:
                named["wide"] = part.wide
            arrays |= {f"{number}.{name}": array for name, array in named.items()}
        first = self.parts[0]
        settings = {
            "format": FORMAT,
            "predictor": self.predictor,
            "classes": self.classes,
            "threshold": self.threshold,
            "parts": len(self.parts),
            "layers": len(first.layers),
            "embeddings": len(first.embeddings),
            "activation": first.activation,
            "targets": [list(part.target) for part in self.parts],
        }
        with (folder / FILE).open("wb") as file:
            np.savez_compressed(file, settings=np.array(json.dumps(settings)), **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path) -> MlpModel:
        """Reads what `save` wrote.

        Raises:
            ValueError: no such file, or another kind of file.
        """
        path = folder / FILE
        if not path.exists():
            raise ValueError(f"The model archive holds no {FILE}.")
        try:
            stored = np.load(path, allow_pickle=False)
            settings = json.loads(str(stored["settings"]))
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"{FILE} is no model of this engine's mlp image: {error}") from error
        if settings.get("format") != FORMAT:
            raise ValueError(f"{FILE} has the unknown format {settings.get('format')}.")
        parts = [_part(stored, number, settings) for number in range(settings["parts"])]
        return cls(settings["predictor"], settings["classes"], parts, settings["threshold"])


_LAYER = ("weights", "bias", "gain", "shift")


def _part(stored: Any, number: int, settings: dict[str, Any]) -> Perceptron:
    def array(name: str) -> Array:
        return np.asarray(stored[f"{number}.{name}"])

    mean, deviation = settings["targets"][number]
    return Perceptron(
        array("center"),
        array("scale"),
        [array(f"embedding{at}") for at in range(settings["embeddings"])],
        [
            (
                array(f"layer{at}.weights"),
                array(f"layer{at}.bias"),
                array(f"layer{at}.gain"),
                array(f"layer{at}.shift"),
            )
            for at in range(settings["layers"])
        ],
        (array("weights"), array("bias")),
        array("wide") if f"{number}.wide" in stored else None,
        settings["activation"],
        (float(mean), float(deviation)),
    )
