"""Logs of jobs in CloudWatch: their streams and their events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.models.training import LogLine, LogLines, LogsQuery

Event = dict[str, Any]


def log_streams(logs: Any, group: str, job: str) -> list[str]:
    """The streams of a job, one a host; empty while the job has not written."""
    from botocore.exceptions import ClientError

    try:
        answer = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return []  # no job has written a log in this region yet
        raise
    return [stream["logStreamName"] for stream in answer.get("logStreams", [])]


def log_events(logs: Any, group: str, stream: str) -> Iterator[Event]:
    """Every event of a stream, oldest first."""
    for events, _ in log_pages(logs, group, stream, None):
        yield from events


def log_pages(logs: Any, group: str, stream: str, token: str | None) -> Iterator[tuple[list[Event], str]]:
    """A stream's events page by page, oldest first, each page with the token to read on after it.

    Args:
        token: of an earlier page; none begins at the stream's start.
    """
    request: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
    while True:
        if token:
            request["nextToken"] = token
        answer = logs.get_log_events(**request)
        following: str | None = answer.get("nextForwardToken")
        if answer.get("events"):
            yield answer["events"], following or ""
        if not following or following == token:
            return
        token = following


def log_page(logs: Any, group: str, streams: list[str], stream: str | None, query: LogsQuery) -> LogLines:
    """Part of a stream's log, as the pages read it on.

    Args:
        streams: all streams of the job or endpoint.
        stream: the one to read; none where nothing was written yet.
    """
    if stream is None:
        return LogLines(
            group=group,
            streams=streams,
            stream=None,
            lines=[],
            next_token=None,
            previous_token=None,
            at_end=True,
        )
    request: dict[str, Any] = {
        "logGroupName": group,
        "logStreamName": stream,
        "startFromHead": query.from_start,
        "limit": query.max_results,
    }
    if query.next_token:
        request["nextToken"] = query.next_token
    answer = logs.get_log_events(**request)
    forward = answer.get("nextForwardToken")
    return LogLines(
        group=group,
        streams=streams,
        stream=stream,
        lines=[
            LogLine(time=_moment(event["timestamp"]), message=event["message"])
            for event in answer.get("events", [])
        ],
        next_token=forward,
        previous_token=answer.get("nextBackwardToken"),
        at_end=forward == query.next_token or not answer.get("events"),
    )


def streams_text(logs: Any, group: str, streams: list[str]) -> Iterator[bytes]:
    """Whole streams as text, one line an event with its time, under headings when there are several."""
    for stream in streams:
        if len(streams) > 1:
            yield f"==== {stream} ====\n".encode()
        for event in log_events(logs, group, stream):
            time = _moment(event["timestamp"]).isoformat(timespec="milliseconds")
            yield f"{time} {event['message']}\n".encode()


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
