"""Snapshots of notebooks in the domain's S3 location: make, show, list, delete."""

from __future__ import annotations

import json
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any
from weakref import WeakKeyDictionary

from smstudio_ext.studio.buckets import ensure_bucket
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.snapshots import (
    GitInformation,
    ListSnapshots,
    Snapshot,
    SnapshotPage,
    SnapshotView,
)
from smstudio_ext.studio.notebook_documents import check_size, read_document, untrusted, without_output
from smstudio_ext.studio.problems import BadInput, Conflict, Missing, Refused
from smstudio_ext.studio.sharing import SharingPlace, sharing_place
from smstudio_ext.target import Target

_NAME = re.compile(r"(?P<user>[A-Za-z0-9][A-Za-z0-9-]{0,62})\.(?P<id>[0-9a-f]{32})")
_NOTEBOOK, _DETAILS = "notebook.ipynb", "snapshot.json"
_READERS = 8
_KEPT: WeakKeyDictionary[Target, dict[str, Snapshot]] = WeakKeyDictionary()
"""What was read of one's own snapshots by where they lie; one never changes after it was made."""
_GONE = "This snapshot does not exist; it may have been deleted."
_GONE_HINT = (
    "Ask whoever shared it for a new link. A link leads to snapshots of the target that it was made on: "
    "look whether the target switch shows the same target and region."
)


def create_snapshot(
    target: Target,
    notebook: dict[str, Any],
    file_name: str,
    *,
    git: GitInformation | None,
    include_output: bool,
) -> Snapshot:
    """Freezes a notebook; what is changed later in the file does not show in the snapshot.

    Args:
        notebook: of format 4.
        file_name: what it is called, without its folder.
        git: told to the receivers; None tells nothing.

    Raises:
        BadInput: the domain does not let outputs be shared, or the notebook is too large.
        Conflict: notebooks cannot be shared here.
    """
    place = sharing_place(target, fresh=True)
    if include_output and not place.output_allowed:
        text = "This domain does not let cell outputs be shared."
        raise BadInput(text, fields=[("include_output", text)], hint="Share without outputs.")
    document = untrusted(notebook if include_output else without_output(notebook))
    content = json.dumps(document, ensure_ascii=False, indent=1).encode()
    check_size(len(content), file_name)
    name = f"{place.user.profile}.{secrets.token_hex(16)}"
    details = {
        "version": 1,
        "file_name": file_name,
        "user": place.user.profile,
        "created": datetime.now(timezone.utc).isoformat(),
        "size": len(content),
        "cells": len(document["cells"]),
        "include_output": include_output,
        "git": git.model_dump() if git else None,
        **_environment(document),
    }
    ensure_bucket(target, place.bucket)
    folder = _folder(place, name)
    # The details come last: a snapshot without them is not listed and cannot be opened.
    _put(target, place, f"{folder}{_NOTEBOOK}", content, "application/x-ipynb+json")
    _put(target, place, f"{folder}{_DETAILS}", json.dumps(details).encode(), "application/json")
    return _snapshot(place, name, details)


def describe_snapshot(target: Target, name: str) -> SnapshotView:
    """A snapshot for its preview.

    Raises:
        Missing: there is none of that name, or no longer.
        Conflict: somebody put something else there.
    """
    place = sharing_place(target)
    snapshot = _read(target, place, name)
    key = f"{_folder(place, name)}{_NOTEBOOK}"
    content = _get(target, place.bucket, key)
    if content is None:
        raise Missing(_GONE, hint=_GONE_HINT)
    check_size(len(content), snapshot.file_name)
    document = untrusted(read_document(content, f"s3://{place.bucket}/{key}"))
    return SnapshotView(snapshot=snapshot, notebook=document)


def list_snapshots(target: Target, query: ListSnapshots) -> SnapshotPage:
    """The user's own snapshots, the newest first.

    S3 lists by key, not by time, so all of them are read; one has dozens. Each is read once.
    """
    place = sharing_place(target)
    names = list(_own_names(target, place))
    known = _KEPT.get(target, {})
    with ThreadPoolExecutor(_READERS, thread_name_prefix="snapshots") as readers:
        found = [
            each
            for each in readers.map(
                lambda name: known.get(_key(place, name)) or _try(target, place, name), names
            )
            if each
        ]
    _KEPT[target] = {_key(place, each.name): each for each in found}
    if query.search:
        found = [each for each in found if query.search.lower() in each.file_name.lower()]
    found.sort(key=lambda each: (each.created, each.name), reverse=True)
    start = 0
    if query.next_token:
        if not query.next_token.isdecimal():
            raise BadInput("The token of the next page is none of this list.")
        start = int(query.next_token)
    end = start + query.max_results
    return SnapshotPage(items=found[start:end], next_token=str(end) if end < len(found) else None)


