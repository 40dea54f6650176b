"""Endpoints over boto3: list, page, tags."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from smstudio_ext.studio.endpoint_logs import log_group
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.base import Accepted, Tag
from smstudio_ext.studio.models.endpoints import (
    CaptureState,
    Deployment,
    Endpoint,
    EndpointPage,
    EndpointSummary,
    EndpointTags,
    ListEndpoints,
    PendingVariant,
    SetTags,
    Variant,
    VariantContainer,
)
from smstudio_ext.studio.models.hosting import PolicyKind
from smstudio_ext.studio.problems import BadInput
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
    """An endpoint's page: its status, its variants with their models and containers, and the update under way."""
    sagemaker = target.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    config_name = endpoint.get("EndpointConfigName")
    config = _found(sagemaker.describe_endpoint_config, EndpointConfigName=config_name) if config_name else {}
    status = endpoint["EndpointStatus"]
    reason = endpoint.get("FailureReason")
    variants = [
        *_variants(sagemaker, endpoint, config, "ProductionVariants"),
        *_variants(sagemaker, endpoint, config, "ShadowProductionVariants"),
    ]
    capture = _capture(endpoint, config)
    asynchronous = endpoint.get("AsyncInferenceConfig") or config.get("AsyncInferenceConfig")
    kind: Literal["RealTime", "Serverless", "Asynchronous"] = "RealTime"
    if asynchronous:
        kind = "Asynchronous"
    elif variants and all(variant.serverless for variant in variants):
        kind = "Serverless"
    return Endpoint(
        name=endpoint["EndpointName"],
        arn=endpoint["EndpointArn"],
        status=status,
        status_text=reason if reason and status == "Failed" else _DOING.get(status, status),
        created=endpoint["CreationTime"],
        modified=endpoint["LastModifiedTime"],
        failure_reason=reason,
        rolled_back=bool(reason) and status in ("InService", "RollingBack"),
        url=invocation_url(target, name, asynchronous=kind == "Asynchronous"),
        kind=kind,
        async_output=(asynchronous or {}).get("OutputConfig", {}).get("S3OutputPath"),
        config_name=config_name,
        config_arn=config.get("EndpointConfigArn"),
        config=_plain(config),
        variants=variants,
        deployment=_deployment(endpoint) if status in ("Updating", "RollingBack") else None,
        capture=capture,
        data_capture=capture.enabled,
        log_group=log_group(name),
        can_delete=target.kind == "local" or status not in _CHANGING,
        can_update=status == "InService",
        can_invoke=status in ("InService", "Updating", "SystemUpdating", "RollingBack"),
    )


def endpoint_tags(target: Target, name: str) -> EndpointTags:
    """The tags of an endpoint."""
    sagemaker = target.client("sagemaker")
    arn = sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
    return EndpointTags(tags=_tags(sagemaker, arn))


def set_endpoint_tags(target: Target, name: str, form: SetTags) -> Accepted:
    """Gives the endpoint these tags and no others.

    Raises:
        BadInput: two tags have the same key, or one has none.
    """
    keys = [tag.key for tag in form.tags]
    if len(set(keys)) < len(keys) or "" in keys:
        text = "each tag needs a key of its own"
        raise BadInput(text, fields=[("tags", text)])
    sagemaker = target.client("sagemaker")
    arn = sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
    present = {tag.key: tag.value for tag in _tags(sagemaker, arn)}
    # those that begin with aws: belong to AWS
    gone = [key for key in present if key not in keys and not key.startswith("aws:")]
    new = [tag for tag in form.tags if present.get(tag.key) != tag.value]
    if new:
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": tag.key, "Value": tag.value} for tag in new])
    if gone:
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=gone)
    return Accepted(name=name)


def invocation_url(target: Target, name: str, *, asynchronous: bool = False) -> str:
    """The address that programs send requests to."""
    base = str(target.client("sagemaker-runtime").meta.endpoint_url).rstrip("/")
    return f"{base}/endpoints/{name}/{'async-invocations' if asynchronous else 'invocations'}"


