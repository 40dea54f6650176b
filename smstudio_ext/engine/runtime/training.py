"""Training jobs: created, run by a controller, stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.runtime.artifacts import is_empty, store_archive, store_folder
from smstudio_ext.engine.runtime.channels import data_source, fetch_inputs, list_inputs
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.joblogs import TRAINING_GROUP
from smstudio_ext.engine.runtime.jobs import (
    JobController,
    JobFailure,
    JobFolder,
    failure_of,
    job_environment,
    new_internals,
    request_stop,
    whole_seconds,
)
from smstudio_ext.engine.runtime.metrics import TRAINING_NAMESPACE, MetricReader, final_values, replace_series
from smstudio_ext.engine.runtime.optml import training_environment, write_training_config
from smstudio_ext.engine.runtime.processes import ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.reconciler import controller
from smstudio_ext.engine.runtime.states import state_machine
from smstudio_ext.engine.runtime.training_request import check_training_request, new_training_document
from smstudio_ext.engine.store.objects import parse_s3_uri
from smstudio_ext.engine.store.resources import Resource, ResourceExists

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
KIND = "TrainingJob"
STOP_GRACE = 120.0

SECONDARY = state_machine(
    "TrainingJob.SecondaryStatus",
    {
        "Starting": {"Pending", "Downloading", "Stopping", "Stopped", "Failed"},
        "Pending": {"Downloading", "Stopping", "Stopped", "Failed"},
        "Downloading": {"Training", "Stopping", "Stopped", "Failed"},
        "Training": {"Uploading", "Stopping", "Stopped", "Failed"},
        "Uploading": {"Completed", "Stopping", "Stopped", "MaxRuntimeExceeded", "Failed"},
        "Stopping": {"Stopped", "Completed", "MaxRuntimeExceeded", "Failed"},
        "Completed": (),
        "Stopped": (),
        "MaxRuntimeExceeded": (),
        "Failed": (),
    },
    notes={
        "Starting": "The job was accepted; a slot of this machine is asked for.",
        "Pending": "The machine is full; the job waits for its turn.",
        "Downloading": "Input channels are put into the job's /opt/ml.",
        "Training": "The image's program runs under a supervisor.",
        "Uploading": "Model, output and metrics are stored.",
        "Stopping": "A stop was asked for: SIGTERM, grace, SIGKILL.",
        "MaxRuntimeExceeded": "MaxRuntimeInSeconds passed; what the program had saved is stored. Status Stopped.",
    },
)
STATUS = state_machine(
    "TrainingJob.TrainingJobStatus",
    {
        "InProgress": {"Completed", "Failed", "Stopping", "Stopped"},
        "Stopping": {"Stopped", "Completed", "Failed"},
        "Completed": (),
        "Failed": (),
        "Stopped": (),
    },
)

_MESSAGES = {
    "Starting": "Starting the training job",
    "Pending": "Waiting for a free instance of this machine",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "Completed": "Training job completed",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}
_STATUS_OF = {
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
    "Completed": "Completed",
    "Failed": "Failed",
}


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
    now = ctx.clock.now()
    document = new_training_document(region, request, image, arn, now)
    document.update(_ancestor_arns(ctx, region, parent))
    internal = new_internals(ctx, KIND, region, name, request["ResourceConfig"]["InstanceType"], slot)
    internal["program"] = image.train
    resource = Resource(KIND, region, name, arn, "InProgress", now, now, document, internal, parent)
    resource.status = TrainingController().enter(document, "Starting", now)
    try:
        ctx.store.resources.create(resource, request.get("Tags") or ())
    except ResourceExists:
        raise _taken(arn) from None
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
    resource = ctx.store.resources.find(KIND, region, name)
    if resource is None:
        raise ValidationException("Requested resource not found.")
    return resource


@controller
class TrainingController(JobController):
    """Starting -> Downloading -> Training -> Uploading -> Completed, or where the table leads."""

    kind = KIND
    log_group = TRAINING_GROUP

    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        document = resource.document
        write_training_config(folder.ml, document)
        for channel in document["InputDataConfig"]:
            files = list_inputs(ctx.objects, *data_source(channel), resource.region)
            target = folder.ml / "input" / "data" / channel["ChannelName"]
            fetch_inputs(ctx.objects, files, target, gunzip=channel["CompressionType"] == "Gzip")
        checkpoints = (document.get("CheckpointConfig") or {}).get("S3Uri")
        if checkpoints:
            location = parse_s3_uri(checkpoints.rstrip("/") + "/")
            if ctx.objects.head(location.bucket, location.key) or any(
                True for _ in ctx.objects.iterate(location.bucket, location.key)
            ):
                files = list_inputs(ctx.objects, "S3Prefix", str(location), resource.region)
                fetch_inputs(ctx.objects, files, folder.ml / "checkpoints", writable=True)

    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        variables = training_environment(folder.ml, resource.document, resource.internal["cpus"])
        return ProcessSpec(
            directory=folder.process,
            log_path=Path(resource.internal["log"]),
            entry="smstudio_ext.engine.runtime.programs:run_program",
            args={"program": resource.internal["program"], "optml": str(folder.ml)},
            env={**job_environment(ctx, resource.region), **variables},
            timeout=float(resource.document["StoppingCondition"]["MaxRuntimeInSeconds"]),
            grace=STOP_GRACE,
        )

    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        document = resource.document
        output = document["OutputDataConfig"]
        place = parse_s3_uri(output["S3OutputPath"]).child(resource.name).child("output")
        metrics = self._metrics(ctx, resource)
        failure = failure_of(end, folder, resource.internal["instance"], int(resource.internal["memory_mb"]))
        if not is_empty(folder.ml / "output" / "data"):
            store_archive(
                ctx.objects, folder.ml / "output" / "data", folder.scratch, place.child("output.tar.gz")
            )
        checkpoints = (document.get("CheckpointConfig") or {}).get("S3Uri")
        if checkpoints:
            store_folder(ctx.objects, folder.ml / "checkpoints", parse_s3_uri(checkpoints))
        members: Document = {**metrics, **_times(end)}
        if failure is not None:
            self._keep(ctx, resource, members)
            raise JobFailure(failure)
        if end.ok or not is_empty(folder.ml / "model"):
            if output.get("CompressionType") == "NONE":
                store_folder(ctx.objects, folder.ml / "model", place.child("model"))
                uri = str(place.child("model")) + "/"
            else:
                uri = store_archive(
                    ctx.objects, folder.ml / "model", folder.scratch, place.child("model.tar.gz")
                )
            members["ModelArtifacts"] = {"S3ModelArtifacts": uri}
        return members

    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        secondary = "Training" if state == "Running" else state
        before = document.get("SecondaryStatus")
        if before is not None:
            SECONDARY.check(before, secondary)
        if before != secondary:
            transitions = document.setdefault("SecondaryStatusTransitions", [])
            if transitions:
                transitions[-1]["EndTime"] = now
            told = message or _MESSAGES.get(secondary, "")
            transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": told})
            if SECONDARY.is_final(secondary):
                transitions[-1]["EndTime"] = now
        if secondary == "Training":
            document.setdefault("TrainingStartTime", now)
        if SECONDARY.is_final(secondary):
            document.setdefault("TrainingEndTime", now)
        document["SecondaryStatus"] = secondary
        document["LastModifiedTime"] = now
        document["TrainingJobStatus"] = _STATUS_OF.get(secondary, "InProgress")
        return str(document["TrainingJobStatus"])

    def _metrics(self, ctx: EngineContext, resource: Resource) -> Document:
        definitions = resource.document["AlgorithmSpecification"].get("MetricDefinitions") or []
        reader = MetricReader({d["Name"]: d["Regex"] for d in definitions})
        points = reader.read(Path(resource.internal["log"]))
        if not points:
            return {}
        dimensions = {"TrainingJobName": resource.name}
        replace_series(ctx.store.database, resource.region, TRAINING_NAMESPACE, dimensions, points)
        final = [
            {"MetricName": p.name, "Value": p.value, "Timestamp": p.timestamp} for p in final_values(points)
        ]
        return {"FinalMetricDataList": final}

    def _keep(self, ctx: EngineContext, resource: Resource, members: Document) -> None:
        """A failed job shows its metrics and times too."""
        ctx.store.resources.change(*resource.key, lambda row: row.document.update(members))


def _times(end: ProcessState) -> Document:
    seconds = whole_seconds(end.started, end.ended)
    members: Document = {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    if end.started is not None:
        members["TrainingStartTime"] = end.started
    return members


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
