"""Artifacts, contexts and actions: creating, changing and deleting them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.errors import AwsError, ResourceNotFound, ValidationException
from smstudio_ext.engine.settings import ACCOUNT_ID
from smstudio_ext.engine.store.lineage import Entity, EntityExists, EntityKind

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
MOST_PROPERTIES = 30
_ARN_PART = {"Artifact": "artifact", "Context": "context", "Action": "action"}


def entity_arn(kind: EntityKind, region: str, identity: str) -> str:
    """The ARN of a lineage entity.

    Args:
        identity: the name of a context or action; of an artifact what `artifact_identity` makes of its source.
    """
    name = identity if kind == "Artifact" else identity.lower()
    return f"arn:{partition(region)}:sagemaker:{region}:{ACCOUNT_ID}:{_ARN_PART[kind]}/{name}"


def artifact_identity(source: Document) -> str:
    """What names an artifact: there is one for a source (SourceUri and SourceTypes), whatever its own name is."""
    types = sorted(
        (one.get("SourceIdType", ""), one.get("Value", "")) for one in source.get("SourceTypes") or ()
    )
    return hashlib.md5(json.dumps([source["SourceUri"], types]).encode(), usedforsecurity=False).hexdigest()


def create_entity(ctx: EngineContext, kind: EntityKind, region: str, request: Document) -> Entity:
    """Makes an artifact, context or action.

    Args:
        request: the validated input of CreateArtifact, CreateContext or CreateAction.

    Raises:
        ValidationException: one of that name (artifacts: of that source) exists.
    """
    entity = make_entity(kind, region, request, ctx.clock.now())
    try:
        ctx.store.lineage.create(entity, request.get("Tags") or ())
    except EntityExists:
        what = f"source {entity.source_uri}" if kind == "Artifact" else f"name {entity.name}"
        raise ValidationException(f"{kind} with {what} already exists: {entity.arn}") from None
    return entity


def make_entity(kind: EntityKind, region: str, request: Document, now: float) -> Entity:
    """An entity that is not written yet; the members are those of the Create input."""
    source = request["Source"]
    name = request.get(f"{kind}Name", "")
    arn = entity_arn(kind, region, artifact_identity(source) if kind == "Artifact" else name)
    document = {key: value for key, value in request.items() if key != "Tags"}
    document.update({f"{kind}Arn": arn, "CreationTime": now, "LastModifiedTime": now})
    if kind == "Action":
        document.setdefault("Status", "Unknown")
    return Entity(arn, kind, region, name, request[f"{kind}Type"], source["SourceUri"], now, now, document)


def get_entity(ctx: EngineContext, kind: EntityKind, region: str, name_or_arn: str) -> Entity:
    """The entity of that ARN, or (contexts and actions) of that name.

    Raises:
        ResourceNotFound: there is none.
    """
    arn = name_or_arn if name_or_arn.startswith("arn:") else entity_arn(kind, region, name_or_arn)
    found = ctx.store.lineage.find(arn)
    if found is None or found.kind != kind:
        raise ResourceNotFound(f"{kind} {name_or_arn} does not exist.")
    return found


def update_entity(
    ctx: EngineContext, kind: EntityKind, region: str, name_or_arn: str, request: Document
) -> Entity:
    """Changes name (artifacts), description, status and properties.

    Raises:
        ResourceNotFound: there is none.
        ValidationException: more than 30 properties.
    """
    entity = get_entity(ctx, kind, region, name_or_arn)
    document = entity.document
    for member in ("Description", "Status"):
        if member in request:
            document[member] = request[member]
    if kind == "Artifact" and "ArtifactName" in request:
        entity.name = document["ArtifactName"] = request["ArtifactName"]
    properties = {**(document.get("Properties") or {}), **(request.get("Properties") or {})}
    for name in request.get("PropertiesToRemove") or ():
        properties.pop(name, None)
    if len(properties) > MOST_PROPERTIES:
        raise ValidationException(f"Properties: at most {MOST_PROPERTIES} are allowed.")
    if properties or "Properties" in document:
        document["Properties"] = properties
    entity.modified = document["LastModifiedTime"] = ctx.clock.now()
    if not ctx.store.lineage.change(entity):
        raise ResourceNotFound(f"{kind} {name_or_arn} does not exist.")
    return entity


def delete_entity(ctx: EngineContext, kind: EntityKind, region: str, name_or_arn: str) -> Entity:
    """Takes an entity away.

    Raises:
        ResourceNotFound: there is none.
        ConflictException: it has associations.
    """
    entity = get_entity(ctx, kind, region, name_or_arn)
    if ctx.store.lineage.has_edges(entity.arn):
        raise AwsError(
            f"{kind} {entity.arn} has associations: delete them first (ListAssociations, DeleteAssociation).",
            code="ConflictException",
            status=400,
        )
    if not ctx.store.lineage.delete(entity.arn):
        raise ResourceNotFound(f"{kind} {name_or_arn} does not exist.")
    return entity
