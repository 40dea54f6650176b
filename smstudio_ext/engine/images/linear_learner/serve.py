"""Inference program of the linear-learner image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.answers import (
    CSV,
    JSON,
    JSONLINES,
    OutputSettings,
    choose_accept,
    classification_columns,
    encode_keys,
)
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.jobfiles import split_content_type
from smstudio_ext.engine.images.linear_learner.model import LinearModel
from smstudio_ext.engine.images.matrices import RECORDIO, parse_csv_rows, parse_json_rows, parse_recordio_rows


def load(model_dir: Path, env: Mapping[str, str]) -> LinearPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no model of this engine's format, or an unknown response key.
    """
    return LinearPredictor(LinearModel.load(model_dir), OutputSettings.from_env(env))


class LinearPredictor:
    """Answers requests to a linear model."""

    def __init__(self, model: LinearModel, settings: OutputSettings) -> None:
        self._model = model
        self._settings = settings
        self._width = len(model.parts[0].fill)

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        answers = self._model.predict(self._parse(body, content_type))
        if self._model.predictor == "regressor":
            columns = {"predicted_label": answers.tolist(), "predicted_score": answers.tolist()}
            missing = [key for key in self._settings.keys if key not in columns]
            if missing:
                raise ClientError(f"A regression model has no {', '.join(missing)}.")
        else:
            columns = classification_columns(answers, self._model.threshold)
        if self._settings.keys:
            return encode_keys(columns, accept, self._settings)
        return self._plain(answers, columns, accept)

    def _plain(
        self, answers: npt.NDArray[np.float64], columns: dict[str, list[object]], accept: str
    ) -> tuple[bytes, str]:
        # AWS's own form: {"predictions": [{"score": 0.4, "predicted_label": 0}]}.
        kind = choose_accept(accept, self._settings.accept or JSON)
        scored = answers.tolist()
        if self._model.predictor == "regressor":
            rows = [{"score": score} for score in scored]
        else:
            rows = [
                {"score": score, "predicted_label": label}
                for score, label in zip(scored, columns["predicted_label"], strict=True)
            ]
        if kind == CSV:
            names = ["predicted_label", "score"] if "predicted_label" in rows[0] else ["score"]
            lines = [",".join(json.dumps(row[name]).replace(" ", "") for name in names) for row in rows]
            return ("\n".join(lines) + "\n").encode(), CSV
        if kind == JSONLINES:
            return ("\n".join(json.dumps(row) for row in rows) + "\n").encode(), JSONLINES
        return json.dumps({"predictions": rows}).encode(), JSON

    def _parse(self, body: bytes, content_type: str) -> npt.NDArray[np.float64]:
        kind = split_content_type(content_type or CSV)[0]
        features: Any
        if kind == CSV:
            features = parse_csv_rows(body)
        elif kind in RECORDIO:
            features = parse_recordio_rows(body)
        elif kind in (JSON, JSONLINES):
            features = parse_json_rows(body, lines=kind == JSONLINES)
        else:
            raise ClientError(
                f"Content type {kind} is not supported. Supported: text/csv, application/x-recordio-protobuf, application/json, "
                "application/jsonlines.",
                415,
            )
        if not isinstance(features, np.ndarray):
            features = features.toarray()
        if features.shape[1] != self._width:
            raise ClientError(
                f"Feature size of the request is {features.shape[1]}, but the model was trained with {self._width} features."
            )
        return np.asarray(features, dtype=np.float64)
