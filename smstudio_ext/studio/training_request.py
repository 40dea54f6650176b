"""A training form as AWS's request, and AWS's description of a job as a form again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from smstudio_ext.aws_rules import TAG
from smstudio_ext.studio.algorithms import algorithm_of_image, framework_of_image, image_of
from smstudio_ext.studio.models.base import Tag
from smstudio_ext.studio.models.training_form import (
    MetricDefinition,
    TrainingChannel,
    TrainingForm,
    TrainingScript,
)
from smstudio_ext.target import Target

Document = dict[str, Any]

PROGRAM = "sagemaker_program"
SUBMIT_DIRECTORY = "sagemaker_submit_directory"
_SERVICE_PARAMETERS = frozenset(
    {PROGRAM, SUBMIT_DIRECTORY, "sagemaker_container_log_level", "sagemaker_job_name", "sagemaker_region"}
)
_EMPTY: tuple[Any, ...] = (None, "", False, [], {})


def training_image(target: Target, form: TrainingForm) -> str | None:
    """The image URI that a form stands for; none when it names no known one."""
    if form.source == "image" or form.image:
        return (form.image or "").strip() or None
    if form.source == "algorithm":
        return image_of(target, form.algorithm, form.version) if form.algorithm else None
    return image_of(target, form.framework, form.version, framework=True) if form.framework else None


def training_request(
    target: Target, form: TrainingForm, *, output: str, role: str | None, script_uri: str | None
) -> Document:
    """The `CreateTrainingJob` request of a form.

    Args:
        output: S3 location for the model.
        script_uri: where the packed program is, or will be, for `source` script.
    """
    algorithm: Document = {
        "TrainingImage": training_image(target, form) or "",
        "TrainingInputMode": form.input_mode,
    }
    if form.metric_definitions:
        algorithm["MetricDefinitions"] = [
            {"Name": each.name, "Regex": each.regex} for each in form.metric_definitions
        ]
    stopping = given(MaxRuntimeInSeconds=form.max_runtime_seconds)
    request: Document = {
        "TrainingJobName": form.name,
        "AlgorithmSpecification": algorithm,
        "RoleArn": role or "",
        "OutputDataConfig": {"S3OutputPath": output},
        "ResourceConfig": {
            "InstanceType": form.instance_type,
            "InstanceCount": form.instance_count,
            "VolumeSizeInGB": form.volume_gb,
        },
    }
    parameters = _hyperparameters(target, form, script_uri)
    if parameters:
        request["HyperParameters"] = parameters
    if form.channels:
        request["InputDataConfig"] = [channel_request(channel) for channel in form.channels]
    if form.spot:
        request["EnableManagedSpotTraining"] = True
        stopping.update(given(MaxWaitTimeInSeconds=form.max_wait_seconds or form.max_runtime_seconds))
    if stopping:
        request["StoppingCondition"] = stopping
    if form.checkpoint_s3_uri:
        request["CheckpointConfig"] = {"S3Uri": form.checkpoint_s3_uri}
    if form.network_isolation:
        request["EnableNetworkIsolation"] = True
    if form.environment:
        request["Environment"] = dict(form.environment)
    if form.tags:
        request["Tags"] = [{"Key": tag.key, "Value": tag.value} for tag in form.tags]
    return merged(request, form.further)


def channel_request(channel: TrainingChannel) -> Document:
    """One channel as AWS takes it; what is AWS's default is left out."""
    source = given(
        S3DataType=channel.data_type,
        S3Uri=channel.s3_uri,
        S3DataDistributionType=channel.distribution,
        AttributeNames=channel.attribute_names or None,
    )
    made = given(
        ChannelName=channel.name,
        DataSource={"S3DataSource": source},
        ContentType=channel.content_type,
        CompressionType=channel.compression if channel.compression != "None" else None,
        RecordWrapperType=channel.record_wrapper if channel.record_wrapper != "None" else None,
        InputMode=channel.input_mode,
    )
    if channel.shuffle_seed is not None:
        made["ShuffleConfig"] = {"Seed": channel.shuffle_seed}
    return made


