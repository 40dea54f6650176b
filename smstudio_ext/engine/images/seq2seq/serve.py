"""Inference program of the Seq2Seq image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep import learning, records
from smstudio_ext.engine.images.deep.job import use_granted_threads
from smstudio_ext.engine.images.deep.requests import (
    JSON,
    JSONLINES,
    encode,
    instances_of,
    kind_of,
    parse_lines,
)
from smstudio_ext.engine.images.seq2seq.decode import Translation, translate
from smstudio_ext.engine.images.seq2seq.network import Translator
from smstudio_ext.engine.images.seq2seq.sentences import BOS, EOS, FILES, UNK, Vocabulary

_RECORDIO = "application/x-recordio-protobuf"


def load(model_dir: Path, env: Mapping[str, str]) -> TranslationPredictor:
    """Loads `params.best` and the vocabularies.

    Raises:
        ValueError: a file is missing or is not this engine's.
    """
    use_granted_threads()
    settings, weights = learning.load(model_dir / "params.best", "seq2seq")
    network = Translator(settings)
    network.load_state_dict(weights)
    network.eval()
    for name in FILES:
        if not (model_dir / name).exists():
            raise ValueError(f"The model has no file {name}.")
    source, target = (Vocabulary.read(model_dir / name) for name in FILES)
    return TranslationPredictor(network, source, target)


class TranslationPredictor:
    """Answers targets of source sequences, in the request's own content type."""

    def __init__(self, network: Translator, source: Vocabulary, target: Vocabulary) -> None:
        self._network = network
        self._source = source
        self._target = target
        self._tokens = target.tokens()

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind = kind_of(content_type, (JSON, JSONLINES, _RECORDIO))
        if kind == _RECORDIO:
            return self._records(body), kind
        if kind == JSONLINES:
            rows = [self._answer(_field(line, "source"), matrix=False) for line in parse_lines(body)]
            return encode(rows, kind), kind
        rows = []
        for instance in instances_of(body)[0]:
            given = instance.get("configuration") if isinstance(instance, dict) else None
            wanted = str((given or {}).get("attention_matrix", "")).lower() == "true"
            rows.append(self._answer(_field(instance, "data"), matrix=wanted))
        return encode(rows, kind), kind

    def _answer(self, text: str, *, matrix: bool) -> dict[str, Any]:
        ids = self._source.encode(text)
        if not ids:
            return {"target": "", "matrix": []} if matrix else {"target": ""}
        found = self._translate(ids)
        answer: dict[str, Any] = {"target": " ".join(self._tokens.get(token, UNK) for token in found.tokens)}
        if matrix:
            answer["matrix"] = found.attention
        return answer

    def _translate(self, ids: list[int]) -> Translation:
        settings = self._network.settings
        return translate(
            self._network,
            ids[: settings["max_seq_len_source"]],
            self._target.ids[BOS],
            self._target.ids[EOS],
            beam=settings["beam_size"],
            longest=settings["max_seq_len_target"],
        )

    def _records(self, body: bytes) -> bytes:
        answers: list[tuple[dict[str, Any], dict[str, Any]]] = []
        try:
            for number, frame in enumerate(records.frames(body), 1):
                source = records.parse(frame).features.get("source")
                if source is None or (
                    len(source) and not 0 <= source.min() <= source.max() < self._source.size
                ):
                    raise ClientError(
                        f"Record {number} needs an int32 tensor 'source' of ids below {self._source.size}."
                    )
                tokens = self._translate([int(item) for item in source]).tokens if len(source) else []
                answers.append(({"target": np.asarray(tokens, dtype=np.int64)}, {}))
        except records.RecordError as error:
            raise ClientError(f"The body is no RecordIO-protobuf: {error}.") from error
        if not answers:
            raise ClientError("The request body is empty.")
        return records.write(answers)


def _field(instance: Any, name: str) -> str:
    if not isinstance(instance, dict) or not isinstance(instance.get(name), str):
        raise ClientError(f'Each instance must be a JSON object with a string "{name}".')
    return str(instance[name])
