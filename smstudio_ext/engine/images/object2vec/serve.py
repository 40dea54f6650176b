"""Inference program of the Object2Vec image: scores of pairs, or the vectors of one side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.job import use_granted_threads
from smstudio_ext.engine.images.deep.requests import (
    JSON,
    JSONLINES,
    answer_kind,
    encode,
    instances_of,
    kind_of,
    parse_lines,
)
from smstudio_ext.engine.images.jobfiles import split_content_type
from smstudio_ext.engine.images.object2vec.network import PairNetwork
from smstudio_ext.engine.images.object2vec.pairs import pad, tokens_of

_BATCH = 256


def load(model_dir: Path, env: Mapping[str, str]) -> PairPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no model of this engine.
    """
    use_granted_threads()
    settings, weights = learning.load(model_dir / "model_algo-1", "object2vec")
    network = PairNetwork(settings)
    network.load_state_dict(weights)
    network.eval()
    return PairPredictor(network, settings)


class PairPredictor:
    """Answers `scores` for instances with both sides, `embeddings` for those with one."""

    def __init__(self, network: PairNetwork, settings: dict[str, Any]) -> None:
        self._network = network
        self._settings = settings

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind = kind_of(content_type, (JSON, JSONLINES))
        instances = instances_of(body)[0] if kind == JSON else parse_lines(body)
        longest = _longest(content_type)
        answered = answer_kind(accept, (JSON, JSONLINES), kind)
        rows: list[dict[str, Any]] = []
        for start in range(0, len(instances), _BATCH):
            rows += self._answer(instances[start : start + _BATCH], start, longest)
        return encode(rows, answered), answered

    @torch.no_grad()
    def _answer(
        self, instances: list[Any], start: int, longest: tuple[int, int] | None
    ) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = [{} for _ in instances]
        sides: tuple[dict[int, Any], dict[int, Any]] = ({}, {})
        for row, instance in enumerate(instances):
            if not isinstance(instance, dict) or not ({"in0", "in1"} & set(instance)):
                raise ClientError(
                    f'Instance {start + row + 1} must be a JSON object with "in0", "in1" or both.'
                )
            for place in (0, 1):
                if f"in{place}" in instance:
                    sides[place][row] = self._tokens(instance, place, start + row + 1, longest)
        vectors: list[dict[int, torch.Tensor]] = [{}, {}]
        for place, found in enumerate(sides):
            if found:
                batch = pad(list(found.values()), self._settings["encoders"][place]["vocab_size"])
                encoded = self._network.encoders[place](batch)
                vectors[place] = dict(zip(found, encoded, strict=True))
        both = [row for row in sides[0] if row in sides[1]]
        if both:
            first, second = (torch.stack([vectors[place][row] for row in both]) for place in (0, 1))
            output = self._network.compare(first, second)
            if self._settings["output_layer"] == "softmax":
                output = torch.softmax(output, dim=1)
            for row, scores in zip(both, output.tolist(), strict=True):
                answers[row] = {"scores": scores}
        for place in (0, 1):
            for row, vector in vectors[place].items():
                if not answers[row]:
                    answers[row] = {"embeddings": vector.tolist()}
        return answers

    def _tokens(
        self, instance: dict[str, Any], place: int, number: int, longest: tuple[int, int] | None
    ) -> Any:
        encoder = self._settings["encoders"][place]
        limit = encoder["max_seq_len"] if longest is None else longest[place]
        try:
            return tokens_of(instance[f"in{place}"], encoder["vocab_size"], limit)
        except ValueError as error:
            raise ClientError(f'Instance {number}: "in{place}" {error}.') from error


def _longest(content_type: str) -> tuple[int, int] | None:
    """The parameter `infer_max_seqlens=<enc0>,<enc1>` of the content type."""
    text = split_content_type(content_type or JSON)[1].get("infer_max_seqlens")
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdigit() and 1 <= int(part) <= 5000 for part in parts):
        raise ClientError(f"infer_max_seqlens must be two numbers from 1 to 5000, not '{text}'.")
    return int(parts[0]), int(parts[1])