def form_of_job(target: Target, job: Document, *, name: str) -> TrainingForm:
    """The form that would create a job like this one.

    Args:
        job: as DescribeTrainingJob tells it.
        name: of the new job.
    """
    image = job.get("AlgorithmSpecification", {}).get("TrainingImage")
    parameters = dict(job.get("HyperParameters", {}))
    script = _script_of(parameters)
    algorithm = algorithm_of_image(image) if script is None else None
    framework = framework_of_image(image) if script is not None else None
    resources, stopping = job.get("ResourceConfig", {}), job.get("StoppingCondition", {})
    form = TrainingForm(
        name=name,
        source="script" if script else "algorithm" if algorithm else "image",
        algorithm=algorithm[0] if algorithm else None,
        framework=framework[0] if framework else None,
        version=(algorithm or framework or (None, None))[1],
        image=image if not algorithm and not framework else None,
        script=script,
        input_mode=job.get("AlgorithmSpecification", {}).get("TrainingInputMode", "File"),
        hyperparameters={key: value for key, value in parameters.items() if key not in _SERVICE_PARAMETERS}
        if script
        else parameters,
        metric_definitions=[] if algorithm else _definitions(job),
        channels=[
            _channel_of(c)
            for c in job.get("InputDataConfig", [])
            if "S3DataSource" in c.get("DataSource", {})
        ],
        output_s3_uri=job.get("OutputDataConfig", {}).get("S3OutputPath"),
        instance_type=resources.get("InstanceType", "ml.m5.large"),
        instance_count=resources.get("InstanceCount", 1),
        volume_gb=resources.get("VolumeSizeInGB", 30),
        max_runtime_seconds=stopping.get("MaxRuntimeInSeconds"),
        spot=job.get("EnableManagedSpotTraining", False),
        max_wait_seconds=stopping.get("MaxWaitTimeInSeconds"),
        checkpoint_s3_uri=job.get("CheckpointConfig", {}).get("S3Uri"),
        network_isolation=job.get("EnableNetworkIsolation", False),
        role_arn=job.get("RoleArn"),
        environment=job.get("Environment", {}),
    )
    form.further = _further(target, form, job, drop_definitions=algorithm is not None)
    return form


def tags_of(target: Target, arn: str) -> list[Tag]:
    """A resource's own tags, without those that AWS and we set; empty when the target does not tell."""
    from botocore.exceptions import ClientError

    try:
        answer = target.client("sagemaker").list_tags(ResourceArn=arn)
    except ClientError:
        return []
    return [
        Tag(key=tag["Key"], value=tag["Value"])
        for tag in answer.get("Tags", [])
        if not tag["Key"].startswith("aws:") and tag["Key"] != TAG["Key"]
    ]


def copy_name(name: str, now: datetime, limit: int) -> str:
    """A name for a copy: the old one without its last stamp, and a new stamp."""
    stamp = now.strftime("%m%d-%H%M%S")
    base, mark, _ = name.partition("-copy-")
    suffix = f"-copy-{stamp}"
    return f"{(base if mark else name)[: limit - len(suffix)].rstrip('-')}{suffix}"


def merged(first: Document, second: Document) -> Document:
    """`first` with the members of `second`, which win; structures are merged, lists taken whole."""
    result = dict(first)
    for key, value in second.items():
        before = result.get(key)
        result[key] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def restricted(shape: Any, value: Any) -> Any:
    """The part of a description that a request's shape knows."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            key: restricted(shape.members[key], inner) for key, inner in value.items() if key in shape.members
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [restricted(shape.member, inner) for inner in value]
    return value


def differing(whole: Document, known: Document) -> Document:
    """Members of `whole` that `known` lacks or has otherwise; empty ones and AWS's own defaults do not count."""
    rest: Document = {}
    for key, value in whole.items():
        if value in _EMPTY or known.get(key) == value:
            continue
        if isinstance(value, dict) and isinstance(known.get(key), dict):
            inner = differing(value, known[key])
            if inner:
                rest[key] = inner
        elif key not in known or not isinstance(value, dict):
            rest[key] = value
    return rest


