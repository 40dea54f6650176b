"""Scaling policies: target tracking with alarms of its own, and steps for alarms of the user."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.hosting.metrics import NAMESPACE as METRICS
from smstudio_ext.engine.hosting.scaling.targets import (
    KIND,
    ObjectNotFound,
    ScalingError,
    drop_alarms,
    get_target,
    parse_resource_id,
)
from smstudio_ext.engine.runtime import alarms
from smstudio_ext.engine.settings import ACCOUNT_ID

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]
TRACKING, STEPS = "TargetTrackingScaling", "StepScaling"
DEFAULT_COOLDOWN = 300
HIGH_PERIODS, LOW_PERIODS = 3, 15
LOW_SHARE = 0.9
"""Scaling in begins below this share of the target, as on AWS."""

# predefined metric -> (metric, statistic)
PREDEFINED = {
    "SageMakerVariantInvocationsPerInstance": ("InvocationsPerInstance", "Sum"),
    "SageMakerVariantProvisionedConcurrencyUtilization": (
        "ServerlessProvisionedConcurrencyUtilization",
        "Maximum",
    ),
}


def put_policy(ctx: EngineContext, region: str, request: Document) -> Document:
    """Makes or changes a policy of a target; returns it as DescribeScalingPolicies does.

    Raises:
        ObjectNotFound, ScalingError: no such target; a configuration that is missing or not offered.
    """
    target = get_target(ctx, region, request)
    kind = request.get("PolicyType") or STEPS
    name = request["PolicyName"]
    present: Document | None = target.internal["policies"].get(name)
    member = f"{kind}PolicyConfiguration"
    config = request.get(member) or (present or {}).get(member)
    if kind not in (TRACKING, STEPS):
        raise ScalingError(f"PolicyType {kind} is not offered by the local engine yet.")
    if not config:
        raise ScalingError(f"{member} is required for PolicyType {kind}.")
    if present is not None and present["PolicyType"] != kind:
        raise ScalingError("The policy type of a scaling policy cannot be changed.")
    arn = present["PolicyARN"] if present else _arn(region, request)
    policy: Document = {
        "PolicyARN": arn,
        "PolicyName": name,
        "ServiceNamespace": request["ServiceNamespace"],
        "ResourceId": request["ResourceId"],
        "ScalableDimension": request["ScalableDimension"],
        "PolicyType": kind,
        member: config,
        "Alarms": present["Alarms"] if present else [],
        "CreationTime": present["CreationTime"] if present else ctx.clock.now(),
    }
    if kind == TRACKING:
        metric_of(policy)  # refuses what is not offered
        policy["Alarms"] = _make_alarms(ctx, region, policy)
    else:
        _check_steps(config)
    ctx.store.resources.change(
        KIND, region, target.name, lambda row: row.internal["policies"].update({name: policy})
    )
    return policy


def delete_policy(ctx: EngineContext, region: str, request: Document) -> None:
    """Takes a policy and its alarms away.

    Raises:
        ObjectNotFound: there is none.
    """
    target = get_target(ctx, region, request)
    policy = target.internal["policies"].get(request["PolicyName"])
    if policy is None:
        raise ObjectNotFound(f"No scaling policy found for policy name: {request['PolicyName']}")
    drop_alarms(ctx, region, policy)
    ctx.store.resources.change(
        KIND, region, target.name, lambda row: row.internal["policies"].pop(request["PolicyName"], None)
    )


def wanted_capacity(
    ctx: EngineContext, region: str, policy: Document, current: int
) -> tuple[int, str] | None:
    """(capacity, cause) that a policy asks for now; None when it asks for nothing."""
    if policy["PolicyType"] == TRACKING:
        return _tracked(ctx, region, policy, current)
    return _stepped(ctx, region, policy, current)


def cooldowns(policy: Document) -> tuple[float, float]:
    """Seconds to wait after scaling out and after scaling in."""
    if policy["PolicyType"] == TRACKING:
        config = policy["TargetTrackingScalingPolicyConfiguration"]
        return (
            float(config.get("ScaleOutCooldown", DEFAULT_COOLDOWN)),
            float(config.get("ScaleInCooldown", DEFAULT_COOLDOWN)),
        )
    seconds = float(policy["StepScalingPolicyConfiguration"].get("Cooldown", DEFAULT_COOLDOWN))
    return seconds, seconds


def metric_of(policy: Document) -> Document:
    """The metric of a target tracking policy, in PutMetricAlarm's words.

    Raises:
        ScalingError: a metric that is not offered.
    """
    config = policy["TargetTrackingScalingPolicyConfiguration"]
    custom = config.get("CustomizedMetricSpecification")
    predefined = (config.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
    if (custom is None) == (predefined is None):
        raise ScalingError("Give either a PredefinedMetricSpecification or a CustomizedMetricSpecification.")
    if custom is not None:
        if custom.get("Metrics") or not custom.get("MetricName"):
            raise ScalingError(
                "Metric math (Metrics) in a CustomizedMetricSpecification is not offered by the local engine yet."
            )
        return {
            "Namespace": custom["Namespace"],
            "MetricName": custom["MetricName"],
            "Dimensions": custom.get("Dimensions") or [],
            "Statistic": custom["Statistic"],
            **({"Unit": custom["Unit"]} if custom.get("Unit") else {}),
        }
    if predefined not in PREDEFINED:
        raise ScalingError(
            f"PredefinedMetricType {predefined} is not offered by the local engine. Offered: {', '.join(PREDEFINED)}."
        )
    name, statistic = PREDEFINED[predefined]
    endpoint, variant = parse_resource_id(policy["ResourceId"])
    pairs = {"EndpointName": endpoint, "VariantName": variant}
    return {
        "Namespace": METRICS,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in pairs.items()],
        "Statistic": statistic,
    }


def _tracked(ctx: EngineContext, region: str, policy: Document, current: int) -> tuple[int, str] | None:
    config = policy["TargetTrackingScalingPolicyConfiguration"]
    target = float(config["TargetValue"])
    for at, alarm in enumerate(policy["Alarms"]):
        row = ctx.store.resources.find(alarms.KIND, region, alarm["AlarmName"])
        if row is None or row.status != alarms.ALARM:
            continue
        value = alarms.latest_value(ctx, row)
        if value is None:
            continue
        fitting = math.ceil(max(current, 1) * value / target)
        cause = f"monitor alarm {row.name} in state ALARM triggered policy {policy['PolicyName']}"
        if at == 0:
            return max(fitting, current + 1), cause
        if not config.get("DisableScaleIn") and fitting < current:
            return fitting, cause
    return None


def _stepped(ctx: EngineContext, region: str, policy: Document, current: int) -> tuple[int, str] | None:
    config = policy["StepScalingPolicyConfiguration"]
    for row in _alarms_with(ctx, region, policy["PolicyARN"]):
        value = alarms.latest_value(ctx, row)
        if value is None:  # the state was set by hand: the step at the threshold
            value = float(row.document["Threshold"])
        beyond = value - float(row.document["Threshold"])
        for step in config["StepAdjustments"]:
            low = step.get("MetricIntervalLowerBound", -math.inf)
            high = step.get("MetricIntervalUpperBound", math.inf)
            if low <= beyond < high or (beyond < 0 and low < beyond <= high):
                cause = f"monitor alarm {row.name} in state ALARM triggered policy {policy['PolicyName']}"
                return _adjusted(config, step["ScalingAdjustment"], current), cause
    return None


def _adjusted(config: Document, adjustment: int, current: int) -> int:
    kind = config.get("AdjustmentType", "ChangeInCapacity")
    if kind == "ExactCapacity":
        return adjustment
    change = float(adjustment)
    if kind == "PercentChangeInCapacity":
        change = current * adjustment / 100
        # AWS rounds away from zero below one, and towards zero above it
        change = math.copysign(1, change) if 0 < abs(change) < 1 else math.trunc(change)
        least = config.get("MinAdjustmentMagnitude") or 0
        if change and abs(change) < least:
            change = math.copysign(least, change)
    return current + int(change)


def _alarms_with(ctx: EngineContext, region: str, arn: str) -> list[Resource]:
    """Ringing alarms that have the policy among their actions."""
    rows = ctx.store.resources.list(alarms.KIND, region, status=alarms.ALARM, limit=1000).items
    return [row for row in rows if row.document["ActionsEnabled"] and arn in row.document["AlarmActions"]]


def _make_alarms(ctx: EngineContext, region: str, policy: Document) -> list[Document]:
    """The two alarms of a target tracking policy, named as AWS names them."""
    config = policy["TargetTrackingScalingPolicyConfiguration"]
    target = float(config["TargetValue"])
    names = [alarm["AlarmName"] for alarm in policy["Alarms"]] or [
        f"TargetTracking-{policy['ResourceId']}-Alarm{side}-{uuid.uuid4()}" for side in ("High", "Low")
    ]
    about = f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}."
    sides = (
        ("GreaterThanThreshold", target, HIGH_PERIODS),
        ("LessThanThreshold", target * LOW_SHARE, LOW_PERIODS),
    )
    made = []
    for name, (comparison, threshold, periods) in zip(names, sides, strict=True):
        row = alarms.put_alarm(
            ctx,
            region,
            {
                "AlarmName": name,
                "AlarmDescription": about,
                "AlarmActions": [policy["PolicyARN"]],
                "Period": 60,
                "EvaluationPeriods": periods,
                "Threshold": threshold,
                "ComparisonOperator": comparison,
                **metric_of(policy),
            },
        )
        made.append({"AlarmName": name, "AlarmARN": row.arn})
    return made


def _check_steps(config: Document) -> None:
    if not config.get("StepAdjustments") or not config.get("AdjustmentType"):
        raise ScalingError("A step scaling policy needs an AdjustmentType and StepAdjustments.")


def _arn(region: str, request: Document) -> str:
    return (
        f"arn:{partition(region)}:autoscaling:{region}:{ACCOUNT_ID}:scalingPolicy:{uuid.uuid4()}:resource/sagemaker/"
        f"{request['ResourceId']}:policyName/{request['PolicyName']}"
    )
