"""Inference program of the knn image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.models import default_accept, read_model
from smstudio_ext.engine.images.firstparty.requests import parse_features, to_dense
from smstudio_ext.engine.images.knn.model import NeighbourModel


def load(model_dir: Path, env: Mapping[str, str]) -> NeighbourPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no such file, one of another format, or one that needs faiss where it is missing.
    """
    return NeighbourPredictor(NeighbourModel.decode(read_model(model_dir)), default_accept(env))


class NeighbourPredictor:
    """Answers a label a row; with `Accept: ...; verbose=true` also the neighbours' labels and distances."""

    def __init__(self, model: NeighbourModel, accept: str) -> None:
        self._model = model
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind, parameters = choose(accept, self._accept)
        rows = to_dense(parse_features(body, content_type, self._model.width))
        labels, distances = self._model.neighbours(rows)
        answers: list[dict[str, Any]] = [
            {"predicted_label": one} for one in self._model.decide(labels).tolist()
        ]
        if parameters.get("verbose") == "true":
            for answer, near, far in zip(answers, labels.tolist(), distances.tolist(), strict=True):
                answer |= {"distances": far, "labels": near}
        return encode(answers, kind), kind
