"""The REST API's operations on batch transform jobs."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

_JOB = "transform-jobs/{name}"

TRANSFORM_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "transform-jobs",
        "listTransformJobs",
        "Batch transform jobs",
        "transform.TransformJobPage",
        query="transform.ListTransformJobs",
        runs="transform.list_transform_jobs",
    ),
    Operation(
        "POST",
        "transform-jobs",
        "createTransformJob",
        "Create a batch transform job",
        "transform.CreatedTransformJob",
        body="transform.TransformForm",
        status=201,
        runs="transform_create.create_transform_job",
    ),
    Operation(
        "GET",
        _JOB,
        "describeTransformJob",
        "A batch transform job's page",
        "transform.TransformJob",
        runs="transform.describe_transform_job",
    ),
    Operation(
        "GET",
        f"{_JOB}/outputs",
        "listTransformOutputs",
        "What a batch transform job wrote",
        "transform.TransformOutputPage",
        query="transform.ListTransformOutputs",
        runs="transform.list_outputs",
    ),
    Operation(
        "GET",
        f"{_JOB}/logs",
        "getTransformJobLogs",
        "A batch transform job's log",
        "training.LogLines",
        query="training.LogsQuery",
        runs="transform.transform_job_logs",
    ),
    Operation(
        "GET",
        f"{_JOB}/logs/download",
        "downloadTransformJobLog",
        "The whole log as text",
        None,
        query="training.DownloadLog",
    ),
    Operation(
        "POST",
        f"{_JOB}/stop",
        "stopTransformJob",
        "Stop a batch transform job",
        "base.Accepted",
        status=202,
        runs="transform.stop_transform_job",
    ),
    Operation(
        "GET",
        f"{_JOB}/form",
        "cloneTransformJob",
        "The form of a batch transform job like this one",
        "transform.TransformForm",
        runs="transform_create.clone_transform_job",
    ),
    Operation(
        "GET",
        "transform-form/options",
        "getTransformOptions",
        "What the batch transform form offers",
        "transform.TransformOptions",
        runs="transform_create.transform_options",
    ),
    Operation(
        "POST",
        "transform-form/plan",
        "planTransformJob",
        "What a batch transform form would send, and what is wrong with it",
        "transform.TransformPlan",
        body="transform.TransformForm",
        runs="transform_create.plan_transform_job",
    ),
)
