"""What is known of a metric without its points: count, extremes, mean, deviation and the last value."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Point(NamedTuple):
    """One value of one metric; `timestamp` in seconds since the epoch."""

    timestamp: float
    value: float
    step: int | None = None


class Logged(Protocol):
    """What has the members of a `Point`."""

    @property
    def timestamp(self) -> float:
        """Seconds since the epoch."""
        ...

    @property
    def value(self) -> float:
        """The metric's value."""
        ...

    @property
    def step(self) -> int | None:
        """Number of the iteration, if one was given."""
        ...


@dataclass
class Summary:
    """Statistics of the points of one metric of one component.

    Attributes:
        mean, spread: mean and sum of squared distances from it, which stay exact where the sum of squares would not (Chan, Golub,
            LeVeque: Updating formulae and a pairwise algorithm for computing sample variances, 1979).
        last: of the point with the latest time; of equal times with the greatest step; of those the last that came.
        points: how many of the counted points are rows of `component_points`.
    """

    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    spread: float = 0.0
    last: float = 0.0
    last_time: float = -math.inf
    last_step: int | None = None
    points: int = 0

    @property
    def deviation(self) -> float:
        """Standard deviation of the points as a population; 0 for one point."""
        return math.sqrt(max(0.0, self.spread / self.count)) if self.count else 0.0

    def add(self, points: Iterable[Logged]) -> None:
        """Counts further points."""
        points = list(points)
        if not points:
            return
        values = [point.value for point in points]
        self.minimum = min(self.minimum, *values)
        self.maximum = max(self.maximum, *values)
        self._add_moments(values)
        self._add_last(points)

    def _add_moments(self, values: list[float]) -> None:
        """Mean and spread of what was counted and of further values, merged."""
        more = len(values)
        count = self.count + more
        mean = _sum(values) / more
        distance = mean - self.mean
        spread = self.spread + distance * distance * self.count * more / count
        if more > 1:
            spread += _sum((value - mean) * (value - mean) for value in values)
        mean = self.mean + distance * more / count
        if not math.isfinite(mean):  # values at both ends of what a double can hold
            mean = self.minimum / 2 + self.maximum / 2
        if not math.isfinite(
            spread
        ):  # squares of what diverged; the greatest number, rather than none that JSON has
            spread = sys.float_info.max
        self.count, self.mean, self.spread = count, mean, spread

    def _add_last(self, points: Sequence[Logged]) -> None:
        last = (self.last_time, _step(self.last_step))
        times = [point.timestamp for point in points]
        latest = max(times)
        # Mostly points come in the order of their times: then the last one alone counts.
        candidates = points[-1:] if times[-1] == latest and times.count(latest) == 1 else points
        for point in candidates:
            place = (point.timestamp, _step(point.step))
            if place >= last:
                last = place
                self.last, self.last_time, self.last_step = point.value, point.timestamp, point.step


def _sum(values: Iterable[float]) -> float:
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf


def _step(step: int | None) -> int:
    return -1 if step is None else step
