"""Trial components as Search shows them, written as JSON text at once.

A thousand components with twenty metrics are a megabyte or more of answer: making and walking dictionaries for it would cost
several times what reading and writing it does. Documents are kept as the JSON that goes over the wire.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
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
from smstudio_ext.engine.store.database import plain

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
_encode = msgspec.json.Encoder().encode
_LIGHT = frozenset(
    "TrialComponentName TrialComponentArn DisplayName CreationTime LastModifiedTime StartTime EndTime Status Source "
    "Parameters Metrics Parents Tags".split()
)
"""Members that need no document."""
_SPARSE = 2
"""Components among which less than one in so many is wanted are no neighbours."""
_OF_ITSELF = ":experiment-trial-component/"
STATISTICS = ("Min", "Max", "Avg", "Last", "Count", "StdDev", "TimeStamp")


def component_records(
    connection: Connection,
    experiments: Experiments,
    region: str,
    rows: Sequence[Row[Any]],
    selection: Selection,
) -> list[bytes]:
    """Records of components in the order of `rows`, as JSON: with metrics, parents, tags and, unless left out, their jobs."""
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
    return [
        f'{{"TrialComponent":{{{",".join(texts[number])}}}}}'.encode() for number in names if number in texts
    ]


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


def _json(value: Any) -> str:
    return _encode(value).decode()


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
    labels = _labels(
        connection, experiments, PARAMETERS, selection.whole("Parameters"), selection.within("Parameters")
    )
    found: dict[int, dict[str, Document]] = {}
    for component, name, text, number in _plain_rows(
        connection, "component_properties", "component, name, text, number", texts, labels
    ):
        value = {"NumberValue": number} if text is None else {"StringValue": text}
        found.setdefault(component, {})[labels[name]] = value
    for component, members in found.items():
        texts[component].append(f'"Parameters":{_json(members)}')


class _Summary(msgspec.Struct, gc=False):
    """A TrialComponentMetricSummary as it goes over the wire."""

    MetricName: str
    SourceArn: str
    TimeStamp: float
    Max: float
    Min: float
    Last: float
    Count: int
    Avg: float
    StdDev: float


def _add_metrics(
    connection: Connection,
    experiments: Experiments,
    texts: Texts,
    selection: Selection,
    sources: dict[int, str],
) -> None:
    """Metric summaries by name; of a metric that is named with a statistic only that one."""
    parts: dict[str, set[str]] = {}
    whole = selection.whole("Metrics")
    if not whole:
        for path in selection.within("Metrics"):
            metric, statistic = metric_part(path, experiments.names)
            parts.setdefault(metric, set()).add(statistic)
    labels = _labels(connection, experiments, METRICS, whole, parts)
    rows = _metric_rows(connection, list(texts), None if whole else labels)
    places = {number: place for place, number in enumerate(sorted(labels, key=labels.__getitem__))}
    rows.sort(key=lambda row: places[row[1]])
    found: dict[int, list[_Summary | Document]] = {number: [] for number in texts}
    for component, name, count, low, high, mean, spread, last, moment in rows:
        label = labels[name]
        deviation = math.sqrt(spread / count) if spread > 0 else 0.0
        summary = _Summary(
            label, sources[component], round(moment, 3), high, low, last, count, mean, deviation
        )
        asked = parts.get(label)
        if asked and "" not in asked:
            told = {member: getattr(summary, member) for member in asked}
            found[component].append({"MetricName": label, **told})
        else:
            found[component].append(summary)
    for component, summaries in found.items():
        texts[component].append(f'"Metrics":{_json(summaries)}')


def _labels(
    connection: Connection, experiments: Experiments, family: str, whole: bool, chosen: Iterable[str]
) -> dict[int, str]:
    """Names of a family by their numbers: all that there are, or the chosen ones."""
    if whole:
        names = tables.property_names
        listed = select(names.c.id, names.c.name).where(names.c.name.startswith(family, autoescape=True))
        return {row.id: row.name.removeprefix(family) for row in connection.execute(listed)}
    numbers = {name: experiments.names.find(family + name) for name in chosen}
    return {number: name for name, number in numbers.items() if number is not None}


_METRIC_COLUMNS = "component, name, count, minimum, maximum, mean, spread, last, last_time"


def _metric_rows(
    connection: Connection, components: list[int], names: Iterable[int] | None
) -> list[tuple[Any, ...]]:
    """Rows of `component_metrics` of some components and names (None: all)."""
    wanted = set(components)
    low, high = min(wanted, default=0), max(wanted, default=-1)
    if high - low >= _SPARSE * len(wanted):
        return _plain_rows(connection, "component_metrics", _METRIC_COLUMNS, components, names)
    # Neighbours, as the newest are: a metric's rows lie in one stretch, which is read much faster than each component's rows.
    if names is None:
        every = "SELECT DISTINCT name FROM component_metrics WHERE component BETWEEN ? AND ?"
        names = [row[0] for row in plain(connection, every, (low, high))]
    sql = (
        f"SELECT {_METRIC_COLUMNS} FROM json_each(?) AS listed CROSS JOIN component_metrics "
        "ON name = listed.value AND component BETWEEN ? AND ?"
    )
    result = plain(connection, sql, (json.dumps(list(names)), low, high))
    rows = list(result.cursor.fetchall()) if result.cursor is not None else []
    return rows if high - low + 1 == len(wanted) else [row for row in rows if row[0] in wanted]


def _plain_rows(
    connection: Connection,
    table: str,
    columns: str,
    components: Iterable[int],
    names: Iterable[int] | None,
) -> list[Any]:
    """Rows of some components and names (None: all) as the driver has them: wrapping twenty thousand takes as long as reading them."""
    sql = f"SELECT {columns} FROM {table} WHERE component IN (SELECT value FROM json_each(?))"
    values = [json.dumps(list(components))]
    if names is not None:
        sql += " AND name IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(list(names)))
    result = plain(connection, sql, tuple(values))
    return list(result.cursor.fetchall()) if result.cursor is not None else []


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
