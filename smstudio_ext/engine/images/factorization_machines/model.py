"""Factorization machines of second order (Rendle, 2010): scores, gradients and the file of AWS's container.

`model_algo-1` is a zip of `symbol.json`, `params` and `meta.json`; the parameters are `v` (features x factors), `w1_weight`
(features x 1) and `w0_weight` (1 x 1), the names under which AWS's blog reads them. What AWS puts into meta.json is not published.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from smstudio_ext.engine.images.factorization_machines.parameters import BINARY, REGRESSOR
from smstudio_ext.formats import mxnet

Array = npt.NDArray[Any]
Features: TypeAlias = Any
"""A dense float32 array or a scipy CSR matrix (scipy ships no types)."""


@dataclass
class FactorModel:
    """Bias, linear weights and factors.

    Attributes:
        linear: (features,).
        factors: (features, k).
    """

    predictor: str
    bias: float
    linear: Array
    factors: Array

    def scores(self, features: Features) -> Array:
        """(rows,) margins (of a classifier) or values."""
        return score(features, self.bias, self.linear, self.factors)[0]

    def encode(self) -> bytes:
        """The bytes of `model_algo-1`."""
        return mxnet.write_archive(
            {
                "symbol.json": json.dumps(_symbol(self)).encode(),
                "params": mxnet.write(
                    {
                        "arg:v": self.factors.astype(np.float32),
                        "arg:w1_weight": self.linear.astype(np.float32)[:, None],
                        "arg:w0_weight": np.array([[self.bias]], dtype=np.float32),
                    }
                ),
                "meta.json": json.dumps({"predictor_type": self.predictor}).encode(),
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> FactorModel:
        """Reads a model of AWS or of this engine.

        Raises:
            ValueError: no archive of a factorization machine.
        """
        found = mxnet.read_archive(data)
        predictor = next(
            (
                document["predictor_type"]
                for document in found.documents.values()
                if isinstance(document, dict) and "predictor_type" in document
            ),
            None,
        )
        if predictor is None:
            operations = {node.get("op") for node in found.symbol.get("nodes", [])}
            predictor = BINARY if "LogisticRegressionOutput" in operations else REGRESSOR
        return cls(
            predictor,
            float(found.array("w0_weight").ravel()[0]),
            found.array("w1_weight").astype(np.float64).ravel(),
            found.array("v").astype(np.float64),
        )


def score(features: Features, bias: float, linear: Array, factors: Array) -> tuple[Array, Array, Features]:
    """Scores of rows, the rows times the factors, and the squared rows (both are needed again for the gradient)."""
    squared = features.multiply(features).tocsr() if sparse.issparse(features) else features * features
    crossed = np.asarray(features @ factors)
    pairs = (crossed**2 - np.asarray(squared @ (factors * factors))).sum(axis=1) / 2
    return bias + np.asarray(features @ linear) + pairs, crossed, squared


def gradients(
    features: Features, squared: Features, crossed: Array, factors: Array, slope: Array
) -> tuple[float, Array, Array]:
    """Sums over rows of the derivatives of bias, linear weights and factors.

    Args:
        slope: (rows,) derivative of the loss by the score.
    """
    linear = np.asarray(features.T @ slope)
    pairs = np.asarray(features.T @ (crossed * slope[:, None]))
    pairs -= factors * np.asarray(squared.T @ slope)[:, None]
    return float(slope.sum()), linear, pairs


def _symbol(model: FactorModel) -> dict[str, Any]:
    output = "LogisticRegressionOutput" if model.predictor == BINARY else "LinearRegressionOutput"
    features, factors = model.factors.shape
    inputs = [
        {"op": "null", "name": "data", "inputs": []},
        {"op": "null", "name": "w1_weight", "attrs": {"__shape__": f"({features}, 1)"}, "inputs": []},
        {"op": "null", "name": "w0_weight", "attrs": {"__shape__": "(1, 1)"}, "inputs": []},
        {"op": "null", "name": "v", "attrs": {"__shape__": f"({features}, {factors})"}, "inputs": []},
        {"op": "null", "name": "out_label", "inputs": []},
    ]
    graph = [
        ("dot", [[0, 0, 0], [1, 0, 0]], {}),
        ("broadcast_add", [[5, 0, 0], [2, 0, 0]], {}),
        ("dot", [[0, 0, 0], [3, 0, 0]], {}),
        ("square", [[7, 0, 0]], {}),
        ("square", [[0, 0, 0]], {}),
        ("square", [[3, 0, 0]], {}),
        ("dot", [[9, 0, 0], [10, 0, 0]], {}),
        ("elemwise_sub", [[8, 0, 0], [11, 0, 0]], {}),
        ("sum", [[12, 0, 0]], {"axis": "1", "keepdims": "True"}),
        ("_mul_scalar", [[13, 0, 0]], {"scalar": "0.5"}),
        ("elemwise_add", [[6, 0, 0], [14, 0, 0]], {}),
        (output, [[15, 0, 0], [4, 0, 0]], {}),
    ]
    nodes = inputs + [
        {
            "op": op,
            "name": f"{op.strip('_').lower()}{at}",
            "inputs": wires,
            **({"attrs": attrs} if attrs else {}),
        }
        for at, (op, wires, attrs) in enumerate(graph)
    ]
    return {
        "nodes": nodes,
        "arg_nodes": [0, 1, 2, 3, 4],
        "node_row_ptr": list(range(len(nodes) + 1)),
        "heads": [[len(nodes) - 1, 0, 0]],
        "attrs": {"mxnet_version": ["int", 10301]},
    }
