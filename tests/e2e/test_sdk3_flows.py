"""The SageMaker Python SDK v3, unmodified, in an environment of its own (`make sdk3`)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import Flows

PYTHON = os.environ.get(
    "SMSTUDIO_SDK3_PYTHON", str(Path(__file__).parents[2] / ".venv" / "sdk3" / "bin" / "python")
)

pytestmark = [
    pytest.mark.sdk,
    pytest.mark.skipif(
        not Path(PYTHON).exists(), reason="SDK v3 has an environment of its own: run `make sdk3`"
    ),
]


@pytest.fixture(scope="module")
def flows(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Flows:
    return Flows(engine, PYTHON, "sdk3_flows.py", tmp_path_factory.mktemp("sdk3"))


def test_train_with_a_built_in_algorithm(flows: Flows) -> None:
    status, data = flows["train_algorithm"]
    assert status == "Completed"
    assert data.endswith("/output/model.tar.gz")


def test_train_with_source_code(flows: Flows) -> None:
    assert flows["train_script"] == "Completed"


def test_tune(flows: Flows) -> None:
    found = flows["tune"]
    assert len(set(found["names"])) == 4
    assert found["best"] in found["names"]


def test_build_deploy_invoke(flows: Flows) -> None:
    one, zero = flows["build_deploy_invoke"]
    assert one > 0.8
    assert zero < 0.2


def test_endpoint_resource(flows: Flows) -> None:
    assert flows["endpoint_get_delete"] == "InService"


def test_transform_answers_as_the_endpoint(flows: Flows) -> None:
    assert flows["transform"] == pytest.approx(flows["build_deploy_invoke"])


def test_process(flows: Flows) -> None:
    assert flows["process"] == "400"


def test_autopilot(flows: Flows) -> None:
    status, best = flows["autopilot"]
    assert status == "Completed"
    assert best.startswith("flows-autopilot")


def test_a_run_of_an_experiment(flows: Flows) -> None:
    assert flows["experiment_run"] == {
        "parameters": {"depth": 4.0, "later": 1.0},
        "metrics": {"loss": [5, 0.2]},
    }


def test_list(flows: Flows) -> None:
    assert flows["train_algorithm"][1].split("/")[-3] in flows["list_jobs"]
