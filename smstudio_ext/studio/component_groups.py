"""Groups the rows of a component table by a property."""

from __future__ import annotations

import math
from typing import Any

from smstudio_ext.studio.component_query import COMPONENT, cells_of, expression, selection
from smstudio_ext.studio.models.components import (
    Cell,
    ComponentGroup,
    ComponentGroups,
    GroupMetric,
    GroupsQuery,
)
from smstudio_ext.studio.models.experiments import ColumnFilter
from smstudio_ext.studio.search import local_groups, search_all
from smstudio_ext.target import Target

_MOST_LOCAL = 100_000
_MOST_AWS = 1000
_MOST_GROUPS = 2000
_KIND = "Source.SourceType"
_GROUPED_THERE = frozenset({"Parents.ExperimentName", "Parents.TrialName", _KIND, "Status.PrimaryStatus"})
_SOURCE_TYPES = {
    "Training job": "SageMakerTrainingJob",
    "Transform job": "SageMakerTransformJob",
    "Processing job": "SageMakerProcessingJob",
}
_KINDS = {kind: name for name, kind in _SOURCE_TYPES.items()} | {"SageMakerAutoMLJob": "AutoML job"}
"""Words for the types of sources that groups have."""


def group_components(target: Target, query: GroupsQuery) -> ComponentGroups:
    """The groups with their sizes and the range of each metric, largest first.

    The local engine groups where the rows are. AWS offers no grouping, so rows are read and counted here: its first 1,000.
    """
    if target.kind == "local" and (query.by in _GROUPED_THERE or query.by.startswith("Parameters.")):
        return _grouped_there(target, query)
    columns = [query.by, *query.metrics]
    most = _MOST_LOCAL if target.kind == "local" else _MOST_AWS
    values: dict[str | None, list[list[Cell]]] = {}
    rows = 0
    for each in search_all(
        target,
        COMPONENT,
        expression(target, query.query),
        at_most=most,
        sort_by=query.query.sort_by,
        descending=query.query.descending,
        select=selection(columns, summary=False),
    ):
        rows += 1
        for value in _values(each, query.by):
            values.setdefault(value, []).append(cells_of(each, query.metrics))
    found = sorted(values.items(), key=lambda item: -len(item[1]))
    return ComponentGroups(
        groups=[_group(query, value, members) for value, members in found[:_MOST_GROUPS]],
        rows=rows,
        complete=rows < most and len(found) <= _MOST_GROUPS,
    )


def _grouped_there(target: Target, query: GroupsQuery) -> ComponentGroups:
    where = expression(target, query.query)
    found = local_groups(target, COMPONENT, where, query.by, selection(query.metrics, summary=False)[1:])
    groups = []
    for each in found.results[:_MOST_GROUPS]:
        size, *metrics = each["Metrics"]
        kind = (each.get("Source") or {}).get("SourceType")
        value = kind if query.by == _KIND else _values(each, query.by)[0]
        groups.append(
            ComponentGroup(
                label=(_KINDS.get(value or "", value) if query.by == _KIND else value) or "",
                value=value,
                count=size["Count"],
                filter=_plain_filter(query.by, value),
                metrics=[
                    GroupMetric(lowest=told.get("Min"), highest=told.get("Max"), mean=told.get("Avg"))
                    for told in metrics
                ],
            )
        )
    return ComponentGroups(groups=groups, rows=found.total or 0, complete=len(found.results) <= _MOST_GROUPS)


def _values(found: dict[str, Any], by: str) -> list[str | None]:
    """Values of the property; a component of two trials is in both groups."""
    if by.startswith("Parents."):
        member = by.partition(".")[2]
        return list({parent.get(member) for parent in found.get("Parents") or []}) or [None]
    value = cells_of(found, [by])[0]
    if value is None:
        return [None]
    return [_number(value) if isinstance(value, (int, float)) else str(value)]


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _group(query: GroupsQuery, value: str | None, members: list[list[Cell]]) -> ComponentGroup:
    return ComponentGroup(
        label=value if value is not None else "",
        value=value,
        count=len(members),
        filter=_filter(query.by, value),
        metrics=[_metric([row[index] for row in members]) for index, _ in enumerate(query.metrics)],
    )


def _filter(by: str, value: str | None) -> ColumnFilter:
    if by == _KIND:
        if value in _SOURCE_TYPES:
            return ColumnFilter(name=by, operator="Equals", value=_SOURCE_TYPES[value])
        return ColumnFilter(name=by, operator="NotExists")
    return _plain_filter(by, value)


def _plain_filter(by: str, value: str | None) -> ColumnFilter:
    if value is None:
        return ColumnFilter(name=by, operator="NotExists")
    return ColumnFilter(name=by, operator="Equals", value=value)


def _metric(cells: list[Cell]) -> GroupMetric:
    numbers = [float(cell) for cell in cells if isinstance(cell, (int, float)) and math.isfinite(cell)]
    if not numbers:
        return GroupMetric(lowest=None, highest=None, mean=None)
    return GroupMetric(lowest=min(numbers), highest=max(numbers), mean=math.fsum(numbers) / len(numbers))
