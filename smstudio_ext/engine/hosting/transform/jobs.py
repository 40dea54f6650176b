"""Batch transform jobs: created, run by a controller, stopped."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.hosting.models import container_spec, get_model, is_direct, serving_containers
from smstudio_ext.engine.hosting.sources import ModelDataMissing, fetch
from smstudio_ext.engine.hosting.transform.request import check_transform_request, new_transform_document
from smstudio_ext.engine.runtime.artifacts import store_file
from smstudio_ext.engine.runtime.channels import InputFile, data_source, fetch_inputs, list_inputs
from smstudio_ext.engine.runtime.endings import failure_of
from smstudio_ext.engine.runtime.instances import Slot, instance_type
from smstudio_ext.engine.runtime.joblogs import TRANSFORM_GROUP
from smstudio_ext.engine.runtime.jobs import (
    JobController,
    JobFailure,
    JobFolder,
    job_environment,
    new_internals,
)
from smstudio_ext.engine.runtime.plain_jobs import STOP_GRACE, PlainJobs
from smstudio_ext.engine.runtime.processes import ProcessSpec, ProcessState
from smstudio_ext.engine.runtime.quotas import check_quota
from smstudio_ext.engine.runtime.reconciler import controller
from smstudio_ext.engine.runtime.supervisor import read_json
from smstudio_ext.engine.store.objects import parse_s3_uri
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.hosting.fleet import Container

Document = dict[str, Any]
JOBS = PlainJobs("Transform")
KIND = JOBS.kind
get_transform_job = JOBS.get
stop_transform_job = JOBS.stop  # as on AWS, none of its output is stored
DEFAULT_TIMEOUT, DEFAULT_RETRIES = 600, 3
ENTRY = "smstudio_ext.engine.hosting.transform.program:run"


def create_transform_job(
    ctx: EngineContext, region: str, request: Document, *, parent: str | None = None, slot: Slot | None = None
) -> Resource:
    """Accepts a batch transform job and leaves it to its controller.

    Args:
        request: the validated input of CreateTransformJob.
        parent: `Kind/name` of the resource that makes it.
        slot: vCPUs and memory to wait for in place of what the instances grant.

    Raises:
        ResourceInUse: the name is taken.
        ValidationException: the model is missing, or the request cannot run here.
    """
    name = request["TransformJobName"]
    arn = JOBS.new_arn(ctx, region, name)
    model = get_model(ctx, region, request["ModelName"])
    check_transform_request(ctx, request)
    containers = _containers(ctx, model)
    document = new_transform_document(request, arn, ctx.clock.now())
    resources = request["TransformResources"]
    granted = instance_type(resources["InstanceType"])
    count = int(resources["InstanceCount"])
    instances = {resources["InstanceType"]: count}
    check_quota(ctx, region, "transform job usage", instances, kinds=(KIND,))
    wanted = slot or Slot(granted.vcpus * count, granted.memory_mb * count)
    internal = new_internals(ctx, KIND, region, name, resources["InstanceType"], wanted)
    internal["instances"] = instances
    internal["containers"] = [container_fields(one, document) for one in containers]
    return JOBS.accept(ctx, region, name, document, internal, tags=request.get("Tags"), parent=parent)


@controller
class TransformController(JobController):
    """InProgress -> Completed, Failed or Stopped."""

    kind = KIND
    log_group = TRANSFORM_GROUP

    def prepare(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        document = resource.document
        files = list_inputs(ctx.objects, *data_source(document["TransformInput"]), resource.region)
        fetch_inputs(ctx.objects, files, folder.ml / "input")
        folder.scratch.mkdir(exist_ok=True)
        specs = []
        for number, container in enumerate(resource.internal["containers"], 1):
            specs.append(self._fetch_model(ctx, container, folder.scratch / f"container-{number}"))
        plan = _plan(resource, folder, files, specs)
        (folder.scratch / "plan.json").write_text(json.dumps(plan))

    def process(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> ProcessSpec:
        containers = resource.internal["containers"]
        own = containers[0]["spec"]["environment"] if len(containers) == 1 else {}
        return ProcessSpec(
            directory=folder.process,
            log_path=Path(resource.internal["log"]),
            entry=ENTRY,
            args={"plan": str(folder.scratch / "plan.json"), "optml": str(folder.ml)},
            env={**job_environment(ctx, resource.region), "SAGEMAKER_REGION": resource.region, **own},
            grace=STOP_GRACE,
        )

    def collect(
        self, ctx: EngineContext, resource: Resource, folder: JobFolder, end: ProcessState
    ) -> Document:
        told = read_json(folder.scratch / "failure.json")
        failure = failure_of(
            end, folder.ml, resource.internal["instance"], int(resource.internal["memory_mb"])
        )
        if end.ok or (failure is not None and told is not None):
            self._store(ctx, resource, folder)
        if failure is not None:
            raise JobFailure(str(told["reason"]) if told is not None else failure)
        return {} if end.started is None else {"TransformStartTime": end.started}

    def enter(self, document: Document, state: str, now: float, message: str = "") -> str:
        return JOBS.enter(document, state, now)

    def _store(self, ctx: EngineContext, resource: Resource, folder: JobFolder) -> None:
        """Stores the answers of every file that was transformed whole, and the manifests of data capture."""
        output = resource.document["TransformOutput"]
        place = parse_s3_uri(output["S3OutputPath"])
        root = folder.ml / "output"
        done = folder.scratch / "done.json"
        if not done.exists():  # a repeated step finds some of them moved away
            names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*.out"))]
            part = done.with_suffix(".part")
            part.write_text(json.dumps(names))
            part.rename(done)
        names = json.loads(done.read_text())
        for name in names:
            if (root / name).exists():
                store_file(ctx.objects, root / name, place.child(name), content_type=output.get("Accept"))
        capture = resource.document.get("DataCaptureConfig")
        if capture and names:
            _store_manifests(ctx, resource, folder, capture["DestinationS3Uri"], names)

    def _fetch_model(self, ctx: EngineContext, container: Document, folder: Path) -> Document:
        """Puts a container's model data into a folder; returns what `load_container` takes."""
        spec: Document = json.loads(json.dumps(container["spec"]))
        spec["cache"] = str(ctx.settings.data_dir / "environments")
        places = [(container["main"], spec)] if container["main"] else []
        places += [(source, spec["sources"][channel]) for channel, source in container["sources"].items()]
        for number, (source, target) in enumerate(places):
            path = folder / f"{number}-{target['file_name'] or 'model'}"
            try:
                fetch(ctx.objects, source["model_data"], source["layout"], path, spec["name"])
            except ModelDataMissing as error:
                raise JobFailure(
                    f"ClientError: Could not find model data at {source['model_data']}. {error}"
                ) from error
            target["archive"] = str(path)
        return spec

    def _open_log(self, ctx: EngineContext, resource: Resource) -> str:
        """Registers AWS's streams: `<job>/<instance>` of the model, `<job>/<instance>/data-log` of each instance."""
        path = Path(resource.internal["log"])
        path.parent.mkdir(parents=True, exist_ok=True)
        for number, (name, log) in enumerate(_data_logs(resource)):
            if number == 0:
                ctx.logs.register(resource.region, self.log_group, f"{resource.name}/{name}", path)
            log.touch()
            ctx.logs.register(resource.region, self.log_group, f"{resource.name}/{name}/data-log", log)
        return f"{resource.name}/{_data_logs(resource)[0][0]}"


