"""Metrics of invocations per variant, as CloudWatch's namespace AWS/SageMaker has them; written in the background."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from smstudio_ext.engine.runtime.metric_series import canonical
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from smstudio_ext.engine.clock import Clock
    from smstudio_ext.engine.store.database import Database

log = logging.getLogger(__name__)

NAMESPACE = "AWS/SageMaker"
FLUSH_SECONDS = 5.0
MICROSECONDS = "Microseconds"

_MINUTE = 60
_BINS_PER_DOUBLING = 8  # latencies within 9 % of each other share a point


class Distribution:
    """Values of one metric in one minute, in bins of near values that keep their exact sum."""

    def __init__(self) -> None:
        self._bins: dict[int, tuple[int, float]] = {}

    def add(self, value: float) -> None:
        """Counts a value (not negative)."""
        place = 0 if value <= 0 else 1 + round(_BINS_PER_DOUBLING * math.log2(value + 1))
        count, total = self._bins.get(place, (0, 0.0))
        self._bins[place] = (count + 1, total + value)

    def points(self) -> list[tuple[float, int]]:
        """(mean of the bin, how many values it has), smallest first."""
        return [(total / count, count) for _, (count, total) in sorted(self._bins.items())]


@dataclass
class _Minute:
    invocations: int = 0
    per_instance: float = 0.0
    client_errors: int = 0
    server_errors: int = 0
    model_errors: int = 0
    model_latency: Distribution = field(default_factory=Distribution)
    overhead_latency: Distribution = field(default_factory=Distribution)


_Key = tuple[str, str, str, str, int]  # region, endpoint, variant, configuration, minute
_RareKey = tuple[str, str, str, str, int]  # region, dimensions, name, unit, minute


class InvocationMetrics:
    """Counts invocations on the event loop and writes them every few seconds from a worker thread.

    An engine that is killed loses what it had not written, at most `FLUSH_SECONDS` of it.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._minutes: dict[_Key, _Minute] = defaultdict(_Minute)
        self._rare: dict[_RareKey, Distribution] = defaultdict(Distribution)
        self._lock = threading.Lock()
        self._timer: asyncio.TimerHandle | None = None

    def record(
        self,
        region: str,
        endpoint: str,
        variant: str,
        *,
        config: str,
        status: int,
        instances: int,
        model_seconds: float | None,
        total_seconds: float,
    ) -> None:
        """Counts one invocation; call it on the event loop.

        Args:
            config: the endpoint configuration that the variant is of: while an update runs, two have traffic.
            status: what the model answered; 500 where it did not.
            instances: model servers of the variant.
            model_seconds: time the model server took; None if it did not answer.
            total_seconds: time the engine took altogether.
        """
        key = (region, endpoint, variant, config, int(self._clock.now()) // _MINUTE)
        with self._lock:
            minute = self._minutes[key]
            minute.invocations += 1
            minute.per_instance += 1.0 / max(1, instances)
            if 400 <= status < 500:
                minute.client_errors += 1
            elif status >= 500:
                minute.server_errors += 1
            if status >= 400:
                minute.model_errors += 1
            if model_seconds is not None:
                minute.model_latency.add(model_seconds * 1e6)
                minute.overhead_latency.add(max(0.0, total_seconds - model_seconds) * 1e6)
        self._soon()

    def add(self, region: str, dimensions: Mapping[str, str], name: str, unit: str, value: float) -> None:
        """Keeps one value (not negative) of a rarer metric; call it on the event loop."""
        minute = int(self._clock.now()) // _MINUTE
        with self._lock:
            self._rare[(region, canonical(dimensions), name, unit, minute)].add(value)
        self._soon()

    def _soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush_later)

    def flush(self) -> None:
        """Writes what was counted; may be called from any thread."""
        with self._lock:
            minutes, self._minutes = self._minutes, defaultdict(_Minute)
            rare, self._rare = self._rare, defaultdict(Distribution)
        rows = [row for key, minute in minutes.items() for row in _rows(key, minute)]
        rows += [row for key, values in rare.items() for row in _rare_rows(key, values)]
        if not rows:
            return
        try:
            with self._database.write() as connection:
                connection.execute(insert(tables.metric_points), rows)
        except SQLAlchemyError:
            log.exception("metrics of %d variants and minutes could not be written", len(minutes))

    def _flush_later(self) -> None:
        self._timer = None
        asyncio.get_running_loop().run_in_executor(None, self.flush)


def _rare_rows(key: _RareKey, values: Distribution) -> list[dict[str, object]]:
    region, dimensions, name, unit, number = key
    base = {
        "region": region,
        "namespace": NAMESPACE,
        "dimensions": dimensions,
        "timestamp": float(number * _MINUTE),
        "name": name,
        "unit": unit,
    }
    return [{**base, "value": value, "count": count} for value, count in values.points()]


def _rows(key: _Key, minute: _Minute) -> list[dict[str, object]]:
    region, endpoint, variant, config, number = key
    total = minute.invocations
    ones_and_zeros = {
        "Invocation4XXErrors": minute.client_errors,
        "Invocation5XXErrors": minute.server_errors,
        "InvocationModelErrors": minute.model_errors,
    }
    series: dict[str, tuple[str, list[tuple[float, int]]]] = {
        "Invocations": ("None", [(1.0, total)]),
        "InvocationsPerInstance": ("None", [(minute.per_instance / total, total)]),
        **{name: ("None", [(1.0, count), (0.0, total - count)]) for name, count in ones_and_zeros.items()},
        "ModelLatency": (MICROSECONDS, minute.model_latency.points()),
        "OverheadLatency": (MICROSECONDS, minute.overhead_latency.points()),
    }
    base = {"region": region, "namespace": NAMESPACE, "timestamp": float(number * _MINUTE)}
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return [
        {**base, "dimensions": pairs, "name": name, "unit": unit, "value": value, "count": count}
        # of the variant as a whole, and of each configuration apart, as on AWS
        for pairs in (canonical(dimensions), canonical({**dimensions, "EndpointConfigName": config}))
        for name, (unit, points) in series.items()
        for value, count in points
        if count
    ]
