"""Inference program of the NTM image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from scipy import sparse

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep import records
from smstudio_ext.engine.images.deep.job import use_granted_threads
from smstudio_ext.engine.images.deep.requests import JSON, JSONLINES, answer_kind, encode
from smstudio_ext.engine.images.ntm.documents import parse_request
from smstudio_ext.engine.images.ntm.model import TopicModel, build
from smstudio_ext.engine.images.ntm.train import read_model

_RECORDIO = "application/x-recordio-protobuf"
_ROWS = 1024


def load(model_dir: Path, env: Mapping[str, str]) -> TopicPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no model of this engine.
    """
    use_granted_threads()
    settings, weights = read_model(model_dir)
    network = build(settings)
    network.load_state_dict(weights)
    network.eval()
    return TopicPredictor(network, settings["feature_dim"])


class TopicPredictor:
    """Answers the topic mixture of each document of a request."""

    def __init__(self, network: TopicModel, width: int) -> None:
        self._network = network
        self._width = width

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        counts = parse_request(body, content_type)
        kind = answer_kind(accept, (JSON, JSONLINES, _RECORDIO), JSON)
        if sparse.issparse(counts) and counts.shape[1] < self._width:
            counts.resize(counts.shape[0], self._width)
        if counts.shape[1] != self._width:
            raise ClientError(
                f"The request's documents have {counts.shape[1]} words, but the model was trained with feature_dim={self._width}."
            )
        mixtures = []
        with torch.no_grad():
            for start in range(0, counts.shape[0], _ROWS):
                rows = counts[start : start + _ROWS]
                rows = rows.toarray() if sparse.issparse(rows) else rows
                mixtures.append(
                    self._network.topic_weights(torch.from_numpy(rows.astype(np.float32))).numpy()
                )
        found = np.concatenate(mixtures)
        if kind == _RECORDIO:
            return records.write(({}, {"topic_weights": row}) for row in found), kind
        return encode([{"topic_weights": row} for row in found.tolist()], kind), kind
