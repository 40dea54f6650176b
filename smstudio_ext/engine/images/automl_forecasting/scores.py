"""Back-tests: which steps are held out, and how good forecasts of them are by AWS's metrics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.panel import LEAST_STEPS, Panel
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats, Integers

METRICS = ("AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE")
_MOST_WINDOWS = 3
_ENOUGH = 2000
"""Held-out values with which one window is enough."""
FILE = "backtest.npz"


@dataclass(frozen=True)
class Truth:
    """What happened in the windows of a back-test.

    Attributes:
        series: (rows,) place of each row's series in the panel.
        back: (rows,) steps between the row's first one and the end of the data.
        values: (rows, horizon).
        scale: (rows,) mean absolute error of the seasonal naive forecast within the steps before.
    """

    series: Integers
    back: Integers
    values: Floats
    scale: Floats


def windows(panel: Panel, schema: Schema) -> list[int]:
    """Steps between the beginning of each window and the end of the data, earliest first.

    One window of the horizon's length where that has many values, up to three where the series are few and long enough.
    """
    horizon = schema.horizon
    count = 1
    while (
        count < _MOST_WINDOWS
        and len(panel.series) * horizon * count < _ENOUGH
        and panel.longest >= (count + 1) * horizon + max(2 * horizon, 2 * schema.season, 8)
    ):
        count += 1
    return [horizon * (number + 1) for number in reversed(range(count))]


def truth_of(panel: Panel, schema: Schema) -> Truth:
    """What is to be forecast in a back-test, window by window."""
    which: list[int] = []
    backs: list[int] = []
    values: list[Floats] = []
    scales: list[float] = []
    for back in windows(panel, schema):
        for at, one in enumerate(panel.series):
            length = len(one.values) - back
            if length < LEAST_STEPS:
                continue
            which.append(at)
            backs.append(back)
            values.append(one.values[length : length + schema.horizon])
            season = schema.season if length > schema.season else 1
            scales.append(float(np.abs(one.values[season:length] - one.values[: length - season]).mean()))
    return Truth(
        np.array(which, dtype=np.int64),
        np.array(backs, dtype=np.int64),
        np.array(values).reshape(-1, schema.horizon),
        np.array(scales),
    )


def evaluate(truth: Truth, forecasts: Floats, schema: Schema) -> dict[str, float]:
    """AWS's metrics (https://docs.aws.amazon.com/sagemaker/latest/dg/timeseries-objective-metric.html).

    RMSE is of the mean forecast; WAPE, MAPE and MASE are of the median. MAPE leaves out zeros, MASE series without any change.

    Args:
        forecasts: (rows, horizon, levels + 1), the mean last.
    """
    actual = truth.values
    total = float(np.abs(actual).sum()) or 1e-12
    levels = list(schema.levels)
    losses = []
    for level in schema.scored:
        short = actual - forecasts[:, :, levels.index(level)]
        losses.append(2 * float(np.maximum(level * short, (level - 1) * short).sum()) / total)
    errors = np.abs(actual - forecasts[:, :, schema.median])
    found = {
        "AverageWeightedQuantileLoss": float(np.mean(losses)),
        "RMSE": float(np.sqrt(np.mean((actual - forecasts[:, :, -1]) ** 2))),
        "WAPE": float(errors.sum()) / total,
    }
    changing, nonzero = truth.scale > 0, actual != 0
    if nonzero.any():
        found["MAPE"] = float((errors[nonzero] / np.abs(actual[nonzero])).mean())
    if changing.any():
        found["MASE"] = float((errors[changing] / truth.scale[changing, None]).mean())
    return found


def write(folder: Path, forecasts: Floats) -> None:
    """Keeps a candidate's forecasts of the windows for the ensemble."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / FILE, forecasts=forecasts)


def read(folder: Path) -> Floats:
    """What `write` wrote.

    Raises:
        OSError, KeyError, ValueError: it is not there.
    """
    with np.load(folder / FILE) as stored:
        found: Floats = stored["forecasts"]
    return found
