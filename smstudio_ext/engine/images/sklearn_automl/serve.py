"""Inference program of the data transformer image: features in front of the algorithm, class names behind it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.answers import (
    KEYS,
    OutputSettings,
    encode_keys,
)
from smstudio_ext.engine.images.contract import ClientError, Predictor
from smstudio_ext.engine.images.jobfiles import split_content_type
from smstudio_ext.engine.images.sklearn_automl.labels import LabelEncoder
from smstudio_ext.engine.images.sklearn_automl.transformer import Transformer
from smstudio_ext.formats import recordio

CSV = "text/csv"
RECORDIO = "application/x-recordio-protobuf"


def load(model_dir: Path, env: Mapping[str, str]) -> Predictor:
    """Loads `model.joblib` for the mode that AUTOML_TRANSFORM_MODE names.

    Raises:
        ValueError: unknown mode or response key, or no transformer in the folder.
    """
    path = model_dir / "model.joblib"
    if not path.exists():
        raise ValueError("The model archive holds no model.joblib.")
    transformer = joblib.load(path)
    if not isinstance(transformer, Transformer):
        raise ValueError(
            f"model.joblib holds a {type(transformer).__name__}, not a data transformer of this engine."
        )
    mode = env.get("AUTOML_TRANSFORM_MODE", "feature-transform")
    if mode == "feature-transform":
        return FeaturePredictor(transformer, env)
    if mode == "inverse-label-transform":
        return InverseLabelPredictor(transformer.labels, env)
    raise ValueError(f"AUTOML_TRANSFORM_MODE is '{mode}'; known: feature-transform, inverse-label-transform.")


def _rows(body: bytes, content_type: str) -> list[list[str]]:
    kind = split_content_type(content_type or CSV)[0]
    if kind != CSV:
        raise ClientError(f"Content type {kind} is not supported. Supported: {CSV}.", 415)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClientError(f"The CSV body is not UTF-8: {error.reason} at byte {error.start}.") from error
    try:
        # A line of spaces and commas is a row of missing values; only empty lines are none.
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error as error:
        raise ClientError(f"The body is no valid CSV: {error}.") from error
    if not rows:
        raise ClientError("The request body is empty.")
    return rows


class FeaturePredictor:
    """Answers feature rows for raw CSV rows; labelled rows (one more column) get their encoded label in front."""

    def __init__(self, transformer: Transformer, env: Mapping[str, str]) -> None:
        spec = transformer.spec
        self._transformer = transformer
        self._width = len(spec.columns) - 1
        self._target_at = spec.columns.index(spec.target)
        self._accept = env.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "") or CSV
        self._sparse = env.get("AUTOML_SPARSE_ENCODE_RECORDIO_PROTOBUF", "") in ("1", "true")

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        rows = _rows(body, content_type)
        labelled = len(rows[0]) == self._width + 1
        expected = self._width + 1 if labelled else self._width
        for number, row in enumerate(rows, 1):
            if len(row) != expected:
                raise ClientError(
                    f"Row {number} has {len(row)} columns; expected {self._width} features"
                    f"{' and the target' if labelled else ' (the target left out)'} in the order of the training data."
                )
        columns: list[Any] = list(zip(*rows, strict=True))
        labels = None
        if labelled:
            labels = self._transformer.labels.encode(columns.pop(self._target_at))
        features = self._transformer.transform(columns)
        if labels is not None:
            features, labels = _known(features, labels)
        return self._encode(features, labels, accept)

    def _encode(
        self, features: npt.NDArray[np.float32], labels: npt.NDArray[np.float64] | None, accept: str
    ) -> tuple[bytes, str]:
        kind = self._choose(accept)
        if kind == RECORDIO:
            encoded = None if labels is None else labels.astype(np.float32)
            if not self._sparse:
                return recordio.write_dense(features, encoded), RECORDIO
            from scipy import sparse

            return recordio.write_sparse(sparse.csr_matrix(np.nan_to_num(features)), encoded), RECORDIO
        table = features if labels is None else np.column_stack([labels, features])
        lines = [",".join("" if cell != cell else repr(cell) for cell in row) for row in table.tolist()]
        return ("\n".join(lines) + "\n").encode(), CSV

    def _choose(self, accept: str) -> str:
        for item in accept.split(","):
            kind = item.split(";")[0].strip().lower()
            if kind in (CSV, RECORDIO):
                return kind
            if kind in ("", "*/*"):
                return split_content_type(self._accept)[0]
        raise ClientError(f"Accept type {accept} is not supported. Supported: {CSV}, {RECORDIO}.", 406)


def _known(
    features: npt.NDArray[np.float32], labels: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    known = ~np.isnan(labels)
    if known.all():
        return features, labels
    print(f"{int((~known).sum())} rows without a known label are left out.", file=sys.stderr, flush=True)
    return features[known], labels[known]


class InverseLabelPredictor:
    """Puts class names in place of class codes in an algorithm's answer."""

    def __init__(self, labels: LabelEncoder, env: Mapping[str, str]) -> None:
        given = env.get("SAGEMAKER_INFERENCE_INPUT", "") or "predicted_label"
        self._inputs = [key.strip() for key in given.split(",") if key.strip()]
        self._settings = OutputSettings.from_env(env)
        if not self._settings.keys:
            self._settings = OutputSettings(("predicted_label",), self._settings.accept, self._settings.batch)
        unknown = [key for key in self._inputs if key not in KEYS]
        if unknown:
            raise ValueError(
                f"SAGEMAKER_INFERENCE_INPUT names {', '.join(unknown)}; known: {', '.join(KEYS)}."
            )
        absent = [key for key in self._settings.keys if key not in self._inputs and key != "labels"]
        if absent:
            raise ValueError(
                f"SAGEMAKER_INFERENCE_OUTPUT names {', '.join(absent)}, which SAGEMAKER_INFERENCE_INPUT lacks."
            )
        self._labels = labels

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        rows = _rows(body, content_type)
        columns: dict[str, list[Any]] = {key: [] for key in self._inputs}
        for number, row in enumerate(rows, 1):
            if len(row) != len(self._inputs):
                raise ClientError(f"Row {number} has {len(row)} columns; expected {', '.join(self._inputs)}.")
            for key, cell in zip(self._inputs, row, strict=True):
                columns[key].append(self._value(key, cell, number))
        columns["labels"] = [self._labels.classes] * len(rows)
        return encode_keys(columns, accept, self._settings)

    def _value(self, key: str, cell: str, number: int) -> Any:
        try:
            if key == "predicted_label":
                return self._labels.decode(float(cell)) if self._labels.classes else float(cell)
            return json.loads(cell) if cell.startswith("[") else float(cell)
        except ValueError as error:
            raise ClientError(f"Row {number}: bad {key} '{cell[:40]}': {error}") from error
