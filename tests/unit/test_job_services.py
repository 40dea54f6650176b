"""Job operations and tags on the wire, through unmodified boto3 and a real engine."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningEngine, eventually

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROWS = "".join(f"{n % 2},{n},{n * 7 % 5}\n" for n in range(40))
FINAL = ("Completed", "Failed", "Stopped")


@pytest.fixture(scope="module")
def sagemaker(engine: RunningEngine) -> Any:
    """A SageMaker client of an engine with the bucket `wire` and its training data."""
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="wire")
    s3.put_object(Bucket="wire", Key="train/rows.csv", Body=ROWS.encode())
    return engine.client("sagemaker")


def request(name: str, **members: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://wire/train/"}
    channel = {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::000000000000:role/test",
        "HyperParameters": {"objective": "binary:logistic", "num_round": "2"},
        "InputDataConfig": [channel],
        "OutputDataConfig": {"S3OutputPath": "s3://wire/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **members,
    }


def finished(sagemaker: Any, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return found if found["TrainingJobStatus"] in FINAL else None

    return eventually(look, 60, name)


def refusal(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_described_job_has_what_the_sdk_reads(sagemaker: Any) -> None:
    sagemaker.create_training_job(**request("described"))
    job = finished(sagemaker, "described")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["OutputDataConfig"] == {
        "KmsKeyId": "",
        "S3OutputPath": "s3://wire/out",
        "CompressionType": "GZIP",
    }
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://wire/out/described/output/model.tar.gz"
    assert (
        job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "FullyReplicated"
    )
    assert job["AlgorithmSpecification"]["TrainingInputMode"] == "File"
    assert job["EnableNetworkIsolation"] is False
    names = {metric["MetricName"] for metric in job["FinalMetricDataList"]}
    assert "train:logloss" in names


def test_metrics_of_a_job_are_in_cloudwatch(sagemaker: Any, engine: RunningEngine) -> None:
    sagemaker.create_training_job(**request("measured"))
    job = finished(sagemaker, "measured")
    statistics = engine.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="train:logloss",
        Dimensions=[{"Name": "TrainingJobName", "Value": "measured"}],
        StartTime=job["TrainingStartTime"].timestamp() - 60,
        EndTime=time.time() + 60,
        Period=60,
        Statistics=["SampleCount"],
    )
    assert sum(point["SampleCount"] for point in statistics["Datapoints"]) == 2


def test_listings_filter_sort_and_page(sagemaker: Any) -> None:
    names = [f"listed-{letter}" for letter in "cab"]
    for name in names:
        sagemaker.create_training_job(**request(name))
    for name in names:
        finished(sagemaker, name)

    def listed(**arguments: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_training_jobs").paginate(NameContains="listed", **arguments)
        return [summary["TrainingJobName"] for page in pages for summary in page["TrainingJobSummaries"]]

    assert listed() == names[::-1]
    assert listed(SortOrder="Ascending") == names
    assert listed(SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 1}) == sorted(names)
    assert sorted(listed(StatusEquals="Completed")) == sorted(names)
    assert listed(StatusEquals="Failed") == []
    assert listed(CreationTimeAfter=time.time() + 60) == []
    code, _ = refusal(sagemaker.list_training_jobs, NextToken="made-up")
    assert code == "ValidationException"
    summary = sagemaker.list_training_jobs(NameContains="listed-a")["TrainingJobSummaries"][0]
    assert summary["TrainingJobStatus"] == "Completed"
    assert summary["TrainingEndTime"] >= summary["CreationTime"]


def test_errors_have_the_codes_and_words_of_aws(sagemaker: Any) -> None:
    sagemaker.create_training_job(**request("twice"))
    assert refusal(sagemaker.create_training_job, **request("twice"))[0] == "ResourceInUse"
    assert refusal(sagemaker.describe_training_job, TrainingJobName="nobody") == (
        "ValidationException",
        "Requested resource not found.",
    )
    finished(sagemaker, "twice")
    code, message = refusal(sagemaker.stop_training_job, TrainingJobName="twice")
    assert (code, "is in status Completed" in message) == ("ValidationException", True)
    assert refusal(sagemaker.create_training_job, **request("bad name"))[0] == "ValidationException"
    many = {"InstanceType": "ml.m5.large", "InstanceCount": 99, "VolumeSizeInGB": 5}
    assert (
        refusal(sagemaker.create_training_job, **request("many", ResourceConfig=many))[0]
        == "ResourceLimitExceeded"
    )


def test_a_job_that_is_stopped_ends_as_stopped(sagemaker: Any) -> None:
    sagemaker.create_training_job(**request("endless", HyperParameters={"num_round": "10000000"}))
    eventually(
        lambda: sagemaker.describe_training_job(TrainingJobName="endless")["SecondaryStatus"] == "Training",
        what="Training",
    )
    sagemaker.stop_training_job(TrainingJobName="endless")
    assert finished(sagemaker, "endless")["TrainingJobStatus"] == "Stopped"


def test_tags_are_kept_with_a_resource(sagemaker: Any) -> None:
    arn = sagemaker.create_training_job(**request("tagged", Tags=[{"Key": "b", "Value": "1"}]))[
        "TrainingJobArn"
    ]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "a", "Value": "2"},
        {"Key": "b", "Value": "3"},
    ]
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a", "never"])
    assert [tag["Key"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]] == ["b"]
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert refusal(sagemaker.add_tags, ResourceArn=arn, Tags=many)[0] == "ValidationException"
    unknown = arn.replace("tagged", "nobody")
    assert "Could not find" in refusal(sagemaker.list_tags, ResourceArn=unknown)[1]
    finished(sagemaker, "tagged")


def test_transform_and_processing_jobs_answer_on_the_wire(sagemaker: Any) -> None:
    for word, stem in (("transform", "Transform"), ("processing", "Processing")):
        listed = getattr(sagemaker, f"list_{word}_jobs")(NameContains="nobody")
        assert listed[f"{stem}JobSummaries"] == []
        code, message = refusal(getattr(sagemaker, f"describe_{word}_job"), **{f"{stem}JobName": "nobody"})
        assert (code, message) == ("ValidationException", "Could not find requested job with name: nobody")
        assert refusal(getattr(sagemaker, f"stop_{word}_job"), **{f"{stem}JobName": "nobody"})[0] == code
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5}
    own = {
        "ProcessingJobName": "own",
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "x.py"]},
        "ProcessingInputs": [
            {"InputName": "query", "DatasetDefinition": {"LocalPath": "/opt/ml/processing/q"}}
        ],
        "ProcessingResources": {"ClusterConfig": cluster},
        "RoleArn": "arn:aws:iam::000000000000:role/test",
    }
    code, message = refusal(sagemaker.create_processing_job, **own)
    assert (code, "not offered" in message) == ("ValidationException", True)
