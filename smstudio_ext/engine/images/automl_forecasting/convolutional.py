"""CNN-QR as a candidate: a causal convolutional network that answers the quantiles of all steps ahead at once.

Wen, Torkkola, Narayanaswamy, Madeka, "A multi-horizon quantile recurrent forecaster" (2017), with the convolutional encoder of AWS's
CNN-QR: dilated causal convolutions over the past, a decoder over the steps ahead with their calendar and covariates, quantile loss.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from smstudio_ext.engine.images.automl_forecasting.kinds import Task
from smstudio_ext.engine.images.automl_forecasting.panel import Panel, Series
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.job import use_granted_threads

FILE = "cnn_qr.pt"
_BATCHES = 800
_BATCH = 64
_RATE = 3e-3
_CHANNELS = 32
_CONTEXT = (16, 256)
_LARGEST_GRADIENT = 5.0


class CausalQuantiles(nn.Module):
    """Encoder of the past and decoder of the steps ahead.

    Args:
        settings: `inputs` (channels of the past), `future` (features of a step ahead), `static` (features of a series), `dilations`,
            `outputs` (levels and the mean).
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.dilations = list(settings["dilations"])
        widths = [settings["inputs"], *[_CHANNELS] * len(self.dilations)]
        self.layers = nn.ModuleList(
            nn.Conv1d(before, _CHANNELS, 3, dilation=dilation)
            for before, dilation in zip(widths[:-1], self.dilations, strict=True)
        )
        self.context = nn.Linear(_CHANNELS + settings["static"] + 1, 2 * _CHANNELS)
        self.decoder = nn.Sequential(
            nn.Linear(2 * _CHANNELS + settings["future"], 2 * _CHANNELS),
            nn.ReLU(),
            nn.Linear(2 * _CHANNELS, settings["outputs"]),
        )

    def forward(self, past: torch.Tensor, ahead: torch.Tensor, static: torch.Tensor) -> torch.Tensor:
        """Quantiles and mean in units of the scale.

        Args:
            past: (windows, inputs, context).
            ahead: (windows, horizon, future); the first feature is the value of the same place in the last season.
            static: (windows, static + 1).

        Returns:
            (windows, horizon, outputs).
        """
        state = past
        for layer, dilation in zip(self.layers, self.dilations, strict=True):
            moved = torch.relu(layer(nn.functional.pad(state, (2 * dilation, 0))))
            state = moved if moved.shape != state.shape else moved + state
        code = torch.relu(self.context(torch.cat([state[:, :, -1], static], dim=1)))
        code = code[:, None, :].expand(-1, ahead.shape[1], -1)
        found: torch.Tensor = self.decoder(torch.cat([code, ahead], dim=2)) + ahead[:, :, :1]
        return found


class ConvolutionalForecaster:
    """A trained network and its settings."""

    def __init__(self, network: CausalQuantiles, settings: dict[str, Any]) -> None:
        self._network = network
        self._settings = settings

    @torch.no_grad()
    def forecast(self, panel: Panel, task: Task) -> Floats:
        """See `kinds.Forecaster`."""
        found = np.empty((len(panel.series), task.schema.horizon, len(task.schema.levels) + 1))
        for place, one in enumerate(panel.series):
            task.check_time()
            window = _window(one, len(one.values), task.schema, self._settings)
            raw = self._network(*(torch.from_numpy(part[None]) for part in window.inputs))[0].numpy()
            found[place] = window.level + window.scale * raw
        return found

    def save(self, folder: Path) -> None:
        """See `kinds.Forecaster`."""
        learning.save(folder / FILE, "autopilot-cnn-qr", self._settings, learning.copy_of(self._network))


class _Window:
    """One place of a series: what the network sees, and the unit of its answers."""

    def __init__(self, inputs: tuple[Any, Any, Any], level: float, scale: float) -> None:
        self.inputs = inputs
        self.level = level
        self.scale = scale


