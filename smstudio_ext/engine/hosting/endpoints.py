"""Endpoints: what the operations write down; the controller (`hosting.controller`) makes it so."""

from __future__ import annotations

import copy
import secrets
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException, could_not_find
from smstudio_ext.engine.hosting.configs import (
    check_instance_count,
    create_endpoint_config,
    delete_endpoint_config,
    get_endpoint_config,
)
from smstudio_ext.engine.hosting.fleet import Fleet, Variant, new_instance
from smstudio_ext.engine.hosting.models import get_model, not_offered, serving_containers
from smstudio_ext.engine.hosting.states import ENDPOINT
from smstudio_ext.engine.hosting.summary import variant_summaries
from smstudio_ext.engine.store.resources import Resource, ResourceExists, ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

__all__ = [
    "KIND",
    "create_endpoint",
    "create_endpoint_config",
    "delete_endpoint",
    "delete_endpoint_config",
    "get_endpoint",
    "get_endpoint_config",
    "update_endpoint",
    "update_weights_and_capacities",
]

KIND = "Endpoint"
_RETAINED = ("DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig")


def create_endpoint(
    ctx: EngineContext, region: str, request: dict[str, Any], *, parent: str | None = None
) -> Resource:
    """Writes a new endpoint in status Creating.

    Args:
        request: the validated input of CreateEndpoint.
        parent: `Kind/name` of the resource that makes it.

    Raises:
        ValidationException: the name is taken, or its configuration or one of its models is missing.
    """
    name = request["EndpointName"]
    arn = sagemaker_arn(KIND, region, name)
    _check_deployment(request.get("DeploymentConfig"))
    if ctx.store.resources.find(KIND, region, name) is not None:
        raise _exists(arn)
    fleet = _build_fleet(ctx, region, request["EndpointConfigName"])
    now = ctx.clock.now()
    document: dict[str, Any] = {
        "EndpointName": name,
        "EndpointArn": arn,
        "EndpointConfigName": fleet.config,
        "EndpointStatus": "Creating",
        "ProductionVariants": variant_summaries(None, fleet, now),
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    internal: dict[str, Any] = {
        "id": secrets.token_hex(4),
        "serving": None,
        "next": fleet.to_json(),
        "retired": [],
    }
    resource = Resource(KIND, region, name, arn, "Creating", now, now, document, internal, parent)
    try:
        ctx.store.resources.create(resource, request.get("Tags") or ())
    except ResourceExists:
        raise _exists(arn) from None
    ctx.reconciler.wake(KIND, region, name)
    return resource


def get_endpoint(ctx: EngineContext, region: str, name: str) -> Resource:
    """The endpoint.

    Raises:
        ValidationException: `Could not find endpoint "arn".`
    """
    resource = ctx.store.resources.find(KIND, region, name)
    if resource is None:
        raise could_not_find("endpoint", sagemaker_arn(KIND, region, name))
    return resource


def update_endpoint(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Starts the change to another configuration; the present one serves until the new one is up.

    Raises:
        ValidationException: endpoint or configuration missing, or the endpoint is not InService.
    """
    if request.get("RetainDeploymentConfig"):
        raise not_offered("RetainDeploymentConfig")
    _check_deployment(request.get("DeploymentConfig"))
    name = request["EndpointName"]
    get_endpoint(ctx, region, name)
    fleet = _build_fleet(ctx, region, request["EndpointConfigName"])
    excluded = {
        entry["VariantPropertyType"] for entry in request.get("ExcludeRetainedVariantProperties") or ()
    }
    retained = set(_RETAINED) - excluded if request.get("RetainAllVariantProperties") else set()

    def begin(serving: Fleet) -> Fleet:
        if retained:
            _retain(fleet, serving, retained)
        return fleet

    return _begin_update(ctx, region, name, begin)


def update_weights_and_capacities(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Changes weights and instance counts of variants; instances that stay are not touched.

    Raises:
        ValidationException: endpoint or variant missing, or the endpoint is not InService.
    """
    name = request["EndpointName"]
    arn = get_endpoint(ctx, region, name).arn
    desired = request["DesiredWeightsAndCapacities"]
    for wish in desired:
        if wish.get("ServerlessUpdateConfig"):
            raise not_offered("Serverless inference (ServerlessUpdateConfig)")
        if wish.get("DesiredInstanceCount") == 0:
            raise ValidationException(
                f'DesiredInstanceCount of variant "{wish["VariantName"]}" must be at least 1.'
            )
        check_instance_count(wish.get("DesiredInstanceCount", 1))

    def begin(serving: Fleet) -> Fleet:
        fleet = copy.deepcopy(serving)
        variants = {variant.name: variant for variant in fleet.variants}
        for wish in desired:
            variant = variants.get(wish["VariantName"])
            if variant is None:
                raise ValidationException(
                    f'The variant name(s) "{wish["VariantName"]}" is/are not present within endpoint '
                    f'configuration of endpoint "{arn}".'
                )
            variant.weight = wish.get("DesiredWeight", variant.weight)
            _resize(variant, wish.get("DesiredInstanceCount", variant.count))
        return fleet

    return _begin_update(ctx, region, name, begin)


def delete_endpoint(ctx: EngineContext, region: str, name: str) -> None:
    """Starts the end of an endpoint; allowed in every status.

    AWS refuses it while an endpoint is being created or updated; here a stuck one can always be taken away.

    Raises:
        ValidationException: there is none.
    """
    now = ctx.clock.now()
    try:
        with ctx.store.resources.changing(KIND, region, name) as resource:
            if resource.status != "Deleting":
                ENDPOINT.check(resource.status, "Deleting")
                resource.status = resource.document["EndpointStatus"] = "Deleting"
                resource.document["LastModifiedTime"] = now
                resource.finished = False
    except ResourceMissing:
        raise could_not_find("endpoint", sagemaker_arn(KIND, region, name)) from None
    ctx.reconciler.wake(KIND, region, name)


def _begin_update(ctx: EngineContext, region: str, name: str, begin: Any) -> Resource:
    now = ctx.clock.now()
    try:
        with ctx.store.resources.changing(KIND, region, name) as resource:
            if resource.status in ("Creating", "Updating", "Deleting"):
                raise ValidationException(f'Cannot update in-progress endpoint "{resource.arn}".')
            if resource.status != "InService":
                raise ValidationException(
                    f'Cannot update endpoint "{resource.arn}" in status {resource.status}; delete it and create it again.'
                )
            serving = Fleet.from_json(resource.internal["serving"])
            fleet = begin(serving)
            ENDPOINT.check(resource.status, "Updating")
            resource.status = resource.document["EndpointStatus"] = "Updating"
            resource.document["LastModifiedTime"] = now
            resource.document.pop("FailureReason", None)
            resource.document["ProductionVariants"] = variant_summaries(serving, fleet, now)
            resource.document["PendingDeploymentSummary"] = {
                "EndpointConfigName": fleet.config,
                "ProductionVariants": variant_summaries(None, fleet, now),
                "StartTime": now,
            }
            resource.internal["next"] = fleet.to_json()
    except ResourceMissing:
        raise could_not_find("endpoint", sagemaker_arn(KIND, region, name)) from None
    ctx.reconciler.wake(KIND, region, name)
    return resource


def _build_fleet(ctx: EngineContext, region: str, config_name: str) -> Fleet:
    """The fleet that a configuration asks for, with new instances and the models as they are now."""
    config = get_endpoint_config(ctx, region, config_name)
    variants = []
    for definition in config.document["ProductionVariants"]:
        model = get_model(ctx, region, definition["ModelName"])
        containers = serving_containers(ctx, model)
        source = secrets.token_hex(4)
        for number, container in enumerate(containers, 1):
            container.archive = f"{source}-{number}.tar.gz" if container.model_data else None
        count = definition["InitialInstanceCount"]
        variants.append(
            Variant(
                name=definition["VariantName"],
                model=model.name,
                instance_type=definition["InstanceType"],
                weight=float(definition["InitialVariantWeight"]),
                count=count,
                containers=containers,
                instances=[new_instance() for _ in range(count)],
                routing=(definition.get("RoutingConfig") or {}).get("RoutingStrategy", "RANDOM"),
                startup_timeout=float(definition.get("ContainerStartupHealthCheckTimeoutInSeconds", 300)),
                resolved_at=ctx.clock.now(),
            )
        )
    return Fleet(config.name, variants)


def _retain(fleet: Fleet, serving: Fleet, retained: set[str]) -> None:
    present = {variant.name: variant for variant in serving.variants}
    for variant in fleet.variants:
        old = present.get(variant.name)
        if old is None:
            continue
        if "DesiredWeight" in retained:
            variant.weight = old.weight
        if "DesiredInstanceCount" in retained:
            _resize(variant, old.count)


def _resize(variant: Variant, count: int) -> None:
    variant.count = count
    del variant.instances[count:]
    variant.instances.extend(new_instance() for _ in range(count - len(variant.instances)))


def _check_deployment(config: dict[str, Any] | None) -> None:
    """Only the plain exchange of everything at once is there yet."""
    if not config:
        return
    if config.get("AutoRollbackConfiguration", {}).get("Alarms"):
        raise not_offered("Rollback by alarms (AutoRollbackConfiguration)")
    if config.get("RollingUpdatePolicy"):
        raise not_offered("Rolling updates (RollingUpdatePolicy)")
    policy = config.get("BlueGreenUpdatePolicy")
    if policy:
        routing = policy["TrafficRoutingConfiguration"]
        if routing["Type"] != "ALL_AT_ONCE":
            raise not_offered(f"Traffic shifting {routing['Type']} (BlueGreenUpdatePolicy)")
        if routing["WaitIntervalInSeconds"] or policy.get("TerminationWaitInSeconds"):
            raise not_offered("Waiting times of a BlueGreenUpdatePolicy (give 0)")


def _exists(arn: str) -> ValidationException:
    return ValidationException(f'Cannot create already existing endpoint "{arn}".')
