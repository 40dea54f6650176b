"""Starting and following Autopilot jobs over plain boto3, for several test files."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import RunningEngine, eventually

ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonSageMaker-ExecutionRole"
BUCKET = "autopilot-tests"
FINAL = ("Completed", "Failed", "Stopped")


def put_data(engine: RunningEngine, key: str, body: bytes) -> str:
    """Puts a data set into the test bucket; returns its URI."""
    s3 = engine.client("s3")
    if BUCKET not in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def create_job(
    engine: RunningEngine,
    name: str,
    uri: str,
    target: str,
    criteria: dict[str, Any] | None = None,
    **members: Any,
) -> str:
    """CreateAutoMLJob; returns the ARN."""
    config = members.pop("AutoMLJobConfig", {})
    answer: dict[str, str] = engine.client("sagemaker").create_auto_ml_job(
        AutoMLJobName=name,
        InputDataConfig=[
            {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
                "TargetAttributeName": target,
            }
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        RoleArn=ROLE,
        AutoMLJobConfig={"CompletionCriteria": criteria or {"MaxCandidates": 3}, **config},
        **members,
    )
    return answer["AutoMLJobArn"]


def describe(engine: RunningEngine, name: str) -> dict[str, Any]:
    """DescribeAutoMLJob."""
    found: dict[str, Any] = engine.client("sagemaker").describe_auto_ml_job(AutoMLJobName=name)
    return found


def wait_for(engine: RunningEngine, name: str, *stages: str, timeout: float = 120.0) -> dict[str, Any]:
    """Waits until a job is in one of these stages (or has ended)."""
    client = engine.client("sagemaker")

    def reached() -> dict[str, Any] | None:
        job: dict[str, Any] = client.describe_auto_ml_job(AutoMLJobName=name)
        ended = job["AutoMLJobStatus"] in FINAL
        return job if ended or job["AutoMLJobSecondaryStatus"] in stages else None

    return eventually(reached, timeout, f"{name} in {stages or 'a final state'}")  # type: ignore[return-value]


def analysis_of(engine: RunningEngine, name: str, output: str) -> dict[str, Any]:
    """The analysis.json of a job whose output lies below the prefix `output` of the test bucket."""
    s3 = engine.client("s3")
    prefix = f"{output}/{name}/sagemaker-automl-candidates/"
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    key = next(one["Key"] for one in listed if one["Key"].endswith("/analysis.json"))
    found: dict[str, Any] = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    return found


def candidates(engine: RunningEngine, name: str, **arguments: Any) -> list[dict[str, Any]]:
    """All candidates of a job, by paging."""
    client = engine.client("sagemaker")
    found: list[dict[str, Any]] = []
    while True:
        page = client.list_candidates_for_auto_ml_job(AutoMLJobName=name, **arguments)
        found += page["Candidates"]
        if "NextToken" not in page:
            return found
        arguments["NextToken"] = page["NextToken"]


def children(engine: RunningEngine, name: str) -> dict[str, list[str]]:
    """Names of all jobs whose names begin with an Autopilot job's."""
    client = engine.client("sagemaker")
    kinds = {
        "processing": ("list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName"),
        "training": ("list_training_jobs", "TrainingJobSummaries", "TrainingJobName"),
        "transform": ("list_transform_jobs", "TransformJobSummaries", "TransformJobName"),
        "tuning": (
            "list_hyper_parameter_tuning_jobs",
            "HyperParameterTuningJobSummaries",
            "HyperParameterTuningJobName",
        ),
    }
    return {
        kind: sorted(one[member] for one in getattr(client, call)(NameContains=name, MaxResults=100)[listing])
        for kind, (call, listing, member) in kinds.items()
    }


def running(engine: RunningEngine, name: str) -> list[str]:
    """Names of jobs that belong to an Autopilot job and have not ended."""
    client = engine.client("sagemaker")
    found = []
    for status in ("InProgress", "Stopping"):
        for call, listing, member in (
            ("list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName"),
            ("list_training_jobs", "TrainingJobSummaries", "TrainingJobName"),
            ("list_transform_jobs", "TransformJobSummaries", "TransformJobName"),
        ):
            page = getattr(client, call)(NameContains=name, StatusEquals=status, MaxResults=100)
            found += [one[member] for one in page[listing]]
    return found
