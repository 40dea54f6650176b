"""What the endpoint pages do, from the terminal: logs, metrics, scaling, updates, traffic, tags; and models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.aws_rules import NO_QUESTIONS
from smstudio_ext.studio.waiting import LOOK_SECONDS
from tests.conftest import eventually
from tests.contract.studio_endpoints import create_model, deploy, local, shared, unique
from tests.contract.terminal import Command, command

if TYPE_CHECKING:
    import pytest

    from smstudio_ext.target import Target

__all__ = ["command", "local", "shared"]  # fixtures


def test_what_an_endpoint_did_is_told(command: Command, shared: str, tmp_path: Path) -> None:
    assert shared in [each["name"] for each in command.json("endpoints", "list", "--search", shared)]
    row = tmp_path / "row.csv"
    row.write_text("4,3,2,1\n")
    command("endpoints", "invoke", shared, str(row), "--variant", "blue")
    streams = eventually(
        lambda: command.json("endpoints", "logs", shared, "--streams"), what="the servers' logs"
    )
    whole = command.json("endpoints", "logs", shared, "--stream", streams[0]["name"])
    assert whole
    last = command("endpoints", "logs", shared, "-n", "1", "--stream", streams[0]["name"])
    assert last.count("\n") == 1
    assert "no log stream" in command("endpoints", "logs", shared, "--stream", "nothing/here", code=1)
    command("endpoints", "logs", shared, "--follow", "--json", code=2)

    def measured() -> Any:
        found = command.json("endpoints", "metrics", shared)["series"]
        return [each for each in found if each["metric"] == "Invocations"]

    assert eventually(measured, what="metrics")
    assert "Invocations" in command("endpoints", "metrics", shared)
    records = eventually(
        lambda: command.json("endpoints", "captured", shared, "--variant", "blue")["records"],
        what="captured data",
    )
    assert {each["variant"] for each in records} == {"blue"}
    assert "4,3,2,1" in command("endpoints", "captured", shared)
    for language, word in (("boto3", "invoke_endpoint"), ("curl", "curl"), ("aws-cli", "aws sagemaker")):
        assert word in command("endpoints", "code", shared, str(row), "--as", language)
    assert "4,3,2,1" in command("endpoints", "code", shared, given="4,3,2,1")
    assert command("endpoints", "invoke-async", shared, str(row), code=1)  # it is none of these
    command("endpoints", "code", shared, "/no/such/file", code=2)


def test_a_variant_scales_and_scales_no_more(command: Command, shared: str) -> None:
    scaling = ("endpoints", "scaling")
    told = command(*scaling, "set", shared, code=2)
    assert "blue, green" in told
    of_blue = ("--variant", "blue")
    assert "between 1 and 3" in command(
        *scaling, "set", shared, "--max", "3", "--invocations", "50", *of_blue
    )
    found = {each["variant"]: each for each in command.json(*scaling, "show", shared)["variants"]}
    assert (found["blue"]["min"], found["blue"]["max"]) == (1, 3)
    assert found["green"]["min"] is None
    policy = found["blue"]["policies"][0]
    assert policy["target"] == 50
    assert policy["name"] in command(*scaling, "show", shared)
    command(*scaling, "schedule", shared, "night", "cron(0 22 * * ? *)", "--max", "2", *of_blue)
    assert "night cron(0 22 * * ? *) UTC: most 2" in " ".join(command(*scaling, "show", shared).split())
    assert "cron" in command(*scaling, "schedule", shared, "day", "tomorrow", "--max", "2", *of_blue, code=1)
    command(*scaling, "unschedule", shared, "night", *of_blue)
    command(*scaling, "remove-policy", shared, policy["name"], *of_blue)
    left = command.json(*scaling, "show", shared)["variants"]
    assert [each["policies"] + each["schedules"] for each in left] == [[], []]
    command(*scaling, "stop", shared, *of_blue)
    assert {each["max"] for each in command.json(*scaling, "show", shared)["variants"]} == {None}
    assert "did nothing" in command(*scaling, "show", shared, "--history")


def test_an_endpoint_changes_while_it_answers(command: Command, local: Target) -> None:
    name = deploy(local, "AllTraffic")
    assert "nothing" in command("endpoints", "update", name, code=2).lower()
    assert "members" in command("endpoints", "update", name, "--set", "colour=red", code=2)
    assert "whole number" in command("endpoints", "update", name, "--set", "count=many", code=2)
    told = command.json("endpoints", "update", name, "--set", "instance=ml.m5.xlarge", "--capture", "0")
    assert (told["status"], told["created_config"]) == ("InService", True)
    config = local.client("sagemaker").describe_endpoint_config(EndpointConfigName=told["config_name"])
    assert config["ProductionVariants"][0]["InstanceType"] == "ml.m5.xlarge"
    back = ("endpoints", "update", name, "--config", name)
    assert "between 1 and 50" in command(*back, "--policy", "canary", "--size", "60", code=1)
    assert f"InService, configuration {name}" in command(*back)
    local.client("sagemaker").delete_endpoint_config(EndpointConfigName=told["config_name"])
    assert "InService" in command("endpoints", "traffic", name, "--instances", "AllTraffic=2")
    found = local.client("sagemaker").describe_endpoint(EndpointName=name)["ProductionVariants"][0]
    assert found["CurrentInstanceCount"] == 2
    assert "red" in command("endpoints", "traffic", name, "--weight", "red=1", code=1)
    command("endpoints", "traffic", name, code=2)
    tags = command.json("endpoints", "tags", name, "--set", "stage=test", "--remove", "team")
    assert tags == [{"key": "stage", "value": "test"}]
    assert command.json("endpoints", "tags", name) == tags
    model = config["ProductionVariants"][0]["ModelName"]
    assert model in command("endpoints", "delete", name, "--models", code=1, given="n\n")
    assert command.json("endpoints", "delete", name, "--models", "--yes")["models"] == [model]
    assert "Could not find" in command("models", "describe", model, code=1)


def test_models_are_shown_deployed_and_deleted(command: Command, local: Target) -> None:
    model = create_model(local)
    assert model in [each["name"] for each in command.json("models", "list", "--search", model)]
    endpoint = unique("of-model")
    told = command("models", "deploy", model, "--endpoint", endpoint)
    assert told == f"Endpoint {endpoint}: InService\n"
    described = command.json("models", "describe", model)
    assert described["endpoints"] == [endpoint]
    assert "model.tar.gz" in command("models", "describe", model)
    assert endpoint in command("models", "delete", model, code=1, given="n\n")
    command("endpoints", "delete", endpoint, "--yes")
    assert command.json("models", "delete", model, "--yes") == {"name": model}
    command("models", "delete", model, "--yes", code=1)


def test_on_aws_more_instances_are_asked_for_first(
    moto_target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(moto_target._endpoint_url))
    monkeypatch.setenv("AWS_DEFAULT_REGION", moto_target.region)
    monkeypatch.setitem(LOOK_SECONDS, "aws", 0.05)
    name = deploy(moto_target, "AllTraffic")
    monkeypatch.setenv(NO_QUESTIONS, "1")
    aws = Command("--target", "aws", "--region", moto_target.region)
    more = ("endpoints", "traffic", name, "--instances", "AllTraffic=3")
    assert "2 × ml.m5.large" in aws(*more, code=1, given="n\n")
    assert "2 × ml.m5.large" in aws(*more, "--yes")
    limits = ("endpoints", "scaling", "set", name, "--max", "5")
    assert "not confirmed" in aws(*limits, code=1, given="n\n")
    aws(*limits, "--yes")
    assert json.loads(aws("endpoints", "scaling", "show", name, "--json"))["variants"][0]["max"] == 5
    larger = ("endpoints", "update", name, "--set", "instance=ml.m5.4xlarge", "--no-wait")
    assert "4xlarge" in aws(*larger, code=1, given="n\n")
    aws("endpoints", "delete", name, "--yes")
