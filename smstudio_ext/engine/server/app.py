"""The front door: one ASGI application that verifies, parses, dispatches and answers every request."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import inspect
import logging
import re
import sqlite3
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.model import OperationModel
from sqlalchemy.exc import DBAPIError

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError, UnknownOperation
from smstudio_ext.engine.protocol import json_wire, query_wire, refusals, rest_wire, sigv4
from smstudio_ext.engine.protocol.error_wire import error_response
from smstudio_ext.engine.protocol.http import FileSlice, HttpRequest, HttpResponse, SignedBy
from smstudio_ext.engine.protocol.validation import validate
from smstudio_ext.engine.server.feed import EVENTS_PATH, Feed
from smstudio_ext.engine.server.holds import (
    BLANK_SECONDS,
    LONGEST_HOLD,
    Holds,
    Key,
    is_waiter,
    may_be_held,
    on_loop,
    until_its_second_is_over,
)
from smstudio_ext.engine.server.hosts import is_ours
from smstudio_ext.engine.server.identities import Identities
from smstudio_ext.engine.server.routing import Target, find_query_operation, find_service
from smstudio_ext.engine.services import registry
from smstudio_ext.engine.settings import ACCOUNT_ID

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

CONTROL_LIMIT = 5 * 1024 * 1024
"""Largest body of a control-plane call, bytes."""
RUNTIME_LIMIT = 32 * 1024 * 1024
"""Largest body of an invocation, bytes; hosting has its own, lower one."""

_JOB_CREATION = re.compile(r"Create\w+Job(V2)?$")

_HINT = "x-smstudio-"
_FILE_CHUNK = 1024 * 1024
_WORKERS = 16


_VALIDATION_CODES = {
    "logs": "InvalidParameterException",
    "ecr": "InvalidParameterException",
    "sts": "ValidationError",
    "iam": "ValidationError",
    "cloudwatch": "ValidationError",
}
"""What services other than SageMaker call a validation error."""


class ClientGone(Exception):
    """The client closed the connection while its body was read."""


class Door:
    """ASGI application of one engine.

    Args:
        context: parts of the engine that operations work with.
    """

    def __init__(self, context: EngineContext) -> None:
        self.context = context
        self.identities = Identities(context.settings, context.store)
        self.workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="operation")
        self.holds = Holds(context.store.resources)
        self.feed = Feed()
        self._unsubscribe: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Starts to follow changes; called on the event loop before the first request."""
        listener = on_loop(asyncio.get_running_loop(), [self.holds.notice, self.feed.notice])
        self._unsubscribe = self.context.store.changes.subscribe(listener)

    def release(self) -> None:
        """Answers every held request: the engine stops."""
        self.holds.close()
        self.feed.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        http = _request(scope, receive)
        request_id = str(uuid.uuid4())
        try:
            target, response = await self._answer(http, request_id)
        except ClientGone:
            return
        await _send(send, http, target, response, request_id)

    def close(self) -> None:
        """Lets running operations end."""
        self._unsubscribe()
        self.workers.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, http: HttpRequest, request_id: str) -> tuple[Target, HttpResponse]:
        target = Target("", "json", None)
        try:
            if not is_ours(http.headers.get("host", "")):
                raise AwsError(
                    "This engine answers only under a loopback name (127.0.0.1, localhost, *.localhost).",
                    code="AccessDeniedException",
                    status=403,
                )
            if http.path == "/_smstudio/health":
                return target, HttpResponse(200, [("content-type", "application/json")], b'{"status":"ok"}')
            page = _page_of(http.path)
            if page is not None:
                loop = asyncio.get_running_loop()
                return target, await loop.run_in_executor(self.workers, page, self.context, http)
            target, call = await self._admit(http, request_id)
            return target, await self._dispatch(target, call, http)
        except AwsError as error:
            return target, _error(error, target, http, request_id)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 - the last line: whatever a handler raises becomes AWS's answer
            return target, _error(self._unexpected(error, target, request_id), target, http, request_id)

    async def _admit(self, http: HttpRequest, request_id: str) -> tuple[Target, Call]:
        """Verifies the signature and says where the request goes."""
        try:
            authorization = sigv4.read_authorization(http)
        except sigv4.SignatureProblem as problem:
            raise _Refused(find_service(http, None), problem) from None
        target = find_service(http, authorization.service)
        if target.service != "s3":
            await http.read(RUNTIME_LIMIT if target.service == "sagemaker-runtime" else CONTROL_LIMIT)
        try:
            key = sigv4.verify(
                http, authorization, self.identities.find, self.context.clock.now(), lambda: _body_hash(http)
            )
            if target.service != "s3":
                _check_stated_hash(http)
        except sigv4.SignatureProblem as problem:
            raise _Refused(target, problem) from None
        http.signed_by = SignedBy(
            bytes.fromhex(key), authorization.scope, authorization.amz_date, authorization.signature
        )
        if target.protocol == "query":
            find_query_operation(target, http, await http.read(CONTROL_LIMIT))
        call = Call(
            target.service,
            target.operation,
            authorization.region,
            ACCOUNT_ID,
            authorization.access_key,
            request_id,
            http.headers.get("user-agent", ""),
            {
                name.removeprefix(_HINT): value
                for name, value in http.headers.items()
                if name.startswith(_HINT)
            },
            http.source_ip,
        )
        return target, call

    async def _dispatch(self, target: Target, call: Call, http: HttpRequest) -> HttpResponse:
        if target.service == "smstudio" and http.path == EVENTS_PATH:
            return await self.feed.answer(http.query)
        raw = registry.RAW_SERVICES.get(target.service)
        if raw is not None:
            return await raw(self.context, call, http)
        operation = registry.OPERATIONS.get((target.service, target.operation))
        model = target.model
        if operation is None or model is None:
            raise _not_offered(target)
        body = await http.read(CONTROL_LIMIT)
        read = operation.quick(body) if operation.quick is not None else None
        if read is not None:
            request, checked = read
        else:
            request = _parse(target, model, http, body)
            checked = operation.checked(request) if operation.sampled else request
        validate(
            model.input_shape,
            checked,
            _VALIDATION_CODES.get(target.service, ""),
            uncapped=operation.uncapped,
        )
        if operation.settles is not None:
            kind, member = operation.settles
            key = (kind, call.region, str(request[member]))
            settled = not may_be_held(call.user_agent) or await self.holds.until_settled(key)
            if not settled and target.protocol == "json" and is_waiter(call.user_agent):
                headers = [("content-type", f"application/x-amz-json-{target.json_version}")]
                return HttpResponse(200, headers, self._long_answer(key, operation, model, call, request))
        output = await self._run(operation, call, request)
        if _JOB_CREATION.match(operation.name):
            name = next(str(value) for member, value in request.items() if member.endswith("JobName"))
            await until_its_second_is_over(name, self.context.clock.now())
        if target.protocol == "json":
            headers = [("content-type", f"application/x-amz-json-{target.json_version}")]
            return HttpResponse(200, headers, _json_body(model, output))
        assert isinstance(output, dict)  # only these wires take a body from a handler
        if target.protocol == "query":
            assert target.api is not None
            document = query_wire.serialize(model, output, target.api.xml_namespace, call.request_id)
            return HttpResponse(200, [("content-type", "text/xml")], document)
        return rest_wire.serialize(model, output)

    async def _long_answer(
        self,
        key: Key,
        operation: registry.Operation,
        model: OperationModel,
        call: Call,
        request: dict[str, Any],
    ) -> AsyncIterator[bytes]:
        """Blanks until the resource settles, then the answer.

        An error cannot be told after the blanks: it breaks the connection, and botocore asks again.
        """
        deadline = self.context.clock.monotonic() + LONGEST_HOLD
        yield b" "
        while not await self.holds.until_settled(key, BLANK_SECONDS):
            if self.context.clock.monotonic() > deadline:
                break
            yield b" "
        yield _json_body(model, await self._run(operation, call, request))

    async def _run(
        self, operation: registry.Operation, call: Call, request: dict[str, Any]
    ) -> dict[str, Any] | bytes:
        if operation.inline or inspect.iscoroutinefunction(operation.handler):
            output = operation.handler(self.context, call, request)
        else:
            loop = asyncio.get_running_loop()
            output = await loop.run_in_executor(self.workers, operation.handler, self.context, call, request)
        if inspect.isawaitable(output):
            output = await output
        return output or {}

    def _unexpected(self, error: Exception, target: Target, request_id: str) -> AwsError:
        if _disk_is_full(error):
            return AwsError(
                f"No space left for the data directory {self.context.settings.data_dir}; nothing was written. Free some space and try again.",
                code="ServiceUnavailable"
                if target.protocol in ("query", "rest-xml")
                else "ServiceUnavailableException",
                status=503,
            )
        log.exception("request %s %s:%s failed", request_id, target.service, target.operation, exc_info=error)
        return AwsError(
            f"The request processing has failed because of an unknown error, exception or failure (request {request_id} in the engine's log).",
            code="InternalError" if target.protocol == "rest-xml" else "InternalFailure",
            status=500,
        )