def delete_snapshot(target: Target, name: str) -> Accepted:
    """Deletes one's own snapshot; its link then leads nowhere, copies stay.

    Raises:
        Missing: there is none of that name.
        Refused: it is somebody else's.
    """
    place = sharing_place(target, fresh=True)
    user = _user_of(name)
    if user != place.user.profile:
        raise Refused(f"This snapshot belongs to {user}; only {user} can delete it.")
    folder = _folder(place, name)
    if _get(target, place.bucket, f"{folder}{_DETAILS}") is None:
        raise Missing(_GONE, hint=_GONE_HINT)
    s3 = target.client("s3")
    for part in (_DETAILS, _NOTEBOOK):
        s3.delete_object(Bucket=place.bucket, Key=f"{folder}{part}")
    return Accepted(name=name)


def _environment(document: dict[str, Any]) -> dict[str, str | None]:
    """Instance type, kernel and image, as Studio writes them into a notebook."""
    metadata = document.get("metadata", {})
    kernelspec = metadata.get("kernelspec")
    spec = kernelspec if isinstance(kernelspec, dict) else {}
    name = str(spec.get("name", ""))
    # python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:081325390199:image/datascience-1.0
    image = name.rpartition("/")[2] if "__SAGEMAKER_INTERNAL__" in name else name.partition("-")[2]
    return {
        "instance_type": _text(metadata.get("instance_type")),
        "kernel": _text(spec.get("display_name")) or _text(name),
        "image": _text(image),
    }


def _text(value: object) -> str | None:
    return value[:256] if isinstance(value, str) and value else None


def _user_of(name: str) -> str:
    match = _NAME.fullmatch(name)
    if match is None:
        raise Missing("This is no link to a snapshot.", hint="Copy the whole link.")
    return match["user"]


def _folder(place: SharingPlace, name: str) -> str:
    """Prefix of a snapshot's objects."""
    user = _user_of(name)
    return f"{place.prefix}{user}/{name[len(user) + 1 :]}/"


def _key(place: SharingPlace, name: str) -> str:
    """Where a snapshot's details lie."""
    return f"{place.bucket}/{_folder(place, name)}"


def _own_names(target: Target, place: SharingPlace) -> Any:
    from botocore.exceptions import ClientError

    user = place.user.profile
    prefix = f"{place.prefix}{user}/"
    pages = target.client("s3").get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=place.bucket, Prefix=prefix, Delimiter="/"):
            for found in page.get("CommonPrefixes", []):
                name = f"{user}.{found['Prefix'][len(prefix) :].rstrip('/')}"
                if _NAME.fullmatch(name):
                    yield name
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":  # made with the first snapshot
            raise


def _try(target: Target, place: SharingPlace, name: str) -> Snapshot | None:
    """A snapshot of a list; None for one that is gone, or half written."""
    try:
        return _read(target, place, name)
    except (Missing, Conflict):
        return None


def _read(target: Target, place: SharingPlace, name: str) -> Snapshot:
    key = f"{_folder(place, name)}{_DETAILS}"
    content = _get(target, place.bucket, key)
    if content is None:
        raise Missing(_GONE, hint=_GONE_HINT)
    try:
        return _snapshot(place, name, json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Conflict(f"s3://{place.bucket}/{key} is no description of a snapshot.") from None


def _snapshot(place: SharingPlace, name: str, details: dict[str, Any]) -> Snapshot:
    git = details.get("git")
    return Snapshot(
        name=name,
        file_name=details["file_name"],
        user=_user_of(name),
        own=_user_of(name) == place.user.profile,
        created=datetime.fromisoformat(details["created"]),
        size=details["size"],
        cells=details["cells"],
        include_output=details["include_output"],
        git=GitInformation(**git) if git else None,
        instance_type=details.get("instance_type"),
        kernel=details.get("kernel"),
        image=details.get("image"),
        s3_uri=f"s3://{place.bucket}/{_folder(place, name)}{_NOTEBOOK}",
    )


def _put(target: Target, place: SharingPlace, key: str, content: bytes, kind: str) -> None:
    options: dict[str, Any] = {}
    if place.key_id:
        options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": place.key_id}
    target.client("s3").put_object(Bucket=place.bucket, Key=key, Body=content, ContentType=kind, **options)


def _get(target: Target, bucket: str, key: str) -> bytes | None:
    """An object's bytes; None when it is not there."""
    from botocore.exceptions import ClientError

    try:
        answer = target.client("s3").get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "404"):
            return None
        raise
    with answer["Body"] as body:
        content: bytes = body.read()
    return content
