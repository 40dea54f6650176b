"""The Trial Component List over boto3: rows, names and columns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from smstudio_ext.studio.component_query import (
    ARTIFACTS,
    COMPONENT,
    STATISTICS,
    expression,
    metric_of,
    row_of,
    selection,
)
from smstudio_ext.studio.models.components import (
    ColumnCategory,
    ComponentColumn,
    ComponentColumns,
    ComponentNames,
    ComponentQuery,
    ComponentRows,
    NamesQuery,
    RowsQuery,
)
from smstudio_ext.studio.search import LOCAL_PAGE, search, search_all, suggestions
from smstudio_ext.target import Target

_FIRST_LOOK = 3
_SECOND_LOOK = 50
"""Rows that are looked at for column names; the second look only where rows are narrow."""
_NARROW = 300
_AWS_NAMES = 1000
"""Most names that are fetched from AWS at once: ten calls."""
_CATEGORIES: tuple[tuple[str, ColumnCategory], ...] = (
    ("Metrics", "Metrics"),
    ("Parameters", "Parameters"),
    ("InputArtifacts", "Input artifacts"),
    ("OutputArtifacts", "Output artifacts"),
    ("Tags", "Tags"),
)


def list_component_rows(target: Target, query: RowsQuery) -> ComponentRows:
    """Rows of the table."""
    local = target.kind == "local"
    found = search(
        target,
        COMPONENT,
        expression(target, query.query),
        sort_by=query.query.sort_by,
        descending=query.query.descending,
        limit=query.limit,
        offset=query.offset,
        token=None if local and query.offset else query.token,
        select=selection(query.columns),
    )
    return ComponentRows(
        rows=[row_of(each, query.columns) for each in found.results],
        total=found.total,
        next_token=found.token,
        random_access=local and found.total is not None,
    )


def list_component_names(target: Target, query: NamesQuery) -> ComponentNames:
    """Names of a range of rows."""
    local = target.kind == "local"
    wanted = min(query.limit, LOCAL_PAGE if local else max(0, _AWS_NAMES - query.offset))
    where = expression(target, query.query)
    order, descending = query.query.sort_by, query.query.descending
    if local:
        found = search(
            target,
            COMPONENT,
            where,
            sort_by=order,
            descending=descending,
            limit=wanted,
            offset=query.offset,
            select=["TrialComponentName"],
        )
        names = [each["TrialComponentName"] for each in found.results]
        return ComponentNames(names=names, complete=found.token is None or len(names) == query.limit)
    read = search_all(target, COMPONENT, where, at_most=_AWS_NAMES, sort_by=order, descending=descending)
    rows = [each["TrialComponentName"] for each in read]
    names = rows[query.offset : query.offset + wanted]
    return ComponentNames(names=names, complete=len(names) == query.limit or len(rows) < _AWS_NAMES)


def list_component_columns(target: Target, query: ComponentQuery) -> ComponentColumns:
    """What the table can show: columns of the newest rows; from the local engine also all others that it knows."""
    where = expression(target, query)
    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(suggested_columns, target) if target.kind == "local" else None
        found = _look(target, where, _FIRST_LOOK)
        if len(found) < _NARROW:
            found |= _look(target, where, _SECOND_LOOK)
        columns = [_column(name, numeric=numeric, here=True) for name, numeric in found.items()]
        if others is None:
            return ComponentColumns(columns=columns, complete=False)
        more = others.result().columns
    columns += [each for each in more if each.id not in found]
    return ComponentColumns(columns=columns, complete=bool(more))


def suggested_columns(target: Target) -> ComponentColumns:
    """Columns that any trial component of the target has, as far as it tells; one call for each kind of columns."""
    with ThreadPoolExecutor(len(_CATEGORIES)) as pool:
        told_of = [pool.submit(suggestions, target, COMPONENT, f"{category}.") for category, _ in _CATEGORIES]
    known: dict[str, ComponentColumn] = {}
    for (category, _), answer in zip(_CATEGORIES, told_of, strict=True):
        for name in answer.result():
            column = _without_statistic(name)
            if column not in known and column.partition(".")[2]:
                known[column] = _column(column, numeric=category == "Metrics", here=False)
    return ComponentColumns(columns=list(known.values()), complete=False)


def columns_in(component: dict[str, Any], *, statistics: bool) -> dict[str, bool]:
    """Columns that a component has, and whether they hold numbers.

    Args:
        statistics: one column for each statistic of a metric, instead of one for the metric.
    """
    found: dict[str, bool] = {}
    for metric in component.get("Metrics") or []:
        name = f"Metrics.{metric['MetricName']}"
        if statistics:
            found |= {f"{name}.{each}": True for each in STATISTICS if metric.get(each) is not None}
        else:
            found[name] = True
    for name, value in (component.get("Parameters") or {}).items():
        found[f"Parameters.{name}"] = "NumberValue" in value
    for category in ARTIFACTS:
        found |= {f"{category}.{name}": False for name in component.get(category) or {}}
    found |= {f"Tags.{tag['Key']}": False for tag in component.get("Tags") or []}
    return found


def _look(target: Target, where: dict[str, Any] | None, rows: int) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for each in search(
        target,
        COMPONENT,
        where,
        sort_by="CreationTime",
        limit=rows,
        select=["TrialComponentName", "Metrics", "Parameters", *ARTIFACTS, "Tags"],
    ).results:
        for name, numeric in columns_in(each, statistics=False).items():
            found[name] = found.get(name, True) and numeric
    return found


def _without_statistic(path: str) -> str:
    category, _, name = path.partition(".")
    if category == "Metrics":
        return f"Metrics.{metric_of(name)[0]}"
    if category in ARTIFACTS:
        return f"{category}.{name.removesuffix('.Value').removesuffix('.MediaType')}"
    return path


def _column(path: str, *, numeric: bool, here: bool) -> ComponentColumn:
    category, _, name = path.partition(".")
    return ComponentColumn(
        id=path, label=name, category=dict(_CATEGORIES)[category], numeric=numeric, here=here
    )
