"""Training jobs over the wire with unmodified boto3: own images, hosts, FIFOs, live metrics, warm pools, filters."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from smstudio_ext.cli.app import app
from tests.conftest import RunningEngine, eventually

BUCKET = "contract-training"
ROLE = "arn:aws:iam::000000000000:role/test"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


@pytest.fixture(scope="module")
def sagemaker(engine: RunningEngine) -> Any:
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    rows = "".join(f"{number % 2},{number % 2 * 3 + number % 7 / 7},{number % 5}\n" for number in range(200))
    for number in range(3):
        s3.put_object(Bucket=BUCKET, Key=f"rows/{number}.csv", Body=rows)
    return engine.client("sagemaker")


def register(engine: RunningEngine, folder: Path, name: str, program: str) -> str:
    folder.mkdir()
    (folder / "train").write_text(f"#!{sys.executable}\n{program}")
    (folder / "train").chmod(0o755)
    done = CliRunner().invoke(app, ["images", "register", name, str(folder), "--data", str(engine.data_dir)])
    assert done.exit_code == 0, done.output
    return f"000000000000.dkr.ecr.us-east-1.amazonaws.com/{name}:latest"


def create(sagemaker: Any, name: str, image: str, mode: str = "File", **members: Any) -> None:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/rows/"}
    request = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": mode},
        "RoleArn": ROLE,
        "InputDataConfig": [
            {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **members,
    }
    sagemaker.create_training_job(**request)


def finished(sagemaker: Any, name: str) -> dict[str, Any]:
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 100}
    )
    description: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
    return description


def test_a_built_in_image_learns_the_same_from_fifos_as_from_files(
    sagemaker: Any, engine: RunningEngine
) -> None:
    parameters = {"objective": "binary:logistic", "num_round": "3", "eval_metric": "logloss"}
    metrics = {}
    for mode in ("File", "Pipe", "FastFile"):
        create(sagemaker, f"mode-{mode}", XGBOOST, mode, HyperParameters=parameters)
        description = finished(sagemaker, f"mode-{mode}")
        assert description["TrainingJobStatus"] == "Completed", description["FailureReason"]
        metrics[mode] = {row["MetricName"]: row["Value"] for row in description["FinalMetricDataList"]}
    assert metrics["Pipe"] == metrics["File"] == metrics["FastFile"]


def test_an_own_image_on_two_hosts_with_metrics_while_it_runs(
    sagemaker: Any, engine: RunningEngine, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    image = register(
        engine,
        tmp_path / "image",
        "contract/two-hosts",
        f"""
import os, time
print("score=0.5;", flush=True)
while not os.path.exists("{go}"): time.sleep(0.02)
""",
    )
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    create(
        sagemaker,
        "two-hosts",
        image,
        AlgorithmSpecification={
            "TrainingImage": image,
            "TrainingInputMode": "Pipe",
            "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9.]+);"}],
        },
        ResourceConfig=resources,
    )
    cloudwatch = engine.client("cloudwatch")

    def live() -> list[float]:
        now = time.time()
        found = cloudwatch.get_metric_data(
            MetricDataQueries=[
                {
                    "Id": "a",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "/aws/sagemaker/TrainingJobs",
                            "MetricName": "score",
                            "Dimensions": [{"Name": "TrainingJobName", "Value": "two-hosts"}],
                        },
                        "Period": 1,
                        "Stat": "Average",
                    },
                }
            ],
            StartTime=now - 600,
            EndTime=now + 60,
        )
        return list(found["MetricDataResults"][0]["Values"])

    assert set(eventually(live, what="the metric of a running job")) == {0.5}
    assert sagemaker.describe_training_job(TrainingJobName="two-hosts")["TrainingJobStatus"] == "InProgress"
    go.touch()
    assert finished(sagemaker, "two-hosts")["TrainingJobStatus"] == "Completed"
    streams = engine.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="two-hosts/"
    )["logStreams"]
    assert [stream["logStreamName"].rsplit("-", 1)[0] for stream in streams] == [
        "two-hosts/algo-1",
        "two-hosts/algo-2",
    ]


def test_warm_pools_are_shown_updated_and_listed(
    sagemaker: Any, engine: RunningEngine, tmp_path: Path
) -> None:
    image = register(engine, tmp_path / "image", "contract/warm", "print('warm')")
    resources = {
        "InstanceType": "ml.m5.large",
        "InstanceCount": 1,
        "VolumeSizeInGB": 5,
        "KeepAlivePeriodInSeconds": 900,
    }
    create(sagemaker, "warm", image, ResourceConfig=resources)
    assert finished(sagemaker, "warm")["WarmPoolStatus"]["Status"] == "Available"
    (listed,) = sagemaker.list_training_jobs(WarmPoolStatusEquals="Available")["TrainingJobSummaries"]
    assert (listed["TrainingJobName"], listed["WarmPoolStatus"]["Status"]) == ("warm", "Available")
    sagemaker.update_training_job(TrainingJobName="warm", ResourceConfig={"KeepAlivePeriodInSeconds": 0})
    described = sagemaker.describe_training_job(TrainingJobName="warm")
    assert described["WarmPoolStatus"]["Status"] == "Terminated"


def test_a_quota_is_refused_with_the_code_of_aws(sagemaker: Any, engine: RunningEngine) -> None:
    place = engine.data_dir / "quotas.json"
    place.write_text('{"ml.p3.2xlarge for training job usage": 0}')
    try:
        resources = {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}
        with pytest.raises(ClientError) as caught:
            create(sagemaker, "quota", XGBOOST, ResourceConfig=resources)
    finally:
        place.unlink()
    assert caught.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    assert "'ml.p3.2xlarge for training job usage' is 0 Instances" in str(caught.value)
