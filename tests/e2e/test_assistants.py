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
from smstudio_ext.assistants import acting, reading, starting
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


def test_jobs_are_tuned_transformed_and_taken_over(
    on_engine: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3, sagemaker = on_engine.client("s3"), on_engine.client("sagemaker")
    s3.create_bucket(Bucket="assistants-more")
    rows = np.random.default_rng(1).normal(size=(100, 3))
    s3.put_object(
        Bucket="assistants-more",
        Key="train.csv",
        Body="\n".join(",".join(map(str, row)) for row in rows).encode(),
    )
    s3.put_object(Bucket="assistants-more", Key="rows.csv", Body=b"0.1,0.2\n0.3,0.4\n")
    told = reading.sagemaker_list_algorithms("xgboost")
    assert "num_round" in json.dumps(told["hyperparameters"])
    job = acting.sagemaker_start_training(
        "xgboost",
        "s3://assistants-more/train.csv",
        {"num_round": "3", "objective": "reg:squarederror"},
        validation_s3_uri="s3://assistants-more/train.csv",
    )["training_job"]

    def status(name: str) -> str:
        return str(
            next(
                iter(
                    each["status"]
                    for each in reading.sagemaker_list_jobs(limit=100)["jobs"]
                    if each["name"] == name
                )
            )
        )

    eventually(lambda: status(job) == "Completed", what="the training job")
    tuning = starting.sagemaker_start_tuning(job, "validation:rmse", {"eta": "0.1:0.5"}, max_jobs=1)[
        "tuning_job"
    ]
    found = sagemaker.describe_training_job(TrainingJobName=job)
    image = found["AlgorithmSpecification"]["TrainingImage"]
    container = {"Image": image, "ModelDataUrl": found["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker.create_model(
        ModelName="assistants-model", ExecutionRoleArn=found["RoleArn"], PrimaryContainer=container
    )
    transform = starting.sagemaker_start_transform(
        "assistants-model", "s3://assistants-more/rows.csv", "s3://assistants-more/predicted"
    )["transform_job"]
    for name in (tuning, transform):
        eventually(lambda name=name: status(name) == "Completed", what=f"the end of {name}")
    lines = s3.get_object(Bucket="assistants-more", Key="predicted/rows.csv.out")["Body"].read().split()
    assert len(lines) == 2
    for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere") if name != "AWS_PROFILE" else monkeypatch.delenv(
            name, raising=False
        )
    with pytest.raises(MagicFailure, match=r"no AWS profile 'work'.* Make one with"):
        starting.sagemaker_promote(job, "aws", profile="work")


def test_over_the_protocol(engine: RunningEngine) -> None:
    pytest.importorskip("mcp")
    found = anyio.run(_talk, engine.environment(), (), _READS)
    assert "sagemaker_status" in found["tools"]
    assert not {"sagemaker_delete_endpoint", "sagemaker_start_tuning"} & set(found["tools"])
    assert json.loads(found["answers"]["sagemaker_status"][1])["target"] == "local"
    assert found["answers"]["sagemaker_describe_job"][0]
    assert "A list of jobs shows the names" in found["answers"]["sagemaker_describe_job"][1]
    assert not [
        name for name, (wrong, _) in found["answers"].items() if wrong and name != "sagemaker_describe_job"
    ]
    text = json.dumps(found)
    assert engine.info.secret_key not in text
    assert engine.info.access_key not in text


def test_over_the_protocol_with_write(engine: RunningEngine) -> None:
    pytest.importorskip("mcp")
    calls = {"sagemaker_start_training": {"algorithm": "nosuch", "train_s3_uri": "s3://b/k"}}
    found = anyio.run(_talk, engine.environment(), ("--write",), calls)
    assert {"sagemaker_delete_endpoint", "sagemaker_start_tuning", "sagemaker_promote"} <= set(found["tools"])
    hints = found["tools"]
    assert (hints["sagemaker_status"], hints["sagemaker_stop"]) == ((True, False), (False, True))
    wrong, text = found["answers"]["sagemaker_start_training"]
    assert wrong
    assert "There are: xgboost" in text
    assert "Traceback" not in text


_READS: dict[str, dict[str, Any]] = {
    "sagemaker_status": {},
    "sagemaker_list_jobs": {},
    "sagemaker_describe_job": {"name": "nothing-of-this-name"},
    "sagemaker_list_endpoints": {},
    "sagemaker_list_experiments": {},
    "sagemaker_what_runs": {},
    "sagemaker_list_s3": {},
    "sagemaker_list_algorithms": {},
}


async def _talk(
    environment: dict[str, str], options: tuple[str, ...], calls: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The tools with what they say of themselves (reads only, destroys), and answers: whether wrong, and the text."""
    from mcp import ClientSession, StdioServerParameters, stdio_client

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "smstudio_ext.cli", "mcp", *options], env=environment
    )
    async with stdio_client(server) as (reader, writer), ClientSession(reader, writer) as session:
        await session.initialize()
        tools = await session.list_tools()
        answers = {}
        for name, arguments in calls.items():
            answer = await session.call_tool(name, arguments)
            answers[name] = (bool(answer.is_error), answer.content[0].text)
        return {
            "tools": {
                tool.name: (tool.annotations.read_only_hint, bool(tool.annotations.destructive_hint))
                for tool in tools.tools
            },
            "answers": answers,
        }


def test_without_the_package_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    result = CliRunner().invoke(app, ["mcp"])
    assert result.exit_code == 1
    assert "pip install 'smstudio-ext[mcp]'" in result.output
    assert CliRunner().invoke(app, ["mcp", "--target", "moon"]).exit_code == 2
