"""What is known of a metric without its points: count, extremes, mean, deviation and the last value."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Point(NamedTuple):
    """One value of one metric; `timestamp` in seconds since the epoch."""

    timestamp: float
    value: float
    step: int | None = None


@dataclass
class Summary:
    """Statistics of the points of one metric of one component.

    Attributes:
        mean, spread: Welford's running mean and sum of squared distances from it, which stay exact where the sum of
            squares would not (Welford: Note on a method for calculating corrected sums of squares, 1962).
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

    def add(self, points: Iterable[Point]) -> None:
        """Counts further points."""
        count, mean, spread, low, high = self.count, self.mean, self.spread, self.minimum, self.maximum
        last = (self.last_time, _step(self.last_step))
        for point in points:
            value = point.value
            count += 1
            distance = value - mean
            mean += distance / count
            spread += distance * (value - mean)
            if value < low:
                low = value
            if value > high:
                high = value
            place = (point.timestamp, -1 if point.step is None else point.step)
            if place >= last:
                last = place
                self.last, self.last_time, self.last_step = value, point.timestamp, point.step
        if not math.isfinite(mean):  # values at both ends of what a double can hold
            mean = low / 2 + high / 2
        if not math.isfinite(
            spread
        ):  # squares of what diverged; the greatest number, rather than none that JSON has
            spread = sys.float_info.max
        self.count, self.mean, self.spread, self.minimum, self.maximum = count, mean, spread, low, high


def _step(step: int | None) -> int:
    return -1 if step is None else step
