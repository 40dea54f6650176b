"""`kill -9` of a real engine while real XGBoost jobs are in every phase: each goes on, none is doubled, none hangs."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.conftest import RunningEngine, eventually

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
GROUP = "/aws/sagemaker/TrainingJobs"
FINAL = ("Completed", "Failed", "Stopped")


def rows(count: int) -> str:
    """A small table: label, two features."""
    made = random.Random(7)
    lines = []
    for _ in range(count):
        a, b = made.random(), made.random()
        lines.append(f"{int(a + b > 1)},{a:.4f},{b:.4f}")
    return "\n".join(lines) + "\n"


def create(sagemaker: Any, name: str, rounds: int = 5, **members: Any) -> None:
    """A training job on s3://crash/train/."""
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://crash/train/"}
    sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn="arn:aws:iam::000000000000:role/test",
        HyperParameters={"objective": "binary:logistic", "num_round": str(rounds), "eval_metric": "logloss"},
        InputDataConfig=[
            {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
        ],
        OutputDataConfig={"S3OutputPath": "s3://crash/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        **members,
    )


def prepare(engine: RunningEngine) -> None:
    """The bucket with the training data."""
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="crash")
    s3.put_object(Bucket="crash", Key="train/a.csv", Body=rows(400))


def finished(engine: RunningEngine, name: str) -> dict[str, Any]:
    """The job's description once it has ended."""
    sagemaker = engine.client("sagemaker")

    def ended() -> dict[str, Any] | None:
        description: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return description if description["TrainingJobStatus"] in FINAL else None

    return eventually(ended, 120, f"end of {name}")


def log_lines(engine: RunningEngine, name: str) -> list[str]:
    """What the job printed, read through CloudWatch Logs."""
    logs = engine.client("logs")
    streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
    assert len(streams) == 1
    events = logs.get_log_events(
        logGroupName=GROUP, logStreamName=streams[0]["logStreamName"], startFromHead=True
    )["events"]
    return [event["message"] for event in events]


def test_jobs_in_all_phases_survive_repeated_kills(own_engine: RunningEngine) -> None:
    prepare(own_engine)
    names = [f"job-{number}" for number in range(12)]
    rest = list(names)
    chance = random.Random(3)
    for _ in range(4):
        sagemaker = own_engine.client("sagemaker")
        for name in rest[:3]:
            create(sagemaker, name)
        del rest[:3]
        busy = names[: len(names) - len(rest)]
        target = chance.choice(["Starting", "Downloading", "Training", "Uploading", "Pending"])
        _wait_for_any(sagemaker, busy, target)
        own_engine.kill()
        own_engine.start()
    for name in names:
        description = finished(own_engine, name)
        assert description["TrainingJobStatus"] == "Completed", description.get("FailureReason")
        history = [step["Status"] for step in description["SecondaryStatusTransitions"]]
        assert [status for status in history if status != "Pending"] == [
            "Starting", "Downloading", "Training", "Uploading", "Completed",
        ]  # fmt: skip
        lines = log_lines(own_engine, name)
        assert sum("Train matrix has 400 rows" in line for line in lines) == 1, lines
    keys = [
        item["Key"]
        for item in own_engine.client("s3").list_objects_v2(Bucket="crash", Prefix="out/")["Contents"]
    ]
    assert sorted(keys) == sorted(f"out/{name}/output/model.tar.gz" for name in names)
    listed = own_engine.client("sagemaker").list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    assert sorted(summary["TrainingJobName"] for summary in listed) == sorted(names)


def test_a_running_job_goes_on_while_the_engine_is_away(own_engine: RunningEngine) -> None:
    prepare(own_engine)
    create(own_engine.client("sagemaker"), "long", rounds=3000)
    sagemaker = own_engine.client("sagemaker")
    eventually(
        lambda: _secondary(sagemaker, "long") not in ("Starting", "Pending", "Downloading"), what="Training"
    )
    own_engine.kill()
    own_engine.start()
    description = finished(own_engine, "long")
    assert description["TrainingJobStatus"] == "Completed"
    assert sum("Train matrix has" in line for line in log_lines(own_engine, "long")) == 1


@pytest.mark.parametrize("kill", ["before", "after"])
def test_a_stop_is_carried_out_whatever_happens_to_the_engine(own_engine: RunningEngine, kill: str) -> None:
    prepare(own_engine)
    sagemaker = own_engine.client("sagemaker")
    create(sagemaker, "endless", rounds=10_000_000)
    eventually(lambda: "Training" in _secondary(sagemaker, "endless"), what="Training")
    if kill == "before":
        own_engine.kill()
        own_engine.start()
    own_engine.client("sagemaker").stop_training_job(TrainingJobName="endless")
    if kill == "after":
        own_engine.kill()
        own_engine.start()
    assert finished(own_engine, "endless")["TrainingJobStatus"] == "Stopped"


def _secondary(sagemaker: Any, name: str) -> str:
    return str(sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"])


def _wait_for_any(sagemaker: Any, names: list[str], status: str) -> None:
    """Until one job has (or all have passed) a status: phases of milliseconds may not be seen."""

    def seen() -> bool:
        states = [_secondary(sagemaker, name) for name in names]
        return status in states or all(state == "Completed" for state in states)

    eventually(seen, 60, f"a job in {status}")
