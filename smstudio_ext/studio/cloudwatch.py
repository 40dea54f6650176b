"""Series of CloudWatch for the pages' charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.models.training import MetricPoint, MetricSeries
from smstudio_ext.target import Target

MAX_POINTS = 400
"""Points of one series that a chart gets."""
_DATAPOINTS = 1000
_PERIODS = (1, 5, 10, 30, 60, 300, 900, 3600, 21_600)

Values = list[tuple[float, float]]
"""(seconds since the epoch, value)"""


@dataclass(frozen=True)
class Wanted:
    """One series to ask for."""

    metric: str
    dimensions: tuple[tuple[str, str], ...]
    namespace: str
    statistic: str = "Average"


def cloudwatch_values(
    target: Target, wanted: list[Wanted], start: datetime, end: datetime, period: int
) -> list[Values]:
    """The values of each series, oldest first."""
    found: list[Values] = [[] for _ in wanted]
    client = target.client("cloudwatch")
    for first in range(0, len(wanted), 100):
        queries = [
            _query(first + index, each, period) for index, each in enumerate(wanted[first : first + 100])
        ]
        request: dict[str, Any] = {
            "MetricDataQueries": queries,
            "StartTime": start,
            "EndTime": end,
            "ScanBy": "TimestampAscending",
        }
        while True:
            answer = client.get_metric_data(**request)
            for result in answer.get("MetricDataResults", []):
                found[int(result["Id"][1:])] += [
                    (time.timestamp(), value)
                    for time, value in zip(result["Timestamps"], result["Values"], strict=False)
                ]
            if not answer.get("NextToken"):
                break
            request["NextToken"] = answer["NextToken"]
    return [sorted(values) for values in found]


def period_for(target: Target, start: datetime, end: datetime, least: int) -> int:
    """Shortest period that CloudWatch keeps for these times and that gives no more points than a chart takes.

    Args:
        least: seconds between two values as they are published.
    """
    if target.kind == "aws":
        age = (datetime.now(timezone.utc) - start).days
        least = max(least, 3600 if age > 62 else 300 if age > 14 else 60)
    seconds = (end - start).total_seconds()
    return next(
        (period for period in _PERIODS if period >= least and seconds / period <= _DATAPOINTS), 86_400
    )


def series_of(name: str, values: Values, host: str | None = None) -> MetricSeries:
    """A series as the pages draw it."""
    return MetricSeries(
        name=name,
        host=host,
        count=len(values),
        points=[
            MetricPoint(time=datetime.fromtimestamp(time, timezone.utc), step=step, value=value)
            for step, time, value in thinned(values)
        ],
    )


def thinned(values: Values, most: int = MAX_POINTS) -> list[tuple[int, float, float]]:
    """At most so many (step, time, value) of a series: the lowest and the highest of each part, and both ends."""
    numbered = [(step, time, value) for step, (time, value) in enumerate(values, 1)]
    if len(numbered) <= most:
        return numbered
    parts = most // 2 - 1
    inner = numbered[1:-1]
    kept = [numbered[0]]
    for part in range(parts):
        piece = inner[part * len(inner) // parts : (part + 1) * len(inner) // parts]
        low = min(piece, key=lambda point: point[2])
        high = max(piece, key=lambda point: point[2])
        kept += sorted({low, high})
    return [*kept, numbered[-1]]


def _query(number: int, wanted: Wanted, period: int) -> dict[str, Any]:
    return {
        "Id": f"m{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": wanted.namespace,
                "MetricName": wanted.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in wanted.dimensions],
            },
            "Period": period,
            "Stat": wanted.statistic,
        },
    }
