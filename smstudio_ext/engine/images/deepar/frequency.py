"""Frequencies of time series: steps in time, the lags that a model looks back to, and features of the calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
_TEXT = re.compile(r"^\s*(\d*)\s*(M|ME|MS|W|D|H|h|T|min)\s*(?:-[A-Z]{3})?\s*$")
_UNITS = {"M": "M", "ME": "M", "MS": "M", "W": "W", "D": "D", "H": "H", "h": "H", "T": "min", "min": "min"}
_MINUTES = {"min": 1, "H": 60, "D": 1440, "W": 7 * 1440}
_LONGEST_LAG = 1200

# What repeats: in minutes, or in months for monthly series.
_SEASONS = {
    "min": (60, 1440, 7 * 1440),
    "H": (1440, 7 * 1440),
    "D": (7 * 1440, 30 * 1440, 364 * 1440),
    "W": (4 * 7 * 1440, 52 * 7 * 1440),
    "M": (12,),
}
_REPEATS = {
    60: 3,
    1440: 4,
    7 * 1440: 4,
    30 * 1440: 2,
    364 * 1440: 3,
    4 * 7 * 1440: 3,
    52 * 7 * 1440: 3,
    12: 3,
}
_FEATURES = {"min": 5, "H": 4, "D": 3, "W": 2, "M": 1}


@dataclass(frozen=True)
class Frequency:
    """A multiple of a basic frequency.

    Attributes:
        unit: `M`, `W`, `D`, `H` or `min`.
        multiple: as 5 in `5min`.
    """

    unit: str
    multiple: int

    @classmethod
    def parse(cls, text: str) -> Frequency:
        """Reads a text such as `5min`, `H` or `1W`.

        Raises:
            ValueError: it is no such frequency.
        """
        match = _TEXT.match(text)
        if match is None or match[1] == "0":
            raise ValueError(text)
        return cls(_UNITS[match[2]], int(match[1] or 1))

    @property
    def features(self) -> int:
        """Number of calendar features."""
        return _FEATURES[self.unit]

    @property
    def season(self) -> int:
        """Steps of the shortest season of at least two steps; 1 where there is none."""
        found = [steps for steps in self._season_steps() if steps >= 2]
        return found[0] if found else 1

    def lags(self) -> list[int]:
        """How many steps back the model looks: the last ones, and around whole seasons ago."""
        chosen = set(range(1, 8))
        for steps, season in zip(self._season_steps(), _SEASONS[self.unit], strict=True):
            for count in range(1, _REPEATS[season] + 1):
                chosen.update({steps * count - 1, steps * count, steps * count + 1})
        return sorted(lag for lag in chosen if 1 <= lag <= _LONGEST_LAG)

    def _season_steps(self) -> list[int]:
        step = self.multiple if self.unit == "M" else self.multiple * _MINUTES[self.unit]
        return [season // step for season in _SEASONS[self.unit]]

    def calendar(self, start: datetime, first: int, count: int) -> Floats:
        """Calendar features (count, features) in [-0.5, 0.5] of the steps `first`, `first + 1`, ... after `start`."""
        steps = (np.arange(first, first + count) * self.multiple).astype(np.int64)
        if self.unit == "M":
            month = (np.datetime64(start, "M") + steps).astype(np.int64) % 12
            return (month[:, None] / 11 - 0.5).astype(np.float32)
        minutes = np.datetime64(start, "m") + steps * _MINUTES[self.unit]
        days = minutes.astype("datetime64[D]")
        of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
        of_month = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
        of_week = (days.astype(np.int64) + 3) % 7
        minute = (minutes - days).astype(np.int64)
        columns: dict[str, list[Any]] = {
            "min": [minute % 60 / 59, minute // 60 / 23, of_week / 6, of_month / 30, of_year / 365],
            "H": [minute // 60 / 23, of_week / 6, of_month / 30, of_year / 365],
            "D": [of_week / 6, of_month / 30, of_year / 365],
            "W": [of_month / 30, of_year / 365],
        }
        found: Floats = np.stack(columns[self.unit], axis=1).astype(np.float32) - np.float32(0.5)
        return found
