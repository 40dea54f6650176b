"""Inference program of the pca image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.models import default_accept, read_model
from smstudio_ext.engine.images.firstparty.requests import parse_features
from smstudio_ext.engine.images.pca.components import Components
from smstudio_ext.formats import mxnet


def load(model_dir: Path, env: Mapping[str, str]) -> PcaPredictor:
    """Loads `model_algo-1`: the arrays `s`, `v` and `mean`, as this engine or AWS wrote it.

    Raises:
        ValueError: no such file, or one of another kind.
    """
    found = mxnet.read(read_model(model_dir))
    if not isinstance(found, dict) or not {"s", "v"} <= found.keys():
        raise ValueError("model_algo-1 holds no principal components (the arrays s, v and mean).")
    vectors = mxnet.dense(found["v"]).astype(np.float64)
    mean = mxnet.dense(found["mean"]).ravel() if "mean" in found else np.zeros(len(vectors))
    components = Components(mean.astype(np.float64), mxnet.dense(found["s"]).astype(np.float64), vectors)
    return PcaPredictor(components, default_accept(env))


class PcaPredictor:
    """Answers the projection of each row, the coordinate of the largest component last."""

    def __init__(self, components: Components, accept: str) -> None:
        self._components = components
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind, _ = choose(accept, self._accept)
        features = parse_features(body, content_type, len(self._components.mean))
        projected = self._components.project(features).tolist()
        return encode([{"projection": row} for row in projected], kind, "projections"), kind
