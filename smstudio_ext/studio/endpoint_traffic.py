"""An endpoint's traffic, scaling, metrics and updates over boto3."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from smstudio_ext.studio.cloudwatch import Wanted, cloudwatch_values, period_for, series_of
from smstudio_ext.studio.limits import check_request
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.hosting import (
    ChangeTraffic,
    EndpointMetrics,
    EndpointScaling,
    MetricsQuery,
    ScalingActivity,
    ScalingPolicy,
    SetScaling,
    StopScaling,
    VariantScaling,
)
from smstudio_ext.studio.models.training import MetricSeries
from smstudio_ext.studio.problems import BadInput, Missing
from smstudio_ext.target import Target

_NAMESPACE = "AWS/SageMaker"
_INSTANCE_NAMESPACE = "/aws/sagemaker/Endpoints"
_METRICS = (
    ("Invocations", "Sum"),
    ("Invocation4XXErrors", "Sum"),
    ("Invocation5XXErrors", "Sum"),
    ("ModelLatency", "Average"),
    ("OverheadLatency", "Average"),
    ("InvocationsPerInstance", "Sum"),
)
_INSTANCE_METRICS = ("CPUUtilization", "MemoryUtilization", "DiskUtilization", "GPUUtilization")
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_PREDEFINED = "SageMakerVariantInvocationsPerInstance"
_TRAFFIC_FIELDS = {
    "DesiredWeightsAndCapacities.DesiredWeight": "variants",
    "DesiredWeightsAndCapacities.DesiredInstanceCount": "variants",
    "DesiredWeightsAndCapacities.VariantName": "variants",
}


def change_traffic(target: Target, name: str, form: ChangeTraffic) -> Accepted:
    """Shifts weights and instance counts; the endpoint goes on answering.

    Raises:
        BadInput: a variant that the endpoint has not, or all weights zero.
    """
    sagemaker = target.client("sagemaker")
    known = _variants(sagemaker, name)
    unknown = [each.name for each in form.variants if each.name not in known]
    if unknown:
        text = f"the endpoint has no variant {', '.join(unknown)}"
        raise BadInput(text, fields=[("variants", text)])
    weights = [each.weight for each in form.variants if each.weight is not None]
    if len(weights) == len(known) and not any(weights):
        raise BadInput("All weights are zero.", fields=[("variants", "at least one weight must be above 0")])
    wanted = []
    for each in form.variants:
        entry: dict[str, Any] = {"VariantName": each.name}
        if each.weight is not None:
            entry["DesiredWeight"] = each.weight
        if each.instances is not None:
            entry["DesiredInstanceCount"] = each.instances
        wanted.append(entry)
    request = {"EndpointName": name, "DesiredWeightsAndCapacities": wanted}
    check_request(sagemaker, "UpdateEndpointWeightsAndCapacities", request, _TRAFFIC_FIELDS)
    sagemaker.update_endpoint_weights_and_capacities(**request)
    return Accepted(name=name)


def endpoint_metrics(target: Target, name: str, query: MetricsQuery) -> EndpointMetrics:
    """Invocations, errors, latencies and use of instances, by variant."""
    variants = _variants(target.client("sagemaker"), name)
    end = datetime.now(timezone.utc) + timedelta(minutes=1)
    start = end - timedelta(minutes=query.minutes + 1)
    period = period_for(target, start, end, 60)
    wanted = [
        Wanted(metric, _dimensions(name, variant), _NAMESPACE, statistic)
        for metric, statistic in _METRICS
        for variant in variants
    ]
    of_instances = [
        Wanted(metric, _dimensions(name, variant), _INSTANCE_NAMESPACE)
        for metric in _INSTANCE_METRICS
        for variant in variants
    ]
    values = cloudwatch_values(target, wanted + of_instances, start, end, period)
    series = [
        series_of(each.metric, found, dict(each.dimensions)["VariantName"]) if found else None
        for each, found in zip(wanted + of_instances, values, strict=True)
    ]
    return EndpointMetrics(
        period_seconds=period,
        metrics=_present(series[: len(wanted)]),
        instances=_present(series[len(wanted) :]),
    )


def endpoint_scaling(target: Target, name: str) -> EndpointScaling:
    """How each variant scales by itself, and what scaling did lately."""
    variants = _variants(target.client("sagemaker"), name)
    scaling = target.client("application-autoscaling")
    ids = {variant: _resource(name, variant) for variant in variants}
    targets = {
        found["ResourceId"]: found
        for found in scaling.describe_scalable_targets(
            ServiceNamespace="sagemaker", ResourceIds=list(ids.values()), ScalableDimension=_DIMENSION
        ).get("ScalableTargets", [])
    }
    return EndpointScaling(
        variants=[
            VariantScaling(
                variant=variant,
                min=targets.get(resource, {}).get("MinCapacity"),
                max=targets.get(resource, {}).get("MaxCapacity"),
                policies=_policies(scaling, resource) if resource in targets else [],
                activities=_activities(scaling, resource) if resource in targets else [],
            )
            for variant, resource in ids.items()
        ]
    )


def set_scaling(target: Target, name: str, form: SetScaling) -> Accepted:
    """Lets a variant scale with its invocations (target tracking), as Studio's own form does.

    Raises:
        BadInput: the limits do not fit each other.
        Missing: the endpoint has no such variant.
    """
    if form.max < form.min:
        text = "must not be less than the minimum"
        raise BadInput(f"max: {text}", fields=[("max", text)])
    _check_variant(target, name, form.variant)
    scaling = target.client("application-autoscaling")
    resource = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": _resource(name, form.variant),
        "ScalableDimension": _DIMENSION,
    }
    scaling.register_scalable_target(**resource, MinCapacity=form.min, MaxCapacity=form.max)
    scaling.put_scaling_policy(
        **resource,
        PolicyName=_own_policy(scaling, resource["ResourceId"])
        or f"SageMakerEndpointInvocationScalingPolicy-{form.variant}",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": form.target,
            "PredefinedMetricSpecification": {"PredefinedMetricType": _PREDEFINED},
            "ScaleInCooldown": form.scale_in_cooldown,
            "ScaleOutCooldown": form.scale_out_cooldown,
            "DisableScaleIn": form.disable_scale_in,
        },
    )
    return Accepted(name=name)


def stop_scaling(target: Target, name: str, form: StopScaling) -> Accepted:
    """Ends the scaling of a variant with all its policies; it keeps the instances that it has."""
    _check_variant(target, name, form.variant)
    target.client("application-autoscaling").deregister_scalable_target(
        ServiceNamespace="sagemaker", ResourceId=_resource(name, form.variant), ScalableDimension=_DIMENSION
    )
    return Accepted(name=name)


def _variants(sagemaker: Any, name: str) -> list[str]:
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    return [variant["VariantName"] for variant in endpoint.get("ProductionVariants", [])]


def _check_variant(target: Target, name: str, variant: str) -> None:
    if variant not in _variants(target.client("sagemaker"), name):
        raise Missing(f"The endpoint {name!r} has no variant {variant!r}.")


def _resource(name: str, variant: str) -> str:
    return f"endpoint/{name}/variant/{variant}"


def _dimensions(name: str, variant: str) -> tuple[tuple[str, str], ...]:
    return (("EndpointName", name), ("VariantName", variant))


def _present(series: list[MetricSeries | None]) -> list[MetricSeries]:
    return [each for each in series if each is not None]


def _own_policy(scaling: Any, resource: str) -> str | None:
    """Name of the policy that the form changes: the variant's target tracking of invocations."""
    for policy in _policies(scaling, resource):
        if policy.metric == _PREDEFINED:
            return policy.name
    return None


