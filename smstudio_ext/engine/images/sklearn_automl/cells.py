"""Reads single table cells: what counts as missing, as a number, as a date."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

MISSING = frozenset(
    {
        *("", "na", "n/a", "n.a.", "n.a", "#n/a", "#n/a n/a", "#na", "nan", "-nan", "<na>"),
        *("null", "(null)", "none", "(none)", "nil", "missing", "(missing)", "<missing>", "\\n"),
        *("?", "-", "--", ".", "...", "not available", "not applicable"),
        *("1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
        *("#null!", "#value!", "#ref!", "#div/0!", "#num!", "#name?"),
    }
)
"""Cells (lower case, stripped) that mean a missing value."""

DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%y",
    "%m/%d/%y %H:%M",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%a, %d %b %Y %H:%M:%S %z",
    "%b %Y",
    "%B %Y",
    "%b-%Y",
    "%Y-%m",
    "%Y年%m月%d日",
    "%Y년 %m월 %d일",
    "%H:%M:%S",
    "%H:%M",
)
"""Date formats that are recognised; of those that read equally many cells of a column the first wins."""

_FORMAT_JOIN = "|"
_DAY_FIRST = ("%d/%m", "%d-%m", "%d.%m")
_MAYBE_DATE = re.compile(r"(?=.{4,40}$).*\d")
_DIGITS_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_LEAST_SHARE = 0.95

_CURRENCY = (
    r"(?:US\$|A\$|C\$|HK\$|NT\$|S\$|R\$|[$€£¥₩₹₽₺₫₴₦₱฿₪¢円원元]|zł|kr\.?|Fr\.|Kč|"
    r"AED|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|MYR|NOK|NZD|PHP|PLN|RUB|SAR|SEK|SGD|THB|TRY|TWD|USD|VND|ZAR)"
)
_DECORATED = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+−])?\s*{_CURRENCY}?\s*(?P<inner>[-+−])?\s*(?P<body>[\d.,][\d.,'’ \u00a0\u202f]*)"
    rf"(?:\s*(?:{_CURRENCY}|%))?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_POINT = re.compile(
    r"\d{1,3}(?P<group>[,'’ \u00a0\u202f])\d{3}(?:(?P=group)\d{3})*(?:\.\d*)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+"
)
_COMMA = re.compile(
    r"\d{1,3}(?P<group>[.'’ \u00a0\u202f])\d{3}(?:(?P=group)\d{3})*(?:,\d*)?|\d+(?:,\d*)?|,\d+"
)
_SURELY_COMMA = re.compile(
    r"\D*(?:\d*,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+|\d{1,3}(?:[.'’ \u00a0\u202f]\d{3})+,\d+)\D*"
)
_SURELY_POINT = re.compile(
    r"\D*(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,})\D*"
)
_GROUPING = str.maketrans("", "", "'’ \u00a0\u202f")


def is_missing(cell: str) -> bool:
    """Whether a cell holds no value."""
    return cell.strip().lower() in MISSING


def to_number(cell: str, decimal_comma: bool = False) -> float:
    """The cell as a finite number; NaN for missing values, infinities and text.

    Besides plain numbers, those with thousands separators (`1,234.50`, `1 234.5`, `1'234`), a currency (`$5`, `5 EUR`), a percent
    sign (`12%` is 12) or accounting's negative (`(5.00)` is -5) are read.

    Args:
        decimal_comma: `1.234,50` means 1234.5, as a column's cells together tell (`uses_decimal_comma`).
    """
    value = _read(cell, decimal_comma)
    return value if math.isfinite(value) else math.nan


def is_number(cell: str, decimal_comma: bool = False) -> bool:
    """Whether a cell is a number (infinities too). Python's digit separators are no numbers of a CSV file."""
    value = _read(cell, decimal_comma)
    return value == value or (cell.strip().lower().lstrip("+-") == "nan")


