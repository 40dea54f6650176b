"""Reads XGBoost's old binary model format, which xgboost 3.1 and later no longer do, and turns it into the JSON format.

SageMaker's XGBoost images wrote it until 1.7: inside a pickle before 1.3-1, as a bare file after. The layout is that of
`LearnerModelParam`, `GBTreeModelParam` and `RegTree` in xgboost's sources (https://github.com/dmlc/xgboost, releases 0.72
to 1.7); all numbers are little-endian.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

_LEARNER = struct.Struct("<fIiiiII27i")
_LEARNER_SIZE = 136
_TREES = struct.Struct("<iiiiqii")
_TREES_SIZE = 160
_LINEAR_SIZE = 136
_TREE = struct.Struct("<iiiiii")
_TREE_SIZE = 148
_NODE = np.dtype([("parent", "<u4"), ("left", "<i4"), ("right", "<i4"), ("split", "<u4"), ("value", "<f4")])
_STAT = np.dtype([("gain", "<f4"), ("cover", "<f4"), ("weight", "<f4"), ("leaves", "<i4")])
_DELETED = 0xFFFFFFFF
_LOW_BITS = 0x7FFFFFFF
_LARGEST = 1 << 31
SERIAL_HEADER = b"CONFIG-offset:"


class OldModelError(ValueError):
    """The bytes are no model in xgboost's old binary format."""


@dataclass
class Tree:
    """One regression tree.

    Attributes:
        nodes: (nodes,) records `parent, left, right, split, value`; `left` is -1 at leaves, the highest bit of `split` says where
            missing values go.
        stats: (nodes,) records `gain, cover, weight`.
    """

    nodes: npt.NDArray[Any]
    stats: npt.NDArray[Any]


@dataclass
class OldModel:
    """A model as it stands in the file.

    Attributes:
        base_score: as saved: the margin in versions before 1.0, the predicted value after.
        classes: 0 unless the objective is multiclass.
        version: (major, minor) of the writer; (0, 0) before 1.0.
        groups: the output group (class) of each tree.
        weights: gblinear's coefficients, (features + 1) x groups, the bias last; None for trees.
        drops: dart's weight of each tree.
        config: what versions 1.0 to 2.0 append to a pickled model.
    """

    base_score: float
    features: int
    classes: int
    version: tuple[int, int]
    objective: str
    booster: str
    trees: list[Tree] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    parallel_trees: int = 1
    weights: npt.NDArray[np.float32] | None = None
    drops: list[float] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)


def looks_old(data: bytes) -> bool:
    """Whether bytes may be an old binary model (bare, or as pickled by versions 0.72 to 2.0)."""
    if data.startswith((SERIAL_HEADER, b"binf")):
        return True
    if len(data) < _LEARNER_SIZE + 16 or data[:1] == b"\x80":
        return False
    (length,) = struct.unpack_from("<Q", data, _LEARNER_SIZE)
    name = data[_LEARNER_SIZE + 8 : _LEARNER_SIZE + 8 + min(length, 64)]
    return 3 <= length <= 64 and name.isascii() and name.replace(b":", b"").isalnum()


def read_old_model(data: bytes) -> OldModel:
    """Parses a model.

    Args:
        data: a bare model file, or the `handle` of a pickled Booster.

    Raises:
        OldModelError: the bytes are cut short or no such model.
    """
    config: dict[str, Any] = {}
    if data.startswith(SERIAL_HEADER):
        start = len(SERIAL_HEADER) + 8
        (offset,) = struct.unpack_from("<q", data.ljust(start, b"\0"), len(SERIAL_HEADER))
        if not 0 < offset <= len(data) - start:
            raise OldModelError("The serialised model is cut short.")
        try:
            config = json.loads(data[start + offset :])
        except ValueError as error:
            raise OldModelError(
                f"The configuration behind the serialised model is no JSON: {error}"
            ) from error
        data = data[start : start + offset]
    reader = _Reader(data[4:] if data.startswith(b"binf") else data)
    try:
        model = _read_model(reader)
    except (struct.error, UnicodeDecodeError) as error:
        raise OldModelError(f"The model is cut short or damaged: {error}") from error
    model.config = config
    return model


