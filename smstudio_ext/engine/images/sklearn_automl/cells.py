"""Reads single table cells: what counts as missing, as a number, as a date."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "nil", "?", "<na>"})
"""Cells (lower case, stripped) that mean a missing value."""

DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%y",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%H:%M:%S",
)
"""Date formats that are recognised, the first that fits all cells of a column wins."""

_MAYBE_DATE = re.compile(r"\d.*[-/:. ].*\d")


def is_missing(cell: str) -> bool:
    """Whether a cell holds no value."""
    return cell.strip().lower() in MISSING


def to_number(cell: str) -> float:
    """The cell as a finite number; NaN for missing values, infinities and text."""
    try:
        value = float(cell)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def is_number(cell: str) -> bool:
    """Whether a cell is a number (infinities too). Python's digit separators are no numbers of a CSV file."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def numbers(cells: Sequence[str]) -> npt.NDArray[np.float64]:
    """A column of cells as numbers; what is none becomes NaN."""
    try:
        column = np.array([float(cell) for cell in cells])
    except ValueError:
        column = np.array([to_number(cell) for cell in cells])
    column[~np.isfinite(column)] = np.nan
    return column


def find_date_format(cells: Iterable[str]) -> str | None:
    """The first known format that reads all the cells; None if they are no dates."""
    sample = [cell.strip() for cell in cells]
    if not sample or not all(_MAYBE_DATE.search(cell) for cell in sample):
        return None
    for date_format in DATE_FORMATS:
        if all(_parse(cell, date_format) is not None for cell in sample):
            return date_format
    return None


def dates(cells: Sequence[str], date_format: str) -> list[datetime | None]:
    """A column of cells as dates; what is none becomes None."""
    return [_parse(cell.strip(), date_format) for cell in cells]


def _parse(cell: str, date_format: str) -> datetime | None:
    try:
        return datetime.strptime(cell, date_format)
    except ValueError:
        return None
