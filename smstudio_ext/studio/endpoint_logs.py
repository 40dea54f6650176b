"""Logs of an endpoint's model servers in CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smstudio_ext.studio.job_logs import log_page, streams_text
from smstudio_ext.studio.models.training import DownloadLog, LogLines, LogsQuery
from smstudio_ext.studio.problems import Missing
from smstudio_ext.target import Target

_MOST_STREAMS = 50


def log_group(name: str) -> str:
    """The log group of an endpoint."""
    return f"/aws/sagemaker/Endpoints/{name}"


def endpoint_logs(target: Target, name: str, query: LogsQuery) -> LogLines:
    """Part of the log of one server, unless named of the one that wrote last; an endpoint that wrote nothing has none.

    Raises:
        Missing: the endpoint has no such stream.
    """
    logs, group = target.client("logs"), log_group(name)
    streams = _streams(logs, group)
    if query.stream and query.stream not in streams:
        raise Missing(f"{query.stream!r} is no log stream of the endpoint {name!r}.")
    return log_page(logs, group, streams, query.stream or next(iter(streams), None), query)


def endpoint_log_text(target: Target, name: str, query: DownloadLog) -> Iterator[bytes]:
    """A whole log as text; all streams one after the other unless one is named.

    Raises:
        Missing: the endpoint has no such stream.
    """
    logs, group = target.client("logs"), log_group(name)
    streams = _streams(logs, group)
    if query.stream is not None and query.stream not in streams:
        raise Missing(f"{query.stream!r} is no log stream of the endpoint {name!r}.")
    return streams_text(logs, group, streams if query.stream is None else [query.stream])


def _streams(logs: Any, group: str) -> list[str]:
    """The endpoint's streams, one a model server, the one that wrote last first."""
    from botocore.exceptions import ClientError

    try:
        answer = logs.describe_log_streams(
            logGroupName=group, orderBy="LastEventTime", descending=True, limit=_MOST_STREAMS
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return []  # nothing was written yet
        raise
    return [stream["logStreamName"] for stream in answer.get("logStreams", [])]
