"""Exponential smoothing in its state space form: level, damped trend and season, additive or (on logarithms) multiplicative.

Hyndman, Koehler, Snyder, Grose, "A state space framework for automatic forecasting using exponential smoothing methods" (2002). The
smoothing parameters are searched on a grid for all parameter sets at once, by the sum of squared one-step errors; the form by AICc.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.kinds import Task
from smstudio_ext.engine.images.automl_forecasting.local import LocalForecaster, season_of
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats

_MOST = 1500
_ALPHAS = (0.02, 0.06, 0.12, 0.25, 0.45, 0.7, 0.95)
_TRENDS = ((0.0, 0.0), (0.01, 1.0), (0.01, 0.97), (0.05, 0.97), (0.2, 0.9))
"""(beta, phi): none, a steady trend, damped ones."""
_GAMMAS = (0.01, 0.08, 0.2, 0.45)


@dataclass(frozen=True)
class _Fit:
    """The best parameters of one form.

    Attributes:
        log: the series' logarithms were smoothed.
        errors: one-step errors.
        cost: AICc on the scale of the values.
    """

    log: bool
    alpha: float
    beta: float
    phi: float
    gamma: float
    level: float
    slope: float
    season: Floats
    errors: Floats
    cost: float


def fit(panel: Panel, task: Task) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def load(folder: Path, schema: Schema) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def _one(series: Series, task: Task, random: np.random.Generator) -> Floats:
    schema = task.schema
    values = series.values[-_MOST:]
    main = season_of(values, schema)
    fits = [_search(values, season, log=False) for season in sorted({1, main})]
    if values.min() > 0:
        fits += [_search(np.log(values), season, log=True) for season in sorted({1, main})]
    best = min(fits, key=lambda one: one.cost)
    return _ahead(best, schema)


def _start(values: Floats, season: int) -> tuple[float, float, Floats]:
    """Level, slope and season that the first one or two seasons (or a few steps) suggest."""
    if season == 1:
        few = min(len(values), 8)
        slope = float(values[few - 1] - values[0]) / max(1, few - 1)
        return float(values[:few].mean()) - slope * (few - 1) / 2, slope, np.zeros(1)
    first, second = values[:season], values[season : 2 * season]
    slope = float(second.mean() - first.mean()) / season
    trend = slope * (np.arange(2 * season) - (2 * season - 1) / 2)
    flat = values[: 2 * season] - float(values[: 2 * season].mean()) - trend
    shape = (flat[:season] + flat[season:]) / 2
    level = float(first.mean()) - slope * (season + 1) / 2
    return level, slope, shape - shape.mean()


def _search(values: Floats, season: int, *, log: bool) -> _Fit:
    """Smooths with every parameter set side by side and keeps the best."""
    gammas = _GAMMAS if season > 1 else (0.0,)
    grid = np.array([(a, b, p, g) for a in _ALPHAS for b, p in _TRENDS for g in gammas])
    alpha, beta, phi, gamma = grid.T
    level0, slope0, shape = _start(values, season)
    level = np.full(len(grid), level0)
    slope = np.where(phi > 0, slope0, 0.0)
    state = np.repeat(shape[:, None], len(grid), axis=1)
    errors = np.empty((len(values), len(grid)))
    for step, value in enumerate(values):
        place = step % season
        slope = phi * slope
        level = level + slope
        error = value - level - state[place]
        errors[step] = error
        level = level + alpha * error
        slope = slope + beta * error
        if season > 1:
            state[place] += gamma * error
    squares = (errors**2).sum(axis=0)
    free = 2 + 2 * (phi > 0) + (phi < 1) * (phi > 0) + (1 + season if season > 1 else 0)
    length = len(values)
    # Two more degrees than parameters are kept, or the correction has no meaning.
    spare = np.maximum(1.0, length - free - 1)
    cost = length * np.log(squares / length + 1e-12) + 2 * free + 2 * free * (free + 1) / spare
    best = int(np.argmin(cost))
    jacobian = 2 * float(values.sum()) if log else 0.0
    order = (np.arange(season) + length) % season
    return _Fit(
        log,
        float(alpha[best]),
        float(beta[best]),
        float(phi[best]),
        float(gamma[best]),
        float(level[best]),
        float(slope[best]),
        state[order, best],
        errors[:, best],
        float(cost[best]) + jacobian,
    )


def _ahead(best: _Fit, schema: Schema) -> Floats:
    """Quantiles by the model's variance of each step and the shape of its errors."""
    steps = np.arange(1, schema.horizon + 1)
    season = len(best.season)
    damped = np.cumsum(best.phi**steps) if best.phi > 0 else np.zeros(schema.horizon)
    centre = best.level + best.slope * damped + best.season[(steps - 1) % season]
    # Hyndman et al., table 6.1 (class 1): what an error j steps ago adds to the level, the trend and the season.
    weights = best.alpha + best.beta * damped + (best.gamma * (steps % season == 0) if season > 1 else 0.0)
    spread = np.sqrt(1 + np.concatenate([[0.0], np.cumsum(weights[:-1] ** 2)]))
    errors = best.errors[season:] if len(best.errors) > 4 * season else best.errors
    shape = np.quantile(errors - errors.mean(), schema.levels)
    quantiles = centre[:, None] + spread[:, None] * shape[None, :]
    if not best.log:
        return np.column_stack([quantiles, centre])
    top = float(np.abs(best.errors).max()) + abs(best.level) + 10
    variance = np.minimum(4.0, (spread * errors.std()) ** 2)
    found: Floats = np.exp(np.minimum(np.column_stack([quantiles, centre + variance / 2]), top + 20))
    return found
