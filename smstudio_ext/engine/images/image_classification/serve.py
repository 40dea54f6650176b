"""Inference program of the Image Classification image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep.job import use_granted_threads
from smstudio_ext.engine.images.deep.requests import JSON, JSONLINES, answer_kind, encode, kind_of
from smstudio_ext.engine.images.image_classification import model
from smstudio_ext.engine.images.image_classification.augment import augment
from smstudio_ext.engine.images.image_classification.network import ResNet
from smstudio_ext.engine.images.image_classification.pictures import DEVIATION, MEAN, decode

_PICTURES = ("application/x-image", "image/jpeg", "image/png")


def load(model_dir: Path, env: Mapping[str, str]) -> PicturePredictor:
    """Loads the model's best epoch.

    Raises:
        ValueError: no model of this engine.
    """
    use_granted_threads()
    return PicturePredictor(*model.load(model_dir))


class PicturePredictor:
    """Answers the probability of each class for one picture."""

    def __init__(self, network: ResNet, settings: dict[str, Any]) -> None:
        self._network = network
        channels, height, width = settings["image_shape"]
        self._shape = (int(channels), int(height), int(width))
        self._several = bool(settings.get("multi_label"))

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind_of(content_type, _PICTURES, default=_PICTURES[0])
        kind = answer_kind(accept, (JSON, JSONLINES), JSON)
        if not body:
            raise ClientError("The request body is empty.")
        try:
            # the shorter side fits the network, as in training on pictures of its size
            pixels = decode(body, self._shape, min(self._shape[1:]))
        except ValueError as error:
            raise ClientError(f"The body cannot be read: {error}.") from error
        values = (augment(pixels, self._shape, None, np.random.default_rng(0)) - MEAN) / DEVIATION
        with torch.no_grad():
            scores = self._network(torch.from_numpy(values[None].astype(np.float32)))
        shares = (torch.sigmoid(scores) if self._several else torch.softmax(scores, dim=1))[0].tolist()
        if kind == JSONLINES:
            return encode([{"prediction": shares}], kind), kind
        return json.dumps(shares).encode(), kind
