"""Test inference: one request to an endpoint and what came back."""

from __future__ import annotations

import base64
import binascii
import contextlib
import secrets
import time
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.buckets import ensure_bucket, split_s3_uri
from smstudio_ext.studio.models.endpoints import (
    AsyncInvocation,
    AsyncResult,
    AsyncResultQuery,
    Invocation,
    InvokeEndpoint,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

_MOST_SHOWN = 6 * 1024 * 1024
"""Bytes of an asynchronous answer that are read; S3 may hold far larger ones."""


def invoke_endpoint(target: Target, name: str, request: InvokeEndpoint) -> Invocation:
    """Sends one request to the endpoint and says what came back and how long it took.

    A model that answers with an error makes a `Failed` invocation; an endpoint that is not there raises.

    Raises:
        botocore.exceptions.ClientError: the endpoint is missing or does not answer.
    """
    from botocore.exceptions import ClientError

    call = {"EndpointName": name, "Body": body_of(request), **call_options(request)}
    runtime = target.client("sagemaker-runtime")
    asked = datetime.now(timezone.utc)
    start = time.perf_counter()
    try:
        answer = runtime.invoke_endpoint(**call)
        body: bytes = answer["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ModelError":
            raise
        return _failed(error.response, asked, time.perf_counter() - start)
    seconds = time.perf_counter() - start
    text, is_base64 = _as_text(body)
    return Invocation(
        status="Complete",
        status_code=answer["ResponseMetadata"]["HTTPStatusCode"],
        request_time=asked,
        result_time=datetime.now(timezone.utc),
        elapsed_ms=round(seconds * 1000, 3),
        variant=answer.get("InvokedProductionVariant"),
        content_type=answer.get("ContentType"),
        body=text,
        body_is_base64=is_base64,
        custom_attributes=answer.get("CustomAttributes"),
        failure_reason=None,
        request_id=answer["ResponseMetadata"].get("RequestId"),
    )


def invoke_endpoint_async(target: Target, name: str, request: InvokeEndpoint) -> AsyncInvocation:
    """Puts the request into S3, in the default bucket, and queues it; the answer comes to S3, too.

    Raises:
        botocore.exceptions.ClientError: the endpoint is missing or not asynchronous.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    target.client("sagemaker").describe_endpoint(EndpointName=name)
    bucket, _ = ensure_bucket(target, None)
    now = datetime.now(timezone.utc)
    key = f"async-requests/{name}/{now:%Y-%m-%dT%H-%M-%S}-{secrets.token_hex(4)}"
    body = body_of(request)
    s3 = target.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=request.content_type)
    call = {
        member: value
        for member, value in call_options(request).items()
        if member in ("ContentType", "Accept", "CustomAttributes", "InferenceId")
    }
    uri = f"s3://{bucket}/{key}"
    try:
        answer = target.client("sagemaker-runtime").invoke_endpoint_async(
            EndpointName=name, InputLocation=uri, **call
        )
    except (ClientError, BotoCoreError):
        with contextlib.suppress(ClientError, BotoCoreError):  # nobody will read it
            s3.delete_object(Bucket=bucket, Key=key)
        raise
    return AsyncInvocation(
        inference_id=answer.get("InferenceId"),
        request_time=now,
        input_s3_uri=uri,
        output_s3_uri=answer["OutputLocation"],
        failure_s3_uri=answer.get("FailureLocation"),
    )


def async_result(target: Target, name: str, query: AsyncResultQuery) -> AsyncResult:
    """The answer of an asynchronous endpoint, or Pending while neither answer nor failure is there.

    Raises:
        BadInput: an address that is none in S3.
    """
    target.client("sagemaker").describe_endpoint(EndpointName=name)
    for failed, uri in ((False, query.output_s3_uri), (True, query.failure_s3_uri)):
        found = _object(target, uri) if uri else None
        if found is None:
            continue
        text, is_base64 = _as_text(found["Body"].read(_MOST_SHOWN))
        return AsyncResult(
            status="Failed" if failed else "Complete",
            result_time=found["LastModified"],
            content_type=found.get("ContentType"),
            body=text,
            body_is_base64=is_base64,
            failure_reason=text if failed else None,
        )
    return AsyncResult(
        status="Pending",
        result_time=None,
        content_type=None,
        body="",
        body_is_base64=False,
        failure_reason=None,
    )


def body_of(request: InvokeEndpoint) -> bytes:
    """The bytes of a request.

    Raises:
        BadInput: it is said to be base64 and is not.
    """
    if not request.body_is_base64:
        return request.body.encode()
    try:
        return base64.b64decode(request.body, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("The body is not base64.", fields=[("body", "is not base64")]) from None


def call_options(request: InvokeEndpoint) -> dict[str, str]:
    """Members of InvokeEndpoint besides the endpoint and the body."""
    return {
        member: value
        for member, value in (
            ("ContentType", request.content_type),
            ("Accept", request.accept),
            ("TargetVariant", request.target_variant),
            ("TargetModel", request.target_model),
            ("TargetContainerHostname", request.target_container),
            ("InferenceId", request.inference_id),
            ("CustomAttributes", request.custom_attributes),
        )
        if value
    }


def _object(target: Target, uri: str) -> Any:
    from botocore.exceptions import ClientError

    bucket, key = split_s3_uri(uri)
    try:
        return target.client("s3").get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "404"):
            return None
        raise


def _failed(response: Any, asked: datetime, seconds: float) -> Invocation:
    return Invocation(
        status="Failed",
        status_code=response.get("OriginalStatusCode") or response["ResponseMetadata"]["HTTPStatusCode"],
        request_time=asked,
        result_time=datetime.now(timezone.utc),
        elapsed_ms=round(seconds * 1000, 3),
        variant=None,
        content_type=None,
        body=response.get("OriginalMessage") or "",
        body_is_base64=False,
        custom_attributes=None,
        failure_reason=response["Error"].get("Message"),
        request_id=response["ResponseMetadata"].get("RequestId"),
    )


def _as_text(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
