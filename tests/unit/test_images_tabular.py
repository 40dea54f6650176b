"""LightGBM, CatBoost, TabTransformer and AutoGluon-Tabular: training, answers, categories, bad input."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.jobfiles import read_channels
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.images.tabular.data import read_tabular
from tests.unit.deepfolders import deep_folder
from tests.unit.jobfolders import csv_bytes, quality_metrics

REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
QUICK: dict[str, dict[str, Any]] = {
    "lightgbm": {"num_boost_round": 40, "learning_rate": 0.2, "seed": 1},
    "catboost": {"iterations": 40, "learning_rate": 0.2},
    "tabtransformer": {
        "n_epochs": 25,
        "learning_rate": 0.01,
        "input_dim": 16,
        "n_blocks": 1,
        "batch_size": 32,
    },
    "autogluon": {"time_limit": 15, "presets": "medium_quality", "verbosity": 0},
}
NEEDS = {
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "tabtransformer": "torch",
    "autogluon": "autogluon.tabular",
}
REPOSITORIES = {"autogluon": "autogluon-tabular"}
CATEGORIES = json.dumps({"cat_index_list": [4]}).encode()
Files = dict[str, bytes]


@pytest.fixture(params=sorted(QUICK))
def algorithm(request: pytest.FixtureRequest) -> str:
    """An algorithm whose package is installed."""
    name: str = request.param
    pytest.importorskip(NEEDS[name])
    return name


def programs(algorithm: str) -> tuple[Any, Any]:
    return tuple(
        importlib.import_module(f"smstudio_ext.engine.images.{algorithm}.{part}")
        for part in ("train", "serve")
    )


def parts(kind: str, seed: int = 0) -> tuple[bytes, bytes]:
    """CSV of 300 training and 100 validation rows: three numbers and a colour that matters."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(400, 3)).round(4)
    colour = rng.choice(["red", "green", "blue"], 400)
    score = numbers[:, 0] * 2 + np.where(colour == "red", 2.0, -1.0)
    target: Any
    if kind == "binary":
        target = (score > 0).astype(int)
    elif kind == "regression":
        target = score.round(3)
    else:
        target = np.array(["low", "middle", "top"])[np.digitize(score, [-1, 1])]
    lines = csv_bytes(target, *numbers.T, colour).splitlines(keepends=True)
    return b"".join(lines[:300]), b"".join(lines[300:])


def trained(root: Path, algorithm: str, kind: str) -> Path:
    train, validation = parts(kind)
    job = deep_folder(
        root,
        QUICK[algorithm],
        {
            "train": ("text/csv", {"data.csv": train, "categorical_index.json": CATEGORIES}),
            "validation": ("text/csv", {"data.csv": validation}),
        },
    )
    programs(algorithm)[0].train(job)
    return job


RED, BLUE = b"1,0,0,red\n", b"-1,0,0,blue\n"


def test_a_classifier_trains_reports_and_answers(
    tmp_path: Path, algorithm: str, capfd: pytest.CaptureFixture[str]
) -> None:
    job = trained(tmp_path, algorithm, "binary")
    image = ImageRegistry(discover=False).resolve(
        f"{REGISTRY}/{REPOSITORIES.get(algorithm, algorithm)}:latest"
    )
    found = quality_metrics(capfd.readouterr().out, image)
    assert algorithm == "autogluon" or found
    predictor = programs(algorithm)[1].load(job / "model", {})
    body, kind = predictor.invoke(RED + BLUE, "text/csv", "*/*")
    assert kind == "application/json"
    answer = json.loads(body)
    assert set(answer) == {"probabilities"}
    np.testing.assert_allclose(np.sum(answer["probabilities"], axis=1), 1, atol=1e-6)
    assert answer["probabilities"][0][1] > 0.5 > answer["probabilities"][1][1]
    verbose = json.loads(predictor.invoke(RED + BLUE, "text/csv", "application/json;verbose")[0])
    assert verbose["labels"] == [0, 1]
    assert verbose["predicted_label"] == [1, 0]
    lines = predictor.invoke(RED + BLUE, "text/csv", "text/csv")[0].decode().splitlines()
    assert [float(cell) for cell in lines[0].split(",")] == answer["probabilities"][0]
    # A colour that training has not seen and a missing one are answered too.
    unseen = json.loads(predictor.invoke(b"1,0,,violet\n1,0,0,\n", "text/csv", "")[0])
    assert np.isfinite(unseen["probabilities"]).all()


def test_text_classes_come_back_as_they_were(tmp_path: Path, algorithm: str) -> None:
    job = trained(tmp_path, algorithm, "multiclass")
    predictor = programs(algorithm)[1].load(job / "model", {})
    answer = json.loads(predictor.invoke(RED + BLUE, "text/csv", "application/json;verbose")[0])
    assert answer["labels"] == ["low", "middle", "top"]
    assert answer["predicted_label"] == ["top", "low"]