def _containers(ctx: EngineContext, model: Resource) -> list[Container]:
    if is_direct(model.document):
        raise ValidationException(
            "Batch transform doesn't support models whose containers are invoked directly (InferenceExecutionConfig Mode Direct)."
        )
    containers = serving_containers(ctx, model)
    for container in containers:
        if container.models is not None:
            raise ValidationException(
                "Batch transform doesn't support multi-model containers (Mode MultiModel)."
            )
        if not container.serve and not container.launch:
            raise ValidationException(f"The image '{container.image}' has no serving program.")
    return containers


def container_fields(container: Container, document: Document) -> Document:
    """What a job's row keeps of a container: where its data are, and what `load_container` takes."""
    spec = container_spec(container, Path(), Path())
    environment = {**spec["environment"], **(document.get("Environment") or {}), "SAGEMAKER_BATCH": "true"}
    settings = {
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": document.get("MaxPayloadInMB"),
        "SAGEMAKER_BATCH_STRATEGY": {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}.get(
            document.get("BatchStrategy", "")
        ),
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": document.get("MaxConcurrentTransforms"),
    }
    for name, value in settings.items():
        if value is not None:
            environment.setdefault(name, str(value))
    main = None
    if container.model_data is not None:
        main = {"model_data": container.model_data, "layout": container.layout}
    return {
        "main": main,
        "sources": {channel: dict(source) for channel, source in container.sources.items()},
        "spec": {**spec, "environment": environment},
    }


