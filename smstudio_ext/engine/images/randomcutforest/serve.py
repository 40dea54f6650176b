"""Inference program of the randomcutforest image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.models import default_accept, read_model
from smstudio_ext.engine.images.firstparty.requests import parse_features, to_dense
from smstudio_ext.engine.images.randomcutforest import model
from smstudio_ext.engine.images.randomcutforest.forest import Tree, score


def load(model_dir: Path, env: Mapping[str, str]) -> ForestPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no such file, or one of another format.
    """
    return ForestPredictor(model.decode(read_model(model_dir)), default_accept(env))


class ForestPredictor:
    """Answers an anomaly score a row; larger is stranger."""

    def __init__(self, trees: list[Tree], accept: str) -> None:
        self._trees = trees
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind, _ = choose(accept, self._accept)
        rows = to_dense(parse_features(body, content_type, self._trees[0].points.shape[1]))
        return encode([{"score": one} for one in score(self._trees, rows).tolist()], kind, "scores"), kind
