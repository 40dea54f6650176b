"""Log groups and streams: made, described, deleted."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.runtime.joblogs import LogStream
from smstudio_ext.engine.services.logs.finding import (
    decode_token,
    encode_token,
    exists,
    group_arn,
    group_of,
    invalid,
    not_found,
    stream_of,
)
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store import tables

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
            raise exists("group")
        connection.execute(
            insert(table).values(
                region=call.region, name=name, created=ctx.clock.now(), attributes=json.dumps(attributes)
            )
        )


@operation("logs", "DeleteLogGroup")
def delete_log_group(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Takes a group, its streams and their events away."""
    name = group_of(ctx, call, request)
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
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    table = tables.log_groups
    with ctx.store.database.read() as connection:
        rows = connection.execute(
            select(table).where(table.c.region == call.region).order_by(table.c.name)
        ).fetchall()
    groups = []
    for row in rows:
        if row.name.startswith(prefix) and part.lower() in row.name.lower():
            arn = group_arn(call.region, row.name)
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
        raise invalid(
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
    group, name = group_of(ctx, call, request), request["logStreamName"]
    table = tables.log_streams
    with ctx.store.database.write() as connection:
        where = (table.c.region == call.region, table.c.group == group, table.c.name == name)
        if connection.execute(select(table.c.name).where(*where)).first():
            raise exists("stream")
        connection.execute(
            insert(table).values(region=call.region, group=group, name=name, created=ctx.clock.now(), path="")
        )


@operation("logs", "DeleteLogStream")
def delete_log_stream(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Takes a stream and its events away."""
    _delete_stream(ctx, stream_of(ctx, call, request))


@operation("logs", "DescribeLogStreams", inline=False)
def describe_log_streams(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Streams of a group by name, or by the time of their last event."""
    prefix = request.get("logStreamNamePrefix", "")
    by_time = request.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    group = group_of(ctx, call, request)
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


def _edit_group(ctx: EngineContext, call: Call, request: dict[str, Any], change: dict[str, Any]) -> None:
    group = group_of(ctx, call, request)
    table = tables.log_groups
    where = (table.c.region == call.region, table.c.name == group)
    with ctx.store.database.write() as connection:
        row = connection.execute(select(table.c.attributes).where(*where)).first()
        if row is None:
            raise not_found("group")
        attributes = {**json.loads(row.attributes), **change}
        connection.execute(update(table).where(*where).values(attributes=json.dumps(attributes)))


def _delete_stream(ctx: EngineContext, stream: LogStream) -> None:
    table = tables.log_events
    with ctx.store.database.write() as connection:
        connection.execute(
            delete(table).where(
                table.c.region == stream.region, table.c.group == stream.group, table.c.stream == stream.name
            )
        )
    ctx.logs.forget(stream.region, stream.group, stream.name)


def _describe_stream(ctx: EngineContext, stream: LogStream) -> dict[str, Any]:
    arn = f"{group_arn(stream.region, stream.group)}:log-stream:{stream.name}"
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


def _page(items: list[Any], request: dict[str, Any], default: int) -> tuple[list[Any], str | None]:
    start = int(decode_token(request["nextToken"]).get("start", 0)) if request.get("nextToken") else 0
    end = start + request.get("limit", default)
    return items[start:end], encode_token({"start": end}) if end < len(items) else None
