"""Writes predictions in the formats and with the keys that SageMaker's algorithm containers answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.formats import recordio

Array = npt.NDArray[np.float64]

KEYS = (
    "predicted_label",
    "probability",
    "probabilities",
    "labels",
    "raw_score",
    "raw_scores",
    "predicted_score",
)
CSV = "text/csv"
JSON = "application/json"
JSONLINES = "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"
_TYPES = (JSON, JSONLINES, RECORDIO, CSV)


@dataclass(frozen=True)
class OutputSettings:
    """What a container's environment says about its answers.

    Attributes:
        keys: SAGEMAKER_INFERENCE_OUTPUT, in order; empty = the algorithm's plain output.
        accept: SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT.
        batch: the container serves a transform job, whose lines must end with a newline.
        commas: plain CSV answers are one line joined by commas, as containers before XGBoost 1.2-2 answer; else a line a row.
        bare: plain JSON answers are the scores alone, `[0.1, 0.2]`; else `{"predictions": [{"score": 0.1}, ...]}`.
    """

    keys: tuple[str, ...]
    accept: str
    batch: bool
    commas: bool = False
    bare: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str], supported: tuple[str, ...] = KEYS) -> OutputSettings:
        """Reads the environment.

        Raises:
            ValueError: a key that the container does not offer.
        """
        keys = tuple(
            key.strip() for key in env.get("SAGEMAKER_INFERENCE_OUTPUT", "").split(",") if key.strip()
        )
        unknown = [key for key in keys if key not in supported]
        if unknown:
            raise ValueError(
                f"SAGEMAKER_INFERENCE_OUTPUT names {', '.join(unknown)}; this model offers {', '.join(supported)}."
            )
        batch = env.get("SAGEMAKER_BATCH", "").lower() in ("1", "true")
        return cls(keys, env.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", ""), batch)


def choose_accept(accept: str, default: str) -> str:
    """The content type to answer with.

    Raises:
        ClientError: nothing of what the client accepts is offered (406).
    """
    for item in accept.split(","):
        kind = item.split(";")[0].strip().lower()
        if kind in _TYPES:
            return kind
        if kind in ("", "*/*", "text/*"):
            return default.split(";")[0].strip().lower() or CSV
    raise ClientError(
        f"Accept type {accept} is not supported. Please use supported accept types: {list(_TYPES)}.", 406
    )


def encode_plain(scores: Array, accept: str, settings: OutputSettings) -> tuple[bytes, str]:
    """Encodes an algorithm's plain output: (rows,) scores or (rows, classes) probabilities."""
    kind = choose_accept(accept, settings.accept)
    values = scores.tolist()
    if kind == CSV:
        if settings.batch:
            # AWS's container writes a row of several classes as Python shows a list, in transform jobs.
            return ("\n".join(map(repr, values)) + "\n").encode(), CSV
        if settings.commas:
            return ",".join(map(repr, values)).encode(), CSV
        rows = map(repr, values) if scores.ndim == 1 else (",".join(map(repr, row)) for row in values)
        return ("\n".join(rows) + "\n").encode(), CSV
    if settings.bare and kind == JSON:
        return json.dumps(values).encode(), JSON
    return _encode_rows([{"score": value} for value in values], kind)


def encode_keys(columns: Mapping[str, list[Any]], accept: str, settings: OutputSettings) -> tuple[bytes, str]:
    """Encodes the columns that SAGEMAKER_INFERENCE_OUTPUT names, a row a line.

    Args:
        columns: values by key; lists (probabilities) become one quoted JSON column.
    """
    kind = choose_accept(accept, settings.accept)
    chosen = [columns[key] for key in settings.keys]
    if kind == CSV:
        lines = [",".join(_cell(value) for value in row) for row in zip(*chosen, strict=True)]
        return ("\n".join(lines) + "\n").encode(), CSV
    rows = [dict(zip(settings.keys, row, strict=True)) for row in zip(*chosen, strict=True)]
    return _encode_rows(rows, kind)


def classification_columns(probabilities: Array, threshold: float = 0.5) -> dict[str, list[Any]]:
    """The response keys of a classifier.

    Args:
        probabilities: (rows,) of class 1, or (rows, classes).
        threshold: probability above which a row is of class 1 (binary only).
    """
    if probabilities.ndim == 1:
        labels = (probabilities > threshold).astype(int)
        both = np.column_stack([1 - probabilities, probabilities])
        # Binary pipelines answer the probability of the True class whatever the label is.
        chosen = probabilities
    else:
        labels = probabilities.argmax(axis=1)
        both = probabilities
        chosen = probabilities[np.arange(len(labels)), labels]
    return {
        "predicted_label": labels.tolist(),
        "probability": chosen.tolist(),
        "probabilities": both.tolist(),
        "labels": [list(range(both.shape[1]))] * len(labels),
        "raw_score": chosen.tolist(),
        "raw_scores": both.tolist(),
        "predicted_score": chosen.tolist(),
    }


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return '"' + json.dumps(value).replace('"', '""') + '"'
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"' if any(mark in value for mark in ',"\r\n') else value
    return repr(value)


def _encode_rows(rows: list[dict[str, Any]], kind: str) -> tuple[bytes, str]:
    if kind == RECORDIO:
        return recordio.write_labels(rows), RECORDIO
    if kind == JSON:
        return json.dumps({"predictions": rows}).encode(), JSON
    return ("\n".join(json.dumps(row) for row in rows) + "\n").encode(), JSONLINES
