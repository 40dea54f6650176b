"""Numbers from dates and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

import numpy as np
from dateutil import parser  # type: ignore[import-untyped]

from .._base import Array, Floats, Transformer, as_table

__all__ = ["DateTimeDefinition", "DateTimeProperty", "DateTimeVectorizer"]


class DateTimeProperty:
    """One part of a date.

    Args:
        extract_func: a `datetime`'s part; NaN for what is no `datetime`.
        max_, min_: its range; None for a part that does not come round again (the year).
    """

    def __init__(self, extract_func: Callable[[Any], float], max_: int | None, min_: int | None) -> None:
        self.extract_func = extract_func
        self.max = max_
        self.min = min_


def _part(read: Callable[[datetime], float]) -> Callable[[Any], float]:
    def extract(moment: Any) -> float:
        return read(moment) if isinstance(moment, datetime) else np.nan

    return extract


extract_week_of_year = _part(lambda t: t.isocalendar()[1])
extract_weekday = _part(lambda t: t.isocalendar()[2])
extract_year = _part(lambda t: t.year)
extract_hour = _part(lambda t: t.hour)
extract_month = _part(lambda t: t.month)
extract_minute = _part(lambda t: t.minute)
extract_quarter = _part(lambda t: (t.month - 1) // 3 + 1)
extract_second = _part(lambda t: t.second)
extract_day_of_year = _part(lambda t: t.timetuple().tm_yday)
extract_day_of_month = _part(lambda t: t.day)


class DateTimeDefinition(Enum):
    """The parts that can be taken."""

    WEEK_OF_YEAR = DateTimeProperty(extract_week_of_year, 53, 1)
    WEEKDAY = DateTimeProperty(extract_weekday, 7, 1)
    YEAR = DateTimeProperty(extract_year, None, None)
    HOUR = DateTimeProperty(extract_hour, 23, 0)
    MONTH = DateTimeProperty(extract_month, 12, 1)
    MINUTE = DateTimeProperty(extract_minute, 59, 0)
    QUARTER = DateTimeProperty(extract_quarter, 4, 1)
    SECOND = DateTimeProperty(extract_second, 59, 0)
    DAY_OF_YEAR = DateTimeProperty(extract_day_of_year, 366, 1)
    DAY_OF_MONTH = DateTimeProperty(extract_day_of_month, 31, 1)


class DateTimeVectorizer(Transformer):
    """Parts of dates as numbers.

    Args:
        extract: the parts (`DateTimeProperty`, or members of `DateTimeDefinition`); None takes `default_data`.
        mode: `cyclic`: sine and cosine of a part's place in its cycle; `ordinal`: the part less its smallest value.
        ignore_constant_columns: leave out parts that never change in the training data.
        default_datetime: gives what a text does not say.

    Attributes:
        extract_: the parts that are given, in order.
    """

    default_data: ClassVar[list[DateTimeProperty]] = [
        DateTimeDefinition.WEEKDAY.value,
        DateTimeDefinition.YEAR.value,
        DateTimeDefinition.HOUR.value,
        DateTimeDefinition.MINUTE.value,
        DateTimeDefinition.SECOND.value,
        DateTimeDefinition.MONTH.value,
        DateTimeDefinition.WEEK_OF_YEAR.value,
    ]

    def __init__(
        self,
        extract: Any = None,
        mode: str = "cyclic",
        ignore_constant_columns: bool = True,
        default_datetime: datetime | None = None,
    ) -> None:
        self.extract = extract
        self.mode = mode
        self.ignore_constant_columns = ignore_constant_columns
        self.default_datetime = default_datetime

    def fit(self, X: Any, y: Any = None) -> DateTimeVectorizer:
        """Finds the parts that change."""
        if self.mode not in ("cyclic", "ordinal"):
            raise ValueError(f"mode must be either cyclic or ordinal. Current value is {self.mode}")
        wanted = self.extract or self.default_data
        parts = [part.value if isinstance(part, DateTimeDefinition) else part for part in wanted]
        if self.ignore_constant_columns:
            moments = self._moments(X)
            changing = [part for part in parts if _changes(_extract(part, moments))]
            parts = changing or parts[:1]
        self.extract_ = parts
        return self

    def transform(self, X: Any, y: Any = None) -> Floats:
        """(rows, numbers of all columns), NaN where there is no date."""
        parts = self._fitted("extract_")
        moments = self._moments(X)
        columns: list[Array] = []
        for at in range(moments.shape[1]):
            for part in parts:
                columns += self._numbers(part, _extract(part, moments[:, at : at + 1])[:, 0])
        return np.column_stack(columns)

    def _numbers(self, part: DateTimeProperty, values: Floats) -> list[Array]:
        if part.min is None or part.max is None:
            return [values]
        if self.mode == "ordinal":
            return [values - part.min]
        angle = (values - part.min) * 2 * np.pi / (1 + part.max - part.min)
        return [np.sin(angle), np.cos(angle)]

    def _moments(self, X: Any) -> Array:
        table = as_table(X, dtype=object)
        out = np.empty(table.shape, dtype=object)
        for at in range(table.shape[1]):
            column = table[:, at].tolist()
            # Dates repeat, and reading one costs more than all the rest.
            read = {cell: self._moment(cell) for cell in set(column)}
            out[:, at] = [read[cell] for cell in column]
        return out

    def _moment(self, cell: Any) -> datetime | None:
        if isinstance(cell, datetime):
            return cell
        try:
            moment: datetime = parser.parse(cell, default=self.default_datetime)
            return moment
        except (ValueError, TypeError, OverflowError):
            return None


def _extract(part: DateTimeProperty, moments: Array) -> Floats:
    values = [part.extract_func(moment) for moment in moments.ravel().tolist()]
    return np.array(values, dtype=np.float64).reshape(moments.shape)


def _changes(values: Floats) -> bool:
    return any(len(np.unique(column[~np.isnan(column)])) > 1 for column in values.T)
