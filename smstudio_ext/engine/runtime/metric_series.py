"""Metric points as CloudWatch keeps them: written in any order, read by period and statistic."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from smstudio_ext.engine.store.database import Database

Weighted = list[tuple[float, int]]
"""Values and how many equal (or nearly equal) ones each stands for."""


class UnknownStatistic(Exception):
    """A name that is no statistic of CloudWatch."""


@dataclass(frozen=True)
class Point:
    """One value of one metric; `timestamp` in seconds since the epoch, `count` how many such values there were."""

    name: str
    timestamp: float
    value: float
    unit: str | None = None
    count: int = 1


@dataclass(frozen=True)
class Metric:
    """Which series is meant."""

    region: str
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str | None = None


def canonical(dimensions: Mapping[str, str]) -> str:
    """Dimensions as the table holds them: JSON with sorted keys."""
    return json.dumps(dict(dimensions), sort_keys=True)


def write_points(
    database: Database, region: str, namespace: str, dimensions: Mapping[str, str], points: Iterable[Point]
) -> None:
    """Adds points to the series of one set of dimensions."""
    key = canonical(dimensions)
    rows = [
        {
            "region": region,
            "namespace": namespace,
            "dimensions": key,
            "name": point.name,
            "timestamp": point.timestamp,
            "value": point.value,
            "count": point.count,
            "unit": point.unit,
        }
        for point in points
    ]
    if rows:
        with database.write() as connection:
            connection.execute(insert(tables.metric_points), rows)


def read_periods(
    database: Database, metric: Metric, start: float, end: float, period: int
) -> dict[float, tuple[Weighted, str | None]]:
    """Values and unit by the start of their period.

    Args:
        start, end: seconds since the epoch; rounded down and up to whole minutes, as CloudWatch does.
        period: seconds.
    """
    table = tables.metric_points
    query = select(table.c.timestamp, table.c.value, table.c["count"], table.c.unit).where(
        table.c.region == metric.region,
        table.c.namespace == metric.namespace,
        table.c.name == metric.name,
        table.c.dimensions == canonical(metric.dimensions),
        table.c.timestamp >= (math.floor(start / 60) * 60 if period >= 60 else start),
        table.c.timestamp < end,
    )
    if metric.unit is not None:
        query = query.where(table.c.unit == metric.unit)
    values: dict[float, Weighted] = defaultdict(list)
    units: dict[float, str | None] = {}
    with database.read() as connection:
        for timestamp, value, count, unit in connection.execute(query.order_by(table.c.timestamp)):
            bucket = math.floor(timestamp / period) * float(period)
            values[bucket].append((value, count))
            units[bucket] = unit
    return {bucket: (found, units[bucket]) for bucket, found in values.items()}


def statistic(name: str, values: Weighted) -> float:
    """A statistic of values, by CloudWatch's name (`Average`, `p99`, ...).

    Raises:
        UnknownStatistic: it is none.
    """
    known = _STATISTICS.get(name)
    if known is not None:
        return known(values)
    found = re.fullmatch(r"p(\d{1,2}(?:\.\d+)?|100)", name)
    if found is None:
        raise UnknownStatistic(name)
    return _percentile(sorted(values), float(found.group(1)))


def _percentile(ordered: Weighted, percent: float) -> float:
    total = sum(count for _, count in ordered)
    rank = (total - 1) * percent / 100
    low = math.floor(rank)
    below = _at(ordered, low)
    return below + (_at(ordered, min(low + 1, total - 1)) - below) * (rank - low)


def _at(ordered: Weighted, rank: int) -> float:
    """The value at a place among all values."""
    for value, count in ordered:
        if rank < count:
            return value
        rank -= count
    return ordered[-1][0]


def _sum(values: Weighted) -> float:
    return math.fsum(value * count for value, count in values)


def _count(values: Weighted) -> float:
    return float(sum(count for _, count in values))


_STATISTICS: dict[str, Callable[[Weighted], float]] = {
    "SampleCount": _count,
    "Sum": _sum,
    "Average": lambda values: _sum(values) / _count(values),
    "Minimum": lambda values: min(value for value, _ in values),
    "Maximum": lambda values: max(value for value, _ in values),
}
