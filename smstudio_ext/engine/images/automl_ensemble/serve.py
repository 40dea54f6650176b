"""Inference program of the ensembling image: raw CSV rows in, labels or probabilities out, in one container."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.answers import OutputSettings, encode_keys
from smstudio_ext.engine.images.automl_ensemble import archive
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.jobfiles import split_content_type

CSV = "text/csv"
KEYS = ("predicted_label", "probability", "probabilities", "labels")


def load(model_dir: Path, env: Mapping[str, str]) -> EnsemblePredictor:
    """Loads a model folder.

    Raises:
        ValueError: no ensembling candidate, or a response key that is not offered.
    """
    settings = OutputSettings.from_env(env, KEYS)
    if not settings.keys:
        settings = OutputSettings(("predicted_label",), settings.accept, settings.batch)
    return EnsemblePredictor(archive.Ensemble(model_dir), archive.load_transformer(model_dir), settings)


class EnsemblePredictor:
    """Answers raw rows without the target. Use from one thread at a time."""

    def __init__(self, ensemble: archive.Ensemble, transformer: Any, settings: OutputSettings) -> None:
        index = ensemble.index
        if index.outline.regression and set(settings.keys) != {"predicted_label"}:
            raise ValueError("A regression model answers predicted_label only.")
        self._ensemble = ensemble
        self._transformer = transformer
        self._settings = settings
        self._width = len(transformer.spec.columns) - 1

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        rows = self._rows(body, content_type)
        features = self._transformer.transform(list(zip(*rows, strict=True)))
        predicted = self._ensemble.predict(features)
        return encode_keys(self._columns(predicted), accept, self._settings)

    def _columns(self, predicted: Any) -> dict[str, list[Any]]:
        index = self._ensemble.index
        if index.outline.regression:
            return {"predicted_label": predicted[:, 0].tolist()}
        codes = index.decision.labels(predicted)
        both = (
            np.column_stack([1 - predicted[:, 0], predicted[:, 0]]) if predicted.shape[1] == 1 else predicted
        )
        chosen = predicted[:, 0] if predicted.shape[1] == 1 else both[np.arange(len(codes)), codes]
        return {
            "predicted_label": [index.classes[code] for code in codes],
            "probability": chosen.tolist(),
            "probabilities": both.tolist(),
            "labels": [index.classes] * len(codes),
        }

    def _rows(self, body: bytes, content_type: str) -> list[list[str]]:
        kind = split_content_type(content_type or CSV)[0]
        if kind != CSV:
            raise ClientError(f"Content type {kind} is not supported. Supported: {CSV}.", 415)
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ClientError(f"The CSV body is not UTF-8: {error.reason} at byte {error.start}.") from error
        try:
            rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
        except csv.Error as error:
            raise ClientError(f"The body is no valid CSV: {error}.") from error
        if not rows:
            raise ClientError("The request body is empty.")
        for number, row in enumerate(rows, 1):
            if len(row) != self._width:
                raise ClientError(
                    f"Row {number} has {len(row)} columns; expected {self._width} features (the target left out) in the "
                    "order of the training data."
                )
        return rows
