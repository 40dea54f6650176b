"""Endpoints, jobs and notebook instances that run, over boto3: their instances, and when their time began."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from smstudio_ext.studio.metering import Span
from smstudio_ext.studio.models.running import Metered
from smstudio_ext.target import Target

Document = dict[str, Any]

_SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack"})
"""States of endpoints that hold instances; `Failed` ones and those still made do not."""


@dataclass(frozen=True)
class Held:
    """Something that runs and holds instances, or will soon.

    Attributes:
        kind: AWS's name of its kind.
        started: when its time began to count, seconds since the epoch; None before.
        spans: one for each group of equal instances.
    """

    kind: str
    name: str
    status: str
    started: float | None
    spans: tuple[Span, ...] = ()


def list_endpoints(target: Target) -> list[Held]:
    """All endpoints that are not being deleted."""
    sagemaker = target.client("sagemaker")
    found = []
    for page in sagemaker.get_paginator("list_endpoints").paginate():
        for entry in page["Endpoints"]:
            if entry["EndpointStatus"] != "Deleting":
                found.append(_endpoint(sagemaker, entry))
    return found


def list_notebook_instances(target: Target) -> list[Held]:
    """Notebook instances that are not stopped."""
    sagemaker = target.client("sagemaker")
    found = []
    for page in sagemaker.get_paginator("list_notebook_instances").paginate():
        for entry in page["NotebookInstances"]:
            status, name = entry["NotebookInstanceStatus"], entry["NotebookInstanceName"]
            if status in ("Stopped", "Failed", "Deleting"):
                continue
            # AWS counts from the last start, which is when it last changed into this state.
            started = entry.get("LastModifiedTime", entry["CreationTime"]).timestamp()
            running = started if status in ("InService", "Stopping", "Updating") else None
            spans: tuple[Span, ...] = ()
            if running is not None:
                spans = (Span("NotebookInstance", name, name, entry["InstanceType"], running, None),)
            found.append(Held("NotebookInstance", name, status, running, spans))
    return found


def list_jobs(target: Target, only: str | None = None) -> list[Held]:
    """Jobs that run, parents (which hold no instances themselves) first.

    Args:
        only: AWS's name of the one kind that is wanted.
    """
    return [held for kind in JOB_KINDS if only is None or kind.kind == only for held in _jobs(target, kind)]


def stop_job(target: Target, kind: str, name: str) -> None:
    """Stops a job; one that has ended meanwhile is no error.

    Raises:
        KeyError: there is no such kind.
    """
    from botocore.exceptions import ClientError

    job = next((each for each in JOB_KINDS if each.kind == kind), None)
    if job is None:
        raise KeyError(kind)
    try:
        getattr(target.client("sagemaker"), job.stop)(**{job.name: name})
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise


def delete_endpoint(target: Target, name: str) -> None:
    """Deletes an endpoint; its configuration and models stay."""
    target.client("sagemaker").delete_endpoint(EndpointName=name)


def stop_notebook_instance(target: Target, name: str) -> None:
    """Stops a notebook instance; its files stay."""
    target.client("sagemaker").stop_notebook_instance(NotebookInstanceName=name)


@dataclass(frozen=True)
class JobKind:
    """How AWS lists, describes and stops one kind of jobs.

    Attributes:
        metered: as what its instances are billed; None for parents, whose children are.
        instances: instance type and count of a description, several for groups of different instances.
    """

    kind: str
    operation: str
    answer: str
    name: str
    status: str
    stop: str
    metered: Metered | None = None
    describe: str = ""
    started: str = ""
    ended: str = ""
    instances: Callable[[Document], list[tuple[str, int]]] = lambda document: []


def _groups(resources: Document) -> list[tuple[str, int]]:
    groups = resources.get("InstanceGroups") or [resources]
    return [(group.get("InstanceType", ""), int(group.get("InstanceCount", 1))) for group in groups]


JOB_KINDS: tuple[JobKind, ...] = (
    JobKind(
        "AutoMLJob",
        "list_auto_ml_jobs",
        "AutoMLJobSummaries",
        "AutoMLJobName",
        "AutoMLJobStatus",
        "stop_auto_ml_job",
    ),
    JobKind(
        "HyperParameterTuningJob",
        "list_hyper_parameter_tuning_jobs",
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobStatus",
        "stop_hyper_parameter_tuning_job",
    ),
    JobKind(
        "TrainingJob",
        "list_training_jobs",
        "TrainingJobSummaries",
        "TrainingJobName",
        "TrainingJobStatus",
        "stop_training_job",
        "Training",
        "describe_training_job",
        "TrainingStartTime",
        "TrainingEndTime",
        lambda document: _groups(document["ResourceConfig"]),
    ),
    JobKind(
        "ProcessingJob",
        "list_processing_jobs",
        "ProcessingJobSummaries",
        "ProcessingJobName",
        "ProcessingJobStatus",
        "stop_processing_job",
        "Processing",
        "describe_processing_job",
        "ProcessingStartTime",
        "ProcessingEndTime",
        lambda document: _groups(document["ProcessingResources"]["ClusterConfig"]),
    ),
    JobKind(
        "TransformJob",
        "list_transform_jobs",
        "TransformJobSummaries",
        "TransformJobName",
        "TransformJobStatus",
        "stop_transform_job",
        "Transform",
        "describe_transform_job",
        "TransformStartTime",
        "TransformEndTime",
        lambda document: _groups(document["TransformResources"]),
    ),
)
"""Parents first: stopping an Autopilot job stops its training jobs."""


def job_spans(kind: JobKind, document: Document) -> tuple[Span, ...]:
    """Times of a job's instances, from its description; none before it started."""
    started, ended = document.get(kind.started), document.get(kind.ended)
    if kind.metered is None or started is None:
        return ()
    name = document[kind.name]
    over = ended.timestamp() if ended is not None else None
    return tuple(
        Span(kind.metered, name, name, instance_type, started.timestamp(), over, count)
        for instance_type, count in kind.instances(document)
        if instance_type
    )


