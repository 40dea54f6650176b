"""Transform jobs on the wire: Create, Describe, List, Stop."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.hosting.transform import jobs as transform
from smstudio_ext.engine.runtime.listing import list_resources
from smstudio_ext.engine.services.registry import operation

Document = dict[str, Any]


@operation("sagemaker", "CreateTransformJob")
def create_transform_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Accepts a transform job."""
    return {"TransformJobArn": transform.create_transform_job(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeTransformJob", settles=(transform.KIND, "TransformJobName"))
def describe_transform_job(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Everything about a transform job."""
    return transform.get_transform_job(ctx, call.region, request["TransformJobName"]).document


@operation("sagemaker", "StopTransformJob")
def stop_transform_job(ctx: EngineContext, call: Call, request: Document) -> None:
    """Asks a transform job to stop."""
    transform.stop_transform_job(ctx, call.region, request["TransformJobName"])


@operation("sagemaker", "ListTransformJobs")
def list_transform_jobs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A page of transform jobs, newest first unless told otherwise."""
    return list_resources(
        ctx, transform.KIND, call.region, request, "TransformJobSummaries", transform.JOBS.summary
    )
