"""XGBoost hyperparameters: AWS's checks and messages, old names, checkpoints, stopping, channels, formats, answers."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.images.xgboost import serve
from smstudio_ext.engine.images.xgboost.parameters import parse_settings
from smstudio_ext.engine.images.xgboost.rounds import SaveCheckpoints
from smstudio_ext.engine.images.xgboost.train import train
from smstudio_ext.formats import recordio, write_libsvm
from tests.conftest import eventually
from tests.unit.jobfolders import csv_bytes, final_metrics, job_folder

BASE = {"num_round": 3, "max_depth": 2, "nthread": 1}


def rows(count: int = 200, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, 4)).astype(np.float32)
    return features, (features[:, 0] > 0).astype(int)


def channels(labels: Any = None) -> dict[str, tuple[str, bytes]]:
    features, made = rows()
    chosen = made if labels is None else labels
    return {
        "train": ("text/csv", csv_bytes(chosen[:150], *features[:150].T)),
        "validation": ("text/csv", csv_bytes(chosen[150:], *features[150:].T)),
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"num_round": "0"}, r"Hyperparameter num_round: 0 is not in \[1, \+inf\)"),
        ({"subsample": "0"}, r"Hyperparameter subsample: 0.0 is not in \(0, 1\]"),
        ({"sketch_eps": "1"}, r"Hyperparameter sketch_eps: 1.0 is not in \(0, 1\)"),
        ({"tweedie_variance_power": "2"}, r"is not in \(1, 2\)"),
        ({"booster": "tree"}, r"Hyperparameter booster: tree is not in \['gbtree', 'gblinear', 'dart'\]"),
        ({"num_round": "many"}, "Hyperparameter num_round: could not parse value"),
        ({"epochs": "3"}, "Extraneous hyperparameter found: epochs"),
        ({"objective": "multi:softprob"}, "Require input for parameter 'num_class' for multi-classification"),
        ({"objective": "binary:logistic", "num_class": "3"}, "Do not need to setup parameter 'num_class'"),
        (
            {"monotone_constraints": "(1,0)"},
            "only when the tree_method parameter is set to either 'exact' or 'hist'",
        ),
        ({"monotone_constraints": "(2,0)", "tree_method": "hist"}, "monotone_constraints: value"),
        ({"interaction_constraints": "[[0,1]]"}, "either 'exact', 'hist' or 'approx'"),
        ({"interaction_constraints": "[0]", "tree_method": "hist"}, "interaction_constraints: value"),
        ({"booster": "gblinear", "updater": "prune"}, "Linear updater should be one of these options"),
        (
            {"process_type": "update", "updater": "grow_colmaker"},
            "can only be used with updater 'refresh' and 'prune'",
        ),
        ({"updater": "grow_colmaker,grow_histmaker"}, "Only one tree grow plugin can be selected"),
        ({"updater": "axe"}, "Tree updater should be selected from these options"),
        ({"eval_metric": "error@x"}, "Threshold value 't' in 'error@t' expects float input"),
        ({"eval_metric": "rmse@1"}, "customized threshold should be one of these options"),
        ({"eval_metric": "<function f>"}, "User defined evaluation metric"),
        ({"eval_metric": "aft-nloglik"}, "can only be applied for 'survival:aft'"),
        ({"eval_metric": "auc"}, "Metric 'auc' can only be applied for classification and ranking problems"),
        ({"use_dask_gpu_training": "true"}, "unsuitable for Dask GPU training"),
    ],
)
def test_bad_values_have_aws_messages(given: dict[str, str], words: str) -> None:
    with pytest.raises(AlgorithmError, match=words):
        parse_settings({"num_round": "2"} | given)


def test_old_and_other_names_become_todays() -> None:
    settings = parse_settings(
        {
            "num_round": "2",
            "learning_rate": "0.3",
            "reg_alpha": "1",
            "objective": "reg:linear",
            "silent": "1",
            "tree_method": "gpu_hist",
            "predictor": "gpu_predictor",
            "deterministic_histogram": "true",
            "updater": "grow_skmaker,prune",
            "save_model_on_termination": "false",
        }
    )
    assert settings.params == {
        "eta": 0.3,
        "alpha": 1.0,
        "objective": "reg:squarederror",
        "tree_method": "hist",
        "updater": "grow_histmaker,prune",
        "verbosity": 0,
    }
    assert not settings.save_on_stop
    assert len(settings.notes) == 2


def test_the_tuning_objective_is_reported_and_stops() -> None:
    given = {"num_round": "2", "objective": "binary:logistic", "eval_metric": "logloss,error"}
    settings = parse_settings(given | {"_tuning_objective_metric": "validation:auc"})
    assert settings.metrics == ("logloss", "error", "auc")
    assert settings.stop_metric == "auc"
    assert parse_settings(given).stop_metric == "error"


@pytest.mark.parametrize(
    ("objective", "old", "new"),
    [
        ("binary:logistic", "error", "logloss"),
        ("binary:logitraw", "auc", "logloss"),
        ("multi:softmax", "merror", "mlogloss"),
        ("reg:linear", "rmse", "rmse"),
    ],
)
def test_without_metrics_each_version_reports_its_own(objective: str, old: str, new: str) -> None:
    given = {"num_round": "2", "objective": objective}
    given |= {"num_class": "3"} if objective.startswith("multi:") else {}
    assert parse_settings(given, before_1_3=True).metrics == (old,)
    assert parse_settings(given).metrics == (new,)
    assert parse_settings(given | {"eval_metric": "rmse"}, before_1_3=True).metrics == ("rmse",)


@pytest.mark.parametrize(
    ("settings", "labels", "metric"),
    [
        ({"booster": "gblinear", "updater": "coord_descent"}, None, "rmse"),
        ({"booster": "dart", "rate_drop": 0.5, "one_drop": 1, "normalize_type": "forest"}, None, "rmse"),
        ({"objective": "count:poisson", "eval_metric": "poisson-nloglik,rmse"}, None, "poisson-nloglik"),
        (
            {"objective": "reg:tweedie", "eval_metric": "tweedie-nloglik", "tweedie_variance_power": 1.4},
            None,
            "tweedie-nloglik",
        ),
        ({"objective": "reg:gamma", "eval_metric": "gamma-deviance"}, 1.5, "gamma-deviance"),
        ({"objective": "survival:cox"}, None, "cox-nloglik"),
        (
            {"objective": "survival:aft", "eval_metric": "aft-nloglik,interval-regression-accuracy"},
            1.5,
            "aft-nloglik",
        ),
        ({"objective": "rank:pairwise", "eval_metric": "ndcg@5-,map"}, None, "map"),
        ({"objective": "reg:pseudohubererror", "huber_slope": 2}, None, "mphe"),
        ({"objective": "reg:absoluteerror"}, None, "mae"),
        ({"objective": "binary:hinge"}, None, "error"),
        ({"objective": "binary:logitraw", "eval_metric": "error@0.7,auc"}, None, "auc"),
        (
            {
                "tree_method": "hist",
                "monotone_constraints": "(1,0,0,-1)",
                "interaction_constraints": "[[0,1],[2,3]]",
            },
            None,
            "rmse",
        ),
        ({"tree_method": "approx", "max_leaves": 4, "grow_policy": "lossguide", "max_bin": 16}, None, "rmse"),
        ({"num_parallel_tree": 2, "colsample_bynode": 0.5, "subsample": 0.5, "seed": 3}, None, "rmse"),
    ],
)
def test_every_kind_of_model_trains_and_serves(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, Any],
    labels: float | None,
    metric: str,
) -> None:
    made = None if labels is None else rows()[1] + labels
    job = job_folder(tmp_path, BASE | settings, channels(made))
    train(job)
    printed = final_metrics(capsys.readouterr().out)
    assert np.isfinite(printed[f"validation:{metric}"])
    answer = serve.load(job / "model", {}).invoke(b"1,2,3,4\n0,0,,0\n", "text/csv", "text/csv")[0]
    assert len(answer.split()) == 2


def test_checkpoints_are_written_as_often_as_they_are_cheap(tmp_path: Path) -> None:
    now = [0.0]

    class Model:
        def save_raw(self, form: str) -> bytearray:
            now[0] += 1.0
            return bytearray(b"model")

    model: Any = Model()
    save = SaveCheckpoints(tmp_path, 10, clock=lambda: now[0])
    for epoch in range(200):
        save.after_iteration(model, epoch, {})
        now[0] += 1.0
    save.after_training(model)
    kept = sorted(int(path.suffix[1:]) for path in tmp_path.iterdir())
    assert kept == [130, 150, 170, 190, 209]


def test_checkpoints_are_kept_and_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = job_folder(tmp_path / "first", BASE | {"num_round": 8}, channels())
    config = json.dumps({"S3Uri": "s3://b/checkpoints", "LocalPath": "/opt/ml/checkpoints"})
    (job / "input/config/checkpointconfig.json").write_text(config)
    train(job)
    kept = sorted(path.name for path in (job / "checkpoints").iterdir())
    assert 1 <= len(kept) <= 5
    assert kept[-1] == "xgboost-checkpoint.7"
    capsys.readouterr()
    again = job_folder(tmp_path / "second", BASE | {"num_round": 10}, channels())
    (again / "input/config/checkpointconfig.json").write_text(config)
    (job / "checkpoints").rename(again / "checkpoints")
    train(again)
    output = capsys.readouterr().out
    assert "Resuming from iteration 8" in output
    assert "[8]#011" in output
    assert "[0]#011" not in output
    whole = job_folder(tmp_path / "whole", BASE | {"num_round": 10}, channels())
    train(whole)
    row = b"1,2,3,4"
    mine, other = (
        serve.load(folder / "model", {}).invoke(row, "text/csv", "")[0] for folder in (again, whole)
    )
    assert float(mine) == pytest.approx(float(other), abs=1e-5)


def train_forever(folder: str) -> None:
    log = os.open(f"{folder}/log", os.O_CREAT | os.O_WRONLY)
    os.dup2(log, 1)
    train(Path(folder))


@pytest.mark.parametrize("kept", ["true", "false"])
def test_sigterm_keeps_the_model_unless_it_must_not(tmp_path: Path, kept: str) -> None:
    settings = BASE | {"num_round": 10_000_000, "save_model_on_termination": kept}
    job = job_folder(tmp_path, settings, channels())
    process = multiprocessing.get_context("spawn").Process(target=train_forever, args=(str(job),))
    process.start()
    eventually(lambda: (job / "log").exists() and "[2]#011" in (job / "log").read_text(), 60, "three rounds")
    os.kill(process.pid or 0, signal.SIGTERM)
    process.join(60)
    assert (job / "model/xgboost-model").exists() is (kept == "true")
    assert (process.exitcode == 0) is (kept == "true")


def test_groups_and_weights_of_libsvm_reach_the_ranking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features, labels = rows(60)
    lines = write_libsvm(features, labels).decode().splitlines()
    # Groups need not come in order.
    text = "\n".join(
        f"{line.split()[0]} qid:{at % 6} {' '.join(line.split()[1:])}" for at, line in enumerate(lines)
    )
    settings = BASE | {"objective": "rank:ndcg", "eval_metric": "ndcg,map@3"}
    job = job_folder(tmp_path, settings, {"train": ("text/libsvm", text.encode())})
    train(job)
    assert 0 < final_metrics(capsys.readouterr().out)["train:ndcg"] <= 1


def test_pipe_mode_reads_what_file_mode_reads(tmp_path: Path) -> None:
    features, labels = rows()
    plain = job_folder(tmp_path / "file", BASE, {"train": ("text/csv", csv_bytes(labels, *features.T))})
    train(plain)
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    halves = []
    for part in (slice(0, 90), slice(90, None)):
        stream = io.BytesIO()
        columns = {"y": labels[part]} | {f"x{at}": column for at, column in enumerate(features[part].T)}
        pq.write_table(pa.table(columns), stream)
        halves.append(stream.getvalue())
    contents = {
        "text/csv": csv_bytes(labels, *features.T),
        "application/x-parquet": b"".join(halves),
        "application/x-recordio-protobuf": recordio.write_dense(features, labels.astype(np.float32)),
    }
    expected = serve.load(plain / "model", {}).invoke(b"1,2,3,4", "text/csv", "")[0]
    for number, (kind, content) in enumerate(contents.items()):
        job = job_folder(tmp_path / str(number), BASE, {})
        config = {"train": {"TrainingInputMode": "Pipe", "ContentType": kind, "RecordWrapperType": "None"}}
        (job / "input/config/inputdataconfig.json").write_text(json.dumps(config))
        (job / "input/data").mkdir(parents=True)
        fifo = job / "input/data/train_0"
        os.mkfifo(fifo)
        writer = threading.Thread(target=fifo.write_bytes, args=(content,))
        writer.start()
        train(job)
        writer.join()
        found = serve.load(job / "model", {}).invoke(b"1,2,3,4", "text/csv", "")[0]
        assert float(found) == pytest.approx(float(expected), abs=1e-4), kind


@pytest.mark.parametrize(
    ("name", "words"),
    [("test", "Extraneous channel found: test"), ("model", "Extraneous channel found: model")],
)
def test_channels_that_the_image_has_not_are_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(AlgorithmError, match=words):
        train(job_folder(tmp_path, BASE, channels() | {name: ("text/csv", b"1,2\n")}))


def test_cross_validation_stores_its_predictions(tmp_path: Path) -> None:
    settings = BASE | {"_kfold": 3, "_num_cv_round": 2, "objective": "binary:logistic"}
    job = job_folder(tmp_path, settings, channels())
    train(job)
    table = np.loadtxt(job / "output/data/predictions.csv", delimiter=",")
    assert table.shape == (200, 3)
    assert set(table[:, 0]) == set(table[:, 2]) == {0.0, 1.0}
    assert ((table[:, 1] > 0.5) == (table[:, 0] > 0.5)).mean() > 0.9


def served(tmp_path: Path, env: dict[str, str], **settings: Any) -> serve.XGBoostPredictor:
    job = job_folder(tmp_path, BASE | settings, channels())
    train(job)
    return serve.load(job / "model", env)


def test_selected_keys_follow_the_objective(tmp_path: Path) -> None:
    env = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,labels,raw_score,probability,predicted_score"}
    row = b"1,2,3,4"
    cells = {}
    for objective in ("binary:logistic", "binary:logitraw", "binary:hinge", "reg:squarederror"):
        predictor = served(tmp_path / objective.replace(":", "-"), env, objective=objective)
        (found,) = json.loads(predictor.invoke(row, "text/csv", "application/json")[0])["predictions"]
        cells[objective] = found
    assert cells["binary:logistic"]["predicted_label"] == 1
    assert cells["binary:logistic"]["labels"] == [0, 1]
    assert np.isnan(cells["binary:logistic"]["predicted_score"])
    assert cells["binary:logitraw"]["predicted_label"] == 1
    assert np.isnan(cells["binary:logitraw"]["probability"])
    assert cells["binary:hinge"]["predicted_label"] == cells["binary:hinge"]["raw_score"] == 1
    assert np.isnan(cells["reg:squarederror"]["probability"])
    assert cells["reg:squarederror"]["predicted_score"] > 0.5


def test_recordio_answers_and_short_names(tmp_path: Path) -> None:
    predictor = served(tmp_path, {}, objective="binary:logistic")
    expected = float(predictor.invoke(b"1,2,3,4", "csv", "")[0])
    body, kind = predictor.invoke(b"1,2,3,4\n4,3,2,1", "text/csv", "application/x-recordio-protobuf")
    assert kind == "application/x-recordio-protobuf"
    first = recordio.read_labels(body)[0]
    assert float(first["score"][0]) == pytest.approx(expected, abs=1e-6)
    assert float(predictor.invoke(b"0:1 1:2 2:3 3:4", "libsvm", "")[0]) == pytest.approx(expected, abs=1e-6)
    assert float(predictor.invoke(b"1;2;3;4", "text/csv", "")[0]) == pytest.approx(expected, abs=1e-6)


def test_a_multi_model_container_answers_without_names(tmp_path: Path) -> None:
    predictor = served(tmp_path, {"SAGEMAKER_MULTI_MODEL": "true"})
    body = b"1,2,3,4\n4,3,2,1"
    together = predictor.invoke(body, "text/csv", "text/csv")[0].decode()
    assert "\n" not in together
    answer, kind = predictor.invoke(body, "text/csv", "")
    assert kind == "application/json"
    assert json.loads(answer) == [float(value) for value in together.split(",")]


def test_large_bodies_answer_as_small_ones(tmp_path: Path) -> None:
    predictor = served(tmp_path, {"SAGEMAKER_BATCH": "true"})
    features, _ = rows(5000, 9)
    lines = [",".join(repr(float(value)) for value in row) for row in features]
    body = "\n".join(lines).encode()
    assert len(body) > 64 * 1024
    together = predictor.invoke(body, "text/csv", "")[0].split()
    assert len(together) == 5000
    for at in (0, 17, 4999):
        alone = predictor.invoke(lines[at].encode(), "text/csv", "")[0]
        assert float(together[at]) == pytest.approx(float(alone), abs=1e-6)


@pytest.mark.parametrize(
    ("repository", "tag", "pickled", "commas"),
    [
        ("xgboost", "1", True, True),
        ("xgboost", "latest", True, True),
        ("sagemaker-xgboost", "0.90-1-cpu-py3", True, True),
        ("sagemaker-xgboost", "1.2-1", True, True),
        ("sagemaker-xgboost", "1.2-2-cpu-py3", True, False),
        ("sagemaker-xgboost", "1.3-1", False, False),
        ("sagemaker-xgboost", "1.7-1", False, False),
        ("sagemaker-xgboost", "3.0-5", False, False),
        ("sagemaker-xgboost", "3.2-0", False, False),
    ],
)
def test_every_version_resolves(repository: str, tag: str, pickled: bool, commas: bool) -> None:
    image = ImageRegistry(discover=False).resolve(
        f"683313688378.dkr.ecr.us-east-1.amazonaws.com/{repository}:{tag}"
    )
    assert (image.train or "").endswith("train_pickled") is pickled
    assert (image.serve or "").endswith("load_with_commas") is commas


def test_models_of_the_image_load_in_plain_xgboost(tmp_path: Path) -> None:
    job = job_folder(tmp_path, BASE, channels())
    train(job)
    assert xgb.Booster(model_file=str(job / "model/xgboost-model")).num_boosted_rounds() == 3
