"""Metrics of trial components over epochs or time, sampled without losing their extremes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from smstudio_ext.studio.cloudwatch import thinned
from smstudio_ext.studio.component_sets import (
    NAME,
    STATISTICS,
    Component,
    finite,
    is_running,
    read_components,
)
from smstudio_ext.studio.models.experiment_charts import ChartSeries, SeriesData, SeriesRequest
from smstudio_ext.studio.search import hints
from smstudio_ext.target import Target

MAX_SERIES = 500
"""Components whose series are read; a chart of more lines tells nothing."""
_QUERIES = 100
"""Queries of one BatchGetMetrics."""
_AT_ONCE = 4
_LEAST_POINTS = 40
_AWS_PERIODS = {60.0: "OneMinute", 300.0: "FiveMinute", 3600.0: "OneHour"}
_MILLISECONDS = 1e11
"""Seconds since the epoch stay below this, milliseconds above."""


@dataclass(frozen=True)
class _Points:
    """One series as it was answered; `x` in epochs or seconds."""

    x: list[float]
    y: list[float]


def series_data(target: Target, request: SeriesRequest) -> SeriesData:
    """Series of a metric for each component of a set.

    Raises:
        botocore.exceptions.ClientError: the search or the metrics were refused.
    """
    found = read_components(target, request.source, ["TrialComponentArn", "Status"])
    components = found.components[:MAX_SERIES]
    most = max(_LEAST_POINTS, request.max_points // max(1, len(components)))
    points = _read(target, request, components, most)
    return SeriesData(
        series=[
            _series(component, each, request, most)
            for component, each in zip(components, points, strict=True)
            if each.x
        ],
        total=found.total,
        running=sum(map(is_running, components)),
        aggregated=target.kind != "local" and request.dimension != "Epoch",
    )


def _read(target: Target, request: SeriesRequest, components: list[Component], most: int) -> list[_Points]:
    batches = [components[first : first + _QUERIES] for first in range(0, len(components), _QUERIES)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        parts = list(pool.map(lambda batch: _batch(target, request, batch, most), batches))
    return [each for part in parts for each in part]


def _batch(target: Target, request: SeriesRequest, batch: list[Component], most: int) -> list[_Points]:
    client = target.client("sagemaker-metrics")
    epochs = request.dimension == "Epoch"
    period = request.period or 0.0
    query = {
        "MetricName": request.metric,
        "MetricStat": STATISTICS[request.statistic],
        "XAxisType": "IterationNumber" if epochs else "Timestamp",
        "Period": "IterationNumber" if epochs else _AWS_PERIODS.get(period, "OneMinute"),
    }
    queries = [{**query, "ResourceArn": component["TrialComponentArn"]} for component in batch]
    exact = not epochs and period not in _AWS_PERIODS
    with hints(client, max_points=most, period=period if exact and target.kind == "local" else None):
        answer = client.batch_get_metrics(MetricQueries=queries)
    return [_points(result) for result in answer.get("MetricQueryResults", [])]


def _points(result: dict[str, Any]) -> _Points:
    pairs = sorted(
        (float(x), value)
        for x, value in zip(
            result.get("XAxisValues") or [], map(finite, result.get("MetricValues") or []), strict=False
        )
        if value is not None
    )
    scale = 1000.0 if pairs and pairs[-1][0] > _MILLISECONDS else 1.0
    return _Points([x / scale for x, _ in pairs], [y for _, y in pairs])


def _series(component: Component, points: _Points, request: SeriesRequest, most: int) -> ChartSeries:
    x = points.x
    if request.dimension == "Periods from start":
        period = request.period or 1.0
        first = x[0]
        x = [round((each - first) / period, 6) for each in x]
    kept = thinned(list(zip(x, points.y, strict=True)), most)
    return ChartSeries(
        name=component[NAME],
        running=is_running(component),
        count=len(points.x),
        x=[each for _, each, _ in kept],
        y=[value for _, _, value in kept],
    )
