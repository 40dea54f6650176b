"""Moves a training job through its phases: inputs, the image's program on each host, results."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.runtime import cluster, warm_pools
from smstudio_ext.engine.runtime.channels import fetch_inputs, list_inputs
from smstudio_ext.engine.runtime.endings import failure_of
from smstudio_ext.engine.runtime.joblogs import TRAINING_GROUP
from smstudio_ext.engine.runtime.jobs import (
    FIRST_HOST,
    JobController,
    JobFailure,
    JobFolder,
    failed_folder,
    host_folders,
    host_log,
    job_environment,
)
from smstudio_ext.engine.runtime.launching import apply_command, container_command
from smstudio_ext.engine.runtime.optml import training_environment, write_training_config
from smstudio_ext.engine.runtime.processes import COULD_NOT_START, DISK_FULL, LOST, ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.reconciler import After, Next, controller
from smstudio_ext.engine.runtime.training_inputs import PLANS, prepare_channels
from smstudio_ext.engine.runtime.training_live import CHECKPOINTS, LiveTraining, local_folder, synced_paths
from smstudio_ext.engine.runtime.training_request import is_script
from smstudio_ext.engine.runtime.training_results import has_model, store_model, store_output, times
from smstudio_ext.engine.runtime.training_states import enter_training_state
from smstudio_ext.engine.store.objects import NoSuchBucket, parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.objects import ObjectStore
    from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]
KIND = "TrainingJob"
STOP_GRACE = 120.0
HOSTS_FILE = "hosts"
GIB = 1024
INSTANCE_STORE_MB = 16 * GIB * GIB
"""Where the request names no volume: the instance's own disk, of which the job may use all that this machine has."""
_SPOT = (
    "smstudio: managed spot training was asked for; this machine has no spot instances, so the job runs as on-demand "
    "and is never interrupted."
)


