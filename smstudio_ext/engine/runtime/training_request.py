"""What CreateTrainingJob accepts here, and the Describe document of a new training job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime.instances import instance_type, require_one_instance
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.images.registry import Image

Document = dict[str, Any]
DEFAULT_MAX_RUNTIME = 86_400
_SCRIPT_MODE = ("sagemaker_program", "sagemaker_submit_directory")
_NOT_OFFERED = {
    "ServerlessJobConfig": "Serverless training jobs",
    "RetryStrategy": "Retry strategies",
}


def not_offered(what: str) -> ValidationException:
    """The error for a part of training that this engine does not have."""
    return ValidationException(f"{what} is not offered yet by the local engine.")


def check_training_request(ctx: EngineContext, region: str, request: Document) -> Image:
    """The local implementation of the requested image.

    Raises:
        ValidationException: the request cannot run here; the message says why.
        ResourceLimitExceeded: more than one instance.
    """
    for member, what in _NOT_OFFERED.items():
        if request.get(member):
            raise not_offered(what)
    algorithm = request["AlgorithmSpecification"]
    image = _check_algorithm(ctx, algorithm, request.get("HyperParameters") or {})
    _check_resources(request)
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig") or []]
    if len(set(names)) < len(names):
        raise ValidationException("Channel names in InputDataConfig must be unique.")
    for channel in request.get("InputDataConfig") or []:
        _check_channel(channel, algorithm.get("TrainingInputMode", "File"))
    check_output_bucket(ctx, request["OutputDataConfig"]["S3OutputPath"])
    return image


def check_output_bucket(ctx: EngineContext, uri: str) -> None:
    """Refuses output paths that are no S3 URI, or whose bucket is not there.

    Raises:
        ValidationException: as said.
    """
    location = parse_s3_uri(uri)
    if ctx.objects.bucket(location.bucket) is None:
        raise ValidationException(
            f"The specified bucket does not exist: {location.bucket} (S3OutputPath {uri}). Create the bucket first."
        )


def new_training_document(region: str, request: Document, image: Image, arn: str, now: float) -> Document:
    """The Describe document of a job that was just created."""
    document = {key: value for key, value in request.items() if key != "Tags"}
    algorithm: Document = {"TrainingInputMode": "File", "EnableSageMakerMetricsTimeSeries": False}
    algorithm.update(request["AlgorithmSpecification"])
    own = {d["Name"]: d["Regex"] for d in algorithm.get("MetricDefinitions") or []}
    known = {d.name: d.regex for d in image.metric_definitions}
    algorithm["MetricDefinitions"] = [{"Name": n, "Regex": r} for n, r in {**known, **own}.items()]
    if not algorithm["MetricDefinitions"]:
        del algorithm["MetricDefinitions"]
    document["AlgorithmSpecification"] = algorithm
    document["HyperParameters"] = {k: str(v) for k, v in (request.get("HyperParameters") or {}).items()}
    document["InputDataConfig"] = [_channel_with_defaults(c) for c in request.get("InputDataConfig") or []]
    document["OutputDataConfig"] = {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]}
    stopping = dict(request.get("StoppingCondition") or {})
    stopping.setdefault("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME)
    document["StoppingCondition"] = stopping
    for flag in (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    ):
        document.setdefault(flag, False)
    document.update(
        TrainingJobArn=arn,
        CreationTime=now,
        LastModifiedTime=now,
        ProfilingStatus="Disabled",
        SecondaryStatusTransitions=[],
    )
    return document


def _check_algorithm(ctx: EngineContext, algorithm: Document, parameters: Document) -> Image:
    if algorithm.get("AlgorithmName"):
        raise not_offered("AlgorithmName (algorithm resources and marketplace algorithms)")
    if not algorithm.get("TrainingImage"):
        raise ValidationException("You must specify either TrainingImage or AlgorithmName, but not both.")
    if algorithm.get("ContainerEntrypoint") or algorithm.get("ContainerArguments"):
        raise not_offered("ContainerEntrypoint and ContainerArguments")
    image = ctx.images.resolve(algorithm["TrainingImage"])
    if any(name in parameters for name in _SCRIPT_MODE):
        raise not_offered("Training with your own script (script mode)")
    if image.train is None:
        raise ValidationException(f"The image '{algorithm['TrainingImage']}' has no training program.")
    if algorithm.get("TrainingInputMode") == "Pipe":
        raise not_offered("Pipe input mode (use File or FastFile)")
    for definition in algorithm.get("MetricDefinitions") or []:
        try:
            re.compile(definition["Regex"])
        except re.error as error:
            raise ValidationException(
                f"The regular expression of metric definition '{definition['Name']}' is not valid: {error}."
            ) from error
    return image


def _check_resources(request: Document) -> None:
    resources = request["ResourceConfig"]
    if resources.get("InstanceGroups"):
        raise not_offered("InstanceGroups (heterogeneous clusters)")
    if not resources.get("InstanceType") or not resources.get("InstanceCount"):
        raise ValidationException("ResourceConfig needs InstanceType and InstanceCount.")
    instance_type(resources["InstanceType"])
    require_one_instance(resources["InstanceType"], resources["InstanceCount"], "training job")
    stopping = request.get("StoppingCondition") or {}
    wait, run = stopping.get("MaxWaitTimeInSeconds"), stopping.get("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME)
    if wait is not None and not request.get("EnableManagedSpotTraining"):
        raise ValidationException(
            "MaxWaitTimeInSeconds above 0 is not supported when Managed Spot Training is disabled."
        )
    if wait is not None and wait < run:
        raise ValidationException(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds."
        )


def _check_channel(channel: Document, mode: str) -> None:
    name = channel["ChannelName"]
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise not_offered(f"Channel {name}: a data source other than S3")
    if source.get("S3DataType", "S3Prefix") not in ("S3Prefix", "ManifestFile"):
        raise not_offered(f"Channel {name}: S3DataType {source['S3DataType']}")
    if channel.get("InputMode", mode) == "Pipe":
        raise not_offered(f"Channel {name}: Pipe input mode (use File or FastFile)")
    if channel.get("RecordWrapperType", "None") != "None":
        raise not_offered(f"Channel {name}: RecordWrapperType RecordIO")
    parse_s3_uri(source["S3Uri"])


def _channel_with_defaults(channel: Document) -> Document:
    filled = {"CompressionType": "None", "RecordWrapperType": "None", **channel}
    source = {"S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated"}
    source.update(channel["DataSource"]["S3DataSource"])
    filled["DataSource"] = {"S3DataSource": source}
    return filled
