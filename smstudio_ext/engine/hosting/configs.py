"""Endpoint configurations: which models an endpoint serves, on what, with which weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException, could_not_find
from smstudio_ext.engine.hosting.models import get_model, not_offered
from smstudio_ext.engine.runtime.instances import instance_type
from smstudio_ext.engine.store.resources import Resource, ResourceExists, ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "EndpointConfig"
MAX_INSTANCES = 32
"""Model servers that one variant may have on this machine."""

_NOT_OFFERED = {
    "AsyncInferenceConfig": "Asynchronous inference (AsyncInferenceConfig)",
    "ExplainerConfig": "Online explainability (ExplainerConfig)",
    "ShadowProductionVariants": "Shadow variants (ShadowProductionVariants)",
}
_NOT_OFFERED_OF_VARIANT = {
    "ServerlessConfig": "Serverless inference (ServerlessConfig)",
    "InstancePools": "Instance pools (InstancePools)",
    "ManagedInstanceScaling": "ManagedInstanceScaling",
    "AcceleratorType": "Elastic Inference (AcceleratorType)",
    "CoreDumpConfig": "CoreDumpConfig",
    "CapacityReservationConfig": "CapacityReservationConfig",
}


def create_endpoint_config(
    ctx: EngineContext, region: str, request: dict[str, Any], *, parent: str | None = None
) -> Resource:
    """Makes an endpoint configuration.

    Args:
        request: the validated input of CreateEndpointConfig.
        parent: `Kind/name` of the resource that makes it.

    Raises:
        ValidationException: the name is taken, a model is missing, or it asks for what is not offered.
    """
    name = request["EndpointConfigName"]
    arn = sagemaker_arn(KIND, region, name)
    if ctx.store.resources.find(KIND, region, name) is not None:
        raise _exists(arn)
    for member, feature in _NOT_OFFERED.items():
        if request.get(member):
            raise not_offered(feature)
    if (request.get("DataCaptureConfig") or {}).get("EnableCapture"):
        raise not_offered("Data capture (DataCaptureConfig with EnableCapture)")
    variants = [_variant(ctx, region, variant) for variant in request["ProductionVariants"]]
    names = [variant["VariantName"] for variant in variants]
    if len(names) != len(set(names)):
        raise ValidationException(
            "Each production variant of an endpoint configuration needs a name of its own."
        )
    now = ctx.clock.now()
    document = {key: value for key, value in request.items() if key != "Tags"}
    document.update(ProductionVariants=variants, EndpointConfigArn=arn, CreationTime=now)
    resource = Resource(KIND, region, name, arn, "Created", now, now, document, parent=parent, finished=True)
    try:
        return ctx.store.resources.create(resource, request.get("Tags") or ())
    except ResourceExists:
        raise _exists(arn) from None


def get_endpoint_config(ctx: EngineContext, region: str, name: str) -> Resource:
    """The endpoint configuration.

    Raises:
        ValidationException: `Could not find endpoint configuration "arn".`
    """
    resource = ctx.store.resources.find(KIND, region, name)
    if resource is None:
        raise could_not_find("endpoint configuration", sagemaker_arn(KIND, region, name))
    return resource


def delete_endpoint_config(ctx: EngineContext, region: str, name: str) -> None:
    """Takes an endpoint configuration away; endpoints made with it go on.

    Raises:
        ValidationException: there is none.
    """
    try:
        ctx.store.resources.delete(KIND, region, name)
    except ResourceMissing:
        raise could_not_find("endpoint configuration", sagemaker_arn(KIND, region, name)) from None


def check_instance_count(count: int) -> None:
    """Raises ValidationException for more model servers than a variant may have here."""
    if count > MAX_INSTANCES:
        raise ValidationException(
            f"A production variant may have at most {MAX_INSTANCES} instances on this machine; {count} were asked for."
        )


def _variant(ctx: EngineContext, region: str, request: dict[str, Any]) -> dict[str, Any]:
    """The variant with AWS's defaults filled in."""
    for member, feature in _NOT_OFFERED_OF_VARIANT.items():
        if request.get(member):
            raise not_offered(feature)
    if not request.get("ModelName"):
        raise not_offered("Inference components (a production variant without ModelName)")
    if not request.get("InstanceType"):
        raise ValidationException(
            f"Production variant {request['VariantName']} needs an InstanceType and an InitialInstanceCount."
        )
    instance_type(request["InstanceType"])
    routing = request.get("RoutingConfig") or {}
    if routing.get("RoutingStrategy", "RANDOM") not in ("RANDOM", "LEAST_OUTSTANDING_REQUESTS"):
        raise not_offered(f"RoutingStrategy {routing['RoutingStrategy']}")
    get_model(ctx, region, request["ModelName"])
    variant = {"InitialInstanceCount": 1, "InitialVariantWeight": 1.0, **request}
    check_instance_count(variant["InitialInstanceCount"])
    return variant


def _exists(arn: str) -> ValidationException:
    return ValidationException(f'Cannot create already existing endpoint configuration "{arn}".')
