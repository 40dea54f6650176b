"""Training jobs on the wire: Create, Describe, Update, List, Stop, Delete."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.runtime import training, warm_pools
from smstudio_ext.engine.runtime.listing import list_resources
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]


@operation("sagemaker", "CreateTrainingJob")
def create_training_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Accepts a training job."""
    return {"TrainingJobArn": training.create_training_job(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeTrainingJob", settles=(training.KIND, "TrainingJobName"))
def describe_training_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Everything about a training job."""
    return training.describe_training_job(ctx, call.region, request["TrainingJobName"])


@operation("sagemaker", "UpdateTrainingJob")
def update_training_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes the warm pool, profiler or remote debugging of a training job."""
    return {"TrainingJobArn": training.update_training_job(ctx, call.region, request).arn}


@operation("sagemaker", "StopTrainingJob")
def stop_training_job(ctx: EngineContext, call: Call, request: Document) -> None:
    """Asks a training job to stop."""
    training.stop_training_job(ctx, call.region, request["TrainingJobName"])


@operation("sagemaker", "DeleteTrainingJob")
def delete_training_job(ctx: EngineContext, call: Call, request: Document) -> None:
    """Forgets a training job that has ended."""
    training.delete_training_job(ctx, call.region, request["TrainingJobName"])


@operation("sagemaker", "ListTrainingJobs")
def list_training_jobs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A page of training jobs, newest first unless told otherwise."""
    warm_pools.settle_pools(ctx, call.region)

    def summary(resource: Resource) -> Document:
        return _summary(ctx, resource)

    def wanted(resource: Resource) -> bool:
        pool = resource.document.get("WarmPoolStatus") or {}
        plan = resource.document["ResourceConfig"].get("TrainingPlanArn")
        return request.get("WarmPoolStatusEquals") in (None, pool.get("Status")) and request.get(
            "TrainingPlanArnEquals"
        ) in (None, plan)

    return list_resources(
        ctx, training.KIND, call.region, request, "TrainingJobSummaries", summary, wanted=wanted
    )


def _summary(ctx: EngineContext, resource: Resource) -> Document:
    document = resource.document
    summary = {
        "TrainingJobName": resource.name,
        "TrainingJobArn": resource.arn,
        "CreationTime": resource.created,
        "LastModifiedTime": document["LastModifiedTime"],
        "TrainingJobStatus": resource.status,
        "SecondaryStatus": document["SecondaryStatus"],
    }
    if "TrainingEndTime" in document:
        summary["TrainingEndTime"] = document["TrainingEndTime"]
    pool = warm_pools.shown_status(ctx, resource)
    if pool is not None:
        summary["WarmPoolStatus"] = pool
    return summary