def numbers(cells: Sequence[str], decimal_comma: bool = False) -> npt.NDArray[np.float64]:
    """A column of cells as numbers; what is none becomes NaN."""
    if decimal_comma:
        return np.array([to_number(cell, True) for cell in cells], dtype=float)
    try:
        column = np.array([float(cell) for cell in cells], dtype=float)
    except ValueError:
        column = np.array([to_number(cell) for cell in cells], dtype=float)
    column[~np.isfinite(column)] = np.nan
    return column


def uses_decimal_comma(cells: Iterable[str]) -> bool:
    """Whether a column's cells write decimals with a comma: some surely do, and none surely use a point."""
    found = False
    for cell in cells:
        text = cell.strip()
        if _SURELY_COMMA.fullmatch(text):
            found = True
        elif _SURELY_POINT.fullmatch(text):
            return False
    return found


def _read(cell: str, decimal_comma: bool) -> float:
    if not decimal_comma:
        try:
            return float(cell) if "_" not in cell else math.nan
        except ValueError:
            pass
    match = _DECORATED.fullmatch(cell.strip())
    if match is None or bool(match["open"]) != bool(match["close"]):
        # An exponent or an infinity is written alike everywhere.
        return _plain(cell.replace(",", ".")) if decimal_comma else math.nan
    body = match["body"].rstrip()
    if decimal_comma and _COMMA.fullmatch(body):
        value = float(body.translate(_GROUPING).replace(".", "").replace(",", "."))
    elif _POINT.fullmatch(body):
        value = float(body.translate(_GROUPING).replace(",", ""))
    else:
        return math.nan
    negative = sum(bool(mark and mark in "-−") for mark in (match["sign"], match["inner"])) + bool(
        match["open"]
    )
    return -value if negative == 1 else value if negative == 0 else math.nan


def _plain(cell: str) -> float:
    try:
        return float(cell) if "_" not in cell else math.nan
    except ValueError:
        return math.nan


def find_date_format(cells: Iterable[str], least: float = _LEAST_SHARE) -> str | None:
    """The formats that read a column of dates, joined by `|`, the most frequent one first; None if they are no dates.

    Of day-first and month-first forms of one kind only one is taken, since their cells cannot be told apart.

    Args:
        cells: a sample of the column's values.
        least: share of the cells that must be dates.
    """
    sample = [cell.strip() for cell in cells]
    if not sample or not all(_MAYBE_DATE.match(cell) for cell in sample[:5]):
        return None
    if all(_DIGITS_DATE.fullmatch(cell) for cell in sample):
        return "%Y%m%d"
    left = sample
    found: list[str] = []
    while left and len(found) < 4:
        counts = {
            one: sum(_parse(cell, one) is not None for cell in left)
            for one in DATE_FORMATS
            if _parse(left[0], one) is not None and not _clashes(one, found)
        }
        best = max(counts, key=lambda one: counts[one]) if counts else None
        if best is None:
            # What is no date goes to the end once, so that the other cells can be looked at.
            rest = [cell for cell in left if cell != left[0]]
            if len(sample) - len(left) + len(rest) < least * len(sample):
                break
            left = rest
            continue
        found.append(best)
        left = [cell for cell in left if _parse(cell, best) is None]
    read = sum(_first(cell, found) is not None for cell in sample)
    return _FORMAT_JOIN.join(found) if found and read >= least * len(sample) else None


def _clashes(one: str, found: Sequence[str]) -> bool:
    """Whether a format is the day-first or month-first twin of one that was found."""
    twin = one.translate(str.maketrans("dm", "md"))
    day_first = one.startswith(_DAY_FIRST)
    return any(other[:5] == twin[:5] and (day_first or other.startswith(_DAY_FIRST)) for other in found)


def dates(cells: Sequence[str], date_format: str) -> list[datetime | None]:
    """A column of cells as dates, by one or several (`|`) formats; what is none becomes None."""
    formats = date_format.split(_FORMAT_JOIN)
    return [_first(cell.strip(), formats) for cell in cells]


def _first(cell: str, formats: Sequence[str]) -> datetime | None:
    for one in formats:
        moment = _parse(cell, one)
        if moment is not None:
            return moment
    return None


def _parse(cell: str, date_format: str) -> datetime | None:
    try:
        return datetime.strptime(cell, date_format)
    except ValueError:
        return None
