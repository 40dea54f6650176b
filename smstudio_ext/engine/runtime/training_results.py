"""What a training job leaves: model, output, and how long it took."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.runtime.artifacts import is_empty, store_archive, store_folder
from smstudio_ext.engine.runtime.endings import whole_seconds
from smstudio_ext.engine.runtime.jobs import JobFolder
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstudio_ext.engine.store.objects import ObjectStore, S3Location

Document = dict[str, Any]


def store_output(objects: ObjectStore, document: Document, folders: Sequence[JobFolder]) -> None:
    """Stores /opt/ml/output/data of all hosts as output.tar.gz, if there is anything in it.

    Raises:
        JobFailure: the bucket is gone.
    """
    data = merged(folders, "output/data")
    if not is_empty(data):
        store_archive(objects, data, folders[0].scratch, _place(document).child("output.tar.gz"))


def store_model(objects: ObjectStore, document: Document, folders: Sequence[JobFolder]) -> str:
    """Stores /opt/ml/model of all hosts as model.tar.gz, or file by file; returns its URI.

    Raises:
        JobFailure: the bucket is gone.
    """
    model = merged(folders, "model")
    if document["OutputDataConfig"].get("CompressionType") == "NONE":
        store_folder(objects, model, _place(document).child("model"))
        return str(_place(document).child("model")) + "/"
    return store_archive(objects, model, folders[0].scratch, _place(document).child("model.tar.gz"))


def has_model(folders: Sequence[JobFolder]) -> bool:
    """Whether any host has put something into /opt/ml/model."""
    return any(not is_empty(folder.ml / "model") for folder in folders)


def merged(folders: Sequence[JobFolder], name: str) -> Path:
    """One folder with the files of all hosts below `name`; of two files of one name that of the lower host stays."""
    if len(folders) == 1:
        return folders[0].ml / name
    target = folders[0].scratch / "merged" / name
    shutil.rmtree(target, ignore_errors=True)  # of a step that was cut off
    target.mkdir(parents=True)
    for folder in folders:
        source = folder.ml / name
        for path in sorted(source.rglob("*")):
            place = target / path.relative_to(source)
            if path.is_dir() and not path.is_symlink():
                place.mkdir(parents=True, exist_ok=True)
            elif path.is_file() and not path.is_symlink() and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, place)
    return target


def times(started: float | None, ended: float | None) -> Document:
    """Members that say how long a job ran. Spot instances spare nothing on this machine, so all of it is billable."""
    seconds = whole_seconds(started, ended)
    members: Document = {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    if started is not None:
        members["TrainingStartTime"] = started
    return members


def _place(document: Document) -> S3Location:
    base = parse_s3_uri(document["OutputDataConfig"]["S3OutputPath"])
    return base.child(document["TrainingJobName"]).child("output")
