"""Code repositories: Git addresses with a name, which notebook instances clone at their start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "CodeRepository"


def create_repository(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Writes a new code repository.

    Raises:
        ValidationException: the name is taken.
    """
    name = request["CodeRepositoryName"]
    arn = sagemaker_arn(KIND, region, name)
    now = ctx.clock.now()
    document = {
        "CodeRepositoryName": name,
        "CodeRepositoryArn": arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        "GitConfig": request["GitConfig"],
    }
    resource = Resource(KIND, region, name, arn, "InService", now, now, document, finished=True)
    taken = ValidationException(f"Cannot create already existing Code Repository {arn}")
    return ctx.store.resources.create(resource, request.get("Tags") or (), taken=taken)


def get_repository(ctx: EngineContext, region: str, name: str) -> Resource:
    """The code repository.

    Raises:
        ValidationException: there is none.
    """
    return ctx.store.resources.get(KIND, region, name, missing=_missing(region, name))


def update_repository(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Changes the secret with the credentials of a repository; AWS lets nothing else change.

    Raises:
        ValidationException: there is none.
    """
    name = request["CodeRepositoryName"]
    with ctx.store.resources.changing(KIND, region, name, missing=_missing(region, name)) as resource:
        resource.document["GitConfig"] = {
            **resource.document["GitConfig"],
            **(request.get("GitConfig") or {}),
        }
        resource.document["LastModifiedTime"] = ctx.clock.now()
    return resource


def delete_repository(ctx: EngineContext, region: str, name: str) -> None:
    """Takes a code repository away.

    Raises:
        ValidationException: there is none.
    """
    ctx.store.resources.delete(KIND, region, name, missing=_missing(region, name))


def clone_order(ctx: EngineContext, region: str, named: str) -> dict[str, str]:
    """What to clone for a name or an address that a notebook instance has: address, branch and folder.

    Raises:
        ValidationException: a name that no code repository has.
    """
    if "://" in named:
        return {"url": named, "branch": "", "folder": folder_of(named)}
    config = get_repository(ctx, region, named).document["GitConfig"]
    url = str(config["RepositoryUrl"])
    return {"url": url, "branch": str(config.get("Branch") or ""), "folder": folder_of(url)}


def folder_of(url: str) -> str:
    """The folder that `git clone` makes for an address; a name of one's own where it has none."""
    last = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return last if last not in ("", ".", "..") else "repository"


def _missing(region: str, name: str) -> ValidationException:
    return ValidationException(f"Cannot find CodeRepository: {sagemaker_arn(KIND, region, name)}")
