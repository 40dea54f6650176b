"""A neural network for tables, trained by PyTorch (extra `deep`) and kept as plain arrays, so that serving needs numpy alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.automl_ensemble.learning import OutOfTime, Part
from smstudio_ext.engine.images.automl_ensemble.linear import Encoder, probabilities
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

_MOST_EPOCHS = 200
_WIDEST = 1500
"""Encoded columns above which the first layer alone would cost too much."""


@dataclass
class NetworkModel:
    """Layers as arrays.

    Attributes:
        frequencies: (periodic numbers, frequencies) of the periodic embedding; empty for none.
        layers: weights and biases, from the embedding to the output.
        center, scale: of a regression target.
    """

    encoder: Encoder
    frequencies: npt.NDArray[np.float32]
    layers: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]
    center: float
    scale: float
    outline: Outline
    rounds: int = 0

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`; the epochs are chosen when it is fitted."""
        found = [self._chunk(x[start : start + 8192]) for start in range(0, len(x), 8192)]
        return np.concatenate(found) if found else np.empty((0, self.outline.width))

    def _chunk(self, x: Floats) -> Wide:
        out = embed(self.encoder.transform(x), self.frequencies)
        for weights, bias in self.layers[:-1]:
            out = out @ weights + bias
            out = out / (1 + np.exp(-np.clip(out, -60, 60)))
        weights, bias = self.layers[-1]
        score = (out @ weights + bias).astype(np.float64)
        return probabilities(score * self.scale + self.center, self.outline)

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`."""
        arrays = {f"weights{at}": weights for at, (weights, _) in enumerate(self.layers)}
        arrays |= {f"bias{at}": bias for at, (_, bias) in enumerate(self.layers)}
        arrays |= {"frequencies": self.frequencies, "target": np.array([self.center, self.scale])}
        with path.open("wb") as stream:
            np.savez(stream, **{**arrays, **self.encoder.arrays()})  # type: ignore[arg-type]


class NetworkKind:
    """A multilayer perceptron with periodic embeddings of numbers (Gorishniy et al. 2022, https://arxiv.org/abs/2203.05556)."""

    suffix = ".npz"

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> NetworkModel:
        """See `learning.Kind`."""
        begin = time.monotonic()
        encoder = Encoder.fit(part.x, outline.categories, ranks=True)
        x, held = encoder.transform(part.x), encoder.transform(part.held_x)
        if x.shape[1] > _WIDEST:
            raise OutOfTime(f"{x.shape[1]} encoded columns are too many for a network in the time given.")
        center, scale = 0.0, 1.0
        if outline.regression:
            center, scale = float(part.y.mean()), float(part.y.std()) or 1.0
        generator = np.random.default_rng(part.seed)
        count = int(settings.get("frequencies", 0))
        numbers = len(encoder.numeric)
        frequencies = generator.normal(0, float(settings.get("spread", 0.3)), (numbers, count)).astype(
            np.float32
        )
        if numbers * count > _WIDEST:
            frequencies = np.empty((0, 0), dtype=np.float32)
        from smstudio_ext.engine.images.automl_ensemble import network_training

        network_training.use_threads(part.threads)
        left = part.seconds - (time.monotonic() - begin)
        layers = network_training.learn(
            network_training.Task(
                embed(x, frequencies),
                (part.y - center) / scale,
                part.weights,
                embed(held, frequencies),
                (part.held_y - center) / scale,
                outline,
                part.seed,
                left,
                _MOST_EPOCHS,
            ),
            settings,
        )
        return NetworkModel(encoder, frequencies, layers, center, scale, outline)

    def load(self, path: Path, outline: Outline) -> NetworkModel:
        """See `learning.Kind`."""
        with np.load(path, allow_pickle=False) as found:
            count = sum(name.startswith("weights") for name in found.files)
            layers = [(found[f"weights{at}"], found[f"bias{at}"]) for at in range(count)]
            center, scale = found["target"]
            return NetworkModel(
                Encoder.from_arrays(found),
                found["frequencies"],
                layers,
                float(center),
                float(scale),
                outline,
            )


def embed(x: npt.NDArray[np.float32], frequencies: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Encoded rows with sines and cosines of their first columns, the numbers."""
    if not frequencies.size:
        return x
    turns = (2 * np.pi * x[:, : len(frequencies), None] * frequencies[None]).reshape(len(x), -1)
    return np.hstack([x, np.sin(turns), np.cos(turns)]).astype(np.float32)
