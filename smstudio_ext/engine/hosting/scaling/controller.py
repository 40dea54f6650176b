"""Moves the capacity of variants as their scalable targets, policies and schedules say."""

from __future__ import annotations

import contextlib
import math
import uuid
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.endpoints import KIND as ENDPOINT_KIND
from smstudio_ext.engine.hosting.endpoints import update_weights_and_capacities
from smstudio_ext.engine.hosting.fleet import Variant
from smstudio_ext.engine.hosting.scaling.policies import cooldowns, metric_of, wanted_capacity
from smstudio_ext.engine.hosting.scaling.schedules import due
from smstudio_ext.engine.hosting.scaling.targets import (
    HISTORY,
    INSTANCES,
    KIND,
    ObjectNotFound,
    deregister,
    find_variant,
    parse_resource_id,
)
from smstudio_ext.engine.runtime.alarms import SETTLE_SECONDS
from smstudio_ext.engine.runtime.metric_series import Metric, Point, read_periods, write_points
from smstudio_ext.engine.runtime.reconciler import DONE, After, Next, controller

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]
LOOK_SECONDS = 10.0
"""How often a target is looked at."""
GONE_SECONDS = 600.0
"""How long a target, its policies and alarms outlive their endpoint."""


@controller
class ScalingController:
    """Scales variants; a target lives as long as its endpoint."""

    kind = KIND

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """Looks at schedules and policies once, and changes the capacity if they ask for it."""
        now = ctx.clock.now()
        _run_schedules(ctx, resource, now)
        resource = ctx.store.resources.get(*resource.key)
        endpoint, _ = parse_resource_id(resource.document["ResourceId"])
        status = ctx.store.resources.status(ENDPOINT_KIND, resource.region, endpoint)
        if status is None:
            return _without_endpoint(ctx, resource, now)
        if resource.internal.get("gone_since") is not None:  # another endpoint has got the name
            ctx.store.resources.change(*resource.key, lambda row: row.internal.pop("gone_since", None))
        if status != "InService":
            return After(LOOK_SECONDS)
        variant, _ = find_variant(ctx, resource.region, resource.document["ResourceId"])
        if variant is None:
            return After(LOOK_SECONDS)
        report_idle(ctx, resource, now)
        _settle_activity(ctx, resource, now)
        current = _capacity(resource, variant)
        wish = _wish(ctx, resource, current, now)
        if wish is not None and wish[0] != current:
            _scale(ctx, resource, current, *wish, now)
        return After(LOOK_SECONDS)


def _without_endpoint(ctx: EngineContext, resource: Resource, now: float) -> Next:
    """Takes a target away whose endpoint has been gone for a while; clean-ups that deregister it last still find it."""
    since = resource.internal.get("gone_since")
    if since is None:
        ctx.store.resources.change(*resource.key, lambda row: row.internal.update(gone_since=now))
    elif now - since >= GONE_SECONDS:
        with contextlib.suppress(ObjectNotFound):
            deregister(ctx, resource.region, resource.document)
        return DONE
    return After(LOOK_SECONDS)


def report_idle(ctx: EngineContext, resource: Resource, now: float) -> None:
    """Writes zeros for a minute without requests, as AWS does, so that a variant without traffic is scaled in."""
    minute = math.floor((now - SETTLE_SECONDS) / 60) * 60.0 - 60.0
    if minute < resource.created:
        return
    for policy in resource.internal["policies"].values():
        config = policy.get("TargetTrackingScalingPolicyConfiguration") or {}
        if not config.get("PredefinedMetricSpecification"):
            continue
        metric = metric_of(policy)
        dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        series = Metric(resource.region, metric["Namespace"], metric["MetricName"], dimensions)
        if read_periods(ctx.store.database, series, minute, minute + 60, 60):
            continue
        zero = Point(metric["MetricName"], minute, 0.0, "None")
        write_points(ctx.store.database, resource.region, metric["Namespace"], dimensions, [zero])


