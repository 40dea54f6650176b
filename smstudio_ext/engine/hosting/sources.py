"""Where the data of a model comes from: archives, folders and files in the local S3."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import AwsError, ValidationException
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.store.objects import ObjectStore

TAR, FOLDER, FILE = "tar", "folder", "file"


class ModelDataMissing(Exception):
    """Model data is not there (any more), or there is no room for it."""


def main_source(definition: dict[str, Any]) -> tuple[str, str] | None:
    """(address, layout) of a container's model data from ModelDataUrl or ModelDataSource; None if it has none.

    Raises:
        ValidationException: both are given, or a combination that AWS has not.
    """
    url, source = definition.get("ModelDataUrl"), definition.get("ModelDataSource")
    if url and source:
        raise ValidationException("You must provide either ModelDataUrl or ModelDataSource, and not both.")
    if url:
        return str(url), TAR
    return _s3_source(source["S3DataSource"]) if source and source.get("S3DataSource") else None


def further_sources(definition: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """(address, layout) by channel of a container's AdditionalModelDataSources.

    Raises:
        ValidationException: a channel is named twice, or a combination that AWS has not.
    """
    found: dict[str, tuple[str, str]] = {}
    for source in definition.get("AdditionalModelDataSources") or ():
        if source["ChannelName"] in found:
            raise ValidationException(f"ChannelName {source['ChannelName']} is used twice.")
        found[source["ChannelName"]] = _s3_source(source["S3DataSource"])
    return found


def _s3_source(source: dict[str, Any]) -> tuple[str, str]:
    uri, kind, compression = str(source["S3Uri"]), source["S3DataType"], source["CompressionType"]
    if source.get("HubAccessConfig") or source.get("ManifestS3Uri"):
        raise ValidationException(
            "HubAccessConfig and ManifestS3Uri of a ModelDataSource are not offered yet by the local engine."
        )
    if kind == "S3Prefix":
        if compression == "Gzip":
            raise ValidationException(
                "S3DataType S3Prefix needs CompressionType None: give S3Object for a compressed archive."
            )
        if not uri.endswith("/"):
            raise ValidationException(f"S3Uri {uri} of S3DataType S3Prefix must end with a slash.")
        return uri, FOLDER
    return uri, TAR if compression == "Gzip" else FILE


def exists(objects: ObjectStore, url: str, layout: str) -> bool:
    """Whether the object (an object below the prefix, for a folder) is in the local S3."""
    try:
        location = parse_s3_uri(url)
        if layout == FOLDER:
            return next(iter(objects.iterate(location.bucket, location.key)), None) is not None
        return bool(location.key) and objects.head(location.bucket, location.key) is not None
    except AwsError:
        return False


def fetch(objects: ObjectStore, url: str, layout: str, target: Path, container: str) -> None:
    """Keeps a copy of model data at `target`, unless it is there; hard links where the disk allows.

    Raises:
        ModelDataMissing: it is gone, or the disk is full.
    """
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(target.name + "~")
    if aside.is_dir():
        shutil.rmtree(aside)
    aside.unlink(missing_ok=True)
    failed = f'Failed to download model data for container "{container}" from URL: "{url}".'
    try:
        location = parse_s3_uri(url)
        if layout == FOLDER:
            _fetch_folder(objects, location.bucket, location.key, aside)
        else:
            objects.link_to(location.bucket, location.key, aside)
    except OSError as error:
        raise ModelDataMissing(f"{failed} {error.strerror}.") from error
    except AwsError as error:
        raise ModelDataMissing(
            f"{failed} Please ensure that there is an object located at the URL."
        ) from error
    aside.rename(target)


def _fetch_folder(objects: ObjectStore, bucket: str, prefix: str, target: Path) -> None:
    target.mkdir()
    root = target.resolve()
    for found in objects.iterate(bucket, prefix):
        name = found.key[len(prefix) :]
        if not name or name.endswith("/"):
            continue
        place = (target / name).resolve()
        if not place.is_relative_to(root) or place == root:
            continue  # a key like `../x` has no place in a folder
        place.parent.mkdir(parents=True, exist_ok=True)
        objects.link_to(bucket, found.key, place)
