"""DeepAR as a candidate: the recurrent network of the image `forecasting-deepar`, trained within the candidate's time."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from smstudio_ext.engine.images.automl_forecasting.kinds import Task
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.job import use_granted_threads
from smstudio_ext.engine.images.deepar.evaluate import forecast
from smstudio_ext.engine.images.deepar.frequency import Frequency
from smstudio_ext.engine.images.deepar.network import DeepAR
from smstudio_ext.engine.images.deepar.panel import Panel as Windows
from smstudio_ext.engine.images.deepar.series import TimeSeries

FILE = "deepar.pt"
_SAMPLES = 100
_BATCHES = 600
_BATCH = 64
_RATE = 3e-3
_LARGEST_GRADIENT = 10.0
_CONTEXT = (8, 168)
_UNUSABLE = "Y"


class RecurrentForecaster:
    """A trained network and its settings."""

    def __init__(self, network: DeepAR, settings: dict[str, Any]) -> None:
        self._network = network
        self._settings = settings

    def forecast(self, panel: Panel, task: Task) -> Floats:
        """See `kinds.Forecaster`."""
        schema = task.schema
        torch.manual_seed(task.seed)
        windows = Windows([_record(one, schema, self._settings) for one in panel.series], self._settings)
        which = np.arange(len(panel.series))
        paths = forecast(self._network, windows, which, windows.lengths, _SAMPLES)
        quantiles = np.moveaxis(np.quantile(paths, schema.levels, axis=1), 0, -1)
        found: Floats = np.concatenate([quantiles, paths.mean(axis=1)[..., None]], axis=-1).astype(np.float64)
        return found

    def save(self, folder: Path) -> None:
        """See `kinds.Forecaster`."""
        learning.save(folder / FILE, "autopilot-deepar", self._settings, learning.copy_of(self._network))


def fit(panel: Panel, task: Task) -> RecurrentForecaster:
    """Trains for a fixed number of batches, fewer when the time is short.

    Raises:
        AlgorithmError: yearly steps, for which the network has no lags, or a loss that is no number.
    """
    schema = task.schema
    if schema.steps.unit == _UNUSABLE:
        raise AlgorithmError("DeepAR is not offered for yearly steps.")
    use_granted_threads()
    torch.manual_seed(task.seed)
    settings = _settings(panel, schema)
    series = [_record(one, schema, settings) for one in panel.series]
    settings["dynamic"] = _moments(series, len(schema.covariates))
    windows = Windows(series, settings)
    network = DeepAR(settings)
    _train(network, windows, task)
    return RecurrentForecaster(network, settings)


def load(folder: Path, schema: Schema) -> RecurrentForecaster:
    """See `kinds.Kind`."""
    use_granted_threads()
    settings, weights = learning.load(folder / FILE, "autopilot-deepar")
    network = DeepAR(settings)
    network.load_state_dict(weights)
    network.eval()
    return RecurrentForecaster(network, settings)


def _settings(panel: Panel, schema: Schema) -> dict[str, Any]:
    text = f"{schema.steps.multiple}{schema.steps.unit}"
    frequency = Frequency.parse(text)
    context = min(
        max(schema.horizon, 2 * schema.season, _CONTEXT[0]), _CONTEXT[1], max(2, panel.longest // 2)
    )
    return {
        "context_length": context,
        "prediction_length": schema.horizon,
        "time_freq": text,
        "likelihood": "student-T",
        "num_cells": 40,
        "num_layers": 2,
        "dropout_rate": 0.1,
        "embedding_dimension": 8,
        "lags": [lag for lag in frequency.lags() if lag <= max(8, panel.longest // 2)],
        # The last place is for values that training has not seen.
        "cardinality": [len(values) + 1 for values in schema.statics.values()],
        "dynamic": [[0.0, 1.0]] * len(schema.covariates),
        "features": frequency.features + 1 + len(schema.covariates),
    }


def _record(one: Series, schema: Schema, settings: dict[str, Any]) -> TimeSeries:
    start: datetime = schema.steps.times(np.array([one.start]))[0].astype("datetime64[s]").item()
    cat = [
        int(place) if place >= 0 else count - 1
        for place, count in zip(one.statics, settings["cardinality"], strict=True)
    ]
    return TimeSeries(start, one.values.astype(np.float32), cat, one.covariates.astype(np.float32))


def _moments(series: list[TimeSeries], count: int) -> list[list[float]]:
    found = []
    for place in range(count):
        values = np.concatenate([one.dynamic[place, : len(one.target)] for one in series])
        deviation = float(values.std())
        found.append([float(values.mean()), deviation if deviation > 0 else 1.0])
    return found


def _train(network: DeepAR, windows: Windows, task: Task) -> None:
    weights = list(network.parameters())
    optimizer = torch.optim.Adam(weights, lr=_RATE, weight_decay=1e-8)
    random = np.random.default_rng(task.seed)
    begin, network_batches = time.monotonic(), int(task.settings.get("batches", _BATCHES))
    network.train()
    for batch in range(network_batches):
        # The rate falls with the part of batches or of the time that is over, whichever is larger.
        over = (time.monotonic() - begin) / max(1e-9, task.deadline - begin)
        progress = max(batch / network_batches, min(over, 1.0))
        if progress >= 1.0 and batch:
            break
        for group in optimizer.param_groups:
            group["lr"] = _RATE * (0.03 + 0.97 * (1 - progress))
        loss = network.loss(windows.draw(_BATCH, random))
        if not torch.isfinite(loss):
            raise AlgorithmError("The loss of DeepAR is no number: the target's values are too far apart.")
        optimizer.zero_grad()
        torch.autograd.backward([loss])
        torch.nn.utils.clip_grad_norm_(weights, _LARGEST_GRADIENT)
        optimizer.step()
    network.eval()