def _plan(resource: Resource, folder: JobFolder, files: list[InputFile], specs: list[Document]) -> Document:
    document = resource.document
    given, processing = document["TransformInput"], document["DataProcessing"]
    client = document.get("ModelClientConfig") or {}
    identified = (document.get("DataCaptureConfig") or {}).get("GenerateInferenceId")
    started = datetime.fromtimestamp(resource.created, timezone.utc)
    lines = given["SplitType"] == "Line"
    return {
        "containers": specs,
        "files": [
            {
                "input": str(folder.ml / "input" / file.path),
                "output": str(folder.ml / "output" / f"{file.path}.out"),
                "label": f"{file.bucket}/{file.key}",
            }
            for file in files
        ],
        "content_type": given.get("ContentType") or ("text/csv" if lines else "application/octet-stream"),
        "accept": document["TransformOutput"].get("Accept") or "*/*",
        "split": given["SplitType"],
        "assemble": document["TransformOutput"]["AssembleWith"],
        "strategy": document.get("BatchStrategy"),
        "max_payload_mb": document.get("MaxPayloadInMB"),
        "concurrent": document.get("MaxConcurrentTransforms") or None,
        "gzip": given["CompressionType"] == "Gzip",
        "input_filter": processing["InputFilter"],
        "output_filter": processing["OutputFilter"],
        "join": processing["JoinSource"] == "Input",
        "inference_time": started.strftime("%Y-%m-%dT%H:%M:%SZ") if identified else None,
        "timeout": client.get("InvocationsTimeoutInSeconds", DEFAULT_TIMEOUT),
        "retries": client.get("InvocationsMaxRetries", DEFAULT_RETRIES),
        "cpus": resource.internal["cpus"],
        "instances": document["TransformResources"]["InstanceCount"],
        "data_logs": [str(path) for _, path in _data_logs(resource)],
    }


def _data_logs(resource: Resource) -> list[tuple[str, Path]]:
    """Name and data log of each instance."""
    log = Path(resource.internal["log"])
    token = re.sub(r"[^0-9a-f]", "0", log.stem.rpartition("-")[2])
    count = int(resource.document["TransformResources"]["InstanceCount"])
    return [
        (f"i-{token:0>12}{number:05x}", log.with_name(f"{log.stem}-data-{number}.log"))
        for number in range(1, count + 1)
    ]


def _store_manifests(
    ctx: EngineContext, resource: Resource, folder: JobFolder, destination: str, names: list[str]
) -> None:
    """Data capture of a transform job: manifests of the inputs and of the outputs, by the hour in which it was created."""
    plan = read_json(folder.scratch / "plan.json") or {}
    done = {str(folder.ml / "output" / name) for name in names}
    inputs = [f"s3://{file['label']}" for file in plan["files"] if file["output"] in done]
    output = str(parse_s3_uri(resource.document["TransformOutput"]["S3OutputPath"])).rstrip("/") + "/"
    hour = datetime.fromtimestamp(resource.created, timezone.utc).strftime("%Y/%m/%d/%H")
    name = Path(resource.internal["folder"]).name
    prefix = inputs[0].rpartition("/")[0] + "/" if inputs else ""
    while prefix and not all(uri.startswith(prefix) for uri in inputs):
        prefix = prefix.rstrip("/").rpartition("/")[0] + "/"
    for part, base, members in (
        ("input", prefix, [uri[len(prefix) :] for uri in inputs]),
        ("output", output, names),
    ):
        location = parse_s3_uri(destination).child(f"{part}/{hour}/{name}.json")
        body = json.dumps([{"prefix": base}, *members]).encode()
        ctx.objects.put_bytes(location.bucket, location.key, body, content_type="application/json")
