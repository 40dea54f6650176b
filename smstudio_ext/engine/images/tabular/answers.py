"""Requests and answers of the tabular algorithms: CSV rows in, `probabilities` or `prediction` out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.jobfiles import split_content_type
from smstudio_ext.engine.images.tabular.data import read_rows
from smstudio_ext.engine.images.tabular.target import Outline

Predict = Callable[[pd.DataFrame], npt.NDArray[Any]]
"""Rows to probabilities (rows, classes), or values (rows,)."""

ACCEPTED = ("text/csv",)


class TabularPredictor:
    """Answers requests of a tabular model.

    Args:
        outline: the model's outline.
        predict: the model.
    """

    def __init__(self, outline: Outline, predict: Predict) -> None:
        self._outline = outline
        self._predict = predict

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind = split_content_type(content_type or "text/csv")[0]
        if kind not in ("text/csv", "csv"):
            raise ClientError(f"Content type {kind} is not supported. Supported: {', '.join(ACCEPTED)}.", 415)
        if not body.strip():
            raise ClientError("The request body is empty.")
        try:
            rows = read_rows(body, self._outline.width, self._outline.categorical)
        except (ValueError, pd.errors.ParserError) as error:
            raise ClientError(f"The CSV body cannot be read: {error}") from error
        return self._encode(np.asarray(self._predict(rows)), accept)

    def _encode(self, predicted: npt.NDArray[Any], accept: str) -> tuple[bytes, str]:
        kind, verbose = _accept(accept)
        if self._outline.problem == "regression":
            if kind == "text/csv":
                return "".join(f"{value!r}\n" for value in predicted.tolist()).encode(), kind
            return json.dumps({"prediction": predicted.tolist()}).encode(), kind
        if kind == "text/csv":
            return "".join(",".join(map(repr, row)) + "\n" for row in predicted.tolist()).encode(), kind
        answer: dict[str, Any] = {"probabilities": predicted.tolist()}
        if verbose:
            classes = self._outline.classes
            answer |= {
                "labels": classes,
                "predicted_label": [classes[place] for place in predicted.argmax(axis=1).tolist()],
            }
        return json.dumps(answer).encode(), "application/json"


def _accept(accept: str) -> tuple[str, bool]:
    for item in (accept or "*/*").split(","):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        if kind in ("application/json", "*/*", "application/*", ""):
            return "application/json", "verbose" in parameters or "verbose=true" in parameters
        if kind in ("text/csv", "text/*"):
            return "text/csv", False
    raise ClientError(f"Accept type {accept} is not supported. Supported: application/json, text/csv.", 406)
