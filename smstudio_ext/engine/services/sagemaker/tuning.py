"""SageMaker's operations on hyperparameter tuning jobs, those of Autopilot among them."""

from __future__ import annotations

import math
from typing import Any

from smstudio_ext.engine.autopilot import listing
from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime import tuning
from smstudio_ext.engine.runtime import tuning_controller as _registers_itself  # noqa: F401
from smstudio_ext.engine.runtime.listing import list_page
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store import Resource

Document = dict[str, Any]


@operation("sagemaker", "CreateHyperParameterTuningJob", inline=False)
def create_hyper_parameter_tuning_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Accepts a tuning job."""
    row = tuning.create_own_tuning_job(ctx, call.region, request)
    return {"HyperParameterTuningJobArn": row.arn}


@operation(
    "sagemaker", "DescribeHyperParameterTuningJob", settles=(tuning.KIND, "HyperParameterTuningJobName")
)
def describe_hyper_parameter_tuning_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a tuning job."""
    job = _get(ctx, call, request)
    document = {**job.document, "LastModifiedTime": job.modified}
    if not job.finished:
        seconds = math.ceil(ctx.clock.now() - job.created)
        document["ConsumedResources"] = {"RuntimeInSeconds": max(0, seconds)}
    return document


@operation("sagemaker", "ListHyperParameterTuningJobs")
def list_hyper_parameter_tuning_jobs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists tuning jobs with AWS's filters."""
    asked = {"SortBy": "Name", "SortOrder": "Ascending", **request}
    page = list_page(ctx, call.region, tuning.KIND, asked)
    output: Document = {"HyperParameterTuningJobSummaries": [_summary(job) for job in page.items]}
    return output if page.next_token is None else {**output, "NextToken": page.next_token}


@operation("sagemaker", "ListTrainingJobsForHyperParameterTuningJob", inline=False)
def list_training_jobs_for_hyper_parameter_tuning_job(
    ctx: EngineContext, call: Call, request: Document
) -> Document:
    """Lists the training jobs of a tuning job with their objective values."""
    summaries, token = listing.list_trials(ctx, _get(ctx, call, request), request)
    output: Document = {"TrainingJobSummaries": summaries}
    return output if token is None else {**output, "NextToken": token}


@operation("sagemaker", "StopHyperParameterTuningJob")
def stop_hyper_parameter_tuning_job(ctx: EngineContext, call: Call, request: Document) -> None:
    """Stops a tuning job; an Autopilot job that waits for it goes on with what has finished."""
    job = _get(ctx, call, request)
    if job.status not in ("InProgress", "Stopping"):
        raise ValidationException(
            f"The request was rejected because the hyper parameter tuning job is in status {job.status}."
        )
    tuning.stop_tuning_job(ctx, call.region, job.name)


@operation("sagemaker", "DeleteHyperParameterTuningJob")
def delete_hyper_parameter_tuning_job(ctx: EngineContext, call: Call, request: Document) -> None:
    """Deletes the entry of a tuning job that has ended; its training jobs stay."""
    tuning.delete_tuning_job(ctx, call.region, request["HyperParameterTuningJobName"])


def _get(ctx: EngineContext, call: Call, request: Document) -> Resource:
    return tuning.get_tuning_job(ctx, call.region, request["HyperParameterTuningJobName"])


def _summary(job: Resource) -> Document:
    document = job.document
    config = document["HyperParameterTuningJobConfig"]
    summary = {
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobArn": job.arn,
        "HyperParameterTuningJobStatus": job.status,
        "Strategy": config["Strategy"],
        "CreationTime": job.created,
        "HyperParameterTuningEndTime": document.get("HyperParameterTuningEndTime"),
        "LastModifiedTime": job.modified,
        "TrainingJobStatusCounters": document["TrainingJobStatusCounters"],
        "ObjectiveStatusCounters": document["ObjectiveStatusCounters"],
        "ResourceLimits": config["ResourceLimits"],
    }
    return {member: value for member, value in summary.items() if value is not None}
