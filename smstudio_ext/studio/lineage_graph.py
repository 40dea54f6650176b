"""The lineage graph around a trial component, job, model, endpoint or artifact, over boto3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from smstudio_ext.studio.models.lineage import LineageEdge, LineageGraph, LineageNode, LineageQuery
from smstudio_ext.studio.problems import Missing, NotOffered
from smstudio_ext.target import Target

MAX_NODES = 300
"""Entities beyond which a drawing tells nobody anything."""
_PAGE = 50
_DEPTH = 10
_AT_ONCE = 8
_ENTITIES = ("/artifact/", "/context/", "/action/", "/experiment-trial-component/")


def lineage_graph(target: Target, query: LineageQuery) -> LineageGraph:
    """Everything up to ten edges from something, along and against the direction of time.

    Raises:
        Missing: the graph knows nothing of it.
        NotOffered: the target keeps no lineage.
        botocore.exceptions.ClientError: it must not be read.
    """
    client = target.client("sagemaker")
    starts = _starts(client, query.arn)
    vertices, edges, truncated = _walk(client, starts, query.direction)
    for arn in starts:
        vertices.setdefault(arn, {"Arn": arn, "LineageType": _kind(arn), "Type": ""})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        nodes = list(
            pool.map(lambda vertex: _node(client, vertex, vertex["Arn"] in starts), vertices.values())
        )
    known = set(vertices)
    return LineageGraph(
        nodes=nodes,
        edges=[
            LineageEdge(source=each["SourceArn"], target=each["DestinationArn"], type=each["AssociationType"])
            for each in edges.values()
            if each["SourceArn"] in known and each["DestinationArn"] in known
        ],
        truncated=truncated,
    )


def _walk(
    client: Any, starts: list[str], direction: str
) -> tuple[dict[str, dict[str, Any]], dict[tuple[str, str], dict[str, Any]], bool]:
    vertices: dict[str, dict[str, Any]] = {}
    edges: dict[tuple[str, str], dict[str, Any]] = {}
    # One start a query, as AWS allows. `Both` in one query would go back down from whatever was used, to every other job of the same
    # image or data; what led to something and what came of it are two walks.
    ways = ("Ascendants", "Descendants") if direction == "Both" else (direction,)
    for start, way in ((start, way) for start in starts for way in ways):
        request: dict[str, Any] = {
            "StartArns": [start],
            "Direction": way,
            "IncludeEdges": True,
            "MaxDepth": _DEPTH,
            "MaxResults": _PAGE,
        }
        while True:
            answer = _asked(client, request)
            for vertex in answer.get("Vertices", []):
                vertices.setdefault(vertex["Arn"], vertex)
            for edge in answer.get("Edges", []):
                edges[edge["SourceArn"], edge["DestinationArn"]] = edge
            token = answer.get("NextToken")
            if len(vertices) >= MAX_NODES:
                return dict(list(vertices.items())[:MAX_NODES]), edges, True
            if not token:
                break
            request["NextToken"] = token
    return vertices, edges, False


def _asked(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = client.query_lineage(**request)
    except ClientError as error:
        # Servers that do not know the operation at all.
        if error.response["Error"]["Code"].isdigit():
            raise NotOffered("This target keeps no lineage.") from error
        raise
    return answer


def _starts(client: Any, arn: str) -> list[str]:
    """Lineage entities that stand for an ARN or an address."""
    if any(kind in arn.replace(":", "/") for kind in _ENTITIES):
        return [arn]
    found: list[str] = []
    sources = [arn]
    if ":model/" in arn:
        sources += _model_data(client, arn.rpartition("/")[2])
    if any(kind in arn for kind in (":training-job/", ":processing-job/", ":transform-job/")):
        summaries = client.list_trial_components(SourceArn=arn).get("TrialComponentSummaries", [])
        found += [each["TrialComponentArn"] for each in summaries]
    for source in sources:
        found += _by_source(client, source)
    if not found:
        raise Missing(
            "The lineage graph knows nothing of this.",
            hint="Traces of jobs and endpoints appear some seconds after they end.",
        )
    return list(dict.fromkeys(found))[:_DEPTH]


def _by_source(client: Any, source: str) -> list[str]:
    from botocore.exceptions import ClientError

    try:
        return [
            *(
                each["ArtifactArn"]
                for each in client.list_artifacts(SourceUri=source).get("ArtifactSummaries", [])
            ),
            *(
                each["ContextArn"]
                for each in client.list_contexts(SourceUri=source).get("ContextSummaries", [])
            ),
            *(each["ActionArn"] for each in client.list_actions(SourceUri=source).get("ActionSummaries", [])),
        ]
    except ClientError as error:
        if error.response["Error"]["Code"].isdigit():
            raise NotOffered("This target keeps no lineage.") from error
        raise


def _model_data(client: Any, name: str) -> list[str]:
    model = client.describe_model(ModelName=name)
    containers = model.get("Containers") or [model.get("PrimaryContainer") or {}]
    return [each["ModelDataUrl"] for each in containers if each.get("ModelDataUrl")]


def _kind(arn: str) -> str:
    kinds = {"artifact": "Artifact", "context": "Context", "action": "Action"}
    return kinds.get(arn.rpartition(":")[2].partition("/")[0], "TrialComponent")


def _node(client: Any, vertex: dict[str, Any], start: bool) -> LineageNode:
    from botocore.exceptions import ClientError

    arn: str = vertex["Arn"]
    kind: Any = vertex.get("LineageType") or _kind(arn)
    try:
        name, source, source_type, created = _described(client, kind, arn)
    except ClientError:
        # Deleted since the walk, or not to be read: the graph shows that there was something.
        name, source, source_type, created = arn.rpartition("/")[2], None, None, None
    opens, opens_name = _page(kind, arn, source)
    return LineageNode(
        arn=arn,
        kind=kind,
        type=vertex.get("Type") or source_type or kind,
        name=name,
        source=source,
        created=created,
        opens=opens,
        opens_name=opens_name,
        start=start,
    )


def _described(client: Any, kind: str, arn: str) -> tuple[str, str | None, str | None, Any]:
    last = arn.rpartition("/")[2]
    if kind == "TrialComponent":
        found = client.describe_trial_component(TrialComponentName=last)
        source = found.get("Source") or {}
        return (
            found.get("DisplayName") or last,
            source.get("SourceArn"),
            source.get("SourceType"),
            found.get("CreationTime"),
        )
    if kind == "Artifact":
        found = client.describe_artifact(ArtifactArn=arn)
        uri = found.get("Source", {}).get("SourceUri", "")
        name = found.get("ArtifactName") or uri.rstrip("/").rpartition("/")[2] or last
        return name, uri or None, found.get("ArtifactType"), found.get("CreationTime")
    if kind == "Context":
        found = client.describe_context(ContextName=last)
        return (
            last,
            found.get("Source", {}).get("SourceUri"),
            found.get("ContextType"),
            found.get("CreationTime"),
        )
    found = client.describe_action(ActionName=last)
    return last, found.get("Source", {}).get("SourceUri"), found.get("ActionType"), found.get("CreationTime")


def _page(kind: str, arn: str, source: str | None) -> tuple[Any, str | None]:
    if kind == "TrialComponent":
        return "TrialComponent", arn.rpartition("/")[2]
    pages = {
        "training-job": "TrainingJob",
        "transform-job": "TransformJob",
        "endpoint": "Endpoint",
        "model": "Model",
    }
    resource, _, name = (source or "").rpartition(":")[2].partition("/")
    if (source or "").startswith("arn:") and resource in pages:
        return pages[resource], name
    return None, None
