"""DeepAR: forecasts beat the seasonal naive one, and every field of the documented formats does what it says."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.deepar import serve
from smstudio_ext.engine.images.deepar.frequency import Frequency
from smstudio_ext.engine.images.deepar.train import train
from tests.unit.deepfolders import deep_folder, logged_metrics

STEPS, AHEAD = 240, 24


def made(count: int = 12, *, promotion: bool = True) -> list[dict[str, Any]]:
    """Hourly series with a daily season; a promotion lifts a step by 80 %."""
    random = np.random.default_rng(5)
    found: list[dict[str, Any]] = []
    for number in range(count):
        time = np.arange(STEPS)
        lift = (random.random(STEPS) < 0.08).astype(float)
        level = random.uniform(5, 50)
        values = (
            level * (1 + 0.5 * np.sin(2 * np.pi * (time - random.uniform(0, 24)) / 24)) * (1 + 0.8 * lift)
        )
        values += random.normal(0, level * 0.03, STEPS)
        one: dict[str, Any] = {"start": "2020-01-01 00:00:00", "target": values.tolist()}
        one["target"][number] = [None, "NaN"][number % 2]
        if promotion:
            one |= {"cat": [number % 3], "dynamic_feat": [lift.tolist()]}
        found.append(one)
    return found


def cut(one: dict[str, Any]) -> dict[str, Any]:
    """A series without its last day."""
    short = {**one, "target": one["target"][:-AHEAD]}
    if "dynamic_feat" in one:
        short["dynamic_feat"] = [row[:-AHEAD] for row in one["dynamic_feat"]]
    return short


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def parameters(**changed: Any) -> dict[str, Any]:
    return {
        "time_freq": "H",
        "prediction_length": AHEAD,
        "context_length": AHEAD,
        "epochs": 12,
        "mini_batch_size": 32,
        "learning_rate": 5e-3,
        "num_cells": 20,
        "num_eval_samples": 40,
        **changed,
    }


def run(folder: Path) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        train(folder)
    return output.getvalue()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    series = made()
    folder = deep_folder(
        tmp_path_factory.mktemp("deepar") / "ml",
        parameters(num_dynamic_feat="auto", cardinality="auto"),
        {
            "train": (
                "json",
                {
                    "a/train.json": lines([cut(one) for one in series[:6]]),
                    "b/more.json.gz": gzip.compress(lines([cut(one) for one in series[6:]])),
                },
            ),
            "test": ("", {"test.json": lines(series)}),
        },
    )
    return folder / "model", run(folder)


def test_deepar_beats_the_seasonal_naive_forecast(trained: tuple[Path, str]) -> None:
    metrics = logged_metrics("forecasting-deepar", trained[1])
    values = np.array(
        [[np.nan if v in (None, "NaN") else v for v in one["target"]] for one in made()], dtype=float
    )
    naive = values[:, -AHEAD:] - values[:, -2 * AHEAD : -AHEAD]
    loss = float(np.nansum(np.abs(naive)) / np.nansum(np.abs(values[:, -AHEAD:])))
    assert metrics["test:RMSE"] < 0.8 * float(np.sqrt(np.nanmean(naive**2)))
    assert metrics["test:mean_wQuantileLoss"] < 0.8 * loss
    assert metrics["train:final_loss"] <= metrics["train:loss"]
    assert "wQuantileLoss[0.9]" in trained[1]


def test_deepar_answers_what_the_configuration_asks(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    one = made()[0]
    instance = {**one, "target": one["target"][:-AHEAD]}
    request = {
        "instances": [instance, instance],
        "configuration": {
            "num_samples": 30,
            "output_types": ["quantiles", "samples"],
            "quantiles": ["0.1", 0.5, 0.9],
        },
    }
    answer, kind = predictor.invoke(json.dumps(request).encode(), "application/json", "")
    predictions = json.loads(answer)["predictions"]
    assert kind == "application/json"
    assert len(predictions) == 2
    assert set(predictions[0]) == {"quantiles", "samples"}
    assert list(predictions[0]["quantiles"]) == ["0.1", "0.5", "0.9"]
    assert np.array(predictions[0]["samples"]).shape == (30, AHEAD)
    levels = np.array(list(predictions[0]["quantiles"].values()))
    assert (np.diff(levels, axis=0) >= 0).all()


def test_deepar_dynamic_feature_lifts_the_forecast(trained: tuple[Path, str]) -> None:
    predictor = serve.load(trained[0], {})
    one = cut(made()[1])
    flat, lifted = [
        {**one, "dynamic_feat": [one["dynamic_feat"][0] + [value] * AHEAD]} for value in (0.0, 1.0)
    ]
    body = json.dumps({"instances": [flat, lifted], "configuration": {"output_types": ["mean"]}}).encode()
    first, second = json.loads(predictor.invoke(body, "application/json", "")[0])["predictions"]
    assert np.mean(second["mean"]) > 1.2 * np.mean(first["mean"])


def test_deepar_batch_lines_use_the_environments_configuration(trained: tuple[Path, str]) -> None:
    predictor = serve.load(
        trained[0], {"DEEPAR_INFERENCE_CONFIG": '{"num_samples": 20, "output_types": ["mean"]}'}
    )
    answer, kind = predictor.invoke(
        lines(made()[:3]).replace(b"]]}", b"," + b",".join([b"0"] * AHEAD) + b"]]}"),
        "application/jsonlines",
        "",
    )
    rows = [json.loads(line) for line in answer.splitlines()]
    assert kind == "application/jsonlines"
    assert [list(row) for row in rows] == [["mean"]] * 3


@pytest.mark.parametrize("likelihood", ["gaussian", "negative-binomial", "beta", "deterministic-L1"])
def test_deepar_other_likelihoods(tmp_path: Path, likelihood: str) -> None:
    random = np.random.default_rng(0)
    day = 1 + np.sin(2 * np.pi * np.arange(200) / 24)
    rows = []
    for _ in range(4):
        values = (
            random.poisson(4 * day + 1)
            if likelihood == "negative-binomial"
            else 0.2 + 0.2 * day + random.normal(0, 0.02, 200)
        )
        rows.append({"start": "2021-03-01", "target": np.clip(values, 0, None).tolist()})
    folder = deep_folder(
        tmp_path / "ml",
        parameters(likelihood=likelihood, epochs=2, num_layers=1, early_stopping_patience=1),
        {"train": ("json", {"a.json": lines(rows)})},
    )
    assert "train:final_loss" in logged_metrics("forecasting-deepar", run(folder))
    body = json.dumps(
        {"instances": rows[:1], "configuration": {"num_samples": 20, "output_types": ["samples"]}}
    ).encode()
    samples = np.array(
        json.loads(serve.load(folder / "model", {}).invoke(body, "application/json", "")[0])["predictions"][
            0
        ]["samples"]
    )
    assert np.isfinite(samples).all()
    if likelihood == "negative-binomial":
        assert (samples % 1 == 0).all()
        assert (samples >= 0).all()
    if likelihood == "beta":
        assert ((samples >= 0) & (samples <= 1)).all()


def test_deepar_reads_parquet_and_other_frequencies(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = (10 + np.sin(np.arange(180) / 7)).tolist()
    table = pa.table({"start": [datetime(2019, 1, 1)] * 2, "target": [values, [*values[:-1], float("nan")]]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    folder = deep_folder(
        tmp_path / "ml",
        parameters(time_freq="W", epochs=1, prediction_length=4, context_length=8),
        {"train": ("parquet", {"a.parquet": sink.getvalue()})},
    )
    run(folder)
    body = json.dumps({"instances": [{"start": "2019-01-01", "target": [1.0]}]}).encode()
    answer = json.loads(serve.load(folder / "model", {}).invoke(body, "application/json", "")[0])
    assert len(answer["predictions"][0]["mean"]) == 4


def test_deepar_frequencies_step_through_the_calendar() -> None:
    start = datetime(2020, 1, 31)  # a Friday
    assert Frequency.parse("D").calendar(start, 0, 3)[:, 0] == pytest.approx([4 / 6 - 0.5, 5 / 6 - 0.5, 0.5])
    assert Frequency.parse("2H").calendar(start, 0, 2)[1, 0] == pytest.approx(2 / 23 - 0.5)
    assert Frequency.parse("M").calendar(start, 11, 1)[0, 0] == pytest.approx(11 / 11 - 0.5)
    assert Frequency.parse("15min").season == 4
    assert 7 in Frequency.parse("D").lags()
    assert 168 in Frequency.parse("1H").lags()
    for text in ("", "0D", "Y", "5 days"):
        with pytest.raises(ValueError):
            Frequency.parse(text)


@pytest.mark.parametrize(
    ("changed", "rows", "reason"),
    [
        ({"time_freq": "Y"}, made(2), "time_freq"),
        ({"epochs": 0}, made(2), "'epochs'"),
        ({"likelihood": "poisson"}, made(2), "likelihood"),
        ({"test_quantiles": "[1.5]"}, made(2), "test_quantiles"),
        ({"cardinality": "[2]"}, made(4), "categories 0 to 1"),
        ({"num_dynamic_feat": 2}, made(2), "the model takes 2"),
        ({}, [{"start": "2020-01-01", "target": [1, 2, 3]}], "at least 300"),
        ({}, [{"target": [1]}], 'line 1: the field "start" is missing'),
        ({}, [{"start": "2020-01-01T00:00:00+01:00", "target": [1]}], "time zone"),
        ({}, [{"start": "2020-01-01", "target": [1, "x"]}], "no number"),
        ({"likelihood": "negative-binomial"}, made(2), "whole numbers"),
    ],
)
def test_deepar_says_what_is_wrong(
    tmp_path: Path, changed: dict[str, Any], rows: list[Any], reason: str
) -> None:
    folder = deep_folder(tmp_path / "ml", parameters(**changed), {"train": ("json", {"a.json": lines(rows)})})
    with pytest.raises(AlgorithmError, match=reason.replace("(", r"\(")):
        run(folder)


@pytest.mark.parametrize(
    ("request_body", "reason"),
    [
        ({"instances": [{"start": "2020-01-01", "target": [1.0]}]}, "cat"),
        ({"instances": []}, "no instance"),
        ({"instances": [{**made(1)[0]}]}, "dynamic_feat"),
        ({"instances": [made(1)[0]], "configuration": {"num_samples": 0}}, "num_samples"),
        ({"instances": [made(1)[0]], "configuration": {"output_types": ["median"]}}, "output_types"),
        ({"instances": [made(1)[0]], "configuration": {"quantiles": ["2"]}}, "quantiles"),
    ],
)
def test_deepar_refuses_bad_requests(trained: tuple[Path, str], request_body: Any, reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        serve.load(trained[0], {}).invoke(json.dumps(request_body).encode(), "application/json", "")


def test_deepar_leaves_out_features_when_told(tmp_path: Path) -> None:
    folder = deep_folder(
        tmp_path / "ml",
        parameters(cardinality="", num_dynamic_feat="ignore", epochs=1),
        {"train": ("json", {"a.json": lines(made(4))})},
    )
    run(folder)
    body = json.dumps({"instances": [{"start": "2020-01-01", "target": [1.0, 2.0]}]}).encode()
    assert serve.load(folder / "model", {}).invoke(body, "application/json", "")
