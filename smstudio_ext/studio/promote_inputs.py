"""Copies a job's inputs from one target to another: objects, prefixes, and the manifests that list them."""

from __future__ import annotations

import json
from typing import Any

from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

_MANIFESTS = ("ManifestFile", "AugmentedManifestFile")
_LARGEST_MANIFEST = 100 * 1024 * 1024


def manifests_of(value: Any) -> set[str]:
    """S3 addresses in a request that are manifests."""
    if isinstance(value, list):
        return {uri for each in value for uri in manifests_of(each)}
    if not isinstance(value, dict):
        return set()
    own = {value["S3Uri"]} if value.get("S3DataType") in _MANIFESTS and "S3Uri" in value else set()
    return own | {uri for inner in value.values() for uri in manifests_of(inner)}


def copied(source: Target, to: Target, origin: str, destination: str, *, manifest: bool) -> tuple[int, int]:
    """Copies an object, or all below a prefix, through this machine.

    Args:
        manifest: the object lists others: they are copied beside it, and the list names the copies.

    Returns:
        How many objects, and how many bytes.

    Raises:
        BadInput: the manifest cannot be read.
    """
    if manifest:
        return _with_listed(source, to, origin, destination)
    old_bucket, prefix = split_s3_uri(origin)
    new_bucket, new_prefix = split_s3_uri(destination)
    count = size = 0
    pages = source.client("s3").get_paginator("list_objects_v2").paginate(Bucket=old_bucket, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", []):
            body = source.client("s3").get_object(Bucket=old_bucket, Key=each["Key"])["Body"]
            to.client("s3").upload_fileobj(body, new_bucket, f"{new_prefix}{each['Key'][len(prefix) :]}")
            count, size = count + 1, size + each["Size"]
    return count, size


def _with_listed(source: Target, to: Target, origin: str, destination: str) -> tuple[int, int]:
    """Copies a manifest and what it lists."""
    bucket, key = split_s3_uri(origin)
    answer = source.client("s3").get_object(Bucket=bucket, Key=key)
    if answer["ContentLength"] > _LARGEST_MANIFEST:
        raise BadInput(f"The manifest {origin} has more than {_LARGEST_MANIFEST:,} bytes.")
    text = answer["Body"].read().decode()
    new_bucket, new_key = split_s3_uri(destination)
    beside = f"s3://{new_bucket}/{new_key}.objects"
    try:
        changed, objects = _plain(text, beside) if text.lstrip().startswith("[") else _augmented(text, beside)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"The manifest {origin} cannot be read: {error}") from None
    count, size = 1, len(changed.encode())
    for old, new in objects.items():
        more, bytes_ = copied(source, to, old, new, manifest=False)
        count, size = count + more, size + bytes_
    to.client("s3").put_object(Bucket=new_bucket, Key=new_key, Body=changed.encode())
    return count, size


def _plain(text: str, beside: str) -> tuple[str, dict[str, str]]:
    """`[{"prefix": "s3://..."}, "name", ...]`: the prefix moves."""
    entries = json.loads(text)
    prefix = entries[0]["prefix"]
    moved = beside + "/" + prefix.removeprefix("s3://")
    objects = {f"{prefix}{name}": f"{moved}{name}" for name in entries[1:]} or {prefix: moved}
    return json.dumps([{"prefix": moved}, *entries[1:]]), objects


def _augmented(text: str, beside: str) -> tuple[str, dict[str, str]]:
    """A JSON object a line, some of whose members (`source-ref`) are addresses: they move."""
    objects: dict[str, str] = {}

    def moved(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("s3://"):
            return objects.setdefault(value, f"{beside}/{value.removeprefix('s3://')}")
        return value

    lines = [
        {name: moved(value) for name, value in json.loads(line).items()}
        for line in text.splitlines()
        if line.strip()
    ]
    return "\n".join(json.dumps(line) for line in lines) + "\n", objects