def test_a_regression_answers_values(tmp_path: Path, algorithm: str) -> None:
    job = trained(tmp_path, algorithm, "regression")
    predictor = programs(algorithm)[1].load(job / "model", {})
    high, low = json.loads(predictor.invoke(RED + BLUE, "text/csv", "application/json")[0])["prediction"]
    assert high > 2 > 0 > low
    assert predictor.invoke(RED, "text/csv", "text/csv") == (f"{high!r}\n".encode(), "text/csv")


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "words"),
    [
        (b"", "text/csv", "", 400, "empty"),
        (b"1,2\n", "text/csv", "", 400, "The rows have 2 columns, but the model was trained with 4 features"),
        (b"1,0,0,red\n1,0\n", "text/csv", "", 400, "line 2 has 2 columns, the first line has 4"),
        (b"1,x,0,red\n", "text/csv", "", 400, "Row 1, column 2 holds 'x', which is no number"),
        (b"{}", "application/json", "", 415, "Content type application/json is not supported"),
        (RED, "text/csv", "image/png", 406, "Accept type image/png is not supported"),
    ],
)
def test_bad_requests_are_the_clients_fault(
    tmp_path: Path, body: bytes, content_type: str, accept: str, status: int, words: str
) -> None:
    pytest.importorskip("lightgbm")
    job = trained(tmp_path, "lightgbm", "binary")
    with pytest.raises(ClientError, match=words) as caught:
        programs("lightgbm")[1].load(job / "model", {}).invoke(body, content_type, accept)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"foo": 1}, "Extraneous hyperparameter found: foo"),
        ({"learning_rate": -1}, "Hyperparameter learning_rate: -1.0 is not in"),
        ({"learning_rate": "fast"}, "Hyperparameter learning_rate: could not parse value 'fast'"),
    ],
)
def test_bad_hyperparameters_are_named(
    tmp_path: Path, algorithm: str, settings: dict[str, Any], words: str
) -> None:
    if algorithm == "autogluon":
        settings, words = (
            ({"foo": 1}, "Extraneous hyperparameter found: foo")
            if "foo" in settings
            else ({"presets": "x"}, "presets")
        )
    job = deep_folder(
        tmp_path, QUICK[algorithm] | settings, {"train": ("text/csv", {"a.csv": parts("binary")[0]})}
    )
    with pytest.raises(AlgorithmError, match=words):
        programs(algorithm)[0].train(job)


@pytest.mark.parametrize(
    ("algorithm_name", "settings", "words"),
    [
        ("lightgbm", {"metric": "rmse"}, "metric: rmse does not fit objective binary"),
        (
            "lightgbm",
            {"is_unbalance": "True", "scale_pos_weight": 2},
            "either is_unbalance or scale_pos_weight",
        ),
        ("lightgbm", {"boosting": "rf", "bagging_freq": 0}, "boosting rf needs"),
        ("catboost", {"eval_metric": "RMSE"}, "eval_metric: RMSE does not fit the target"),
        ("catboost", {"max_bin": "many"}, r"max_bin: many is not in \['Auto', \[1, 65535\]\]"),
        ("tabtransformer", {"input_dim": 33}, "input_dim: 33 is not in"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    tmp_path: Path, algorithm_name: str, settings: dict[str, Any], words: str
) -> None:
    pytest.importorskip(NEEDS[algorithm_name])
    channels = {"train": ("text/csv", {"a.csv": b"1,2,3\n0,1,2\n" * 10})}
    with pytest.raises(AlgorithmError, match=words):
        programs(algorithm_name)[0].train(deep_folder(tmp_path, settings, channels))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.csv": b"y,a,b\n1,2,3\n0,1,2\n"}, "'a.csv', line 1: column 1 holds 'a'.*looks like a header"),
        ({"a.csv": b"1,2,3\n0,1\n"}, "'a.csv' cannot be read: line 2 has 2 columns, the first line has 3"),
        (
            {"a.csv": b"1,2,3\n0,1,2,3\n"},
            "'a.csv' cannot be read: line 2 has 4 columns, the first line has 3",
        ),
        ({"a.csv": b"1,2,3\n0,1,x\n"}, "line 2: column 2 holds 'x'.*categorical_index.json"),
        ({"a.csv": b"1,2,3\n,1,2\n"}, "line 2: the target .first column. is empty"),
        ({"a.csv": b"1\n0\n"}, "no feature is left beside the target"),
        ({"a.csv": b""}, "'train' holds no data: no CSV file under /opt/ml/input/data/train.$"),
        ({"a.csv": b"1,2\n0,1\n", "b.csv": b"1,2,3\n"}, "different numbers of columns"),
        ({"a.csv": b"1,2\n1,1\n" * 5}, "The target has one class only"),
        ({"a.csv": b"1,2\n0,1\n", "categorical_index.json": b"[1]"}, "cat_index_list"),
        (
            {"a.csv": b"1,2\n0,1\n", "categorical_index.json": b'{"cat_index_list": [0]}'},
            "column 0 is the target",
        ),
        ({"a.csv": b"1,2\n0,1\n", "categorical_index.json": b'{"cat_index_list": [7]}'}, "names column 7"),
    ],
)
def test_bad_data_say_what_is_wrong(tmp_path: Path, files: Files, words: str) -> None:
    pytest.importorskip("lightgbm")
    job = deep_folder(tmp_path, QUICK["lightgbm"], {"train": ("text/csv", files)})
    with pytest.raises(AlgorithmError, match=words):
        programs("lightgbm")[0].train(job)


