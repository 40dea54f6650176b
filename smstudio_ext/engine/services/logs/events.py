"""Log events: put, read by pages, filtered."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, update

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime.joblogs import LogStream
from smstudio_ext.engine.services.logs.finding import (
    decode_token,
    encode_token,
    group_attributes,
    group_of,
    invalid,
    not_found,
    stream_of,
)
from smstudio_ext.engine.services.logs.reading import MAX_BYTES, MAX_EVENTS, Event, iterate, matcher, source
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store import tables

_DAY_MS = 86_400_000


@operation("logs", "PutLogEvents")
def put_log_events(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Adds events to a stream that CreateLogStream made."""
    stream = stream_of(ctx, call, request)
    if stream.path is not None:
        raise AwsError(
            "This log stream belongs to a job; only the job writes to it.",
            code="InvalidOperationException",
            status=400,
        )
    events = request["logEvents"]
    stamps = [event["timestamp"] for event in events]
    if stamps != sorted(stamps):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if sum(len(event["message"].encode()) + 26 for event in events) > MAX_BYTES:
        raise invalid(f"Upload too large: the maximum batch size is {MAX_BYTES} bytes.")
    now = int(ctx.clock.now() * 1000)
    good = [event for event in events if now - 14 * _DAY_MS <= event["timestamp"] <= now + 2 * 3_600_000]
    rejected: dict[str, int] = {}
    too_old = sum(1 for stamp in stamps if stamp < now - 14 * _DAY_MS)
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if too_old + len(good) < len(events):
        rejected["tooNewLogEventStartIndex"] = too_old + len(good)
    if good:
        _insert_events(ctx, stream, good, now)
    return {"nextSequenceToken": f"{now:056d}", "rejectedLogEventsInfo": rejected or None}


@operation("logs", "GetLogEvents", inline=False)
def get_log_events(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a stream. At the end the forward token stays the one that was sent."""
    stream = stream_of(ctx, call, request)
    since = _shown_since(ctx, stream, request.get("startTime"))
    until, limit = request.get("endTime"), request.get("limit", MAX_EVENTS)
    reader = source(ctx, stream)
    token = request.get("nextToken")
    if token:
        backwards, position = _read_token(token)
        page = (reader.backward if backwards else reader.forward)(position, limit, since, until)
    elif request.get("startFromHead"):
        page = reader.forward(0, limit, since, until)
    else:
        page = reader.backward(None, limit, since, until)
    return {
        "events": [
            {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingested}
            for event in page.events
        ],
        "nextForwardToken": f"f/{page.end:056d}/s",
        "nextBackwardToken": f"b/{page.start:056d}/s",
    }


@operation("logs", "FilterLogEvents", inline=False)
def filter_log_events(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Events of several streams in the order of time, those that match a pattern."""
    group = group_of(ctx, call, request)
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix", "")
    if names and prefix:
        raise invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
    streams = ctx.logs.streams(call.region, group, prefix)
    if names:
        streams = [stream for stream in streams if stream.name in names]
        if len(streams) < len(set(names)):
            raise not_found("stream")
    matches = matcher(request.get("filterPattern", ""))
    limit = min(request.get("limit", MAX_EVENTS), MAX_EVENTS)
    positions: dict[str, int] = decode_token(request["nextToken"]) if request.get("nextToken") else {}
    merged = heapq.merge(
        *(_shown(ctx, stream, positions.get(stream.name, 0), request) for stream in streams),
        key=lambda item: item[:2],
    )
    events: list[dict[str, Any]] = []
    size = 0
    token = None
    for _, name, event in merged:
        if not matches(event.message):
            positions[name] = event.position + 1
            continue
        size += len(event.message) + 26
        if len(events) >= limit or (events and size > MAX_BYTES):
            positions[name] = event.position
            token = encode_token(positions)
            break
        positions[name] = event.position + 1
        events.append(
            {
                "logStreamName": name,
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested,
                "eventId": f"{event.timestamp:032d}{event.position:024d}",
            }
        )
    return {"events": events, "searchedLogStreams": [], "nextToken": token}


def _shown(
    ctx: EngineContext, stream: LogStream, at: int, request: dict[str, Any]
) -> Iterator[tuple[int, str, Event]]:
    """Events of a stream from a position on, with what they are merged by."""
    since = _shown_since(ctx, stream, request.get("startTime"))
    for event in iterate(source(ctx, stream), _line_start(stream, at), since, request.get("endTime")):
        if event.position >= at:
            yield event.timestamp, stream.name, event


def _line_start(stream: LogStream, position: int) -> int:
    """A position to read from; in a file, one past an event's start is inside its line."""
    return max(position - 1, 0) if stream.path is not None else position


def _shown_since(ctx: EngineContext, stream: LogStream, since: int | None) -> int | None:
    days: int | None = (group_attributes(ctx, stream.region, stream.group) or {}).get("retention")
    if not days:
        return since
    return max(since or 0, int(ctx.clock.now() * 1000) - days * _DAY_MS)


def _insert_events(ctx: EngineContext, stream: LogStream, events: list[dict[str, Any]], now: int) -> None:
    table, streams = tables.log_events, tables.log_streams
    rows = [
        {
            "region": stream.region,
            "group": stream.group,
            "stream": stream.name,
            "timestamp": event["timestamp"],
            "ingested": now,
            "message": event["message"],
        }
        for event in events
    ]
    with ctx.store.database.write() as connection:
        connection.execute(insert(table), rows)
        connection.execute(
            update(streams)
            .where(
                streams.c.region == stream.region,
                streams.c.group == stream.group,
                streams.c.name == stream.name,
            )
            .values(last_event=now / 1000)
        )


def _read_token(token: str) -> tuple[bool, int]:
    """Direction and position of a GetLogEvents token."""
    pieces = token.split("/")
    if len(pieces) != 3 or pieces[0] not in ("f", "b") or not pieces[1].isdigit():
        raise invalid("The specified nextToken is invalid.")
    return pieces[0] == "b", int(pieces[1])
