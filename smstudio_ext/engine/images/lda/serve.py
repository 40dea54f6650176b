"""Inference program of the lda image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.models import default_accept, read_model
from smstudio_ext.engine.images.firstparty.requests import parse_features, to_dense
from smstudio_ext.engine.images.lda.variational import infer
from smstudio_ext.formats import mxnet


def load(model_dir: Path, env: Mapping[str, str]) -> TopicPredictor:
    """Loads `model_algo-1`: a list of alpha (topics) and beta (topics x words), as this engine or AWS wrote it.

    Raises:
        ValueError: no such file, or one of another kind.
    """
    found = mxnet.read(read_model(model_dir))
    arrays = [mxnet.dense(one) for one in (found.values() if isinstance(found, dict) else found)]
    if len(arrays) != 2 or arrays[1].ndim != 2 or arrays[0].size != len(arrays[1]):
        raise ValueError("model_algo-1 holds no topics (an array alpha and an array beta).")
    return TopicPredictor(
        arrays[0].astype(np.float64).ravel(), arrays[1].astype(np.float64), default_accept(env)
    )


class TopicPredictor:
    """Answers the topic mixture of each document."""

    def __init__(self, alpha: npt.NDArray[np.float64], beta: npt.NDArray[np.float64], accept: str) -> None:
        self._alpha = np.maximum(alpha, 1e-6)
        self._beta = np.maximum(beta, 1e-12)
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind, _ = choose(accept, self._accept)
        features = parse_features(body, content_type, self._beta.shape[1])
        counts = features if sparse.issparse(features) else sparse.csr_matrix(to_dense(features))
        if counts.nnz and counts.data.min() < 0:
            raise ClientError("Word counts must not be negative.")
        gamma = infer(counts, self._alpha, self._beta)
        mixtures = gamma / gamma.sum(axis=1, keepdims=True)
        return encode([{"topic_mixture": one} for one in mixtures.tolist()], kind), kind
