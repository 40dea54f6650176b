"""Looks at models of gradient boosting: XGBoost, LightGBM, CatBoost."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from smstudio_ext.formats import xgboost_binary
from smstudio_ext.formats.pickles import read_booster_pickle
from smstudio_ext.formats.xgboost_models import load_booster, model_kind
from smstudio_ext.inspection.report import Finding

_KINDS = {
    "pickle": "pickled Booster (SageMaker XGBoost before 1.3-1)",
    "binary": "XGBoost's old binary format (SageMaker XGBoost 1.3-1 to 1.7-1)",
    "ubj": "XGBoost UBJSON",
    "json": "XGBoost JSON",
}
SHOWN = 10
"""How many features are shown."""


def look_at_xgboost(path: Path, name: str) -> Finding:
    """An XGBoost model of any version; a pickle is not unpickled."""
    data = path.read_bytes()
    kind = model_kind(data) or "binary"
    facts: dict[str, Any] = {}
    handle = data
    if kind == "pickle":
        pickled = read_booster_pickle(data)
        handle = pickled.handle
        facts["pickled class"] = pickled.kind
        if pickled.rounds is not None:
            facts["rounds used"] = pickled.rounds
        if pickled.feature_names:
            facts["feature names"] = _some(pickled.feature_names)
    booster = load_booster(data)
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    old = xgboost_binary.looks_old(handle)
    facts = _version(handle, old) | _booster_facts(booster, learner) | facts
    fits = kind in ("ubj", "json") or (kind == "pickle" and not old)
    return Finding(name, _KINDS[kind], "XGBoost", facts, _xgboost_lines(name, kind, fits))


def _version(handle: bytes, old: bool) -> dict[str, Any]:
    if not old:
        return {}
    major, minor = xgboost_binary.read_old_model(handle).version
    return {"written by": f"xgboost {major}.{minor}" if major else "xgboost before 1.0 (0.72 or 0.90)"}


def _booster_facts(booster: Any, learner: dict[str, Any]) -> dict[str, Any]:
    gradient = learner["gradient_booster"]
    parameters = learner["learner_model_param"]
    facts: dict[str, Any] = {
        "objective": learner["objective"]["name"],
        "booster": gradient["name"],
        "features": booster.num_features(),
    }
    if gradient["name"] != "gblinear":
        trees = (gradient.get("gbtree") or gradient)["model"]["trees"]
        facts["trees"] = len(trees)
        facts["rounds"] = booster.num_boosted_rounds()
        facts["nodes"] = sum(len(tree["left_children"]) for tree in trees)
        gains = booster.get_score(importance_type="total_gain")
        best = sorted(gains, key=lambda feature: -float(gains[feature]))[:SHOWN]
        facts["most used features"] = {feature: round(float(gains[feature]), 4) for feature in best}
    if int(parameters.get("num_class") or 0) > 1:
        facts["classes"] = int(parameters["num_class"])
    facts["base score"] = parameters["base_score"].strip("[]").split(",")[0]
    attributes = {name: text for name, text in booster.attributes().items() if len(text) < 200}
    if attributes:
        facts["attributes"] = attributes
    return facts


def _xgboost_lines(name: str, kind: str, fits: bool) -> list[str]:
    if not fits:
        why = "an old pickle" if kind == "pickle" else "the old binary format"
        return [
            "from smstudio_ext import formats",
            f"booster = formats.load_xgboost('model/{name}')  # xgboost 3.1 and later cannot read {why} alone",
            "predictions = booster.inplace_predict(rows)  # rows: numpy array (n, features)",
        ]
    if kind == "pickle":
        lines = ["import pickle", f"booster = pickle.load(open('model/{name}', 'rb'))"]
    else:
        lines = ["import xgboost", f"booster = xgboost.Booster(model_file='model/{name}')"]
    return [*lines, "predictions = booster.inplace_predict(rows)  # rows: numpy array (n, features)"]


def look_at_lightgbm(path: Path, name: str) -> Finding:
    """A LightGBM model in its text format; the header alone says what is of interest."""
    header: dict[str, str] = {}
    trees = 0
    with path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            if line.startswith("Tree="):
                trees += 1
            elif trees == 0 and "=" in line:
                key, _, value = line.rstrip("\n").partition("=")
                header[key] = value
    facts: dict[str, Any] = {"objective": header.get("objective", ""), "trees": trees}
    classes = int(header.get("num_class", "1"))
    if classes > 1:
        facts["classes"] = classes
    names = header.get("feature_names", "").split()
    facts["features"] = len(names)
    facts["feature names"] = _some(names)
    return Finding(
        name,
        f"LightGBM text model, {header.get('version', 'unknown version')}",
        "LightGBM",
        facts,
        [
            "import lightgbm",
            f"booster = lightgbm.Booster(model_file='model/{name}')",
            "predictions = booster.predict(rows)  # rows: numpy array (n, features)",
        ],
    )


def look_at_catboost(path: Path, name: str) -> Finding:
    """A CatBoost model in its binary format."""
    facts: dict[str, Any] = {}
    warning = ""
    if importlib.util.find_spec("catboost") is not None:
        model = importlib.import_module("catboost").CatBoost().load_model(str(path), format="cbm")
        parameters = model.get_all_params()
        facts = {
            "loss function": parameters.get("loss_function", ""),
            "trees": int(model.tree_count_),
            "features": len(model.feature_names_),
            "categorical features": model.get_cat_feature_indices(),
            "feature names": _some([str(feature) for feature in model.feature_names_]),
        }
        classes = model.classes_
        if classes is not None and len(classes):
            facts["classes"] = [str(one) for one in classes]
    else:
        warning = (
            'CatBoost is not installed here, so only the format is known: pip install "smstudio-ext[trees]"'
        )
    return Finding(
        name,
        "CatBoost binary model (cbm)",
        "CatBoost",
        facts,
        [
            "from catboost import CatBoost",
            f"model = CatBoost().load_model('model/{name}')",
            "predictions = model.predict(rows)  # rows: lists or a data frame with the training columns",
        ],
        warning,
    )


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= SHOWN else [*names[:SHOWN], f"... ({len(names)} in all)"]
