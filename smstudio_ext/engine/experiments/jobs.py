"""What a trial component tells of its job: status, times, parameters and artifacts, with AWS's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.experiments.components import MOST_ARTIFACTS, MOST_PARAMETERS
from smstudio_ext.engine.store.resources import find_resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]

LONGEST_TEXT = 2500
LONGEST_MESSAGE = 1024
_INSTANCE = {
    "InstanceCount": "SageMaker.InstanceCount",
    "InstanceType": "SageMaker.InstanceType",
    "VolumeSizeInGB": "SageMaker.VolumeSizeInGB",
}


@dataclass(frozen=True)
class Source:
    """How components of one kind of job are named, and what reads their facts from the job's document."""

    suffix: str
    source_type: str
    facts: Callable[[Connection, Resource], Document]


def component_of(kind: str, job: str) -> str:
    """The name of the component that a job makes of itself."""
    return job + SOURCES[kind].suffix


def facts_of(connection: Connection, job: Resource) -> Document:
    """Members of the component that follow from the job: Status, times, Parameters, artifacts."""
    facts = SOURCES[job.kind].facts(connection, job)
    facts["Parameters"] = dict(list(facts["Parameters"].items())[:MOST_PARAMETERS])
    for member in ("InputArtifacts", "OutputArtifacts"):
        facts[member] = dict(list(facts[member].items())[:MOST_ARTIFACTS])
    return {member: value for member, value in facts.items() if value is not None}


def parameter(value: object) -> Document:
    """A parameter of a component: a number where the text is one."""
    text = str(value)
    try:
        number = float(text)
    except ValueError:
        return {"StringValue": text[:LONGEST_TEXT]}
    if number != number or number in (float("inf"), float("-inf")) or "_" in text:
        return {"StringValue": text[:LONGEST_TEXT]}
    return {"NumberValue": number}


def _training(connection: Connection, job: Resource) -> Document:
    document = job.document
    reason = document.get("FailureReason", "")
    message = f"Status: {job.status}, secondary status: {document.get('SecondaryStatus', '')}, failure reason: {reason}."
    parameters = {name: parameter(value) for name, value in (document.get("HyperParameters") or {}).items()}
    parameters.update(_resources(document["ResourceConfig"]))
    parameters["SageMaker.ImageUri"] = {"StringValue": document["AlgorithmSpecification"]["TrainingImage"]}
    inputs = {}
    for channel in document.get("InputDataConfig") or []:
        source = channel["DataSource"].get("S3DataSource") or {}
        if source.get("S3Uri"):
            inputs[channel["ChannelName"]] = _artifact(source["S3Uri"], channel.get("ContentType"))
    outputs = {}
    hook = (document.get("DebugHookConfig") or {}).get("S3OutputPath")
    if hook:
        outputs["SageMaker.DebugHookOutput"] = _artifact(hook)
    model = (document.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
    if model:
        outputs["SageMaker.ModelArtifact"] = _artifact(model)
    return {
        "Status": _status(job, message),
        "StartTime": document.get("TrainingStartTime"),
        "EndTime": document.get("TrainingEndTime"),
        "Parameters": parameters,
        "InputArtifacts": inputs,
        "OutputArtifacts": outputs,
    }


def _processing(connection: Connection, job: Resource) -> Document:
    document = job.document
    exit_message = document.get("ExitMessage", "null")
    reason = document.get("FailureReason", "null")
    application = document["AppSpecification"]
    parameters = {name: parameter(value) for name, value in (document.get("Environment") or {}).items()}
    for member in ("ContainerEntrypoint", "ContainerArguments"):
        if application.get(member):
            parameters[f"SageMaker.{member}"] = {"StringValue": " ".join(application[member])[:LONGEST_TEXT]}
    parameters.update(_resources(document["ProcessingResources"]["ClusterConfig"]))
    inputs = {"SageMaker.ImageUri": _artifact(application["ImageUri"])}
    for given in document.get("ProcessingInputs") or []:
        uri = (given.get("S3Input") or {}).get("S3Uri")
        if uri:
            inputs[given["InputName"]] = _artifact(uri)
    outputs = {}
    for wanted in (document.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
        uri = (wanted.get("S3Output") or {}).get("S3Uri")
        if uri:
            outputs[wanted["OutputName"]] = _artifact(uri)
    return {
        "Status": _status(
            job, f"Status: {job.status}, exit message: {exit_message}, failure reason: {reason}"
        ),
        "StartTime": document.get("ProcessingStartTime"),
        "EndTime": document.get("ProcessingEndTime"),
        "Parameters": parameters,
        "InputArtifacts": inputs,
        "OutputArtifacts": outputs,
    }


def _transform(connection: Connection, job: Resource) -> Document:
    document = job.document
    reason = document.get("FailureReason", "null")
    parameters = {name: parameter(value) for name, value in (document.get("Environment") or {}).items()}
    parameters.update(_resources(document["TransformResources"]))
    parameters["SageMaker.ModelName"] = {"StringValue": document["ModelName"]}
    model = find_resource(connection, "Model", job.region, document["ModelName"])
    if model is not None:
        containers = model.document.get("Containers") or [model.document.get("PrimaryContainer") or {}]
        for member, name in (("ModelDataUrl", "DataUrl"), ("Image", "Image")):
            if containers[0].get(member):
                parameters[f"SageMaker.ModelPrimary.{name}"] = {"StringValue": containers[0][member]}
    given = document["TransformInput"]
    uri = given["DataSource"]["S3DataSource"]["S3Uri"]
    return {
        "Status": _status(job, f"Status: {job.status}, failure reason: {reason}"),
        "StartTime": document.get("TransformStartTime"),
        "EndTime": document.get("TransformEndTime"),
        "Parameters": parameters,
        "InputArtifacts": {"SageMaker.TransformInput": _artifact(uri, given.get("ContentType"))},
        "OutputArtifacts": {
            "SageMaker.TransformOutput": _artifact(document["TransformOutput"]["S3OutputPath"])
        },
    }


def _status(job: Resource, message: str) -> Document:
    return {"PrimaryStatus": job.status, "Message": message[:LONGEST_MESSAGE]}


def _resources(config: Document) -> Document:
    groups = config.get("InstanceGroups")
    if groups:
        config = {**groups[0], "InstanceCount": sum(group["InstanceCount"] for group in groups), **config}
    return {name: parameter(config[member]) for member, name in _INSTANCE.items() if config.get(member)}


def _artifact(uri: str, media_type: str | None = None) -> Document:
    plain = (media_type or "").partition(";")[0].strip()
    return {"MediaType": plain, "Value": uri} if plain else {"Value": uri}


SOURCES: dict[str, Source] = {
    "TrainingJob": Source("-aws-training-job", "SageMakerTrainingJob", _training),
    "ProcessingJob": Source("-aws-processing-job", "SageMakerProcessingJob", _processing),
    "TransformJob": Source("-aws-transform-job", "SageMakerTransformJob", _transform),
}
"""Kinds of jobs that make components of themselves."""
