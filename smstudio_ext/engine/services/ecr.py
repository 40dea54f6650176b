"""ECR as SDKs ask it: where images are and how to log in; there is no registry behind it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.settings import ACCOUNT_ID

REPOSITORIES = "ecr-repository"

Document = dict[str, Any]


@operation("ecr", "GetAuthorizationToken")
def get_authorization_token(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A log-in of ECR's form; nothing here asks for it."""
    token = base64.b64encode(f"AWS:{call.access_key}".encode()).decode()
    registries = request.get("registryIds") or [ACCOUNT_ID]
    return {
        "authorizationData": [
            {
                "authorizationToken": token,
                "expiresAt": ctx.clock.now() + 43_200,
                "proxyEndpoint": f"https://{registry}.dkr.ecr.{call.region}.amazonaws.com",
            }
            for registry in registries
        ]
    }


@operation("ecr", "CreateRepository")
def create_repository(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Keeps a repository's name, so that tutorials that push images go on to their next step."""
    name = request["repositoryName"]
    key = f"{call.region}/{name}"
    if ctx.store.documents.get(REPOSITORIES, key) is not None:
        raise AwsError(
            f"The repository with name '{name}' already exists in the registry with id '{ACCOUNT_ID}'",
            code="RepositoryAlreadyExistsException",
            status=400,
        )
    repository = _repository(call, name, ctx.clock.now())
    ctx.store.documents.put(REPOSITORIES, key, {**repository, "region": call.region})
    return {"repository": repository}


@operation("ecr", "DescribeRepositories")
def describe_repositories(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Kept repositories."""
    kept = {
        document["repositoryName"]: document
        for document in ctx.store.documents.all(REPOSITORIES)
        if document["region"] == call.region
    }
    names = request.get("repositoryNames")
    for name in names or ():
        if name not in kept:
            raise _no_repository(name)
    return {"repositories": [kept[name] for name in (names or sorted(kept))]}


@operation("ecr", "DeleteRepository")
def delete_repository(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Forgets a repository."""
    key = f"{call.region}/{request['repositoryName']}"
    document = ctx.store.documents.get(REPOSITORIES, key)
    if document is None:
        raise _no_repository(request["repositoryName"])
    ctx.store.documents.delete(REPOSITORIES, key)
    return {"repository": document}


@operation("ecr", "DescribeImages")
def describe_images(ctx: EngineContext, call: Call, request: Document) -> Document:
    """The image of a tag, if this engine has an implementation for its repository."""
    repository = request["repositoryName"]
    found = []
    for identifier in request.get("imageIds", []):
        tag = identifier.get("imageTag")
        registry = request.get("registryId", ACCOUNT_ID)
        uri = f"{registry}.dkr.ecr.{call.region}.amazonaws.com/{repository}:{tag}"
        if tag is None or not _runs_here(ctx, uri):
            raise AwsError(
                f"The image with imageId {{imageTag:'{tag}'}} does not exist within the repository with name '{repository}' in the registry with id '{registry}'",
                code="ImageNotFoundException",
                status=400,
            )
        found.append(
            {
                "registryId": registry,
                "repositoryName": repository,
                "imageDigest": f"sha256:{hashlib.sha256(uri.encode()).hexdigest()}",
                "imageTags": [tag],
            }
        )
    if (
        not request.get("imageIds")
        and ctx.store.documents.get(REPOSITORIES, f"{call.region}/{repository}") is None
    ):
        raise _no_repository(repository)
    return {"imageDetails": found}


def _runs_here(ctx: EngineContext, uri: str) -> bool:
    try:
        ctx.images.resolve(uri)
    except AwsError:
        return False
    return True


def _repository(call: Call, name: str, now: float) -> Document:
    return {
        "repositoryArn": f"arn:{partition(call.region)}:ecr:{call.region}:{ACCOUNT_ID}:repository/{name}",
        "registryId": ACCOUNT_ID,
        "repositoryName": name,
        "repositoryUri": f"{ACCOUNT_ID}.dkr.ecr.{call.region}.amazonaws.com/{name}",
        "createdAt": now,
        "imageTagMutability": "MUTABLE",
    }


def _no_repository(name: str) -> AwsError:
    return AwsError(
        f"The repository with name '{name}' does not exist in the registry with id '{ACCOUNT_ID}'",
        code="RepositoryNotFoundException",
        status=400,
    )
