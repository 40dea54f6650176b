"""Metrics of trial components: every point is kept, and a summary by metric that Search sorts and filters by."""

from __future__ import annotations

import json
import math
import struct
import sys
from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select

from smstudio_ext.engine.experiments.names import METRICS, PropertyNames
from smstudio_ext.engine.experiments.summaries import Logged, Point, Summary
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.database import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from smstudio_ext.engine.experiments.news import MetricNews
    from smstudio_ext.engine.store.resources import Store

BLOCK = 256
"""Points in a row, at least, when a series was logged point by point."""
POINT_BYTES = 24

_summaries = tables.component_metrics
_points = tables.component_points

_FIELDS = "count minimum maximum mean spread last last_time last_step points".split()
_READ = f"SELECT name, {', '.join(_FIELDS)} FROM component_metrics WHERE component = ? AND name IN "
_MOST_ASKED = 500
"""Names in one query; SQLite takes so many variables and no more."""
_WRITE = (
    f"INSERT INTO component_metrics (name, component, {', '.join(_FIELDS)}) VALUES (?, ?, {', '.join('?' * len(_FIELDS))}) "
    f"ON CONFLICT (name, component) DO UPDATE SET {', '.join(f'{field} = excluded.{field}' for field in _FIELDS)}"
)
_ADD = "INSERT INTO component_points (component, name, number, points) VALUES (?, ?, ?, ?)"
_FEW = 32
"""Points at once that are few: small rows of a block are only looked for where these come."""
_NUMBER = "SELECT id FROM trial_components WHERE region = ? AND name = ?"


class Metrics:
    """Metric points and summaries of an engine. All methods are safe from any thread."""

    def __init__(self, store: Store, names: PropertyNames, news: MetricNews) -> None:
        self._store = store
        self._news = news
        self._names = names

    def put(self, region: str, component: str, points: Mapping[str, Sequence[Logged]]) -> None:
        """Keeps points of a component and counts them, in one transaction; nothing when it is gone."""
        with self._store.database.write(durable=False) as connection:
            found = plain(connection, _NUMBER, (region, component)).first()
            if found is not None:
                self.add(connection, int(found[0]), points)
        self._news.tell(region, component)

    def add(self, connection: Connection, component: int, points: Mapping[str, Sequence[Logged]]) -> None:
        """Keeps and counts points of a component (by its number) within a transaction that is open."""
        if not points:
            return
        summaries, numbers = self._read(connection, component, points)
        rows = []
        for name, series in points.items():
            summary, packed = summaries[name], pack(series)
            first = summary.points
            summary.add(series)
            summary.points += len(series)
            if first // BLOCK != summary.points // BLOCK and len(series) < _FEW:
                first, packed = _take_block(connection, component, numbers[name], first, packed)
            rows.append((component, numbers[name], first, packed))
        plain(connection, _ADD, rows)
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
        asked = list(by_number)
        for start in range(0, len(asked), _MOST_ASKED):
            part = asked[start : start + _MOST_ASKED]
            for row in plain(connection, f"{_READ} ({', '.join('?' * len(part))})", (component, *part)):
                found[by_number[row[0]]] = Summary(*row[1:])
        return found, {name: number for number, name in by_number.items()}

    def _write(
        self, connection: Connection, component: int, numbers: dict[str, int], summaries: dict[str, Summary]
    ) -> None:
        rows = [(numbers[name], component, *vars(summary).values()) for name, summary in summaries.items()]
        plain(connection, _WRITE, rows)

    def _counted(self, connection: Connection, component: int, name: int) -> Summary:
        """The summary of the kept points alone."""
        summary = Summary()
        summary.add(unpack(_kept(connection, component, name)))
        summary.points = summary.count
        return summary


def pack(points: Sequence[Logged]) -> bytes:
    """Points as rows hold them: little-endian doubles timestamp, value, step (NaN for none)."""
    packed = array("d", bytes(POINT_BYTES * len(points)))
    packed[0::3] = array("d", [point.timestamp for point in points])
    packed[1::3] = array("d", [point.value for point in points])
    packed[2::3] = array("d", [math.nan if point.step is None else point.step for point in points])
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


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
