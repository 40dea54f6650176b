"""Lineage: artifacts, contexts, actions, associations and QueryLineage."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.lineage import associations, entities, recording
from smstudio_ext.engine.lineage.query import query_lineage
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store.lineage import Entity, EntityKind, SortKey

Document = dict[str, Any]
_SORT: dict[str, SortKey] = {"Name": "name", "CreationTime": "created"}


@operation("sagemaker", "CreateArtifact")
def create_artifact(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes an artifact; there is one for a source."""
    recording.settle(ctx)
    return {"ArtifactArn": entities.create_entity(ctx, "Artifact", call.region, request).arn}


@operation("sagemaker", "CreateContext")
def create_context(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a context."""
    return {"ContextArn": entities.create_entity(ctx, "Context", call.region, request).arn}


@operation("sagemaker", "CreateAction")
def create_action(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes an action."""
    return {"ActionArn": entities.create_entity(ctx, "Action", call.region, request).arn}


@operation("sagemaker", "DescribeArtifact", inline=False)
def describe_artifact(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes an artifact."""
    recording.settle(ctx)
    return entities.get_entity(ctx, "Artifact", call.region, request["ArtifactArn"]).document


@operation("sagemaker", "DescribeContext", inline=False)
def describe_context(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a context, by its name or ARN."""
    recording.settle(ctx)
    return entities.get_entity(ctx, "Context", call.region, request["ContextName"]).document


@operation("sagemaker", "DescribeAction", inline=False)
def describe_action(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes an action, by its name or ARN."""
    recording.settle(ctx)
    return entities.get_entity(ctx, "Action", call.region, request["ActionName"]).document


@operation("sagemaker", "UpdateArtifact")
def update_artifact(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes name and properties of an artifact."""
    entity = entities.update_entity(ctx, "Artifact", call.region, request["ArtifactArn"], request)
    return {"ArtifactArn": entity.arn}


@operation("sagemaker", "UpdateContext")
def update_context(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes description and properties of a context."""
    return {
        "ContextArn": entities.update_entity(ctx, "Context", call.region, request["ContextName"], request).arn
    }


@operation("sagemaker", "UpdateAction")
def update_action(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes description, status and properties of an action."""
    return {
        "ActionArn": entities.update_entity(ctx, "Action", call.region, request["ActionName"], request).arn
    }


@operation("sagemaker", "DeleteArtifact")
def delete_artifact(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes an artifact away, by its ARN or its source."""
    arn, source = request.get("ArtifactArn"), request.get("Source")
    if (arn is None) == (source is None):
        raise ValidationException("Provide either ArtifactArn or Source, and not both.")
    if source is not None:
        arn = entities.entity_arn("Artifact", call.region, entities.artifact_identity(source))
    return {"ArtifactArn": entities.delete_entity(ctx, "Artifact", call.region, str(arn)).arn}


@operation("sagemaker", "DeleteContext")
def delete_context(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes a context away."""
    return {"ContextArn": entities.delete_entity(ctx, "Context", call.region, request["ContextName"]).arn}


@operation("sagemaker", "DeleteAction")
def delete_action(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes an action away."""
    return {"ActionArn": entities.delete_entity(ctx, "Action", call.region, request["ActionName"]).arn}


@operation("sagemaker", "ListArtifacts", inline=False)
def list_artifacts(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists artifacts."""
    return _listing(ctx, call, "Artifact", request)


@operation("sagemaker", "ListContexts", inline=False)
def list_contexts(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists contexts."""
    return _listing(ctx, call, "Context", request)


@operation("sagemaker", "ListActions", inline=False)
def list_actions(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists actions."""
    return _listing(ctx, call, "Action", request)


@operation("sagemaker", "AddAssociation")
def add_association(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Adds an edge."""
    recording.settle(ctx)
    associations.add_association(ctx, call.region, request)
    return {"SourceArn": request["SourceArn"], "DestinationArn": request["DestinationArn"]}


@operation("sagemaker", "DeleteAssociation")
def delete_association(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes an edge away."""
    associations.delete_association(ctx, request)
    return {"SourceArn": request["SourceArn"], "DestinationArn": request["DestinationArn"]}


@operation("sagemaker", "ListAssociations", inline=False)
def list_associations(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists edges."""
    recording.settle(ctx)
    return associations.list_associations(ctx, call.region, request)


@operation("sagemaker", "QueryLineage")
def query(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Walks the graph."""
    recording.settle(ctx)
    return query_lineage(ctx, request)


def _listing(ctx: EngineContext, call: Call, kind: EntityKind, request: Document) -> Document:
    recording.settle(ctx)
    found, token = ctx.store.lineage.page(
        kind,
        call.region,
        source_uri=request.get("SourceUri"),
        type_=request.get(f"{kind}Type"),
        created_after=request.get("CreatedAfter"),
        created_before=request.get("CreatedBefore"),
        sort_by=_SORT[request.get("SortBy", "CreationTime")],
        descending=request.get("SortOrder", "Descending") == "Descending",
        limit=request.get("MaxResults", 10),
        token=request.get("NextToken"),
    )
    output: Document = {f"{kind}Summaries": [_summary(entity) for entity in found]}
    if token:
        output["NextToken"] = token
    return output


def _summary(entity: Entity) -> Document:
    """The Describe members: the wire drops what a summary does not have."""
    return entity.document
