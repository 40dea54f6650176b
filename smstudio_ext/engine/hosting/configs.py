"""Endpoint configurations: which models an endpoint serves, on what, with which weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException, could_not_find
from smstudio_ext.engine.hosting.models import get_model, not_offered
from smstudio_ext.engine.runtime.instances import instance_type
from smstudio_ext.engine.store.objects import parse_s3_uri
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "EndpointConfig"
MAX_INSTANCES = 32
"""Model servers that one variant may have on this machine."""

SERVERLESS_MEMORY = (1024, 2048, 3072, 4096, 5120, 6144)

_NOT_OFFERED = {"ExplainerConfig": "Online explainability (ExplainerConfig)"}
_NOT_OFFERED_OF_VARIANT = {
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
    variants = [_variant(ctx, region, variant) for variant in request["ProductionVariants"]]
    shadows = [_variant(ctx, region, variant) for variant in request.get("ShadowProductionVariants") or ()]
    names = [variant["VariantName"] for variant in (*variants, *shadows)]
    if len(names) != len(set(names)):
        raise ValidationException(
            "Each production variant of an endpoint configuration needs a name of its own."
        )
    _check_combination(variants, shadows, request)
    _check_places(ctx, request)
    now = ctx.clock.now()
    document = {key: value for key, value in request.items() if key != "Tags"}
    document.update(ProductionVariants=variants, EndpointConfigArn=arn, CreationTime=now)
    if shadows:
        document["ShadowProductionVariants"] = shadows
    resource = Resource(KIND, region, name, arn, "Created", now, now, document, parent=parent, finished=True)
    return ctx.store.resources.create(resource, request.get("Tags") or (), taken=_exists(arn))


def get_endpoint_config(ctx: EngineContext, region: str, name: str) -> Resource:
    """The endpoint configuration.

    Raises:
        ValidationException: `Could not find endpoint configuration "arn".`
    """
    return ctx.store.resources.get(KIND, region, name, missing=_missing(region, name))


def delete_endpoint_config(ctx: EngineContext, region: str, name: str) -> None:
    """Takes an endpoint configuration away; endpoints made with it go on.

    Raises:
        ValidationException: there is none.
    """
    ctx.store.resources.delete(KIND, region, name, missing=_missing(region, name))


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
    model = get_model(ctx, region, request["ModelName"])
    serverless = request.get("ServerlessConfig")
    if serverless:
        _check_serverless(request, serverless, model.document)
        return {"InitialVariantWeight": 1.0, **request}
    if not request.get("InstanceType"):
        raise ValidationException(
            f"Production variant {request['VariantName']} needs an InstanceType and an InitialInstanceCount."
        )
    instance_type(request["InstanceType"])
    routing = request.get("RoutingConfig") or {}
    if routing.get("RoutingStrategy", "RANDOM") not in ("RANDOM", "LEAST_OUTSTANDING_REQUESTS"):
        raise not_offered(f"RoutingStrategy {routing['RoutingStrategy']}")
    variant = {"InitialInstanceCount": 1, "InitialVariantWeight": 1.0, **request}
    check_instance_count(variant["InitialInstanceCount"])
    return variant


def _check_serverless(request: dict[str, Any], serverless: dict[str, Any], model: dict[str, Any]) -> None:
    memory = serverless["MemorySizeInMB"]
    if memory not in SERVERLESS_MEMORY:
        raise ValidationException(
            f"1 validation error detected: Value '{memory}' at 'memorySizeInMB' failed to satisfy constraint: Member "
            f"must be one of {', '.join(map(str, SERVERLESS_MEMORY))}"
        )
    if request.get("InstanceType") or request.get("InitialInstanceCount"):
        raise ValidationException(
            "A production variant with a ServerlessConfig must not have an InstanceType or an InitialInstanceCount."
        )
    if serverless.get("ProvisionedConcurrency", 0) > serverless["MaxConcurrency"]:
        raise ValidationException("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")
    definitions = model.get("Containers") or [model["PrimaryContainer"]]
    if len(definitions) > 1 or definitions[0].get("Mode") == "MultiModel":
        raise ValidationException(
            "Serverless inference serves models of one container: no inference pipelines, no multi-model endpoints."
        )


def _check_combination(
    variants: list[dict[str, Any]], shadows: list[dict[str, Any]], request: dict[str, Any]
) -> None:
    serverless = [variant for variant in (*variants, *shadows) if variant.get("ServerlessConfig")]
    if serverless and len(variants) + len(shadows) > 1:
        raise ValidationException(
            "Serverless inference allows one production variant and no shadow variants."
        )
    if shadows and len(variants) > 1:
        raise ValidationException("Shadow variants need an endpoint with one production variant.")
    if len(shadows) > 1:
        raise ValidationException("At most one shadow variant is allowed.")
    asynchronous = request.get("AsyncInferenceConfig")
    if asynchronous and (serverless or shadows):
        raise ValidationException(
            "AsyncInferenceConfig cannot be combined with serverless or shadow variants."
        )
    if asynchronous and len(variants) > 1:
        raise ValidationException("Asynchronous inference allows one production variant.")
    if serverless and (request.get("DataCaptureConfig") or {}).get("EnableCapture"):
        raise ValidationException("Data capture is not supported by serverless inference.")


def _check_places(ctx: EngineContext, request: dict[str, Any]) -> None:
    """Where an endpoint is to write must be buckets that are there."""
    output = (request.get("AsyncInferenceConfig") or {}).get("OutputConfig") or {}
    capture = request.get("DataCaptureConfig") or {}
    places = [output.get("S3OutputPath"), output.get("S3FailurePath")]
    if capture.get("EnableCapture"):
        places.append(capture["DestinationS3Uri"])
    for place in filter(None, places):
        location = parse_s3_uri(place)
        if ctx.objects.bucket(location.bucket) is None:
            raise ValidationException(f"Could not access the bucket of {place}: it does not exist.")


def _missing(region: str, name: str) -> ValidationException:
    return could_not_find("endpoint configuration", sagemaker_arn(KIND, region, name))


def _exists(arn: str) -> ValidationException:
    return ValidationException(f'Cannot create already existing endpoint configuration "{arn}".')
