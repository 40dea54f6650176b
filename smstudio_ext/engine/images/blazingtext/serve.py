"""Inference program of the BlazingText image: word vectors, or labels of sentences. Needs neither PyTorch nor gensim."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.blazingtext import fasttext_file
from smstudio_ext.engine.images.blazingtext.fasttext_model import FastTextModel
from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep.requests import (
    JSON,
    JSONLINES,
    encode,
    instances_of,
    kind_of,
    parse_lines,
)

_FILES = ("model.bin", "vectors.bin")


def load(model_dir: Path, env: Mapping[str, str]) -> TextPredictor:
    """Loads `model.bin` or `vectors.bin`, written here, by AWS's BlazingText or by fastText.

    Raises:
        ValueError: there is no such file, or it is no fastText model.
    """
    for name in _FILES:
        if (model_dir / name).exists():
            return TextPredictor(FastTextModel(fasttext_file.read(model_dir / name)))
    others = sorted(model_dir.glob("*.bin"))
    if len(others) == 1:
        return TextPredictor(FastTextModel(fasttext_file.read(others[0])))
    raise ValueError(f"The model has no file {' or '.join(_FILES)}.")


class TextPredictor:
    """Answers requests to a BlazingText model; the answer has the request's content type, as AWS's image does it."""

    def __init__(self, model: FastTextModel) -> None:
        self._model = model

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind = kind_of(content_type, (JSON, JSONLINES))
        if kind == JSON:
            instances, configuration = instances_of(body)
            count = _count(configuration.get("k", 1))
            rows = [self._answer(_text(instance), count) for instance in instances]
        else:
            rows = []
            for line in parse_lines(body):
                if not isinstance(line, dict):
                    raise ClientError('Each line must be a JSON object as {"source": "some text"}.')
                rows.append(self._answer(_text(line.get("source")), _count(line.get("k", 1))))
        return encode(rows, kind, key=None), kind

    def _answer(self, text: str, count: int) -> dict[str, Any]:
        if not self._model.is_classifier:
            return {"vector": self._model.word_vector(text).astype(float).tolist(), "word": text}
        found = self._model.probabilities(text)
        best = np.argsort(-found, kind="stable")[:count]
        return {
            "label": [self._model.labels[index] for index in best],
            "prob": [float(found[index]) for index in best],
        }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ClientError(
            "Instances must be strings: words, or sentences of tokens with blanks between them."
        )
    return value


def _count(value: Any) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | str)
        or not str(value).isdigit()
        or int(value) < 1
    ):
        raise ClientError(f"k must be a positive whole number, not {value!r}.")
    return int(value)
