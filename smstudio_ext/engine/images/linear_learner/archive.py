"""Linear Learner's `model_algo-1` as AWS's container writes it: a zip of symbol graph, parameters and JSON.

Known from a file that AWS's container wrote (2023): members `mx-mod-symbol.json`, `manifest.json`, `additional-params.json` and
`mx-mod-0000.params`; parameters `arg:fc0_weight` (features x outputs) and `arg:fc0_bias` (1 x outputs) for data as they come.
The graph's last node of other losses than logistic is this engine's choice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.formats import mxnet

Array = npt.NDArray[np.float64]

_MANIFEST = {"mx-mod": "mxnet_module", "additional-params.json": "json", "version": 1}
_MEANS = "smstudio-means.json"
_OUTPUTS = {
    "logistic": "LogisticRegressionOutput",
    "softmax_loss": "SoftmaxOutput",
    "squared_loss": "LinearRegressionOutput",
    "absolute_loss": "MAERegressionOutput",
    "hinge_loss": "SVMOutput",
}


@dataclass
class Stored:
    """What the file holds.

    Attributes:
        weights: (features, outputs).
        bias: (outputs,).
        fill: means of the features, in a member of this engine's own; only where training data had missing values.
        notes: `metrics_params` of additional-params.json.
    """

    predictor: str
    loss: str
    weights: Array
    bias: Array
    threshold: float
    fill: Array | None = None
    notes: dict[str, Any] = field(default_factory=dict)


def write(model: Stored) -> bytes:
    """Encodes a model."""
    shape = model.weights.shape
    members = {
        "mx-mod-symbol.json": json.dumps(_symbol(model.loss, *shape), indent=2).encode(),
        "manifest.json": json.dumps(_MANIFEST).encode(),
        "additional-params.json": json.dumps(
            {
                "threshold": model.threshold,
                "loss_type": model.loss,
                "predictor_type": model.predictor,
                "metrics_params": {**model.notes, "threshold": model.threshold},
            }
        ).encode(),
        "mx-mod-0000.params": mxnet.write(
            {
                "arg:fc0_weight": model.weights.astype(np.float32),
                "arg:fc0_bias": model.bias.astype(np.float32)[None, :],
            }
        ),
    }
    if model.fill is not None:
        members[_MEANS] = json.dumps(model.fill.tolist()).encode()
    return mxnet.write_archive(members)


def read(data: bytes) -> Stored:
    """Decodes a model, of AWS or of this engine.

    Raises:
        ValueError: no archive of a linear model.
    """
    found = mxnet.read_archive(data)
    weights = found.array("fc0_weight").astype(np.float64)
    weights = weights.reshape(len(weights), -1)
    try:
        bias = found.array("fc0_bias").astype(np.float64).ravel()
    except mxnet.MxnetError:
        bias = np.zeros(weights.shape[1])  # use_bias=false
    facts = found.documents.get("additional-params.json", {})
    predictor = facts.get("predictor_type") or _guess(found.symbol, weights.shape[1])
    loss = facts.get("loss_type") or ""
    threshold = facts.get("threshold")
    fill = _means(data)
    return Stored(
        predictor,
        "" if loss == "auto" else loss,
        weights,
        bias,
        0.5 if threshold is None else float(threshold),
        fill,
        dict(facts.get("metrics_params") or {}),
    )


def _means(data: bytes) -> Array | None:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _MEANS not in archive.namelist():
            return None
        return np.array(json.loads(archive.read(_MEANS)), dtype=np.float64)


def _guess(symbol: dict[str, Any], outputs: int) -> str:
    operations = {node.get("op") for node in symbol.get("nodes", [])}
    if "LogisticRegressionOutput" in operations:
        return "binary_classifier"
    return "multiclass_classifier" if outputs > 1 or "SoftmaxOutput" in operations else "regressor"


def _symbol(loss: str, features: int, outputs: int) -> dict[str, Any]:
    operation = _OUTPUTS.get(loss, "LinearRegressionOutput")
    nodes = [
        {"op": "null", "name": "data", "inputs": []},
        {
            "op": "null",
            "name": "fc0_weight",
            "attrs": {"__shape__": f"({features}, {outputs})"},
            "inputs": [],
        },
        {"op": "dot", "name": "dot0", "inputs": [[0, 0, 0], [1, 0, 0]]},
        {
            "op": "null",
            "name": "fc0_bias",
            "attrs": {"__lr_mult__": "10.0", "__shape__": f"(1, {outputs})"},
            "inputs": [],
        },
        {"op": "broadcast_add", "name": "broadcast_plus0", "inputs": [[2, 0, 0], [3, 0, 0]]},
        {"op": "null", "name": "out_label", "inputs": []},
        {"op": operation, "name": f"{operation.lower()}0", "inputs": [[4, 0, 0], [5, 0, 0]]},
    ]
    return {
        "nodes": nodes,
        "arg_nodes": [0, 1, 3, 5],
        "node_row_ptr": list(range(8)),
        "heads": [[6, 0, 0]],
        "attrs": {"mxnet_version": ["int", 10301]},
    }
