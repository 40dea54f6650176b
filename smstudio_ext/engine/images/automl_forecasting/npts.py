"""NPTS, the non-parametric forecaster: the future is drawn from the past, the recent past (of the same season) more often.

After Gasthaus, Benidis et al., "Probabilistic forecasting with spline quantile function RNNs" (baseline NPTS) and AWS's description
(https://docs.aws.amazon.com/forecast/latest/dg/aws-forecast-recipe-npts.html): weights fall exponentially with the distance in time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.kinds import Task
from smstudio_ext.engine.images.automl_forecasting.local import LocalForecaster, choose, season_of
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats

_MOST = 2000
# Steps (or seasons) after which a value counts half; 0 for the climatological forecaster, in which all count alike.
_HALF_LIVES = (2.0, 8.0, 32.0, 0.0)


def fit(panel: Panel, task: Task) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def load(folder: Path, schema: Schema) -> LocalForecaster:
    """See `kinds.Kind`."""
    return LocalForecaster(_one)


def _one(series: Series, task: Task, random: np.random.Generator) -> Floats:
    schema = task.schema
    values = series.values[-_MOST:]
    seasons = sorted({season_of(values, schema), 1}, reverse=True)
    choices = [(season, half) for season in seasons for half in _HALF_LIVES]

    def make(past: Floats, choice: tuple[int, float], horizon: int) -> Floats:
        return _forecast(past, choice[0], choice[1], horizon, schema.levels)

    return make(values, choose(values, choices, schema, make), schema.horizon)


def _forecast(past: Floats, season: int, half: float, horizon: int, levels: Floats) -> Floats:
    """Weighted quantiles and mean of the past: (horizon, levels + 1)."""
    length = len(past)
    ahead = np.arange(length, length + horizon)[:, None] - np.arange(length)[None, :]
    weights = np.where(ahead % season == 0, 1.0, 0.0)
    if half:
        weights *= 0.5 ** (ahead / (half * season))
    order = np.argsort(past, kind="stable")
    ranked = past[order]
    reached = np.cumsum(weights[:, order], axis=1)
    total = reached[:, -1:]
    found = np.empty((horizon, len(levels) + 1))
    for place, level in enumerate(levels):
        found[:, place] = ranked[np.argmax(reached >= level * total - 1e-12, axis=1)]
    found[:, -1] = weights @ past / total[:, 0]
    return found