def test_channels_may_be_laid_out_in_both_of_awss_ways(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    train, validation = parts("binary")
    two = trained(tmp_path / "two", "lightgbm", "binary")
    files = {
        "train/data.csv": train,
        "validation/data.csv": validation,
        "categorical_index.json": CATEGORIES,
    }
    one = deep_folder(tmp_path / "one", QUICK["lightgbm"], {"training": ("text/csv", files)})
    programs("lightgbm")[0].train(one)
    answers = [
        programs("lightgbm")[1].load(job / "model", {}).invoke(RED, "text/csv", "")[0] for job in (one, two)
    ]
    assert answers[0] == answers[1]
    for channels, words in (
        ({"test": ("text/csv", {"a.csv": train})}, "Missing required channel: training"),
        (
            {"train": ("text/csv", {"a.csv": train}), "test": ("text/csv", {"a.csv": train})},
            "Extraneous channel found: test",
        ),
        ({"train": ("application/x-parquet", {"a.csv": train})}, "not an accepted ContentType"),
    ):
        with pytest.raises(AlgorithmError, match=words):
            programs("lightgbm")[0].train(deep_folder(tmp_path / words[:7], {}, channels))


def test_without_validation_data_a_fifth_is_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("lightgbm")
    job = deep_folder(
        tmp_path,
        QUICK["lightgbm"],
        {
            "training": (
                "text/csv",
                {"data.csv": parts("binary")[0], "categorical_index.json": CATEGORIES},
            )
        },
    )
    programs("lightgbm")[0].train(job)
    assert "Train: 240 rows, 4 features; validation: 60 rows" in capsys.readouterr().out


def test_text_that_is_not_listed_is_a_category_where_the_algorithm_finds_the_kinds(tmp_path: Path) -> None:
    train, validation = parts("binary")
    job = deep_folder(
        tmp_path,
        {},
        {"training": ("text/csv", {"train/data.csv": train, "validation/data.csv": validation})},
    )
    data = read_tabular(read_channels(job), texts=True)
    assert data.categorical == [3]
    assert set(data.train.features[3]) == {"red", "green", "blue"}
    with pytest.raises(AlgorithmError, match=r"column 4 holds '\w+'.*categorical_index\.json"):
        read_tabular(read_channels(job))
    header = deep_folder(
        tmp_path / "header", {}, {"training": ("text/csv", {"a.csv": b"y,a,b\n1,2,x\n0,1,y\n"})}
    )
    with pytest.raises(AlgorithmError, match="looks like a header"):
        read_tabular(read_channels(header), texts=True)


def test_the_name_of_the_image_may_say_the_problem(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    registry = ImageRegistry(discover=False)
    for name, program in (
        ("lightgbm-regression-model:1", "train_regression"),
        ("lightgbm-classification-model:1", "train_classification"),
        ("lightgbm:regression", "train_regression"),
        ("lightgbm:latest", "train"),
    ):
        assert (registry.resolve(f"{REGISTRY}/{name}").train or "").endswith(f":{program}")
    job = deep_folder(tmp_path, QUICK["lightgbm"], {"train": ("text/csv", {"a.csv": b"1,2,3\n0,1,2\n" * 20})})
    programs("lightgbm")[0].train_regression(job)
    predictor = programs("lightgbm")[1].load(job / "model", {})
    assert set(json.loads(predictor.invoke(b"2,3\n", "text/csv", "")[0])) == {"prediction"}


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None)
    registry = ImageRegistry(discover=False)
    for name, extra in (("lightgbm", "trees"), ("catboost", "trees"), ("autogluon-tabular", "autogluon")):
        with pytest.raises(ValidationException, match=rf'pip install "smstudio-ext\[{extra}\]"'):
            registry.resolve(f"{REGISTRY}/{name}:latest")


def test_a_foreign_model_archive_is_refused(tmp_path: Path) -> None:
    for name in ("lightgbm", "catboost", "tabtransformer"):
        pytest.importorskip(NEEDS[name])
        folder = tmp_path / name
        folder.mkdir()
        with pytest.raises(ValueError, match=r"holds no tabular-metadata\.json"):
            programs(name)[1].load(folder, {})
        (folder / "tabular-metadata.json").write_text(
            json.dumps({"problem": "classification", "classes": [0, 1], "width": 2, "categorical": []})
        )
        (folder / programs(name)[0].MODEL).write_bytes(b"garbage")
        with pytest.raises(ValueError, match=r"is no|not"):
            programs(name)[1].load(folder, {})
