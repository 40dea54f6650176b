"""Results of jobs: archives of folders, stored as objects."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from smstudio_ext.engine.runtime.jobs import JobFailure
from smstudio_ext.engine.store.objects import NoSuchBucket

if TYPE_CHECKING:
    from smstudio_ext.engine.store.objects import ObjectStore, S3Location

ARCHIVE_TYPE = "application/x-tar"


def pack(folder: Path, archive: Path) -> None:
    """Makes a gzipped tar file of what is in `folder` (files and folders; names relative to it)."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            tar.add(path, arcname=path.name, filter=_ordinary)


def store_archive(objects: ObjectStore, folder: Path, scratch: Path, location: S3Location) -> str:
    """Packs `folder` and stores it at `location`; storing it again replaces it. Returns its URI.

    Raises:
        JobFailure: the bucket is gone.
    """
    archive = scratch / location.key.rsplit("/", 1)[-1]
    archive.unlink(missing_ok=True)
    pack(folder, archive)
    store_file(objects, archive, location, content_type=ARCHIVE_TYPE)
    return str(location)


def store_folder(objects: ObjectStore, folder: Path, location: S3Location) -> int:
    """Stores every file below `folder` under `location`; returns how many.

    Raises:
        JobFailure: the bucket is gone.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    for path in files:
        store_file(objects, path, location.child(path.relative_to(folder).as_posix()), move=False)
    return len(files)


def store_file(
    objects: ObjectStore,
    path: Path,
    location: S3Location,
    *,
    move: bool = True,
    content_type: str | None = None,
) -> None:
    """Stores one file.

    Raises:
        JobFailure: the bucket is gone.
    """
    try:
        objects.put_file(location.bucket, location.key, path, move=move, content_type=content_type)
    except NoSuchBucket as error:
        raise JobFailure(
            f"ClientError: Artifact upload failed: The specified bucket does not exist: {location}"
        ) from error


def is_empty(folder: Path) -> bool:
    """Whether there is nothing in a folder (or no folder)."""
    return not folder.is_dir() or not any(folder.iterdir())


def _ordinary(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if not (member.isreg() or member.isdir()):
        return None  # links and devices do not travel
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
