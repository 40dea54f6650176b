"""Search over trial components: their own tables, where a parameter or metric of all components lies in one stretch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Float, FromClause, and_, exists, func, not_, select, true

from smstudio_ext.engine.experiments.names import INPUTS, METRICS, OUTPUTS, PARAMETERS
from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.search.comparing import (
    compare_either,
    compare_number,
    compare_text,
    compare_time,
)
from smstudio_ext.engine.search.documents import TAGS, document_property, nested_condition, tag_property
from smstudio_ext.engine.search.expressions import Condition, Nested
from smstudio_ext.engine.search.properties import Join, Property, Searched
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from smstudio_ext.engine.experiments.names import PropertyNames

Value = ColumnElement[Any]

_components = tables.trial_components
_resources = tables.resources
_members = tables.trial_members

_TEXTS = {
    "TrialComponentName": _components.c.name,
    "DisplayName": _components.c.display_name,
    "Status.PrimaryStatus": _components.c.status,
    "Status.Message": _components.c.message,
    "Source.SourceArn": _components.c.source_arn,
    "Source.SourceType": _components.c.source_type,
    "SourceDetail.SourceArn": _components.c.source_arn,
}
_TIMES = {
    "CreationTime": _components.c.created,
    "LastModifiedTime": _components.c.modified,
    "StartTime": _components.c.started,
    "EndTime": _components.c.ended,
}
_ALWAYS = ("TrialComponentName", "DisplayName", "CreationTime", "LastModifiedTime")
_PARENTS = {"Parents.TrialName": _members.c.trial, "Parents.ExperimentName": _members.c.experiment}
_FAMILIES = (PARAMETERS, INPUTS, OUTPUTS, METRICS, TAGS)
_JOBS = ("SourceDetail.TrainingJob.", "SourceDetail.ProcessingJob.", "SourceDetail.TransformJob.")
STATISTICS = {
    "min": "minimum",
    "max": "maximum",
    "avg": "mean",
    "last": "last",
    "count": "count",
    "stddev": "spread",
    "timestamp": "last_time",
}
"""AWS's statistics of a metric (in small letters) and their columns."""


def searched_components(region: str, names: PropertyNames, *, only: bool) -> Searched:
    """Trial components of a region in SQL.

    Args:
        only: no other region has any, so that SQL need not ask each row for its region.
    """
    finder = _Finder(names)
    return Searched(
        name=COMPONENT,
        table=_components,
        identity=_components.c.id,
        base=true() if only else _components.c.region == region,
        find=finder.find,
        nested=finder.nested,
        columns=(_components.c.id, _components.c.name),
    )


def is_only_region(connection: Connection, region: str) -> bool:
    """Whether no other region has trial components."""
    other = select(_components.c.id)
    column = _components.c.region
    return all(
        connection.execute(other.where(beyond).limit(1)).first() is None
        for beyond in (column < region, column > region)
    )


def split_metric(name: str, names: PropertyNames) -> tuple[str, str]:
    """Metric and statistic of what follows `Metrics.`: `test:accuracy.Max` -> (`test:accuracy`, `max`).

    A metric may have a dot of its own; a name that some component has is that metric, and its last value is meant.
    """
    metric, dot, statistic = name.rpartition(".")
    if dot and statistic.lower() in STATISTICS and names.find(METRICS + name) is None:
        return metric, statistic.lower()
    return name, "last"


def metric_value(table: FromClause, statistic: str) -> Value:
    """A statistic (a key of `STATISTICS`) of the summaries in `table`, as SQL."""
    column = table.c[STATISTICS[statistic]]
    return func.sqrt(column / table.c.count, type_=Float) if statistic == "stddev" else column


