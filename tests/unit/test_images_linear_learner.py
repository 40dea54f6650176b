"""The linear-learner image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.linear_learner import serve
from smstudio_ext.engine.images.linear_learner.train import train
from smstudio_ext.engine.images.registry import ImageRegistry
from tests.unit.jobfolders import csv_bytes, job_folder, quality_metrics

IMAGE = ImageRegistry(discover=False).resolve("linear-learner:1")
BINARY = {"predictor_type": "binary_classifier", "mini_batch_size": 50, "epochs": 30, "learning_rate": 0.05}


def table(rows: int = 400) -> Any:
    features = np.random.default_rng(3).normal(size=(rows, 3)) * [1, 100, 0.01] + [0, 500, 3]
    return features, (features[:, 0] * 2 + (features[:, 1] - 500) / 100) > 0.3


def channel(features: Any, labels: Any) -> tuple[str, bytes]:
    return "text/csv", csv_bytes(labels, *features.T)


def test_binary_model_learns_and_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    features, labels = table()
    codes = labels.astype(int)
    job = job_folder(
        tmp_path,
        BINARY | {"binary_classifier_model_selection_criteria": "f_beta", "wd": "auto", "loss": "logistic"},
        {"train": channel(features[:300], codes[:300]), "validation": channel(features[300:], codes[300:])},
    )
    train(job)
    metrics = quality_metrics(capsys.readouterr().out, IMAGE)
    assert metrics["validation:roc_auc_score"] > 0.98
    assert metrics["validation:binary_f_beta"] > 0.9
    body, kind = serve.load(job / "model", {}).invoke(b"5,500,3\n-5,500,3\n", "text/csv", "")
    assert kind == "application/json"
    assert [row["predicted_label"] for row in json.loads(body)["predictions"]] == [1, 0]
    keys = serve.load(
        job / "model",
        {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"},
    )
    assert keys.invoke(b"5,500,3\n-5,500,3\n", "text/csv", "*/*") == (b"1\n0\n", "text/csv")


def test_multiclass_and_regression_cross_validate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    features, _ = table()
    three = np.digitize(features[:, 0], [-0.5, 0.5])
    job = job_folder(
        tmp_path / "multi",
        {
            "predictor_type": "multiclass_classifier",
            "num_classes": 3,
            "_kfold": 4,
            "epochs": 40,
            "learning_rate": 0.1,
            "mini_batch_size": 50,
        },
        {"train": channel(features, three)},
    )
    train(job)
    assert quality_metrics(capsys.readouterr().out, IMAGE)["validation:multiclass_accuracy"] > 0.8
    assert len(json.loads((job / "model/model_algo-1").read_text())["models"]) == 4
    job = job_folder(
        tmp_path / "reg",
        {
            "predictor_type": "regressor",
            "_kfold": 3,
            "epochs": 60,
            "learning_rate": 0.05,
            "mini_batch_size": 40,
        },
        {"train": channel(features, features[:, 0] * 1000 + 1e6)},
    )
    train(job)
    metrics = quality_metrics(capsys.readouterr().out, IMAGE)
    assert metrics["validation:r2"] > 0.95
    answer = json.loads(serve.load(job / "model", {}).invoke(b"1,500,3", "text/csv", "")[0])
    assert answer["predictions"][0]["score"] == pytest.approx(1_001_000, rel=2e-3)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, r"No value\(s\) were specified for 'predictor_type' which are required hyperparameter\(s\)"),
        ({"predictor_type": "multiclass_classifier"}, "'num_classes' which are required"),
        ({"predictor_type": "multiclass_classifier", "num_classes": 2}, "an integer between 3 and 1000000"),
        (BINARY | {"loss": "squared_loss"}, "accepts one of the following for predictor_type binary"),
        (BINARY | {"wd": -1}, "The value '-1' is not valid for the 'wd' hyperparameter"),
        (BINARY | {"epochs": "many"}, "The value 'many' is not valid for the 'epochs' hyperparameter"),
        (BINARY | {"init_method": "zero"}, "accepts one of the following: 'uniform', 'normal'"),
        (BINARY | {"colour": 1}, r"Additional hyperparameters are not allowed \('colour' was unexpected\)"),
    ],
)
def test_bad_hyperparameters_are_named(tmp_path: Path, settings: dict[str, Any], words: str) -> None:
    features, labels = table(50)
    with pytest.raises(AlgorithmError, match=words):
        train(job_folder(tmp_path, settings, {"train": channel(features, labels.astype(int))}))


def test_bad_labels_requests_and_models_are_refused(tmp_path: Path) -> None:
    features, labels = table(60)
    with pytest.raises(AlgorithmError, match="whole numbers from 0 to 1"):
        train(job_folder(tmp_path / "a", BINARY, {"train": channel(features, labels + 1.5)}))
    job = job_folder(tmp_path / "b", BINARY, {"train": channel(features, labels.astype(int))})
    train(job)
    with pytest.raises(ClientError, match="Feature size of the request is 2"):
        serve.load(job / "model", {}).invoke(b"1,2", "text/csv", "")
    (job / "model/model_algo-1").write_bytes(b"\x80\x02")
    with pytest.raises(ValueError, match="neither AWS's archive nor"):
        serve.load(job / "model", {})


def test_scores_agree_with_scikit_learn() -> None:
    from sklearn import metrics as sk

    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 500)
    score = np.round(np.clip(truth * 0.3 + rng.random(500) * 0.7, 0.001, 0.999), 2)
    found = scores.classification_scores(truth, score, 0.5)
    hard = (score > 0.5).astype(int)
    assert found["auc"] == pytest.approx(sk.roc_auc_score(truth, score))
    assert found["f1_binary"] == pytest.approx(sk.f1_score(truth, hard))
    assert found["f1_macro"] == pytest.approx(sk.f1_score(truth, hard, average="macro"))
    assert found["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(truth, hard))
    assert found["logloss"] == pytest.approx(sk.log_loss(truth, score))
    best = scores.best_threshold(truth, score, "f1_binary")
    every = max(sk.f1_score(truth, score > cut) for cut in np.unique(score))
    assert sk.f1_score(truth, score > best) == pytest.approx(every)
    three = rng.integers(0, 3, 300)
    wide = rng.dirichlet(np.ones(3), 300)
    found = scores.classification_scores(three, wide)
    assert found["mlogloss"] == pytest.approx(sk.log_loss(three, wide))
    assert found["recall_macro"] == pytest.approx(sk.recall_score(three, wide.argmax(1), average="macro"))
    assert found["precision_macro"] == pytest.approx(
        sk.precision_score(three, wide.argmax(1), average="macro")
    )
