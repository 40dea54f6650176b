"""What tests of tuning jobs share: requests, and trials that end as a test wants."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.runtime import training, tuning
from smstudio_ext.engine.runtime.reconciler import Reconciler
from smstudio_ext.engine.runtime.tuning_controller import TuningController
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource

REGION = "us-east-1"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
AUC = {"Type": "Maximize", "MetricName": "validation:auc"}
ETA = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5"}
DEPTH = {"Name": "max_depth", "MinValue": "2", "MaxValue": "9"}


def new_context(directory: Path) -> EngineContext:
    ctx = build_context(Settings(data_dir=directory, cpus=4, memory_mb=4096), ManualClock())
    ctx.reconciler = Reconciler(ctx.store, ctx.clock, controllers={tuning.KIND: TuningController()})
    ctx.reconciler.attach(ctx)
    return ctx


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    context = new_context(tmp_path)
    context.objects.create_bucket("data", REGION)
    yield context
    context.store.close()


def definition(**members: Any) -> dict[str, Any]:
    channel = {
        "ChannelName": "train",
        "ContentType": "text/csv",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}},
    }
    return {
        "StaticHyperParameters": {"objective": "binary:logistic", "num_round": "10", "eval_metric": "auc"},
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::000000000000:role/tuner",
        "InputDataConfig": [channel],
        "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **members,
    }


def request(name: str = "job", *, jobs: int | None = 6, **members: Any) -> dict[str, Any]:
    """A request; `config` and `definition` are merged into theirs, other members into the request."""
    limits: dict[str, Any] = {"MaxParallelTrainingJobs": 2}
    if jobs is not None:
        limits["MaxNumberOfTrainingJobs"] = jobs
    config = {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": AUC,
        "ResourceLimits": limits,
        "ParameterRanges": {"ContinuousParameterRanges": [ETA], "IntegerParameterRanges": [DEPTH]},
        "RandomSeed": 4,
        **members.pop("config", {}),
    }
    made: dict[str, Any] = {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {key: value for key, value in config.items() if value is not None},
        "TrainingJobDefinition": definition(**members.pop("definition", {})),
        **members,
    }
    return copy.deepcopy({key: value for key, value in made.items() if value is not None})


def create(ctx: EngineContext, name: str = "job", **members: Any) -> Resource:
    return tuning.create_own_tuning_job(ctx, REGION, request(name, **members))


def job(ctx: EngineContext, name: str = "job") -> Resource:
    return ctx.store.resources.get(tuning.KIND, REGION, name)


def trials(ctx: EngineContext, name: str = "job") -> list[Resource]:
    rows = ctx.store.resources.children(f"{tuning.KIND}/{name}", training.KIND)
    return sorted(rows, key=lambda row: row.name)


def end(ctx: EngineContext, trial: Resource, value: float | None, status: str = "Completed") -> None:
    """Ends a training job as its controller does."""

    def edit(row: Resource) -> None:
        row.status = row.document["TrainingJobStatus"] = status
        row.finished = True
        row.document["TrainingEndTime"] = ctx.clock.now()
        if value is not None:
            metric = row.document["HyperParameters"]["_tuning_objective_metric"]
            row.document["FinalMetricDataList"] = [{"MetricName": metric, "Value": value, "Timestamp": 0.0}]
        if status == "Failed":
            row.document["FailureReason"] = "AlgorithmError: no luck, exit code: 1"

    ctx.store.resources.change(*trial.key, edit)
    ctx.reconciler.wake(tuning.KIND, REGION, trial.parent.partition("/")[2] if trial.parent else "")


def run(ctx: EngineContext, value: Any, name: str = "job") -> Resource:
    """Ends all running trials in turn until the tuning job is over; stopped ones end without a value."""
    for _ in range(200):
        ctx.reconciler.run_due()
        if job(ctx, name).finished:
            return job(ctx, name)
        running = [trial for trial in trials(ctx, name) if not trial.finished]
        assert running, "nothing runs and the tuning job is not over"
        if running[0].status == "Stopping":
            end(ctx, running[0], None, "Stopped")
        else:
            found = value(running[0])
            end(ctx, running[0], found, "Failed" if found is None else "Completed")
    raise AssertionError("the tuning job does not end")


def setting(trial: Resource, name: str) -> float:
    return float(trial.document["HyperParameters"][name])


def ranges(**parts: Any) -> dict[str, Any]:
    members = {
        "continuous": "ContinuousParameterRanges",
        "integer": "IntegerParameterRanges",
        "categorical": "CategoricalParameterRanges",
        "auto": "AutoParameters",
    }
    return {"config": {"ParameterRanges": {members[kind]: value for kind, value in parts.items()}}}
