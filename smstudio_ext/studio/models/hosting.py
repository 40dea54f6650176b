"""Models of endpoints' traffic, scaling, updates and metrics."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime
from smstudio_ext.studio.models.training import MetricPoint

PolicyKind = Literal["ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"]
SizeKind = Literal["INSTANCE_COUNT", "CAPACITY_PERCENT"]


class VariantTraffic(Request):
    """What one variant is to have; none leaves it."""

    name: str
    weight: float | None = Field(default=None, ge=0)
    instances: int | None = Field(default=None, ge=0)


class ChangeTraffic(Request):
    """Shifts traffic and changes instance counts without a new configuration."""

    variants: list[VariantTraffic] = Field(min_length=1)


class ScalingPolicy(Answer):
    """One scaling policy of a variant.

    Attributes:
        target: of a target tracking policy, in units of its metric.
        alarms: CloudWatch alarms that the policy made.
    """

    name: str
    kind: str
    metric: str | None
    target: float | None
    scale_in_cooldown: int | None
    scale_out_cooldown: int | None
    disable_scale_in: bool
    alarms: list[str]
    configuration: dict[str, Any]


class ScalingActivity(Answer):
    """Something that scaling did."""

    time: UtcTime
    status: str
    description: str
    cause: str


class ScheduledAction(Answer):
    """Limits that a variant gets at certain times.

    Attributes:
        schedule: `cron(...)`, `rate(...)` or `at(...)`.
    """

    name: str
    schedule: str
    timezone: str | None
    min: int | None
    max: int | None


class VariantScaling(Answer):
    """How a variant scales; `min` and `max` are none while it does not.

    Attributes:
        activities_problem: why the target does not tell the activities, as a missing permission.
    """

    variant: str
    min: int | None
    max: int | None
    policies: list[ScalingPolicy]
    schedules: list[ScheduledAction]
    activities: list[ScalingActivity] = []
    activities_problem: str | None = None


class EndpointScaling(Answer):
    """How an endpoint's variants scale."""

    variants: list[VariantScaling]


class SetScaling(Request):
    """Target tracking of one variant: invocations per instance and minute, as Studio's own form has it."""

    variant: str
    min: int = Field(default=1, ge=0)
    max: int = Field(default=2, ge=1)
    target: float = Field(default=70, gt=0)
    scale_in_cooldown: int = Field(default=300, ge=0)
    scale_out_cooldown: int = Field(default=300, ge=0)
    disable_scale_in: bool = False


class StopScaling(Request):
    """Which variant is no longer to scale by itself."""

    variant: str


class RemovePolicy(Request):
    """Which scaling policy goes; the variant's limits stay."""

    variant: str
    policy: str


class SetSchedule(Request):
    """New limits of a scaling variant at certain times; at least one of `min` and `max`."""

    variant: str
    name: str
    schedule: str
    timezone: str | None = None
    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)


class RemoveSchedule(Request):
    """Which scheduled action goes."""

    variant: str
    name: str


class VariantChange(Request):
    """What a variant becomes in a new configuration; none leaves it as it is.

    Attributes:
        new: the variant is added; it needs a model.
    """

    name: str
    new: bool = False
    model_name: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    weight: float | None = None
    remove: bool = False


class CaptureForm(Request):
    """Data capture of a new configuration.

    Attributes:
        destination_s3_uri: empty takes the default bucket.
    """

    enabled: bool
    sampling_percentage: int = Field(default=100, ge=0, le=100)
    destination_s3_uri: str | None = None
    input: bool = True
    output: bool = True


class UpdatePolicy(Request):
    """How traffic moves to the new fleet.

    Attributes:
        size: of the canary, of a linear step, or of a rolling batch, in `size_kind`.
        wait_seconds: baking time after each shift.
        alarms: names of CloudWatch alarms; when one goes off, the update is rolled back.
    """

    kind: PolicyKind = "ALL_AT_ONCE"
    size: int = 10
    size_kind: SizeKind = "CAPACITY_PERCENT"
    wait_seconds: int = 0
    termination_wait_seconds: int = 0
    timeout_seconds: int | None = None
    alarms: list[str] = []


class UpdateEndpoint(Request):
    """Moves an endpoint to another configuration: a named one, or a new one with changes.

    Attributes:
        config_name: an endpoint configuration that is there; `variants` and `capture` must be empty then.
        retain: keep the weights and instance counts that the endpoint has now.
    """

    config_name: str | None = None
    variants: list[VariantChange] = []
    capture: CaptureForm | None = None
    policy: UpdatePolicy = UpdatePolicy()
    retain: bool = False


class Updated(Answer):
    """An update was begun."""

    name: str
    config_name: str
    created_config: bool


class AlarmChoice(Answer):
    """A CloudWatch alarm that may roll an update back."""

    name: str
    state: str


class UpdateOptions(Answer):
    """What the form of an update offers, the newest first; alarms are none where the target keeps none."""

    configs: list[str]
    models: list[str]
    alarms: list[AlarmChoice]


class MetricsQuery(Request):
    """Time of a metrics question: so many minutes until now."""

    minutes: int = Field(default=60, ge=1, le=60 * 24 * 15)


class EndpointSeries(Answer):
    """One line of a chart.

    Attributes:
        statistic: CloudWatch's name, e.g. Sum or p99.
        unit: Count, Microseconds or Percent.
    """

    metric: str
    statistic: str
    variant: str
    unit: Literal["Count", "Microseconds", "Percent"]
    points: list[MetricPoint]


class EndpointMetrics(Answer):
    """CloudWatch's metrics of an endpoint.

    Attributes:
        period_seconds: what one point stands for.
        start, end: the time that was asked for.
    """

    period_seconds: int
    start: UtcTime
    end: UtcTime
    series: list[EndpointSeries]
