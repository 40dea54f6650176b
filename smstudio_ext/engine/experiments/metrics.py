"""Metrics of trial components: every point is kept, and a summary by metric that Search sorts and filters by."""

from __future__ import annotations

import json
import math
import struct
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text

from smstudio_ext.engine.experiments.names import METRICS, PropertyNames
from smstudio_ext.engine.experiments.summaries import Point, Summary
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from smstudio_ext.engine.experiments.news import MetricNews
    from smstudio_ext.engine.store.resources import Store

BLOCK = 256
"""Points in a row, at least, when a series was logged point by point."""
POINT_BYTES = 24

_summaries = tables.component_metrics
_points = tables.component_points

_FIELDS = "count minimum maximum mean spread last last_time last_step points".split()
_READ = select(_summaries).where(
    _summaries.c.component == bindparam("component"),
    _summaries.c.name.in_(bindparam("names", expanding=True)),
)
_WRITE = text(
    f"INSERT INTO component_metrics (name, component, {', '.join(_FIELDS)}) "
    f"VALUES (:name, :component, {', '.join(':' + field for field in _FIELDS)}) "
    f"ON CONFLICT (name, component) DO UPDATE SET {', '.join(f'{field} = excluded.{field}' for field in _FIELDS)}"
)
_ADD = insert(_points)
_NUMBER_OF = select(tables.trial_components.c.id).where(
    tables.trial_components.c.region == bindparam("region"),
    tables.trial_components.c.name == bindparam("name"),
)
_NUMBER = "SELECT id FROM trial_components WHERE region = ? AND name = ?"


class Metrics:
    """Metric points and summaries of an engine. All methods are safe from any thread."""

    def __init__(self, store: Store, names: PropertyNames, news: MetricNews) -> None:
        self._store = store
        self._news = news
        self._names = names

    def put(self, region: str, component: str, points: Mapping[str, list[Point]]) -> None:
        """Keeps points of a component and counts them, in one transaction; nothing when it is gone."""
        with self._store.database.write(durable=False) as connection:
            number = connection.execute(_NUMBER_OF, {"region": region, "name": component}).scalar()
            if number is not None:
                self.add(connection, int(number), points)
        self._news.tell(region, component)

    def add(self, connection: Connection, component: int, points: Mapping[str, list[Point]]) -> None:
        """Keeps and counts points of a component (by its number) within a transaction that is open."""
        summaries, numbers = self._read(connection, component, points)
        rows = []
        for name, series in points.items():
            summary, packed = summaries[name], pack(series)
            first = summary.points
            summary.add(series)
            summary.points += len(series)
            if first // BLOCK != summary.points // BLOCK:
                first, packed = _take_block(connection, component, numbers[name], first, packed)
            rows.append({"component": component, "name": numbers[name], "number": first, "points": packed})
        connection.execute(_ADD, rows)
        self._write(connection, component, numbers, summaries)

    def count_job_points(
        self, region: str, component: str, points: Iterable[tuple[str, float, float]], *, anew: bool
    ) -> None:
        """Counts metrics (name, timestamp, value) that a job's log gave; their points are the job's series.

        Args:
            anew: these are all points of the job so far; what was counted of it before goes.
        """
        number = self.number(region, component)
        by_name: dict[str, list[Point]] = defaultdict(list)
        for name, timestamp, value in points:
            by_name[name].append(Point(timestamp, value))
        if number is None or not by_name:
            return
        with self._store.database.write(durable=False) as connection:
            summaries, numbers = self._read(connection, number, by_name)
            for name, series in by_name.items():
                if anew:
                    summaries[name] = self._counted(connection, number, numbers[name])
                summaries[name].add(series)
            self._write(connection, number, numbers, summaries)
        self._news.tell(region, component)

    def number(self, region: str, component: str) -> int | None:
        """The number of a component by its name, or None."""
        row = self._store.database.row(_NUMBER, (region, component))
        return None if row is None else int(row[0])

    def summaries(self, components: Iterable[int]) -> dict[int, dict[str, Summary]]:
        """All summaries of some components, by metric name."""
        names = tables.property_names
        query = (
            select(names.c.name.label("metric"), _summaries)
            .join(names, names.c.id == _summaries.c.name)
            .where(_summaries.c.component.in_(list(components)))
            .order_by(names.c.name)
        )
        found: dict[int, dict[str, Summary]] = defaultdict(dict)
        with self._store.database.read() as connection:
            for row in connection.execute(query):
                found[row.component][row.metric.removeprefix(METRICS)] = _summary(row)
        return found

    def series(self, component: int, metric: str) -> bytes:
        """Every point of a metric that BatchPutMetrics brought, in the order it came, packed."""
        name = self._names.find(METRICS + metric)
        if name is None:
            return b""
        with self._store.database.read() as connection:
            return _kept(connection, component, name)

    def _read(
        self, connection: Connection, component: int, names: Iterable[str]
    ) -> tuple[dict[str, Summary], dict[str, int]]:
        numbers = self._names.numbers(connection, [METRICS + name for name in names])
        by_number = {number: name.removeprefix(METRICS) for name, number in numbers.items()}
        found = {name: Summary() for name in by_number.values()}
        for row in connection.execute(_READ, {"component": component, "names": list(by_number)}):
            found[by_number[row.name]] = _summary(row)
        return found, {name: number for number, name in by_number.items()}

    def _write(
        self, connection: Connection, component: int, numbers: dict[str, int], summaries: dict[str, Summary]
    ) -> None:
        rows = [
            {"name": numbers[name], "component": component, **vars(summary)}
            for name, summary in summaries.items()
        ]
        connection.execute(_WRITE, rows)

    def _counted(self, connection: Connection, component: int, name: int) -> Summary:
        """The summary of the kept points alone."""
        summary = Summary()
        summary.add(unpack(_kept(connection, component, name)))
        summary.points = summary.count
        return summary


