"""The XGBoost image: training, cross-validation, answers, bad input."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.xgboost import models, serve
from smstudio_ext.engine.images.xgboost.train import train, train_pickled
from smstudio_ext.formats import recordio
from tests.unit.jobfolders import csv_bytes, final_metrics, job_folder

RECORDIO = "application/x-recordio-protobuf"
BINARY = {"objective": "binary:logistic", "num_round": 8, "max_depth": 3, "nthread": 1}


def table(rows: int = 300, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 4)).astype(np.float32)
    return features, ((features[:, 0] + features[:, 1] ** 2) > 0.8).astype(int)


def as_csv(features: Any, labels: Any) -> tuple[str, bytes]:
    return "text/csv", csv_bytes(labels, *features.T)


def two_channels(seed: int = 0) -> dict[str, tuple[str, bytes]]:
    features, labels = table(seed=seed)
    return {"train": as_csv(features[:200], labels[:200]), "validation": as_csv(features[200:], labels[200:])}


def test_training_prints_rounds_and_writes_a_booster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = job_folder(tmp_path, BINARY | {"eval_metric": "auc,f1,accuracy,logloss"}, two_channels())
    train(job)
    output = capsys.readouterr().out
    lines = [line for line in output.splitlines() if "#011" in line]
    assert len(lines) == 8
    assert lines[0].startswith("[0]#011train-auc:")
    metrics = final_metrics(output)
    assert set(metrics) == {
        f"{part}:{name}" for part in ("train", "validation") for name in ("auc", "f1", "accuracy", "logloss")
    }
    assert metrics["validation:auc"] > 0.8
    booster = xgb.Booster(model_file=str(job / "model/xgboost-model"))
    assert booster.num_boosted_rounds() == 8


def test_final_metrics_are_those_of_every_round_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for name, more in (("each", {}), ("once", {"_final_metrics": "true"})):
        settings = BINARY | {"eval_metric": "auc,f1,accuracy,logloss"} | more
        train(job_folder(tmp_path / name, settings, two_channels()))
        output = capsys.readouterr().out
        found[name] = final_metrics(output)
    assert found["once"] == pytest.approx(found["each"], abs=1e-5)
    lines = [line for line in output.splitlines() if "#011" in line]
    assert [line.count("#011") for line in lines] == [1] * 8 + [8]
    assert lines[0].startswith("[0]#011validation-logloss:")


def test_old_names_still_train(tmp_path: Path) -> None:
    job = job_folder(
        tmp_path,
        {"objective": "reg:linear", "num_round": 2, "silent": 0, "tree_method": "auto"},
        two_channels(),
    )
    train(job)
    assert serve.load(job / "model", {}).invoke(b"1,2,3,4", "text/csv", "")[1] == "text/csv"


def test_old_versions_write_a_pickle_that_serves(tmp_path: Path) -> None:
    job = job_folder(tmp_path, BINARY, two_channels())
    train_pickled(job)
    assert isinstance(pickle.loads((job / "model/xgboost-model").read_bytes()), xgb.Booster)
    body, _ = serve.load_with_commas(job / "model", {}).invoke(b"1,2,3,4\n0,0,0,0\n", "text/csv", "")
    assert len(body.decode().split(",")) == 2


def test_early_stopping_keeps_the_best_round(tmp_path: Path) -> None:
    job = job_folder(
        tmp_path, BINARY | {"num_round": 500, "eta": 1, "early_stopping_rounds": 5}, two_channels()
    )
    train(job)
    assert xgb.Booster(model_file=str(job / "model/xgboost-model")).num_boosted_rounds() < 100


def test_early_stopping_without_validation_data_trains_every_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = job_folder(tmp_path, BINARY | {"early_stopping_rounds": 1}, {"train": as_csv(*table())})
    train(job)
    assert xgb.Booster(model_file=str(job / "model/xgboost-model")).num_boosted_rounds() == 8
    assert "without a validation channel every round is trained" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["libsvm", "recordio", "sparse", "parquet", "weights"])
def test_every_format_trains_alike(tmp_path: Path, kind: str) -> None:
    features, labels = table()
    extra: dict[str, Any] = {}
    if kind == "libsvm":
        rows = [
            f"{y} " + " ".join(f"{at}:{v}" for at, v in enumerate(row))
            for y, row in zip(labels, features, strict=True)
        ]
        content = ("text/libsvm", "\n".join(rows).encode())
    elif kind == "recordio":
        content = (RECORDIO, recordio.write_dense(features, labels.astype(np.float32)))
    elif kind == "sparse":
        from scipy import sparse

        content = (RECORDIO, recordio.write_sparse(sparse.csr_matrix(features), labels.astype(np.float32)))
    elif kind == "parquet":
        import io

        import pandas as pd

        stream = io.BytesIO()
        pd.DataFrame({"y": labels} | {f"x{at}": column for at, column in enumerate(features.T)}).to_parquet(
            stream
        )
        content = ("application/x-parquet", stream.getvalue())
    else:
        content = ("text/csv; label_size=1", csv_bytes(labels, np.ones(len(labels)), *features.T))
        extra = {"csv_weights": 1}
    job = job_folder(tmp_path / kind, BINARY | extra, {"train": content})
    train(job)
    plain = job_folder(tmp_path / "plain", BINARY, {"train": as_csv(features, labels)})
    train(plain)
    body = b"1.5,0,0.25,-1"
    mine = float(serve.load(job / "model", {}).invoke(body, "text/csv", "")[0])
    assert mine == pytest.approx(
        float(serve.load(plain / "model", {}).invoke(body, "text/csv", "")[0]), abs=1e-4
    )


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("", b"1 0:1 1:2\n0 0:3 1:1\n"),
        ("libsvm", b"1 0:1 1:2\n0 0:3 1:1\n"),
        ("", b"1,1,2\n0,3,1\n"),
        ("csv", b"1,1,2\n0,3,1\n"),
    ],
)
def test_short_and_absent_content_types_are_understood(tmp_path: Path, kind: str, content: bytes) -> None:
    job = job_folder(tmp_path, BINARY, {"train": (kind, content)})
    train(job)
    assert serve.load(job / "model", {}).invoke(b"1,2", "text/csv", "")[0]


def test_cross_validation_averages_folds_and_keeps_its_threshold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = BINARY | {
        "_kfold": 3,
        "_num_cv_round": 2,
        "eval_metric": "f1_binary,accuracy,auc,balanced_accuracy,precision,recall,inference_latency,logloss",
        "_threshold_metric": "f1_binary",
        "early_stopping_rounds": 5,
        "num_round": 60,
    }
    job = job_folder(tmp_path, settings, two_channels())
    train(job)
    metrics = final_metrics(capsys.readouterr().out)
    assert metrics["validation:f1_binary"] > 0.7
    assert 0 < metrics["validation:inference_latency"] < 1
    assert sorted(path.name for path in (job / "model").iterdir()) == [f"xgboost-model-{n}" for n in range(6)]
    boosters = models.load(job / "model")
    row = np.array([[1.0, 2, 3, 4]], dtype=np.float32)
    mean = np.mean([float(booster.inplace_predict(row)[0]) for booster in boosters])
    predictor = serve.load(job / "model", {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability"})
    label, probability = predictor.invoke(b"1,2,3,4", "text/csv", "")[0].decode().strip().split(",")
    assert float(probability) == pytest.approx(mean, abs=1e-6)
    threshold = float(boosters[0].attr("smstudio_threshold") or 0)
    assert 0 < threshold < 1
    assert int(label) == int(mean > threshold)


def test_multiclass_and_regression_report_their_metrics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features, labels = table()
    three = labels + (features[:, 2] > 0.5)
    job = job_folder(
        tmp_path / "multi",
        {
            "objective": "multi:softprob",
            "num_class": 3,
            "num_round": 5,
            "eval_metric": "accuracy,f1_macro,mlogloss",
            "_kfold": 3,
        },
        {"train": as_csv(features, three)},
    )
    train(job)
    assert final_metrics(capsys.readouterr().out)["validation:accuracy"] > 0.6
    body, kind = serve.load(job / "model", {}).invoke(b"1,2,3,4\n4,3,2,1\n", "text/csv", "application/json")
    scores = [row["score"] for row in json.loads(body)["predictions"]]
    assert kind == "application/json"
    np.testing.assert_allclose(np.sum(scores, axis=1), 1, atol=1e-6)
    lines = serve.load(job / "model", {}).invoke(b"1,2,3,4\n", "text/csv", "text/csv")[0]
    assert [float(cell) for cell in lines.decode().strip().split(",")] == scores[0]
    # In transform jobs AWS's container writes the row as a list.
    batch = serve.load(job / "model", {"SAGEMAKER_BATCH": "true"}).invoke(b"1,2,3,4\n", "text/csv", "")[0]
    assert json.loads(batch) == scores[0]
    job = job_folder(
        tmp_path / "reg",
        {"objective": "reg:squarederror", "num_round": 20, "eval_metric": "mse,rmse,mae,r2"},
        {
            "train": as_csv(features[:200], features[:200, 0] * 3),
            "validation": as_csv(features[200:], features[200:, 0] * 3),
        },
    )
    train(job)
    metrics = final_metrics(capsys.readouterr().out)
    assert metrics["validation:mse"] == pytest.approx(metrics["validation:rmse"] ** 2, rel=1e-2)
    assert metrics["validation:r2"] > 0.8


def served(tmp_path: Path, env: dict[str, str]) -> serve.XGBoostPredictor:
    job = job_folder(tmp_path, BINARY, two_channels())
    train(job)
    return serve.load(job / "model", env)


def test_answers_have_aws_forms(tmp_path: Path) -> None:
    predictor = served(tmp_path, {})
    two = b"1,2,3,4\n0,0,,0\n"
    plain = predictor.invoke(two, "text/csv", "*/*")
    assert plain[1] == "text/csv"
    assert plain[0].count(b"\n") == 2
    assert plain[0].endswith(b"\n")
    commas = serve.load_with_commas(tmp_path / "model", {}).invoke(two, "text/csv", "")[0]
    assert commas == plain[0].strip().replace(b"\n", b",")
    batch = serve.load(tmp_path / "model", {"SAGEMAKER_BATCH": "true"}).invoke(two, "text/csv", "")[0]
    assert batch.count(b"\n") == 2
    lines = predictor.invoke(two, "text/csv", "application/jsonlines")[0].splitlines()
    assert all("score" in json.loads(line) for line in lines)
    keys = serve.load(
        tmp_path / "model", {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability,probabilities"}
    )
    label, probability, both = keys.invoke(b"1,2,3,4", "text/csv", "")[0].decode().strip().split(",", 2)
    assert label in ("0", "1")
    assert sum(json.loads(both.strip('"'))) == pytest.approx(1)
    assert 0 <= float(probability) <= 1


def test_every_request_format_gives_the_same_answer(tmp_path: Path) -> None:
    predictor = served(tmp_path, {})
    expected = float(predictor.invoke(b"1,2,3,4", "text/csv; charset=utf-8", "")[0])
    row = np.array([[1, 2, 3, 4]], dtype=np.float32)
    for body, kind in (
        (b"0:1 1:2 2:3 3:4", "text/libsvm"),
        (recordio.write_dense(row), RECORDIO),
        (b'{"instances": [{"features": [1, 2, 3, 4]}]}', "application/json"),
        (b"[[1, 2, 3, 4]]", "application/json"),
        (b'{"data": {"features": {"values": [1, 2, 3, 4]}}}\n', "application/jsonlines"),
    ):
        assert float(predictor.invoke(body, kind, "")[0]) == pytest.approx(expected, abs=1e-6), kind


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"", "text/csv", 400, "empty"),
        (
            b"1,2,x,4",
            "text/csv",
            415,
            "Loading csv data failed with Exception[^$]*column 3: 'x' is not a number",
        ),
        (
            b"1,2",
            "text/csv",
            400,
            "Feature size of csv inference data 2 is not consistent with feature size of trained model 4",
        ),
        (b"1,2,3,4\n1,2\n", "text/csv", 415, "Row 2 has 2 columns"),
        (b"\xff\xfe", "text/csv", 415, "not UTF-8"),
        (b"{", "application/json", 415, "JSON"),
        (b'{"instances": []}', "application/json", 415, "no instance"),
        (b'{"instances": [{"features": ["a"]}]}', "application/json", 415, "numeric lists"),
        (b"junk", RECORDIO, 415, "record"),
        (b"1", "image/png", 415, "not supported"),
    ],
)
def test_bad_requests_are_the_clients_fault(
    tmp_path: Path, body: bytes, kind: str, status: int, words: str
) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        served(tmp_path, {}).invoke(body, kind, "")
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"num_round": "ten"}, "Hyperparameter num_round: could not parse value 'ten'"),
        ({"num_round": 0}, r"Hyperparameter num_round: 0 is not in \[1, \+inf\)"),
        ({"num_round": None}, "Missing required hyperparameter: num_round"),
        ({"eta": 1.5}, r"Hyperparameter eta: 1.5 is not in \[0, 1\]"),
        ({"learning_speed": 1}, "Extraneous hyperparameter found: learning_speed"),
        ({"objective": "binary:magic"}, "objective: binary:magic is not in"),
        ({"objective": "multi:softmax"}, "num_class"),
        ({"eval_metric": "f2"}, "Hyperparameter eval_metric"),
        ({"objective": "reg:squarederror", "eval_metric": "f1"}, "needs a classification objective"),
        ({"objective": "multi:softmax", "num_class": 2, "_x": 1}, "Extraneous"),
    ],
)
def test_bad_hyperparameters_are_named(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    merged = {name: value for name, value in (BINARY | settings).items() if value is not None}
    with pytest.raises(AlgorithmError, match=words):
        train(job_folder(tmp_path, merged, two_channels()))


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"target,a,b\n1,2,3\n", "text/csv", "Non-numeric value 'target' found in the header line"),
        (b"1,2,3\n0,1\n1,2,3,4\n", "text/csv", "line 2: the row has 2 columns, the first row has 3"),
        (b"1,2,3\n0,1,2\n1,two,4\n", "text/csv", "line 3, column 2 holds 'two'"),
        (b"", "text/csv", "empty"),
        (b"1\n0\n", "text/csv", "no feature"),
        (b"5,2,3\n1,2,3\n", "text/csv", r"label must be in \[0,1\] for logistic regression"),
        (b",2,3\n1,2,3\n", "text/csv", "row 1 has no label"),
        (b"1 a:b\n", "text/libsvm", "libsvm"),
        (b"PAR1", "application/x-parquet", "Parquet"),
        (b"x", RECORDIO, "RecordIO file"),
        (b"1,2\n", "image/jpeg", "not an accepted ContentType"),
    ],
)
def test_bad_data_say_what_is_wrong(tmp_path: Path, content: bytes, kind: str, words: str) -> None:
    with pytest.raises(AlgorithmError, match=words):
        train(job_folder(tmp_path, BINARY, {"train": (kind, content)}))


def test_missing_channel_and_model_are_named(tmp_path: Path) -> None:
    with pytest.raises(AlgorithmError, match="Missing required channel: train"):
        train(job_folder(tmp_path / "a", BINARY, {"validation": as_csv(*table())}))
    (tmp_path / "empty").mkdir()
    with pytest.raises(models.ModelError, match="no 'xgboost-model' file"):
        serve.load(tmp_path / "empty", {})
    (tmp_path / "empty/xgboost-model").write_bytes(b"garbage")
    with pytest.raises(models.ModelError, match="no model that xgboost"):
        serve.load(tmp_path / "empty", {})
    with pytest.raises(ValueError, match="SAGEMAKER_INFERENCE_OUTPUT names nonsense"):
        served(tmp_path / "b", {"SAGEMAKER_INFERENCE_OUTPUT": "nonsense"})
