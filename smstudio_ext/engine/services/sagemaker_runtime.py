"""The SageMaker runtime over HTTP: real-time, streamed and asynchronous invocations."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from smstudio_ext.engine.errors import UnknownOperation
from smstudio_ext.engine.hosting import event_stream
from smstudio_ext.engine.hosting.async_queue import Wish, async_queue
from smstudio_ext.engine.hosting.invocations import (
    CUSTOM_ATTRIBUTES,
    SESSION_ID,
    Answer,
    Invocation,
    ValidationError,
    router,
)
from smstudio_ext.engine.hosting.link import ConnectionBroken, ServerTimeout
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.services.registry import raw_service

if TYPE_CHECKING:
    from smstudio_ext.engine.context import Call, EngineContext
    from smstudio_ext.engine.protocol.http import HttpRequest

_PATH = re.compile(r"/endpoints/([^/]+)/(invocations|async-invocations|invocations-response-stream)")
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_READ_LIMIT = 32 * 1024 * 1024
_PART = 64 * 1024

_PREFIX = "x-amzn-sagemaker-"
TARGET_VARIANT = _PREFIX + "target-variant"
INFERENCE_ID = _PREFIX + "inference-id"
_TARGET_MODEL = _PREFIX + "target-model"
_TARGET_CONTAINER = _PREFIX + "target-container-hostname"
# headers of features that are not there -> what to call them
NOT_OFFERED = {
    _PREFIX + "inference-component": "InferenceComponentName (inference components)",
    _PREFIX + "enable-explanations": "EnableExplanations (online explainability)",
    _PREFIX + "prefix-aware-id": "PrefixAwareId (prefix-aware routing)",
}
PASSED_ON = (CUSTOM_ATTRIBUTES, INFERENCE_ID, SESSION_ID)


@raw_service(
    "sagemaker-runtime",
    operations=("InvokeEndpoint", "InvokeEndpointAsync", "InvokeEndpointWithResponseStream"),
)
async def serve(ctx: EngineContext, call: Call, http: HttpRequest) -> HttpResponse:
    """Answers one request of the runtime's API."""
    match = _PATH.fullmatch(http.path)
    if match is None or http.method != "POST":
        raise UnknownOperation(f"{http.method} {http.path} is not an operation of the SageMaker runtime.")
    name, kind = unquote(match[1]), match[2]
    if not NOT_OFFERED.keys().isdisjoint(http.headers):
        unusual = next(member for member in NOT_OFFERED if member in http.headers)
        raise ValidationError(f"{NOT_OFFERED[unusual]} is not offered yet by the local engine.")
    if _NAME.fullmatch(name) is None:
        raise ValidationError(
            f"1 validation error detected: Value '{name}' at 'endpointName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
        )
    body = await http.read(_READ_LIMIT)
    if kind == "async-invocations":
        return await _invoke_async(ctx, call.region, name, http.headers, body)
    stream = kind == "invocations-response-stream"
    answer = await router(ctx).invoke(invocation_of(call.region, name, http.headers, body, stream=stream))
    return _stream_response(answer) if stream else response_of(answer)


def invocation_of(
    region: str, name: str, headers: dict[str, str], body: bytes, *, stream: bool = False
) -> Invocation:
    """The invocation that a request's headers (names in lower case) and body mean."""
    accept = headers.get(_PREFIX + "accept") if stream else headers.get("accept")
    return Invocation(
        region,
        name,
        body,
        headers.get("content-type", ""),
        accept or "",
        {header: headers[header] for header in PASSED_ON if header in headers},
        headers.get(TARGET_VARIANT),
        headers.get(_TARGET_MODEL),
        headers.get(_TARGET_CONTAINER),
        stream,
    )


def response_of(answer: Answer) -> HttpResponse:
    """The answer of InvokeEndpoint."""
    headers = [
        ("content-type", answer.content_type),
        ("x-amzn-invoked-production-variant", answer.variant),
        *answer.headers.items(),
    ]
    return HttpResponse(200, headers, answer.body)


def _stream_response(answer: Answer) -> HttpResponse:
    headers = [
        ("content-type", "application/vnd.amazon.eventstream"),
        (_PREFIX + "content-type", answer.content_type),
        ("x-amzn-invoked-production-variant", answer.variant),
        *answer.headers.items(),
    ]
    return HttpResponse(200, headers, _events(answer))


async def _events(answer: Answer) -> AsyncIterator[bytes]:
    """PayloadParts of an answer; a stream that breaks off ends with a ModelStreamError."""
    if answer.parts is None:
        for at in range(0, len(answer.body), _PART):
            yield event_stream.event("PayloadPart", answer.body[at : at + _PART])
        return
    try:
        async for part in answer.parts:
            yield event_stream.event("PayloadPart", part)
    except (ConnectionBroken, ServerTimeout) as error:
        code = "StreamBroken" if isinstance(error, ConnectionBroken) else "ModelInvocationTimeExceeded"
        payload = json.dumps({"Message": str(error)[:2048], "ErrorCode": code}).encode()
        yield event_stream.exception("ModelStreamError", payload)


async def _invoke_async(
    ctx: EngineContext, region: str, name: str, headers: dict[str, str], body: bytes
) -> HttpResponse:
    accepted = await async_queue(ctx).accept(
        Wish(
            region,
            name,
            headers.get(_PREFIX + "inputlocation"),
            body,
            headers.get(_PREFIX + "content-type") or "",
            headers.get(_PREFIX + "accept") or "",
            {header: headers[header] for header in PASSED_ON if header in headers},
            headers.get(INFERENCE_ID),
            headers.get(_PREFIX + "s3outputpathextension"),
            headers.get(_PREFIX + "filename"),
            _seconds(headers, "requestttlseconds", 60, 21_600, 21_600),
            _seconds(headers, "invocationtimeoutseconds", 1, 3600, 900),
        )
    )
    answer = [("content-type", "application/json"), (_PREFIX + "outputlocation", accepted.output)]
    if accepted.failure is not None:
        answer.append((_PREFIX + "failurelocation", accepted.failure))
    return HttpResponse(202, answer, json.dumps({"InferenceId": accepted.inference_id}).encode())


def _seconds(headers: dict[str, str], name: str, least: int, most: int, default: int) -> float:
    text = headers.get(_PREFIX + name)
    if text is None:
        return float(default)
    if not text.isdigit() or not least <= int(text) <= most:
        raise ValidationError(
            f"1 validation error detected: Value '{text}' at '{name}' failed to satisfy constraint: Member must be between "
            f"{least} and {most}"
        )
    return float(text)
