"""Batch transform jobs: created, run by a controller, stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException, could_not_find
from smstudio_ext.engine.runtime.artifacts import store_file
from smstudio_ext.engine.runtime.channels import InputFile, data_source, fetch_inputs, list_inputs
from smstudio_ext.engine.runtime.instances import Slot, instance_type, require_one_instance
from smstudio_ext.engine.runtime.joblogs import TRANSFORM_GROUP
from smstudio_ext.engine.runtime.jobs import (
    JobController,
    JobFailure,
    JobFolder,
    failure_of,
    job_environment,
    new_internals,
    request_stop,
)
from smstudio_ext.engine.runtime.plain_jobs import enter_state, job_states, name_taken, not_stoppable
from smstudio_ext.engine.runtime.processes import ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.reconciler import controller
from smstudio_ext.engine.runtime.training_request import check_output_bucket, not_offered
from smstudio_ext.engine.store.objects import NoSuchBucket, NoSuchKey, parse_s3_uri
from smstudio_ext.engine.store.resources import Resource, ResourceExists

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
KIND = "TransformJob"
MIB = 1024 * 1024
DEFAULT_MAX_PAYLOAD_MB = 6
STOP_GRACE = 30.0

STATUS = job_states(KIND)


def create_transform_job(
    ctx: EngineContext, region: str, request: Document, *, parent: str | None = None, slot: Slot | None = None
) -> Resource:
    """Accepts a batch transform job and leaves it to its controller.

    Args:
        request: the validated input of CreateTransformJob.
        parent: `Kind/name` of the resource that makes it.
        slot: vCPUs and memory to wait for in place of what the instance type grants.

    Raises:
        ResourceInUse: the name is taken.
        ValidationException, ResourceLimitExceeded: the model is missing, or the request cannot run here.
    """
    name = request["TransformJobName"]
    arn = sagemaker_arn(KIND, region, name)
    if ctx.store.resources.find(KIND, region, name) is not None:
        raise name_taken("Transform job", arn)
    model = ctx.store.resources.find("Model", region, request["ModelName"])
    if model is None:
        raise could_not_find("model", sagemaker_arn("Model", region, request["ModelName"]))
    _check(ctx, request)
    now = ctx.clock.now()
    document = {key: value for key, value in request.items() if key != "Tags"}
    document["TransformInput"] = {"CompressionType": "None", "SplitType": "None", **request["TransformInput"]}
    document["TransformOutput"] = {"AssembleWith": "None", "KmsKeyId": "", **request["TransformOutput"]}
    document.setdefault("DataProcessing", {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"})
    document.update(TransformJobArn=arn, CreationTime=now)
    if (parent or "").startswith("AutoMLJob/"):
        document["AutoMLJobArn"] = sagemaker_arn("AutoMLJob", region, (parent or "").partition("/")[2])
    internal = new_internals(ctx, KIND, region, name, request["TransformResources"]["InstanceType"], slot)
    internal["containers"] = _containers(ctx, model, request.get("Environment") or {})
    resource = Resource(KIND, region, name, arn, "InProgress", now, now, document, internal, parent)
    resource.status = TransformController().enter(document, "Starting", now)
    try:
        ctx.store.resources.create(resource, request.get("Tags") or ())
    except ResourceExists:
        raise name_taken("Transform job", arn) from None
    ctx.reconciler.wake(*resource.key)
    return resource


def stop_transform_job(ctx: EngineContext, region: str, name: str, *, grace: float = STOP_GRACE) -> Resource:
    """Asks a job to stop.

    Raises:
        ValidationException: there is no such job, or it has ended.
    """
    resource = get_transform_job(ctx, region, name)
    if resource.finished:
        raise not_stoppable("Transform job", resource.status)
    request_stop(ctx, resource, TransformController().enter, grace)
    return ctx.store.resources.get(KIND, region, name)


def get_transform_job(ctx: EngineContext, region: str, name: str) -> Resource:
    """The job.

    Raises:
        ValidationException: `Could not find requested job with name: ...`
    """
    resource = ctx.store.resources.find(KIND, region, name)
    if resource is None:
        raise ValidationException(f"Could not find requested job with name: {name}")
    return resource


@controller
class TransformController(JobController):
    """InProgress -> Completed, Failed or Stopped."""

    kind = KIND
    log_group = TRANSFORM_GROUP

    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        document = resource.document
        files = list_inputs(ctx.objects, *data_source(document["TransformInput"]), resource.region)
        fetch_inputs(ctx.objects, files, folder.ml / "input")
        containers = []
        for number, container in enumerate(resource.internal["containers"], 1):
            archive = folder.scratch / f"model-{number}.tar.gz"
            containers.append(
                {**container, "archive": self._fetch_model(ctx, container["model_data"], archive)}
            )
        folder.scratch.mkdir(exist_ok=True)
        (folder.scratch / "plan.json").write_text(json.dumps(_plan(document, folder, files, containers)))

    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        return ProcessSpec(
            directory=folder.process,
            log_path=Path(resource.internal["log"]),
            entry="smstudio_ext.engine.runtime.transform_program:run",
            args={"plan": str(folder.scratch / "plan.json"), "optml": str(folder.ml)},
            env=job_environment(ctx, resource.region),
            grace=STOP_GRACE,
        )

    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        failure = failure_of(end, folder, resource.internal["instance"], int(resource.internal["memory_mb"]))
        if failure is not None:
            raise JobFailure(failure)
        if end.ok:
            place = parse_s3_uri(resource.document["TransformOutput"]["S3OutputPath"])
            content_type = resource.document["TransformOutput"].get("Accept")
            output = folder.ml / "output"
            for path in sorted(output.rglob("*.out")):
                location = place.child(path.relative_to(output).as_posix())
                store_file(ctx.objects, path, location, move=False, content_type=content_type)
        return {} if end.started is None else {"TransformStartTime": end.started}

    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        return enter_state(STATUS, "Transform", document, state, now)

    def _fetch_model(self, ctx: EngineContext, uri: str | None, archive: Path) -> str | None:
        if uri is None:
            return None
        location = parse_s3_uri(uri)
        archive.parent.mkdir(parents=True, exist_ok=True)
        try:
            ctx.objects.link_to(location.bucket, location.key, archive)
        except (NoSuchBucket, NoSuchKey) as error:
            raise JobFailure(f"ClientError: Could not find model data at {uri}.") from error
        return str(archive)


def _plan(
    document: Document, folder: JobFolder, files: list[InputFile], containers: list[Document]
) -> Document:
    given = document["TransformInput"]
    split = given["SplitType"]
    limit = document.get("MaxPayloadInMB", DEFAULT_MAX_PAYLOAD_MB)
    return {
        "containers": containers,
        "files": [
            {
                "input": str(folder.ml / "input" / file.path),
                "output": str(folder.ml / "output" / f"{file.path}.out"),
                "label": f"{file.bucket}/{file.key}",
            }
            for file in files
        ],
        "content_type": given.get("ContentType")
        or ("text/csv" if split == "Line" else "application/octet-stream"),
        "accept": document["TransformOutput"].get("Accept") or "*/*",
        "split": split,
        "assemble": document["TransformOutput"]["AssembleWith"],
        "single": document.get("BatchStrategy", "MultiRecord") == "SingleRecord",
        "max_bytes": limit * MIB,
        "gzip": given["CompressionType"] == "Gzip",
    }


def _check(ctx: EngineContext, request: Document) -> None:
    given, wanted = request["TransformInput"], request["TransformOutput"]
    if given.get("SplitType", "None") not in ("None", "Line"):
        raise not_offered(f"SplitType {given['SplitType']}")
    processing = request.get("DataProcessing") or {}
    whole = processing.get("InputFilter", "$") == "$" and processing.get("OutputFilter", "$") == "$"
    if not whole or processing.get("JoinSource", "None") != "None":
        raise not_offered("DataProcessing (input and output filters, joins)")
    if request.get("DataCaptureConfig"):
        raise not_offered("Data capture of batch transform jobs")
    parse_s3_uri(data_source(given)[1])
    check_output_bucket(ctx, wanted["S3OutputPath"])
    resources = request["TransformResources"]
    instance_type(resources["InstanceType"])
    require_one_instance(resources["InstanceType"], resources["InstanceCount"], "transform job")


def _containers(ctx: EngineContext, model: Resource, environment: dict[str, str]) -> list[Document]:
    definitions = model.document.get("Containers") or [model.document["PrimaryContainer"]]
    containers = []
    for number, definition in enumerate(definitions, 1):
        image = ctx.images.resolve(definition["Image"])
        if image.serve is None:
            raise ValidationException(f"The image '{definition['Image']}' has no serving program.")
        containers.append(
            {
                "name": definition.get("ContainerHostname") or f"container-{number}",
                "serve": image.serve,
                "environment": {**(definition.get("Environment") or {}), **environment},
                "model_data": definition.get("ModelDataUrl"),
            }
        )
    return containers
