"""The SageMaker Python SDK v2, unmodified: the flows of its documentation, one after the other on one engine."""

from __future__ import annotations

import json
import sys

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import Flows

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def flows(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Flows:
    return Flows(engine, sys.executable, "sdk2_flows.py", tmp_path_factory.mktemp("sdk2"))


def test_s3_helpers(flows: Flows) -> None:
    text, *listed = flows["s3_helpers"]
    assert text == "hello"
    assert [uri.rsplit("/", 2)[-2:] for uri in listed] == [["strings", "a.txt"]]


def test_fit_attach_analytics(flows: Flows) -> None:
    found = flows["fit"]
    assert found["data"].endswith("/output/model.tar.gz")
    assert int(found["rounds"]) == 5
    assert found["points"] >= 1


def test_deploy_predict_update(flows: Flows) -> None:
    found = flows["deploy_predict_update"]
    (one,), (zero,) = ([float(value) for value in row] for row in found["before"])
    assert one > 0.8
    assert zero < 0.2
    assert found["after"] == found["before"]


def test_data_capture(flows: Flows) -> None:
    records = [json.loads(line) for text in flows["deploy_capture"] for line in text.splitlines()]
    assert len(records) == 1
    assert records[0]["captureData"]["endpointInput"]["data"] == "1.2,1.0"


def test_serverless(flows: Flows) -> None:
    assert flows["deploy_serverless"] > 0.8


def test_async(flows: Flows) -> None:
    now, later = (answer["predictions"][0]["score"] for answer in flows["deploy_async"])
    assert now > 0.8
    assert later < 0.2


def test_transform(flows: Flows) -> None:
    one, zero = (float(line) for line in flows["transform"].split())
    assert one > 0.8
    assert zero < 0.2


def test_scikit_learn_script(flows: Flows) -> None:
    assert flows["sklearn_script"] == {"answer": [1.0, 0.0], "accuracy": 1.0}


def test_xgboost_script(flows: Flows) -> None:
    (one,), (zero,) = ([float(value) for value in row] for row in flows["xgboost_script"])
    assert one > 0.8
    assert zero < 0.2


def test_tune_and_attach(flows: Flows) -> None:
    found = flows["tune"]
    assert found["rows"] == 4
    assert found["attached"] == found["best"]
    assert found["best"] in found["estimator"]


def test_tune_two_algorithms(flows: Flows) -> None:
    assert flows["tune_two_algorithms"] == {"rows": 4, "definitions": ["ll", "xgb"]}


@pytest.mark.parametrize("name", ["sklearn", "script", "framework"])
def test_process(flows: Flows, name: str) -> None:
    assert flows[f"process_{name}"] == f"400 ['--name', '{name}']"


def test_remote_functions_run_as_jobs_and_raise_what_they_raised(flows: Flows) -> None:
    assert flows["remote_functions"] == {"summed": 6, "error": "division by zero"}


def test_nothing_is_left_over(flows: Flows) -> None:
    assert flows["left_over"] == []
