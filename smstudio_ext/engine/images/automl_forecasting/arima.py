"""Seasonal ARIMA: differences chosen by a trial on the last steps, orders by AICc, coefficients by Hannan and Rissanen's regression.

Hannan, Rissanen, "Recursive estimation of mixed autoregressive-moving average order" (1982): a long autoregression gives the errors,
which are then regressors beside the lagged values. Quantiles are those of simulated paths with the model's own errors.
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
    choose,
    season_of,
    summarise,
)
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats

_MOST = 1500
_ORDERS = ((0, 0), (1, 0), (2, 0), (3, 0), (5, 0), (0, 1), (1, 1), (2, 1), (2, 2))
_SEASONAL = ((0, 0), (1, 0), (0, 1))
_LONGEST = 5
_LEAST_ROWS = 12
_WILD = 6.0
"""Paths that leave the past by so many times its range come from a model that is not stable."""


@dataclass(frozen=True)
class _Model:
    """Coefficients for lags of the differenced values and of the errors.

    Attributes:
        constant: mean change of the differenced values.
    """

    constant: float
    lags: tuple[int, ...]
    weights: Floats
    error_lags: tuple[int, ...]
    error_weights: Floats
    errors: Floats


def fit(panel: Panel, task: Task) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def load(folder: Path, schema: Schema) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def _one(series: Series, task: Task, random: np.random.Generator) -> Floats:
    schema = task.schema
    values = series.values[-_MOST:]
    season = season_of(values, schema)
    choices = list(product((0, 1), (0, 1) if season > 1 else (0,)))

    def make(past: Floats, choice: tuple[int, int], horizon: int) -> Floats:
        paths = _paths(past, choice[0], choice[1], season, horizon, random)
        return summarise(paths, schema)

    return make(values, choose(values, choices, schema, make), schema.horizon)


def _paths(
    past: Floats, plain: int, seasonal: int, season: int, horizon: int, random: np.random.Generator
) -> Floats:
    """Simulated futures (paths, horizon)."""
    changed = past
    if seasonal and len(changed) > season + 2:
        changed = changed[season:] - changed[:-season]
    else:
        seasonal = 0
    before = changed
    if plain and len(changed) > 2:
        changed = np.diff(changed)
    else:
        plain = 0
    reach = float(past.max() - past.min()) + float(np.abs(past).max()) + 1e-9
    for model in (_regress(changed, season), _regress(changed, 0)):
        ahead = _simulate(changed, model, horizon, random)
        if plain:
            ahead = before[-1] + np.cumsum(ahead, axis=1)
        if seasonal:
            ahead = _seasoned(past, ahead, season)
        if np.isfinite(ahead).all() and np.abs(ahead).max() <= _WILD * reach:
            return ahead
    return np.clip(np.nan_to_num(ahead, nan=float(past[-1])), -_WILD * reach, _WILD * reach)


def _seasoned(past: Floats, changes: Floats, season: int) -> Floats:
    """Undoes a seasonal difference."""
    whole = np.concatenate([np.repeat(past[None, -season:], len(changes), axis=0), changes], axis=1)
    for step in range(season, whole.shape[1]):
        whole[:, step] += whole[:, step - season]
    found: Floats = whole[:, season:]
    return found


def _regress(values: Floats, season: int) -> _Model:
    """The model with the least AICc; without a season when `season` is 0, then only short lags are tried."""
    mean = float(values.mean())
    centred = values - mean
    errors = _long_errors(centred, season)
    lags = [lag for lag in range(1, _LONGEST + 1) if lag < len(values) // 3]
    orders = [order for order in _ORDERS if order[0] <= len(lags) and order[1] <= len(lags)]
    seasonal = _SEASONAL if season > _LONGEST and season < len(values) // 3 else _SEASONAL[:1]
    begin = max([*lags, season if len(seasonal) > 1 else 0, 0])
    rows = len(values) - begin
    best, best_cost = _plain(mean, centred), np.inf
    if rows < _LEAST_ROWS:
        return best
    columns = {("y", lag): centred[begin - lag : len(values) - lag] for lag in lags}
    columns |= {("e", lag): errors[begin - lag : len(values) - lag] for lag in lags[:2]}
    if len(seasonal) > 1:
        columns |= {
            (name, season): part[begin - season : -season] for name, part in (("y", centred), ("e", errors))
        }
    names = list(columns)
    design, actual = np.column_stack(list(columns.values())), centred[begin:]
    gram, moment = design.T @ design, design.T @ actual
    for (own, moved), (own_season, moved_season) in product(orders, seasonal):
        wanted = [("y", lag) for lag in range(1, own + 1)] + [("e", lag) for lag in range(1, moved + 1)]
        wanted += [("y", season)] * own_season + [("e", season)] * moved_season
        at = [names.index(name) for name in wanted]
        small = gram[np.ix_(at, at)]
        solved = np.linalg.lstsq(
            small + 1e-8 * np.eye(len(at)) * (np.trace(small) + 1e-9), moment[at], rcond=None
        )[0]
        rest = actual - design[:, at] @ solved
        free = len(at) + 2
        cost = rows * np.log(float(rest @ rest) / rows + 1e-12) + 2 * free
        cost += 2 * free * (free + 1) / max(1, rows - free - 1)
        if cost < best_cost:
            best, best_cost = _named(mean, wanted, solved, rest), cost
    return best


def _plain(mean: float, errors: Floats) -> _Model:
    return _Model(mean, (), np.zeros(0), (), np.zeros(0), errors)


def _named(mean: float, wanted: list[tuple[str, int]], solved: Floats, rest: Floats) -> _Model:
    own = [at for at, (name, _) in enumerate(wanted) if name == "y"]
    moved = [at for at, (name, _) in enumerate(wanted) if name == "e"]
    return _Model(
        mean,
        tuple(wanted[at][1] for at in own),
        solved[own],
        tuple(wanted[at][1] for at in moved),
        solved[moved],
        rest - rest.mean(),
    )


def _long_errors(centred: Floats, season: int) -> Floats:
    """Errors of a long autoregression; the first ones, for which the past is too short, are zero."""
    lags = [lag for lag in (*range(1, 11), season, season + 1) if 0 < lag < len(centred) // 3]
    lags = sorted(set(lags))
    errors = np.zeros(len(centred))
    if not lags:
        return errors
    begin = max(lags)
    design = np.column_stack([centred[begin - lag : len(centred) - lag] for lag in lags])
    solved = np.linalg.lstsq(design, centred[begin:], rcond=None)[0]
    errors[begin:] = centred[begin:] - design @ solved
    return errors


def _simulate(values: Floats, model: _Model, horizon: int, random: np.random.Generator) -> Floats:
    """Futures of the differenced values with errors drawn from the model's own."""
    longest = max([*model.lags, *model.error_lags, 1])
    drawn = random.choice(model.errors, size=(PATHS, horizon))
    past = np.zeros(longest)
    known = (values - model.constant)[-longest:]
    past[longest - len(known) :] = known
    errors = np.zeros(longest)
    tail = model.errors[-longest:]
    errors[longest - len(tail) :] = tail
    whole = np.concatenate([np.repeat(past[None], PATHS, axis=0), np.zeros((PATHS, horizon))], axis=1)
    moved = np.concatenate([np.repeat(errors[None], PATHS, axis=0), drawn], axis=1)
    own, other = np.array(model.lags, dtype=int), np.array(model.error_lags, dtype=int)
    for step in range(longest, longest + horizon):
        value = moved[:, step]
        if len(own):
            value = value + whole[:, step - own] @ model.weights
        if len(other):
            value = value + moved[:, step - other] @ model.error_weights
        whole[:, step] = value
    found: Floats = whole[:, longest:] + model.constant
    return found
