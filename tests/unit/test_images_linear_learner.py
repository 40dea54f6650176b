"""The linear-learner image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.linear_learner import losses, serve
from smstudio_ext.engine.images.linear_learner.parameters import LOSSES
from smstudio_ext.engine.images.linear_learner.train import train
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.formats import mxnet, recordio
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


def numeric_slope(name: str, margins: Any, labels: Any, values: dict[str, Any]) -> Any:
    out = np.zeros_like(margins)
    for at in np.ndindex(margins.shape):
        step = np.zeros_like(margins)
        step[at] = 1e-6
        up, _ = losses.evaluate(name, margins + step, labels, values, slope=False)
        down, _ = losses.evaluate(name, margins - step, labels, values, slope=False)
        out[at] = (up - down).sum() / 2e-6
    return out


@pytest.mark.parametrize(
    "name", [loss for group in LOSSES.values() for loss in group if loss != "hinge_loss"]
)
def test_slopes_of_losses_are_their_derivatives(name: str) -> None:
    generator = np.random.default_rng(0)
    values = {"quantile": 0.3, "huber_delta": 0.7, "loss_insensitivity": 0.2, "margin": 1.0}
    shape = (5, 2, 3) if name == "softmax_loss" else (5, 2)
    margins = generator.normal(size=shape)
    binary = name == "logistic"
    labels = (
        generator.integers(0, 2 if binary else 3, 5).astype(float)
        if binary or len(shape) > 2
        else generator.normal(size=5)
    )
    assert losses.evaluate(name, margins, labels, values)[1] == pytest.approx(
        numeric_slope(name, margins, labels, values), abs=1e-5
    )


def test_hinge_losses() -> None:
    values = {"margin": 1.0}
    loss, slope = losses.evaluate("hinge_loss", np.array([[0.4], [-2.0]]), np.array([1.0, 0.0]), values)
    assert loss.ravel() == pytest.approx([0.6, 0.0])
    assert slope.ravel().tolist() == [-1.0, 0.0]
    loss, slope = losses.evaluate("hinge_loss", np.array([[[0.5, 1.0, -1.0]]]), np.array([0.0]), values)
    assert loss.ravel() == pytest.approx([1.5])
    assert slope.ravel().tolist() == [-1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("loss", "metric", "most"),
    [
        ("squared_loss", "validation:mse", 0.05),
        ("absolute_loss", "validation:absolute_loss", 0.15),
        ("eps_insensitive_squared_loss", "validation:mse", 0.05),
        ("eps_insensitive_absolute_loss", "validation:absolute_loss", 0.15),
        ("huber_loss", "validation:mse", 0.05),
        ("quantile_loss", "validation:absolute_loss", 0.15),
    ],
)
def test_every_loss_of_a_regressor_learns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], loss: str, metric: str, most: float
) -> None:
    features, _ = table()
    target = features[:, 0] * 2 - (features[:, 1] - 500) / 100 + 7
    job = job_folder(
        tmp_path,
        {"predictor_type": "regressor", "loss": loss, "mini_batch_size": 30, "epochs": 30, "feature_dim": 3},
        {"train": channel(features[:300], target[:300]), "validation": channel(features[300:], target[300:])},
    )
    train(job)
    metrics = quality_metrics(capsys.readouterr().out, IMAGE)
    assert metrics[metric] < most
    assert metrics["validation:objective_loss:final"] >= 0
    assert metrics["train:objective_loss"] >= 0
    assert metrics["train:progress"] > 0


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
@pytest.mark.parametrize("loss", ["logistic", "hinge_loss"])
def test_optimizers_and_binary_losses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], optimizer: str, loss: str
) -> None:
    features, labels = table()
    job = job_folder(
        tmp_path,
        {
            "predictor_type": "binary_classifier",
            "loss": loss,
            "optimizer": optimizer,
            "mini_batch_size": 50,
            "lr_scheduler_step": 10,
            "lr_scheduler_factor": 0.95,
            "num_models": 4,
        },
        {"train": channel(features, labels.astype(int)), "test": channel(features, labels.astype(int))},
    )
    train(job)
    assert quality_metrics(capsys.readouterr().out, IMAGE)["test:binary_classification_accuracy"] > 0.95
    rows = json.loads(serve.load(job / "model", {}).invoke(b"5,500,3\n-5,500,3", "text/csv", "")[0])[
        "predictions"
    ]
    assert [row["predicted_label"] for row in rows] == [1, 0]


def rare(rows: int = 3000) -> tuple[Any, Any]:
    generator = np.random.default_rng(4)
    features = generator.normal(size=(rows, 3))
    return features, (features[:, 0] + generator.normal(size=rows) > 2.2).astype(int)


def test_criteria_choose_the_threshold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    features, labels = rare()
    found = {}
    for criterion, more in (
        ("accuracy", {}),
        ("f1", {}),
        ("precision_at_target_recall", {"target_recall": 0.9}),
        ("recall_at_target_precision", {"target_precision": 0.9}),
        ("loss_function", {"positive_example_weight_mult": "balanced"}),
    ):
        job = job_folder(
            tmp_path / criterion,
            {
                "predictor_type": "binary_classifier",
                "binary_classifier_model_selection_criteria": criterion,
                "mini_batch_size": 200,
            }
            | more,
            {"train": channel(features, labels), "validation": channel(features, labels)},
        )
        train(job)
        found[criterion] = quality_metrics(capsys.readouterr().out, IMAGE)
    assert found["precision_at_target_recall"]["validation:recall"] >= 0.9
    assert found["recall_at_target_precision"]["validation:precision"] >= 0.9
    assert found["f1"]["validation:binary_f_beta"] >= found["accuracy"]["validation:binary_f_beta"]
    assert found["accuracy"]["validation:binary_classification_accuracy"] > 0.93
    # balanced weights, threshold 0.5: both classes are told about equally well
    assert found["loss_function"]["validation:balanced_accuracy"] > 0.75
    assert found["loss_function"]["validation:recall"] > found["accuracy"]["validation:recall"] + 0.3


def test_balanced_classes_missing_values_and_sparse_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = np.random.default_rng(6)
    features = generator.normal(size=(2000, 4)).astype(np.float32)
    labels = np.digitize(features[:, 0] + 0.5 * generator.normal(size=2000), [-2.0, 2.0]).astype(np.float32)
    base = {"predictor_type": "multiclass_classifier", "num_classes": 3, "mini_batch_size": 100}
    recalls = []
    for balance in ("false", "true"):
        job = job_folder(
            tmp_path / balance,
            base | {"balance_multiclass_weights": balance},
            {
                "train": (
                    "application/x-recordio-protobuf",
                    recordio.write_sparse(csr_matrix(features), labels),
                )
            },
        )
        train(job)
        metrics = quality_metrics(capsys.readouterr().out, IMAGE)
        recalls.append(metrics["train:macro_recall"])
        assert {"train:dcg", "train:multiclass_top_k_accuracy", "train:macro_f_beta"} <= metrics.keys()
    assert recalls[1] > recalls[0]
    features[::7, 2] = np.nan
    lines = b"".join(
        (f"{label}," + ",".join("" if np.isnan(cell) else repr(float(cell)) for cell in row) + "\n").encode()
        for label, row in zip(labels, features, strict=True)
    )
    job = job_folder(tmp_path / "gaps", base, {"train": ("text/csv", lines)})
    train(job)
    assert "each counts as the mean of its feature" in capsys.readouterr().out
    assert serve.load(job / "model", {}).invoke(b"0,0,,0", "text/csv", "")[0]
    with pytest.raises(ClientError, match="the model was trained without any"):
        serve.load(tmp_path / "true/model", {}).invoke(b"0,0,,0", "text/csv", "")


def test_files_have_the_layout_of_aws(tmp_path: Path) -> None:
    features, labels = table()
    job = job_folder(tmp_path, BINARY, {"train": channel(features, labels.astype(int))})
    train(job)
    found = mxnet.read_archive((job / "model/model_algo-1").read_bytes())
    assert found.names == [
        "additional-params.json",
        "manifest.json",
        "mx-mod-0000.params",
        "mx-mod-symbol.json",
    ]
    assert sorted(found.arrays) == ["arg:fc0_bias", "arg:fc0_weight"]
    assert found.array("fc0_weight").shape == (3, 1)
    facts = found.documents["additional-params.json"]
    assert (facts["predictor_type"], facts["loss_type"]) == ("binary_classifier", "logistic")
    # a file with nothing but what AWS's container writes, weights for data as they come
    params = mxnet.write({"arg:fc0_weight": np.array([[2.0], [-1.0]]), "arg:fc0_bias": np.array([[0.5]])})
    members = {
        "mx-mod-symbol.json": json.dumps(found.symbol).encode(),
        "manifest.json": json.dumps(found.documents["manifest.json"]).encode(),
        "additional-params.json": json.dumps(facts | {"threshold": 0.7}).encode(),
        "mx-mod-0000.params": params,
    }
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws/model_algo-1").write_bytes(mxnet.write_archive(members))
    rows = json.loads(
        serve.load(tmp_path / "aws", {}).invoke(b"1,1.5\n0,0", "text/csv", "application/json")[0]
    )
    scores_found = [row["score"] for row in rows["predictions"]]
    assert scores_found == pytest.approx([1 / (1 + np.exp(-1.0)), 1 / (1 + np.exp(-0.5))])
    assert [row["predicted_label"] for row in rows["predictions"]] == [1, 0]


def test_noise_of_mini_batches_does_not_stay_in_the_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(11)
    features = random.normal(size=(4000, 20)).astype(np.float32)
    chance = 1 / (1 + np.exp(-features @ random.normal(0, 0.3, 20)))
    labels = (random.random(4000) < chance).astype(np.float32)
    best = LogisticRegression(C=1e6).fit(features, labels).predict_proba(features)[:, 1]
    least = scores.log_loss(labels.astype(int), best)
    settings = {
        "predictor_type": "binary_classifier",
        "num_models": 1,
        "wd": 0,
        "l1": 0,
        "mini_batch_size": 20,
        "epochs": 60,
    }
    rows = ("application/x-recordio-protobuf", recordio.write_dense(features, labels))
    train(job_folder(tmp_path, settings | {"learning_rate": 0.1}, {"train": rows}))
    metrics = quality_metrics(capsys.readouterr().out, IMAGE)
    assert metrics["train:log_loss"] < least * 1.03  # the last state of an epoch: 1.12
