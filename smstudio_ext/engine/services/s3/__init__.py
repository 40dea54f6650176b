"""Amazon S3 on the wire: every request is told apart by method, path, parameters and headers."""

from __future__ import annotations

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.protocol.http import HttpRequest, HttpResponse
from smstudio_ext.engine.services.registry import raw_service
from smstudio_ext.engine.services.s3.operations import find_operation
from smstudio_ext.engine.services.s3.request import check_owner, read_request


@raw_service("s3")
async def handle(ctx: EngineContext, call: Call, http: HttpRequest) -> HttpResponse:
    """Answers one request to S3."""
    request = read_request(ctx, call, http)
    operation = find_operation(request)
    check_owner(request)
    return await operation(request)
