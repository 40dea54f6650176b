"""The network of IP Insights: a vector for each entity, an encoder for addresses, their dot product.

Trained to tell observed pairs from negative ones by the logistic loss of the dot product
(https://docs.aws.amazon.com/sagemaker/latest/dg/ip-insights-howitworks.html).
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.ipinsights.pairs import BITS, Addresses, Indices, bits
from smstudio_ext.engine.images.linear_learner.losses import sigmoid
from smstudio_ext.formats import mxnet

Array = npt.NDArray[Any]
FORMAT = "smstudio-ip-insights/1"


class Network:
    """Parameters, and what they answer.

    Attributes:
        entities: (num_entity_vectors, vector_dim).
        weights, biases: of the encoder's layers; ReLU between them.
    """

    def __init__(self, entities: Array, weights: list[Array], biases: list[Array]) -> None:
        self.entities = entities
        self.weights = weights
        self.biases = biases

    @classmethod
    def random(cls, vectors: int, width: int, layers: int, generator: np.random.Generator) -> Network:
        """A network to begin with; `layers` hidden layers in the encoder."""
        sizes = [BITS, *([width] * layers), width]
        weights = [
            (generator.normal(size=(a, b)) * np.sqrt(2 / a)).astype(np.float32)
            for a, b in itertools.pairwise(sizes)
        ]
        weights[-1] *= np.float32(0.3)
        biases = [np.zeros(size, dtype=np.float32) for size in sizes[1:]]
        entities = generator.standard_normal((vectors, width), dtype=np.float32) * np.float32(0.05)
        return cls(entities, weights, biases)

    def addresses(self, addresses: Addresses) -> list[Array]:
        """Values of every layer of the encoder, the bits first and the addresses' vectors last."""
        values: list[Array] = [bits(addresses)]
        for at, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            out = values[-1] @ weight + bias
            values.append(np.maximum(out, 0) if at < len(self.weights) - 1 else out)
        return values

    def dots(self, entities: Indices, addresses: Addresses) -> Array:
        """(rows,) dot products; larger means that the pair is more usual."""
        return np.asarray(np.einsum("ij,ij->i", self.entities[entities], self.addresses(addresses)[-1]))

    def encode(self) -> bytes:
        """The bytes of `model_algo-1`; AWS's own layout is not published."""
        arrays = {"entities": self.entities}
        for at, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            arrays |= {f"weight{at}": weight, f"bias{at}": bias}
        facts = {"format": FORMAT, "layers": len(self.weights)}
        return mxnet.write_archive({"meta.json": json.dumps(facts).encode(), "params": mxnet.write(arrays)})

    @classmethod
    def decode(cls, data: bytes) -> Network:
        """Reads the file.

        Raises:
            ValueError: it is of another format (such as AWS's own).
        """
        found = mxnet.read_archive(data)
        facts = found.documents.get("meta.json", {})
        if facts.get("format") != FORMAT:
            raise ValueError(f"model_algo-1 is no IP Insights model of this engine ({FORMAT}).")
        layers = range(facts["layers"])
        return cls(
            found.array("entities"),
            [found.array(f"weight{at}") for at in layers],
            [found.array(f"bias{at}") for at in layers],
        )


class Learner:
    """Adam over a network; only the vectors of entities in a mini-batch are touched.

    Args:
        random_rate: negative pairs an observed one whose address is drawn uniformly.
        shuffled_rate: negative pairs whose address comes from another pair of the mini-batch.
    """

    def __init__(
        self,
        network: Network,
        *,
        rate: float,
        decay: float,
        random_rate: int,
        shuffled_rate: int,
        seed: int = 1,
    ) -> None:
        self.network = network
        self._rate = rate
        self._decay = decay
        self._random, self._shuffled = random_rate, shuffled_rate
        self._generator = np.random.default_rng(seed)
        self._step = 0
        self._moments = [
            (np.zeros_like(part), np.zeros_like(part))
            for part in (*network.weights, *network.biases, network.entities)
        ]

    def learn(self, entities: Indices, addresses: Addresses) -> tuple[float, int, int]:
        """One step on observed pairs; returns the summed loss, the pairs told right, and all pairs."""
        network, rows = self.network, len(entities)
        drawn = self._generator.integers(0, 1 << 32, size=rows * self._random, dtype=np.uint32)
        values = network.addresses(np.concatenate([addresses, drawn]))
        # which entity and which encoded address make each pair
        orders = [self._generator.permutation(rows) for _ in range(self._shuffled)]
        who = np.tile(np.arange(rows), 1 + self._random + self._shuffled)
        where = np.concatenate([np.arange(rows * (1 + self._random)), *orders]).astype(np.int64)
        labels = np.zeros(len(who), dtype=np.float32)
        labels[:rows] = 1
        mine, encoded = network.entities[entities], values[-1]
        dots = np.einsum("ij,ij->i", mine[who], encoded[where])
        loss = np.logaddexp(0, dots) - labels * dots
        slope = ((sigmoid(dots) - labels) / rows).astype(np.float32)
        self._step += 1
        ones = sparse.csr_matrix((slope, (who, where)), shape=(rows, len(encoded)))
        down = np.asarray(ones.T @ mine)
        used, codes = np.unique(entities, return_inverse=True)
        gather = sparse.csr_matrix(
            (np.ones(rows, dtype=np.float32), (codes, np.arange(rows))), shape=(len(used), rows)
        )
        self._move(len(self._moments) - 1, network.entities, used, np.asarray(gather @ (ones @ encoded)))
        self._encoder(values, down)
        return float(loss.sum()), int(((dots > 0) == (labels > 0.5)).sum()), len(who)

    def _encoder(self, values: list[Array], down: Array) -> None:
        """Takes the error of the addresses' vectors back through the encoder."""
        network = self.network
        for at in reversed(range(len(network.weights))):
            weight = network.weights[at]
            upward = down @ weight.T if at else None
            self._move(at, weight, slice(None), values[at].T @ down)
            self._move(len(network.weights) + at, network.biases[at], slice(None), down.sum(axis=0))
            if upward is not None:
                down = upward * (values[at] > 0)

    def _move(self, number: int, part: Array, rows: Any, gradient: Array) -> None:
        first, second = self._moments[number]
        gradient = gradient + self._decay * part[rows]
        first[rows] = 0.9 * first[rows] + 0.1 * gradient
        second[rows] = 0.999 * second[rows] + 0.001 * gradient**2
        corrected = np.sqrt(second[rows] / (1 - 0.999**self._step)) + 1e-8
        part[rows] -= self._rate * (first[rows] / (1 - 0.9**self._step)) / corrected
