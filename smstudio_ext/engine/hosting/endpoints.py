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
from smstudio_ext.engine.hosting.deployment import check_deployment, plan_of
from smstudio_ext.engine.hosting.endpoint_quota import check_endpoint_quota
from smstudio_ext.engine.hosting.fleet import Fleet, Variant, new_instance
from smstudio_ext.engine.hosting.models import get_model, is_direct, serving_containers
from smstudio_ext.engine.hosting.states import CHANGING, ENDPOINT
from smstudio_ext.engine.hosting.summary import shadow_summaries, variant_summaries
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

__all__ = [
    "KIND",
    "create_endpoint",
    "create_endpoint_config",
    "delete_endpoint",
    "delete_endpoint_config",
    "describe_fleets",
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
    check_deployment(ctx, region, request.get("DeploymentConfig"))
    if ctx.store.resources.find(KIND, region, name) is not None:
        raise _exists(arn)
    fleet = _build_fleet(ctx, region, request["EndpointConfigName"])
    check_endpoint_quota(ctx, region, name, fleet)
    now = ctx.clock.now()
    document: dict[str, Any] = {
        "EndpointName": name,
        "EndpointArn": arn,
        "EndpointConfigName": fleet.config,
        "EndpointStatus": "Creating",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    describe_fleets(document, None, fleet, now)
    if request.get("DeploymentConfig"):
        document["LastDeploymentConfig"] = request["DeploymentConfig"]
    internal: dict[str, Any] = {
        "id": secrets.token_hex(4),
        "serving": None,
        "next": fleet.to_json(),
        "retired": [],
    }
    resource = Resource(KIND, region, name, arn, "Creating", now, now, document, internal, parent)
    ctx.store.resources.create(resource, request.get("Tags") or (), taken=_exists(arn))
    ctx.reconciler.wake(KIND, region, name)
    return resource


def get_endpoint(ctx: EngineContext, region: str, name: str) -> Resource:
    """The endpoint.

    Raises:
        ValidationException: `Could not find endpoint "arn".`
    """
    return ctx.store.resources.get(KIND, region, name, missing=_missing(region, name))


def update_endpoint(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Starts the change to another configuration; the present one serves until the new one is up.

    Raises:
        ValidationException: endpoint or configuration missing, or the endpoint is not InService.
    """
    name = request["EndpointName"]
    present = get_endpoint(ctx, region, name)
    deployment = request.get("DeploymentConfig")
    if deployment is None and request.get("RetainDeploymentConfig"):
        deployment = present.document.get("LastDeploymentConfig")
    check_deployment(ctx, region, deployment)
    fleet = _build_fleet(ctx, region, request["EndpointConfigName"])
    check_endpoint_quota(ctx, region, name, fleet)
    excluded = {
        entry["VariantPropertyType"] for entry in request.get("ExcludeRetainedVariantProperties") or ()
    }
    retained = set(_RETAINED) - excluded if request.get("RetainAllVariantProperties") else set()

    def begin(serving: Fleet) -> Fleet:
        if retained:
            _retain(fleet, serving, retained)
        if (fleet.asynchronous is None) != (serving.asynchronous is None):
            raise ValidationException(
                "An endpoint cannot change between asynchronous and real-time inference; create a new one."
            )
        plan_of(deployment, fleet)  # refuses sizes that this fleet cannot have
        return fleet

    return _begin_update(ctx, region, name, begin, deployment)


def update_weights_and_capacities(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Changes weights and instance counts of variants; instances that stay are not touched.

    Raises:
        ValidationException: endpoint or variant missing, or the endpoint is not InService.
    """
    name = request["EndpointName"]
    arn = get_endpoint(ctx, region, name).arn
    desired = request["DesiredWeightsAndCapacities"]
    for wish in desired:
        check_instance_count(wish.get("DesiredInstanceCount", 1))

    def begin(serving: Fleet) -> Fleet:
        fleet = copy.deepcopy(serving)
        for wish in desired:
            variant = fleet.find(wish["VariantName"])
            if variant is None:
                raise ValidationException(
                    f'The variant name(s) "{wish["VariantName"]}" is/are not present within endpoint '
                    f'configuration of endpoint "{arn}".'
                )
            _grant(variant, wish, fleet)
        return fleet

    return _begin_update(ctx, region, name, begin)


def describe_fleets(document: dict[str, Any], serving: Fleet | None, wanted: Fleet, now: float) -> None:
    """Writes what an endpoint serves and is to serve into its Describe document."""
    document["ProductionVariants"] = variant_summaries(serving, wanted, now)
    shown = serving or wanted
    if shown.shadows:
        document["ShadowProductionVariants"] = shadow_summaries(serving, wanted, now)
    else:
        document.pop("ShadowProductionVariants", None)
    if shown.capture is not None:
        document["DataCaptureConfig"] = {
            "EnableCapture": True,
            "CaptureStatus": "Started" if serving is not None else "Stopped",
            "CurrentSamplingPercentage": shown.capture["InitialSamplingPercentage"],
            "DestinationS3Uri": shown.capture["DestinationS3Uri"],
            "KmsKeyId": shown.capture.get("KmsKeyId", ""),
        }
    else:
        document.pop("DataCaptureConfig", None)
    if shown.asynchronous is not None:
        document["AsyncInferenceConfig"] = shown.asynchronous


def _grant(variant: Variant, wish: dict[str, Any], fleet: Fleet) -> None:
    """Changes weight and capacity of one variant."""
    variant.weight = wish.get("DesiredWeight", variant.weight)
    change = wish.get("ServerlessUpdateConfig")
    if change:
        if variant.serverless is None:
            raise ValidationException(
                f"ServerlessUpdateConfig: variant {variant.name} is not a serverless variant."
            )
        merged = {**variant.serverless, **change}
        if merged.get("ProvisionedConcurrency", 0) > merged["MaxConcurrency"]:
            raise ValidationException("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")
        variant.serverless = merged
    count = wish.get("DesiredInstanceCount")
    if count is None:
        return
    if variant.serverless is not None:
        raise ValidationException(f"DesiredInstanceCount: variant {variant.name} is a serverless variant.")
    if count == 0 and fleet.asynchronous is None:
        raise ValidationException(f'DesiredInstanceCount of variant "{variant.name}" must be at least 1.')
    _resize(variant, count)


def delete_endpoint(ctx: EngineContext, region: str, name: str) -> None:
    """Starts the end of an endpoint; allowed in every status.

    AWS refuses it while an endpoint is being created or updated; here a stuck one can always be taken away.

    Raises:
        ValidationException: there is none.
    """
    now = ctx.clock.now()
    with ctx.store.resources.changing(KIND, region, name, missing=_missing(region, name)) as resource:
        if resource.status != "Deleting":
            ENDPOINT.check(resource.status, "Deleting")
            resource.status = resource.document["EndpointStatus"] = "Deleting"
            resource.document["LastModifiedTime"] = now
            resource.finished = False
    ctx.reconciler.wake(KIND, region, name)


def _begin_update(
    ctx: EngineContext, region: str, name: str, begin: Any, deployment: dict[str, Any] | None = None
) -> Resource:
    now = ctx.clock.now()
    with ctx.store.resources.changing(KIND, region, name, missing=_missing(region, name)) as resource:
        if resource.status in CHANGING:
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
        describe_fleets(resource.document, serving, fleet, now)
        resource.document["PendingDeploymentSummary"] = {
            "EndpointConfigName": fleet.config,
            "ProductionVariants": variant_summaries(None, fleet, now),
            "StartTime": now,
        }
        if deployment is not None:
            resource.document["LastDeploymentConfig"] = deployment
        resource.internal["next"] = fleet.to_json()
        resource.internal["deployment"] = {"config": deployment, "step": -1, "share": 0.0, "begun": now}
    ctx.reconciler.wake(KIND, region, name)
    return resource


def _build_fleet(ctx: EngineContext, region: str, config_name: str) -> Fleet:
    """The fleet that a configuration asks for, with new instances and the models as they are now."""
    config = get_endpoint_config(ctx, region, config_name)
    document = config.document
    capture = document.get("DataCaptureConfig") or {}
    return Fleet(
        config.name,
        [_build_variant(ctx, region, definition) for definition in document["ProductionVariants"]],
        [
            _build_variant(ctx, region, definition)
            for definition in document.get("ShadowProductionVariants") or ()
        ],
        capture if capture.get("EnableCapture") else None,
        document.get("AsyncInferenceConfig"),
    )


def _build_variant(ctx: EngineContext, region: str, definition: dict[str, Any]) -> Variant:
    model = get_model(ctx, region, definition["ModelName"])
    containers = serving_containers(ctx, model)
    source = secrets.token_hex(4)
    for number, container in enumerate(containers, 1):
        if container.model_data is not None and container.models is None:
            container.archive = f"{source}-{number}"
        for channel, further in container.sources.items():
            further["archive"] = f"{source}-{number}-{channel}"
    serverless = definition.get("ServerlessConfig")
    # a serverless variant begins with one server, which proves that the model can be loaded
    count = (
        max(1, serverless.get("ProvisionedConcurrency", 0))
        if serverless
        else definition["InitialInstanceCount"]
    )
    return Variant(
        name=definition["VariantName"],
        model=model.name,
        instance_type=definition.get("InstanceType", ""),
        weight=float(definition["InitialVariantWeight"]),
        count=count,
        containers=containers,
        instances=[new_instance() for _ in range(count)],
        routing=(definition.get("RoutingConfig") or {}).get("RoutingStrategy", "RANDOM"),
        startup_timeout=float(definition.get("ContainerStartupHealthCheckTimeoutInSeconds", 300))
        + float(definition.get("ModelDataDownloadTimeoutInSeconds", 0)),
        resolved_at=ctx.clock.now(),
        direct=is_direct(model.document),
        serverless=serverless,
    )


def _retain(fleet: Fleet, serving: Fleet, retained: set[str]) -> None:
    if "DataCaptureConfig" in retained:
        fleet.capture = serving.capture
    present = {variant.name: variant for variant in serving.variants}
    for variant in fleet.variants:
        old = present.get(variant.name)
        if old is None:
            continue
        if "DesiredWeight" in retained:
            variant.weight = old.weight
        if "DesiredInstanceCount" in retained and variant.serverless is None:
            _resize(variant, old.count)


def _resize(variant: Variant, count: int) -> None:
    variant.count = count
    del variant.instances[count:]
    variant.instances.extend(new_instance() for _ in range(count - len(variant.instances)))


def _missing(region: str, name: str) -> ValidationException:
    return could_not_find("endpoint", sagemaker_arn(KIND, region, name))


def _exists(arn: str) -> ValidationException:
    return ValidationException(f'Cannot create already existing endpoint "{arn}".')
