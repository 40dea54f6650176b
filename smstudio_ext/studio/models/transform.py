"""Models of the batch transform jobs' pages: list, page, form."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, FieldProblem, PageQuery, Request, SortOrder, Tag, UtcTime

TransformStatus = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]


class ListTransformJobs(PageQuery):
    """Query of the transform jobs list."""

    search: str | None = Field(default=None, max_length=63)
    status: TransformStatus | None = None
    created_after: UtcTime | None = None
    created_before: UtcTime | None = None
    sort_by: Literal["Name", "CreationTime", "Status"] = "CreationTime"
    sort_order: SortOrder = "Descending"


class TransformJobSummary(Answer):
    """One row of the transform jobs list."""

    name: str
    arn: str
    status: TransformStatus
    created: UtcTime
    modified: UtcTime
    ended: UtcTime | None
    elapsed_seconds: float
    failure_reason: str | None


class TransformJobPage(Answer):
    """One page of the transform jobs list."""

    items: list[TransformJobSummary]
    next_token: str | None


class TransformForm(Request):
    """The form "Create batch transform job".

    Attributes:
        further: members of CreateTransformJob that the form has no field for, in AWS's own form.
    """

    name: str = ""
    model_name: str = ""
    input_s3_uri: str = ""
    data_type: Literal["S3Prefix", "ManifestFile"] = "S3Prefix"
    content_type: str | None = "text/csv"
    compression: Literal["None", "Gzip"] = "None"
    split: Literal["None", "Line", "RecordIO", "TFRecord"] = "Line"
    output_s3_uri: str | None = None
    accept: str | None = None
    assemble: Literal["None", "Line"] = "Line"
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    strategy: Literal["MultiRecord", "SingleRecord"] | None = None
    max_payload_mb: int | None = None
    max_concurrent: int | None = None
    input_filter: str | None = None
    output_filter: str | None = None
    join: bool = False
    environment: dict[str, str] = {}
    tags: list[Tag] = []
    further: dict[str, Any] = {}


class TransformJob(Answer):
    """A transform job's page."""

    name: str
    arn: str
    status: TransformStatus
    status_text: str
    created: UtcTime
    started: UtcTime | None
    ended: UtcTime | None
    elapsed_seconds: float
    can_stop: bool
    failure_reason: str | None
    model_name: str
    input_s3_uri: str
    data_type: str
    content_type: str | None
    compression: str
    split: str
    output_s3_uri: str | None
    accept: str | None
    assemble: str
    instance_type: str | None
    instance_count: int | None
    strategy: str | None
    max_payload_mb: int | None
    max_concurrent: int | None
    input_filter: str | None
    output_filter: str | None
    join: str
    environment: dict[str, str]
    automl_job: str | None
    log_group: str


class TransformPlan(Answer):
    """What a transform form would send, and the same as Python code."""

    problems: list[FieldProblem]
    request: dict[str, Any]
    boto3: str
    sdk_v2: str
    sdk_v3: str


class CreatedTransformJob(Answer):
    """A transform job was created."""

    name: str
    arn: str
    output_s3_uri: str
