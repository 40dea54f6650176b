"""Forecasters that look at one series at a time: how their choices are tried on the series' own last steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.kinds import Task
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats

Choice = TypeVar("Choice")
OneSeries = Callable[[Series, Task, np.random.Generator], Floats]

PATHS = 200
"""Simulated futures from which quantiles are taken."""


class LocalForecaster:
    """Forecasts each series from its own past alone; there is nothing to keep but the settings.

    Args:
        one: (series, task, random) -> (horizon, levels + 1).
    """

    def __init__(self, one: OneSeries) -> None:
        self._one = one

    def forecast(self, panel: Panel, task: Task) -> Floats:
        """See `kinds.Forecaster`."""
        found = np.empty((len(panel.series), task.schema.horizon, len(task.schema.levels) + 1))
        for place, series in enumerate(panel.series):
            task.check_time()
            # Of the key, so that a series is forecast alike whatever others stand beside it.
            random = np.random.default_rng([task.seed, *("\x00".join(series.key)).encode()])
            found[place] = self._one(series, task, random)
        return found

    def save(self, folder: Path) -> None:
        """There is nothing to write: the past comes with each request."""


def summarise(paths: Floats, schema: Schema) -> Floats:
    """Quantiles and mean of simulated futures (paths, horizon)."""
    quantiles = np.quantile(paths, schema.levels, axis=0).T
    found: Floats = np.column_stack([quantiles, paths.mean(axis=0)])
    return found


def pinball(actual: Floats, quantiles: Floats, levels: Floats) -> float:
    """Mean quantile loss of forecasts (steps, levels)."""
    short = actual[:, None] - quantiles
    return float(np.maximum(levels * short, (levels - 1) * short).mean())


def choose(
    values: Floats, choices: Sequence[Choice], schema: Schema, make: Callable[[Floats, Choice, int], Floats]
) -> Choice:
    """The choice whose forecast of the series' last steps has the least loss; the first one where the series is short.

    Args:
        make: (past, choice, horizon) -> (horizon, levels + 1).
    """
    horizon = min(schema.horizon, len(values) // 4)
    if horizon < 1 or len(values) < 8 or len(choices) == 1:
        return choices[0]
    past, actual = values[:-horizon], values[-horizon:]
    losses = [pinball(actual, make(past, choice, horizon)[:, :-1], schema.levels) for choice in choices]
    return choices[int(np.argmin(np.nan_to_num(losses, nan=np.inf)))]


def season_of(values: Floats, schema: Schema) -> int:
    """The main season where the series shows it at least twice, else 1."""
    return schema.season if len(values) >= 2 * schema.season else 1
