"""All series of a job in a few flat arrays, from which windows are cut without copying series one by one."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from smstudio_ext.engine.images.deepar import likelihood
from smstudio_ext.engine.images.deepar.frequency import Frequency
from smstudio_ext.engine.images.deepar.network import Windows
from smstudio_ext.engine.images.deepar.series import TimeSeries

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int64]


class Panel:
    """Series laid end to end, each with room before it for lags and context and after it for the forecast.

    Args:
        settings: of the model: `frequency`, `lags`, `context_length`, `prediction_length`, `likelihood`, `dynamic` (mean and
            deviation of each dynamic feature).
    """

    def __init__(self, series: list[TimeSeries], settings: dict[str, Any]) -> None:
        self.context = int(settings["context_length"])
        self.ahead = int(settings["prediction_length"])
        self._longest = max(settings["lags"])
        self._scaled = likelihood.is_scaled(settings["likelihood"])
        self._before = self._longest + self.context
        self.lengths = np.array([len(one.target) for one in series], dtype=np.int64)
        sizes = self.lengths + self._before + self.ahead
        ends = np.cumsum(sizes)
        self._origins = ends - sizes + self._before
        self._target = np.full(int(ends[-1]), np.nan, dtype=np.float32)
        self._filled = np.zeros(int(ends[-1]), dtype=np.float32)
        self._features = np.zeros((int(ends[-1]), settings["features"]), dtype=np.float32)
        self._cat = np.array([one.cat[: len(settings["cardinality"])] for one in series], dtype=np.int64)
        frequency = Frequency.parse(settings["time_freq"])
        for origin, one in zip(self._origins, series, strict=True):
            self._place(int(origin), one, frequency, settings["dynamic"])

    def _place(self, origin: int, one: TimeSeries, frequency: Frequency, dynamic: list[list[float]]) -> None:
        length = len(one.target)
        self._target[origin : origin + length] = one.target
        self._filled[origin : origin + length] = fill_forward(one.target)
        first, last = origin - self.context, origin + length + self.ahead
        self._features[first:last, : frequency.features] = frequency.calendar(
            one.start, -self.context, last - first
        )
        age = np.log10(2.0 + np.maximum(0, np.arange(-self.context, length + self.ahead)))
        self._features[first:last, frequency.features] = age
        for place, (mean, deviation) in enumerate(dynamic):
            values = (one.dynamic[place] - mean) / deviation
            room = min(len(values), length + self.ahead)
            self._features[origin : origin + room, frequency.features + 1 + place] = values[:room]

    def windows(self, which: Integers, starts: Integers) -> Windows:
        """Windows of context and forecast steps.

        Args:
            which: series of each window.
            starts: first forecast step of each window, counted from the series' start.
        """
        at = self._origins[which] + starts
        steps = at[:, None] + np.arange(-self.context, self.ahead)
        past = at[:, None] + np.arange(-self._before, self.ahead)
        target = self._target[steps]
        scale = np.ones((len(which), 1), dtype=np.float32)
        if self._scaled:
            scale = self._scales(target[:, : self.context], which, starts)
        return Windows(
            torch.from_numpy(self._filled[past]),
            torch.from_numpy(target),
            torch.from_numpy(self._features[steps]),
            torch.from_numpy(self._cat[which]),
            torch.from_numpy(scale),
        )

    def _scales(self, context: Floats, which: Integers, starts: Integers) -> Floats:
        """Mean absolute value of the context; of the whole past where the context holds nothing but zeros and gaps."""
        seen = ~np.isnan(context)
        sums = np.where(seen, np.abs(context), 0).sum(axis=1)
        scale = sums / np.maximum(1, seen.sum(axis=1))
        for row in np.flatnonzero(scale == 0):
            origin = int(self._origins[which[row]])
            past = np.abs(self._target[origin : origin + max(0, int(starts[row]))])
            past = past[~np.isnan(past)]
            scale[row] = past.mean() if len(past) and past.mean() > 0 else 1.0
        found: Floats = np.maximum(scale, 1e-6).astype(np.float32)[:, None]
        return found

    def draw(self, count: int, random: np.random.Generator) -> Windows:
        """Random training windows: any series, any forecast start in it."""
        which = random.integers(len(self.lengths), size=count)
        last = np.maximum(self.lengths[which] - self.ahead, 0)
        first = np.minimum(last, 1)
        return self.windows(which, random.integers(first, last + 1))


def fill_forward(values: Floats) -> Floats:
    """Missing values become the last one before them; zero before the first."""
    seen = ~np.isnan(values)
    last = (
        np.maximum.accumulate(np.where(seen, np.arange(len(values)), -1)) if len(values) else np.zeros(0, int)
    )
    filled: Floats = np.where(last >= 0, values[last], np.float32(0.0)).astype(np.float32)
    return filled
