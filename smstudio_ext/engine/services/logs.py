"""CloudWatch Logs: groups, streams and events; streams of jobs read the jobs' own log files."""

from __future__ import annotations

import base64
import heapq
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime.joblogs import LogStream
from smstudio_ext.engine.services.log_reading import MAX_BYTES, MAX_EVENTS, Event, iterate, matcher, source
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.settings import ACCOUNT_ID
from smstudio_ext.engine.store import tables

_DAY_MS = 86_400_000
_RETENTIONS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)


def _not_found(what: str) -> AwsError:
    return AwsError(f"The specified log {what} does not exist.", code="ResourceNotFoundException", status=400)


def _exists(what: str) -> AwsError:
    return AwsError(
        f"The specified log {what} already exists", code="ResourceAlreadyExistsException", status=400
    )


def _invalid(message: str) -> AwsError:
    return AwsError(message, code="InvalidParameterException", status=400)


@operation("logs", "CreateLogGroup")
def create_log_group(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Makes a log group."""
    name = request["logGroupName"]
    attributes = {"tags": request.get("tags", {})}
    with ctx.store.database.write() as connection:
        table = tables.log_groups
        if connection.execute(
            select(table.c.name).where(table.c.region == call.region, table.c.name == name)
        ).first():
            raise _exists("group")
        connection.execute(
            insert(table).values(
                region=call.region, name=name, created=ctx.clock.now(), attributes=json.dumps(attributes)
            )
        )


@operation("logs", "DeleteLogGroup")
def delete_log_group(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Takes a group, its streams and their events away."""
    name = _group_of(ctx, call, request)
    for stream in ctx.logs.streams(call.region, name):
        _delete_stream(ctx, stream)
    with ctx.store.database.write() as connection:
        table = tables.log_groups
        connection.execute(delete(table).where(table.c.region == call.region, table.c.name == name))


@operation("logs", "DescribeLogGroups", inline=False)
def describe_log_groups(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Groups by name prefix or part of the name."""
    prefix, part = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "")
    if prefix and part:
        raise _invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    table = tables.log_groups
    with ctx.store.database.read() as connection:
        rows = connection.execute(
            select(table).where(table.c.region == call.region).order_by(table.c.name)
        ).fetchall()
    groups = []
    for row in rows:
        if row.name.startswith(prefix) and part.lower() in row.name.lower():
            arn = _group_arn(call.region, row.name)
            attributes = json.loads(row.attributes)
            groups.append(
                {
                    "logGroupName": row.name,
                    "creationTime": int(row.created * 1000),
                    "retentionInDays": attributes.get("retention"),
                    "metricFilterCount": 0,
                    "arn": f"{arn}:*",
                    "logGroupArn": arn,
                    "storedBytes": 0,
                    "logGroupClass": "STANDARD",
                }
            )
    page, token = _page(groups, request, 50)
    return {"logGroups": page, "nextToken": token}


@operation("logs", "PutRetentionPolicy")
def put_retention_policy(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Events older than so many days are no longer shown."""
    days = request["retentionInDays"]
    if days not in _RETENTIONS:
        raise _invalid(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: {list(_RETENTIONS)}"
        )
    _edit_group(ctx, call, request, {"retention": days})


@operation("logs", "DeleteRetentionPolicy")
def delete_retention_policy(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Events are shown for ever."""
    _edit_group(ctx, call, request, {"retention": None})


@operation("logs", "CreateLogStream")
def create_log_stream(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Makes a stream for PutLogEvents."""
    group, name = _group_of(ctx, call, request), request["logStreamName"]
    table = tables.log_streams
    with ctx.store.database.write() as connection:
        where = (table.c.region == call.region, table.c.group == group, table.c.name == name)
        if connection.execute(select(table.c.name).where(*where)).first():
            raise _exists("stream")
        connection.execute(
            insert(table).values(region=call.region, group=group, name=name, created=ctx.clock.now(), path="")
        )


@operation("logs", "DeleteLogStream")
def delete_log_stream(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Takes a stream and its events away."""
    _delete_stream(ctx, _stream_of(ctx, call, request))


@operation("logs", "DescribeLogStreams", inline=False)
def describe_log_streams(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Streams of a group by name, or by the time of their last event."""
    prefix = request.get("logStreamNamePrefix", "")
    by_time = request.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    group = _group_of(ctx, call, request)
    streams = ctx.logs.streams(call.region, group, prefix)
    descending = bool(request.get("descending", False))
    if by_time:
        described = [_describe_stream(ctx, stream) for stream in streams]
        described.sort(
            key=lambda item: (item.get("lastEventTimestamp") or 0, item["logStreamName"]), reverse=descending
        )
        page, token = _page(described, request, 50)
        return {"logStreams": page, "nextToken": token}
    if descending:
        streams.reverse()
    chosen, token = _page(streams, request, 50)
    return {"logStreams": [_describe_stream(ctx, stream) for stream in chosen], "nextToken": token}


@operation("logs", "PutLogEvents")
def put_log_events(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Adds events to a stream that CreateLogStream made."""
    stream = _stream_of(ctx, call, request)
    if stream.path is not None:
        raise AwsError(
            "This log stream belongs to a job; only the job writes to it.",
            code="InvalidOperationException",
            status=400,
        )
    events = request["logEvents"]
    stamps = [event["timestamp"] for event in events]
    if stamps != sorted(stamps):
        raise _invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if sum(len(event["message"].encode()) + 26 for event in events) > MAX_BYTES:
        raise _invalid(f"Upload too large: the maximum batch size is {MAX_BYTES} bytes.")
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
    stream = _stream_of(ctx, call, request)
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
    group = _group_of(ctx, call, request)
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix", "")
    if names and prefix:
        raise _invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
    streams = ctx.logs.streams(call.region, group, prefix)
    if names:
        streams = [stream for stream in streams if stream.name in names]
        if len(streams) < len(set(names)):
            raise _not_found("stream")
    matches = matcher(request.get("filterPattern", ""))
    limit = min(request.get("limit", MAX_EVENTS), MAX_EVENTS)
    positions: dict[str, int] = _decode(request["nextToken"]) if request.get("nextToken") else {}
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
            token = _encode(positions)
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


def _group_of(ctx: EngineContext, call: Call, request: dict[str, Any]) -> str:
    name = request.get("logGroupName") or _name_of(request.get("logGroupIdentifier", ""))
    if not name:
        raise _invalid("A log group name or identifier is required.")
    if _attributes(ctx, call.region, name) is None:
        raise _not_found("group")
    return str(name)


def _name_of(identifier: str) -> str:
    return (
        identifier.split(":log-group:", 1)[1].removesuffix(":*")
        if ":log-group:" in identifier
        else identifier
    )


def _stream_of(ctx: EngineContext, call: Call, request: dict[str, Any]) -> LogStream:
    group = _group_of(ctx, call, request)
    stream = ctx.logs.stream(call.region, group, request["logStreamName"])
    if stream is None:
        raise _not_found("stream")
    return stream


def _attributes(ctx: EngineContext, region: str, group: str) -> dict[str, Any] | None:
    table = tables.log_groups
    with ctx.store.database.read() as connection:
        row = connection.execute(
            select(table.c.attributes).where(table.c.region == region, table.c.name == group)
        ).first()
    return None if row is None else json.loads(row.attributes)


def _edit_group(ctx: EngineContext, call: Call, request: dict[str, Any], change: dict[str, Any]) -> None:
    group = _group_of(ctx, call, request)
    table = tables.log_groups
    where = (table.c.region == call.region, table.c.name == group)
    with ctx.store.database.write() as connection:
        row = connection.execute(select(table.c.attributes).where(*where)).first()
        if row is None:
            raise _not_found("group")
        attributes = {**json.loads(row.attributes), **change}
        connection.execute(update(table).where(*where).values(attributes=json.dumps(attributes)))


def _shown_since(ctx: EngineContext, stream: LogStream, since: int | None) -> int | None:
    days: int | None = (_attributes(ctx, stream.region, stream.group) or {}).get("retention")
    if not days:
        return since
    return max(since or 0, int(ctx.clock.now() * 1000) - days * _DAY_MS)


def _delete_stream(ctx: EngineContext, stream: LogStream) -> None:
    table = tables.log_events
    with ctx.store.database.write() as connection:
        connection.execute(
            delete(table).where(
                table.c.region == stream.region, table.c.group == stream.group, table.c.stream == stream.name
            )
        )
    ctx.logs.forget(stream.region, stream.group, stream.name)


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


def _describe_stream(ctx: EngineContext, stream: LogStream) -> dict[str, Any]:
    arn = f"{_group_arn(stream.region, stream.group)}:log-stream:{stream.name}"
    described: dict[str, Any] = {
        "logStreamName": stream.name,
        "creationTime": int(stream.created * 1000),
        "uploadSequenceToken": f"{int(stream.created * 1000):056d}",
        "arn": arn,
        "storedBytes": 0,
    }
    span = _span(ctx, stream)
    if span is not None:
        described.update(firstEventTimestamp=span[0], lastEventTimestamp=span[1], lastIngestionTime=span[1])
    return described


def _span(ctx: EngineContext, stream: LogStream) -> tuple[int, int] | None:
    if stream.path is not None:
        return ctx.logs.span(stream.region, stream.group, stream.name)
    table = tables.log_events
    with ctx.store.database.read() as connection:
        row = connection.execute(
            select(func.min(table.c.timestamp), func.max(table.c.timestamp)).where(
                table.c.region == stream.region, table.c.group == stream.group, table.c.stream == stream.name
            )
        ).one()
    return None if row[0] is None else (int(row[0]), int(row[1]))


def _group_arn(region: str, group: str) -> str:
    return f"arn:{partition(region)}:logs:{region}:{ACCOUNT_ID}:log-group:{group}"


def _page(items: list[Any], request: dict[str, Any], default: int) -> tuple[list[Any], str | None]:
    start = int(_decode(request["nextToken"]).get("start", 0)) if request.get("nextToken") else 0
    end = start + request.get("limit", default)
    return items[start:end], _encode({"start": end}) if end < len(items) else None


def _encode(value: dict[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _decode(token: str) -> dict[str, int]:
    try:
        value = json.loads(base64.urlsafe_b64decode(token.encode()))
        return {str(name): int(number) for name, number in value.items()}
    except (ValueError, TypeError, AttributeError):
        raise _invalid("The specified nextToken is invalid.") from None


def _read_token(token: str) -> tuple[bool, int]:
    """Direction and position of a GetLogEvents token."""
    pieces = token.split("/")
    if len(pieces) != 3 or pieces[0] not in ("f", "b") or not pieces[1].isdigit():
        raise _invalid("The specified nextToken is invalid.")
    return pieces[0] == "b", int(pieces[1])
