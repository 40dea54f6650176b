"""Tools for AI assistants: over the protocol against a real engine, and as `jupyter_server_mcp` finds them."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import anyio
import numpy as np
import pytest
from typer.testing import CliRunner

from smstudio_ext import assistants
from smstudio_ext.assistants import acting, reading
from smstudio_ext.cli.app import app
from smstudio_ext.magics import place
from smstudio_ext.magics.failure import MagicFailure
from tests.conftest import RunningEngine, eventually


@pytest.fixture(scope="module")
def on_engine(engine: RunningEngine) -> Iterator[RunningEngine]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in engine.environment().items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        patch.setattr(place.PLACE, "_kind", "local")
        yield engine


def test_only_reading_tools_are_offered_unless_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(".reading:" in spec for spec in assistants.tool_specs())
    monkeypatch.setenv(assistants.WRITE, "1")
    assert any(".acting:" in spec for spec in assistants.tool_specs())


@pytest.mark.parametrize("spec", assistants.tool_specs(write=True))
def test_tools_have_names_types_and_descriptions(spec: str) -> None:
    module, _, name = spec.partition(":")
    function = getattr(import_module(module), name)
    assert name.startswith("sagemaker_")
    text = inspect.getdoc(function) or ""
    assert len(text.splitlines()[0]) > 30
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty
        assert f"{parameter.name}:" in text or parameter.name in ("name", "limit"), parameter.name


def test_values_of_environment_variables_are_not_told() -> None:
    told = reading.without_secrets(
        {"environment": {"TOKEN": "secret"}, "list": [{"Environment": {"A": "b"}}]}
    )
    assert "secret" not in json.dumps(told)
    assert told["environment"] == {"TOKEN": "(not told)"}


def test_a_model_is_trained_deployed_asked_and_taken_down(on_engine: RunningEngine) -> None:
    s3 = on_engine.client("s3")
    s3.create_bucket(Bucket="assistants-data")
    rows = np.random.default_rng(0).normal(size=(200, 3))
    text = "\n".join(",".join(f"{value:.5f}" for value in (row[1] * 2, *row)) for row in rows)
    s3.put_object(Bucket="assistants-data", Key="train/data.csv", Body=text.encode())
    assert reading.sagemaker_list_s3("s3://assistants-data/train/")["objects"]
    assert reading.sagemaker_preview_s3("s3://assistants-data/train/data.csv")["text"]
    job = acting.sagemaker_start_training(
        "xgboost", "s3://assistants-data/train/", {"num_round": "5", "objective": "reg:squarederror"}
    )["training_job"]
    eventually(
        lambda: reading.sagemaker_describe_job(job)["status"] == "Completed",
        what="the end of the training job",
    )
    assert any("train-rmse" in line for line in reading.sagemaker_job_log(job)["lines"])
    assert job in [each["name"] for each in reading.sagemaker_list_jobs("training")["jobs"]]
    endpoint = acting.sagemaker_deploy(job, "assistants-endpoint")["endpoint"]
    eventually(
        lambda: reading.sagemaker_describe_endpoint(endpoint)["EndpointStatus"] == "InService",
        what="the endpoint",
    )
    assert isinstance(float(acting.sagemaker_predict(endpoint, "0.1,0.2,0.3")["answer"]), float)
    assert endpoint in json.dumps(reading.sagemaker_what_runs())
    acting.sagemaker_delete_endpoint(endpoint)
    with pytest.raises(MagicFailure, match="does not run"):
        acting.sagemaker_stop(job)
    with pytest.raises(MagicFailure, match="no job named"):
        reading.sagemaker_describe_job("nothing-of-this-name")


def test_over_the_protocol(engine: RunningEngine) -> None:
    pytest.importorskip("mcp")
    found = anyio.run(_talk, engine.environment())
    assert "sagemaker_status" in found["tools"]
    assert "sagemaker_delete_endpoint" not in found["tools"]
    assert found["status"]["target"] == "local"
    assert found["error"]
    assert engine.info.secret_key not in json.dumps(found)


async def _talk(environment: dict[str, str]) -> dict[str, Any]:
    from mcp import ClientSession, StdioServerParameters, stdio_client

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "smstudio_ext.cli", "mcp"], env=environment
    )
    async with stdio_client(server) as (reader, writer), ClientSession(reader, writer) as session:
        await session.initialize()
        tools = await session.list_tools()
        status = await session.call_tool("sagemaker_status", {})
        missing = await session.call_tool("sagemaker_describe_job", {"name": "nothing-of-this-name"})
        return {
            "tools": [tool.name for tool in tools.tools],
            "status": json.loads(status.content[0].text),
            "error": missing.is_error,
        }


def test_without_the_package_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    result = CliRunner().invoke(app, ["mcp"])
    assert result.exit_code == 1
    assert "pip install 'smstudio-ext[mcp]'" in result.output
    assert CliRunner().invoke(app, ["mcp", "--target", "moon"]).exit_code == 2
