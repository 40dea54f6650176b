"""Sources of example notebooks that somebody added: Git repositories, and folders of S3."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.notebooks.home import notebooks_dir, read_json, write_json
from smstudio_ext.studio import example_repositories
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.examples import AddExampleSource, Example, ExampleSource, ExampleView
from smstudio_ext.studio.notebook_documents import MAX_BYTES, check_size, read_document, untrusted
from smstudio_ext.studio.problems import Missing

if TYPE_CHECKING:
    from smstudio_ext.target import Target

MOST = 2000
"""Notebooks of one source that are listed."""

_SOURCE = "source.json"
_REPOSITORY = "repository.git"
_NAME = re.compile(r"([0-9a-f]{8})-([0-9a-f]{16})")


def add_source(target: Callable[[], Target], form: AddExampleSource) -> ExampleSource:
    """Reads which notebooks a repository or an S3 folder has, and keeps the list; one that is known is read again.

    Args:
        target: gives the chosen target, for an S3 folder.

    Raises:
        BadInput: the address is none, or carries a password.
        StudioProblem: it cannot be read.
    """
    address, branch = form.address.strip(), (form.branch or "").strip() or None
    if not address.startswith("s3://"):
        example_repositories.check_address(address)
    key = hashlib.sha256(f"{address}\0{branch or ''}".encode()).hexdigest()[:8]
    folder = _folder() / key
    aside = _folder() / f".{key}.{os.getpid()}.{time.monotonic_ns()}"
    aside.mkdir(parents=True, mode=0o700)
    try:
        if address.startswith("s3://"):
            found = _notebooks_of_bucket(target(), address)
        else:
            found = example_repositories.fetch_repository(address, branch, aside / _REPOSITORY)
        content = {"address": address, "branch": branch, "updated": time.time(), "paths": found}
        write_json(aside / _SOURCE, content)
        shutil.rmtree(folder, ignore_errors=True)
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return _source(key, content)


def remove_source(key: str) -> Accepted:
    """Takes a source out of the gallery; copies of its notebooks stay.

    Raises:
        Missing: there is none.
    """
    if key not in _all():
        raise Missing("There is no such source of examples.", hint="Read the gallery again.")
    shutil.rmtree(_folder() / key, ignore_errors=True)
    return Accepted(name=key)


def list_sources() -> list[ExampleSource]:
    """The sources, in the order of their addresses."""
    found = [_source(key, content) for key, content in _all().items()]
    return sorted(found, key=lambda each: (each.address, each.branch or ""))


def examples_of_sources() -> list[Example]:
    """Their notebooks, as they were listed when the source was read last; asks nobody."""
    return [
        _example(key, str(path))
        for key, content in sorted(_all().items(), key=lambda each: each[1]["address"])
        for path in content["paths"][:MOST]
    ]


def read_from_source(name: str, target: Callable[[], Target]) -> ExampleView | None:
    """A notebook of a source, without its claims of trust; None for a name that is none of a source's.

    Args:
        target: gives the chosen target.

    Raises:
        StudioProblem: it cannot be read now.
    """
    said = _NAME.fullmatch(name)
    content = _all().get(said[1]) if said else None
    if said is None or content is None:
        return None
    path = next((each for each in content["paths"] if _example_name(said[1], each) == name), None)
    if path is None:
        return None
    address = content["address"]
    if address.startswith("s3://"):
        data = _object(target(), address, path)
    else:
        data = example_repositories.read_file(_folder() / said[1] / _REPOSITORY, address, path)
        check_size(len(data), path)
    return ExampleView(example=_example(said[1], path), notebook=untrusted(read_document(data, path)))


def _notebooks_of_bucket(target: Target, address: str) -> list[str]:
    from smstudio_ext.studio.buckets import split_s3_uri

    bucket, prefix = split_s3_uri(address)
    found: list[str] = []
    pages = target.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", []):
            if each["Key"].endswith(".ipynb") and each["Size"] <= MAX_BYTES:
                found.append(each["Key"].removeprefix(prefix).lstrip("/") or each["Key"])
        if len(found) > MOST:
            break
    return found


def _object(target: Target, address: str, path: str) -> bytes:
    from smstudio_ext.studio.buckets import split_s3_uri

    bucket, prefix = split_s3_uri(address)
    # A key may be the location itself, or lie below it with or without a slash of its own.
    key = next(
        each for each in (f"{prefix}{path}", f"{prefix}/{path}", prefix) if _is_there(target, bucket, each)
    )
    answer = target.client("s3").get_object(Bucket=bucket, Key=key)
    check_size(answer["ContentLength"], path)
    data: bytes = answer["Body"].read()
    return data


def _is_there(target: Target, bucket: str, key: str) -> bool:
    answer = target.client("s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    return any(each["Key"] == key for each in answer.get("Contents", []))


def _folder() -> Path:
    return notebooks_dir() / "examples"


def _all() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    with contextlib.suppress(OSError):
        for folder in _folder().iterdir():
            content = read_json(folder / _SOURCE)
            if re.fullmatch(r"[0-9a-f]{8}", folder.name) and isinstance(content.get("paths"), list):
                found[folder.name] = content
    return found


def _source(key: str, content: dict[str, Any]) -> ExampleSource:
    return ExampleSource(
        id=key,
        kind="s3" if content["address"].startswith("s3://") else "git",
        address=content["address"],
        branch=content["branch"],
        updated=datetime.fromtimestamp(content["updated"], timezone.utc),
        notebooks=len(content["paths"]),
        listed=min(len(content["paths"]), MOST),
    )


def _example(key: str, path: str) -> Example:
    folder, _, name = path.rpartition("/")
    return Example(
        name=_example_name(key, path),
        title=name.removesuffix(".ipynb"),
        description=folder,
        section="sources",
        language=None,
        file_name=name,
        seconds=None,
        algorithms=[],
        needs=[],
        source=key,
    )


def _example_name(key: str, path: str) -> str:
    return f"{key}-{hashlib.sha256(path.encode()).hexdigest()[:16]}"
