"""SageMaker's operations on Autopilot jobs."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.autopilot import controller, documents, listing
from smstudio_ext.engine.autopilot.specification import specification_v1, specification_v2
from smstudio_ext.engine.autopilot.validation import check_problem_type_config
from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.runtime.listing import list_page
from smstudio_ext.engine.services.registry import operation

Document = dict[str, Any]


@operation("sagemaker", "CreateAutoMLJob")
def create_auto_ml_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Starts an Autopilot job on tabular data."""
    job = controller.create_automl_job(ctx, call.region, specification_v1(request))
    return {"AutoMLJobArn": job.arn}


@operation("sagemaker", "CreateAutoMLJobV2")
def create_auto_ml_job_v2(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Starts an Autopilot job of any problem type but text generation."""
    check_problem_type_config(request)
    job = controller.create_automl_job(ctx, call.region, specification_v2(request))
    return {"AutoMLJobArn": job.arn}


@operation("sagemaker", "DescribeAutoMLJob", settles=("AutoMLJob", "AutoMLJobName"))
def describe_auto_ml_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a job made by either version."""
    return documents.describe_v1(ctx, controller.get_automl_job(ctx, call.region, request["AutoMLJobName"]))


@operation("sagemaker", "DescribeAutoMLJobV2", settles=("AutoMLJob", "AutoMLJobName"))
def describe_auto_ml_job_v2(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a job made by either version, in version 2's form."""
    return documents.describe_v2(ctx, controller.get_automl_job(ctx, call.region, request["AutoMLJobName"]))


@operation("sagemaker", "ListAutoMLJobs")
def list_auto_ml_jobs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists jobs with AWS's filters."""
    page = list_page(ctx, call.region, controller.KIND, {"SortBy": "Name", **request})
    summaries = [documents.summary(job) for job in page.items]
    return _with_token({"AutoMLJobSummaries": summaries}, page.next_token)


@operation("sagemaker", "ListCandidatesForAutoMLJob", inline=False)
def list_candidates_for_auto_ml_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists the candidates of a job as they come; a worker thread reads them, as there may be 750."""
    job = controller.get_automl_job(ctx, call.region, request["AutoMLJobName"])
    candidates, token = listing.list_candidates(ctx, job, request)
    return _with_token({"Candidates": candidates}, token)


@operation("sagemaker", "StopAutoMLJob")
def stop_auto_ml_job(ctx: EngineContext, call: Call, request: Document) -> None:
    """Stops a running job; finished candidates stay."""
    controller.stop_automl_job(ctx, call.region, request["AutoMLJobName"])


def _with_token(output: Document, token: str | None) -> Document:
    return output if token is None else {**output, "NextToken": token}
