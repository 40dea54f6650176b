"""The files of a processing job: its configuration, inputs below /opt/ml/processing, outputs stored at the end or meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime import pipes
from smstudio_ext.engine.runtime.artifacts import store_file, store_folder
from smstudio_ext.engine.runtime.channels import InputFile, fetch_inputs, list_inputs
from smstudio_ext.engine.runtime.cluster import hosts_of, resource_config
from smstudio_ext.engine.runtime.endings import what_was_told
from smstudio_ext.engine.store.objects import S3Location, parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.runtime.jobs import JobFolder
    from smstudio_ext.engine.store.objects import ObjectStore
    from smstudio_ext.engine.store.resources import Resource

Document = dict[str, Any]
OPT_ML = "/opt/ml/"
MESSAGE = "output/message"
LONGEST_MESSAGE = 1024
PLANS = "pipes.json"

COPIED_BYTES = 64 * 1024 * 1024
"""Smaller files are the program's own copies, which it may change (many a script unpacks or edits its input in place);
larger ones are links to the object, for reading."""


def local_path(ml: Path, path: str) -> Path:
    """Where a path of the job (`/opt/ml/processing/...`) is on this machine.

    Raises:
        ValidationException: the path is not below /opt/ml.
    """
    parts = path.rstrip("/").split("/")
    if not path.startswith(OPT_ML) or ".." in parts or len(parts) < 4:
        raise ValidationException(f"Invalid LocalPath '{path}': it must be below /opt/ml/processing.")
    return ml.joinpath(*parts[3:])


def write_processing_config(ml: Path, document: Document, host: str) -> None:
    """Makes `config/processingjobconfig.json` and `config/resourceconfig.json` of one host, and the outputs' folders."""
    config = ml / "config"
    config.mkdir(parents=True)
    described = {key: value for key, value in document.items() if not key.endswith(("Time", "Status"))}
    (config / "processingjobconfig.json").write_text(json.dumps(described))
    hosts = hosts_of(document["ProcessingResources"]["ClusterConfig"])
    (config / "resourceconfig.json").write_text(json.dumps(resource_config(hosts, host)))
    (ml / "output").mkdir()
    for target in _outputs(document):
        local_path(ml, target["LocalPath"]).mkdir(parents=True, exist_ok=True)


def fetch_processing_inputs(
    ctx: EngineContext, resource: Resource, folder: JobFolder, *, own_program: bool
) -> Path | None:
    """Puts a host's inputs in their places; returns the plans of its FIFOs, if it has any.

    Args:
        own_program: the program is the user's and may change small inputs.

    Raises:
        JobFailure: an input is at fault.
    """
    hosts = [host.name for host in hosts_of(resource.document["ProcessingResources"]["ClusterConfig"])]
    plans: list[pipes.PipePlan] = []
    for given in resource.document.get("ProcessingInputs") or []:
        if given.get("AppManaged"):
            continue
        source = given["S3Input"]
        files = list_inputs(ctx.objects, source["S3DataType"], source["S3Uri"], resource.region)
        if source.get("S3DataDistributionType") == "ShardedByS3Key":
            files = files[hosts.index(folder.host) :: len(hosts)]
        place = local_path(folder.ml, source["LocalPath"])
        if source.get("S3InputMode") == "Pipe":
            gunzip = source.get("S3CompressionType") == "Gzip"
            plans.append(_plan(ctx.objects, folder, given["InputName"], place, files, gunzip=gunzip))
        else:
            _fetch(ctx.objects, files, place, own_program=own_program)
    if not plans:
        return None
    path = folder.scratch / PLANS
    pipes.write_plans(path, plans)
    for plan in plans:
        pipes.make_first_fifos(plan)
    return path


def store_outputs(objects: ObjectStore, document: Document, folder: JobFolder) -> None:
    """Stores everything that a host left in its outputs' folders."""
    for target in _outputs(document):
        place = local_path(folder.ml, target["LocalPath"])
        location = parse_s3_uri(target["S3Uri"])
        if place.is_file():
            store_file(objects, place, location.child(place.name), move=False)
        else:
            store_folder(objects, place, location)


def store_changes(objects: ObjectStore, document: Document, folder: JobFolder) -> bool:
    """Stores what is new or changed in outputs of the mode Continuous; whether the job has such outputs."""
    continuous = [target for target in _outputs(document) if target["S3UploadMode"] == "Continuous"]
    for target in continuous:
        place = local_path(folder.ml, target["LocalPath"])
        for path, location in _files(place, parse_s3_uri(target["S3Uri"])):
            if _is_newer(objects, path, location):
                store_file(objects, path, location, move=False)
    return bool(continuous)


def exit_message(folder: JobFolder) -> str | None:
    """What the program left in /opt/ml/output/message."""
    return what_was_told(folder.ml / MESSAGE, LONGEST_MESSAGE)


def _outputs(document: Document) -> list[Document]:
    """The S3Outputs that the engine stores."""
    outputs = (document.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    return [wanted["S3Output"] for wanted in outputs if not wanted.get("AppManaged")]


def _fetch(objects: ObjectStore, files: list[InputFile], place: Path, *, own_program: bool) -> None:
    place.mkdir(parents=True, exist_ok=True)
    small: list[InputFile] = []
    large: list[InputFile] = []
    for file in files:
        (small if own_program and file.size <= COPIED_BYTES else large).append(file)
    fetch_inputs(objects, small, place, writable=True)
    fetch_inputs(objects, large, place)


def _plan(
    objects: ObjectStore, folder: JobFolder, name: str, place: Path, files: list[InputFile], *, gunzip: bool
) -> pipes.PipePlan:
    """The plan of an input's FIFOs `<LocalPath>_<epoch>`, which get its objects one after the other."""
    kept = folder.scratch / "pipes" / name
    fetch_inputs(objects, files, kept)
    rows = folder.scratch / f"rows-{name}.jsonl"
    with rows.open("w") as sink:
        for file in files:
            sink.write(
                json.dumps([{"file": str(kept / file.path), "name": f"s3://{file.bucket}/{file.key}"}]) + "\n"
            )
    place.parent.mkdir(parents=True, exist_ok=True)
    return pipes.PipePlan(fifo=str(place), rows=str(rows), gunzip=gunzip)


def _files(place: Path, location: S3Location) -> Iterator[tuple[Path, S3Location]]:
    for path in sorted(place.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path, location.child(path.relative_to(place).as_posix())


def _is_newer(objects: ObjectStore, path: Path, location: S3Location) -> bool:
    try:
        state = path.stat()
    except FileNotFoundError:
        return False  # the program took it away meanwhile
    stored = objects.head(location.bucket, location.key)
    return stored is None or stored.size != state.st_size or stored.modified < state.st_mtime
