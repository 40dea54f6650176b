"""Models: what CreateModel accepts, and the containers that an endpoint or a transform job serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import AwsError, ValidationException, could_not_find
from smstudio_ext.engine.hosting.fleet import Container
from smstudio_ext.engine.store.resources import Resource, ResourceExists, ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "Model"

# container members that ask for a feature of another kind of hosting: member -> what it is
_NOT_OFFERED = {
    "ModelPackageName": "Models from model packages",
    "InferenceSpecificationName": "Models from model packages",
    "MultiModelConfig": "Multi-model endpoints",
    "ModelDataSource": "ModelDataSource (use ModelDataUrl with a model.tar.gz)",
    "AdditionalModelDataSources": "AdditionalModelDataSources",
    "ContainerMetricsConfig": "ContainerMetricsConfig",
}


def not_offered(feature: str) -> ValidationException:
    """The error for a part of hosting that this engine does not have."""
    return ValidationException(f"{feature} is not offered yet by the local engine.")


def create_model(
    ctx: EngineContext, region: str, request: dict[str, Any], *, parent: str | None = None
) -> Resource:
    """Makes a model of one container or of an inference pipeline of up to 15.

    Args:
        request: the validated input of CreateModel.
        parent: `Kind/name` of the resource that makes it.

    Raises:
        ValidationException: the name is taken, a container cannot be served here, or its model data is missing.
    """
    name = request["ModelName"]
    arn = sagemaker_arn(KIND, region, name)
    primary, containers = request.get("PrimaryContainer"), request.get("Containers")
    if (primary is None) == (not containers):
        raise ValidationException("You must provide either PrimaryContainer or Containers, and not both.")
    if ctx.store.resources.find(KIND, region, name) is not None:
        raise _exists(arn)
    mode = (request.get("InferenceExecutionConfig") or {}).get("Mode", "Serial")
    if mode != "Serial":
        raise not_offered(
            "Direct invocation of the containers of a model (InferenceExecutionConfig Mode Direct)"
        )
    for definition in containers or [primary]:
        _check_container(ctx, definition)
    _check_hostnames(containers or [])
    now = ctx.clock.now()
    document = {key: value for key, value in request.items() if key != "Tags"}
    document.setdefault("EnableNetworkIsolation", False)
    document.update(ModelArn=arn, CreationTime=now)
    resource = Resource(KIND, region, name, arn, "Created", now, now, document, parent=parent, finished=True)
    try:
        return ctx.store.resources.create(resource, request.get("Tags") or ())
    except ResourceExists:
        raise _exists(arn) from None


def get_model(ctx: EngineContext, region: str, name: str) -> Resource:
    """The model.

    Raises:
        ValidationException: `Could not find model "arn".`
    """
    resource = ctx.store.resources.find(KIND, region, name)
    if resource is None:
        raise could_not_find("model", sagemaker_arn(KIND, region, name))
    return resource


def delete_model(ctx: EngineContext, region: str, name: str) -> None:
    """Takes a model away; endpoints that serve it go on, as on AWS.

    Raises:
        ValidationException: there is none.
    """
    try:
        ctx.store.resources.delete(KIND, region, name)
    except ResourceMissing:
        raise could_not_find("model", sagemaker_arn(KIND, region, name)) from None


def serving_containers(ctx: EngineContext, model: Resource) -> list[Container]:
    """The containers of a model in calling order, with their implementations.

    Raises:
        ValidationException: an image that this engine can no longer serve.
    """
    document = model.document
    definitions = document.get("Containers") or [document["PrimaryContainer"]]
    alone = len(definitions) == 1
    return [
        Container(
            image=definition["Image"],
            serve=_serve_function(ctx, definition["Image"]),
            environment=dict(definition.get("Environment") or {}),
            hostname=definition.get("ContainerHostname") or ("primary" if alone else f"container-{number}"),
            model_data=definition.get("ModelDataUrl"),
            resolved_image=definition["Image"],
        )
        for number, definition in enumerate(definitions, 1)
    ]


def _check_container(ctx: EngineContext, definition: dict[str, Any]) -> None:
    for member, feature in _NOT_OFFERED.items():
        if definition.get(member):
            raise not_offered(feature)
    if definition.get("Mode", "SingleModel") != "SingleModel":
        raise not_offered("Multi-model endpoints (container Mode MultiModel)")
    if not definition.get("Image"):
        raise ValidationException("A container definition needs an Image.")
    _serve_function(ctx, definition["Image"])
    url = definition.get("ModelDataUrl")
    if url and not model_data_exists(ctx, url):
        raise ValidationException(f"Could not find model data at {url}.")


def _check_hostnames(containers: list[dict[str, Any]]) -> None:
    names = [container["ContainerHostname"] for container in containers if container.get("ContainerHostname")]
    if len(names) != len(set(names)):
        raise ValidationException("Each ContainerHostname of a model must be unique.")
    if names and len(names) != len(containers):
        raise ValidationException("Give a ContainerHostname to all containers of a model, or to none.")


def _serve_function(ctx: EngineContext, uri: str) -> str:
    image = ctx.images.resolve(uri)
    if image.serve is None:
        raise ValidationException(f"The image {uri} is for training; it cannot serve a model.")
    return image.serve


def model_data_exists(ctx: EngineContext, url: str) -> bool:
    """Whether the object that a ModelDataUrl names is in the local S3."""
    from smstudio_ext.engine.store.objects import parse_s3_uri

    try:
        location = parse_s3_uri(url)
        return bool(location.key) and ctx.objects.head(location.bucket, location.key) is not None
    except AwsError:
        return False


def _exists(arn: str) -> ValidationException:
    return ValidationException(f'Cannot create already existing model "{arn}".')
