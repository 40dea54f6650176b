"""`kill -9` of a real engine in the middle of tuning and transform jobs: no trial is lost or doubled, no row either."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import numpy as np

from tests.conftest import RunningEngine, eventually

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::000000000000:role/test"
BUCKET = "crash-tuning"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
TRIALS = 16
ROWS = 300_000
ECHO = """
import os, time

def model_fn(model_dir):
    return None

def transform_fn(model, body, content_type, accept):
    print("the model waits", flush=True)
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.05)
    return body, accept
"""


def prepare(engine: RunningEngine) -> None:
    """The bucket, with data to train with."""
    draw = np.random.default_rng(7)
    features = draw.normal(size=(400, 3))
    label = (features[:, 0] * features[:, 1] > 0).astype(int)
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="train/a.csv", Body=csv(np.column_stack([label, features])))


def csv(table: Any) -> bytes:
    """A table as CSV text without a header."""
    sink = io.BytesIO()
    np.savetxt(sink, table, delimiter=",", fmt="%.5g")
    return sink.getvalue()


def tune(engine: RunningEngine) -> None:
    """A tuning job, two trials at a time."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}
    channels = [
        {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
        for name in ("train", "validation")
    ]
    engine.client("sagemaker").create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuned",
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": TRIALS, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.05", "MaxValue": "0.5"}]
            },
        },
        TrainingJobDefinition={
            "StaticHyperParameters": {
                "objective": "binary:logistic",
                "num_round": "300",
                "eval_metric": "logloss",
            },
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    )


def described(engine: RunningEngine) -> dict[str, Any]:
    """The tuning job as it is."""
    found: dict[str, Any] = engine.client("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuned"
    )
    return found


def trials(engine: RunningEngine) -> list[dict[str, Any]]:
    """Its trials, by name."""
    found: list[dict[str, Any]] = engine.client(
        "sagemaker"
    ).list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuned", MaxResults=100, SortBy="Name", SortOrder="Ascending"
    )["TrainingJobSummaries"]
    return found


def starts(engine: RunningEngine, name: str) -> int:
    """How often the program of a trial began, by its log."""
    logs = engine.client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
    lines = [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]
    return sum("Train matrix has 400 rows" in line for line in lines)


def test_a_tuning_job_loses_no_trial_to_repeated_kills(own_engine: RunningEngine) -> None:
    prepare(own_engine)
    tune(own_engine)
    for begun in (1, 5, 9):  # counts that only grow: a state that passes could be missed on a slow machine
        eventually(lambda begun=begun: len(trials(own_engine)) >= begun, 60, f"{begun} trials")
        own_engine.kill()
        own_engine.start()
    job = eventually(lambda: _if_over(own_engine), 120, "end of the tuning job")
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    assert job["TrainingJobStatusCounters"]["Completed"] == TRIALS
    found = trials(own_engine)
    assert [trial["TrainingJobName"].split("-")[1] for trial in found] == [
        f"{number:03d}" for number in range(1, TRIALS + 1)
    ]
    assert len({trial["TunedHyperParameters"]["eta"] for trial in found}) == TRIALS
    assert [starts(own_engine, trial["TrainingJobName"]) for trial in found] == [1] * TRIALS
    values = {
        trial["TrainingJobName"]: trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        for trial in found
    }
    assert values[job["BestTrainingJob"]["TrainingJobName"]] == min(values.values())  # two may be equal


def _if_over(engine: RunningEngine) -> dict[str, Any] | None:
    job = described(engine)
    return job if job["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping") else None


def test_a_transform_job_stores_every_row_once_after_a_kill(own_engine: RunningEngine) -> None:
    prepare(own_engine)
    go = own_engine.data_dir.parent / "go"
    s3, sagemaker = own_engine.client("s3"), own_engine.client("sagemaker")
    s3.put_object(Bucket=BUCKET, Key="batch/a.csv", Body="\n".join(map(str, range(ROWS))))
    s3.put_object(Bucket=BUCKET, Key="echo/model.tar.gz", Body=archive("code/inference.py", ECHO))
    container = {
        "Image": SKLEARN,
        "ModelDataUrl": f"s3://{BUCKET}/echo/model.tar.gz",
        "Environment": {"SAGEMAKER_PROGRAM": "inference.py", "GO": str(go)},
    }
    sagemaker.create_model(ModelName="echo", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/batch/"}}
    sagemaker.create_transform_job(
        TransformJobName="batch",
        ModelName="echo",
        MaxPayloadInMB=1,
        TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/answers", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    eventually(lambda: "the model waits" in "".join(transform_log(own_engine)), 90, "the model at work")
    own_engine.kill()
    own_engine.start()
    go.touch()
    sagemaker, s3 = own_engine.client("sagemaker"), own_engine.client("s3")
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="batch")
    job = sagemaker.describe_transform_job(TransformJobName="batch")
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    text = s3.get_object(Bucket=BUCKET, Key="answers/a.csv.out")["Body"].read().decode()
    assert text.split() == [str(number) for number in range(ROWS)]
    asked = sum("the model waits" in line for line in transform_log(own_engine))
    assert asked == 2, "2 MB in bodies of 1 MB, each sent once"


def archive(name: str, text: str) -> bytes:
    """A model.tar.gz with one file."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(text.encode())
        tar.addfile(member, io.BytesIO(text.encode()))
    return sink.getvalue()


def transform_log(engine: RunningEngine) -> list[str]:
    """What the model of the transform job printed."""
    logs = engine.client("logs")
    group = "/aws/sagemaker/TransformJobs"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return []  # the job is still waiting for its slot
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="batch/")["logStreams"]
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]
