"""Endpoints over boto3: list, detail, test inference."""

from __future__ import annotations

import base64
import time
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.automl import InferenceContainer
from smstudio_ext.studio.models.endpoints import (
    Endpoint,
    EndpointPage,
    EndpointSummary,
    Invocation,
    InvokeEndpoint,
    ListEndpoints,
    Variant,
)
from smstudio_ext.target import Target

_DOING = {
    "Creating": "The endpoint is being created.",
    "Updating": "The endpoint is being updated; it goes on answering.",
    "SystemUpdating": "AWS maintains the endpoint; it goes on answering.",
    "RollingBack": "An update failed; the endpoint goes back to what it was.",
    "InService": "The endpoint is in service.",
    "OutOfService": "The endpoint is out of service.",
    "Deleting": "The endpoint is being deleted.",
    "Failed": "The endpoint failed.",
    "UpdateRollbackFailed": "An update failed, and so did going back; delete the endpoint.",
}
_CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


def list_endpoints(target: Target, query: ListEndpoints) -> EndpointPage:
    """One page of the endpoints list."""
    request = list_request(query)
    if request is None:
        return EndpointPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_endpoints(**request)
    return EndpointPage(
        items=[
            EndpointSummary(
                name=endpoint["EndpointName"],
                arn=endpoint["EndpointArn"],
                status=endpoint["EndpointStatus"],
                created=endpoint["CreationTime"],
                modified=endpoint["LastModifiedTime"],
            )
            for endpoint in answer.get("Endpoints", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_endpoint(target: Target, name: str) -> Endpoint:
    """An endpoint's page: its status, and its variants with their models and containers."""
    sagemaker = target.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    config_name = endpoint.get("EndpointConfigName")
    config = _found(sagemaker.describe_endpoint_config, EndpointConfigName=config_name) if config_name else {}
    status = endpoint["EndpointStatus"]
    reason = endpoint.get("FailureReason")
    capture = endpoint.get("DataCaptureConfig") or config.get("DataCaptureConfig") or {}
    return Endpoint(
        name=endpoint["EndpointName"],
        arn=endpoint["EndpointArn"],
        status=status,
        status_text=reason if reason and status == "Failed" else _DOING.get(status, status),
        created=endpoint["CreationTime"],
        modified=endpoint["LastModifiedTime"],
        failure_reason=reason,
        url=invocation_url(target, name),
        config_name=config_name,
        config_arn=config.get("EndpointConfigArn"),
        variants=_variants(sagemaker, endpoint, config),
        data_capture=bool(capture.get("EnableCapture") or capture.get("CaptureStatus") == "Started"),
        can_delete=status not in _CHANGING,
        can_invoke=status in ("InService", "Updating", "SystemUpdating", "RollingBack"),
    )


def invoke_endpoint(target: Target, name: str, request: InvokeEndpoint) -> Invocation:
    """Sends one request to the endpoint and says what came back and how long it took.

    A model that answers with an error makes a `Failed` invocation; an endpoint that is not there raises.

    Raises:
        botocore.exceptions.ClientError: the endpoint is missing or does not answer.
    """
    from botocore.exceptions import ClientError

    call: dict[str, Any] = {
        "EndpointName": name,
        "Body": request.body.encode(),
        "ContentType": request.content_type,
    }
    for member, value in (
        ("Accept", request.accept),
        ("TargetVariant", request.target_variant),
        ("CustomAttributes", request.custom_attributes),
    ):
        if value:
            call[member] = value
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
        failure_reason=None,
        request_id=answer["ResponseMetadata"].get("RequestId"),
    )


def invocation_url(target: Target, name: str) -> str:
    """The address that programs send requests to."""
    base = str(target.client("sagemaker-runtime").meta.endpoint_url).rstrip("/")
    return f"{base}/endpoints/{name}/invocations"


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
        failure_reason=response["Error"].get("Message"),
        request_id=response["ResponseMetadata"].get("RequestId"),
    )


def _as_text(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _variants(sagemaker: Any, endpoint: dict[str, Any], config: dict[str, Any]) -> list[Variant]:
    configured = {variant["VariantName"]: variant for variant in config.get("ProductionVariants", [])}
    running = {variant["VariantName"]: variant for variant in endpoint.get("ProductionVariants", [])}
    variants = []
    for name in dict.fromkeys([*configured, *running]):
        wish, now = configured.get(name, {}), running.get(name, {})
        model = wish.get("ModelName")
        variants.append(
            Variant(
                name=name,
                model_name=model,
                instance_type=wish.get("InstanceType"),
                current_instances=now.get("CurrentInstanceCount"),
                desired_instances=now.get("DesiredInstanceCount", wish.get("InitialInstanceCount")),
                current_weight=now.get("CurrentWeight"),
                desired_weight=now.get("DesiredWeight", wish.get("InitialVariantWeight")),
                serverless="ServerlessConfig" in wish,
                containers=_containers(sagemaker, model) if model else [],
            )
        )
    return variants


def _containers(sagemaker: Any, model_name: str) -> list[InferenceContainer]:
    model = _found(sagemaker.describe_model, ModelName=model_name)
    containers = model.get("Containers") or (
        [model["PrimaryContainer"]] if "PrimaryContainer" in model else []
    )
    return [
        InferenceContainer(
            image=container.get("Image", ""),
            model_data_url=container.get("ModelDataUrl", ""),
            environment=container.get("Environment", {}),
        )
        for container in containers
    ]


def _found(describe: Any, **name: str) -> dict[str, Any]:
    """A part's description; empty when it was deleted under the endpoint, which goes on serving."""
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = describe(**name)
    except ClientError:
        return {}
    return answer