def _policies(scaling: Any, resource: str) -> list[ScalingPolicy]:
    answer = scaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=resource, ScalableDimension=_DIMENSION
    )
    found = []
    for policy in answer.get("ScalingPolicies", []):
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        custom = tracking.get("CustomizedMetricSpecification", {})
        found.append(
            ScalingPolicy(
                name=policy["PolicyName"],
                kind=policy["PolicyType"],
                metric=tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
                or custom.get("MetricName"),
                target=tracking.get("TargetValue"),
                scale_in_cooldown=tracking.get("ScaleInCooldown"),
                scale_out_cooldown=tracking.get("ScaleOutCooldown"),
                disable_scale_in=tracking.get("DisableScaleIn", False),
                alarms=[alarm["AlarmName"] for alarm in policy.get("Alarms", [])],
                configuration=tracking or policy.get("StepScalingPolicyConfiguration", {}),
            )
        )
    return found


def _activities(scaling: Any, resource: str) -> list[ScalingActivity]:
    from botocore.exceptions import ClientError

    try:
        answer = scaling.describe_scaling_activities(
            ServiceNamespace="sagemaker", ResourceId=resource, ScalableDimension=_DIMENSION, MaxResults=20
        )
    except (ClientError, NotImplementedError):
        return []  # the limits and policies matter more than a target that tells no history
    return [
        ScalingActivity(
            time=activity["StartTime"],
            status=activity["StatusCode"],
            description=activity.get("Description", ""),
            cause=activity.get("Cause", ""),
        )
        for activity in answer.get("ScalingActivities", [])
    ]
