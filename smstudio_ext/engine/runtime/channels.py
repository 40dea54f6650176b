"""Input channels: S3 prefixes and manifests become files below /opt/ml/input/data."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.runtime.jobs import JobFailure
from smstudio_ext.engine.store.objects import NoSuchBucket, NoSuchKey, parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.store.objects import ObjectStore


@dataclass(frozen=True)
class InputFile:
    """An object, its place below the folder of its channel, and its size in bytes."""

    bucket: str
    key: str
    path: str
    size: int = 0


def list_inputs(objects: ObjectStore, data_type: str, uri: str, region: str) -> list[InputFile]:
    """The objects that an S3 data source names.

    Args:
        data_type: `S3Prefix` or `ManifestFile`.

    Raises:
        JobFailure: there are none, or the manifest cannot be read.
    """
    try:
        found = list(_manifest(objects, uri) if data_type == "ManifestFile" else _prefix(objects, uri))
    except (NoSuchBucket, NoSuchKey):
        found = []
    if not found:
        bucket = parse_s3_uri(uri).bucket
        raise JobFailure(
            f'ClientError: No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the '
            f"bucket exists in the selected region ({region}) and that objects exist under that S3 prefix "
            f"(bucket {bucket!r})."
        )
    return found


def fetch_inputs(
    objects: ObjectStore,
    files: list[InputFile],
    folder: Path,
    *,
    gunzip: bool = False,
    writable: bool = False,
) -> None:
    """Puts the objects below `folder`; hard links where they are only read.

    Args:
        gunzip: unpacks each file; `.gz` goes from its name.

    Raises:
        JobFailure: a key cannot be a file name, two keys clash, or a gzip file is broken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in dict.fromkeys(files):  # a manifest may name an object twice
        target = _place(folder, file)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if gunzip:
                _gunzip(objects, file, target.with_suffix("") if target.suffix == ".gz" else target)
            else:
                objects.link_to(file.bucket, file.key, target, writable=writable)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise JobFailure(
                f"ClientError: Data download failed: s3://{file.bucket}/{file.key} cannot be stored as {file.path!r}, "
                "because another object has that name."
            ) from error


def _prefix(objects: ObjectStore, uri: str) -> Iterator[InputFile]:
    location = parse_s3_uri(uri)
    prefix = location.key
    for info in objects.iterate(location.bucket, prefix):
        if info.key.endswith("/"):
            continue  # the marker of a folder
        if info.key == prefix:
            path = info.key.rsplit("/", 1)[-1]
        elif not prefix or prefix.endswith("/"):
            path = info.key[len(prefix) :]
        elif info.key[len(prefix)] == "/":
            path = info.key[len(prefix) + 1 :]
        else:  # the prefix ends inside a name
            path = info.key[prefix.rfind("/") + 1 :]
        yield InputFile(location.bucket, info.key, path, info.size)


def _manifest(objects: ObjectStore, uri: str) -> Iterator[InputFile]:
    location = parse_s3_uri(uri)
    with objects.open(location.bucket, location.key) as file:
        try:
            content = json.loads(file.read())
            base = parse_s3_uri(content[0]["prefix"])
            names = [str(name) for name in content[1:]]
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise JobFailure(
                f'ClientError: The manifest "{uri}" cannot be read: expected '
                '[{"prefix": "s3://bucket/prefix/"}, "relative/path", ...].'
            ) from error
    for name in names:
        info = objects.head(base.bucket, base.key + name)
        if info is None:
            raise JobFailure(
                f'ClientError: The manifest "{uri}" names s3://{base.bucket}/{base.key}{name}, which does not exist.'
            )
        yield InputFile(base.bucket, base.key + name, name, info.size)


def _place(folder: Path, file: InputFile) -> Path:
    parts = [part for part in file.path.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or "\0" in file.path or any(len(part.encode()) > 255 for part in parts):
        raise JobFailure(
            f"ClientError: Data download failed: s3://{file.bucket}/{file.key} cannot be a file name here."
        )
    return folder.joinpath(*parts)


def _gunzip(objects: ObjectStore, file: InputFile, target: Path) -> None:
    try:
        with (
            objects.open(file.bucket, file.key) as packed,
            gzip.open(packed) as source,
            target.open("xb") as sink,
        ):
            shutil.copyfileobj(source, sink, 1 << 20)
    except (gzip.BadGzipFile, EOFError) as error:
        raise JobFailure(
            f"ClientError: Data download failed: s3://{file.bucket}/{file.key} is not a gzip file ({error})."
        ) from error


def data_source(channel: dict[str, Any]) -> tuple[str, str]:
    """(data type, URI) of a channel or a transform input."""
    source = channel["DataSource"]["S3DataSource"]
    return source.get("S3DataType", "S3Prefix"), source["S3Uri"]