def _page_of(path: str) -> registry.PageHandler | None:
    """Who answers an unsigned request for a path; None: it must be signed."""
    if not path.startswith("/_smstudio/"):
        return None
    return next((page for prefix, page in registry.PAGES.items() if path.startswith(prefix)), None)


def _parse(target: Target, model: OperationModel, http: HttpRequest, body: bytes) -> dict[str, Any]:
    if target.protocol == "json":
        return json_wire.parse(model, body)
    if target.protocol == "query":
        return query_wire.parse(model, target.form)
    return rest_wire.parse(model, http, target.labels, body)


def _json_body(model: OperationModel, output: dict[str, Any] | bytes) -> bytes:
    return output if isinstance(output, bytes) else json_wire.serialize(model, output)


class _Refused(AwsError):
    """A signature problem in the words of the wire it came on."""

    def __init__(self, target: Target, problem: sigv4.SignatureProblem) -> None:
        worded = refusals.worded(problem, target.protocol)
        super().__init__(worded.message, code=worded.code, status=worded.status)
        self.target = target


def _error(error: AwsError, target: Target, http: HttpRequest, request_id: str) -> HttpResponse:
    if isinstance(error, _Refused):
        target = error.target
    return error_response(
        error,
        target.protocol,
        request_id,
        version=target.json_version,
        path=http.path,
        query_compatible=target.api is not None and target.api.query_compatible,
    )