def _deployment(endpoint: dict[str, Any]) -> Deployment:
    """The update under way; the new fleet's weights grow with its share of the traffic."""
    pending = endpoint.get("PendingDeploymentSummary", {})
    variants = pending.get("ProductionVariants", [])
    policy = endpoint.get("LastDeploymentConfig", {})
    routing = policy.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    rolling = policy.get("RollingUpdatePolicy")
    kind: PolicyKind | None = "ROLLING" if rolling else routing.get("Type")
    now = [variant.get("CurrentWeight") for variant in variants]
    wish = [variant.get("DesiredWeight") for variant in variants]
    share = None
    if variants and None not in now and None not in wish and sum(wish) > 0:
        share = min(1.0, max(0.0, sum(now) / sum(wish)))
    return Deployment(
        config_name=pending.get("EndpointConfigName"),
        started=pending.get("StartTime"),
        share=share,
        kind=kind,
        wait_seconds=(rolling or routing).get("WaitIntervalInSeconds"),
        alarms=[
            alarm["AlarmName"] for alarm in policy.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        ],
        variants=[
            PendingVariant(
                name=variant["VariantName"],
                current_instances=variant.get("CurrentInstanceCount"),
                desired_instances=variant.get("DesiredInstanceCount"),
                status=_variant_status(variant),
            )
            for variant in variants
        ],
    )


def _capture(endpoint: dict[str, Any], config: dict[str, Any]) -> CaptureState:
    now, wish = endpoint.get("DataCaptureConfig") or {}, config.get("DataCaptureConfig") or {}
    found = {**wish, **now}
    status = now.get("CaptureStatus")
    return CaptureState(
        enabled=bool(found.get("EnableCapture") and status != "Stopped"),
        status=status,
        sampling_percentage=found.get("CurrentSamplingPercentage", found.get("InitialSamplingPercentage")),
        destination_s3_uri=found.get("DestinationS3Uri"),
        modes=[option["CaptureMode"] for option in wish.get("CaptureOptions", [])],
    )


def _variants(sagemaker: Any, endpoint: dict[str, Any], config: dict[str, Any], key: str) -> list[Variant]:
    configured = {variant["VariantName"]: variant for variant in config.get(key, [])}
    running = {variant["VariantName"]: variant for variant in endpoint.get(key, [])}
    variants = []
    for name in dict.fromkeys([*configured, *running]):
        wish, now = configured.get(name, {}), running.get(name, {})
        model = _model(sagemaker, wish.get("ModelName"))
        containers = _containers(model)
        serverless = now.get("CurrentServerlessConfig") or wish.get("ServerlessConfig")
        variants.append(
            Variant(
                name=name,
                shadow=key.startswith("Shadow"),
                model_name=wish.get("ModelName"),
                instance_type=wish.get("InstanceType"),
                current_instances=now.get("CurrentInstanceCount"),
                desired_instances=now.get("DesiredInstanceCount", wish.get("InitialInstanceCount")),
                current_weight=now.get("CurrentWeight"),
                desired_weight=now.get("DesiredWeight", wish.get("InitialVariantWeight")),
                status=_variant_status(now),
                serverless=serverless is not None,
                memory_mb=(serverless or {}).get("MemorySizeInMB"),
                max_concurrency=(serverless or {}).get("MaxConcurrency"),
                multi_model=any(container.mode == "MultiModel" for container in containers),
                direct=model.get("InferenceExecutionConfig", {}).get("Mode") == "Direct",
                containers=containers,
            )
        )
    return variants


def _variant_status(variant: dict[str, Any]) -> str | None:
    """What goes on with a variant; nothing when it just serves."""
    for state in variant.get("VariantStatus", []):
        message = state.get("StatusMessage")
        return f"{state['Status']}: {message}" if message else str(state["Status"])
    return None


def _model(sagemaker: Any, name: str | None) -> dict[str, Any]:
    return _found(sagemaker.describe_model, ModelName=name) if name else {}


def _containers(model: dict[str, Any]) -> list[VariantContainer]:
    containers = model.get("Containers") or (
        [model["PrimaryContainer"]] if "PrimaryContainer" in model else []
    )
    return [
        VariantContainer(
            image=container.get("Image", ""),
            model_data_url=container.get("ModelDataUrl")
            or container.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri", ""),
            environment=container.get("Environment", {}),
            hostname=container.get("ContainerHostname"),
            mode=container.get("Mode", "SingleModel"),
        )
        for container in containers
    ]


def _tags(sagemaker: Any, arn: str) -> list[Tag]:
    tags: list[Tag] = []
    request: dict[str, Any] = {"ResourceArn": arn}
    while True:
        answer = sagemaker.list_tags(**request)
        tags += [Tag(key=tag["Key"], value=tag["Value"]) for tag in answer.get("Tags", [])]
        if not answer.get("NextToken"):
            return tags
        request["NextToken"] = answer["NextToken"]


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """A description as JSON has it."""
    shown = {key: value for key, value in config.items() if key != "ResponseMetadata"}
    found: dict[str, Any] = json.loads(json.dumps(shown, default=_text))
    return found


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _found(describe: Any, **name: str) -> dict[str, Any]:
    """A part's description; empty when it was deleted under the endpoint, which goes on serving."""
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = describe(**name)
    except ClientError:
        return {}
    return answer
