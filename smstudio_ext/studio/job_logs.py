"""Logs of jobs in CloudWatch: their streams and their events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.models.training import LogLine, LogLines, LogsQuery

Event = dict[str, Any]

_EMPTY_PAGES = 3


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


def log_pages(
    logs: Any, group: str, stream: str, token: str | None, *, until: int | None = None
) -> Iterator[tuple[list[Event], str]]:
    """A stream's events page by page, oldest first, each page with the token to read on after it.

    Args:
        token: of an earlier page; none begins at the stream's start.
        until: milliseconds since the epoch; later events are left out.
    """
    request: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
    if until is not None:
        request["endTime"] = until
    empty = 0
    while True:
        if token:
            request["nextToken"] = token
        answer = logs.get_log_events(**request)
        following: str | None = answer.get("nextForwardToken")
        if answer.get("events"):
            yield answer["events"], following or ""
        empty = 0 if answer.get("events") else empty + 1
        # AWS may answer an empty page before the end; a stream that grows beyond `until` answers them for ever.
        if not following or following == token or (until is not None and empty == _EMPTY_PAGES):
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
    """Whole streams as text, one line an event with its time, under headings when there are several.

    The text ends with what is written now: a program that writes faster than somebody reads would have no end.
    """
    now = int(datetime.now(timezone.utc).timestamp() * 1000) + 1
    for stream in streams:
        if len(streams) > 1:
            yield f"==== {stream} ====\n".encode()
        for events, _ in log_pages(logs, group, stream, None, until=now):
            lines = [
                f"{_moment(event['timestamp']).isoformat(timespec='milliseconds')} {event['message']}\n"
                for event in events
            ]
            yield "".join(lines).encode()


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
