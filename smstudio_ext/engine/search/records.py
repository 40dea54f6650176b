"""Search records: what an answer tells of each resource found."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.experiments.listing import metric_summary
from smstudio_ext.engine.experiments.names import METRICS, PARAMETERS
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.search.hints import Selection, pruned
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from smstudio_ext.engine.experiments.part import Experiments

Document = dict[str, Any]

_components = tables.trial_components
_resources = tables.resources
_FROM_TABLES = frozenset(
    "TrialComponentName TrialComponentArn DisplayName CreationTime LastModifiedTime StartTime EndTime Status Source "
    "Parameters Metrics Parents Tags".split()
)
"""Members that need no document."""


def component_records(
    connection: Connection,
    experiments: Experiments,
    region: str,
    rows: Sequence[Row[Any]],
    selection: Selection,
) -> list[Document]:
    """Trial components as Search shows them, with their metrics, parents, tags and (unless left out) their jobs."""
    numbers = [row.id for row in rows]
    light = bool(selection) and all(path.split(".")[0] in _FROM_TABLES for path in selection.paths)
    if light:
        documents = _from_tables(connection, experiments, region, numbers, selection)
    else:
        documents = _documents(connection, region, {row.id: row.name for row in rows})
    if selection.any("Metrics"):
        _add_metrics(connection, experiments, documents, selection)
    if selection.any("Parents"):
        _add_parents(connection, documents)
    if selection.any("Tags"):
        arns = {row.id: sagemaker_arn(COMPONENT, region, row.name) for row in rows}
        _add_tags(connection, documents, arns)
    if selection.any("SourceDetail"):
        _add_jobs(connection, documents)
    return [pruned(documents[number], selection) for number in numbers if number in documents]


def document_records(
    connection: Connection, rows: Sequence[Row[Any]], selection: Selection
) -> list[Document]:
    """Other resources as Search shows them: their documents with their tags."""
    documents = {row.name: json.loads(row.document) for row in rows}
    if selection.any("Tags"):
        _add_tags(connection, documents, {row.name: row.arn for row in rows})
    return [pruned(documents[row.name], selection) for row in rows]


def _documents(connection: Connection, region: str, names: dict[int, str]) -> dict[int, Document]:
    query = select(_resources.c.name, _resources.c.document).where(
        _resources.c.kind == COMPONENT,
        _resources.c.region == region,
        _resources.c.name.in_(_many(names.values())),
    )
    texts = {row.name: row.document for row in connection.execute(query)}
    return {number: json.loads(texts[name]) for number, name in names.items() if name in texts}


def _from_tables(
    connection: Connection,
    experiments: Experiments,
    region: str,
    numbers: list[int],
    selection: Selection,
) -> dict[int, Document]:
    documents: dict[int, Document] = {}
    for row in connection.execute(select(_components).where(_components.c.id.in_(_many(numbers)))):
        document: Document = {
            "TrialComponentName": row.name,
            "TrialComponentArn": sagemaker_arn(COMPONENT, region, row.name),
            "DisplayName": row.display_name,
            "CreationTime": row.created,
            "LastModifiedTime": row.modified,
        }
        if row.started is not None:
            document["StartTime"] = row.started
        if row.ended is not None:
            document["EndTime"] = row.ended
        if row.status is not None:
            document["Status"] = {"PrimaryStatus": row.status}
            if row.message is not None:
                document["Status"]["Message"] = row.message
        if row.source_arn is not None:
            document["Source"] = {"SourceArn": row.source_arn, "SourceType": row.source_type}
        documents[row.id] = document
    if selection.any("Parameters"):
        _add_parameters(connection, experiments, documents, selection)
    return documents


def _add_parameters(
    connection: Connection, experiments: Experiments, documents: dict[int, Document], selection: Selection
) -> None:
    table, names = tables.component_properties, tables.property_names
    query = (
        select(table.c.component, names.c.name, table.c.text, table.c.number)
        .join(names, names.c.id == table.c.name)
        .where(table.c.component.in_(_many(documents)))
    )
    if selection.whole("Parameters"):
        query = query.where(names.c.name.startswith(PARAMETERS))
    else:
        wanted = [experiments.names.find(PARAMETERS + name) for name in selection.within("Parameters")]
        query = query.where(table.c.name.in_([number for number in wanted if number is not None]))
    for number, name, text, value in connection.execute(query):
        found = {"NumberValue": value} if text is None else {"StringValue": text}
        documents[number].setdefault("Parameters", {})[name.removeprefix(PARAMETERS)] = found


def _add_metrics(
    connection: Connection, experiments: Experiments, documents: dict[int, Document], selection: Selection
) -> None:
    table, names = tables.component_metrics, tables.property_names
    query = (
        select(names.c.name.label("metric"), table)
        .join(names, names.c.id == table.c.name)
        .where(table.c.component.in_(_many(documents)))
        .order_by(names.c.name)
    )
    if not selection.whole("Metrics"):
        wanted = [experiments.names.find(METRICS + name) for name in selection.within("Metrics")]
        query = query.where(table.c.name.in_([number for number in wanted if number is not None]))
    sources = {
        row.id: (row.source_arn, row.region, row.name)
        for row in connection.execute(
            select(
                _components.c.id, _components.c.source_arn, _components.c.region, _components.c.name
            ).where(_components.c.id.in_(_many(documents)))
        )
    }
    found: dict[int, list[Document]] = defaultdict(list)
    for row in connection.execute(query):
        source, region, name = sources[row.component]
        arn = source or sagemaker_arn(COMPONENT, region, name)
        found[row.component].append(
            metric_summary(row.metric.removeprefix(METRICS), experiments.metrics.summary_of(row), arn)
        )
    for number, document in documents.items():
        document["Metrics"] = found.get(number, [])


def _add_parents(connection: Connection, documents: dict[int, Document]) -> None:
    table = tables.trial_members
    query = select(table).where(table.c.component.in_(_many(documents))).order_by(table.c.associated)
    found: dict[int, list[Document]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.component].append({"TrialName": row.trial, "ExperimentName": row.experiment})
    for number, document in documents.items():
        document["Parents"] = found.get(number, [])


def _add_tags(connection: Connection, documents: dict[Any, Document], arns: dict[Any, str]) -> None:
    table = tables.tags
    query = select(table).where(table.c.arn.in_(_many(arns.values()))).order_by(table.c.key)
    found: dict[str, list[Document]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.arn].append({"Key": row.key, "Value": row.value})
    for key, document in documents.items():
        document["Tags"] = found.get(arns[key], [])


def _add_jobs(connection: Connection, documents: dict[int, Document]) -> None:
    sources = {
        number: document["Source"]["SourceArn"]
        for number, document in documents.items()
        if (document.get("Source") or {}).get("SourceArn")
    }
    query = select(_resources.c.arn, _resources.c.kind, _resources.c.document).where(
        _resources.c.arn.in_(_many(set(sources.values())))
    )
    jobs = {row.arn: (row.kind, row.document) for row in connection.execute(query)}
    for number, arn in sources.items():
        detail: Document = {"SourceArn": arn}
        if arn in jobs:
            kind, text = jobs[arn]
            detail[kind] = json.loads(text)
        documents[number]["SourceDetail"] = detail


def _many(values: Iterable[Any]) -> Any:
    """Values as a subquery of one bound JSON list: ten thousand bound values would cost more than the query."""
    rows = func.json_each(json.dumps(list(values))).table_valued("value")
    return select(rows.c.value)
