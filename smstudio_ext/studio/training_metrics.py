"""What a training job measured, as time series: from its log where its metrics are defined, else from CloudWatch."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from smstudio_ext.studio.cloudwatch import Values, Wanted, cloudwatch_values, period_for, series_of
from smstudio_ext.studio.job_logs import log_pages, log_streams
from smstudio_ext.studio.models.training import InstanceMetrics, MetricSeries, TrainingMetrics
from smstudio_ext.target import Target

NAMESPACE = "/aws/sagemaker/TrainingJobs"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
MAX_EVENTS = 60_000
"""Log events that are read; a longer log is charted by CloudWatch."""
_MOST_READINGS = 4
"""Jobs whose read logs are kept: so many pages are looked at in turn."""
_MAX_STREAMS = 8
_MAX_LINE = 4096
_INSTANCE_METRICS = (
    "CPUUtilization",
    "MemoryUtilization",
    "DiskUtilization",
    "GPUUtilization",
    "GPUMemoryUtilization",
)


def training_metrics(target: Target, name: str) -> TrainingMetrics:
    """Series of a job's metrics.

    Raises:
        botocore.exceptions.ClientError: there is no such job.
    """
    job = target.client("sagemaker").describe_training_job(TrainingJobName=name)
    start, end, period = _span(target, job)
    definitions = {
        each["Name"]: each["Regex"]
        for each in job.get("AlgorithmSpecification", {}).get("MetricDefinitions", [])
    }
    if definitions:
        values, truncated = log_values(target, job, definitions)
        if values and not truncated:
            return TrainingMetrics(
                source="log",
                period_seconds=None,
                truncated=False,
                metrics=[series_of(key, found) for key, found in values.items()],
            )
    # CloudWatch has what the definitions name; only of a job without any it must be asked.
    names = list(definitions) or _metric_names(target, job)
    wanted = [Wanted(each, (("TrainingJobName", name),), NAMESPACE) for each in names]
    series = cloudwatch_values(target, wanted, start, end, period)
    return TrainingMetrics(
        source="cloudwatch",
        period_seconds=period,
        truncated=False,
        metrics=[series_of(each, values) for each, values in zip(names, series, strict=True) if values],
    )


def instance_metrics(target: Target, name: str) -> InstanceMetrics:
    """Series of the use of a job's instances.

    Raises:
        botocore.exceptions.ClientError: there is no such job.
    """
    job = target.client("sagemaker").describe_training_job(TrainingJobName=name)
    return InstanceMetrics(instances=_instance_series(target, job, *_span(target, job)))


def log_values(
    target: Target, job: dict[str, Any], definitions: dict[str, str]
) -> tuple[dict[str, Values], bool]:
    """Every value in the job's log, by metric in the order of their first values; and whether the log was too long.

    A log is read on from where the last look at the same job ended, so that charts of a running job cost what is new.
    """
    logs = target.client("logs")
    key = (logs.meta.endpoint_url, job["TrainingJobArn"], str(job["CreationTime"]))
    with _LOCK:
        reading = _READINGS.pop(key, None) or _Reading(definitions)
        _READINGS[key] = reading
        while len(_READINGS) > _MOST_READINGS:
            _READINGS.pop(next(iter(_READINGS)))
    with reading.lock:
        try:
            reading.read_on(logs, job["TrainingJobName"], _hosts(job))
        except BaseException:
            with _LOCK:
                _READINGS.pop(key, None)  # its tokens may be too old; the next look begins anew
            raise
        return {name: list(found) for name, found in reading.values.items()}, reading.truncated


class _Reading:
    """What was read of one job's log; `read_on` only under the lock."""

    def __init__(self, definitions: dict[str, str]) -> None:
        self.lock = threading.Lock()
        self.values: dict[str, Values] = {}
        self.truncated = False
        self._metrics = LogMetrics(definitions)
        self._tokens: dict[str, str] = {}
        self._events = 0
        self._streams: list[str] = []

    def read_on(self, logs: Any, name: str, hosts: int) -> None:
        """Reads what was written since the last time; nothing once it was too much."""
        if self.truncated:
            return
        if len(self._streams) < hosts:  # each host has one; once all are known nobody needs to be asked
            self._streams = log_streams(logs, LOG_GROUP, name)[:_MAX_STREAMS]
        for stream in self._streams:
            for events, token in log_pages(logs, LOG_GROUP, stream, self._tokens.get(stream)):
                self._events += len(events)
                if self._events > MAX_EVENTS:
                    self.truncated = True
                    self.values.clear()
                    return
                for event in events:
                    for metric, value in self._metrics.read(event["message"]):
                        self.values.setdefault(metric, []).append((event["timestamp"] / 1000, value))
                self._tokens[stream] = token


_READINGS: dict[tuple[str, str, str], _Reading] = {}
_LOCK = threading.Lock()


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


def _span(target: Target, job: dict[str, Any]) -> tuple[datetime, datetime, int]:
    """Begin and end of a job's charts, and the seconds of a period of CloudWatch."""
    now = datetime.now(timezone.utc)
    start = job.get("TrainingStartTime") or job["CreationTime"]
    end = job.get("TrainingEndTime") or now
    start, end = start - timedelta(minutes=1), max(end, start) + timedelta(minutes=2)
    # AWS publishes the metrics of training jobs each minute, the local engine as they come.
    return start, end, period_for(target, start, end, 1 if target.kind == "local" else 60)


def _metric_names(target: Target, job: dict[str, Any]) -> list[str]:
    names = [metric["MetricName"] for metric in job.get("FinalMetricDataList", [])]
    answer = target.client("cloudwatch").list_metrics(
        Namespace=NAMESPACE, Dimensions=[{"Name": "TrainingJobName", "Value": job["TrainingJobName"]}]
    )
    return list(dict.fromkeys([*names, *(metric["MetricName"] for metric in answer.get("Metrics", []))]))


def _instance_series(
    target: Target, job: dict[str, Any], start: datetime, end: datetime, period: int
) -> list[MetricSeries]:
    hosts = [f"{job['TrainingJobName']}/algo-{n}" for n in range(1, _hosts(job) + 1)]
    wanted = [Wanted(metric, (("Host", host),), NAMESPACE) for host in hosts for metric in _INSTANCE_METRICS]
    found = cloudwatch_values(target, wanted, start, end, period)
    return [
        series_of(each.metric, values, each.dimensions[0][1].rpartition("/")[2])
        for each, values in zip(wanted, found, strict=True)
        if values
    ]


def _hosts(job: dict[str, Any]) -> int:
    return min(_MAX_STREAMS, max(1, job.get("ResourceConfig", {}).get("InstanceCount") or 1))
