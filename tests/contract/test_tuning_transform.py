"""Tuning and transform jobs through the wire: a real engine, unmodified boto3, real XGBoost and a script of the user's."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import botocore.exceptions
import numpy as np
import pytest

from tests.conftest import RunningEngine, eventually

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
BUCKET = "contract-tuning"
ROLE = "arn:aws:iam::000000000000:role/contract"
SCRIPT = """
import json, os

def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.json")) as file:
        return json.load(file)

def predict_fn(rows, factor):
    print("predicting", len(rows))
    return rows * factor
"""


class Wire:
    """boto3 clients of one engine, and data to work with."""

    def __init__(self, engine: RunningEngine) -> None:
        self.sagemaker, self.s3 = engine.client("sagemaker"), engine.client("s3")
        self.logs = engine.client("logs")
        self.s3.create_bucket(Bucket=BUCKET)
        draw = np.random.default_rng(5)
        table = draw.normal(size=(200, 3))
        label = (table[:, 0] > 0).astype(int)
        self.put("train/rows.csv", np.column_stack([label, table]))
        self.put("batch/rows.csv", table)

    def put(self, key: str, table: Any) -> None:
        sink = io.BytesIO()
        np.savetxt(sink, table, delimiter=",", fmt="%g")
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=sink.getvalue())

    def text(self, key: str) -> str:
        body: bytes = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body.decode()

    def tune(self, name: str, jobs: int = 3) -> None:
        channels = [
            {
                "ChannelName": part,
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}},
            }
            for part in ("train", "validation")
        ]
        self.sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
                "ParameterRanges": {
                    "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]
                },
            },
            TrainingJobDefinition={
                "StaticHyperParameters": {
                    "objective": "binary:logistic",
                    "num_round": "3",
                    "eval_metric": "logloss",
                },
                "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
                "RoleArn": ROLE,
                "InputDataConfig": channels,
                "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
                "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
                "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            },
        )

    def tuned(self, name: str) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_hyper_parameter_tuning_job(
                HyperParameterTuningJobName=name
            )
            return found if "HyperParameterTuningEndTime" in found else None

        return eventually(ended, 120, f"end of {name}")

    def trials(self, name: str, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, **options
        )
        return found

    def model(self, name: str, image: str, url: str, **environment: str) -> None:
        container = {"Image": image, "ModelDataUrl": url, "Environment": environment}
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)

    def transform(self, name: str, model: str, **members: Any) -> dict[str, Any]:
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/batch/"}}
        self.sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=model,
            TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
            TransformOutput={
                "S3OutputPath": f"s3://{BUCKET}/out/{name}",
                "AssembleWith": "Line",
                "Accept": "text/csv",
            },
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **members,
        )
        self.sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=name)
        found: dict[str, Any] = self.sagemaker.describe_transform_job(TransformJobName=name)
        return found


@pytest.fixture(scope="module")
def wire(engine: RunningEngine) -> Wire:
    return Wire(engine)


def test_a_tuning_job_is_described_listed_and_deleted(wire: Wire) -> None:
    wire.tune("wire-a")
    described = wire.tuned("wire-a")
    assert described["HyperParameterTuningJobStatus"] == "Completed", described.get("FailureReason")
    best = described["BestTrainingJob"]
    assert best["ObjectiveStatus"] == "Succeeded"
    assert "TrainingJobDefinitionName" not in best

    ranked = wire.trials("wire-a", SortBy="FinalObjectiveMetricValue", SortOrder="Ascending")[
        "TrainingJobSummaries"
    ]
    values = [one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for one in ranked]
    assert values == sorted(values)
    assert ranked[0]["TrainingJobName"] == best["TrainingJobName"]
    first = wire.trials("wire-a", MaxResults=2)
    rest = wire.trials("wire-a", MaxResults=2, NextToken=first["NextToken"])
    names = [one["TrainingJobName"] for page in (first, rest) for one in page["TrainingJobSummaries"]]
    assert names == sorted(one["TrainingJobName"] for one in ranked)
    assert wire.trials("wire-a", StatusEquals="Failed")["TrainingJobSummaries"] == []

    trial = wire.sagemaker.describe_training_job(TrainingJobName=names[0])
    assert trial["TuningJobArn"] == described["HyperParameterTuningJobArn"]
    assert trial["HyperParameters"]["eta"] == ranked_eta(ranked, names[0])

    wire.tune("wire-b", jobs=2)
    wire.tuned("wire-b")
    listed = wire.sagemaker.list_hyper_parameter_tuning_jobs(
        NameContains="wire-", SortBy="Name", SortOrder="Descending"
    )
    summaries = listed["HyperParameterTuningJobSummaries"]
    assert [one["HyperParameterTuningJobName"] for one in summaries] == ["wire-b", "wire-a"]
    assert summaries[0]["TrainingJobStatusCounters"]["Completed"] == 2
    none = wire.sagemaker.list_hyper_parameter_tuning_jobs(NameContains="wire-", StatusEquals="Failed")
    assert none["HyperParameterTuningJobSummaries"] == []

    wire.sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="wire-b")
    with pytest.raises(botocore.exceptions.ClientError, match="ResourceNotFound"):
        wire.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="wire-b")


def ranked_eta(ranked: list[dict[str, Any]], name: str) -> str:
    return next(str(one["TunedHyperParameters"]["eta"]) for one in ranked if one["TrainingJobName"] == name)


def test_the_best_trial_scores_a_file_one_line_a_row(wire: Wire) -> None:
    wire.tune("wire-c", jobs=2)
    best = wire.tuned("wire-c")["BestTrainingJob"]["TrainingJobName"]
    artifacts = wire.sagemaker.describe_training_job(TrainingJobName=best)["ModelArtifacts"][
        "S3ModelArtifacts"
    ]
    wire.model("wire-c", XGBOOST, artifacts)
    described = wire.transform("wire-c", "wire-c")
    assert described["TransformJobStatus"] == "Completed", described.get("FailureReason")
    scores = [float(line) for line in wire.text("out/wire-c/rows.csv.out").splitlines()]
    assert len(scores) == 200
    assert all(0 <= score <= 1 for score in scores)
    listed = wire.sagemaker.list_transform_jobs(NameContains="wire-c", StatusEquals="Completed")
    assert [one["TransformJobName"] for one in listed["TransformJobSummaries"]] == ["wire-c"]
    with pytest.raises(botocore.exceptions.ClientError, match="is in status Completed"):
        wire.sagemaker.stop_transform_job(TransformJobName="wire-c")


def test_a_script_of_the_users_transforms_and_says_so_in_its_log(wire: Wire) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in (("code/inference.py", SCRIPT), ("factor.json", "3")):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    wire.s3.put_object(Bucket=BUCKET, Key="script.tar.gz", Body=buffer.getvalue())
    submit = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    wire.model("wire-script", SKLEARN, f"s3://{BUCKET}/script.tar.gz", **submit)
    described = wire.transform("wire-script", "wire-script", MaxConcurrentTransforms=2)
    assert described["TransformJobStatus"] == "Completed", described.get("FailureReason")
    given = np.loadtxt(io.StringIO(wire.text("batch/rows.csv")), delimiter=",")
    found = np.loadtxt(io.StringIO(wire.text("out/wire-script/rows.csv.out")), delimiter=",")
    assert np.allclose(found, 3 * given, atol=1e-4)
    group = "/aws/sagemaker/TransformJobs"
    streams = wire.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="wire-script/")[
        "logStreams"
    ]
    names = [stream["logStreamName"] for stream in streams]
    assert [name.endswith("/data-log") for name in names] == [False, True]
    events = wire.logs.get_log_events(logGroupName=group, logStreamName=names[0])["events"]
    assert any("predicting 200" in event["message"] for event in events)