def fit(panel: Panel, task: Task) -> ConvolutionalForecaster:
    """Trains for a fixed number of batches, fewer when the time is short.

    Raises:
        AlgorithmError: the series are too short, or a loss that is no number.
    """
    schema = task.schema
    use_granted_threads()
    torch.manual_seed(task.seed)
    usable = [one for one in panel.series if len(one.values) > schema.horizon + 2]
    if not usable:
        raise AlgorithmError(
            "Every series is too short for CNN-QR: it needs more than the horizon and two steps."
        )
    context = min(max(2 * schema.horizon, 2 * schema.season, _CONTEXT[0]), _CONTEXT[1])
    covariates = np.concatenate([one.covariates for one in usable], axis=1)
    settings: dict[str, Any] = {
        "context": context,
        "inputs": 6 + len(schema.covariates) + 1,
        "future": 7 + len(schema.covariates),
        "static": sum(len(values) for values in schema.statics.values()),
        "dilations": [2**power for power in range(8) if 2**power <= max(1, context // 2)],
        "outputs": len(schema.levels) + 1,
        "means": [float(value) for value in covariates.mean(axis=1)],
        "spreads": [float(value) or 1.0 for value in covariates.std(axis=1)],
    }
    network = CausalQuantiles(settings)
    _train(network, usable, settings, task)
    return ConvolutionalForecaster(network, settings)


def load(folder: Path, schema: Schema) -> ConvolutionalForecaster:
    """See `kinds.Kind`."""
    use_granted_threads()
    settings, weights = learning.load(folder / FILE, "autopilot-cnn-qr")
    network = CausalQuantiles(settings)
    network.load_state_dict(weights)
    network.eval()
    return ConvolutionalForecaster(network, settings)


def _window(one: Series, begin: int, schema: Schema, settings: dict[str, Any]) -> _Window:
    """What is known at step `begin` of a series."""
    context, horizon, season = settings["context"], schema.horizon, schema.season
    past = one.values[max(0, begin - context) : begin]
    level = float(past.mean())
    scale = max(float(np.abs(past - level).mean()), 1e-3 * abs(level), 1e-9)
    values = np.zeros(context)
    values[context - len(past) :] = (past - level) / scale
    known = np.zeros(context)
    known[context - len(past) :] = 1.0
    first = one.start + begin
    before = schema.steps.calendar(np.arange(first - context, first)) - 0.5
    ahead = schema.steps.calendar(np.arange(first, first + horizon)) - 0.5
    rows = np.zeros((len(schema.covariates), context + horizon))
    for place, row in enumerate(one.covariates):
        part = (row[max(0, begin - context) : begin + horizon] - settings["means"][place]) / settings[
            "spreads"
        ][place]
        rows[place, context + horizon - len(part) :] = part
    steps = np.arange(horizon)
    places = begin - ((steps // season + 1) * season - steps)
    last = np.where(places >= 0, (one.values[np.maximum(places, 0)] - level) / scale, 0.0)
    future = np.column_stack([last, steps / max(1, horizon - 1), ahead, rows[:, context:].T])
    static = [np.log1p(abs(level))]
    for values_of, place in zip(schema.statics.values(), one.statics, strict=True):
        static += [1.0 if place == at else 0.0 for at in range(len(values_of))]
    table = np.vstack([values, known, before.T, rows[:, :context]])
    return _Window(
        (table.astype(np.float32), future.astype(np.float32), np.array(static, dtype=np.float32)),
        level,
        scale,
    )


def _train(network: CausalQuantiles, series: list[Series], settings: dict[str, Any], task: Task) -> None:
    schema, random = task.schema, np.random.default_rng(task.seed)
    weights = list(network.parameters())
    optimizer = torch.optim.Adam(weights, lr=_RATE, weight_decay=1e-6)
    levels = torch.tensor(schema.levels, dtype=torch.float32)
    begin, count = time.monotonic(), int(task.settings.get("batches", _BATCHES))
    network.train()
    for batch in range(count):
        over = (time.monotonic() - begin) / max(1e-9, task.deadline - begin)
        progress = max(batch / count, min(over, 1.0))
        if progress >= 1.0 and batch:
            break
        for group in optimizer.param_groups:
            group["lr"] = _RATE * (0.03 + 0.97 * (1 - progress))
        loss = _loss(network, _draw(series, settings, schema, random), levels)
        if not torch.isfinite(loss):
            raise AlgorithmError("The loss of CNN-QR is no number: the target's values are too far apart.")
        optimizer.zero_grad()
        torch.autograd.backward([loss])
        torch.nn.utils.clip_grad_norm_(weights, _LARGEST_GRADIENT)
        optimizer.step()
    network.eval()


def _draw(
    series: list[Series], settings: dict[str, Any], schema: Schema, random: np.random.Generator
) -> list[torch.Tensor]:
    """A batch: the network's three inputs and what followed, (windows, horizon)."""
    windows, followed = [], []
    for place in random.integers(len(series), size=_BATCH):
        one = series[place]
        begin = int(random.integers(2, len(one.values) - schema.horizon + 1))
        window = _window(one, begin, schema, settings)
        actual = one.values[begin : begin + schema.horizon]
        windows.append(window.inputs)
        followed.append(((actual - window.level) / window.scale).astype(np.float32))
    parts = [torch.from_numpy(np.stack(part)) for part in zip(*windows, strict=True)]
    return [*parts, torch.from_numpy(np.stack(followed))]


def _loss(network: CausalQuantiles, drawn: list[torch.Tensor], levels: torch.Tensor) -> torch.Tensor:
    """Quantile losses, and a robust squared error for the mean."""
    past, ahead, static, actual = drawn
    found = network(past, ahead, static)
    short = actual[:, :, None] - found[:, :, :-1]
    quantile = torch.maximum(levels * short, (levels - 1) * short).mean()
    mean = nn.functional.smooth_l1_loss(found[:, :, -1], actual, beta=4.0)
    return quantile + 0.3 * mean
