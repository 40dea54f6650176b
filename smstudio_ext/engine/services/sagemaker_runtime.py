"""The SageMaker runtime: InvokeEndpoint over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from smstudio_ext.engine.errors import UnknownOperation
from smstudio_ext.engine.hosting.invocations import (
    CUSTOM_ATTRIBUTES,
    Answer,
    Invocation,
    ValidationError,
    router,
)
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.services.registry import raw_service

if TYPE_CHECKING:
    from smstudio_ext.engine.context import Call, EngineContext
    from smstudio_ext.engine.protocol.http import HttpRequest

_PATH = re.compile(r"/endpoints/([^/]+)/(invocations|async-invocations|invocations-response-stream)")
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_OPERATIONS = {
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}
_READ_LIMIT = 32 * 1024 * 1024

_TARGET_VARIANT = "x-amzn-sagemaker-target-variant"
# headers of features that are not there -> what to call them
_NOT_OFFERED = {
    "x-amzn-sagemaker-target-model": "TargetModel (multi-model endpoints)",
    "x-amzn-sagemaker-target-container-hostname": "TargetContainerHostname (direct invocation of containers)",
    "x-amzn-sagemaker-inference-component": "InferenceComponentName (inference components)",
    "x-amzn-sagemaker-enable-explanations": "EnableExplanations (online explainability)",
    "x-amzn-sagemaker-session-id": "SessionId (stateful sessions)",
    "x-amzn-sagemaker-prefix-aware-id": "PrefixAwareId (prefix-aware routing)",
}
_PASSED_ON = ("content-type", "accept", CUSTOM_ATTRIBUTES, "x-amzn-sagemaker-inference-id")


@raw_service("sagemaker-runtime", operations=("InvokeEndpoint",))
async def serve(ctx: EngineContext, call: Call, http: HttpRequest) -> HttpResponse:
    """Answers one request of the runtime's API."""
    match = _PATH.fullmatch(http.path)
    if match is None or http.method != "POST":
        raise UnknownOperation(f"{http.method} {http.path} is not an operation of the SageMaker runtime.")
    name, kind = unquote(match[1]), match[2]
    if kind != "invocations":
        raise UnknownOperation(
            f"sagemaker-runtime:{_OPERATIONS[kind]} is not offered yet by the local engine."
        )
    headers = http.headers
    if not _NOT_OFFERED.keys().isdisjoint(headers):
        unusual = next(member for member in _NOT_OFFERED if member in headers)
        raise ValidationError(f"{_NOT_OFFERED[unusual]} is not offered yet by the local engine.")
    if _NAME.fullmatch(name) is None:
        raise ValidationError(
            f"1 validation error detected: Value '{name}' at 'endpointName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
        )
    body = await http.read(_READ_LIMIT)
    passed = [(header, headers[header]) for header in _PASSED_ON if header in headers]
    answer = await router(ctx).invoke(
        Invocation(call.region, name, body, passed, headers.get(_TARGET_VARIANT))
    )
    return _response(answer)


def _response(answer: Answer) -> HttpResponse:
    headers = [
        ("content-type", answer.content_type),
        ("x-amzn-invoked-production-variant", answer.variant),
    ]
    if answer.custom_attributes is not None:
        headers.append((CUSTOM_ATTRIBUTES, answer.custom_attributes))
    return HttpResponse(200, headers, answer.body)