def _not_offered(target: Target) -> AwsError:
    known = target.model is not None or (target.api is None and target.operation)
    name = f"{target.service}:{target.operation or 'unknown'}"
    message = (
        f"{name} is an operation of AWS's API that this engine does not offer yet."
        if known
        else f"{name} is not an operation that this engine knows."
    )
    if target.protocol in ("query", "ec2"):
        return AwsError(message, code="InvalidAction", status=400)
    if target.protocol == "rest-xml":
        return AwsError(message, code="NotImplemented", status=501)
    return UnknownOperation(message)


def _body_hash(http: HttpRequest) -> str:
    return hashlib.sha256(http.read_now()).hexdigest()


def _check_stated_hash(http: HttpRequest) -> None:
    """A body that was stated by hash and signed must be that body."""
    stated = http.headers.get("x-amz-content-sha256", sigv4.UNSIGNED)
    if stated != sigv4.UNSIGNED and stated != _body_hash(http):
        raise sigv4.SignatureProblem("mismatch")


def _disk_is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, DBAPIError):
        return _disk_is_full(error.orig) if error.orig is not None else False
    return isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error)


def _request(scope: Scope, receive: Receive) -> HttpRequest:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return HttpRequest(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        _body(receive, headers),
        source_ip=(scope.get("client") or ("",))[0],
    )


async def _body(receive: Receive, headers: dict[str, str]) -> AsyncIterator[bytes]:
    headers.pop("expect", None)  # to receive is to answer "100 Continue"
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        if chunk:
            yield chunk
        if not message.get("more_body"):
            return


async def _send(
    send: Send, http: HttpRequest, target: Target, response: HttpResponse, request_id: str
) -> None:
    body = response.body
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in response.headers
    ]
    names = {name for name, _ in headers}
    if target.service == "s3":
        headers.append((b"x-amz-request-id", request_id.encode()))
        headers.append((b"x-amz-id-2", b"smstudio"))
    headers.append((b"x-amzn-requestid", request_id.encode()))
    if (
        "expect" in http.headers
    ):  # never told to go on, the client may not send its body: the next bytes are no request
        headers.append((b"connection", b"close"))
    if b"content-length" not in names and response.status != 204:
        if isinstance(body, bytes):
            headers.append((b"content-length", str(len(body)).encode()))
        elif isinstance(body, FileSlice):
            headers.append((b"content-length", str(body.length).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if http.method == "HEAD" or response.status in (204, 304):
        await send({"type": "http.response.body", "body": b""})
    elif isinstance(body, bytes):
        await send({"type": "http.response.body", "body": body})
    elif isinstance(body, FileSlice):
        await _send_file(send, body)
    else:
        async for chunk in body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _send_file(send: Send, part: FileSlice) -> None:
    """Sends part of a file; the next chunk is read while one is on its way."""
    loop = asyncio.get_running_loop()
    with part.file or part.path.open("rb", buffering=0) as file:
        file.seek(part.offset)
        left = part.length
        chunk = file.read(min(_FILE_CHUNK, left))
        while left > 0 and chunk:
            left -= len(chunk)
            ahead = loop.run_in_executor(None, file.read, min(_FILE_CHUNK, left)) if left else None
            await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})
            chunk = await ahead if ahead is not None else b""
        if part.length == 0:
            await send({"type": "http.response.body", "body": b""})
