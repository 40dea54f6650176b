"""Inference program of the ipinsights image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.firstparty.answers import choose, encode
from smstudio_ext.engine.images.firstparty.models import default_accept, read_model
from smstudio_ext.engine.images.firstparty.requests import (
    JSON,
    JSONLINES,
    instance_values,
    json_instances,
    json_lines,
)
from smstudio_ext.engine.images.ipinsights import pairs
from smstudio_ext.engine.images.ipinsights.network import Network
from smstudio_ext.engine.images.jobfiles import split_content_type
from smstudio_ext.engine.images.matrices import CSV


def load(model_dir: Path, env: Mapping[str, str]) -> AddressPredictor:
    """Loads `model_algo-1`.

    Raises:
        ValueError: no such file, or one of another format.
    """
    return AddressPredictor(Network.decode(read_model(model_dir)), default_accept(env))


class AddressPredictor:
    """Answers the dot product of each pair; with `Accept: ...; verbose=true` also both vectors."""

    def __init__(self, network: Network, accept: str) -> None:
        self._network = network
        self._accept = accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        kind, parameters = choose(accept, self._accept)
        try:
            entities, addresses = pairs.encode(_parse(body, content_type), len(self._network.entities))
        except pairs.PairError as error:
            raise ClientError(f"{error}.") from error
        if not len(entities):
            raise ClientError("The request body is empty.")
        encoded = self._network.addresses(addresses)[-1]
        mine = self._network.entities[entities]
        rows: list[dict[str, Any]] = [
            {"dot_product": value} for value in np.einsum("ij,ij->i", mine, encoded).tolist()
        ]
        if parameters.get("verbose") == "true":
            for row, address, entity in zip(rows, encoded.tolist(), mine.tolist(), strict=True):
                row |= {"ip_embedding": address, "entity_embedding": entity}
        return encode(rows, kind), kind


def _parse(body: bytes, content_type: str) -> list[tuple[str, str]]:
    kind = split_content_type(content_type or CSV)[0]
    if kind == CSV:
        lines = body.decode("utf-8", "replace").splitlines()
        return [pairs.split_line(line) for line in lines if line.strip()]
    if kind != JSON and kind not in JSONLINES:
        raise ClientError(
            f"Content type {kind} is not supported. Supported: {CSV}, {JSON}, application/jsonlines.", 415
        )
    found = []
    for instance in json_instances(body) if kind == JSON else json_lines(body):
        values = instance_values(instance)[0]
        if len(values) != 2:
            raise ClientError("Each instance must be a pair of an entity and an IPv4 address.")
        found.append((str(values[0]), str(values[1])))
    return found
