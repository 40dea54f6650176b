"""What CreateProcessingJob accepts here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime.cluster import hosts_of
from smstudio_ext.engine.runtime.instances import instance_type
from smstudio_ext.engine.runtime.processing_files import local_path
from smstudio_ext.engine.runtime.training_request import check_output_bucket, not_offered
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.images.registry import Image

Document = dict[str, Any]


def check_processing_request(ctx: EngineContext, request: Document) -> Image:
    """The local implementation of the requested image.

    Raises:
        ValidationException: the request cannot run here; the message says why.
    """
    application = request["AppSpecification"]
    image = ctx.images.resolve(application["ImageUri"])
    entrypoint = application.get("ContainerEntrypoint")
    if not entrypoint and image.process is None and image.launch is None:
        raise ValidationException(
            f"The image '{application['ImageUri']}' has no processing program. Give one in AppSpecification.ContainerEntrypoint."
        )
    _check_cluster(request)
    for given in request.get("ProcessingInputs") or []:
        _check_input(given)
    outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    for wanted in outputs:
        _check_output(ctx, wanted)
    _check_unique("InputName", (given["InputName"] for given in request.get("ProcessingInputs") or []))
    _check_unique("OutputName", (wanted["OutputName"] for wanted in outputs))
    return image


def _check_cluster(request: Document) -> None:
    cluster = request["ProcessingResources"]["ClusterConfig"]
    if cluster.get("InstancePools"):
        raise not_offered("ClusterConfig.InstancePools")
    if not cluster.get("InstanceType") or not cluster.get("InstanceCount"):
        raise ValidationException("ProcessingResources.ClusterConfig needs InstanceType and InstanceCount.")
    for host in hosts_of(cluster):
        instance_type(host.instance_type)


def _check_input(given: Document) -> None:
    name = given["InputName"]
    if given.get("DatasetDefinition"):
        raise not_offered(f"Input {name}: DatasetDefinition (Athena and Redshift queries)")
    source = given.get("S3Input")
    if not source:
        raise ValidationException(f"ProcessingInput {name} needs an S3Input.")
    parse_s3_uri(source["S3Uri"])
    if given.get("AppManaged"):
        return
    if not source.get("LocalPath"):
        raise ValidationException(
            f"ProcessingInput {name}: LocalPath is a required parameter of S3Input when AppManaged is False."
        )
    local_path(Path("/"), source["LocalPath"])
    if source.get("S3CompressionType", "None") == "Gzip" and source.get("S3InputMode", "File") != "Pipe":
        raise ValidationException(
            f"ProcessingInput {name}: S3CompressionType Gzip can only be used if Pipe is specified as the S3InputMode."
        )


def _check_output(ctx: EngineContext, wanted: Document) -> None:
    name = wanted["OutputName"]
    if wanted.get("FeatureStoreOutput"):
        raise not_offered(f"Output {name}: FeatureStoreOutput")
    target = wanted.get("S3Output")
    if not target:
        raise ValidationException(f"ProcessingOutput {name} needs an S3Output.")
    check_output_bucket(ctx, target["S3Uri"])
    if wanted.get("AppManaged"):
        return
    if not target.get("LocalPath"):
        raise ValidationException(
            f"ProcessingOutput {name}: LocalPath is a required parameter of S3Output when AppManaged is False."
        )
    local_path(Path("/"), target["LocalPath"])


def _check_unique(member: str, names: Iterable[str]) -> None:
    given = list(names)
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise ValidationException(f"{member} must be unique within a processing job: {', '.join(twice)}.")
