"""Inference program of the image classification image: pictures in, labels or probabilities out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.automl_classes.answering import encode_classes, output_settings
from smstudio_ext.engine.images.automl_classes.card import Card
from smstudio_ext.engine.images.automl_pictures.kinds import PICTURES
from smstudio_ext.engine.images.automl_pictures.pixels import Bytes, open_picture, square
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep.requests import JSON, JSONLINES, kind_of, parse_json, parse_lines

TYPES = ("image/jpeg", "image/png", "application/x-image", "image/jpg", "image/*")


def load(model_dir: Path, env: Mapping[str, str]) -> PicturePredictor:
    """Loads a candidate's model folder.

    Raises:
        ValueError: no picture candidate, PyTorch is missing for a network, or a response key that is not offered.
    """
    card, algorithm = PICTURES.load(model_dir)
    return PicturePredictor(card, algorithm, env)


class PicturePredictor:
    """Answers one picture a request, or several as base64 in JSON or JSON Lines."""

    def __init__(self, card: Card, algorithm: Any, env: Mapping[str, str]) -> None:
        self._card = card
        self._algorithm = algorithm
        self._settings = output_settings(env)
        self._side = int(card.facts["Side"])

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        pixels = np.stack(
            [self._pixels(data, number) for number, data in enumerate(_files(body, content_type), 1)]
        )
        answers = self._algorithm.predict(pixels)
        return encode_classes(answers, self._card.classes, accept, self._settings)

    def _pixels(self, data: bytes, number: int) -> Bytes:
        if not data:
            raise ClientError("The request body is empty.")
        try:
            return square(open_picture(data), self._side)
        except ValueError as error:
            raise ClientError(f"Picture {number} of the request: {error}.") from error


def _files(body: bytes, content_type: str) -> list[bytes]:
    kind = kind_of(content_type, (*TYPES, JSON, JSONLINES), default=TYPES[2])
    if kind == JSON:
        loaded = parse_json(body)
        rows = loaded.get("instances", [loaded]) if isinstance(loaded, dict) else loaded
        if not isinstance(rows, list) or not rows:
            raise ClientError('The request must be a JSON object with a list under "instances".')
        return [_unpacked(row, number) for number, row in enumerate(rows, 1)]
    if kind == JSONLINES:
        return [_unpacked(row, number) for number, row in enumerate(parse_lines(body), 1)]
    return [body]


def _unpacked(row: Any, number: int) -> bytes:
    """The bytes of `{"b64": "..."}` (also under `data` or `image`), or of a base64 text."""
    while isinstance(row, dict):
        found = next((row[name] for name in ("b64", "data", "image") if name in row), None)
        if found is None:
            break
        row = found
    if not isinstance(row, str):
        raise ClientError(f'Instance {number} must be a picture in base64, as in {{"b64": "..."}}.')
    try:
        return base64.b64decode(row, validate=True)
    except binascii.Error as error:
        raise ClientError(f"Instance {number} is no base64: {error}.") from error
