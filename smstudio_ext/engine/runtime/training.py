"""Training jobs: created, run by a controller, stopped."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.runtime.cluster import hosts_of
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.jobs import new_internals, request_stop
from smstudio_ext.engine.runtime.quotas import check_instances_of_a_job, check_quota
from smstudio_ext.engine.runtime.training_controller import KIND, STOP_GRACE, TrainingController
from smstudio_ext.engine.runtime.training_request import (
    check_training_request,
    new_training_document,
    uses_own_program,
)
from smstudio_ext.engine.runtime.warm_pools import (
    extend_pool,
    keep_alive,
    settle_pools,
    shown_status,
    take_pool,
)
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

__all__ = [
    "KIND",
    "STOP_GRACE",
    "TrainingController",
    "create_training_job",
    "delete_training_job",
    "describe_training_job",
    "get_training_job",
    "stop_training_job",
    "update_training_job",
]

Document = dict[str, Any]
_UPDATED = ("ProfilerConfig", "ProfilerRuleConfigurations", "RemoteDebugConfig")


def create_training_job(
    ctx: EngineContext, region: str, request: Document, *, parent: str | None = None, slot: Slot | None = None
) -> Resource:
    """Accepts a training job and leaves it to its controller.

    Args:
        request: the validated input of CreateTrainingJob.
        parent: `Kind/name` of the resource that makes it (a tuning or an Autopilot job).
        slot: vCPUs and memory to wait for in place of what the instance type grants.

    Raises:
        ResourceInUse: the name is taken.
        ValidationException, ResourceLimitExceeded: the request cannot run here.
    """
    name = request["TrainingJobName"]
    arn = sagemaker_arn(KIND, region, name)
    if ctx.store.resources.find(KIND, region, name) is not None:
        raise _taken(arn)
    image = check_training_request(ctx, region, request)
    hosts = [host.instance_type for host in hosts_of(request["ResourceConfig"])]
    usage = "spot training job usage" if request.get("EnableManagedSpotTraining") else "training job usage"
    check_instances_of_a_job(ctx, len(hosts))
    check_quota(ctx, region, usage, Counter(hosts), kinds=(KIND,))
    now = ctx.clock.now()
    document = new_training_document(region, request, image, arn, now)
    document.update(_ancestor_arns(ctx, region, parent))
    internal = new_internals(ctx, KIND, region, name, hosts[0], slot, hosts)
    internal.update(instances=dict(Counter(hosts)), usage=usage)
    internal["own_program"] = uses_own_program(image, request)
    resource = Resource(KIND, region, name, arn, "InProgress", now, now, document, internal, parent)
    resource.status = TrainingController().enter(document, "Starting", now)
    settle_pools(ctx, region)
    cache = take_pool(ctx, region, document)
    if cache is not None or keep_alive(document):
        internal["cache"] = cache
        document["WarmPoolStatus"] = {"Status": "InUse", "ResourceRetainedBillableTimeInSeconds": 0}
    # a parent that a power cut sets back makes it again
    ctx.store.resources.create(resource, request.get("Tags") or (), durable=parent is None, taken=_taken(arn))
    ctx.reconciler.wake(*resource.key)
    return resource


def stop_training_job(ctx: EngineContext, region: str, name: str, *, grace: float = STOP_GRACE) -> Resource:
    """Asks a job to stop; it goes on to Stopping and, when its process has ended, to Stopped.

    Args:
        grace: seconds between SIGTERM and SIGKILL.

    Raises:
        ValidationException: there is no such job, or it has ended.
    """
    resource = get_training_job(ctx, region, name)
    if resource.finished:
        raise ValidationException(
            f"The request was rejected because the training job is in status {resource.status}."
        )
    request_stop(ctx, resource, TrainingController().enter, grace)
    return ctx.store.resources.get(KIND, region, name)


def get_training_job(ctx: EngineContext, region: str, name: str) -> Resource:
    """The job.

    Raises:
        ValidationException: `Requested resource not found.`
    """
    missing = ValidationException("Requested resource not found.")
    return ctx.store.resources.get(KIND, region, name, missing=missing)


def update_training_job(ctx: EngineContext, region: str, request: Document) -> Resource:
    """Changes what may be changed of a job: profiler and remote debugging while it runs, its warm pool afterwards.

    Raises:
        ValidationException: there is no such job, or its state forbids the change.
    """
    resource = get_training_job(ctx, region, request["TrainingJobName"])
    resources = request.get("ResourceConfig")
    changes = {name: request[name] for name in _UPDATED if name in request}
    if changes and resource.finished:
        raise ValidationException(
            f"The request was rejected because the training job is in status {resource.status}."
        )
    if resources is not None:
        seconds = int(resources["KeepAlivePeriodInSeconds"])
        if resource.finished:
            extend_pool(ctx, resource, seconds)
        elif not keep_alive(resource.document):
            raise ValidationException(
                "KeepAlivePeriodInSeconds can only be updated for a training job that was created with one."
            )

    def edit(row: Resource) -> None:
        row.document.update(changes)
        if resources is not None:
            row.document["ResourceConfig"]["KeepAlivePeriodInSeconds"] = int(
                resources["KeepAlivePeriodInSeconds"]
            )
        row.document["LastModifiedTime"] = ctx.clock.now()

    return ctx.store.resources.change(*resource.key, edit)


def delete_training_job(ctx: EngineContext, region: str, name: str) -> None:
    """Forgets a job that has ended; what it stored in S3, its log and its metrics stay.

    Raises:
        ValidationException: there is no such job.
        ResourceInUse: it has not ended.
    """
    resource = get_training_job(ctx, region, name)
    if not resource.finished:
        raise ResourceInUse(
            f"The training job {resource.arn} cannot be deleted while its status is {resource.status}."
        )
    if resource.document.get("WarmPoolStatus", {}).get("Status") == "Available":
        extend_pool(ctx, resource, 0)
    ctx.store.resources.delete(*resource.key)


def describe_training_job(ctx: EngineContext, region: str, name: str) -> Document:
    """The Describe document as of now.

    Raises:
        ValidationException: there is no such job.
    """
    resource = get_training_job(ctx, region, name)
    if resource.document.get("WarmPoolStatus", {}).get("Status") == "Available":
        settle_pools(ctx, region)
        resource = get_training_job(ctx, region, name)
    pool = shown_status(ctx, resource)
    return resource.document if pool is None else {**resource.document, "WarmPoolStatus": pool}


def _ancestor_arns(ctx: EngineContext, region: str, parent: str | None) -> Document:
    """The tuning job that made a job, and the Autopilot job that made that one."""
    members = {"HyperParameterTuningJob": "TuningJobArn", "AutoMLJob": "AutoMLJobArn"}
    arns: Document = {}
    while parent is not None:
        kind, _, name = parent.partition("/")
        if kind in members:
            arns[members[kind]] = sagemaker_arn(kind, region, name)
        found = ctx.store.resources.find(kind, region, name)
        parent = found.parent if found else None
    return arns


def _taken(arn: str) -> ResourceInUse:
    return ResourceInUse(
        "Training job names must be unique within an AWS account and region, and a training job with this name already "
        f"exists ({arn})"
    )
