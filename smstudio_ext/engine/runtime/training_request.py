"""What CreateTrainingJob accepts here, and the Describe document of a new training job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime.cluster import hosts_of
from smstudio_ext.engine.runtime.instances import instance_type
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.images.registry import Image

Document = dict[str, Any]
DEFAULT_MAX_RUNTIME = 86_400
SCRIPT_PARAMETER = "sagemaker_program"
OPT_ML = "/opt/ml/"
TUNING_OBJECTIVE = "_tuning_objective_metric"
OBJECTIVE_METRIC = "ObjectiveMetric"
_NOT_OFFERED = {
    "ServerlessJobConfig": "Serverless training jobs (ServerlessJobConfig)",
    "ModelPackageConfig": "Registering a model package from a training job (ModelPackageConfig)",
    "SessionChainingConfig": "Session tag chaining (SessionChainingConfig)",
}
_RULES = {
    "DebugRuleConfigurations": "DebugRuleEvaluationStatuses",
    "ProfilerRuleConfigurations": "ProfilerRuleEvaluationStatuses",
}
_RULES_NOT_RUN = "The local engine does not evaluate Debugger and Profiler rules."


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
    image = _check_algorithm(ctx, request)
    _check_resources(request)
    _check_stopping(request)
    channels = request.get("InputDataConfig") or []
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) < len(names):
        raise ValidationException("Channel names in InputDataConfig must be unique.")
    groups = {host.group for host in hosts_of(request["ResourceConfig"])}
    for channel in channels:
        _check_channel(channel, algorithm.get("TrainingInputMode", "File"), groups)
    check_output_bucket(ctx, request["OutputDataConfig"]["S3OutputPath"])
    for member in ("CheckpointConfig", "TensorBoardOutputConfig", "DebugHookConfig"):
        _check_local_path(member, request.get(member) or {})
    return image


def is_script(document: Document) -> bool:
    """Whether a request (or a job's document) names a script of the user's."""
    return SCRIPT_PARAMETER in (document.get("HyperParameters") or {})


def uses_own_program(image: Image, request: Document) -> bool:
    """Whether the job runs a program of the user's, not one of an image that is a function here."""
    algorithm = request["AlgorithmSpecification"]
    entrypoint = bool(algorithm.get("ContainerEntrypoint") or algorithm.get("ContainerArguments"))
    return entrypoint or image.starts_by_launch("train", script=is_script(request))


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


def with_metric_definitions(algorithm: Document, image: Image) -> Document:
    """An AlgorithmSpecification with the image's own metrics besides the given ones, as Describe calls show it."""
    own = {d["Name"]: d["Regex"] for d in algorithm.get("MetricDefinitions") or []}
    known = {d.name: d.regex for d in image.metric_definitions}
    every = [{"Name": n, "Regex": r} for n, r in {**known, **own}.items()]
    return {**algorithm, "MetricDefinitions": every} if every else algorithm


def _with_objective(algorithm: Document, request: Document) -> Document:
    """Jobs of a tuning job also tell their objective under one name, whatever the metric: charts compare them by it."""
    objective = (request.get("HyperParameters") or {}).get(TUNING_OBJECTIVE)
    known = {d["Name"]: d["Regex"] for d in algorithm.get("MetricDefinitions") or []}
    if objective not in known or OBJECTIVE_METRIC in known:
        return algorithm
    more = {"Name": OBJECTIVE_METRIC, "Regex": known[objective]}
    return {**algorithm, "MetricDefinitions": [*algorithm["MetricDefinitions"], more]}


def new_training_document(region: str, request: Document, image: Image, arn: str, now: float) -> Document:
    """The Describe document of a job that was just created."""
    document = {key: value for key, value in request.items() if key != "Tags"}
    algorithm: Document = {"TrainingInputMode": "File", "EnableSageMakerMetricsTimeSeries": False}
    algorithm.update(request["AlgorithmSpecification"])
    document["AlgorithmSpecification"] = _with_objective(with_metric_definitions(algorithm, image), request)
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
    for member, statuses in _RULES.items():
        if request.get(member):
            document[statuses] = [
                {
                    "RuleConfigurationName": rule["RuleConfigurationName"],
                    "RuleEvaluationStatus": "Error",
                    "StatusDetails": _RULES_NOT_RUN,
                    "LastModifiedTime": now,
                }
                for rule in request[member]
            ]
    return document


def _check_algorithm(ctx: EngineContext, request: Document) -> Image:
    algorithm = request["AlgorithmSpecification"]
    if algorithm.get("AlgorithmName"):
        raise not_offered("AlgorithmName (algorithm resources and marketplace algorithms)")
    if not algorithm.get("TrainingImage"):
        raise ValidationException("You must specify either TrainingImage or AlgorithmName, but not both.")
    image = ctx.images.resolve(algorithm["TrainingImage"])
    if not uses_own_program(image, request):
        if image.train is None:
            raise ValidationException(f"The image '{algorithm['TrainingImage']}' has no training program.")
        if is_script(request):
            raise ValidationException(
                f"The image '{algorithm['TrainingImage']}' does not run scripts (hyperparameter {SCRIPT_PARAMETER})."
            )
    elif (
        algorithm.get("ContainerArguments") and not algorithm.get("ContainerEntrypoint") and not image.launch
    ):
        raise ValidationException(
            f"The image '{algorithm['TrainingImage']}' takes no ContainerArguments without ContainerEntrypoint."
        )
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
    for member, what in (
        ("TrainingPlanArn", "Training plans (TrainingPlanArn)"),
        ("InstancePreferences", "A choice of instance types (InstancePreferences)"),
    ):
        if resources.get(member):
            raise not_offered(what)
    groups = resources.get("InstanceGroups")
    if groups:
        if resources.get("InstanceType") or resources.get("InstanceCount"):
            raise ValidationException(
                "ResourceConfig takes either InstanceGroups, or InstanceType and InstanceCount, but not both."
            )
        names = [group["InstanceGroupName"] for group in groups]
        if len(set(names)) < len(names):
            raise ValidationException("InstanceGroupName must be unique in InstanceGroups.")
    elif not resources.get("InstanceType") or not resources.get("InstanceCount"):
        raise ValidationException("ResourceConfig needs InstanceType and InstanceCount.")
    for group in groups or [resources]:
        instance_type(group["InstanceType"])
        if group["InstanceCount"] < 1:
            raise ValidationException("InstanceCount must be at least 1.")


def _check_stopping(request: Document) -> None:
    stopping = request.get("StoppingCondition") or {}
    wait, run = stopping.get("MaxWaitTimeInSeconds"), stopping.get("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME)
    spot = request.get("EnableManagedSpotTraining")
    if wait is not None and not spot:
        raise ValidationException(
            "MaxWaitTimeInSeconds above 0 is not supported when Managed Spot Training is disabled."
        )
    if (wait is None and spot) or (wait is not None and wait < run):
        raise ValidationException(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds."
        )
    if spot and request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        raise ValidationException("KeepAlivePeriodInSeconds is not supported with Managed Spot Training.")


def _check_channel(channel: Document, mode: str, groups: set[str]) -> None:
    name = channel["ChannelName"]
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        kind = next(iter(channel["DataSource"]), "no source")
        raise not_offered(f"Channel {name}: {kind} (file systems and data sets; use S3DataSource)")
    kind = source.get("S3DataType", "S3Prefix")
    mode = channel.get("InputMode") or mode
    names = source.get("AttributeNames")
    if kind not in ("S3Prefix", "ManifestFile", "AugmentedManifestFile"):
        raise not_offered(f"Channel {name}: S3DataType {kind}")
    if kind == "AugmentedManifestFile" and mode != "Pipe":
        raise ValidationException(
            f"Channel {name}: S3DataType AugmentedManifestFile is only supported with input mode Pipe."
        )
    if (kind == "AugmentedManifestFile") != bool(names):
        raise ValidationException(
            f"Channel {name}: AttributeNames are required for, and only for, S3DataType AugmentedManifestFile."
        )
    if mode == "FastFile" and channel.get("CompressionType", "None") != "None":
        raise ValidationException(
            f"Channel {name}: CompressionType Gzip is not supported with FastFile mode."
        )
    if mode != "Pipe" and channel.get("RecordWrapperType", "None") != "None":
        raise ValidationException(
            f"Channel {name}: RecordWrapperType RecordIO is only supported with input mode Pipe."
        )
    unknown = set(source.get("InstanceGroupNames") or ()) - groups
    if unknown:
        raise ValidationException(
            f"Channel {name}: InstanceGroupNames names unknown groups {sorted(unknown)}."
        )
    parse_s3_uri(source["S3Uri"])


def _check_local_path(member: str, config: Document) -> None:
    path = config.get("LocalPath")
    if path and (not path.startswith(OPT_ML) or ".." in path.split("/")):
        raise not_offered(f"{member}.LocalPath '{path}' (a folder that is not below /opt/ml)")
    for uri in (config.get("S3Uri"), config.get("S3OutputPath")):
        if uri:
            parse_s3_uri(uri)


def _channel_with_defaults(channel: Document) -> Document:
    filled = {"CompressionType": "None", "RecordWrapperType": "None", **channel}
    source = {"S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated"}
    source.update(channel["DataSource"]["S3DataSource"])
    filled["DataSource"] = {"S3DataSource": source}
    return filled
