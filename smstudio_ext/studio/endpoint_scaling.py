"""How an endpoint's variants scale by themselves: limits, target tracking, scheduled actions, history."""

from __future__ import annotations

import re
from typing import Any

from smstudio_ext.studio.billable import variant_bill
from smstudio_ext.studio.cost_consent import confirm_ahead
from smstudio_ext.studio.endpoint_traffic import variant_names
from smstudio_ext.studio.limits import check_request
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.hosting import (
    EndpointScaling,
    RemovePolicy,
    RemoveSchedule,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    SetScaling,
    SetSchedule,
    StopScaling,
    VariantScaling,
)
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from smstudio_ext.target import Target

_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_PREDEFINED = "SageMakerVariantInvocationsPerInstance"
_SCHEDULE = re.compile(r"(cron|rate|at)\(.+\)")
_SCHEDULE_FIELDS = {
    "ScheduledActionName": "schedule.name",
    "Schedule": "schedule.schedule",
    "Timezone": "schedule.timezone",
}


def endpoint_scaling(target: Target, name: str) -> EndpointScaling:
    """How each variant scales by itself, and what scaling did lately."""
    variants = variant_names(target.client("sagemaker"), name)
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
                schedules=_schedules(scaling, resource) if resource in targets else [],
                **(_activities(scaling, resource) if resource in targets else {}),
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
    resource = _scalable(name, form.variant)
    confirm_ahead(
        target,
        "RegisterScalableTarget",
        lambda: variant_bill(target.client("sagemaker"), name, form.variant, form.max),
    )
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


def remove_policy(target: Target, name: str, form: RemovePolicy) -> Accepted:
    """Takes one scaling policy away; the variant's limits and other policies stay.

    Raises:
        Missing: the endpoint has no such variant.
    """
    _check_variant(target, name, form.variant)
    target.client("application-autoscaling").delete_scaling_policy(
        PolicyName=form.policy, **_scalable(name, form.variant)
    )
    return Accepted(name=name)


def set_schedule(target: Target, name: str, form: SetSchedule) -> Accepted:
    """Gives a scaling variant other limits at certain times; an action of that name is replaced.

    Raises:
        BadInput: no limits, limits that do not fit each other, or a schedule of no known form.
        Missing: the endpoint has no such variant.
        Conflict: the variant does not scale.
    """
    if form.min is None and form.max is None:
        text = "give a minimum, a maximum, or both"
        raise BadInput(text, fields=[("schedule.min", text)])
    if form.min is not None and form.max is not None and form.max < form.min:
        text = "must not be less than the minimum"
        raise BadInput(f"max: {text}", fields=[("schedule.max", text)])
    if not _SCHEDULE.fullmatch(form.schedule.strip()):
        text = "must be cron(fields), rate(value unit) or at(yyyy-mm-ddThh:mm:ss)"
        raise BadInput(f"schedule: {text}", fields=[("schedule.schedule", text)])
    _check_variant(target, name, form.variant)
    scaling = target.client("application-autoscaling")
    resource = _scalable(name, form.variant)
    known = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[resource["ResourceId"]], ScalableDimension=_DIMENSION
    )
    if not known.get("ScalableTargets"):
        raise Conflict(
            f"The variant {form.variant!r} does not scale by itself.", hint="Turn scaling on for it first."
        )
    action: dict[str, int] = {}
    if form.min is not None:
        action["MinCapacity"] = form.min
    if form.max is not None:
        action["MaxCapacity"] = form.max
    request: dict[str, Any] = {
        **resource,
        "ScheduledActionName": form.name.strip(),
        "Schedule": form.schedule.strip(),
        "ScalableTargetAction": action,
    }
    if form.timezone:
        request["Timezone"] = form.timezone.strip()
    check_request(scaling, "PutScheduledAction", request, _SCHEDULE_FIELDS)
    scaling.put_scheduled_action(**request)
    return Accepted(name=name)


def remove_schedule(target: Target, name: str, form: RemoveSchedule) -> Accepted:
    """Takes a scheduled action away.

    Raises:
        Missing: the endpoint has no such variant.
    """
    _check_variant(target, name, form.variant)
    target.client("application-autoscaling").delete_scheduled_action(
        ScheduledActionName=form.name, **_scalable(name, form.variant)
    )
    return Accepted(name=name)


def stop_scaling(target: Target, name: str, form: StopScaling) -> Accepted:
    """Ends the scaling of a variant with all its policies; it keeps the instances that it has."""
    _check_variant(target, name, form.variant)
    target.client("application-autoscaling").deregister_scalable_target(**_scalable(name, form.variant))
    return Accepted(name=name)


def _check_variant(target: Target, name: str, variant: str) -> None:
    if variant not in variant_names(target.client("sagemaker"), name):
        raise Missing(f"The endpoint {name!r} has no variant {variant!r}.")


def _resource(name: str, variant: str) -> str:
    return f"endpoint/{name}/variant/{variant}"


def _scalable(name: str, variant: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": _resource(name, variant),
        "ScalableDimension": _DIMENSION,
    }


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


def _activities(scaling: Any, resource: str) -> dict[str, Any]:
    """What scaling did, or why that is not told: limits and policies are worth showing without it."""
    from botocore.exceptions import ClientError

    try:
        answer = scaling.describe_scaling_activities(
            ServiceNamespace="sagemaker", ResourceId=resource, ScalableDimension=_DIMENSION, MaxResults=20
        )
    except ClientError as error:
        found = error.response.get("Error", {})
        return {"activities_problem": found.get("Message") or found.get("Code") or str(error)}
    activities = [
        ScalingActivity(
            time=activity["StartTime"],
            status=activity["StatusCode"],
            description=activity.get("Description", ""),
            cause=activity.get("Cause", ""),
        )
        for activity in answer.get("ScalingActivities", [])
    ]
    return {"activities": activities}


def _schedules(scaling: Any, resource: str) -> list[ScheduledAction]:
    answer = scaling.describe_scheduled_actions(
        ServiceNamespace="sagemaker", ResourceId=resource, ScalableDimension=_DIMENSION
    )
    return [
        ScheduledAction(
            name=action["ScheduledActionName"],
            schedule=action["Schedule"],
            timezone=action.get("Timezone"),
            min=action.get("ScalableTargetAction", {}).get("MinCapacity"),
            max=action.get("ScalableTargetAction", {}).get("MaxCapacity"),
        )
        for action in answer.get("ScheduledActions", [])
    ]
