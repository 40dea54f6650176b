"""Trial components for benchmarks: written into a data directory by the engine's own code, before an engine serves it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from smstudio_ext.engine.clock import SystemClock
from smstudio_ext.engine.experiments.components import new_component
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.experiments.summaries import Point
from smstudio_ext.engine.store import Database, Store

REGION = "us-east-1"
METRICS = [f"metric{number:02d}" for number in range(20)]
PARAMETERS = [f"param{number:02d}" for number in range(20)]
_AT_ONCE = 1000


def component(number: int, draw: random.Random) -> dict[str, Any]:
    """Input of CreateTrialComponent: 20 parameters, one of them text."""
    parameters: dict[str, Any] = {name: {"NumberValue": round(draw.random(), 6)} for name in PARAMETERS[1:]}
    parameters[PARAMETERS[0]] = {"StringValue": f"group-{number % 50}"}
    return {
        "TrialComponentName": f"bench-{number:06d}",
        "DisplayName": f"Bench-{number:06d}",
        "Status": {"PrimaryStatus": "Completed"},
        "Parameters": parameters,
    }


def points(draw: random.Random, count: int = 10, start: float = 1_750_000_000.0) -> dict[str, list[Point]]:
    """Series of the 20 metrics."""
    return {
        name: [Point(start + step, draw.random() / (step + 1), step) for step in range(count)]
        for name in METRICS
    }


def populate(data_dir: Path, count: int, *, points_each: int = 10) -> None:
    """Writes `count` components, each with 20 metrics of `points_each` points and 20 parameters."""
    store = Store(Database.at(data_dir), SystemClock())
    experiments = Experiments(store)
    draw = random.Random(7)
    for first in range(0, count, _AT_ONCE):
        with store.database.write(durable=False) as connection:
            for number in range(first, min(count, first + _AT_ONCE)):
                now = 1_750_000_000.0 + number
                made = new_component(REGION, component(number, draw), now, {})
                identity = experiments.index.insert(connection, made)
                experiments.metrics.add(connection, identity, points(draw, points_each))
    experiments.close()
    store.close()
