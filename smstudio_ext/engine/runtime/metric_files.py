"""Metrics that a training program writes to files instead of its log, as `smexperiments.Tracker` does in a job.

AWS's hosts run an agent that follows `*.json` in SAGEMAKER_METRICS_DIRECTORY: one JSON object a line with MetricName, Value,
Timestamp (seconds since the epoch) and, optionally, IterationNumber.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.experiments.summaries import Point
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from smstudio_ext.engine.context import EngineContext

DIRECTORY = "output/metrics/sagemaker"
"""Below /opt/ml."""
_FAMILY = "metric-files"
_MOST_BYTES = 4 * 1024 * 1024
"""Read of a file in one look; the rest waits for the next."""


class MetricFiles:
    """Follows the metric files of one job's hosts.

    How far each file was read is kept in the transaction that keeps its points: whatever crashes, none is counted twice.
    """

    def __init__(self, region: str, component: str, folders: Iterable[Path]) -> None:
        self._region = region
        self._component = component
        self._folders = [folder / DIRECTORY for folder in folders]
        self._key = f"{region}/{component}"
        self._positions: dict[str, int] | None = None

    def look(self, ctx: EngineContext) -> None:
        """Keeps the points that were written since the last look."""
        files = [
            path for folder in self._folders if folder.is_dir() for path in sorted(folder.glob("*.json"))
        ]
        if not files:
            return
        while self._read(ctx, files):
            pass

    def _read(self, ctx: EngineContext, files: list[Path]) -> bool:
        if self._positions is None:
            self._positions = ctx.store.documents.get(_FAMILY, self._key) or {}
        positions = dict(self._positions)
        points: dict[str, list[Point]] = defaultdict(list)
        for path in files:
            lines, positions[str(path)] = _new_lines(path, positions.get(str(path), 0))
            for line in lines:
                _add(points, line)
        if positions == self._positions:
            return False
        self._keep(ctx, points, positions)
        self._positions = positions
        return True

    def _keep(self, ctx: EngineContext, points: dict[str, list[Point]], positions: dict[str, int]) -> None:
        experiments = Experiments.of(ctx)
        number = experiments.metrics.number(self._region, self._component)
        with ctx.store.database.write(durable=False) as connection:
            if number is not None and points:
                experiments.metrics.add(connection, number, points)
            _write_positions(connection, self._key, positions)
        experiments.news.tell(self._region, self._component)


def _new_lines(path: Path, position: int) -> tuple[list[bytes], int]:
    """Whole lines from a position on, and the position behind them."""
    try:
        with path.open("rb") as file:
            file.seek(position)
            data = file.read(_MOST_BYTES)
    except OSError:
        return [], position
    end = data.rfind(b"\n") + 1
    return data[:end].splitlines(), position + end


def _add(points: dict[str, list[Point]], line: bytes) -> None:
    """Takes the point of a line; what is none is left out, as AWS's agent does."""
    try:
        found: Any = json.loads(line)
        step = found.get("IterationNumber")
        point = Point(float(found["Timestamp"]), float(found["Value"]), None if step is None else int(step))
        name = str(found["MetricName"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return
    if name and math.isfinite(point.value) and math.isfinite(point.timestamp):
        points[name].append(point)


def _write_positions(connection: Connection, key: str, positions: dict[str, int]) -> None:
    table = tables.documents
    here = (table.c.family == _FAMILY, table.c.key == key)
    if connection.execute(select(table.c.key).where(*here)).first() is not None:
        connection.execute(delete(table).where(*here))
    connection.execute(insert(table).values(family=_FAMILY, key=key, value=json.dumps(positions)))
