"""Metrics of an endpoint for its charts: invocations, errors, latencies, use of the instances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from smstudio_ext.studio.cloudwatch import Wanted, cloudwatch_values, period_for, thinned
from smstudio_ext.studio.models.hosting import EndpointMetrics, EndpointSeries, MetricsQuery
from smstudio_ext.studio.models.training import MetricPoint
from smstudio_ext.target import Target

_INVOCATIONS = "AWS/SageMaker"
_INSTANCES = "/aws/sagemaker/Endpoints"
_MOST_POINTS = 300
"""Points of one line; more of them are wider in time, so that sums stay sums."""

Unit = Literal["Count", "Microseconds", "Percent"]


@dataclass(frozen=True)
class _Line:
    metric: str
    statistic: str
    unit: Unit
    namespace: str = _INVOCATIONS


_LINES = (
    _Line("Invocations", "Sum", "Count"),
    _Line("Invocation4XXErrors", "Sum", "Count"),
    _Line("Invocation5XXErrors", "Sum", "Count"),
    _Line("InvocationsPerInstance", "Sum", "Count"),
    *(
        _Line(metric, statistic, "Microseconds")
        for metric in ("ModelLatency", "OverheadLatency")
        for statistic in ("p50", "p99")
    ),
    *(
        _Line(metric, "Average", "Percent", _INSTANCES)
        for metric in (
            "CPUUtilization",
            "MemoryUtilization",
            "DiskUtilization",
            "GPUUtilization",
            "GPUMemoryUtilization",
        )
    ),
    _Line("ApproximateBacklogSize", "Average", "Count"),
)
_WITHOUT_VARIANT = ("ApproximateBacklogSize",)


def endpoint_metrics(target: Target, name: str, query: MetricsQuery) -> EndpointMetrics:
    """Lines of each variant, production and shadow; a metric without a value in that time has no line.

    Raises:
        botocore.exceptions.ClientError: there is no such endpoint.
    """
    endpoint = target.client("sagemaker").describe_endpoint(EndpointName=name)
    variants = [
        variant["VariantName"]
        for key in ("ProductionVariants", "ShadowProductionVariants")
        for variant in endpoint.get(key, [])
    ]
    end = datetime.now(timezone.utc)
    start = end - timedelta(minutes=query.minutes)
    period = period_for(target, start, end, max(60, query.minutes * 60 // _MOST_POINTS))
    # CloudWatch's periods begin at whole multiples of their length.
    first = datetime.fromtimestamp(start.timestamp() // period * period, timezone.utc)
    lines = [
        (line, variant)
        for line in _LINES
        for variant in ([""] if line.metric in _WITHOUT_VARIANT else variants)
    ]
    wanted = [
        Wanted(line.metric, _dimensions(name, variant), line.namespace, line.statistic)
        for line, variant in lines
    ]
    found = cloudwatch_values(target, wanted, first, end + timedelta(minutes=1), period)
    return EndpointMetrics(
        period_seconds=period,
        start=start,
        end=end,
        series=[
            EndpointSeries(
                metric=line.metric,
                statistic=line.statistic,
                variant=variant,
                unit=line.unit,
                points=[
                    MetricPoint(time=datetime.fromtimestamp(time, timezone.utc), step=step, value=value)
                    for step, time, value in thinned(values)
                ],
            )
            for (line, variant), values in zip(lines, found, strict=True)
            if values
        ],
    )


def _dimensions(name: str, variant: str) -> tuple[tuple[str, str], ...]:
    return (("EndpointName", name), *((("VariantName", variant),) if variant else ()))
