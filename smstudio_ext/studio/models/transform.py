"""Models of the batch transform jobs' pages: list, page, form."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, Tag, UtcTime
from smstudio_ext.studio.models.options import InstanceTypeOption, NumberLimit, TextLimit
from smstudio_ext.studio.models.plans import Plan

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


class ListTransformOutputs(PageQuery):
    """Query of what a job wrote."""


class TransformOutputObject(Answer):
    """One object that a job wrote; `name` is what follows the output path."""

    name: str
    s3_uri: str
    size: int
    modified: UtcTime


class TransformOutputPage(Answer):
    """One page of what a job wrote."""

    items: list[TransformOutputObject]
    next_token: str | None


class TransformLimits(Answer):
    """Limits of the form, read from AWS's own service model."""

    name: TextLimit
    model_name: TextLimit
    filter: TextLimit
    instance_count: NumberLimit
    max_payload_mb: NumberLimit
    max_concurrent: NumberLimit
    max_environment: int
    max_tags: int


class TransformOptions(Answer):
    """What the form offers on a target.

    Attributes:
        models: names of the newest ones.
        output_s3_uri: where results go when the field is left empty; none when the default bucket is not known.
    """

    models: list[str]
    instance_types: list[InstanceTypeOption]
    limits: TransformLimits
    output_s3_uri: str | None


class TransformPlan(Plan):
    """What a transform form would send."""


class CreatedTransformJob(Answer):
    """A transform job was created."""

    name: str
    arn: str
    output_s3_uri: str
