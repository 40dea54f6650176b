"""Writes models in XGBoost's old binary format, as SageMaker's images 0.72 to 1.7 did; the layout is that of xgboost's sources."""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import types
from typing import Any

import numpy as np
import xgboost as xgb


def old_bytes(
    booster: xgb.Booster, *, version: tuple[int, int] = (0, 0), base_margin: float | None = None
) -> bytes:
    """A Booster in the old format.

    Args:
        version: of the writer; (0, 0) before 1.0, which kept `base_score` as a margin.
        base_margin: what stands as base score; the model's own by default.
    """
    model = json.loads(bytes(booster.save_raw("json")))["learner"]
    parameters = model["learner_model_param"]
    base = float(parameters["base_score"].strip("[]").split(",")[0]) if base_margin is None else base_margin
    attributes = sorted(model["attributes"].items())
    features, classes = int(parameters["num_feature"]), int(parameters["num_class"])
    head = struct.pack("<fIiiiII", base, features, classes, int(bool(attributes)), 0, *version) + b"\0" * (
        27 * 4
    )
    gradient = model["gradient_booster"]
    out = head + _text(model["objective"]["name"]) + _text(gradient["name"])
    if gradient["name"] == "gblinear":
        weights = np.asarray(gradient["model"]["weights"], dtype="<f4")
        out += b"\0" * 136 + struct.pack("<Q", len(weights)) + weights.tobytes()
    else:
        out += _trees((gradient.get("gbtree") or gradient)["model"], features)
        if gradient["name"] == "dart":
            drops = np.asarray(gradient["weight_drop"], dtype="<f4")
            out += struct.pack("<Q", len(drops)) + drops.tobytes()
    if attributes:
        out += struct.pack("<Q", len(attributes))
        out += b"".join(_text(name) + _text(value) for name, value in attributes)
    return out


def with_config(data: bytes) -> bytes:
    """As versions 1.0 to 2.0 pickled it: the model, and its configuration behind it."""
    return b"CONFIG-offset:" + struct.pack("<q", len(data)) + data + b'{"learner":{},"version":[1,0,0]}'


def old_pickle(handle: bytes, **state: Any) -> bytes:
    """A pickled `xgboost.core.Booster` with the given handle, as `pickle` wrote it in the image."""
    module = types.ModuleType("xgboost.core")

    class Booster:
        pass

    Booster.__module__, Booster.__qualname__ = "xgboost.core", "Booster"
    module.Booster = Booster  # type: ignore[attr-defined]
    made = Booster()
    made.__dict__.update({"handle": bytearray(handle), "feature_names": None, "feature_types": None}, **state)
    real = sys.modules["xgboost.core"]
    sys.modules["xgboost.core"] = module
    try:
        stream = io.BytesIO()
        pickle.Pickler(stream, protocol=3).dump(made)
    finally:
        sys.modules["xgboost.core"] = real
    return stream.getvalue()


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def _trees(model: dict[str, Any], features: int) -> bytes:
    trees = model["trees"]
    parallel = int(model["gbtree_model_param"]["num_parallel_tree"])
    out = struct.pack("<iiiiqii", len(trees), parallel, features, 0, 0, 1, 0) + b"\0" * 128
    for tree in trees:
        count = len(tree["left_children"])
        # One pruned node at the end, as old versions left them in the file.
        out += struct.pack("<iiiiii", 1, count + 1, 1, 0, features, 0) + b"\0" * (31 * 4)
        for at in range(count):
            split = tree["split_indices"][at] | (int(tree["default_left"][at]) << 31)
            out += struct.pack(
                "<IiiIf",
                tree["parents"][at] & 0xFFFFFFFF if at else 0xFFFFFFFF,
                tree["left_children"][at],
                tree["right_children"][at],
                split,
                tree["split_conditions"][at],
            )
        out += struct.pack("<IiiIf", 0, -1, -1, 0xFFFFFFFF, 0)
        for at in range(count):
            stats = (tree["loss_changes"][at], tree["sum_hessian"][at], tree["base_weights"][at])
            out += struct.pack("<fffi", *stats, 0)
        out += b"\0" * 16
    return out + np.asarray(model["tree_info"], dtype="<i4").tobytes()
