"""Processing jobs on the wire: Create, Describe, List, Stop."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.runtime import processing
from smstudio_ext.engine.runtime.listing import list_resources
from smstudio_ext.engine.services.registry import operation

Document = dict[str, Any]


@operation("sagemaker", "CreateProcessingJob")
def create_processing_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Accepts a processing job."""
    return {"ProcessingJobArn": processing.create_processing_job(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeProcessingJob", settles=(processing.KIND, "ProcessingJobName"))
def describe_processing_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Everything about a processing job."""
    return processing.get_processing_job(ctx, call.region, request["ProcessingJobName"]).document


@operation("sagemaker", "StopProcessingJob")
def stop_processing_job(ctx: EngineContext, call: Call, request: Document) -> None:
    """Asks a processing job to stop."""
    processing.stop_processing_job(ctx, call.region, request["ProcessingJobName"])


@operation("sagemaker", "ListProcessingJobs")
def list_processing_jobs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A page of processing jobs, newest first unless told otherwise."""
    return list_resources(
        ctx, processing.KIND, call.region, request, "ProcessingJobSummaries", processing.JOBS.summary
    )
