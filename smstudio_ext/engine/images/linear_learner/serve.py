"""Inference program of the linear-learner image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.answers import OutputSettings, classification_columns, encode_keys
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.requests import parse_features
from smstudio_ext.engine.images.linear_learner.model import LinearModel
from smstudio_ext.engine.images.matrices import CSV


def load(model_dir: Path, env: Mapping[str, str]) -> LinearPredictor:
    """Loads `model_algo-1`, as AWS's container or this engine wrote it.

    Raises:
        ValueError: no such file, one of another kind, or an unknown response key.
    """
    return LinearPredictor(LinearModel.load(model_dir), OutputSettings.from_env(env))


class LinearPredictor:
    """Answers requests to a linear model."""

    def __init__(self, model: LinearModel, settings: OutputSettings) -> None:
        self._model = model
        self._settings = settings
        self._width = len(model.parts[0].weights)

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        features = parse_features(body, content_type, self._width)
        answers = self._model.predict(
            features if not isinstance(features, np.ndarray) else features.astype(float)
        )
        if np.isnan(answers).any():
            raise ClientError(
                "A row of the request has an empty or NaN value, and the model was trained without any."
            )
        if self._settings.keys:
            return encode_keys(self._columns(answers), accept, self._settings)
        kind, _ = choose(accept, self._settings.accept)
        rows = self._rows(answers)
        if kind == CSV:
            # the label first, as Autopilot's pipelines expect
            rows = [{name: row[name] for name in ("predicted_label", "score") if name in row} for row in rows]
        return encode(rows, kind), kind

    def _rows(self, answers: npt.NDArray[np.float64]) -> list[dict[str, Any]]:
        """AWS's own form: {"score": 0.4, "predicted_label": 0}."""
        scored = answers.tolist()
        if self._model.predictor == "regressor":
            return [{"score": score} for score in scored]
        labels = self._labels(answers).tolist()
        return [
            {"score": score, "predicted_label": label} for score, label in zip(scored, labels, strict=True)
        ]

    def _labels(self, answers: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        if answers.ndim == 1:
            return (answers > self._model.threshold).astype(np.int64)
        return np.asarray(answers.argmax(axis=1))

    def _columns(self, answers: npt.NDArray[np.float64]) -> dict[str, list[Any]]:
        if self._model.predictor != "regressor":
            return classification_columns(answers, self._model.threshold)
        columns: dict[str, list[Any]] = {
            "predicted_label": answers.tolist(),
            "predicted_score": answers.tolist(),
        }
        missing = [key for key in self._settings.keys if key not in columns]
        if missing:
            raise ClientError(f"A regression model has no {', '.join(missing)}.")
        return columns