def _run_schedules(ctx: EngineContext, resource: Resource, now: float) -> None:
    """Sets the limits that scheduled actions name, once for each of their times."""
    if resource.document["SuspendedState"].get("ScheduledScalingSuspended"):
        return
    ripe = [name for name, action in resource.internal["schedules"].items() if due(action, now)]
    if not ripe:
        return

    def edit(row: Resource) -> None:
        for name in ripe:
            action = row.internal["schedules"].get(name)
            if action is None:
                continue
            action["done_until"] = now
            limits = action["ScalableTargetAction"]
            document = row.document
            low = limits.get("MinCapacity", document["MinCapacity"])
            high = limits.get("MaxCapacity", document["MaxCapacity"])
            document["MinCapacity"], document["MaxCapacity"] = min(low, high), max(low, high)
            row.internal["cause"] = f"scheduled action name {name} was triggered"
            if action["Schedule"].startswith("at("):
                del row.internal["schedules"][name]

    ctx.store.resources.change(*resource.key, edit)


def _wish(ctx: EngineContext, resource: Resource, current: int, now: float) -> tuple[int, str] | None:
    """(capacity, cause) that is wanted now; policies ask within the limits, the largest wish wins."""
    document, internal = resource.document, resource.internal
    low, high = document["MinCapacity"], document["MaxCapacity"]
    if not low <= current <= high:
        fallback = (
            "minimum capacity was set to " + str(low)
            if current < low
            else f"maximum capacity was set to {high}"
        )
        return min(max(current, low), high), internal.get("cause") or fallback
    suspended = document["SuspendedState"]
    wishes = []
    for policy in internal["policies"].values():
        wish = wanted_capacity(ctx, resource.region, policy, current)
        if wish is None:
            continue
        capacity = min(max(wish[0], low), high)
        out, back = cooldowns(policy)
        key, pause = ("scaled_out", out) if capacity > current else ("scaled_in", back)
        since = internal.get(key)
        if since is not None and now - since < pause:
            continue
        if capacity > current and suspended.get("DynamicScalingOutSuspended"):
            continue
        if capacity < current and suspended.get("DynamicScalingInSuspended"):
            continue
        wishes.append((capacity, wish[1]))
    return max(wishes, default=None)


def _capacity(resource: Resource, variant: Variant) -> int:
    if resource.document["ScalableDimension"] == INSTANCES:
        return variant.count
    return int((variant.serverless or {}).get("ProvisionedConcurrency") or 0)


def _scale(
    ctx: EngineContext, resource: Resource, current: int, capacity: int, cause: str, now: float
) -> None:
    """Asks the endpoint for another capacity and notes the activity."""
    endpoint, variant = parse_resource_id(resource.document["ResourceId"])
    instances = resource.document["ScalableDimension"] == INSTANCES
    change: Document = (
        {"DesiredInstanceCount": capacity}
        if instances
        else {"ServerlessUpdateConfig": {"ProvisionedConcurrency": capacity}}
    )
    request = {
        "EndpointName": endpoint,
        "DesiredWeightsAndCapacities": [{"VariantName": variant, **change}],
    }
    what = "desired instance count" if instances else "desired provisioned concurrency"
    activity: Document = {
        "ActivityId": str(uuid.uuid4()),
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource.document["ResourceId"],
        "ScalableDimension": resource.document["ScalableDimension"],
        "Description": f"Setting {what} to {capacity}.",
        "Cause": cause,
        "StartTime": now,
        "StatusCode": "InProgress",
        "StatusMessage": f"Successfully set {what} to {capacity}. Waiting for change to be fulfilled by sagemaker.",
        "capacity": capacity,
    }
    try:
        update_weights_and_capacities(ctx, resource.region, request)
    except AwsError as error:
        activity.update(StatusCode="Failed", StatusMessage=error.message, EndTime=now)

    def edit(row: Resource) -> None:
        row.internal["activities"] = [activity, *row.internal["activities"][: HISTORY - 1]]
        row.internal["scaled_out" if capacity > current else "scaled_in"] = now
        row.internal.pop("cause", None)

    ctx.store.resources.change(*resource.key, edit)


def _settle_activity(ctx: EngineContext, resource: Resource, now: float) -> None:
    """The endpoint is in service again: the last activity is fulfilled."""
    running = [one for one in resource.internal["activities"] if one["StatusCode"] == "InProgress"]
    if not running:
        return

    def edit(row: Resource) -> None:
        for one in row.internal["activities"]:
            if one["StatusCode"] == "InProgress":
                done = one["StatusMessage"].replace(
                    "Waiting for change to be fulfilled by", "Change successfully fulfilled by"
                )
                one.update(StatusCode="Successful", StatusMessage=done, EndTime=now)

    ctx.store.resources.change(*resource.key, edit)
