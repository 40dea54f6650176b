"""Groups and streams by name, paging tokens, and the errors of CloudWatch Logs."""

from __future__ import annotations

import base64
import json
from typing import Any

from sqlalchemy import select

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime.joblogs import LogStream
from smstudio_ext.engine.settings import ACCOUNT_ID
from smstudio_ext.engine.store import tables


def not_found(what: str) -> AwsError:
    """What is not there: `group` or `stream`."""
    return AwsError(f"The specified log {what} does not exist.", code="ResourceNotFoundException", status=400)


def exists(what: str) -> AwsError:
    """What is there already: `group` or `stream`."""
    return AwsError(
        f"The specified log {what} already exists", code="ResourceAlreadyExistsException", status=400
    )


def invalid(message: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError(message, code="InvalidParameterException", status=400)


def group_of(ctx: EngineContext, call: Call, request: dict[str, Any]) -> str:
    """The name of the group that a request is about."""
    name = request.get("logGroupName") or _name_of(request.get("logGroupIdentifier", ""))
    if not name:
        raise invalid("A log group name or identifier is required.")
    if group_attributes(ctx, call.region, name) is None:
        raise not_found("group")
    return str(name)


def stream_of(ctx: EngineContext, call: Call, request: dict[str, Any]) -> LogStream:
    """The stream that a request is about."""
    group = group_of(ctx, call, request)
    stream = ctx.logs.stream(call.region, group, request["logStreamName"])
    if stream is None:
        raise not_found("stream")
    return stream


def group_attributes(ctx: EngineContext, region: str, group: str) -> dict[str, Any] | None:
    """What was set on a group (retention, tags), or None if there is no such group."""
    table = tables.log_groups
    with ctx.store.database.read() as connection:
        row = connection.execute(
            select(table.c.attributes).where(table.c.region == region, table.c.name == group)
        ).first()
    return None if row is None else json.loads(row.attributes)


def group_arn(region: str, group: str) -> str:
    """The ARN of a group."""
    return f"arn:{partition(region)}:logs:{region}:{ACCOUNT_ID}:log-group:{group}"


def encode_token(value: dict[str, int]) -> str:
    """A paging token of names and numbers."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def decode_token(token: str) -> dict[str, int]:
    """What `encode_token` put into a token."""
    try:
        value = json.loads(base64.urlsafe_b64decode(token.encode()))
        return {str(name): int(number) for name, number in value.items()}
    except (ValueError, TypeError, AttributeError):
        raise invalid("The specified nextToken is invalid.") from None


def _name_of(identifier: str) -> str:
    return (
        identifier.split(":log-group:", 1)[1].removesuffix(":*")
        if ":log-group:" in identifier
        else identifier
    )