@controller
class TrainingController(JobController):
    """Starting -> Downloading -> Training -> Uploading -> Completed, or where the table leads."""

    kind = KIND
    log_group = TRAINING_GROUP

    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        document = resource.document
        hosts = cluster.hosts_of(document["ResourceConfig"])
        write_training_config(folder.ml, document, folder.host)
        folder.scratch.mkdir()
        addresses = cluster.host_addresses(resource.internal["folder"], hosts)
        cluster.write_hosts_file(folder.scratch / HOSTS_FILE, addresses)
        own = bool(resource.internal.get("own_program"))
        prepare_channels(ctx.objects, document, resource.region, folder, hosts, copy_small=own)
        for path in synced_paths(document):
            local_folder(folder, path).mkdir(parents=True, exist_ok=True)
        _restore_checkpoints(ctx.objects, resource, folder)
        if warm_pools.keep_alive(document) or resource.internal.get("cache"):
            warm_pools.fill_cache(resource.internal.get("cache"), folder)
        if document["EnableManagedSpotTraining"] and folder.host == FIRST_HOST:
            _first_line(host_log(resource, folder.host), _SPOT)

    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        document = resource.document
        algorithm = document["AlgorithmSpecification"]
        hosts = cluster.hosts_of(document["ResourceConfig"])
        grant = ctx.slots.grant_of(resource.key)
        cpus = (grant.cpus if grant else resource.internal["cpus"]) / len(hosts)
        environment = {
            **job_environment(ctx, resource.region),
            **training_environment(folder.ml, document, cpus, folder.host),
        }
        command = container_command(
            ctx,
            ctx.images.resolve(algorithm["TrainingImage"]),
            "train",
            folder.ml,
            environment,
            entrypoint=algorithm.get("ContainerEntrypoint") or (),
            arguments=algorithm.get("ContainerArguments") or (),
            script=is_script(document),
            cpus=cpus,
            memory_mb=grant.memory_mb // len(hosts) if grant else 0,
            host=folder.host if len(hosts) > 1 else "",
            addresses=cluster.host_addresses(resource.internal["folder"], hosts),
        )
        plans = folder.scratch / PLANS
        spec = ProcessSpec(
            directory=folder.process,
            log_path=host_log(resource, folder.host),
            env=environment,
            volume_mb=int(document["ResourceConfig"].get("VolumeSizeInGB") or 0) * GIB or INSTANCE_STORE_MB,
            feed=plans if plans.exists() else None,
            hosts_file=folder.scratch / HOSTS_FILE,
            hostname=folder.host if len(hosts) > 1 else "",
            timeout=_time_left(ctx, document),
            grace=STOP_GRACE,
        )
        return apply_command(command, spec)

    def watch(self, ctx: EngineContext, resource: Resource, folders: list[JobFolder]) -> Next:
        return After(LiveTraining.of(ctx).look(ctx, resource))

    def restarts(self, ctx: EngineContext, resource: Resource, end: ProcessState) -> bool:
        strategy = resource.document.get("RetryStrategy") or {}
        if end.reason not in (LOST, COULD_NOT_START):
            return False
        if int(resource.internal.get("attempt", 0)) >= int(strategy.get("MaximumRetryAttempts", 0)):
            return False
        LiveTraining.of(ctx).finish(ctx, resource)  # the next attempt begins with the checkpoints of this one
        return True

    def waited_too_long(self, ctx: EngineContext, resource: Resource) -> str | None:
        stopping = resource.document["StoppingCondition"]
        waited = ctx.clock.now() - resource.created
        for member, state in (
            ("MaxWaitTimeInSeconds", "MaxWaitTimeExceeded"),
            ("MaxPendingTimeInSeconds", "MaxPendingTimeExceeded"),
        ):
            if member in stopping and waited >= stopping[member]:
                return state
        return None

    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        document = resource.document
        folders = host_folders(resource)
        members: Document = {**LiveTraining.of(ctx).finish(ctx, resource)}
        members.update(times(end.started, end.ended))
        failure = failure_of(
            end,
            failed_folder(resource).ml,
            resource.internal["instance"],
            int(resource.internal["memory_mb"]) // len(folders),
            own_program=bool(resource.internal.get("own_program")),
        )
        if end.reason != DISK_FULL:  # an archive would take as much again
            store_output(ctx.objects, document, folders)
        if failure is not None:
            # a failed job shows its metrics and times too
            ctx.store.resources.change(*resource.key, lambda row: row.document.update(members))
            raise JobFailure(failure)
        if end.ok or has_model(folders):
            uri = store_model(ctx.objects, document, folders)
            members["ModelArtifacts"] = {"S3ModelArtifacts": uri}
        if end.ok and not resource.internal.get("stop") and warm_pools.keep_alive(document):
            members["WarmPoolStatus"] = warm_pools.open_pool(ctx, resource)
        return members

    def timeout_state(self, resource: Resource, end: ProcessState) -> str:
        longest = resource.document["StoppingCondition"]["MaxRuntimeInSeconds"]
        ran = (end.ended or 0.0) - resource.document.get("TrainingStartTime", 0.0)
        spot = "MaxWaitTimeInSeconds" in resource.document["StoppingCondition"]
        return "MaxWaitTimeExceeded" if spot and ran < longest - 1 else "MaxRuntimeExceeded"

    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        status = enter_training_state(document, state, now, message)
        pool = document.get("WarmPoolStatus")
        if pool is not None and pool["Status"] == "InUse" and status in ("Completed", "Failed", "Stopped"):
            document["WarmPoolStatus"] = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}
        return status


def _time_left(ctx: EngineContext, document: Document) -> float:
    """Seconds that the program may run; earlier attempts count, and of spot jobs what they waited."""
    stopping = document["StoppingCondition"]
    now = ctx.clock.now()
    left = stopping["MaxRuntimeInSeconds"] - (now - document.get("TrainingStartTime", now))
    if "MaxWaitTimeInSeconds" in stopping:
        left = min(left, stopping["MaxWaitTimeInSeconds"] - (now - document["CreationTime"]))
    return max(1.0, float(left))


def _restore_checkpoints(objects: ObjectStore, resource: Resource, folder: JobFolder) -> None:
    """Puts what is below CheckpointConfig.S3Uri into the job's folder; it is no mistake when there is nothing."""
    config = resource.document.get("CheckpointConfig") or {}
    if not config.get("S3Uri"):
        return
    location = parse_s3_uri(config["S3Uri"].rstrip("/") + "/")
    try:
        found = any(True for _ in objects.iterate(location.bucket, location.key))
    except NoSuchBucket as error:
        raise JobFailure(f"ClientError: The bucket of CheckpointConfig does not exist: {location}") from error
    if found:
        files = list_inputs(objects, "S3Prefix", str(location), resource.region)
        target = local_folder(folder, config.get("LocalPath") or CHECKPOINTS)
        fetch_inputs(objects, files, target, writable=True)


def _first_line(log: Path, text: str) -> None:
    """Writes a line of the engine's own into a log that is still empty."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if not log.exists():
        log.write_text(f"{int(time.time() * 1000):013d} {text}\n")
