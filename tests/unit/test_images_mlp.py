"""Autopilot's mlp image: three problem types, cross-validation, categories, response keys, bad settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.heldout import NAME, HeldOut
from smstudio_ext.engine.images.mlp.serve import load
from smstudio_ext.formats import recordio
from tests.unit.jobfolders import job_folder

pytest.importorskip("torch")

from smstudio_ext.engine.images.mlp.train import train

RECORDIO = "application/x-recordio-protobuf"


def data(problem: str, rows: int = 240) -> tuple[Any, Any]:
    """Codes 0 to 3 in the first column, numbers in two more; the target follows from both."""
    rng = np.random.default_rng(1)
    features = np.column_stack([rng.integers(0, 4, rows), rng.normal(50, 10, (rows, 2))]).astype(np.float32)
    value = (features[:, 0] == 2) * 2 + (features[:, 1] - 50) / 10
    if problem == "regression":
        return features, (value * 100 + 1000).astype(np.float32)
    cuts = [1.0] if problem == "binary_classification" else [0.0, 1.0]
    return features, np.digitize(value, cuts).astype(np.float32)


def run(root: Path, problem: str, validation: bool = True, **parameters: str) -> Path:
    features, labels = data(problem)
    channels = {"train": (RECORDIO, recordio.write_dense(features[:180], labels[:180]))}
    if validation:
        channels["validation"] = (RECORDIO, recordio.write_dense(features[180:], labels[180:]))
    given = {"problem_type": problem, "num_classes": "3", "layers": "16", "learning_rate": "0.01"}
    job = job_folder(root, given | {"epochs": "25", "dropout_prob": "0"} | parameters, channels)
    train(job)
    return job


@pytest.mark.parametrize("problem", ["binary_classification", "multiclass_classification"])
def test_classes_are_learned_and_answered_by_key(tmp_path: Path, problem: str) -> None:
    job = run(
        tmp_path,
        problem,
        num_categorical_features="1",
        network_type="widedeep",
        _kfold="2",
        _threshold_metric="accuracy",
    )
    keys = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability,probabilities"}
    features, labels = data(problem)
    body = recordio.write_dense(features)
    answer, kind = load(job / "model", keys).invoke(body, RECORDIO, "application/jsonlines")
    assert kind == "application/jsonlines"
    rows = [json.loads(line) for line in answer.splitlines()]
    assert np.mean([row["predicted_label"] == label for row, label in zip(rows, labels, strict=True)]) > 0.85
    assert sum(rows[0]["probabilities"]) == pytest.approx(1)
    held = HeldOut.read(job / "output/data" / NAME)
    assert len(held.truth) == 240
    assert set(held.folds) == {0, 1}


def test_regression_keeps_the_units_of_the_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = run(tmp_path, "regression", activation="tanh", use_batchnorm="false", mini_batch_size="16")
    features, labels = data("regression")
    answer, _ = load(job / "model", {}).invoke(recordio.write_dense(features), RECORDIO, "text/csv")
    predicted = np.array([float(line) for line in answer.splitlines()])
    assert np.corrcoef(predicted, labels)[0, 1] > 0.9
    assert abs(predicted.mean() - labels.mean()) < 50
    printed = capsys.readouterr().out
    assert "validation mse <loss>=" in printed
    assert "validation inference_latency <loss>=" in printed


def test_without_a_validation_channel_rows_are_held_out(tmp_path: Path) -> None:
    job = run(tmp_path, "binary_classification", validation=False, positive_example_weight_mult="balanced")
    assert len(HeldOut.read(job / "output/data" / NAME).truth) == 36


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"layers": "wide"}, "layers: 'wide' is no list"),
        ({"num_categorical_features": "9"}, "num_categorical_features is 9; the data have 3 features"),
        ({"network_type": "round"}, "network_type"),
    ],
    ids=["layers", "categories", "network"],
)
def test_bad_settings_say_what_is_wrong(tmp_path: Path, parameters: dict[str, str], words: str) -> None:
    with pytest.raises(AlgorithmError, match=words):
        run(tmp_path, "binary_classification", **parameters)


def test_a_strange_model_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no model_algo-1"):
        load(tmp_path, {})
    (tmp_path / "model_algo-1").write_bytes(b"{}")
    with pytest.raises(ValueError, match="no model of this engine's mlp image"):
        load(tmp_path, {})
