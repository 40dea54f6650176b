"""What a training job measured, as time series: from its log where its metrics are defined, else from CloudWatch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import Any

from smstudio_ext.studio.job_logs import log_events, log_streams
from smstudio_ext.studio.models.training import MetricPoint, MetricSeries, TrainingMetrics
from smstudio_ext.target import Target

NAMESPACE = "/aws/sagemaker/TrainingJobs"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
MAX_POINTS = 400
"""Points of one series that a chart gets."""
MAX_EVENTS = 60_000
"""Log events that are read; a longer log is charted as far as it was read, then by CloudWatch."""
_MAX_STREAMS = 8
_MAX_LINE = 4096
_PERIODS = (1, 5, 10, 30, 60, 300, 900, 3600, 21_600)
_DATAPOINTS = 1000
_INSTANCE_METRICS = (
    "CPUUtilization",
    "MemoryUtilization",
    "DiskUtilization",
    "GPUUtilization",
    "GPUMemoryUtilization",
)

Values = list[tuple[float, float]]
"""(seconds since the epoch, value)"""


def training_metrics(target: Target, name: str) -> TrainingMetrics:
    """Series of a job's metrics and of its instances' use.

    Raises:
        botocore.exceptions.ClientError: there is no such job.
    """
    job = target.client("sagemaker").describe_training_job(TrainingJobName=name)
    start, end = _span(job)
    instances = _instance_series(target, job, start, end)
    definitions = {
        each["Name"]: each["Regex"]
        for each in job.get("AlgorithmSpecification", {}).get("MetricDefinitions", [])
    }
    if definitions:
        values, truncated = log_values(target, name, definitions)
        if values and not truncated:
            return TrainingMetrics(
                source="log",
                period_seconds=None,
                truncated=False,
                metrics=[_series(key, found) for key, found in values.items()],
                instances=instances,
            )
    names = _metric_names(target, job)
    period = _period(target, start, end)
    series = cloudwatch_values(
        target, [(each, "TrainingJobName", name) for each in names], start, end, period
    )
    return TrainingMetrics(
        source="cloudwatch",
        period_seconds=period,
        truncated=False,
        metrics=[_series(each, values) for each, values in zip(names, series, strict=True) if values],
        instances=instances,
    )


def log_values(target: Target, name: str, definitions: dict[str, str]) -> tuple[dict[str, Values], bool]:
    """Every value in the job's log, by metric in the order of their first values; and whether the log was too long."""
    reader = LogMetrics(definitions)
    values: dict[str, Values] = {}
    logs = target.client("logs")
    streams = log_streams(logs, LOG_GROUP, name)[:_MAX_STREAMS]
    events = chain.from_iterable(log_events(logs, LOG_GROUP, stream) for stream in streams)
    for count, event in enumerate(events, 1):
        if count > MAX_EVENTS:
            return values, True
        for metric, value in reader.read(event["message"]):
            values.setdefault(metric, []).append((event["timestamp"] / 1000, value))
    return values, False


class LogMetrics:
    """Finds metrics in log lines.

    Images define some seventy metrics of which a job writes a few, so lines of one shape (digits aside) are asked only for the
    metrics that the first of them had.
    """

    def __init__(self, definitions: dict[str, str]) -> None:
        self._patterns: list[tuple[str, re.Pattern[str], bool]] = []
        for name, expression in definitions.items():
            try:
                pattern = re.compile(expression)
            except re.error:
                continue  # an expression of AWS's dialect that Python does not read: CloudWatch has its values
            plain = re.sub(r"\[[^\]]*\]|\{[^}]*\}|\\d", "", expression)
            self._patterns.append((name, pattern, any(character.isdigit() for character in plain)))
        self._shapes: dict[str, list[tuple[str, re.Pattern[str], bool]]] = {}

    def read(self, line: str) -> Iterator[tuple[str, float]]:
        """(metric, value) of each metric in a line."""
        line = line[:_MAX_LINE]
        shape = re.sub(r"\d+", "0", line)
        candidates = self._shapes.get(shape)
        if candidates is None:
            candidates = [each for each in self._patterns if each[2] or each[1].search(line)]
            if len(self._shapes) < 4096:
                self._shapes[shape] = candidates
        for name, pattern, _ in candidates:
            match = pattern.search(line)
            if match is None:
                continue
            try:
                value = float(match.group(1) if pattern.groups else match.group(0))
            except (TypeError, ValueError):
                continue
            if math.isfinite(value):
                yield name, value


