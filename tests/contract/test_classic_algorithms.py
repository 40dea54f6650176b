"""Classic algorithms through the wire: boto3 trains, on several hosts and from pipes, deploys, predicts and transforms."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import numpy as np
import pytest

from smstudio_ext.formats import mxnet, recordio
from tests.conftest import RunningEngine

REGISTRY = "404615174143.dkr.ecr.us-east-2.amazonaws.com"
ROLE = "arn:aws:iam::000000000000:role/service-role/test"
BUCKET = "contract-classic"
RECORDIO = "application/x-recordio-protobuf"


class Jobs:
    """boto3 clients of one engine and short ways to train."""

    def __init__(self, engine: RunningEngine) -> None:
        self.sagemaker = engine.client("sagemaker")
        self.runtime = engine.client("sagemaker-runtime")
        self.s3 = engine.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)

    def put(self, key: str, data: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=data)
        return f"s3://{BUCKET}/{key.rpartition('/')[0]}/"

    def train(
        self,
        name: str,
        image: str,
        settings: dict[str, Any],
        channels: dict[str, Any],
        *,
        mode: str = "File",
        hosts: int = 1,
    ) -> dict[str, Any]:
        self.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": f"{REGISTRY}/{image}:1", "TrainingInputMode": mode},
            RoleArn=ROLE,
            HyperParameters={key: str(value) for key, value in settings.items()},
            InputDataConfig=[
                {
                    "ChannelName": channel,
                    "ContentType": kind,
                    "DataSource": {
                        "S3DataSource": {
                            "S3DataType": "S3Prefix",
                            "S3Uri": uri,
                            "S3DataDistributionType": "ShardedByS3Key" if hosts > 1 else "FullyReplicated",
                        }
                    },
                }
                for channel, (uri, kind) in channels.items()
            ],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": hosts, "VolumeSizeInGB": 5},
            StoppingCondition={"MaxRuntimeInSeconds": 600},
        )
        waiter = self.sagemaker.get_waiter("training_job_completed_or_stopped")
        waiter.config.delay = 1
        try:
            waiter.wait(TrainingJobName=name)
        except Exception as error:  # noqa: BLE001 - a failed job: the caller looks at its status
            print(error)
        described: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return described

    def model_file(self, job: dict[str, Any]) -> bytes:
        key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{BUCKET}/")
        data = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            member = tar.extractfile("model_algo-1")
            assert member is not None
            return member.read()


@pytest.fixture(scope="module")
def jobs(engine: RunningEngine) -> Jobs:
    return Jobs(engine)


def metrics(job: dict[str, Any]) -> dict[str, float]:
    return {entry["MetricName"]: entry["Value"] for entry in job["FinalMetricDataList"]}


def test_linear_learner_trains_deploys_and_predicts(jobs: Jobs) -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(800, 5)).astype(np.float32)
    labels = (features[:, 0] - features[:, 1] > 0).astype(np.float32)
    uris = {
        name: (jobs.put(f"linear/{name}/part", recordio.write_dense(features[rows], labels[rows])), RECORDIO)
        for name, rows in (
            ("train", slice(0, 500)),
            ("validation", slice(500, 650)),
            ("test", slice(650, 800)),
        )
    }
    job = jobs.train(
        "classic-linear",
        "linear-learner",
        {"predictor_type": "binary_classifier", "mini_batch_size": 100},
        uris,
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = metrics(job)
    assert found["test:binary_classification_accuracy"] > 0.95
    assert {
        "train:objective_loss",
        "validation:objective_loss:final",
        "validation:binary_f_beta",
        "train:progress",
    } <= found.keys()
    listed = [one["Name"] for one in job["AlgorithmSpecification"].get("MetricDefinitions", [])]
    assert not listed or "validation:binary_f_beta" in listed
    jobs.sagemaker.create_model(
        ModelName="classic",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": f"{REGISTRY}/linear-learner:1",
            "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        },
    )
    variant = {
        "VariantName": "v",
        "ModelName": "classic",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    jobs.sagemaker.create_endpoint_config(EndpointConfigName="classic", ProductionVariants=[variant])
    jobs.sagemaker.create_endpoint(EndpointName="classic", EndpointConfigName="classic")
    jobs.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="classic")
    body = json.dumps({"instances": [{"features": [2, -2, 0, 0, 0]}, {"features": [-2, 2, 0, 0, 0]}]})
    answer = jobs.runtime.invoke_endpoint(EndpointName="classic", ContentType="application/json", Body=body)
    rows = json.loads(answer["Body"].read())["predictions"]
    assert [row["predicted_label"] for row in rows] == [1, 0]
    packed = recordio.write_dense(features[:3])
    answer = jobs.runtime.invoke_endpoint(
        EndpointName="classic", ContentType=RECORDIO, Accept=RECORDIO, Body=packed
    )
    assert answer["ContentType"] == RECORDIO
    with pytest.raises(jobs.runtime.exceptions.ModelError, match="Feature size of the request is 1"):
        jobs.runtime.invoke_endpoint(EndpointName="classic", ContentType="text/csv", Body="1")
    jobs.sagemaker.delete_endpoint(EndpointName="classic")


def test_kmeans_on_two_hosts_from_shards(jobs: Jobs) -> None:
    generator = np.random.default_rng(1)
    centers = np.array([[0, 0], [10, 0], [0, 10]])
    rows = (centers[generator.integers(0, 3, 600)] + generator.normal(size=(600, 2))).astype(np.float32)
    for at in range(2):
        uri = jobs.put(f"kmeans/train/part-{at}", recordio.write_dense(rows[at * 300 : at * 300 + 300]))
    job = jobs.train(
        "classic-kmeans", "kmeans", {"k": 3, "feature_dim": 2}, {"train": (uri, RECORDIO)}, hosts=2
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert metrics(job)["train:msd"] == pytest.approx(2.0, rel=0.15)
    (found,) = mxnet.read(jobs.model_file(job))
    assert sorted(np.round(found.sum(axis=1)).tolist()) == pytest.approx([0, 10, 10], abs=1)


def test_pca_from_a_pipe(jobs: Jobs) -> None:
    generator = np.random.default_rng(2)
    rows = (generator.normal(size=(400, 2)) @ generator.normal(size=(2, 6))).astype(np.float32)
    uri = jobs.put("pca/train/part", recordio.write_dense(rows))
    settings = {"num_components": 2, "feature_dim": 6, "mini_batch_size": 100}
    job = jobs.train("classic-pca", "pca", settings, {"train": (uri, RECORDIO)}, mode="Pipe")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = mxnet.read(jobs.model_file(job))
    assert isinstance(found, dict)
    total = ((rows - rows.mean(axis=0)) ** 2).sum()
    assert (found["s"] ** 2).sum() == pytest.approx(total, rel=1e-3)


def test_failures_carry_the_containers_texts(jobs: Jobs) -> None:
    uri = jobs.put("bad/train/part", b"a,b,c\n1,2,3\n")
    job = jobs.train("classic-missing", "kmeans", {"k": 3}, {"train": (uri, "text/csv")})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(
        "ClientError: No value(s) were specified for 'feature_dim' which are required hyperparameter(s) (caused by "
        "ValidationError)"
    )
    job = jobs.train(
        "classic-header", "kmeans", {"k": 2, "feature_dim": 3}, {"train": (uri, "text/csv;label_size=0")}
    )
    assert "line 1: 'a' is not a number. The first line seems to be a header" in job["FailureReason"]
