"""Processing jobs: created, run by a controller, stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime.artifacts import store_folder
from smstudio_ext.engine.runtime.channels import fetch_inputs, list_inputs
from smstudio_ext.engine.runtime.instances import Slot, instance_type, require_one_instance
from smstudio_ext.engine.runtime.joblogs import PROCESSING_GROUP
from smstudio_ext.engine.runtime.jobs import (
    JobController,
    JobFailure,
    JobFolder,
    failure_of,
    job_environment,
    new_internals,
    request_stop,
)
from smstudio_ext.engine.runtime.optml import resource_config
from smstudio_ext.engine.runtime.plain_jobs import enter_state, job_states, name_taken, not_stoppable
from smstudio_ext.engine.runtime.processes import ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.reconciler import controller
from smstudio_ext.engine.runtime.training_request import check_output_bucket, not_offered
from smstudio_ext.engine.store.objects import parse_s3_uri
from smstudio_ext.engine.store.resources import Resource, ResourceExists

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.images.registry import Image

Document = dict[str, Any]
KIND = "ProcessingJob"
OPT_ML = "/opt/ml/"
DEFAULT_MAX_RUNTIME = 86_400
STOP_GRACE = 30.0

STATUS = job_states(KIND)


def create_processing_job(
    ctx: EngineContext, region: str, request: Document, *, parent: str | None = None, slot: Slot | None = None
) -> Resource:
    """Accepts a processing job of an image that has a `process` program.

    Args:
        request: the validated input of CreateProcessingJob.
        parent: `Kind/name` of the resource that makes it.
        slot: vCPUs and memory to wait for in place of what the instance type grants.

    Raises:
        ResourceInUse: the name is taken.
        ValidationException, ResourceLimitExceeded: the request cannot run here.
    """
    name = request["ProcessingJobName"]
    arn = sagemaker_arn(KIND, region, name)
    if ctx.store.resources.find(KIND, region, name) is not None:
        raise name_taken("Processing job", arn)
    image = _check(ctx, request)
    now = ctx.clock.now()
    document = {key: value for key, value in request.items() if key != "Tags"}
    document["StoppingCondition"] = {
        "MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME,
        **(request.get("StoppingCondition") or {}),
    }
    document.update(ProcessingJobArn=arn, CreationTime=now)
    if (parent or "").startswith("AutoMLJob/"):
        document["AutoMLJobArn"] = sagemaker_arn("AutoMLJob", region, (parent or "").partition("/")[2])
    instance = request["ProcessingResources"]["ClusterConfig"]["InstanceType"]
    internal = new_internals(ctx, KIND, region, name, instance, slot)
    internal["program"] = image.process
    resource = Resource(KIND, region, name, arn, "InProgress", now, now, document, internal, parent)
    resource.status = ProcessingController().enter(document, "Starting", now)
    try:
        ctx.store.resources.create(resource, request.get("Tags") or ())
    except ResourceExists:
        raise name_taken("Processing job", arn) from None
    ctx.reconciler.wake(*resource.key)
    return resource


def stop_processing_job(ctx: EngineContext, region: str, name: str, *, grace: float = STOP_GRACE) -> Resource:
    """Asks a job to stop.

    Raises:
        ValidationException: there is no such job, or it has ended.
    """
    resource = get_processing_job(ctx, region, name)
    if resource.finished:
        raise not_stoppable("Processing job", resource.status)
    request_stop(ctx, resource, ProcessingController().enter, grace)
    return ctx.store.resources.get(KIND, region, name)


def get_processing_job(ctx: EngineContext, region: str, name: str) -> Resource:
    """The job.

    Raises:
        ValidationException: `Could not find requested job with name: ...`
    """
    resource = ctx.store.resources.find(KIND, region, name)
    if resource is None:
        raise ValidationException(f"Could not find requested job with name: {name}")
    return resource


@controller
class ProcessingController(JobController):
    """InProgress -> Completed, Failed or Stopped."""

    kind = KIND
    log_group = PROCESSING_GROUP

    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        document = resource.document
        config = folder.ml / "config"
        config.mkdir(parents=True)
        described = {key: value for key, value in document.items() if not key.endswith("Time")}
        (config / "processingjobconfig.json").write_text(json.dumps(described))
        instance = document["ProcessingResources"]["ClusterConfig"]["InstanceType"]
        (config / "resourceconfig.json").write_text(json.dumps(resource_config(instance)))
        for given in document.get("ProcessingInputs") or []:
            source = given["S3Input"]
            files = list_inputs(
                ctx.objects, source.get("S3DataType", "S3Prefix"), source["S3Uri"], resource.region
            )
            gunzip = source.get("S3CompressionType") == "Gzip"
            fetch_inputs(ctx.objects, files, local_path(folder.ml, source["LocalPath"]), gunzip=gunzip)
        for wanted in _outputs(document):
            local_path(folder.ml, wanted["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)

    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        document = resource.document
        return ProcessSpec(
            directory=folder.process,
            log_path=Path(resource.internal["log"]),
            entry="smstudio_ext.engine.runtime.programs:run_program",
            args={"program": resource.internal["program"], "optml": str(folder.ml)},
            env={
                **job_environment(ctx, resource.region),
                "PROCESSING_JOB_NAME": resource.name,
                "PROCESSING_JOB_ARN": resource.arn,
                **(document.get("Environment") or {}),
            },
            timeout=float(document["StoppingCondition"]["MaxRuntimeInSeconds"]),
            grace=STOP_GRACE,
        )

    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        failure = failure_of(end, folder, resource.internal["instance"], int(resource.internal["memory_mb"]))
        for wanted in _outputs(resource.document):
            place = local_path(folder.ml, wanted["S3Output"]["LocalPath"])
            store_folder(ctx.objects, place, parse_s3_uri(wanted["S3Output"]["S3Uri"]))
        if failure is not None:
            raise JobFailure(failure)
        return {} if end.started is None else {"ProcessingStartTime": end.started}

    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        status = enter_state(STATUS, "Processing", document, state, now)
        if status == "Failed" and message:
            document["ExitMessage"] = message[:1024]
        return status


def local_path(ml: Path, path: str) -> Path:
    """Where a path of the job (`/opt/ml/processing/...`) is on this machine.

    Raises:
        ValidationException: the path is not below /opt/ml.
    """
    parts = path.rstrip("/").split("/")
    if not path.startswith(OPT_ML) or ".." in parts:
        raise ValidationException(f"Invalid LocalPath '{path}': it must be below /opt/ml/processing.")
    return ml.joinpath(*parts[3:])


def _outputs(document: Document) -> list[Document]:
    return list((document.get("ProcessingOutputConfig") or {}).get("Outputs") or [])


def _check(ctx: EngineContext, request: Document) -> Image:
    application = request["AppSpecification"]
    image = ctx.images.resolve(application["ImageUri"])
    if (
        image.process is None
        or application.get("ContainerEntrypoint")
        or application.get("ContainerArguments")
    ):
        raise not_offered(f"Processing jobs with your own program (image '{application['ImageUri']}')")
    for given in request.get("ProcessingInputs") or []:
        if not given.get("S3Input") or not given["S3Input"].get("LocalPath"):
            raise not_offered(f"Input {given['InputName']}: a source other than S3Input with a LocalPath")
        local_path(Path("/"), given["S3Input"]["LocalPath"])
        parse_s3_uri(given["S3Input"]["S3Uri"])
    for wanted in _outputs(request):
        if not wanted.get("S3Output") or not wanted["S3Output"].get("LocalPath"):
            raise not_offered(f"Output {wanted['OutputName']}: a target other than S3Output with a LocalPath")
        local_path(Path("/"), wanted["S3Output"]["LocalPath"])
        check_output_bucket(ctx, wanted["S3Output"]["S3Uri"])
    cluster = request["ProcessingResources"]["ClusterConfig"]
    if not cluster.get("InstanceType"):
        raise ValidationException("ProcessingResources.ClusterConfig needs InstanceType and InstanceCount.")
    instance_type(cluster["InstanceType"])
    require_one_instance(cluster["InstanceType"], cluster.get("InstanceCount", 1), "processing job")
    return image
