"""Inference program of the mlp image; needs no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.answers import OutputSettings, classification_columns, encode_keys
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.requests import parse_features
from smstudio_ext.engine.images.mlp.model import MlpModel


def load(model_dir: Path, env: Mapping[str, str]) -> MlpPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no such file, one of another kind, or an unknown response key.
    """
    return MlpPredictor(MlpModel.load(model_dir), OutputSettings.from_env(env))


class MlpPredictor:
    """Answers requests to a multilayer perceptron."""

    def __init__(self, model: MlpModel, settings: OutputSettings) -> None:
        self._model = model
        self._settings = settings
        self._width = model.parts[0].width

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        features = parse_features(body, content_type, self._width)
        dense = features if isinstance(features, np.ndarray) else features.toarray()
        answers = self._model.predict(dense.astype(np.float64))
        columns: dict[str, list[Any]]
        if self._model.predictor == "regressor":
            columns = {"predicted_label": answers.tolist(), "predicted_score": answers.tolist()}
        else:
            columns = classification_columns(answers, self._model.threshold)
        if self._settings.keys:
            missing = [key for key in self._settings.keys if key not in columns]
            if missing:
                raise ClientError(f"A regression model has no {', '.join(missing)}.")
            return encode_keys(columns, accept, self._settings)
        kind, _ = choose(accept, self._settings.accept)
        if self._model.predictor == "regressor":
            return encode([{"score": score} for score in answers.tolist()], kind), kind
        rows = [
            {"predicted_label": label, "score": score}
            for label, score in zip(columns["predicted_label"], answers.tolist(), strict=True)
        ]
        return encode(rows, kind), kind
