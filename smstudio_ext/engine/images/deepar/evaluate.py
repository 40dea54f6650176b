"""Scores of forecasts on the last steps of test series, as DeepAR's container reports them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from smstudio_ext.engine.images.deepar.network import DeepAR
from smstudio_ext.engine.images.deepar.panel import Panel

_PATHS = 6400
"""Sample paths that are drawn at once."""


def forecast(network: DeepAR, panel: Panel, which: Any, starts: Any, samples: int) -> Any:
    """Sample paths (windows, samples, steps) as a numpy array, in parts that fit the memory."""
    parts = []
    at_once = max(1, _PATHS // samples)
    for first in range(0, len(which), at_once):
        windows = panel.windows(which[first : first + at_once], starts[first : first + at_once])
        parts.append(network.forecast(windows, panel.context, samples).numpy())
    return np.concatenate(parts)


def evaluate(network: DeepAR, panel: Panel, samples: int, quantiles: list[float]) -> dict[str, float]:
    """RMSE of the mean and weighted quantile losses over the last `prediction_length` steps of every series.

    wQuantileLoss[q] is twice the sum of max(q (y - f), (q - 1)(y - f)) over the sum of |y|
    (https://docs.aws.amazon.com/sagemaker/latest/dg/deepar.html).
    """
    which = np.arange(len(panel.lengths))
    starts = panel.lengths - panel.ahead
    long_enough = starts > 0
    which, starts = which[long_enough], starts[long_enough]
    if len(which) == 0:
        return {}
    paths = forecast(network, panel, which, starts, samples)
    truth = panel.windows(which, starts).target[:, panel.context :].numpy()
    seen = ~np.isnan(truth)
    errors = (paths.mean(axis=1) - truth)[seen]
    scores = {"RMSE": math.sqrt(float(np.mean(errors**2))) if len(errors) else math.nan}
    size = float(np.abs(truth[seen]).sum())
    losses = {}
    for quantile in quantiles:
        short = (truth - np.quantile(paths, quantile, axis=1))[seen]
        losses[quantile] = 2 * float(np.maximum(quantile * short, (quantile - 1) * short).sum())
    scores["mean_absolute_QuantileLoss"] = float(np.mean(list(losses.values())))
    if size > 0:
        scores["mean_wQuantileLoss"] = float(np.mean(list(losses.values()))) / size
        scores |= {f"wQuantileLoss[{quantile:g}]": value / size for quantile, value in losses.items()}
    return scores
