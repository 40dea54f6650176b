"""Inference program of the factorization-machines image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from smstudio_ext.engine.images.factorization_machines.model import FactorModel
from smstudio_ext.engine.images.factorization_machines.parameters import BINARY
from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.models import default_accept, read_model
from smstudio_ext.engine.images.firstparty.requests import parse_features, to_dense
from smstudio_ext.engine.images.linear_learner.losses import sigmoid


def load(model_dir: Path, env: Mapping[str, str]) -> FactorPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no such file, or one of another kind.
    """
    return FactorPredictor(FactorModel.decode(read_model(model_dir)), default_accept(env))


class FactorPredictor:
    """Answers a score a row; classifiers also a label."""

    def __init__(self, model: FactorModel, accept: str) -> None:
        self._model = model
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind, _ = choose(accept, self._accept)
        features = parse_features(body, content_type, len(self._model.linear))
        if not hasattr(features, "tocsr"):
            features = to_dense(features)
        margins = self._model.scores(features)
        if self._model.predictor == BINARY:
            rows = [
                {"score": chance, "predicted_label": float(chance > 0.5)}
                for chance in sigmoid(margins).tolist()
            ]
        else:
            rows = [{"score": value} for value in margins.tolist()]
        return encode(rows, kind), kind
