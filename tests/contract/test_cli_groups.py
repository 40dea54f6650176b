"""Groups of the command line on a real engine: experiments, Autopilot's, jobs from requests, prices, cost."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.magics.cost import history_table
from smstudio_ext.target import LocalEngine, Target
from tests.conftest import RunningEngine, eventually
from tests.contract.studio_targets import engine_target
from tests.contract.terminal import Command, command

__all__ = ["command"]  # a fixture

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole"


LOCAL = Target.local(LocalEngine("http://127.0.0.1:9", "a", "b"))
"""An engine that need not run."""


@pytest.fixture(scope="module")
def experiment(engine: RunningEngine) -> str:
    """An experiment with two runs."""
    name = f"cli-{secrets.token_hex(3)}"
    sagemaker = engine.client("sagemaker")
    sagemaker.create_experiment(ExperimentName=name)
    sagemaker.create_trial(TrialName=f"{name}-trial", ExperimentName=name)
    for number in (1, 2):
        run = f"{name}-run-{number}"
        sagemaker.create_trial_component(
            TrialComponentName=run,
            DisplayName=f"attempt-{number}",
            Parameters={"eta": {"NumberValue": number / 10}, "SageMaker.InstanceType": {"StringValue": "x"}},
            Status={"PrimaryStatus": "Completed"},
        )
        sagemaker.associate_trial_component(TrialComponentName=run, TrialName=f"{name}-trial")
    return name


def test_experiments_are_listed_and_compared(command: Command, experiment: str, tmp_path: Path) -> None:
    assert experiment in [
        each["name"] for each in command.json("experiments", "list", "--search", experiment)
    ]
    runs = command.json("experiments", "runs", experiment)
    assert {each["display_name"] for each in runs} == {"attempt-1", "attempt-2"}
    assert "attempt-1" in command("experiments", "runs", experiment)
    found = {each["name"]: each for each in command.json("experiments", "compare", experiment)}
    assert found[f"{experiment}-run-2"]["Parameters.eta"] == 0.2
    text = command("experiments", "compare", experiment)
    assert "eta" in text
    assert "InstanceType" not in text
    chosen = command("experiments", "compare", experiment, "--column", "Parameters.SageMaker.InstanceType")
    assert "InstanceType" in chosen
    assert "no runs" in command("experiments", "compare", "nothing-of-this-name")

    for kind in ("csv", "parquet"):
        file = tmp_path / f"runs.{kind}"
        command("experiments", "export", "table", str(file), "--experiment", experiment)
        assert file.stat().st_size > 100
        assert "is there already" in command("experiments", "export", "table", str(file), code=1)
    assert "attempt-2" in (tmp_path / "runs.csv").read_text()
    command("experiments", "export", "table", str(tmp_path / "runs.xlsx"), code=2)


def test_experiments_are_deleted_after_a_question(command: Command, engine: RunningEngine) -> None:
    name = f"gone-{secrets.token_hex(3)}"
    sagemaker = engine.client("sagemaker")
    sagemaker.create_experiment(ExperimentName=name)
    sagemaker.create_trial(TrialName=f"{name}-t", ExperimentName=name)
    kept = command("experiments", "delete", name, code=1, given="n\n")
    assert "1 experiments, 1 trials, 0 runs" in kept
    assert command.json("experiments", "delete", name, "--yes")["experiments"] == [name]
    assert name not in [each["name"] for each in command.json("experiments", "list", "-n", "1000")]
    assert "does not exist" in command("experiments", "delete", name, "--yes", code=1)


def request(name: str) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "HyperParameters": {"num_round": "2"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://cli-groups/train.csv"}
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://cli-groups/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


def test_a_job_is_made_from_its_request(command: Command, engine: RunningEngine, tmp_path: Path) -> None:
    target = engine_target(engine)
    s3 = target.client("s3")
    s3.create_bucket(Bucket="cli-groups")
    s3.put_object(Bucket="cli-groups", Key="train.csv", Body=b"1,0.2\n0,0.1\n" * 50)
    name = f"cli-{secrets.token_hex(3)}"
    file = tmp_path / "request.json"
    file.write_text(json.dumps(request(name)))
    checked = command("jobs", "create", "training", str(file), "--check")
    assert "At most 0.115 USD" in checked
    assert name in command("jobs", "create", "training", str(file))
    eventually(
        lambda: (
            target.client("sagemaker").describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
            == "Completed"
        ),
        what="the job's end",
    )
    assert "already exists" in command(
        "jobs", "create", "training", "-", given=json.dumps(request(name)), code=1
    )
    again = command.json("jobs", "request", name)
    assert again["HyperParameters"]["num_round"] == "2"
    assert again["TrainingJobName"] != name
    assert "well formed" in command("jobs", "create", "training", "--check", given=json.dumps(again))
    assert command.json("jobs", "metrics", name)["metrics"] is not None
    assert "instances" in command.json("jobs", "metrics", name, "--instances")
    assert "Could not find" in command("jobs", "outputs", name, code=1)
    costs = command.json("cost")
    assert any(each["metered"] == "Training" and each["hours"] > 0 for each in costs["totals"])
    assert "Simulated" in command("cost", "--by", "day")
    assert command("cost", "--csv", "-").startswith("day,time zone")
    assert "no time zone" in command("cost", "--timezone", "Mars/Base", code=1)
    for by_day in (True, False):
        shown = history_table(target, 2, by_day=by_day)
        assert "Simulated" in shown.title
    command("jobs", "delete", name, code=1, given="n\n")
    assert "being deleted" in command("jobs", "delete", name, "--yes")


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "no JSON"), ("[]", "no JSON object")],
)
def test_what_is_no_request_is_refused(command: Command, text: str, told: str) -> None:
    assert told in command("jobs", "create", "training", given=text, code=2)


def test_requests_that_aws_would_refuse_name_the_member(command: Command) -> None:
    bad = request("x" * 80)
    assert "TrainingJobName" in command("jobs", "create", "training", given=json.dumps(bad), code=1)
    command("jobs", "create", "training", "/no/such/file.json", code=2)


def test_experiments_of_autopilot_that_are_not_there(command: Command) -> None:
    assert isinstance(command.json("autopilot", "list", "-n", "5"), list)
    for verb in ("describe", "leaderboard", "stop", "deploy", "notebooks"):
        assert "Could not find" in command("autopilot", verb, "nothing-of-this-name", code=1)


def test_prices_are_shown_and_taken_over(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("smstudio_ext.cli.places.local_target", lambda data: LOCAL)
    assert "list of 2024-06-30" in command("config", "prices")
    offer = {
        "offerCode": "AmazonSageMaker",
        "publicationDate": "2026-11-01T00:00:00Z",
        "products": {
            "A": {
                "attributes": {
                    "regionCode": "eu-west-1",
                    "component": "Hosting",
                    "instanceName": "ml.m5.large",
                }
            }
        },
        "terms": {
            "OnDemand": {
                "A": {"x": {"priceDimensions": {"y": {"unit": "Hrs", "pricePerUnit": {"USD": "0.128"}}}}}
            }
        },
    }
    (tmp_path / "offer.json").write_text(json.dumps(offer))
    assert "eu-west-1 (1)" in command("config", "prices", "--from", str(tmp_path / "offer.json"))
    assert "eu-west-1" in command("config", "prices", "--regions")
    found = command.json("config", "prices", "--region", "eu-west-1")
    assert found["rows"] == [{"instance_type": "ml.m5.large", "prices": {"Endpoint": 0.128}}]
    command("config", "prices", "--from", "x", "--fetch", code=2)
    assert "Choose an AWS target" in command("config", "prices", "--fetch", code=1)


def test_what_is_not_offered_says_so(command: Command) -> None:
    assert "not offered" in command("monitor", code=1)
    assert "not offered" in command("monitor", "list", "--anything", code=1)
