"""Application Auto Scaling at the wire, for the variants of SageMaker endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.scaling import controller, policies, schedules, targets
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]
_SERVICE = "application-autoscaling"
_PAGE = 50
# the reconciler finds the controller by its registration
CONTROLLER = controller.ScalingController


@operation(_SERVICE, "RegisterScalableTarget")
def register_scalable_target(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes or changes a scalable target."""
    row = targets.register(ctx, call.region, request)
    tags = request.get("Tags") or {}
    ctx.store.tags.put(row.arn, [{"Key": key, "Value": value} for key, value in tags.items()])
    return {"ScalableTargetARN": row.arn}


@operation(_SERVICE, "DeregisterScalableTarget")
def deregister_scalable_target(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a scalable target away."""
    targets.deregister(ctx, call.region, request)


@operation(_SERVICE, "DescribeScalableTargets", inline=False)
def describe_scalable_targets(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Scalable targets by resource and dimension."""
    wanted = request.get("ResourceIds")
    rows = [
        row.document
        for row in _targets(ctx, call.region, request)
        if not wanted or row.document["ResourceId"] in wanted
    ]
    return _page("ScalableTargets", rows, request)


@operation(_SERVICE, "PutScalingPolicy")
def put_scaling_policy(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes or changes a scaling policy."""
    policy = policies.put_policy(ctx, call.region, request)
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


@operation(_SERVICE, "DeleteScalingPolicy")
def delete_scaling_policy(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a scaling policy away."""
    policies.delete_policy(ctx, call.region, request)


@operation(_SERVICE, "DescribeScalingPolicies", inline=False)
def describe_scaling_policies(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Scaling policies by name and resource."""
    names = request.get("PolicyNames")
    found = _parts(ctx, call.region, request, lambda row: row.internal["policies"].values())
    return _page(
        "ScalingPolicies", [one for one in found if not names or one["PolicyName"] in names], request
    )


@operation(_SERVICE, "PutScheduledAction")
def put_scheduled_action(ctx: EngineContext, call: Call, request: Document) -> None:
    """Makes or changes a scheduled action."""
    schedules.put_action(ctx, call.region, request)


@operation(_SERVICE, "DeleteScheduledAction")
def delete_scheduled_action(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a scheduled action away."""
    schedules.delete_action(ctx, call.region, request)


@operation(_SERVICE, "DescribeScheduledActions", inline=False)
def describe_scheduled_actions(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Scheduled actions by name and resource."""
    names = request.get("ScheduledActionNames")
    found = _parts(ctx, call.region, request, lambda row: row.internal["schedules"].values())
    return _page(
        "ScheduledActions",
        [one for one in found if not names or one["ScheduledActionName"] in names],
        request,
    )


@operation(_SERVICE, "DescribeScalingActivities", inline=False)
def describe_scaling_activities(ctx: EngineContext, call: Call, request: Document) -> Document:
    """What was scaled, the newest first."""
    found = _parts(ctx, call.region, request, lambda row: row.internal["activities"])
    found.sort(key=lambda one: float(one["StartTime"]), reverse=True)
    return _page("ScalingActivities", found, request)


@operation(_SERVICE, "TagResource")
def tag_resource(ctx: EngineContext, call: Call, request: Document) -> None:
    """Adds tags to a scalable target."""
    arn = _known_arn(ctx, request["ResourceARN"])
    ctx.store.tags.put(arn, [{"Key": key, "Value": value} for key, value in request["Tags"].items()])


@operation(_SERVICE, "UntagResource")
def untag_resource(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes tags away."""
    ctx.store.tags.delete(_known_arn(ctx, request["ResourceARN"]), request["TagKeys"])


@operation(_SERVICE, "ListTagsForResource")
def list_tags_for_resource(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Tags of a scalable target."""
    found = ctx.store.tags.get(_known_arn(ctx, request["ResourceARN"]))
    return {"Tags": {tag["Key"]: tag["Value"] for tag in found}}


def _known_arn(ctx: EngineContext, arn: str) -> str:
    if ctx.store.resources.find_by_arn(arn) is None:
        raise AwsError(
            f"The resource {arn} was not found.",
            code="ResourceNotFoundException",
            status=400,
            ResourceName=arn,
        )
    return arn


def _targets(ctx: EngineContext, region: str, request: Document) -> list[Resource]:
    """Every target of the region in the dimension that the request names."""
    dimension, resource_id = request.get("ScalableDimension"), request.get("ResourceId")
    if request["ServiceNamespace"] != targets.NAMESPACE:
        return []
    rows = ctx.store.resources.list(targets.KIND, region, limit=10_000).items
    return [
        row
        for row in rows
        if dimension in (None, row.document["ScalableDimension"])
        and resource_id in (None, row.document["ResourceId"])
    ]


def _parts(
    ctx: EngineContext, region: str, request: Document, parts: Callable[[Resource], Any]
) -> list[Document]:
    return [one for row in _targets(ctx, region, request) for one in parts(row)]


def _page(member: str, items: list[Document], request: Document) -> Document:
    token = request.get("NextToken")
    if token is not None and not str(token).isdigit():
        raise AwsError("Invalid NextToken.", code="InvalidNextTokenException", status=400)
    start = int(token or 0)
    end = start + int(request.get("MaxResults") or _PAGE)
    return {member: items[start:end], "NextToken": str(end) if end < len(items) else None}