class _Finder:
    """Properties of trial components; families (`Parameters.`) are known in any case of letters."""

    def __init__(self, names: PropertyNames) -> None:
        self._names = names

    def find(self, name: str) -> Property | None:
        if name in _TEXTS:
            text = _TEXTS[name]
            return Property(lambda one: compare_text(text, one), (text,), nullable=name not in _ALWAYS)
        if name in _TIMES:
            time = _TIMES[name]
            return Property(lambda one: compare_time(time, one), (time,), nullable=name not in _ALWAYS)
        if name in _PARENTS:
            return _parent(name)
        for family in _FAMILIES:
            if name.lower().startswith(family.lower()) and len(name) > len(family):
                return self._of_family(family, name[len(family) :])
        for prefix in _JOBS:
            if name.startswith(prefix):
                return _of_job(prefix.split(".")[1], name[len(prefix) :])
        return _of_document(name)

    def nested(self, nested: Nested) -> ColumnElement[bool] | None:
        if nested.name == "Parents":
            parts = []
            for condition in nested.conditions:
                column = _PARENTS.get(f"Parents.{condition.name.removeprefix('Parents.')}")
                if column is None:
                    return None
                parts.append(compare_text(column, condition))
            return exists(
                select(_members.c.component).where(_members.c.component == _components.c.id, *parts)
            )
        made = nested_condition(_resources, "TrialComponent", nested)
        if made is None:
            return None
        return exists(select(_resources.c.arn).where(_own_document(), made).correlate(_components))

    def _of_family(self, family: str, name: str) -> Property | None:
        if family == TAGS:
            arn = select(_resources.c.arn).where(_own_document()).correlate(_components).scalar_subquery()
            return tag_property(arn, TAGS + name)
        if family == METRICS:
            return self._metric(name)
        if family in (INPUTS, OUTPUTS) and name.endswith(".MediaType"):
            return _of_document(family + name)
        for suffix in (".Value", ".StringValue", ".NumberValue"):
            if name.endswith(suffix) and self._names.find(family + name) is None:
                name = name.removesuffix(suffix)
        return self._stored(family + name)

    def _stored(self, name: str) -> Property:
        table = tables.component_properties.alias()
        named = table.c.name == self._number(name)
        having = select(table.c.component).where(named)

        def compare(condition: Condition) -> ColumnElement[bool]:
            inside = having
            negative = {"NotEquals": "Equals", "NotExists": "Exists"}.get(condition.operator)
            wanted = Condition(condition.name, negative or condition.operator, condition.value)
            if wanted.operator != "Exists":
                there = table.c.component.is_not(None)
                inside = inside.where(compare_either(table.c.text, table.c.number, wanted, exists=there))
            return _components.c.id.not_in(inside) if negative else _components.c.id.in_(inside)

        here = and_(named, table.c.component == _components.c.id)
        return Property(compare, (table.c.number, table.c.text), Join(table, here, having))

    def _metric(self, name: str) -> Property:
        metric, statistic = split_metric(name, self._names)
        table = tables.component_metrics.alias()
        number = self._number(METRICS + metric)
        having = select(table.c.component).where(table.c.name == number)
        value = metric_value(table, statistic)

        def compare(condition: Condition) -> ColumnElement[bool]:
            inside = having
            negative = {"NotEquals": "Equals", "NotExists": "Exists"}.get(condition.operator)
            wanted = Condition(condition.name, negative or condition.operator, condition.value)
            if wanted.operator != "Exists":
                compared = compare_time if statistic == "timestamp" else compare_number
                inside = inside.where(compared(value, wanted))
            return _components.c.id.not_in(inside) if negative else _components.c.id.in_(inside)

        here = and_(table.c.name == number, table.c.component == _components.c.id)
        return Property(compare, (value,), Join(table, here, having), nullable=False)

    def _number(self, name: str) -> int:
        """The number of a name; one that no row has, for a name that nobody used."""
        found = self._names.find(name)
        return -1 if found is None else found


def _parent(name: str) -> Property:
    column = _PARENTS[name]

    def compare(condition: Condition) -> ColumnElement[bool]:
        negative = {"NotEquals": "Equals", "NotExists": "Exists"}.get(condition.operator)
        wanted = Condition(condition.name, negative or condition.operator, condition.value)
        inside = select(_members.c.component)
        if wanted.operator != "Exists":
            inside = inside.where(compare_text(column, wanted))
        return _components.c.id.not_in(inside) if negative else _components.c.id.in_(inside)

    firsts = (
        select(_members.c.component, func.min(column).label("first"))
        .group_by(_members.c.component)
        .subquery()
    )
    join = Join(firsts, firsts.c.component == _components.c.id, select(_members.c.component))
    return Property(compare, (firsts.c.first,), join, nullable=False)


def _of_document(name: str) -> Property | None:
    """A property that only the component's document holds (CreatedBy, MetadataProperties, media types)."""
    return _elsewhere(document_property(_resources, "TrialComponent", name), _own_document())


def _of_job(member: str, name: str) -> Property | None:
    """A property of the job that a component is of."""
    shape = {"TrainingJob": "TrainingJob", "ProcessingJob": "ProcessingJob", "TransformJob": "TransformJob"}[
        member
    ]
    is_of = and_(_resources.c.arn == _components.c.source_arn, _resources.c.kind == member)
    return _elsewhere(document_property(_resources, shape, name), is_of)


def _elsewhere(found: Property | None, on: ColumnElement[bool]) -> Property | None:
    if found is None:
        return None
    compare, values = found.compare, found.sort

    def compared(condition: Condition) -> ColumnElement[bool]:
        if condition.operator in ("NotExists", "NotEquals"):
            inverse = "Exists" if condition.operator == "NotExists" else "Equals"
            positive = Condition(condition.name, inverse, condition.value)
            return not_(exists(select(_resources.c.arn).where(on, compare(positive)).correlate(_components)))
        return exists(select(_resources.c.arn).where(on, compare(condition)).correlate(_components))

    sort = tuple(select(value).where(on).correlate(_components).scalar_subquery() for value in values)
    return Property(compared, sort)


def _own_document() -> ColumnElement[bool]:
    return and_(
        _resources.c.kind == COMPONENT,
        _resources.c.region == _components.c.region,
        _resources.c.name == _components.c.name,
    )
