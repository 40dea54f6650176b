"""Text candidates: each algorithm learns topics, answers all content types, and is mixed honestly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.autopilot.classification.text import analyse
from smstudio_ext.engine.images.automl_text import serve
from smstudio_ext.engine.images.automl_text.texts import is_spaced, normalise, tokens_of
from smstudio_ext.engine.images.automl_text.train import train
from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.registry import ImageRegistry
from tests.unit.classification_runs import (
    analysed,
    data_of,
    evaluation,
    japanese_rows,
    one_core,
    run_step,
    text_csv,
    text_rows,
)
from tests.unit.jobfolders import quality_metrics

URI = "382416733822.dkr.ecr.us-east-1.amazonaws.com/sagemaker-automl-text-classification:1.0-cpu-py3"
EVERYTHING = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability,probabilities,labels"}
SETTINGS: dict[str, dict[str, Any]] = {
    "linear": {"units": ["words", "characters"], "c": 10.0},
    "naive-bayes": {"units": ["words"]},
    "fasttext": {"ngrams": 2, "dim": 10, "buckets": 2000, "rate": 0.5},
    "boosted-trees": {"units": ["words"], "topics": 8, "rounds": 10},
}


@pytest.fixture(scope="module", autouse=True)
def one_core_each() -> Iterator[None]:
    """Every program of this file has one core."""
    with one_core():
        yield


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An analysed job of three topics."""
    root = tmp_path_factory.mktemp("text")
    analysed(analyse, root, {"a.csv": text_csv(text_rows(240))})
    return root


@pytest.fixture(scope="module")
def trained(job: Path) -> dict[str, Path]:
    """A training job of each algorithm."""
    return {
        name: run_step(
            train,
            job,
            name,
            {"algorithm": name, "settings": json.dumps(settings)},
            {"data": data_of(job)},
        )
        for name, settings in SETTINGS.items()
    }


@pytest.mark.parametrize("name", list(SETTINGS))
def test_an_algorithm_learns_topics(trained: dict[str, Path], name: str) -> None:
    found = evaluation(trained[name])
    assert found["Metrics"]["Accuracy"] > 0.8
    matrix = found["ConfusionMatrix"]
    assert sum(map(sum, matrix)) == found["Rows"] == 48
    predictor = serve.load(trained[name] / "model", EVERYTHING)
    body, kind = predictor.invoke(b'the ship and the harbor\n"soup, bread"\n', "text/csv", "")
    assert kind == "text/csv"
    assert [line.split(",")[0] for line in body.decode().splitlines()] == ["sea", "food"]


def test_the_ensemble_weighs_candidates(
    job: Path, trained: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    channels = {"data": data_of(job), "models": job / "models"}
    made = run_step(train, job, "mixed", {"step": "ensemble", "inputs": ",".join(trained)}, channels)
    metrics = quality_metrics(capsys.readouterr().out, ImageRegistry(discover=False).resolve(URI))
    assert metrics["validation:Accuracy"] == evaluation(made)["Metrics"]["Accuracy"] > 0.85
    assert set(metrics) == {
        f"validation:{name}"
        for name in (
            "Accuracy BalancedAccuracy F1macro InferenceLatency LogLoss PrecisionMacro RecallMacro".split()
        )
    }
    parts = json.loads((made / "model/classifier.json").read_text())["settings"]["Parts"]
    assert sum(part["Weight"] for part in parts) == pytest.approx(1)
    predictor = serve.load(made / "model", {})
    assert predictor.invoke(b"the coach of the team", "text/plain", "")[0] == b"sport\n"


def test_requests_of_every_kind(trained: dict[str, Path]) -> None:
    predictor = serve.load(trained["linear"] / "model", EVERYTHING)
    body, _ = predictor.invoke(
        json.dumps({"instances": [{"text": "anchor"}, "oven", {"features": ["cup"]}]}).encode(),
        "application/json",
        "application/json",
    )
    rows = json.loads(body)["predictions"]
    assert [row["predicted_label"] for row in rows] == ["sea", "food", "sport"]
    for row in rows:
        assert row["labels"] == ["food", "sea", "sport"]
        assert sum(row["probabilities"]) == pytest.approx(1)
        assert row["probability"] == max(row["probabilities"])
    lines, kind = predictor.invoke(
        b'{"text": "sail"}\n"salt"\n', "application/jsonlines", "application/jsonlines"
    )
    assert kind == "application/jsonlines"
    assert [json.loads(line)["predicted_label"] for line in lines.splitlines()] == ["sea", "food"]
    assert predictor.invoke(b'""\n', "text/csv", "")[0].count(b"\n") == 1


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        pytest.param(b"", "text/csv", "empty", id="nothing"),
        pytest.param(b"a,b\n", "text/csv", "has 2 columns", id="two-columns"),
        pytest.param(b"\xff", "text/csv", "not UTF-8", id="no-utf8"),
        pytest.param(b'{"instances": [3]}', "application/json", "must be a text", id="a-number"),
        pytest.param(b'{"instances": [{"x": 1}]}', "application/json", "no member 'text'", id="other-member"),
        pytest.param(b"x", "image/png", "not supported", id="a-picture"),
    ],
)
def test_bad_requests_are_answered(trained: dict[str, Path], body: bytes, kind: str, message: str) -> None:
    predictor = serve.load(trained["naive-bayes"] / "model", {})
    with pytest.raises(ClientError, match=message):
        predictor.invoke(body, kind, "")


def test_japanese_is_learnt_without_blanks(tmp_path: Path) -> None:
    analysed(analyse, tmp_path, {"a.csv": text_csv(japanese_rows(60))})
    for name, settings in (
        ("linear", {"units": ["characters"], "spaced": False, "characters_ngrams": [1, 3]}),
        ("fasttext", {"spaced": False, "dim": 10, "buckets": 2000}),
    ):
        done = run_step(
            train,
            tmp_path,
            name,
            {"algorithm": name, "settings": json.dumps(settings)},
            {"data": data_of(tmp_path)},
        )
        assert evaluation(done)["Metrics"]["Accuracy"] > 0.9
        answer = serve.load(done / "model", {}).invoke("港の船と波".encode(), "text/plain", "")[0]
        assert answer.decode().strip() == "海"


def test_texts_are_taken_apart() -> None:
    assert normalise(" Ｆｕｌｌ\t width\n") == "full width"
    assert tokens_of("don't stop.", spaced=True) == ["don", "'", "t", "stop", "."]
    assert tokens_of("船が港", spaced=False) == ["船が", "が港"]
    assert is_spaced(["한국어는 띄어쓰기가 있다"])
    assert not is_spaced(["日本語には空白がない"])


def test_unknown_algorithms_and_foreign_models_are_refused(job: Path, tmp_path: Path) -> None:
    with pytest.raises(AlgorithmError, match="'magic' is not offered"):
        run_step(train, tmp_path, "x", {"algorithm": "magic"}, {"data": data_of(job)})
    with pytest.raises(ValueError, match="no candidate"):
        serve.load(tmp_path, {})
    with pytest.raises(ValueError, match="SAGEMAKER_INFERENCE_OUTPUT"):
        serve.load(job / "linear/model", {"SAGEMAKER_INFERENCE_OUTPUT": "raw_score"})
