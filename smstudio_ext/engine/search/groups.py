"""Groups of trial components for pages: one record a group, counted and summed up where the rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, select

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.experiments.names import METRICS, PARAMETERS
from smstudio_ext.engine.search.pages import Wanted, matching
from smstudio_ext.engine.search.trial_components import metric_value, split_metric
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from smstudio_ext.engine.experiments.names import PropertyNames
    from smstudio_ext.engine.search.hints import Selection
    from smstudio_ext.engine.search.properties import Searched

Document = dict[str, Any]
Value = ColumnElement[Any]

MOST_GROUPS = 2000
SIZE = "Rows"
"""Name of the summary whose `Count` is the size of a group."""
_LARGEST = 1.7976931348623157e308
_components = tables.trial_components
_members = tables.trial_members
_COLUMNS: dict[str, Value] = {
    "Status.PrimaryStatus": _components.c.status,
    "Source.SourceType": _components.c.source_type,
}
_PARENTS: dict[str, Value] = {
    "Parents.TrialName": _members.c.trial,
    "Parents.ExperimentName": _members.c.experiment,
}


def component_groups(
    connection: Connection,
    searched: Searched,
    wanted: Wanted,
    names: PropertyNames,
    by: str,
    selection: Selection,
) -> tuple[list[Document], int]:
    """Records of groups, largest first, and how many components there are in all.

    A record has AWS's shape: the property with the group's value, and as `Metrics` a summary `Rows` whose `Count` is the size of the
    group, then one for each selected metric path, over the components' values of that statistic: `Min`, `Max`, `Avg`, `Count`.

    Args:
        by: property to group by: a parameter, an experiment or trial, the status or the type of the source.
        selection: paths of metrics (`Metrics.loss.Min`); others are passed over.

    Raises:
        ValidationException: there is no grouping by this property.
    """
    condition, total = matching(connection, searched, wanted)
    source, keys = _keys(names, by)
    size: Value = func.count()
    columns: list[Value] = [size.label("size")]
    paths = selection.within("Metrics")
    for path in paths:
        metric, statistic = split_metric(path, names)
        table = tables.component_metrics.alias()
        here = and_(
            table.c.name == (names.find(METRICS + metric) or -1), table.c.component == _components.c.id
        )
        source = source.outerjoin(table, here)
        value = metric_value(table, statistic)
        finite = case((func.abs(value) <= _LARGEST, value))
        columns += [func.min(finite), func.max(finite), func.avg(finite), func.count(finite)]
    query = select(*keys, *columns).select_from(source).where(condition).group_by(*keys)
    rows = connection.execute(query.order_by(size.desc(), *keys).limit(MOST_GROUPS + 1))
    records = []
    for row in rows:
        key, size_of, numbers = row[: len(keys)], row[len(keys)], row[len(keys) + 1 :]
        summaries: list[Document] = [{"MetricName": SIZE, "Count": size_of}]
        for place, path in enumerate(paths):
            low, high, mean, count = numbers[place * 4 : place * 4 + 4]
            told = {"Min": low, "Max": high, "Avg": mean} if count else {}
            summaries.append({"MetricName": path, "Count": count, **told})
        records.append({"TrialComponent": {**_with(by, key), "Metrics": summaries}})
    return records, total


def _keys(names: PropertyNames, by: str) -> tuple[FromClause, list[Value]]:
    """What is read, and the values that tell groups apart."""
    if by in _COLUMNS:
        return _components, [_COLUMNS[by]]
    if by in _PARENTS:
        # A component may be in several trials of an experiment and still is one row of it.
        inside = select(_members.c.component, _PARENTS[by].label("parent")).distinct().subquery()
        here = inside.c.component == _components.c.id
        return _components.outerjoin(inside, here), [inside.c.parent]
    if by.startswith(PARAMETERS):
        table = tables.component_properties.alias()
        here = and_(table.c.name == (names.find(by) or -1), table.c.component == _components.c.id)
        return _components.outerjoin(table, here), [table.c.text, table.c.number]
    raise ValidationException(
        f"x-smstudio-group cannot be {by}: give a parameter, {', '.join([*_PARENTS, *_COLUMNS])}."
    )


def _with(by: str, key: Any) -> Document:
    """The property with a group's value; nothing for those that have none."""
    if all(value is None for value in key):
        return {}
    member, _, name = by.partition(".")
    if member == "Parents":
        return {member: [{name: key[0]}]}
    if member == "Parameters":
        text, number = key
        return {member: {name: {"NumberValue": number} if text is None else {"StringValue": text}}}
    return {member: {name: key[0]}}