def to_json(model: OldModel) -> bytes:
    """The model in xgboost's JSON format, which every version since 1.6 loads."""
    learner: dict[str, Any] = {
        "attributes": model.attributes,
        "feature_names": [],
        "feature_types": [],
        "gradient_booster": _gradient_booster(model),
        "learner_model_param": {
            "base_score": repr(float(np.float32(_predicted_base(model)))),
            "boost_from_average": "0",
            "num_class": str(model.classes),
            "num_feature": str(model.features),
            "num_target": "1",
        },
        "objective": _objective(model),
    }
    return json.dumps({"learner": learner, "version": [1, 7, 6]}).encode()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    def take(self, size: int) -> memoryview:
        if size < 0 or self._at + size > len(self._data):
            raise OldModelError("The model is cut short.")
        part = self._data[self._at : self._at + size]
        self._at += size
        return part

    def count(self) -> int:
        (number,) = struct.unpack("<Q", self.take(8))
        if number > _LARGEST:
            raise OldModelError("The model holds an impossible length.")
        return int(number)

    def text(self) -> str:
        return bytes(self.take(self.count())).decode()

    def array(self, dtype: np.dtype[Any], size: int) -> npt.NDArray[Any]:
        return np.frombuffer(self.take(dtype.itemsize * size), dtype=dtype)

    def floats(self) -> npt.NDArray[np.float32]:
        return self.array(np.dtype("<f4"), self.count())


def _read_model(reader: _Reader) -> OldModel:
    base, features, classes, extra, metrics, major, minor, *_ = _LEARNER.unpack(reader.take(_LEARNER_SIZE))
    if classes < 0 or extra not in (0, 1) or metrics not in (0, 1):
        raise OldModelError("The bytes do not begin like an XGBoost model.")
    model = OldModel(base, features, classes, (major, minor), reader.text(), reader.text())
    if model.booster == "gblinear":
        _read_linear(reader, model)
    elif model.booster in ("gbtree", "dart"):
        _read_trees(reader, model)
        if model.booster == "dart" and model.trees:
            model.drops = reader.floats().tolist()
    else:
        raise OldModelError(f"The model has an unknown booster '{model.booster[:40]}'.")
    if extra:
        model.attributes = {reader.text(): reader.text() for _ in range(reader.count())}
    if (major, minor) == (0, 0):
        # Parameters that versions before 1.0 hid among the attributes.
        for name in list(model.attributes):
            if name.startswith("SAVED_PARAM_") or name == "count_poisson_max_delta_step":
                del model.attributes[name]
    return model


def _read_linear(reader: _Reader, model: OldModel) -> None:
    reader.take(_LINEAR_SIZE)
    model.weights = reader.floats()


def _read_trees(reader: _Reader, model: OldModel) -> None:
    head = reader.take(_TREES_SIZE)
    count, parallel, *_ = _TREES.unpack(head[: _TREES.size])
    if not 0 <= count < _LARGEST:
        raise OldModelError("The model holds an impossible number of trees.")
    model.parallel_trees = max(1, parallel)
    for _ in range(count):
        _roots, nodes, _deleted, _depth, _features, leaf_size = _TREE.unpack(
            reader.take(_TREE_SIZE)[: _TREE.size]
        )
        if nodes < 1:
            raise OldModelError("A tree of the model has no node.")
        model.trees.append(Tree(reader.array(_NODE, nodes), reader.array(_STAT, nodes)))
        if leaf_size > 0:
            reader.floats()
    model.groups = reader.array(np.dtype("<i4"), count).tolist()


def _gradient_booster(model: OldModel) -> dict[str, Any]:
    if model.weights is not None:
        groups = max(1, model.classes)
        linear = {"boosted_rounds": 0, "weights": _numbers(model.weights)}
        if len(model.weights) != (model.features + 1) * groups:
            raise OldModelError("The linear model has not one weight a feature.")
        return {"name": "gblinear", "model": linear}
    trees = {
        "name": "gbtree",
        "model": {
            "gbtree_model_param": {
                "num_parallel_tree": str(model.parallel_trees),
                "num_trees": str(len(model.trees)),
                "size_leaf_vector": "0",
            },
            "tree_info": model.groups,
            "trees": [_tree(tree, number, model.features) for number, tree in enumerate(model.trees)],
        },
    }
    if model.booster == "dart":
        return {"name": "dart", "gbtree": trees, "weight_drop": model.drops}
    return trees


