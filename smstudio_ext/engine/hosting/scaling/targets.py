"""Scalable targets: which variants may be scaled, between which limits."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.endpoints import KIND as ENDPOINT_KIND
from smstudio_ext.engine.hosting.fleet import Fleet, Variant
from smstudio_ext.engine.runtime import alarms
from smstudio_ext.engine.settings import ACCOUNT_ID
from smstudio_ext.engine.store.resources import Resource, ResourceExists

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
KIND = "ScalableTarget"
NAMESPACE = "sagemaker"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
DIMENSIONS = (INSTANCES, CONCURRENCY)
HISTORY = 100

_RESOURCE = re.compile(r"endpoint/([a-zA-Z0-9-]{1,63})/variant/([a-zA-Z0-9-]{1,63})")


class ScalingError(AwsError):
    """A bad request to Application Auto Scaling."""

    code = "ValidationException"
    status = 400


class ObjectNotFound(AwsError):
    """A target, policy or action that is not there."""

    code = "ObjectNotFoundException"
    status = 400


def register(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Makes a scalable target, or changes its limits.

    Raises:
        ScalingError: the variant is missing, or a limit is.
    """
    check_dimension(request)
    resource_id = request["ResourceId"]
    name = row_name(request)
    present = ctx.store.resources.find(KIND, region, name)
    low = request.get("MinCapacity", present.document["MinCapacity"] if present else None)
    high = request.get("MaxCapacity", present.document["MaxCapacity"] if present else None)
    if low is None or high is None:
        raise ScalingError("MinCapacity and MaxCapacity are required for a new scalable target.")
    if low < 0 or low > high:
        raise ScalingError("Maximum capacity cannot be less than minimum capacity.")
    variant, asynchronous = find_variant(ctx, region, resource_id)
    if variant is None:
        raise ScalingError(
            f"No scalable resource was found for resource ID: {resource_id}: Endpoint or variant not found"
        )
    if low == 0 and not asynchronous and request["ScalableDimension"] == INSTANCES:
        raise ScalingError("Minimum capacity must be at least 1 for a variant of a real-time endpoint.")
    now = ctx.clock.now()

    def edit(row: Resource) -> None:
        row.document.update(MinCapacity=low, MaxCapacity=high)
        row.document["SuspendedState"] = {
            **row.document["SuspendedState"],
            **(request.get("SuspendedState") or {}),
        }
        if request.get("RoleARN"):
            row.document["RoleARN"] = request["RoleARN"]

    if present is None:
        made = _new(region, request, low, high, now)
        try:
            row = ctx.store.resources.create(made)
        except ResourceExists:  # another thread was first
            row = ctx.store.resources.change(KIND, region, name, edit)
    else:
        row = ctx.store.resources.change(KIND, region, name, edit)
    ctx.reconciler.wake(KIND, region, name)
    return row


def deregister(ctx: EngineContext, region: str, request: Document) -> None:
    """Takes a scalable target away, with its policies, alarms and scheduled actions.

    Raises:
        ObjectNotFound: there is none.
    """
    row = get_target(ctx, region, request)
    for policy in row.internal["policies"].values():
        drop_alarms(ctx, region, policy)
    ctx.store.resources.delete(*row.key, missing=_missing(request))


def get_target(ctx: EngineContext, region: str, request: Document) -> Resource:
    """The scalable target of a request.

    Raises:
        ObjectNotFound: there is none.
    """
    check_dimension(request)
    return ctx.store.resources.get(KIND, region, row_name(request), missing=_missing(request))


def find_variant(ctx: EngineContext, region: str, resource_id: str) -> tuple[Variant | None, bool]:
    """The variant that serves (or comes up) under a resource id, and whether its endpoint is asynchronous."""
    endpoint, name = parse_resource_id(resource_id)
    row = ctx.store.resources.find(ENDPOINT_KIND, region, endpoint)
    data = None if row is None else row.internal.get("serving") or row.internal.get("next")
    if not data:
        return None, False
    fleet = Fleet.from_json(data)
    return fleet.find(name), fleet.asynchronous is not None


def parse_resource_id(resource_id: str) -> tuple[str, str]:
    """(endpoint, variant) of `endpoint/NAME/variant/NAME`.

    Raises:
        ScalingError: it has another form.
    """
    found = _RESOURCE.fullmatch(resource_id)
    if found is None:
        raise ScalingError(f"Unsupported resource type: {resource_id}. Expected endpoint/NAME/variant/NAME.")
    return found[1], found[2]


def row_name(request: Document) -> str:
    """Name of a target in the store; a variant may have one target for each dimension."""
    suffix = "" if request["ScalableDimension"] == INSTANCES else "#concurrency"
    return f"{request['ResourceId']}{suffix}"


def check_dimension(request: Document) -> None:
    """Refuses what is not a variant of SageMaker.

    Raises:
        ScalingError: it says so.
    """
    if request["ServiceNamespace"] != NAMESPACE:
        raise ScalingError(
            f"ServiceNamespace {request['ServiceNamespace']} is not offered by the local engine; it scales sagemaker only."
        )
    if request["ScalableDimension"] not in DIMENSIONS:
        raise ScalingError(
            f"ScalableDimension {request['ScalableDimension']} is not offered by the local engine yet. Offered: "
            f"{', '.join(DIMENSIONS)}."
        )
    parse_resource_id(request["ResourceId"])


def drop_alarms(ctx: EngineContext, region: str, policy: Document) -> None:
    """Takes the alarms away that a target tracking policy made."""
    if policy["PolicyType"] != "TargetTrackingScaling":
        return
    for alarm in policy["Alarms"]:
        if ctx.store.resources.find(alarms.KIND, region, alarm["AlarmName"]) is not None:
            ctx.store.resources.delete(alarms.KIND, region, alarm["AlarmName"])


def _new(region: str, request: Document, low: int, high: int, now: float) -> Resource:
    arn = f"arn:{partition(region)}:application-autoscaling:{region}:{ACCOUNT_ID}:scalable-target/{uuid.uuid4().hex}"
    role = (
        f"arn:{partition(region)}:iam::{ACCOUNT_ID}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    )
    suspended = {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }
    document = {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": request["ResourceId"],
        "ScalableDimension": request["ScalableDimension"],
        "MinCapacity": low,
        "MaxCapacity": high,
        "RoleARN": request.get("RoleARN") or role,
        "CreationTime": now,
        "SuspendedState": {**suspended, **(request.get("SuspendedState") or {})},
        "ScalableTargetARN": arn,
    }
    internal: Document = {
        "policies": {},
        "schedules": {},
        "activities": [],
        "scaled_out": None,
        "scaled_in": None,
    }
    return Resource(KIND, region, row_name(request), arn, "Registered", now, now, document, internal)


def _missing(request: Document) -> ObjectNotFound:
    return ObjectNotFound(
        f"No scalable target found for service namespace: {request['ServiceNamespace']}, resource ID: "
        f"{request['ResourceId']}, scalable dimension: {request['ScalableDimension']}"
    )
