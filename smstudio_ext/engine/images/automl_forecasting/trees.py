"""One gradient boosting model for all series: quantiles of every step ahead from lagged values, calendar, covariates and statics."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.kinds import Task
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats, Integers
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import granted_cpus

QUANTILES, MEAN, FACTS = "quantiles.ubj", "mean.ubj", "trees.json"
_MOST_ROWS = 120_000
_RECENT = 8
_SEASONS_BACK = 3
_ROUNDS = 200
_PATIENCE = 25
_HELD = 0.12
_SETTINGS = {"eta": 0.06, "max_depth": 6, "subsample": 0.8, "colsample_bytree": 0.8, "min_child_weight": 4}


@dataclass
class TreesForecaster:
    """Two boosters: the quantiles of all levels at once, and the mean.

    Attributes:
        quantiles, mean: xgboost boosters of targets that are divided by the scale around the level.
    """

    quantiles: Any
    mean: Any

    def forecast(self, panel: Panel, task: Task) -> Floats:
        """See `kinds.Forecaster`."""
        import xgboost

        schema = task.schema
        found = np.empty((len(panel.series), schema.horizon, len(schema.levels) + 1))
        for place, one in enumerate(panel.series):
            task.check_time()
            rows, level, scale = _features(one, len(one.values), schema)
            matrix = xgboost.DMatrix(rows)
            raw = np.column_stack(
                [
                    self.quantiles.predict(matrix).reshape(len(rows), -1),
                    self.mean.predict(matrix),
                ]
            )
            found[place] = level + scale * raw
        return found

    def save(self, folder: Path) -> None:
        """See `kinds.Forecaster`."""
        self.quantiles.save_model(folder / QUANTILES)
        self.mean.save_model(folder / MEAN)
        rounds = [int(one.num_boosted_rounds()) for one in (self.quantiles, self.mean)]
        (folder / FACTS).write_text(json.dumps({"rounds": rounds}), encoding="utf-8")


def fit(panel: Panel, task: Task) -> TreesForecaster:
    """Learns from windows that begin anywhere in any series; the last of them decide how many rounds are enough.

    Raises:
        AlgorithmError: the series are too short for a window, or the time is over.
    """
    import xgboost

    rows, targets, late = _table(panel, task)
    early = ~late
    if late.sum() < 10 or early.sum() < 10:
        early = np.ones(len(targets), dtype=bool)
        late = early
    matrices = [xgboost.DMatrix(rows[part], targets[part]) for part in (early, late)]
    shared = {
        **_SETTINGS,
        **task.settings,
        "seed": task.seed,
        "nthread": granted_cpus(),
        "tree_method": "hist",
    }
    quantile = {
        **shared,
        "objective": "reg:quantileerror",
        "quantile_alpha": [float(level) for level in task.schema.levels],
        "eval_metric": "quantile",
    }
    half = time.monotonic() + (task.deadline - time.monotonic()) / 2
    first = _boost(quantile, matrices, half)
    second = _boost({**shared, "objective": "reg:squarederror"}, matrices, task.deadline)
    return TreesForecaster(first, second)


def load(folder: Path, schema: Schema) -> TreesForecaster:
    """See `kinds.Kind`."""
    import xgboost

    return TreesForecaster(*(xgboost.Booster(model_file=str(folder / name)) for name in (QUANTILES, MEAN)))


def _boost(settings: dict[str, Any], matrices: list[Any], deadline: float) -> Any:
    import xgboost

    class Clock(xgboost.callback.TrainingCallback):
        """Ends training when the time is over."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            """Whether to stop."""
            return time.monotonic() > deadline

    stop = xgboost.callback.EarlyStopping(rounds=_PATIENCE, save_best=True)
    return xgboost.train(
        settings,
        matrices[0],
        _ROUNDS,
        evals=[(matrices[1], "held")],
        callbacks=[stop, Clock()],
        verbose_eval=False,
    )


def _table(panel: Panel, task: Task) -> tuple[Floats, Floats, Any]:
    """Features, scaled targets and which rows belong to the last windows of the series."""
    schema, random = task.schema, np.random.default_rng(task.seed)
    least = 3
    starts = [np.arange(least, len(one.values)) for one in panel.series]
    possible = sum(len(one) for one in starts) * schema.horizon
    if possible == 0:
        raise AlgorithmError(f"Every series is shorter than {least + 1} steps, too short to learn from.")
    share = min(1.0, _MOST_ROWS / possible)
    tables: list[Floats] = []
    targets: list[Floats] = []
    lates: list[Any] = []
    for one, begins in zip(panel.series, starts, strict=True):
        task.check_time()
        if not len(begins):
            continue
        wanted = max(1, min(len(begins), round(share * len(begins))))
        border = len(one.values) - max(
            1, round(_HELD * len(one.values)), min(schema.horizon, len(begins) // 3)
        )
        for begin in sorted(random.choice(begins, size=wanted, replace=False)):
            rows, level, scale = _features(one, int(begin), schema)
            actual = one.values[begin : begin + schema.horizon]
            tables.append(rows[: len(actual)])
            targets.append((actual - level) / scale)
            lates.append(np.full(len(actual), begin >= border))
    return np.concatenate(tables), np.concatenate(targets), np.concatenate(lates)


def _features(one: Series, begin: int, schema: Schema) -> tuple[Floats, float, float]:
    """Features (horizon, columns) of the steps from `begin` on, seen from there, and the level and scale of targets."""
    past, horizon, season = one.values[:begin], schema.horizon, schema.season
    window = past[-max(2 * season, 3 * _RECENT) :]
    level = float(window.mean())
    scale = max(float(np.abs(window - level).mean()), 1e-3 * abs(level), 1e-9)
    ahead = np.arange(horizon)
    worked = (past - level) / scale
    recent = np.full(_RECENT, np.nan)
    known = worked[-_RECENT:][::-1]
    recent[: len(known)] = known
    columns: list[Any] = [ahead, *(np.full(horizon, value) for value in recent)]
    for width in (_RECENT, 3 * _RECENT, season if season > 1 else 2 * _RECENT):
        columns.append(np.full(horizon, worked[-width:].mean()))
    columns.append(np.full(horizon, worked[-2 * _RECENT :].std()))
    columns += _seasonal(worked, ahead, season)
    numbers = np.arange(one.start + begin, one.start + begin + horizon)
    columns += list(schema.steps.calendar(numbers).T)
    columns += list(one.covariates[:, begin : begin + horizon])
    columns += [np.full(horizon, float(place) if place >= 0 else np.nan) for place in one.statics]
    columns.append(np.full(horizon, np.sign(level) * np.log1p(abs(level))))
    return np.column_stack(columns), level, scale


def _seasonal(worked: Floats, ahead: Integers, season: int) -> list[Floats]:
    """Values of the same place in the last seasons, and their mean; NaN where the past does not reach."""
    found = []
    back = (ahead // season + 1) * season - ahead
    for number in range(_SEASONS_BACK):
        places = len(worked) - back - number * season
        found.append(np.where(places >= 0, worked[np.maximum(places, 0)], np.nan))
    both = np.where(np.isnan(found[1]), found[0], (found[0] + np.nan_to_num(found[1])) / 2)
    return [*found, both]
