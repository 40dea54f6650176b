"""Batch transform and processing jobs through their controllers."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.hosting.transform import jobs as transform
from smstudio_ext.engine.runtime import processing
from smstudio_ext.engine.store import Resource
from tests.unit.job_stand import ACCOUNT, BUCKET, IMAGE, REGION, JobStand, job_stand

COUNTER = f"{ACCOUNT}/test-counter:1"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def model(stand: JobStand, name: str, *images: str, data: str | None = None) -> None:
    containers = [{"Image": image, **({"ModelDataUrl": data} if data else {})} for image in images]
    document: dict[str, Any] = (
        {"PrimaryContainer": containers[0]} if len(images) == 1 else {"Containers": containers}
    )
    arn = sagemaker_arn("Model", REGION, name)
    row = Resource("Model", REGION, name, arn, "Created", 1.0, 1.0, document, finished=True)
    stand.ctx.store.resources.create(row)


def transform_job(
    stand: JobStand, name: str, model: str = "upper", prefix: str = "in/", **members: Any
) -> Resource:
    given = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{prefix}"}
    request: dict[str, Any] = {
        "TransformJobName": name,
        "ModelName": model,
        "TransformInput": {
            "DataSource": {"S3DataSource": given},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://{BUCKET}/out",
            "AssembleWith": "Line",
            "Accept": "text/csv",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    for member, value in members.items():
        request[member] = (
            {**request[member], **value} if isinstance(value, dict) and member in request else value
        )
    return transform.create_transform_job(stand.ctx, REGION, request)


def test_a_transform_job_answers_every_file(stand: JobStand) -> None:
    model(stand, "upper", IMAGE)
    stand.put("in/a.csv", "x,1\ny,2\n")
    stand.put("in/sub/b.csv", "z,3")
    transform_job(stand, "job")
    row = stand.settle("job", transform.KIND)
    assert row.status == row.document["TransformJobStatus"] == "Completed"
    assert stand.keys("out/") == ["out/a.csv.out", "out/sub/b.csv.out"]
    assert stand.text("out/a.csv.out") == "X,1\nY,2\n"
    assert stand.text("out/sub/b.csv.out") == "Z,3\n"
    assert row.document["TransformStartTime"] <= row.document["TransformEndTime"]
    assert not Path(row.internal["folder"]).exists()


def test_containers_are_asked_one_after_the_other_and_archives_unpacked(stand: JobStand) -> None:
    buffer = io.BytesIO()
    tarfile.open(fileobj=buffer, mode="w:gz").close()
    data = stand.put("model.tar.gz", buffer.getvalue())
    model(stand, "chain", IMAGE, COUNTER, data=data)
    stand.put("in/a.csv", "x\ny\nz\n")
    transform_job(stand, "job", "chain")
    assert stand.settle("job", transform.KIND).status == "Completed"
    assert stand.text("out/a.csv.out") == "3\n"


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"BatchStrategy": "SingleRecord"}, "1\n1\n1\n"),
        ({"BatchStrategy": "MultiRecord"}, "3\n"),
        ({"TransformInput": {"SplitType": "None"}, "TransformOutput": {"AssembleWith": "None"}}, "3"),
        ({"BatchStrategy": "SingleRecord", "TransformOutput": {"AssembleWith": "None"}}, "111"),
    ],
)
def test_split_batch_and_assembly_follow_the_request(
    stand: JobStand, members: dict[str, Any], answer: str
) -> None:
    model(stand, "counter", COUNTER)
    stand.put("in/a.csv", "x\ny\nz\n")
    transform_job(stand, "job", "counter", **members)
    assert stand.settle("job", transform.KIND).status == "Completed"
    assert stand.text("out/a.csv.out") == answer


def test_gzip_input_is_unpacked_and_payloads_are_limited(stand: JobStand) -> None:
    model(stand, "counter", COUNTER)
    line = b"x" * 300_000 + b"\n"
    stand.put("in/a.csv.gz", gzip.compress(line * 7))
    transform_job(stand, "job", "counter", TransformInput={"CompressionType": "Gzip"}, MaxPayloadInMB=1)
    assert stand.settle("job", transform.KIND).status == "Completed"
    assert stand.text("out/a.csv.gz.out") == "3\n3\n1\n"


@pytest.mark.parametrize(
    ("key", "content", "words"),
    [
        ("in/a.csv", "good\nbad\n", "Bad HTTP status received from algorithm: 422. bucket/in/a.csv: bad row"),
        ("in/a.csv", "x" * (7 << 20), "exceeds MaxPayloadInMB (6 MB)"),
        ("elsewhere/a.csv", "x", "No S3 objects found under S3 URL"),
    ],
)
def test_a_refused_request_fails_the_job_and_stores_nothing(
    stand: JobStand, key: str, content: str, words: str
) -> None:
    model(stand, "upper", IMAGE)
    stand.put(key, content)
    transform_job(stand, "job")
    row = stand.settle("job", transform.KIND)
    assert row.status == "Failed"
    assert words in row.document["FailureReason"]
    assert stand.keys("out/") == []


def test_a_broken_or_missing_model_archive_fails_the_job(stand: JobStand) -> None:
    model(stand, "broken", IMAGE, data=stand.put("broken.tar.gz", b"no archive"))
    model(stand, "gone", IMAGE, data=f"s3://{BUCKET}/gone.tar.gz")
    stand.put("in/a.csv", "x")
    transform_job(stand, "a", "broken")
    transform_job(stand, "b", "gone")
    assert "not a gzipped tar archive" in stand.settle("a", transform.KIND).document["FailureReason"]
    assert "Could not find model data" in stand.settle("b", transform.KIND).document["FailureReason"]


def test_transform_requests_that_cannot_run_are_refused(stand: JobStand) -> None:
    model(stand, "upper", IMAGE)
    stand.put("in/a.csv", "x")
    with pytest.raises(ValidationException, match="Could not find model"):
        transform_job(stand, "job", "nobody")
    with pytest.raises(ValidationException, match=r"JSONPath filter '\$\[a\]' is not supported"):
        transform_job(stand, "job", DataProcessing={"InputFilter": "$[a]"})
    with pytest.raises(
        ValidationException, match=r"MaxPayloadInMB \* MaxConcurrentTransforms must not exceed 100"
    ):
        transform_job(stand, "job", MaxPayloadInMB=60, MaxConcurrentTransforms=2)
    transform_job(stand, "job")
    with pytest.raises(ResourceInUse, match="Transform job names must be unique"):
        transform_job(stand, "job")
    stand.settle("job", transform.KIND)
    with pytest.raises(ValidationException, match="is in status Completed"):
        transform.stop_transform_job(stand.ctx, REGION, "job")
    with pytest.raises(ValidationException, match="Could not find requested job with name: nobody"):
        transform.get_transform_job(stand.ctx, REGION, "nobody")


def processing_request(name: str, **members: Any) -> dict[str, Any]:
    given = {"S3Uri": f"s3://{BUCKET}/in/", "LocalPath": "/opt/ml/processing/input", "S3DataType": "S3Prefix"}
    wanted = {
        "S3Uri": f"s3://{BUCKET}/processed",
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    return {
        "ProcessingJobName": name,
        "AppSpecification": {"ImageUri": IMAGE},
        "ProcessingInputs": [{"InputName": "in", "S3Input": given}],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": wanted}]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5}
        },
        "Environment": {"END": "!"},
        "RoleArn": "arn:aws:iam::000000000000:role/test",
        **members,
    }


def test_a_processing_job_stores_its_outputs(stand: JobStand) -> None:
    stand.put("in/a.txt", "one ")
    stand.put("in/b.txt", "two")
    parent = "AutoMLJob/auto"
    processing.create_processing_job(stand.ctx, REGION, processing_request("job"), parent=parent)
    row = stand.settle("job", processing.KIND)
    assert row.status == row.document["ProcessingJobStatus"] == "Completed"
    assert stand.text("processed/joined.txt") == "one two!"
    assert row.document["AutoMLJobArn"].endswith(":automl-job/auto")
    assert row.document["ProcessingStartTime"] <= row.document["ProcessingEndTime"]


def test_processing_failures_and_refusals_say_why(stand: JobStand) -> None:
    request = processing_request("job", ProcessingInputs=[])
    processing.create_processing_job(stand.ctx, REGION, request)
    row = stand.settle("job", processing.KIND)
    assert row.status == "Failed"
    assert row.document["FailureReason"] == "AlgorithmError: No such file or directory, exit code: 1"
    with pytest.raises(ResourceInUse, match="Processing job names must be unique"):
        processing.create_processing_job(stand.ctx, REGION, request)
    counter = {"ImageUri": COUNTER}
    with pytest.raises(ValidationException, match="has no processing program"):
        processing.create_processing_job(
            stand.ctx, REGION, processing_request("own", AppSpecification=counter)
        )
    outside = processing_request("outside")
    outside["ProcessingInputs"][0]["S3Input"]["LocalPath"] = "/opt/ml/../../etc"
    with pytest.raises(ValidationException, match="must be below /opt/ml"):
        processing.create_processing_job(stand.ctx, REGION, outside)


@pytest.mark.parametrize("kind", [transform.KIND, processing.KIND])
def test_plain_jobs_survive_a_restart_at_every_phase(stand: JobStand, kind: str) -> None:
    model(stand, "upper", IMAGE)
    stand.put("in/a.csv", "x")
    if kind == transform.KIND:
        transform_job(stand, "job")
    else:
        processing.create_processing_job(stand.ctx, REGION, processing_request("job"))
    while not stand.job("job", kind).finished:
        stand.restart()
        stand.ctx.reconciler.step_once(kind, REGION, "job")
    assert stand.job("job", kind).status == "Completed"
    assert len(stand.keys("out/") + stand.keys("processed/")) == 1
