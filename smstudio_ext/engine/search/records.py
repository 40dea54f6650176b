"""Search records: what an answer tells of each resource found."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.experiments.names import METRICS, PARAMETERS
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.search.hints import Selection, pruned
from smstudio_ext.engine.search.trial_components import split_metric
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from smstudio_ext.engine.experiments.names import PropertyNames
    from smstudio_ext.engine.experiments.part import Experiments

Document = dict[str, Any]

_components = tables.trial_components
_resources = tables.resources
_FROM_TABLES = frozenset(
    "TrialComponentName TrialComponentArn DisplayName CreationTime LastModifiedTime StartTime EndTime Status Source "
    "Parameters Metrics Parents Tags".split()
)
"""Members that need no document."""


def _status(row: Any) -> Document | None:
    if row.status is None:
        return None
    status = {"PrimaryStatus": row.status}
    return status if row.message is None else {**status, "Message": row.message}


def _source(row: Any) -> Document | None:
    if row.source_arn is None:
        return None
    return {"SourceArn": row.source_arn, "SourceType": row.source_type}


_READ: dict[str, Callable[[Any], Any]] = {
    "TrialComponentName": lambda row: row.name,
    "DisplayName": lambda row: row.display_name,
    "CreationTime": lambda row: row.created,
    "LastModifiedTime": lambda row: row.modified,
    "StartTime": lambda row: row.started,
    "EndTime": lambda row: row.ended,
    "Status": _status,
    "Source": _source,
}
_STATISTICS = ("Min", "Max", "Avg", "Last", "Count", "StdDev", "TimeStamp")


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
    found = [documents[number] for number in numbers if number in documents]
    return found if light else [pruned(document, selection) for document in found]


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
    wanted = [
        (member, read)
        for member, read in _READ.items()
        if selection.any(member) or member == "TrialComponentName"
    ]
    query = select(_components).where(_components.c.id.in_(_many(numbers)))
    documents: dict[int, Document] = {}
    for row in connection.execute(query):
        document = documents[row.id] = {}
        for member, read in wanted:
            value = read(row)
            if value is not None:
                document[member] = value
    if selection.any("TrialComponentArn"):
        for document in documents.values():
            document["TrialComponentArn"] = sagemaker_arn(COMPONENT, region, document["TrialComponentName"])
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
    """Metric summaries; of a metric that is named with a statistic only that one."""
    table, names = tables.component_metrics, tables.property_names
    fields = [
        table.c[name] for name in ("count", "minimum", "maximum", "mean", "spread", "last", "last_time")
    ]
    query = (
        select(table.c.component, table.c.name, *fields)
        .join(names, names.c.id == table.c.name)
        .where(table.c.component.in_(_many(documents)))
        .order_by(names.c.name)
    )
    parts: dict[str, set[str]] = {}
    if not selection.whole("Metrics"):
        for path in selection.within("Metrics"):
            metric, statistic = metric_part(path, experiments.names)
            parts.setdefault(metric, set()).add(statistic)
        told = {
            number: metric
            for metric in parts
            if (number := experiments.names.find(METRICS + metric)) is not None
        }
        query = query.where(table.c.name.in_(list(told)))
    else:
        told = _metric_names(connection, documents)
    for document in documents.values():
        document["Metrics"] = []
    sources = (
        {} if parts and not any("" in asked for asked in parts.values()) else _sources(connection, documents)
    )
    for component, name, count, low, high, mean, spread, last, last_time in connection.execute(query):
        metric = told[name]
        asked = parts.get(metric)
        summary = {
            "MetricName": metric,
            "SourceArn": sources.get(component),
            "TimeStamp": last_time,
            "Max": high,
            "Min": low,
            "Last": last,
            "Count": count,
            "Avg": mean,
            "StdDev": math.sqrt(max(0.0, spread / count)),
        }
        if asked and "" not in asked:
            summary = {member: summary[member] for member in ("MetricName", *asked)}
        documents[component]["Metrics"].append(summary)


def _metric_names(connection: Connection, documents: dict[int, Document]) -> dict[int, str]:
    table, names = tables.component_metrics, tables.property_names
    numbers = select(table.c.name).where(table.c.component.in_(_many(documents)))
    query = select(names.c.id, names.c.name).where(names.c.id.in_(numbers))
    return {row.id: row.name.removeprefix(METRICS) for row in connection.execute(query)}


def _sources(connection: Connection, documents: dict[int, Document]) -> dict[int, str]:
    """ARNs that the metrics of components are of: their jobs, or they themselves."""
    query = select(_components).where(_components.c.id.in_(_many(documents)))
    return {
        row.id: row.source_arn or sagemaker_arn(COMPONENT, row.region, row.name)
        for row in connection.execute(query)
    }


def metric_part(path: str, names: PropertyNames) -> tuple[str, str]:
    """Metric and member of a summary that a path below `Metrics.` names; "" for the whole summary."""
    metric, statistic = split_metric(path, names)
    if metric == path:
        return path, ""
    return metric, next(name for name in _STATISTICS if name.lower() == statistic)


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