def cloudwatch_values(
    target: Target,
    metrics: list[tuple[str, str, str]],
    start: datetime,
    end: datetime,
    period: int,
    *,
    namespace: str = NAMESPACE,
    statistic: str = "Average",
) -> list[Values]:
    """Series of CloudWatch, one for each (metric, dimension, value), oldest first."""
    found: list[Values] = [[] for _ in metrics]
    client = target.client("cloudwatch")
    for first in range(0, len(metrics), 100):
        queries = [
            {
                "Id": f"m{first + index}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": name,
                        "Dimensions": [{"Name": dimension, "Value": value}],
                    },
                    "Period": period,
                    "Stat": statistic,
                },
            }
            for index, (name, dimension, value) in enumerate(metrics[first : first + 100])
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


def _series(name: str, values: Values, host: str | None = None) -> MetricSeries:
    return MetricSeries(
        name=name,
        host=host,
        count=len(values),
        points=[
            MetricPoint(time=datetime.fromtimestamp(time, timezone.utc), step=step, value=value)
            for step, time, value in thinned(values)
        ],
    )


def _span(job: dict[str, Any]) -> tuple[datetime, datetime]:
    now = datetime.now(timezone.utc)
    start = job.get("TrainingStartTime") or job["CreationTime"]
    end = job.get("TrainingEndTime") or now
    return start - timedelta(minutes=1), max(end, start) + timedelta(minutes=2)


def _period(target: Target, start: datetime, end: datetime) -> int:
    """Shortest period that CloudWatch keeps for these times and that gives no more points than a chart takes."""
    seconds = (end - start).total_seconds()
    least = 1 if target.kind == "local" else 60  # AWS publishes the metrics of training jobs each minute
    age = (datetime.now(timezone.utc) - start).days
    if target.kind == "aws" and age > 14:
        least = 300 if age <= 62 else 3600
    return next(
        (period for period in _PERIODS if period >= least and seconds / period <= _DATAPOINTS), 86_400
    )


def _metric_names(target: Target, job: dict[str, Any]) -> list[str]:
    names = [metric["MetricName"] for metric in job.get("FinalMetricDataList", [])]
    answer = target.client("cloudwatch").list_metrics(
        Namespace=NAMESPACE, Dimensions=[{"Name": "TrainingJobName", "Value": job["TrainingJobName"]}]
    )
    return list(dict.fromkeys([*names, *(metric["MetricName"] for metric in answer.get("Metrics", []))]))


def _instance_series(
    target: Target, job: dict[str, Any], start: datetime, end: datetime
) -> list[MetricSeries]:
    from botocore.exceptions import ClientError

    hosts = [f"{job['TrainingJobName']}/algo-{n}" for n in range(1, _hosts(job) + 1)]
    wanted = [(metric, "Host", host) for host in hosts for metric in _INSTANCE_METRICS]
    try:
        found = cloudwatch_values(target, wanted, start, end, _period(target, start, end))
    except ClientError:
        return []  # the job's own metrics matter more than a target that keeps none of its instances
    return [
        _series(metric, values, host.rpartition("/")[2])
        for (metric, _, host), values in zip(wanted, found, strict=True)
        if values
    ]


def _hosts(job: dict[str, Any]) -> int:
    return min(_MAX_STREAMS, max(1, job.get("ResourceConfig", {}).get("InstanceCount") or 1))
