"""The regular grid of a forecast's time steps: timestamps to step numbers and back, seasons and features of the calendar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Times: TypeAlias = npt.NDArray[np.datetime64]

_TEXT = re.compile(r"(\d*)(Y|M|W|D|H|min)")
_SECONDS = {"min": 60, "H": 3600, "D": 86400, "W": 7 * 86400}
_FLOORS = {"min": "m", "H": "h", "D": "D", "W": "D"}
# What repeats, in seconds, or in months; the first that has two steps or more is the main season.
_SEASONS = {
    "min": (3600, 86400, 7 * 86400),
    "H": (86400, 7 * 86400),
    "D": (7 * 86400, 365.25 * 86400),
    "W": (365.25 * 86400,),
    "M": (12.0,),
    "Y": (),
}
_FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y%m%d",
)


@dataclass(frozen=True)
class Steps:
    """Steps of one length, counted from an anchor.

    Attributes:
        unit: `Y`, `M`, `W`, `D`, `H` or `min`.
        multiple: as 15 in `15min`.
        anchor: time of step 0, ISO 8601; for months and years any time in the month.
        day: day of the month that timestamps of months have; 0 for its last one.
    """

    unit: str
    multiple: int
    anchor: str
    day: int = 1

    @classmethod
    def of(cls, frequency: str, times: Times) -> Steps:
        """The grid of a ForecastFrequency that the timestamps of a data set lie on.

        Raises:
            ValueError: no such frequency.
        """
        match = _TEXT.fullmatch(frequency)
        if match is None:
            raise ValueError(frequency)
        unit, multiple = match[2], int(match[1] or 1)
        first = times.min()
        if unit in _FLOORS:
            return cls(unit, multiple, str(first.astype(f"datetime64[{_FLOORS[unit]}]")))
        days = times.astype("datetime64[D]")
        ends = bool(((days + 1).astype("datetime64[M]") != days.astype("datetime64[M]")).all())
        numbers = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
        day = 0 if ends else int(numbers[0]) if (numbers == numbers[0]).all() else 1
        return cls(unit, multiple, str(first.astype("datetime64[M]")), day)

    def to_document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def _months(self) -> int:
        return self.multiple * (12 if self.unit == "Y" else 1)

    def numbers(self, times: Times) -> Integers:
        """The step that each time lies in."""
        if self.unit in _SECONDS:
            anchor = np.datetime64(self.anchor, "s")
            apart = (times.astype("datetime64[s]") - anchor).astype(np.int64)
            found: Integers = apart // (self.multiple * _SECONDS[self.unit])
            return found
        months = times.astype("datetime64[M]").astype(np.int64)
        found = (months - np.datetime64(self.anchor, "M").astype(np.int64)) // self._months
        return found

    def times(self, numbers: Integers) -> Times:
        """The timestamp of each step, to the second."""
        if self.unit in _SECONDS:
            anchor = np.datetime64(self.anchor, "s")
            found: Times = anchor + (numbers * self.multiple * _SECONDS[self.unit]).astype("timedelta64[s]")
            return found
        months = np.datetime64(self.anchor, "M") + (numbers * self._months).astype("timedelta64[M]")
        starts = months.astype("datetime64[D]")
        following = (months + 1).astype("datetime64[D]")
        last = (following - starts).astype(np.int64)
        offset = last - 1 if self.day == 0 else np.minimum(self.day, last) - 1
        found = (starts + offset.astype("timedelta64[D]")).astype("datetime64[s]")
        return found

    def seasons(self) -> list[float]:
        """Lengths in steps of what repeats, shortest first; those of two steps or more."""
        if self.unit in _SECONDS:
            lengths = [one / (self.multiple * _SECONDS[self.unit]) for one in _SEASONS[self.unit]]
        else:
            lengths = [one / self._months for one in _SEASONS[self.unit]]
        return [one for one in lengths if one >= 2]

    def season(self, length: int) -> int:
        """The main season in whole steps that `length` steps show at least twice; 1 where there is none."""
        fitting = [round(one) for one in self.seasons() if 2 * round(one) <= length]
        return fitting[0] if fitting else 1

    def calendar(self, numbers: Integers) -> Floats:
        """Features (steps, 5) of the calendar: hour, weekday, day of month, day of year, month, each in 0..1."""
        times = self.times(numbers)
        days = times.astype("datetime64[D]")
        months = days.astype("datetime64[M]")
        columns: Sequence[Any] = (
            (times - days).astype(np.int64) / 86400,
            ((days.astype(np.int64) + 3) % 7) / 6,
            (days - months.astype("datetime64[D]")).astype(np.int64) / 30,
            (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) / 365,
            (months.astype(np.int64) % 12) / 11,
        )
        return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def parse_times(cells: Sequence[str | None]) -> Times:
    """Timestamps of text cells to the second, NaT where a cell is empty or no timestamp; time zones are turned into UTC."""
    import pandas as pd

    texts = pd.Series(cells, dtype="object").str.strip()
    best: Any = None
    for form in ("ISO8601", *_FORMATS):
        found = pd.to_datetime(texts, errors="coerce", format=form, utc=True)
        if best is None or int(found.notna().sum()) > int(best.notna().sum()):
            best = found
        if bool((found.notna() | texts.isna() | (texts == "")).all()):
            break
    times: Times = best.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return times
