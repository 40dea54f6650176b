"""Models that SageMaker's XGBoost wrote years ago: the old binary format, bare and pickled, and strangers' pickles."""

from __future__ import annotations

import math
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from smstudio_ext.engine.images.xgboost import models, serve
from smstudio_ext.formats import xgboost_binary
from smstudio_ext.formats.pickles import PickleRefused, pickle_facts, read_booster_pickle
from smstudio_ext.formats.xgboost_models import ModelFileError, load_booster, model_kind
from tests.unit.old_xgboost import old_bytes, old_pickle, with_config


def fitted(objective: str = "binary:logistic", rounds: int = 6, **params: Any) -> tuple[xgb.Booster, Any]:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(200, 5)).astype(np.float32)
    features[rng.random(features.shape) < 0.1] = np.nan
    if objective.startswith("multi:"):
        labels = rng.integers(0, 3, 200).astype(float)
        params["num_class"] = 3
    else:
        labels = (np.nan_to_num(features[:, 0]) > 0).astype(float) + (0.5 if objective == "reg:gamma" else 0)
    matrix = xgb.DMatrix(features, label=labels, nthread=1)
    if objective == "survival:aft":
        matrix.set_float_info("label_lower_bound", labels + 1)
        matrix.set_float_info("label_upper_bound", labels + 1)
    return xgb.train(
        {"objective": objective, "nthread": 1, "max_depth": 3, "base_score": 0.5} | params, matrix, rounds
    ), features


def predict(booster: xgb.Booster, features: Any) -> Any:
    return booster.predict(xgb.DMatrix(features, nthread=1))


@pytest.mark.parametrize(
    "objective",
    [
        "binary:logistic",
        "binary:hinge",
        "count:poisson",
        "multi:softmax",
        "multi:softprob",
        "rank:pairwise",
        "reg:gamma",
        "reg:logistic",
        "reg:squarederror",
        "reg:tweedie",
        "survival:aft",
        "survival:cox",
    ],
)
def test_every_objective_predicts_as_before(objective: str) -> None:
    booster, features = fitted(objective)
    data = old_bytes(booster, version=(1, 5))
    assert model_kind(data) == "binary"
    np.testing.assert_allclose(predict(load_booster(data), features), predict(booster, features), rtol=1e-6)


@pytest.mark.parametrize(
    ("objective", "margin"),
    [
        ("binary:logistic", math.log(0.3 / 0.7)),
        ("count:poisson", math.log(0.3)),
        ("reg:squarederror", 0.3),
        ("binary:logitraw", 0.3),
    ],
)
def test_versions_before_1_0_kept_the_base_score_as_a_margin(objective: str, margin: float) -> None:
    booster, features = fitted(objective, base_score=0.3)
    loaded = load_booster(old_bytes(booster, base_margin=margin))
    np.testing.assert_allclose(predict(loaded, features), predict(booster, features), rtol=1e-5)


@pytest.mark.parametrize(
    "params", [{"booster": "dart", "rate_drop": 0.5}, {"booster": "gblinear"}, {"num_parallel_tree": 3}]
)
def test_every_booster_predicts_as_before(params: dict[str, Any]) -> None:
    booster, features = fitted("reg:squarederror", **params)
    loaded = load_booster(old_bytes(booster, version=(1, 5)))
    np.testing.assert_allclose(predict(loaded, features), predict(booster, features), rtol=1e-5)
    if "booster" not in params:
        assert loaded.num_boosted_rounds() == 6


def test_old_pickles_of_the_image_are_hosted(tmp_path: Path) -> None:
    booster, features = fitted(rounds=9)
    row = ",".join("" if np.isnan(value) else repr(float(value)) for value in features[0]).encode()
    for name, handle in (
        ("0.90", old_bytes(booster, base_margin=0.0)),
        ("1.0", with_config(old_bytes(booster, version=(1, 0)))),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "xgboost-model").write_bytes(old_pickle(handle, best_iteration=4, best_ntree_limit=5))
        answer, _ = serve.load(folder, {}).invoke(row, "text/csv", "")
        # Stopped early: the image predicts with the best rounds only.
        assert float(answer) == pytest.approx(float(predict(booster[:5], features[:1])[0]), rel=1e-6)


def test_attributes_and_names_survive() -> None:
    booster, _ = fitted()
    booster.set_attr(best_score="0.5", note="kept")
    loaded = load_booster(old_bytes(booster, version=(1, 5)))
    assert loaded.attributes() == {"best_score": "0.5", "note": "kept"}
    found = read_booster_pickle(old_pickle(old_bytes(booster), feature_names=["a", "b"]))
    assert (found.kind, found.feature_names, found.rounds) == ("xgboost.core.Booster", ["a", "b"], None)


def test_pickles_of_wrappers_load() -> None:
    _, features = fitted()
    wrapper = xgb.XGBRegressor(n_estimators=3, n_jobs=1).fit(features, np.arange(200))
    loaded = load_booster(pickle.dumps(wrapper))
    np.testing.assert_allclose(predict(loaded, features), wrapper.predict(features), rtol=1e-6)


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self._mark}",)


def test_pickles_of_strangers_run_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    data = pickle.dumps(Hostile(mark))
    with pytest.raises(PickleRefused, match="system, which is not allowed"):
        read_booster_pickle(data)
    assert pickle_facts(data).globals == [f"{os.system.__module__}.system"]
    (tmp_path / "model").mkdir()
    (tmp_path / "model/xgboost-model").write_bytes(data)
    with pytest.raises(models.ModelError, match="not allowed here"):
        serve.load(tmp_path / "model", {})
    assert not mark.exists()


@pytest.mark.parametrize("cut", [10, 150, 400, -40])
def test_damaged_models_say_so(cut: int) -> None:
    booster, _ = fitted()
    with pytest.raises(xgboost_binary.OldModelError):
        xgboost_binary.read_old_model(old_bytes(booster)[:cut])
    with pytest.raises(ModelFileError):
        load_booster(old_pickle(old_bytes(booster)[:cut]))
    with pytest.raises(ModelFileError):
        load_booster(pickle.dumps({"a": 1}))
