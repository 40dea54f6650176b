"""The additive regression of Prophet: a trend with changing slope, seasons as Fourier series, and known covariates.

Taylor, Letham, "Forecasting at scale" (2018): a linear model whose slope changes have a Laplace prior. The mode of the posterior is found
by reweighted least squares; the future trend is simulated with slope changes as frequent and as large as in the past.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.kinds import Task
from smstudio_ext.engine.images.automl_forecasting.local import (
    PATHS,
    LocalForecaster,
    pinball,
    summarise,
)
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats

_MOST = 3000
_CHANGES = 25
_RANGE = 0.8
"""Part of the past in which the slope may change."""
_ORDERS = {True: 3, False: 10}
"""Fourier terms of a season of at most 10 steps, and of a longer one."""
_SCALES = (0.005, 0.05, 0.5)
"""Scales of the Laplace prior of slope changes, in units of the series' size over the whole past."""
_WIDE = 10.0
_ROUNDS = 5


@dataclass(frozen=True)
class _Design:
    """Regressors of the past and the future.

    Attributes:
        past, ahead: (steps, regressors): constant, slope, slope changes, seasons, covariates.
        changes: number of slope changes.
    """

    past: Floats
    ahead: Floats
    changes: int


def fit(panel: Panel, task: Task) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def load(folder: Path, schema: Schema) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def _one(series: Series, task: Task, random: np.random.Generator) -> Floats:
    schema = task.schema
    values = series.values[-_MOST:]
    covariates = series.covariates[:, len(series.values) - len(values) :]
    modes = (False, True) if values.min() > 0 else (False,)
    best = _choose(values, covariates, list(product(_SCALES, modes)), schema, random)
    return _forecast(values, covariates, best, schema, schema.horizon, random)


def _choose(
    values: Floats,
    covariates: Floats,
    choices: list[tuple[float, bool]],
    schema: Schema,
    random: np.random.Generator,
) -> tuple[float, bool]:
    """The prior's scale and the mode (additive, or multiplicative on logarithms) that forecast the last steps best."""
    horizon = min(schema.horizon, len(values) // 4)
    if horizon < 1 or len(values) < 8:
        return 0.05, False
    past, actual = values[:-horizon], values[-horizon:]
    losses = []
    for choice in choices:
        found = _forecast(past, covariates[:, : len(values)], choice, schema, horizon, random)
        losses.append(pinball(actual, found[:, :-1], schema.levels))
    return choices[int(np.argmin(np.nan_to_num(losses, nan=np.inf)))]


def _forecast(
    values: Floats,
    covariates: Floats,
    choice: tuple[float, bool],
    schema: Schema,
    horizon: int,
    random: np.random.Generator,
) -> Floats:
    scale, logarithmic = choice
    worked = np.log(values) if logarithmic else values
    size = float(np.abs(worked).max()) or 1.0
    design = _design(len(values), horizon, covariates, schema)
    weights = _solve(design, worked / size, scale)
    rest = worked / size - design.past @ weights
    centre = design.ahead @ weights
    bend = _bends(weights[2 : 2 + design.changes], len(values), horizon, random)
    noise = random.choice(rest - rest.mean(), size=(PATHS, horizon))
    paths = (centre[None] + bend + noise) * size
    if logarithmic:
        paths = np.exp(np.minimum(paths, float(worked.max()) + 5))
    found = summarise(paths, schema)
    if not logarithmic:
        found[:, -1] = centre * size
    return found


def _design(length: int, horizon: int, covariates: Floats, schema: Schema) -> _Design:
    steps = np.arange(length + horizon) / max(1, length)
    changes = min(_CHANGES, max(0, length // 4))
    columns = [np.ones(length + horizon), steps]
    columns += [np.maximum(0.0, steps - _RANGE * (at + 1) / (changes + 1)) for at in range(changes)]
    whole = np.arange(length + horizon)
    for season in schema.steps.seasons():
        if length < 2 * season:
            continue
        for order in range(1, min(_ORDERS[season <= 10], int(season // 2)) + 1):
            angle = 2 * np.pi * order * whole / season
            columns += [np.sin(angle), np.cos(angle)]
    for row in covariates[:, : length + horizon]:
        spread = float(row[:length].std())
        if spread > 0:
            columns.append((row - float(row[:length].mean())) / spread)
    table = np.column_stack(columns)
    return _Design(table[:length], table[length:], changes)


def _solve(design: _Design, values: Floats, scale: float) -> Floats:
    """The posterior's mode: slope changes with a Laplace prior, all else with wide normal ones."""
    table = design.past
    gram, moment = table.T @ table, table.T @ values
    penalty = np.full(table.shape[1], 1 / _WIDE**2)
    changing = slice(2, 2 + design.changes)
    noise = max(1e-6, float(np.var(values - values.mean())) / 4)
    weights = np.zeros(table.shape[1])
    penalty[changing] = 1 / scale**2
    for _ in range(_ROUNDS):
        weights = np.linalg.solve(gram + noise * np.diag(penalty) + 1e-9 * np.eye(len(gram)), moment)
        rest = values - table @ weights
        noise = max(1e-8, float(rest @ rest) / len(rest))
        # A Laplace prior is a normal one whose width depends on the value.
        penalty[changing] = 1 / (scale * np.maximum(np.abs(weights[changing]), 1e-4 * scale))
    return weights


def _bends(changes: Floats, length: int, horizon: int, random: np.random.Generator) -> Floats:
    """What slope changes of the future would add: (paths, horizon)."""
    if not len(changes):
        return np.zeros((PATHS, horizon))
    rate = len(changes) / (_RANGE * length)
    happens = random.random((PATHS, horizon)) < rate
    sizes = random.laplace(0.0, float(np.abs(changes).mean()) + 1e-12, size=(PATHS, horizon)) * happens
    found: Floats = np.cumsum(np.cumsum(sizes, axis=1), axis=1) / length
    return found
