"""Inference program of the kmeans image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.models import default_accept, read_model
from smstudio_ext.engine.images.firstparty.requests import parse_features, to_dense
from smstudio_ext.engine.images.kmeans.clustering import nearest
from smstudio_ext.formats import mxnet


def load(model_dir: Path, env: Mapping[str, str]) -> KMeansPredictor:
    """Loads `model_algo-1`: a list of one array (k, feature_dim), as this engine, AWS or MXNet wrote it.

    Raises:
        ValueError: no such file, or one of another kind.
    """
    found = mxnet.read(read_model(model_dir))
    arrays = list(found.values()) if isinstance(found, dict) else found
    if not arrays or mxnet.dense(arrays[0]).ndim != 2:
        raise ValueError("model_algo-1 holds no centres (an array of clusters x features).")
    return KMeansPredictor(mxnet.dense(arrays[0]).astype(np.float32), default_accept(env))


class KMeansPredictor:
    """Answers the nearest cluster of each row and the Euclidean distance to its centre."""

    def __init__(self, centers: npt.NDArray[np.float32], accept: str) -> None:
        self._centers = centers
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind, _ = choose(accept, self._accept)
        rows = to_dense(parse_features(body, content_type, self._centers.shape[1]))
        labels, squares = nearest(rows, self._centers)
        distances = np.sqrt(squares)
        return encode(
            [
                {"distance_to_cluster": distance, "closest_cluster": float(label)}
                for label, distance in zip(labels.tolist(), distances.tolist(), strict=True)
            ],
            kind,
        ), kind
