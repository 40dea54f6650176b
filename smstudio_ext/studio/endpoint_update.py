"""Moves an endpoint to another configuration without downtime, and makes that configuration when it is new."""

from __future__ import annotations

import contextlib
from typing import Any

from smstudio_ext.studio.billable import endpoint_bill
from smstudio_ext.studio.buckets import ensure_bucket, split_s3_uri
from smstudio_ext.studio.cost_consent import confirm_ahead
from smstudio_ext.studio.deployment import unique_name
from smstudio_ext.studio.limits import check_request
from smstudio_ext.studio.models.hosting import (
    AlarmChoice,
    CaptureForm,
    Updated,
    UpdateEndpoint,
    UpdateOptions,
    UpdatePolicy,
    VariantChange,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

Document = dict[str, Any]

_MEMBERS = (
    "ProductionVariants",
    "ShadowProductionVariants",
    "DataCaptureConfig",
    "KmsKeyId",
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
)
_CONFIG_FIELDS = {
    "ProductionVariants.InstanceType": "variants",
    "ProductionVariants.InitialInstanceCount": "variants",
    "ProductionVariants.InitialVariantWeight": "variants",
    "ProductionVariants.ModelName": "variants",
    "ProductionVariants.VariantName": "variants",
    "ProductionVariants": "variants",
    "DataCaptureConfig.DestinationS3Uri": "capture.destination_s3_uri",
    "DataCaptureConfig.InitialSamplingPercentage": "capture.sampling_percentage",
}
_DEPLOYMENT = "DeploymentConfig."
_UPDATE_FIELDS = {
    f"{_DEPLOYMENT}BlueGreenUpdatePolicy.TrafficRoutingConfiguration.WaitIntervalInSeconds": "policy.wait_seconds",
    f"{_DEPLOYMENT}BlueGreenUpdatePolicy.TerminationWaitInSeconds": "policy.termination_wait_seconds",
    f"{_DEPLOYMENT}BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds": "policy.timeout_seconds",
    f"{_DEPLOYMENT}BlueGreenUpdatePolicy.TrafficRoutingConfiguration.CanarySize.Value": "policy.size",
    f"{_DEPLOYMENT}BlueGreenUpdatePolicy.TrafficRoutingConfiguration.LinearStepSize.Value": "policy.size",
    f"{_DEPLOYMENT}RollingUpdatePolicy.MaximumBatchSize.Value": "policy.size",
    f"{_DEPLOYMENT}RollingUpdatePolicy.WaitIntervalInSeconds": "policy.wait_seconds",
    f"{_DEPLOYMENT}RollingUpdatePolicy.MaximumExecutionTimeoutInSeconds": "policy.timeout_seconds",
    f"{_DEPLOYMENT}AutoRollbackConfiguration.Alarms": "policy.alarms",
    f"{_DEPLOYMENT}AutoRollbackConfiguration.Alarms.AlarmName": "policy.alarms",
    "EndpointConfigName": "config_name",
}
_SIZES = {"CANARY": (1, 50), "LINEAR": (10, 50), "ROLLING": (5, 50)}
"""Percent of the capacity that a step may have."""


def update_options(target: Target, name: str) -> UpdateOptions:
    """What the form of an update offers: the newest hundred configurations, models and alarms, the same for any endpoint."""
    sagemaker = target.client("sagemaker")
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": 100}
    configs = sagemaker.list_endpoint_configs(**newest).get("EndpointConfigs", [])
    models = sagemaker.list_models(**newest).get("Models", [])
    return UpdateOptions(
        configs=[each["EndpointConfigName"] for each in configs],
        models=[each["ModelName"] for each in models],
        alarms=_alarms(target),
    )


def update_endpoint(target: Target, name: str, form: UpdateEndpoint) -> Updated:
    """Begins an update; the endpoint goes on answering with what it has until the new fleet is ready.

    Raises:
        BadInput: with the fields that AWS would refuse.
        botocore.exceptions.ClientError: the endpoint is missing, or in a state that allows no update.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    sagemaker = target.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    _check_policy(form.policy)
    new = form.config_name is None
    config_name = unique_name(name) if new else str(form.config_name)
    request: Document = {"EndpointName": name, "EndpointConfigName": config_name}
    if form.retain:
        request["RetainAllVariantProperties"] = True
        if form.capture is not None:
            request["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": "DataCaptureConfig"}]
    deployment = deployment_config(form.policy)
    if deployment:
        request["DeploymentConfig"] = deployment
    check_request(sagemaker, "UpdateEndpoint", request, _UPDATE_FIELDS)
    if new:
        config = new_config(sagemaker, endpoint, form, target)
        config["EndpointConfigName"] = config_name
        check_request(sagemaker, "CreateEndpointConfig", config, _CONFIG_FIELDS)
        confirm_ahead(
            target,
            "UpdateEndpoint",
            lambda: endpoint_bill(
                [*config.get("ProductionVariants", []), *config.get("ShadowProductionVariants", [])]
            ),
        )
        if form.capture is not None and form.capture.enabled:
            ensure_bucket(target, split_s3_uri(config["DataCaptureConfig"]["DestinationS3Uri"])[0])
        sagemaker.create_endpoint_config(**config)
    elif form.variants or form.capture:
        raise BadInput(
            "A configuration that is there cannot be changed.",
            fields=[("config_name", "cannot be given together with changes")],
        )
    try:
        sagemaker.update_endpoint(**request)
    except BaseException:
        if new:
            with contextlib.suppress(
                ClientError, BotoCoreError
            ):  # the first failure is what the user must see
                sagemaker.delete_endpoint_config(EndpointConfigName=config_name)
        raise
    return Updated(name=name, config_name=config_name, created_config=new)


def new_config(sagemaker: Any, endpoint: Document, form: UpdateEndpoint, target: Target) -> Document:
    """The endpoint's configuration with the form's changes.

    Raises:
        BadInput: a variant that is not there, or none left.
    """
    old = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    config: Document = {member: old[member] for member in _MEMBERS if old.get(member)}
    variants = {variant["VariantName"]: dict(variant) for variant in config.get("ProductionVariants", [])}
    for change in form.variants:
        variant = variants.get(change.name)
        if change.new:
            variants[change.name] = _new_variant(change, taken=variant is not None)
            continue
        if variant is None:
            text = f"the endpoint has no variant {change.name!r}"
            raise BadInput(text, fields=[("variants", text)])
        if change.remove:
            del variants[change.name]
            continue
        for member, value in (
            ("ModelName", change.model_name),
            ("InstanceType", change.instance_type),
            ("InitialInstanceCount", change.instance_count),
            ("InitialVariantWeight", change.weight),
        ):
            if value is not None:
                variant[member] = value
    if not variants:
        raise BadInput("No variant would be left.", fields=[("variants", "one must stay")])
    config["ProductionVariants"] = list(variants.values())
    if form.capture is not None:
        config.pop("DataCaptureConfig", None)
        if form.capture.enabled:
            config["DataCaptureConfig"] = capture_config(form.capture, target)
    return config


def _new_variant(change: VariantChange, *, taken: bool) -> Document:
    text = (
        f"the endpoint has a variant {change.name!r} already"
        if taken
        else f"the new variant {change.name!r} needs a model"
        if not change.model_name
        else None
    )
    if text:
        raise BadInput(text, fields=[("variants", text)])
    return {
        "VariantName": change.name,
        "ModelName": change.model_name,
        "InstanceType": change.instance_type or "ml.m5.large",
        "InitialInstanceCount": 1 if change.instance_count is None else change.instance_count,
        "InitialVariantWeight": 1.0 if change.weight is None else change.weight,
    }


def capture_config(form: CaptureForm, target: Target) -> Document:
    """DataCaptureConfig of the form.

    Raises:
        BadInput: neither requests nor answers are to be captured.
    """
    modes = [mode for mode, wanted in (("Input", form.input), ("Output", form.output)) if wanted]
    if not modes:
        text = "choose requests, answers, or both"
        raise BadInput(text, fields=[("capture", text)])
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": form.sampling_percentage,
        "DestinationS3Uri": (form.destination_s3_uri or "").strip()
        or f"s3://{target.default_bucket()}/model-monitor/data-capture",
        "CaptureOptions": [{"CaptureMode": mode} for mode in modes],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }


def deployment_config(policy: UpdatePolicy) -> Document:
    """DeploymentConfig of a policy; empty for AWS's default (all at once, no baking, no alarms)."""
    config: Document = {}
    timeout = {"MaximumExecutionTimeoutInSeconds": policy.timeout_seconds} if policy.timeout_seconds else {}
    size = {"Type": policy.size_kind, "Value": policy.size}
    if policy.kind == "ROLLING":
        config["RollingUpdatePolicy"] = {
            "MaximumBatchSize": size,
            "WaitIntervalInSeconds": policy.wait_seconds,
            **timeout,
        }
    elif policy != UpdatePolicy(alarms=policy.alarms) or policy.alarms:
        routing: Document = {"Type": policy.kind, "WaitIntervalInSeconds": policy.wait_seconds}
        if policy.kind == "CANARY":
            routing["CanarySize"] = size
        elif policy.kind == "LINEAR":
            routing["LinearStepSize"] = size
        config["BlueGreenUpdatePolicy"] = {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": policy.termination_wait_seconds,
            **timeout,
        }
    if policy.alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": alarm} for alarm in policy.alarms]}
    return config


def _alarms(target: Target) -> list[AlarmChoice]:
    from botocore.exceptions import ClientError

    try:
        answer = target.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm"], MaxRecords=100)
    except ClientError:
        return []  # an update needs no alarm, and whoever may update need not be allowed to see them
    return [
        AlarmChoice(name=alarm["AlarmName"], state=alarm["StateValue"])
        for alarm in answer.get("MetricAlarms", [])
    ]


def _check_policy(policy: UpdatePolicy) -> None:
    if policy.kind not in _SIZES or policy.size_kind != "CAPACITY_PERCENT":
        return
    low, high = _SIZES[policy.kind]
    if not low <= policy.size <= high:
        text = f"must be between {low} and {high} percent"
        raise BadInput(f"size: {text}", fields=[("policy.size", text)])
