"""Jobs of the local engine for AWS (moto) and back, and the commands on resources."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from smstudio_ext.aws_rules import NO_QUESTIONS
from smstudio_ext.cli import promote as promote_command
from smstudio_ext.cli.app import app
from smstudio_ext.studio import promote
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from smstudio_ext.target import Target
from tests.conftest import RunningEngine, eventually
from tests.contract.studio_targets import MOTO_ROLE, engine_target

BUCKET = "promote-data"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


@pytest.fixture(scope="module")
def local(engine: RunningEngine) -> Target:
    found = engine_target(engine)
    s3 = found.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    rows = np.random.default_rng(0).normal(size=(100, 3))
    text = "\n".join(",".join(f"{value:.4f}" for value in row) for row in rows)
    s3.put_object(Bucket=BUCKET, Key="train/part-1.csv", Body=text.encode())
    s3.put_object(Bucket=BUCKET, Key="train/part-2.csv", Body=text.encode())
    found.client("sagemaker").create_training_job(**_request("promote-me", found.role_arn() or ""))
    eventually(lambda: _status(found, "promote-me") == "Completed", what="the end of the job")
    return found


def _request(name: str, role: str, prefix: str = "train/") -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": role,
        "HyperParameters": {"num_round": "3", "objective": "reg:squarederror"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{prefix}"}
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    }


def _status(target: Target, name: str) -> str:
    found = target.client("sagemaker").describe_training_job(TrainingJobName=name)
    return str(found["TrainingJobStatus"])


def test_a_local_job_is_created_on_aws_with_its_inputs(local: Target, moto_target: Target) -> None:
    found = promote.promotion(local, moto_target, "promote-me", name="promoted")
    bucket = moto_target.default_bucket()
    assert found.left_out == ["VpcConfig"]
    assert found.copies == [(f"s3://{BUCKET}/train/", f"s3://{bucket}/promoted/{BUCKET}/train/")]
    assert found.request["RoleArn"] == MOTO_ROLE
    assert found.request["ResourceConfig"]["InstanceType"] == "ml.c5.xlarge"
    assert found.request["OutputDataConfig"]["S3OutputPath"] == f"s3://{bucket}/promoted/{BUCKET}/models"
    lines: list[str] = []
    arn = promote.send(local, moto_target, found, lines.append)
    assert arn.endswith("training-job/promoted")
    assert "Copied 2 objects" in lines[0]
    there = moto_target.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"promoted/{BUCKET}/train/")
    assert there["KeyCount"] == 2
    job = moto_target.client("sagemaker").describe_training_job(TrainingJobName="promoted")
    assert job["HyperParameters"] == {"num_round": "3", "objective": "reg:squarederror"}


def test_a_job_of_aws_runs_here(local: Target, moto_target: Target) -> None:
    s3 = moto_target.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="train/a.csv", Body=b"1,2,3\n2,3,4\n3,4,5\n4,5,6\n")
    moto_target.client("sagemaker").create_training_job(**_request("from-aws", MOTO_ROLE))
    found = promote.promotion(moto_target, local, "from-aws", name="from-aws-here")
    promote.send(moto_target, local, found, lambda line: None)
    eventually(lambda: _status(local, "from-aws-here") == "Completed", what="the end of the job taken over")


def test_images_take_the_other_regions_registry(local: Target) -> None:
    found = promote.promotion(local, local.in_region("eu-west-1"), "promote-me")
    assert found.request["AlgorithmSpecification"]["TrainingImage"] == (
        "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    )


def test_what_cannot_be_taken_over_says_why(local: Target, moto_target: Target) -> None:
    with pytest.raises(Missing, match="no job named"):
        promote.promotion(local, moto_target, "nothing-of-this-name")
    nobody = Target.aws(None, "us-east-1", None, endpoint_url=moto_target._endpoint_url)
    with pytest.raises(BadInput, match="No execution role"):
        promote.promotion(local, nobody, "promote-me")
    found = promote.promotion(local, moto_target, "promote-me", name="empty")
    local.client("s3").delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": "train/part-1.csv"}, {"Key": "train/part-2.csv"}]}
    )
    with pytest.raises(Conflict, match="nothing at"):
        promote.send(local, moto_target, found, lambda line: None)


def test_the_command_prints_and_asks(
    local: Target, moto_target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        promote_command, "chosen", lambda target, *_, **__: local if target == "local" else moto_target
    )
    local.client("s3").put_object(Bucket=BUCKET, Key="train/again.csv", Body=b"1,2,3\n")
    monkeypatch.setenv(NO_QUESTIONS, "1")
    shown = CliRunner().invoke(app, ["promote", "promote-me", "--to", "aws", "--name", "by-command"])
    assert "Would copy" in shown.output
    assert "VpcConfig" in shown.output
    refused = CliRunner().invoke(
        app, ["promote", "promote-me", "--to", "aws", "--name", "by-command", "--send"], input="n\n"
    )
    assert refused.exit_code == 1
    names = [
        job["TrainingJobName"]
        for job in moto_target.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    ]
    assert "by-command" not in names
    done = CliRunner().invoke(
        app, ["promote", "promote-me", "--to", "aws", "--name", "by-command", "--send", "--yes"]
    )
    assert done.exit_code == 0, done.output
    assert _status(moto_target, "by-command")


@pytest.fixture
def command(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))

    def run(*arguments: str, code: int = 0, given: str | None = None) -> str:
        result = CliRunner().invoke(app, list(arguments), input=given)
        assert result.exit_code == code, result.output
        return result.output

    return run


def test_commands_on_jobs_and_endpoints(command: Any, local: Target) -> None:
    rows = json.loads(command("jobs", "list", "training", "--json"))
    assert "promote-me" in [row["name"] for row in rows]
    assert "promote-me" in command("jobs", "list", "-n", "100")
    assert json.loads(command("jobs", "describe", "promote-me"))["TrainingJobStatus"] == "Completed"
    assert "train-rmse" in command("jobs", "logs", "promote-me", "-f")
    assert "Completed" in command("jobs", "wait", "promote-me")
    assert "does not run" in command("jobs", "stop", "promote-me", code=1)
    assert "no job named" in command("jobs", "wait", "nothing-of-this-name", code=1)
    command("jobs", "list", "--target", "moon", code=2)
    assert "no AWS profile" in command("jobs", "list", "--target", "aws", "--profile", "nobody", code=1)
    assert "no jobs" in command("jobs", "list", "--region", "ap-south-1")

    assert "InService" in command("endpoints", "deploy", "promote-me", "--name", "by-command")
    assert "by-command" in command("endpoints", "list")
    assert float(command("endpoints", "invoke", "by-command", given="0.1,0.2"))
    assert command("endpoints", "invoke", "by-command", "nofile.csv", code=2)
    command("endpoints", "delete", "by-command", code=1, given="n\n")
    assert "being deleted" in command("endpoints", "delete", "by-command", "--yes")


def test_the_configuration_is_shown_without_secrets(command: Any, engine: RunningEngine) -> None:
    text = command("config")
    found = json.loads(command("config", "--json"))
    assert found["engine"] == engine.url
    assert engine.info.secret_key not in text + json.dumps(found)
