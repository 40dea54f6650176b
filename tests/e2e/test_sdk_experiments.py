"""Experiments by the SageMaker Python SDK v2 and the old `smexperiments` package, both unmodified."""

from __future__ import annotations

import sys

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import Flows

pytestmark = pytest.mark.sdk


@pytest.fixture(scope="module")
def flows(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Flows:
    return Flows(engine, sys.executable, "experiments_flows.py", tmp_path_factory.mktemp("experiments"))


def test_a_run_logs_everything(flows: Flows) -> None:
    assert flows["run_logs_everything"] == {
        "status": "Completed",
        "parameters": {"depth": 4.0, "eta": 0.25, "kind": "tree"},
        "metric": {"MetricName": "loss", "Count": 10, "Min": 0.1, "Max": 1.0, "Last": 0.1},
        "inputs": ["note"],
        "outputs": ["place"],
        "graphs": {
            "ConfusionMatrix": "ConfusionMatrix",
            "ROCCurve": "ROCCurve",
            "PrecisionRecallCurve": "PrecisionRecallCurve",
        },
        "matrix": [[1, 1], [0, 1]],
    }


def test_runs_are_loaded_and_listed(flows: Flows) -> None:
    assert flows["load_and_list_runs"] == {"names": ["first", "second"], "later": 1.0}


def test_a_training_script_logs_to_the_run_that_started_it(flows: Flows) -> None:
    found = flows["run_in_a_training_job"]
    assert found["parameters"]["inside"] == 7.0
    assert found["metrics"]["inside:loss"] == 3
    assert found["job"] == "ml.m5.large"


def test_a_processing_script_logs_to_the_run_that_started_it(flows: Flows) -> None:
    assert flows["run_in_a_processing_job"] == 400.0


def test_analytics_make_a_table_of_an_experiment(flows: Flows) -> None:
    found = flows["analytics"]
    assert found["first"] == "flow-experiment-first"
    assert {"depth", "loss - Max", "loss - Last"} <= set(found["columns"])


def test_the_old_package_tracks_searches_and_deletes(flows: Flows) -> None:
    found = flows["old_package"]
    assert found["searched"]
    assert found["listed"]
    assert found["parameters"] == {"mean": 0.1307, "name": "mnist"}
    assert "model" in found["outputs"]
    assert found["left"] == []


def test_the_old_tracker_writes_metrics_within_a_training_job(flows: Flows) -> None:
    assert flows["old_tracker_in_a_training_job"] == {"epochs": 5.0, "metrics": {"score": [5, 0.4]}}