def _tree(tree: Tree, number: int, features: int) -> dict[str, Any]:
    kept = tree.nodes["split"] != _DELETED
    kept[0] = True
    # Pruned nodes stay in the file; a JSON model is simpler without them.
    places = np.cumsum(kept) - 1
    nodes, stats = tree.nodes[kept], tree.stats[kept]
    size = len(nodes)
    leaf = nodes["left"] < 0
    links = {}
    for side in ("left", "right"):
        children = np.where(leaf, 0, nodes[side])
        if ((children < 0) | (children >= len(tree.nodes))).any():
            raise OldModelError(f"Tree {number} of the model points outside itself.")
        links[side] = np.where(leaf, -1, places[children])
    parents = nodes["parent"] & _LOW_BITS
    parents[1:] = places[np.minimum(parents[1:], len(places) - 1)]
    parents[0] = _LOW_BITS
    return {
        "base_weights": _numbers(stats["weight"]),
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": (nodes["split"] >> 31).astype(int).tolist(),
        "id": number,
        "left_children": links["left"].tolist(),
        "loss_changes": _numbers(stats["gain"]),
        "parents": parents.tolist(),
        "right_children": links["right"].tolist(),
        "split_conditions": _numbers(nodes["value"]),
        "split_indices": np.where(leaf, 0, nodes["split"] & _LOW_BITS).tolist(),
        "split_type": [0] * size,
        "sum_hessian": _numbers(stats["cover"]),
        "tree_param": {
            "num_deleted": "0",
            "num_feature": str(features),
            "num_nodes": str(size),
            "size_leaf_vector": "0",
        },
    }


def _numbers(values: npt.NDArray[Any]) -> list[float]:
    # The shortest decimals that give the same float32 again: xgboost's parser takes no more digits.
    return [float(text) for text in values.astype("U32")]


_SIGMOID = frozenset({"binary:logistic", "reg:logistic"})
_EXPONENTIAL = frozenset({"count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"})


def _predicted_base(model: OldModel) -> float:
    """`base_score` as xgboost keeps it since 1.0: in the space of predictions."""
    if model.version[0] >= 1:
        return model.base_score
    if model.objective in _SIGMOID:
        return 1 / (1 + math.exp(-model.base_score))
    if model.objective in _EXPONENTIAL:
        return math.exp(model.base_score)
    return model.base_score


_OBJECTIVE_PARAMETERS: dict[str, tuple[str, dict[str, str]]] = {
    "count:poisson": ("poisson_regression_param", {"max_delta_step": "0.7"}),
    "reg:tweedie": ("tweedie_regression_param", {"tweedie_variance_power": "1.5"}),
    "reg:pseudohubererror": ("pseudo_huber_param", {"huber_slope": "1"}),
    "survival:aft": (
        "aft_loss_param",
        {"aft_loss_distribution": "normal", "aft_loss_distribution_scale": "1"},
    ),
}


def _objective(model: OldModel) -> dict[str, Any]:
    name = {"reg:linear": "reg:squarederror", "gpu:reg:linear": "reg:squarederror"}.get(
        model.objective, model.objective.removeprefix("gpu:")
    )
    saved = model.config.get("learner", {}).get("objective", {})
    if name.startswith("multi:"):
        return {"name": name, "softmax_multiclass_param": {"num_class": str(model.classes)}}
    if name in _OBJECTIVE_PARAMETERS:
        key, values = _OBJECTIVE_PARAMETERS[name]
        known = saved.get(key, {}) if isinstance(saved, dict) else {}
        return {"name": name, key: {item: str(known.get(item, value)) for item, value in values.items()}}
    if name.startswith("rank:"):
        return {"name": name, "lambda_rank_param": {"fix_list_weight": "0", "num_pairsample": "1"}}
    if name in ("reg:gamma", "binary:hinge", "survival:cox", "reg:absoluteerror"):
        return {"name": name}
    weight = saved.get("reg_loss_param", {}).get("scale_pos_weight", "1") if isinstance(saved, dict) else "1"
    return {"name": name, "reg_loss_param": {"scale_pos_weight": str(weight)}}
