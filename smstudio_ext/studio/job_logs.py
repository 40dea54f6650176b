"""Logs of jobs in CloudWatch: their streams and their events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    request: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
    while True:
        answer = logs.get_log_events(**request)
        yield from answer.get("events", [])
        token = answer.get("nextForwardToken")
        if not token or token == request.get("nextToken"):
            return
        request["nextToken"] = token
