"""Trial components as Search shows them, written as JSON text at once.

A thousand components with twenty metrics are a megabyte or more of answer: making and walking dictionaries for it would cost
several times what reading and writing it does. Documents are kept as the JSON that goes over the wire.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.experiments.names import METRICS, PARAMETERS
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.protocol import json_wire, models
from smstudio_ext.engine.protocol.shapes import writer
from smstudio_ext.engine.search.hints import Selection, pruned
from smstudio_ext.engine.search.records import many, tags_of
from smstudio_ext.engine.search.trial_components import split_metric
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

    from smstudio_ext.engine.experiments.names import PropertyNames
    from smstudio_ext.engine.experiments.part import Experiments

Document = dict[str, Any]
Texts = dict[int, list[str]]
"""By number of a component: the members of its record, each as JSON (`"DisplayName":"x"`)."""

_components = tables.trial_components
_resources = tables.resources
_quoted = json.dumps
_LIGHT = frozenset(
    "TrialComponentName TrialComponentArn DisplayName CreationTime LastModifiedTime StartTime EndTime Status Source "
    "Parameters Metrics Parents Tags".split()
)
"""Members that need no document."""
_OF_ITSELF = ":experiment-trial-component/"
STATISTICS = ("Min", "Max", "Avg", "Last", "Count", "StdDev", "TimeStamp")


def component_records(
    connection: Connection,
    experiments: Experiments,
    region: str,
    rows: Sequence[Row[Any]],
    selection: Selection,
) -> list[str]:
    """Records of components in the order of `rows`: with metrics, parents, tags and, unless left out, their jobs."""
    names = {row.id: row.name for row in rows}
    light = bool(selection) and all(path.split(".")[0] in _LIGHT for path in selection.paths)
    if light:
        texts = _from_tables(connection, region, names, selection)
        if selection.any("Parameters"):
            _add_parameters(connection, experiments, texts, selection)
    else:
        texts = _from_documents(connection, region, names, selection)
    sources = _sources(connection, region, texts)
    if selection.any("Metrics"):
        _add_metrics(connection, experiments, texts, selection, sources)
    if selection.any("Parents"):
        _add_parents(connection, texts)
    if selection.any("Tags"):
        tags = tags_of(connection, [sagemaker_arn(COMPONENT, region, name) for name in names.values()])
        for number in texts:
            own = tags.get(sagemaker_arn(COMPONENT, region, names[number]), [])
            texts[number].append(f'"Tags":{_quoted(own)}')
    if selection.whole("SourceDetail"):
        _add_jobs(connection, texts, sources)
    return [f'{{"TrialComponent":{{{",".join(texts[number])}}}}}' for number in names if number in texts]


def _from_documents(
    connection: Connection, region: str, names: dict[int, str], selection: Selection
) -> Texts:
    query = select(_resources.c.name, _resources.c.document).where(
        _resources.c.kind == COMPONENT,
        _resources.c.region == region,
        _resources.c.name.in_(many(names.values())),
    )
    found = {row.name: row.document for row in connection.execute(query)}
    if selection:
        found = {name: json.dumps(pruned(json.loads(text), selection)) for name, text in found.items()}
    texts = {number: found[name][1:-1] for number, name in names.items() if name in found}
    return {number: [text] if text else [] for number, text in texts.items()}


def _from_tables(connection: Connection, region: str, names: dict[int, str], selection: Selection) -> Texts:
    wanted = [
        read for member, read in _READ.items() if selection.any(member) or member == "TrialComponentName"
    ]
    arn = selection.any("TrialComponentArn")
    query = select(_components).where(_components.c.id.in_(many(names)))
    texts: Texts = {}
    for row in connection.execute(query):
        texts[row.id] = [text for read in wanted if (text := read(row))]
        if arn:
            texts[row.id].append(f'"TrialComponentArn":{_quoted(sagemaker_arn(COMPONENT, region, row.name))}')
    return texts


def _time(member: str, column: str) -> Callable[[Any], str]:
    def read(row: Any) -> str:
        value = getattr(row, column)
        return "" if value is None else f'"{member}":{value:.3f}'

    return read


def _status(row: Any) -> str:
    if row.status is None:
        return ""
    message = "" if row.message is None else f',"Message":{_quoted(row.message)}'
    return f'"Status":{{"PrimaryStatus":"{row.status}"{message}}}'


def _source(row: Any) -> str:
    if row.source_arn is None:
        return ""
    kind = "" if row.source_type is None else f',"SourceType":{_quoted(row.source_type)}'
    return f'"Source":{{"SourceArn":{_quoted(row.source_arn)}{kind}}}'


_READ: dict[str, Callable[[Any], str]] = {
    "TrialComponentName": lambda row: f'"TrialComponentName":{_quoted(row.name)}',
    "DisplayName": lambda row: f'"DisplayName":{_quoted(row.display_name)}',
    "CreationTime": _time("CreationTime", "created"),
    "LastModifiedTime": _time("LastModifiedTime", "modified"),
    "StartTime": _time("StartTime", "started"),
    "EndTime": _time("EndTime", "ended"),
    "Status": _status,
    "Source": _source,
}


def _add_parameters(
    connection: Connection, experiments: Experiments, texts: Texts, selection: Selection
) -> None:
    table, names = tables.component_properties, tables.property_names
    query = select(table.c.component, table.c.name, table.c.text, table.c.number).where(
        table.c.component.in_(many(texts))
    )
    if selection.whole("Parameters"):
        listed = select(names.c.id, names.c.name).where(names.c.name.startswith(PARAMETERS))
        labels = {row.id: _quoted(row.name.removeprefix(PARAMETERS)) for row in connection.execute(listed)}
    else:
        numbers = {name: experiments.names.find(PARAMETERS + name) for name in selection.within("Parameters")}
        labels = {number: _quoted(name) for name, number in numbers.items() if number is not None}
        query = query.where(table.c.name.in_(list(labels)))
    found: dict[int, list[str]] = defaultdict(list)
    for component, name, text, number in connection.execute(query):
        label = labels.get(name)
        if label is not None:
            value = f'{{"NumberValue":{number!r}}}' if text is None else f'{{"StringValue":{_quoted(text)}}}'
            found[component].append(f"{label}:{value}")
    for component, members in found.items():
        texts[component].append(f'"Parameters":{{{",".join(members)}}}')


def _add_metrics(
    connection: Connection,
    experiments: Experiments,
    texts: Texts,
    selection: Selection,
    sources: dict[int, str],
) -> None:
    """Metric summaries; of a metric that is named with a statistic only that one."""
    table, names = tables.component_metrics, tables.property_names
    fields = [
        table.c[name] for name in ("count", "minimum", "maximum", "mean", "spread", "last", "last_time")
    ]
    query = (
        select(table.c.component, names.c.name, *fields)
        .join(names, names.c.id == table.c.name)
        .where(table.c.component.in_(many(texts)))
        .order_by(names.c.name)
    )
    parts: dict[str, set[str]] = {}
    if not selection.whole("Metrics"):
        for path in selection.within("Metrics"):
            metric, statistic = metric_part(path, experiments.names)
            parts.setdefault(METRICS + metric, set()).add(statistic)
        numbers = [experiments.names.find(metric) for metric in parts]
        query = query.where(table.c.name.in_([number for number in numbers if number is not None]))
    arns = {number: _quoted(source) for number, source in sources.items()}
    labels: dict[str, str] = {}
    found: dict[int, list[str]] = {number: [] for number in texts}
    for component, name, count, low, high, mean, spread, last, moment in connection.execute(query):
        label = labels.get(name)
        if label is None:
            label = labels[name] = _quoted(name.removeprefix(METRICS))
        asked = parts.get(name)
        deviation = math.sqrt(spread / count) if spread > 0 else 0.0
        if asked and "" not in asked:
            values = dict(zip(STATISTICS, (low, high, mean, last, count, deviation, moment), strict=True))
            told = ",".join(f'"{member}":{values[member]!r}' for member in asked)
            found[component].append(f'{{"MetricName":{label},{told}}}')
        else:
            found[component].append(
                f'{{"MetricName":{label},"SourceArn":{arns[component]},"TimeStamp":{moment:.3f},"Max":{high!r},"Min":{low!r},'
                f'"Last":{last!r},"Count":{count},"Avg":{mean!r},"StdDev":{deviation!r}}}'
            )
    for component, summaries in found.items():
        texts[component].append(f'"Metrics":[{",".join(summaries)}]')


def metric_part(path: str, names: PropertyNames) -> tuple[str, str]:
    """Metric and member of a summary that a path below `Metrics.` names; "" for the whole summary."""
    metric, statistic = split_metric(path, names)
    if metric == path:
        return path, ""
    return metric, next(name for name in STATISTICS if name.lower() == statistic)


def _sources(connection: Connection, region: str, components: Iterable[int]) -> dict[int, str]:
    """ARNs that the metrics of components are of: their jobs, or they themselves."""
    columns = (_components.c.id, _components.c.source_arn, _components.c.name)
    query = select(*columns).where(_components.c.id.in_(many(components)))
    return {
        number: source or sagemaker_arn(COMPONENT, region, name)
        for number, source, name in connection.execute(query)
    }


def _add_parents(connection: Connection, texts: Texts) -> None:
    table = tables.trial_members
    query = (
        select(table.c.component, table.c.trial, table.c.experiment)
        .where(table.c.component.in_(many(texts)))
        .order_by(table.c.associated)
    )
    found: dict[int, list[str]] = {number: [] for number in texts}
    for component, trial, experiment in connection.execute(query):
        found[component].append(f'{{"TrialName":{_quoted(trial)},"ExperimentName":{_quoted(experiment)}}}')
    for component, parents in found.items():
        texts[component].append(f'"Parents":[{",".join(parents)}]')


def _add_jobs(connection: Connection, texts: Texts, sources: dict[int, str]) -> None:
    of_jobs = {number: arn for number, arn in sources.items() if _OF_ITSELF not in arn}
    query = select(_resources.c.arn, _resources.c.kind, _resources.c.document).where(
        _resources.c.arn.in_(many(set(of_jobs.values())))
    )
    api = models.load("sagemaker")
    assert api is not None
    write = writer(api.model.shape_for("TrialComponentSourceDetail"))
    jobs = {row.arn: (row.kind, row.document) for row in connection.execute(query)}
    for number, arn in of_jobs.items():
        detail: Document = {"SourceArn": arn}
        if arn in jobs:
            kind, text = jobs[arn]
            detail[kind] = json.loads(text)
        texts[number].append(f'"SourceDetail":{json_wire.dump(write(detail)).decode()}')
