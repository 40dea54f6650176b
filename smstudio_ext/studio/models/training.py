"""Models of the training jobs' pages: list, detail, logs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.automl import InputChannel
from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, Tag, UtcTime
from smstudio_ext.studio.models.training_form import MetricDefinition

TrainingStatus = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting"]


class ListTrainingJobs(PageQuery):
    """Query of the training jobs list."""

    search: str | None = Field(default=None, max_length=63)
    status: TrainingStatus | None = None
    created_after: UtcTime | None = None
    created_before: UtcTime | None = None
    sort_by: Literal["Name", "CreationTime", "Status"] = "CreationTime"
    sort_order: SortOrder = "Descending"


class TrainingJobSummary(Answer):
    """One row of the training jobs list."""

    name: str
    arn: str
    status: TrainingStatus
    secondary_status: str
    created: UtcTime
    modified: UtcTime
    ended: UtcTime | None
    elapsed_seconds: float


class TrainingJobPage(Answer):
    """One page of the training jobs list."""

    items: list[TrainingJobSummary]
    next_token: str | None


class Transition(Answer):
    """One step of a job's life."""

    status: str
    message: str
    started: UtcTime
    ended: UtcTime | None


class FinalMetric(Answer):
    """The last value of a metric that a job wrote."""

    name: str
    value: float | None
    time: UtcTime | None


class TrainingJob(Answer):
    """A training job's page.

    Attributes:
        image: container image URI, or none for an algorithm of the Marketplace.
        source_s3_uri, entry_point: the user's own program, for jobs in script mode.
        tuning_job, automl_job: ARN of the job that started it.
    """

    name: str
    arn: str
    status: TrainingStatus
    secondary_status: str
    status_text: str
    created: UtcTime
    modified: UtcTime
    started: UtcTime | None
    ended: UtcTime | None
    elapsed_seconds: float
    training_seconds: int | None
    billable_seconds: int | None
    can_stop: bool
    can_deploy: bool
    failure_reason: str | None
    image: str | None
    algorithm: str | None
    input_mode: str | None
    spot: bool
    checkpoint_s3_uri: str | None
    source_s3_uri: str | None
    entry_point: str | None
    max_wait_seconds: int | None
    warm_pool_status: str | None
    metric_definitions: list[MetricDefinition]
    instance_type: str | None
    instance_count: int | None
    volume_gb: int | None
    max_runtime_seconds: int | None
    role_arn: str | None
    hyperparameters: dict[str, str]
    environment: dict[str, str]
    inputs: list[InputChannel]
    output_s3_uri: str | None
    model_s3_uri: str | None
    metrics: list[FinalMetric]
    transitions: list[Transition]
    tuning_job: str | None
    automl_job: str | None
    log_group: str


class LogsQuery(Request):
    """Query of a job's log.

    Attributes:
        stream: none reads the first stream.
        next_token: token of the answer before; none starts at the end (`from_start` at the beginning).
    """

    stream: str | None = Field(default=None, max_length=512)
    next_token: str | None = Field(default=None, max_length=8192)
    from_start: bool = False
    max_results: int = Field(default=1000, ge=1, le=10000)


class LogLine(Answer):
    """One line of a log."""

    time: UtcTime
    message: str


class LogLines(Answer):
    """Part of a log.

    Attributes:
        next_token: ask with it for what comes after.
        previous_token: ask with it for what came before.
        at_end: nothing newer was there.
    """

    group: str
    streams: list[str]
    stream: str | None
    lines: list[LogLine]
    next_token: str | None
    previous_token: str | None
    at_end: bool


class MetricPoint(Answer):
    """One value of a metric; `step` counts the values of its series from 1."""

    time: UtcTime
    step: int
    value: float


class MetricSeries(Answer):
    """One metric over time.

    Attributes:
        count: values that were read; `points` are at most a few hundred of them, peaks kept.
        host: for metrics of an instance.
    """

    name: str
    host: str | None
    points: list[MetricPoint]
    count: int


class TrainingMetrics(Answer):
    """What a job measured.

    Attributes:
        source: where the values were read: the job's log (every value), or CloudWatch (an average for each period).
        period_seconds: of CloudWatch's averages.
        truncated: the log is longer than what was read.
    """

    source: Literal["log", "cloudwatch"]
    period_seconds: int | None
    truncated: bool
    metrics: list[MetricSeries]


class InstanceMetrics(Answer):
    """Use of processor, memory and disk of a job's instances, as far as the target keeps it."""

    instances: list[MetricSeries]


class DeployTrainingJob(Request):
    """Makes a model of a job's artifact and an endpoint for it."""

    endpoint_name: str
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    variant_name: str = "AllTraffic"
    tags: list[Tag] = []


class DownloadLog(Request):
    """Query of a log's download."""

    stream: str | None = Field(default=None, max_length=512)
