"""Batch transform jobs over boto3: list, page, outputs, log, stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smstudio_ext.studio.automl import elapsed
from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.job_logs import log_page, log_streams, streams_text
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.training import LogLines, LogsQuery
from smstudio_ext.studio.models.transform import (
    ListTransformJobs,
    ListTransformOutputs,
    TransformJob,
    TransformJobPage,
    TransformJobSummary,
    TransformOutputObject,
    TransformOutputPage,
)
from smstudio_ext.studio.problems import Missing
from smstudio_ext.target import Target

Document = dict[str, Any]

LOG_GROUP = "/aws/sagemaker/TransformJobs"
OUT = ".out"
"""What AWS adds to the name of an input file for its output."""

_DOING = {
    "InProgress": "The job is running.",
    "Completed": "The job is completed.",
    "Stopping": "The job is stopping.",
    "Stopped": "The job was stopped.",
}


def list_transform_jobs(target: Target, query: ListTransformJobs) -> TransformJobPage:
    """One page of the transform jobs list."""
    request = list_request(query)
    if request is None:
        return TransformJobPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_transform_jobs(**request)
    return TransformJobPage(
        items=[
            TransformJobSummary(
                name=job["TransformJobName"],
                arn=job["TransformJobArn"],
                status=job["TransformJobStatus"],
                created=job["CreationTime"],
                modified=job.get("LastModifiedTime") or job["CreationTime"],
                ended=job.get("TransformEndTime"),
                elapsed_seconds=elapsed(job["CreationTime"], job.get("TransformEndTime")),
                failure_reason=job.get("FailureReason"),
            )
            for job in answer.get("TransformJobSummaries", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_transform_job(target: Target, name: str) -> TransformJob:
    """A transform job's page."""
    return job_page(target.client("sagemaker").describe_transform_job(TransformJobName=name))


def job_page(job: dict[str, Any]) -> TransformJob:
    """The page of what AWS says of a job."""
    source, output = job["TransformInput"], job.get("TransformOutput", {})
    resources, processing = job.get("TransformResources", {}), job.get("DataProcessing", {})
    status, ended = job["TransformJobStatus"], job.get("TransformEndTime")
    return TransformJob(
        name=job["TransformJobName"],
        arn=job["TransformJobArn"],
        status=status,
        status_text=_DOING.get(status) or job.get("FailureReason") or status,
        created=job["CreationTime"],
        started=job.get("TransformStartTime"),
        ended=ended,
        elapsed_seconds=elapsed(job["CreationTime"], ended),
        can_stop=status == "InProgress",
        failure_reason=job.get("FailureReason"),
        model_name=job["ModelName"],
        input_s3_uri=source["DataSource"]["S3DataSource"]["S3Uri"],
        data_type=source["DataSource"]["S3DataSource"]["S3DataType"],
        content_type=source.get("ContentType"),
        compression=source.get("CompressionType", "None"),
        split=source.get("SplitType", "None"),
        output_s3_uri=output.get("S3OutputPath"),
        accept=output.get("Accept"),
        assemble=output.get("AssembleWith", "None"),
        instance_type=resources.get("InstanceType"),
        instance_count=resources.get("InstanceCount"),
        strategy=job.get("BatchStrategy"),
        max_payload_mb=job.get("MaxPayloadInMB"),
        max_concurrent=job.get("MaxConcurrentTransforms"),
        input_filter=processing.get("InputFilter"),
        output_filter=processing.get("OutputFilter"),
        join=processing.get("JoinSource", "None"),
        environment=job.get("Environment", {}),
        automl_job=job.get("AutoMLJobArn"),
        log_group=LOG_GROUP,
    )


def list_outputs(target: Target, name: str, query: ListTransformOutputs) -> TransformOutputPage:
    """One page of what a job wrote: objects under its output path that are newer than the job and end in `.out`."""
    job = target.client("sagemaker").describe_transform_job(TransformJobName=name)
    bucket, prefix = split_s3_uri(job["TransformOutput"]["S3OutputPath"].rstrip("/") + "/")
    request: Document = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": query.max_results}
    if query.next_token:
        request["ContinuationToken"] = query.next_token
    answer = target.client("s3").list_objects_v2(**request)
    # S3 tells whole seconds.
    since = (job.get("TransformStartTime") or job["CreationTime"]).replace(microsecond=0)
    return TransformOutputPage(
        items=[
            TransformOutputObject(
                name=found["Key"][len(prefix) :],
                s3_uri=f"s3://{bucket}/{found['Key']}",
                size=found["Size"],
                modified=found["LastModified"],
            )
            for found in answer.get("Contents", [])
            if found["Key"].endswith(OUT) and found["LastModified"] >= since
        ],
        next_token=answer.get("NextContinuationToken"),
    )


def transform_job_logs(target: Target, name: str, query: LogsQuery) -> LogLines:
    """Part of a job's log; a job that has not written yet has no streams and no lines.

    Raises:
        Missing: the stream is not one of the job's.
    """
    logs = target.client("logs")
    streams = log_streams(logs, LOG_GROUP, name)
    if query.stream and not query.stream.startswith(f"{name}/"):
        raise Missing(f"{query.stream!r} is no log stream of the transform job {name!r}.")
    return log_page(logs, LOG_GROUP, streams, query.stream or next(iter(streams), None), query)


def transform_log_text(target: Target, name: str, stream: str | None) -> Iterator[bytes]:
    """A whole log as text; all streams one after the other unless one is named.

    Raises:
        Missing: the stream is not one of the job's.
    """
    logs = target.client("logs")
    streams = log_streams(logs, LOG_GROUP, name)
    if stream is not None and stream not in streams:
        raise Missing(f"{stream!r} is no log stream of the transform job {name!r}.")
    return streams_text(logs, LOG_GROUP, streams if stream is None else [stream])


def stop_transform_job(target: Target, name: str) -> Accepted:
    """Asks the job to stop."""
    target.client("sagemaker").stop_transform_job(TransformJobName=name)
    return Accepted(name=name)