def _jobs(target: Target, kind: JobKind) -> Iterator[Held]:
    sagemaker = target.client("sagemaker")
    for status in ("InProgress", "Stopping"):
        for page in sagemaker.get_paginator(kind.operation).paginate(StatusEquals=status):
            for entry in page[kind.answer]:
                yield _job(sagemaker, kind, entry)


def _job(sagemaker: Any, kind: JobKind, entry: Document) -> Held:
    from botocore.exceptions import ClientError

    name = entry[kind.name]
    if kind.metered is None:
        return Held(kind.kind, name, entry[kind.status], entry["CreationTime"].timestamp())
    try:
        document = getattr(sagemaker, kind.describe)(**{kind.name: name})
    except ClientError:  # it ended and was deleted between the two calls
        return Held(kind.kind, name, entry[kind.status], None)
    spans = job_spans(kind, document)
    return Held(kind.kind, name, entry[kind.status], spans[0].started if spans else None, spans)


def _endpoint(sagemaker: Any, entry: Document) -> Held:
    from botocore.exceptions import ClientError

    name, status = entry["EndpointName"], entry["EndpointStatus"]
    started = entry["CreationTime"].timestamp()
    if status not in _SERVING:
        return Held("Endpoint", name, status, None)
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
        config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    except ClientError:  # deleted between the calls, or its configuration is gone
        return Held("Endpoint", name, status, started)
    types = {
        variant["VariantName"]: variant.get("InstanceType")
        for key in ("ProductionVariants", "ShadowProductionVariants")
        for variant in config.get(key, [])
    }
    spans = []
    for key in ("ProductionVariants", "ShadowProductionVariants"):
        for variant in endpoint.get(key, []):
            instance_type = types.get(variant["VariantName"])
            count = int(variant.get("CurrentInstanceCount", 0))
            if instance_type and count:  # serverless variants hold no instances
                label = f"{name}/{variant['VariantName']}"
                spans.append(Span("Endpoint", name, label, instance_type, started, None, count))
    return Held("Endpoint", name, status, started, tuple(spans))