def pack(points: Iterable[Point]) -> bytes:
    """Points as rows hold them: little-endian doubles timestamp, value, step (NaN for none)."""
    values: list[float] = []
    for point in points:
        values += (point.timestamp, point.value, math.nan if point.step is None else point.step)
    return struct.pack(f"<{len(values)}d", *values)


def unpack(packed: bytes) -> Iterator[Point]:
    """The points that `pack` packed."""
    for timestamp, value, step in struct.iter_unpack("<3d", packed):
        yield Point(timestamp, value, None if step != step else int(step))


def _kept(connection: Connection, component: int, name: int, start: int = 0) -> bytes:
    query = (
        select(_points.c.points)
        .where(_points.c.component == component, _points.c.name == name, _points.c.number >= start)
        .order_by(_points.c.number)
    )
    return b"".join(row.points for row in connection.execute(query))


def _take_block(
    connection: Connection, component: int, name: int, count: int, packed: bytes
) -> tuple[int, bytes]:
    """Takes the small rows of the last block out, to be written as one with what comes; logging point by point stays small."""
    start = count // BLOCK * BLOCK
    before = _kept(connection, component, name, start)
    connection.execute(
        delete(_points).where(
            _points.c.component == component, _points.c.name == name, _points.c.number >= start
        )
    )
    return count - len(before) // POINT_BYTES, before + packed


def _summary(row: Any) -> Summary:
    return Summary(**{field: getattr(row, field) for field in _FIELDS})


def job_series(
    store: Store, region: str, namespace: str, dimensions: Mapping[str, str], metric: str
) -> list[Point]:
    """Every point that a job's log gave of a metric, by time; a point's step is its place."""
    table = tables.metric_points
    query = (
        select(table.c.timestamp, table.c.value)
        .where(
            table.c.region == region,
            table.c.namespace == namespace,
            table.c.name == metric,
            table.c.dimensions == json.dumps(dict(dimensions), sort_keys=True),
        )
        .order_by(table.c.timestamp, table.c.id)
    )
    with store.database.read() as connection:
        rows = connection.execute(query).fetchall()
    return [Point(row.timestamp, row.value, number) for number, row in enumerate(rows)]
