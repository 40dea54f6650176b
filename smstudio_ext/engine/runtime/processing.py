"""Processing jobs: created, run by a controller, stopped."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.runtime.cluster import host_addresses, hosts_of, write_hosts_file
from smstudio_ext.engine.runtime.endings import failure_of
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.joblogs import PROCESSING_GROUP
from smstudio_ext.engine.runtime.jobs import (
    JobController,
    JobFailure,
    JobFolder,
    failed_folder,
    host_folders,
    job_environment,
    new_internals,
)
from smstudio_ext.engine.runtime.launching import apply_command, container_command
from smstudio_ext.engine.runtime.plain_jobs import STOP_GRACE, PlainJobs
from smstudio_ext.engine.runtime.processes import ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.processing_files import (
    PLANS,
    exit_message,
    fetch_processing_inputs,
    store_changes,
    store_outputs,
    write_processing_config,
)
from smstudio_ext.engine.runtime.processing_request import check_processing_request
from smstudio_ext.engine.runtime.quotas import check_quota
from smstudio_ext.engine.runtime.reconciler import WAIT, After, Next, controller
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
JOBS = PlainJobs("Processing")
KIND = JOBS.kind
get_processing_job = JOBS.get
stop_processing_job = JOBS.stop
DEFAULT_MAX_RUNTIME = 86_400
CONTINUOUS_SECONDS = 2.0
"""How often outputs of the mode Continuous are looked at."""


def create_processing_job(
    ctx: EngineContext, region: str, request: Document, *, parent: str | None = None, slot: Slot | None = None
) -> Resource:
    """Accepts a processing job and leaves it to its controller.

    Args:
        request: the validated input of CreateProcessingJob.
        parent: `Kind/name` of the resource that makes it.
        slot: vCPUs and memory to wait for in place of what the instance type grants.

    Raises:
        ResourceInUse: the name is taken.
        ValidationException, ResourceLimitExceeded: the request cannot run here.
    """
    name = request["ProcessingJobName"]
    arn = JOBS.new_arn(ctx, region, name)
    image = check_processing_request(ctx, request)
    document = {key: value for key, value in request.items() if key != "Tags"}
    document["StoppingCondition"] = {
        "MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME,
        **(request.get("StoppingCondition") or {}),
    }
    document.update(ProcessingJobArn=arn, CreationTime=ctx.clock.now())
    cluster = request["ProcessingResources"]["ClusterConfig"]
    kinds = [host.instance_type for host in hosts_of(cluster)]
    instances = dict(Counter(kinds))
    check_quota(ctx, region, "processing job usage", instances, kinds=(KIND,))
    internal = new_internals(ctx, KIND, region, name, cluster["InstanceType"], slot, kinds)
    internal["instances"] = instances
    own = image.starts_by_launch("process", entrypoint=_has_entry_point(request))
    internal["program"] = None if own else image.process
    return JOBS.accept(ctx, region, name, document, internal, tags=request.get("Tags"), parent=parent)


@controller
class ProcessingController(JobController):
    """InProgress -> Completed, Failed or Stopped."""

    kind = KIND
    log_group = PROCESSING_GROUP

    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        write_processing_config(folder.ml, resource.document, folder.host)
        own = resource.internal["program"] is None
        fetch_processing_inputs(ctx, resource, folder, own_program=own)

    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        document = resource.document
        application = document["AppSpecification"]
        cluster = document["ProcessingResources"]["ClusterConfig"]
        environment = {
            **job_environment(ctx, resource.region),
            "PROCESSING_JOB_NAME": resource.name,
            "PROCESSING_JOB_ARN": resource.arn,
            **(document.get("Environment") or {}),
        }
        plans = folder.scratch / PLANS
        spec = ProcessSpec(
            directory=folder.process,
            log_path=Path(resource.internal["log"]),
            env=environment,
            volume_mb=cluster["VolumeSizeInGB"] * 1024,
            feed=plans if plans.exists() else None,
            timeout=float(document["StoppingCondition"]["MaxRuntimeInSeconds"]),
            grace=STOP_GRACE,
        )
        hosts = hosts_of(cluster)
        addresses = host_addresses(resource.arn, hosts)
        spec.hosts_file = folder.path / "hosts.txt"
        write_hosts_file(spec.hosts_file, addresses)
        spec.hostname = folder.host if len(hosts) > 1 else ""
        grant = ctx.slots.grant_of(resource.key)
        command = container_command(
            ctx,
            ctx.images.resolve(application["ImageUri"]),
            "process",
            folder.ml,
            environment,
            entrypoint=application.get("ContainerEntrypoint") or (),
            arguments=application.get("ContainerArguments") or (),
            cpus=(grant.cpus if grant else resource.internal["cpus"]) / len(hosts),
            memory_mb=grant.memory_mb // len(hosts) if grant else 0,
            host=spec.hostname,
            addresses=addresses,
        )
        return apply_command(command, spec)

    def watch(self, ctx: EngineContext, resource: Resource, folders: list[JobFolder]) -> Next:
        continuous = [store_changes(ctx.objects, resource.document, folder) for folder in folders]
        return After(CONTINUOUS_SECONDS) if any(continuous) else WAIT

    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        for host in host_folders(resource):
            store_outputs(ctx.objects, resource.document, host)
        failed = failed_folder(resource)
        members: Document = {} if end.started is None else {"ProcessingStartTime": end.started}
        message = exit_message(failed)
        if message is not None:
            members["ExitMessage"] = message
        failure = _failure(resource, failed, end)
        if failure is not None:
            ctx.store.resources.change(*resource.key, lambda row: row.document.update(members))
            raise JobFailure(failure)
        return members

    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        return JOBS.enter(document, state, now)


def _failure(resource: Resource, folder: JobFolder, end: ProcessState) -> str | None:
    """FailureReason in AWS's form: a program of the user's is told by its exit code alone."""
    own = resource.internal["program"] is None
    reason = failure_of(
        end, folder.ml, resource.internal["instance"], int(resource.internal["memory_mb"]), own_program=own
    )
    if reason is not None and own and reason.startswith("AlgorithmError: , exit code"):
        return "AlgorithmError: See job logs for more information" + reason.removeprefix("AlgorithmError: ")
    return reason


def _has_entry_point(request: Document) -> bool:
    application = request["AppSpecification"]
    return bool(application.get("ContainerEntrypoint") or application.get("ContainerArguments"))
