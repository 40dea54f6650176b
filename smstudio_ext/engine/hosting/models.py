"""Models: what CreateModel accepts, and the containers that an endpoint or a transform job serves."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException, could_not_find
from smstudio_ext.engine.hosting.fleet import Container
from smstudio_ext.engine.hosting.sources import TAR, exists, further_sources, main_source
from smstudio_ext.engine.images.contract import Image
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "Model"

MULTI_MODEL = "MultiModel"

# container members that ask for a feature of another kind of hosting: member -> what it is
_NOT_OFFERED = {
    "ModelPackageName": "Models from model packages (ModelPackageName)",
    "InferenceSpecificationName": "Models from model packages (InferenceSpecificationName)",
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
    direct = is_direct(request)
    for definition in containers or [primary]:
        _check_container(ctx, definition)
    _check_hostnames(containers or [], direct=direct)
    if sum(definition.get("Mode") == MULTI_MODEL for definition in containers or ()) > 1:
        raise not_offered("More than one multi-model container in a pipeline")
    if direct and any(definition.get("Mode") == MULTI_MODEL for definition in containers or ()):
        raise not_offered("A multi-model container that is invoked directly")
    now = ctx.clock.now()
    document = {key: value for key, value in request.items() if key != "Tags"}
    document.setdefault("EnableNetworkIsolation", False)
    document.update(ModelArn=arn, CreationTime=now)
    resource = Resource(KIND, region, name, arn, "Created", now, now, document, parent=parent, finished=True)
    return ctx.store.resources.create(resource, request.get("Tags") or (), taken=_exists(arn))


def get_model(ctx: EngineContext, region: str, name: str) -> Resource:
    """The model.

    Raises:
        ValidationException: `Could not find model "arn".`
    """
    return ctx.store.resources.get(KIND, region, name, missing=_missing(region, name))


def delete_model(ctx: EngineContext, region: str, name: str) -> None:
    """Takes a model away; endpoints that serve it go on, as on AWS.

    Raises:
        ValidationException: there is none.
    """
    ctx.store.resources.delete(KIND, region, name, missing=_missing(region, name))


def serving_containers(ctx: EngineContext, model: Resource) -> list[Container]:
    """The containers of a model in calling order, with their implementations.

    Raises:
        ValidationException: an image that this engine can no longer serve.
    """
    document = model.document
    definitions = document.get("Containers") or [document["PrimaryContainer"]]
    alone = len(definitions) == 1
    return [
        _container(ctx, definition, "primary" if alone else f"container-{number}")
        for number, definition in enumerate(definitions, 1)
    ]


def is_direct(document: dict[str, Any]) -> bool:
    """Whether the containers of a model are called one by one (InferenceExecutionConfig Mode Direct)."""
    return bool((document.get("InferenceExecutionConfig") or {}).get("Mode") == "Direct")


def container_spec(container: Container, artifacts: Path, cache: Path) -> dict[str, Any]:
    """What `hosting.containers.load_container` takes for a container whose data lies in `artifacts`."""

    def place(source: dict[str, Any]) -> dict[str, Any]:
        archive = None if source["archive"] is None else str(artifacts / source["archive"])
        return {
            "archive": archive,
            "layout": source["layout"],
            "file_name": str(source["model_data"] or "").rpartition("/")[2],
        }

    main = {"model_data": container.model_data, "archive": container.archive, "layout": container.layout}
    return {
        "name": container.hostname,
        "serve": container.serve,
        "launch": container.launch,
        "image": container.facts,
        "environment": container.environment,
        "cache": str(cache),
        **place(main),
        "sources": {channel: place(source) for channel, source in container.sources.items()},
    }


def _container(ctx: EngineContext, definition: dict[str, Any], hostname: str) -> Container:
    image = _serving_image(ctx, definition["Image"])
    source = main_source(definition)
    many = definition.get("Mode") == MULTI_MODEL
    script = bool((definition.get("Environment") or {}).get("SAGEMAKER_PROGRAM"))
    launched = image.starts_by_launch("serve", script=script)
    cache_setting = (definition.get("MultiModelConfig") or {}).get("ModelCacheSetting", "Enabled")
    return Container(
        image=definition["Image"],
        serve="" if launched else image.serve or "",
        environment={
            **({"SAGEMAKER_MULTI_MODEL": "true"} if many else {}),
            **(definition.get("Environment") or {}),
        },
        hostname=definition.get("ContainerHostname") or hostname,
        model_data=source[0] if source else None,
        layout=source[1] if source else TAR,
        resolved_image=definition["Image"],
        launch=image.launch if launched else None,
        facts={**asdict(image), "facts": dict(image.facts)} if launched else {},
        sources={
            channel: {"model_data": url, "layout": layout, "archive": None}
            for channel, (url, layout) in further_sources(definition).items()
        },
        models=source[0] if source and many else None,
        keep_models=cache_setting == "Enabled",
    )


def _check_container(ctx: EngineContext, definition: dict[str, Any]) -> None:
    for member, feature in _NOT_OFFERED.items():
        if definition.get(member):
            raise not_offered(feature)
    if not definition.get("Image"):
        raise ValidationException("A container definition needs an Image.")
    _serving_image(ctx, definition["Image"])
    source = main_source(definition)
    if definition.get("Mode") == MULTI_MODEL:
        if source is None or not source[0].startswith("s3://"):
            raise ValidationException(
                "A container with Mode MultiModel needs a ModelDataUrl: the s3:// prefix of its models."
            )
        return  # models may come later
    for url, layout in filter(None, [source, *further_sources(definition).values()]):
        if not exists(ctx.objects, url, layout):
            raise ValidationException(f"Could not find model data at {url}.")


def _check_hostnames(containers: list[dict[str, Any]], *, direct: bool) -> None:
    names = [container["ContainerHostname"] for container in containers if container.get("ContainerHostname")]
    if len(names) != len(set(names)):
        raise ValidationException("Each ContainerHostname of a model must be unique.")
    if names and len(names) != len(containers):
        raise ValidationException("Give a ContainerHostname to all containers of a model, or to none.")
    if direct and len(names) < 2:
        raise ValidationException(
            "InferenceExecutionConfig Mode Direct needs two or more Containers with a ContainerHostname each."
        )


def _serving_image(ctx: EngineContext, uri: str) -> Image:
    image = ctx.images.resolve(uri)
    if image.serve is None and image.launch is None:
        raise ValidationException(f"The image {uri} is for training; it cannot serve a model.")
    return image


def model_data_exists(ctx: EngineContext, url: str) -> bool:
    """Whether the object that a ModelDataUrl names is in the local S3."""
    return exists(ctx.objects, url, TAR)


def _missing(region: str, name: str) -> ValidationException:
    return could_not_find("model", sagemaker_arn(KIND, region, name))


def _exists(arn: str) -> ValidationException:
    return ValidationException(f'Cannot create already existing model "{arn}".')
