"""Associations: directed edges between lineage entities and experiment entities."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ResourceNotFound, ValidationException
from smstudio_ext.engine.store.lineage import Association

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
_EXPERIMENT_KINDS = {
    "experiment": "Experiment",
    "experiment-trial": "Trial",
    "experiment-trial-component": "TrialComponent",
}
_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:[\w-]*:\d{12}:(?P<kind>[a-z-]+)/.+", re.IGNORECASE)
_JOB_TYPES = {
    "training-job": "TrainingJob",
    "processing-job": "ProcessingJob",
    "transform-job": "TransformJob",
}


@dataclass(frozen=True)
class End:
    """One end of an edge, as summaries and query results show it.

    Attributes:
        lineage: TrialComponent, Artifact, Context or Action (Experiment and Trial for the other experiment entities).
        type: ArtifactType, ContextType or ActionType; of a trial component the kind of its job, if it has one.
        properties: what QueryLineage's filter of properties looks at.
    """

    arn: str
    lineage: str
    type: str | None
    name: str
    created: float
    modified: float
    properties: Document

    @property
    def listed_type(self) -> str:
        """The type as ListAssociations shows it: jobs have `SageMaker` before them there."""
        if self.lineage == "TrialComponent":
            return f"SageMaker{self.type or 'ExperimentTrialComponent'}"
        return self.type or self.lineage


def describe_ends(ctx: EngineContext, arns: Collection[str]) -> dict[str, End]:
    """Those ends of these ARNs that exist."""
    entities = ctx.store.lineage.find_many([arn for arn in arns if kind_of(arn) in _LINEAGE_KINDS])
    found = {
        arn: End(
            arn,
            entity.kind,
            entity.type,
            entity.name or entity.arn.rsplit("/", 1)[1],
            entity.created,
            entity.modified,
            entity.document.get("Properties") or {},
        )
        for arn, entity in entities.items()
    }
    for arn in arns:
        if kind_of(arn) in _EXPERIMENT_KINDS and (end := _experiment_end(ctx, arn)) is not None:
            found[arn] = end
    return found


_LINEAGE_KINDS = frozenset({"artifact", "context", "action"})


def kind_of(arn: str) -> str:
    """The resource part of a SageMaker ARN, lower case; empty for other strings."""
    match = _ARN.fullmatch(arn)
    return match["kind"].lower() if match else ""


def _experiment_end(ctx: EngineContext, arn: str) -> End | None:
    row = ctx.store.resources.find_by_arn(arn)
    if row is None:
        return None
    lineage = _EXPERIMENT_KINDS[kind_of(arn)]
    source = kind_of(str((row.document.get("Source") or {}).get("SourceArn", "")))
    return End(arn, lineage, _JOB_TYPES.get(source), row.name, row.created, row.modified, {})


def add_association(ctx: EngineContext, region: str, request: Document) -> None:
    """Adds an edge.

    Raises:
        ResourceNotFound: an end does not exist.
        ValidationException: both ends are experiment entities, are the same, or have an edge already.
    """
    source, destination = request["SourceArn"], request["DestinationArn"]
    ends = describe_ends(ctx, {source, destination})
    for arn in (source, destination):
        if arn not in ends:
            raise ResourceNotFound(f"Lineage entity {arn} does not exist.")
    if source == destination:
        raise ValidationException("SourceArn and DestinationArn must not be the same.")
    if {kind_of(source), kind_of(destination)} <= set(_EXPERIMENT_KINDS):
        raise ValidationException("An association between two experiment entities is not allowed.")
    edge = Association(source, destination, region, request.get("AssociationType"), ctx.clock.now())
    if not ctx.store.lineage.associate(edge):
        raise ValidationException(f"An association from {source} to {destination} already exists.")


def delete_association(ctx: EngineContext, request: Document) -> None:
    """Takes an edge away.

    Raises:
        ResourceNotFound: there is none.
    """
    source, destination = request["SourceArn"], request["DestinationArn"]
    if not ctx.store.lineage.dissociate(source, destination):
        raise ResourceNotFound(f"There is no association from {source} to {destination}.")


_SORT = {
    "SourceArn": lambda item: item["SourceArn"],
    "DestinationArn": lambda item: item["DestinationArn"],
    "SourceType": lambda item: item["SourceType"],
    "DestinationType": lambda item: item["DestinationType"],
    "CreationTime": lambda item: item["CreationTime"],
}


def list_associations(ctx: EngineContext, region: str, request: Document) -> Document:
    """A page of edges: the output of ListAssociations.

    Types are those of the entities (`DataSet`, `ModelDeployment`, `SageMakerTrainingJob`); a filter may name the kind of
    entity (`Artifact`, `Context`, `Action`) as well.
    """
    edges = ctx.store.lineage.edges(
        region,
        source_arn=request.get("SourceArn"),
        destination_arn=request.get("DestinationArn"),
        created_after=request.get("CreatedAfter"),
        created_before=request.get("CreatedBefore"),
    )
    wanted = request.get("AssociationType")
    edges = [edge for edge in edges if wanted is None or edge.type == wanted]
    ends = describe_ends(ctx, {arn for edge in edges for arn in (edge.source_arn, edge.destination_arn)})
    items = []
    for edge in edges:
        source, destination = ends.get(edge.source_arn), ends.get(edge.destination_arn)
        if source is None or destination is None:  # its trial component was deleted
            continue
        if _is(source, request.get("SourceType")) and _is(destination, request.get("DestinationType")):
            items.append(_summary(edge, source, destination))
    sort = request.get("SortBy", "CreationTime")
    descending = request.get("SortOrder", "Descending") == "Descending"
    items.sort(key=lambda item: (_SORT[sort](item), item["SourceArn"], item["DestinationArn"]))
    if descending:
        items.reverse()
    return page(items, request, "AssociationSummaries", most=request.get("MaxResults", 10))


def _is(end: End, wanted: str | None) -> bool:
    return wanted is None or wanted in (end.listed_type, end.type, end.lineage)


def _summary(edge: Association, source: End, destination: End) -> Document:
    return {
        "SourceArn": edge.source_arn,
        "DestinationArn": edge.destination_arn,
        "SourceType": source.listed_type,
        "DestinationType": destination.listed_type,
        "SourceName": source.name,
        "DestinationName": destination.name,
        "CreationTime": edge.created,
        **({"AssociationType": edge.type} if edge.type else {}),
    }


def page(items: list[Any], request: Document, member: str, *, most: int) -> Document:
    """A part of a computed list and the token of the next part.

    Raises:
        ValidationException: the token is not one of these.
    """
    start = 0
    if request.get("NextToken"):
        try:
            start = int(json.loads(base64.urlsafe_b64decode(request["NextToken"].encode()))[member])
        except (ValueError, TypeError, KeyError):
            raise ValidationException("Invalid NextToken: it was not returned by this engine.") from None
    output: Document = {member: items[start : start + most]}
    if start + most < len(items):
        output["NextToken"] = base64.urlsafe_b64encode(json.dumps({member: start + most}).encode()).decode()
    return output
