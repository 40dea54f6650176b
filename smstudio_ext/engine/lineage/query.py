"""QueryLineage: what is reached from some entities, along the edges or against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ResourceNotFound, ValidationException
from smstudio_ext.engine.lineage.associations import End, describe_ends, page
from smstudio_ext.engine.store.lineage import Association

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
MOST_DEPTH = 10
_MOST_RESULTS = 50
_SIDES: dict[str, tuple[str, ...]] = {
    "Descendants": ("source",),
    "Ascendants": ("destination",),
    "Both": ("source", "destination"),
}


def query_lineage(ctx: EngineContext, request: Document) -> Document:
    """The output of QueryLineage.

    A breadth-first walk of at most `MaxDepth` edges (10 at most, which is the default). Filters choose among what the walk
    meets; it passes through what they leave out. Start entities are among the vertices unless a filter of types is given.

    Raises:
        ValidationException: no start, or a depth beyond 10.
        ResourceNotFound: a start entity does not exist.
    """
    starts = list(dict.fromkeys(request.get("StartArns") or ()))
    if not starts:
        raise ValidationException(
            "StartArns: name at least one artifact, context, action or trial component."
        )
    depth = request.get("MaxDepth", MOST_DEPTH)
    if depth > MOST_DEPTH:
        raise ValidationException(f"MaxDepth: at most {MOST_DEPTH}.")
    ends = describe_ends(ctx, starts)
    for arn in starts:
        if arn not in ends:
            raise ResourceNotFound(f"Lineage entity {arn} does not exist.")
    edges = _walk(ctx, starts, ends, _SIDES[request.get("Direction", "Both")], depth)
    filters = request.get("Filters") or {}
    typed = bool(filters.get("Types") or filters.get("LineageTypes"))
    vertices = [
        {"Arn": end.arn, "LineageType": end.lineage, **({"Type": end.type} if end.type else {})}
        for end in ends.values()
        if not (typed and end.arn in starts) and _passes(end, filters)
    ]
    output = page(vertices, request, "Vertices", most=request.get("MaxResults", _MOST_RESULTS))
    output["Edges"] = (
        _shown(edges, {vertex["Arn"] for vertex in vertices}) if request.get("IncludeEdges", True) else []
    )
    return output


def _walk(
    ctx: EngineContext, starts: list[str], ends: dict[str, End], sides: tuple[str, ...], depth: int
) -> list[Association]:
    """Follows the edges level by level; adds what it meets to `ends`, in order of distance."""
    found: dict[tuple[str, str], Association] = {}
    border = set(starts)
    for _ in range(depth):
        met: list[Association] = []
        for side in sides:
            met += ctx.store.lineage.touching(border, side)  # type: ignore[arg-type]
        reached = {arn for edge in met for arn in (edge.source_arn, edge.destination_arn)} - ends.keys()
        described = describe_ends(ctx, reached)
        ends.update(sorted(described.items(), key=lambda item: (item[1].created, item[0])))
        for edge in met:
            if edge.source_arn in ends and edge.destination_arn in ends:
                found[edge.source_arn, edge.destination_arn] = edge
        border = set(described)
        if not border:
            break
    return list(found.values())


def _passes(end: End, filters: Document) -> bool:
    if filters.get("Types") and end.type not in filters["Types"]:
        return False
    if filters.get("LineageTypes") and end.lineage not in filters["LineageTypes"]:
        return False
    for member, value, after in (
        ("CreatedAfter", end.created, True),
        ("CreatedBefore", end.created, False),
        ("ModifiedAfter", end.modified, True),
        ("ModifiedBefore", end.modified, False),
    ):
        limit = filters.get(member)
        if limit is not None and (value < limit if after else value > limit):
            return False
    wanted = filters.get("Properties") or {}
    return all(str(end.properties.get(name)) == value for name, value in wanted.items())


def _shown(edges: list[Association], vertices: set[str]) -> list[Document]:
    return [
        {
            "SourceArn": edge.source_arn,
            "DestinationArn": edge.destination_arn,
            **({"AssociationType": edge.type} if edge.type else {}),
        }
        for edge in edges
        if edge.source_arn in vertices and edge.destination_arn in vertices
    ]