def given(**members: Any) -> Document:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value not in (None, "")}


def _hyperparameters(target: Target, form: TrainingForm, script_uri: str | None) -> dict[str, str]:
    parameters = {name: value for name, value in form.hyperparameters.items() if value != ""}
    if form.source == "script" and form.script is not None:
        entry = form.script.entry_point or (form.script.path or "").rpartition("/")[2]
        # The SDK writes its own as JSON, and the images' toolkit reads them so.
        parameters[PROGRAM] = json.dumps(entry)
        parameters[SUBMIT_DIRECTORY] = json.dumps(script_uri or "")
        parameters["sagemaker_container_log_level"] = "20"
        parameters["sagemaker_region"] = json.dumps(target.region)
        if form.name:
            parameters["sagemaker_job_name"] = json.dumps(form.name)
    return parameters


def _script_of(parameters: dict[str, str]) -> TrainingScript | None:
    if SUBMIT_DIRECTORY not in parameters:
        return None
    return TrainingScript(
        s3_uri=plain(parameters[SUBMIT_DIRECTORY]), entry_point=plain(parameters.get(PROGRAM, "")) or None
    )


def plain(value: str) -> str:
    """A hyperparameter's text without the quotes of JSON that the SDK puts around texts."""
    try:
        loaded = json.loads(value)
    except ValueError:
        return value
    return loaded if isinstance(loaded, str) else value


def _definitions(job: Document) -> list[MetricDefinition]:
    return [
        MetricDefinition(name=each["Name"], regex=each["Regex"])
        for each in job.get("AlgorithmSpecification", {}).get("MetricDefinitions", [])
    ]


def _channel_of(channel: Document) -> TrainingChannel:
    source = channel["DataSource"]["S3DataSource"]
    return TrainingChannel(
        name=channel.get("ChannelName", ""),
        s3_uri=source.get("S3Uri", ""),
        data_type=source.get("S3DataType", "S3Prefix"),
        distribution=source.get("S3DataDistributionType", "FullyReplicated"),
        content_type=channel.get("ContentType"),
        compression=channel.get("CompressionType", "None"),
        record_wrapper=channel.get("RecordWrapperType", "None"),
        input_mode=channel.get("InputMode"),
        attribute_names=source.get("AttributeNames", []),
        shuffle_seed=channel.get("ShuffleConfig", {}).get("Seed"),
    )


def _further(target: Target, form: TrainingForm, job: Document, *, drop_definitions: bool) -> Document:
    """What the job has and the form has no field for."""
    shape = target.client("sagemaker").meta.service_model.operation_model("CreateTrainingJob").input_shape
    whole = restricted(shape, job)
    for name in ("TrainingJobName", "HyperParameters", "RoleArn", "Tags"):
        whole.pop(name, None)
    algorithm = whole.get("AlgorithmSpecification", {})
    if drop_definitions:
        algorithm.pop("MetricDefinitions", None)  # the image has them itself
    channels = whole.get("InputDataConfig", [])
    if all("S3DataSource" in channel.get("DataSource", {}) for channel in channels):
        whole.pop("InputDataConfig", None)  # the form's channels say it all; others it cannot show
    built = training_request(
        target, form, output=form.output_s3_uri or "", role=form.role_arn, script_uri=None
    )
    rest = differing(whole, built)
    if rest.get("OutputDataConfig", {}).get("CompressionType") == "GZIP":
        rest["OutputDataConfig"].pop("CompressionType")
    return {key: value for key, value in rest.items() if value not in _EMPTY}
