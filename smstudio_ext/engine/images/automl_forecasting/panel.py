"""Time series on a common grid of steps: made of rows of text cells, cut for back-tests, kept in one file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats, Integers, parse_times

FILE = "panel.npz"
LEAST_STEPS = 2
"""Steps with which a series can be forecast."""

Cells = Mapping[str, Sequence[str | None]]


class RowError(ValueError):
    """Rows are no time series; the text says which and why."""


@dataclass(frozen=True)
class Series:
    """One series without gaps.

    Attributes:
        key: values of the key columns.
        start: step of the first value.
        values: (steps,).
        covariates: (covariates, steps + horizon).
        statics: (statics,) places in the schema's lists; -1 for a value that training has not seen.
    """

    key: tuple[str, ...]
    start: int
    values: Floats
    covariates: Floats
    statics: Integers

    @property
    def end(self) -> int:
        """The first step to forecast."""
        return self.start + len(self.values)

    def before(self, back: int) -> Series:
        """The series as it was `back` steps ago."""
        if not back:
            return self
        width = self.covariates.shape[1] - back
        return Series(self.key, self.start, self.values[:-back], self.covariates[:, :width], self.statics)


@dataclass(frozen=True)
class Panel:
    """Series in the order of their keys' first rows.

    Attributes:
        filled: values that were put where the rows had none.
        merged: rows that were aggregated with another of the same step.
        dropped: keys without any target value.
    """

    series: list[Series]
    filled: int = 0
    merged: int = 0
    dropped: int = 0

    def before(self, back: int) -> tuple[Panel, Integers]:
        """The series as they were `back` steps ago, and which of this panel's had begun by then."""
        begun = [at for at, one in enumerate(self.series) if len(one.values) - back >= LEAST_STEPS]
        return Panel([self.series[at].before(back) for at in begun]), np.array(begun, dtype=np.int64)

    @property
    def longest(self) -> int:
        """Steps of the longest series."""
        return max((len(one.values) for one in self.series), default=0)

    def write(self, folder: Path) -> None:
        """Puts the series into a folder."""
        np.savez(
            folder / FILE,
            keys=np.array(json.dumps([one.key for one in self.series])),
            starts=np.array([one.start for one in self.series], dtype=np.int64),
            lengths=np.array([len(one.values) for one in self.series], dtype=np.int64),
            values=np.concatenate([one.values for one in self.series]),
            covariates=np.concatenate([one.covariates for one in self.series], axis=1),
            statics=np.stack([one.statics for one in self.series]),
        )

    @classmethod
    def read(cls, folder: Path, horizon: int) -> Panel:
        """What `write` wrote.

        Raises:
            OSError, ValueError, KeyError: it is not there or no panel.
        """
        with np.load(folder / FILE) as stored:
            keys = [tuple(key) for key in json.loads(str(stored["keys"]))]
            starts, lengths, statics = stored["starts"], stored["lengths"], stored["statics"]
            values, covariates = stored["values"], stored["covariates"]
        series, at, beside = [], 0, 0
        for key, start, length, static in zip(keys, starts, lengths, statics, strict=True):
            wide = int(length) + horizon
            part = values[at : at + length]
            series.append(Series(key, int(start), part, covariates[:, beside : beside + wide], static))
            at, beside = at + int(length), beside + wide
        return cls(series)


def build(cells: Cells, schema: Schema) -> Panel:
    """Makes the series of rows: puts them on the grid, aggregates rows of one step and fills gaps.

    Args:
        cells: text cells by column; columns that the schema does not name are not looked at.

    Raises:
        RowError: a bad timestamp or number, with its row, or no target value at all.
    """
    import pandas as pd

    times = _times(cells, schema)
    target = numbers_of(cells, schema.target)
    codes, labels = _keys(cells, schema)
    frame = pd.DataFrame({"key": codes, "step": schema.steps.numbers(times), "target": target})
    for place, name in enumerate(schema.covariates):
        frame[f"c{place}"] = numbers_of(cells, name)
    if not np.isfinite(target).any():
        raise RowError(f"The column '{schema.target}' has no value.")
    if schema.nonnegative and np.nanmin(target) < 0:
        raise RowError(
            f"The column '{schema.target}' has negative values; the training data had none, so this model cannot forecast them."
        )
    grouped = frame.groupby(["key", "step"], sort=True)
    last = int(frame.loc[frame["target"].notna(), "step"].max())
    merged = _aggregate(grouped["target"], schema.aggregation)
    others = [grouped[f"c{place}"].mean() for place in range(len(schema.covariates))]
    statics = [_static(cells, codes, len(labels), name, schema.statics[name]) for name in schema.statics]
    series, filled = [], 0
    for code, part in _parts(merged):
        one, gaps = _series(code, part, last, others, statics, labels[code], schema)
        if one is not None:
            series.append(one)
            filled += gaps
    dropped = len(labels) - len(series)
    return Panel(series, filled, int(len(frame) - len(merged)), dropped)


def numbers_of(cells: Cells, name: str) -> Floats:
    """A column's numbers, NaN where a cell is empty.

    Raises:
        RowError: a cell is no number.
    """
    import pandas as pd

    texts = pd.Series(cells[name], dtype="object").str.strip()
    values: Floats = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64)
    empty = (texts.isna() | texts.str.lower().isin(["", "nan", "null", "none", "na", "n/a"])).to_numpy()
    bad = np.flatnonzero((~np.isfinite(values)) & ~empty)
    if len(bad):
        raise RowError(
            f"The column '{name}' must be numeric, but row {int(bad[0]) + 1} holds '{cells[name][int(bad[0])]}'."
        )
    return values


def _times(cells: Cells, schema: Schema) -> Any:
    times = parse_times(cells[schema.timestamp])
    bad = np.flatnonzero(np.isnat(times))
    if len(bad):
        raise RowError(
            f"The timestamp column '{schema.timestamp}' of row {int(bad[0]) + 1} holds "
            f"'{cells[schema.timestamp][int(bad[0])] or ''}', which is no timestamp. Use the form YYYY-MM-DD HH:MM:SS in every row."
        )
    return times


def _keys(cells: Cells, schema: Schema) -> tuple[Integers, list[tuple[str, ...]]]:
    places: dict[tuple[str, ...], int] = {}
    rows = zip(*(cells[name] for name in schema.keys), strict=True)
    codes = np.fromiter(
        (places.setdefault(tuple(cell or "" for cell in row), len(places)) for row in rows), dtype=np.int64
    )
    return codes, list(places)


def _aggregate(grouped: Any, how: str) -> Any:
    if how == "sum":
        return grouped.sum(min_count=1)
    return getattr(grouped, "mean" if how == "avg" else how)()


def _parts(merged: Any) -> Iterator[tuple[int, Any]]:
    for code, part in merged.groupby(level=0, sort=True):
        yield int(code), part.droplevel(0)


def _series(
    code: int,
    part: Any,
    last: int,
    others: Sequence[Any],
    statics: Sequence[Integers],
    key: tuple[str, ...],
    schema: Schema,
) -> tuple[Series | None, int]:
    """One series and how many of its values were filled; None when it has no target value."""
    observed = part.dropna()
    if not len(observed):
        return None, 0
    first = int(observed.index[0])
    values, gaps = _spread(observed, first, last + 1), 0
    gaps = int(np.isnan(values).sum())
    reach = int(observed.index[-1]) - first + 1
    _fill(values[:reach], observed, schema.filling.get(schema.target, {}), "middlefill")
    _fill(values[reach:], observed, schema.filling.get(schema.target, {}), "backfill")
    rows = [
        _covariate(other, code, first, last, schema.filling.get(name, {}), schema.horizon)
        for other, name in zip(others, schema.covariates, strict=True)
    ]
    length = len(values) + schema.horizon
    covariates = np.stack(rows) if rows else np.zeros((0, length))
    static = np.array([column[code] for column in statics], dtype=np.int64)
    return Series(key, first, values, covariates, static), gaps


def _spread(known: Any, first: int, end: int) -> Floats:
    values = np.full(end - first, np.nan)
    steps = known.index.to_numpy()
    inside = (steps >= first) & (steps < end)
    values[steps[inside] - first] = known.to_numpy()[inside]
    return values


def _covariate(
    column: Any, code: int, first: int, last: int, rules: Mapping[str, str], horizon: int
) -> Floats:
    known = column.xs(code, level=0).dropna() if code in column.index.get_level_values(0) else column[:0]
    values = _spread(known, first, last + 1 + horizon)
    seen = np.flatnonzero(~np.isnan(values[: last + 1 - first]))
    reach = int(seen[-1]) + 1 if len(seen) else 0
    _fill(values[:reach], known, rules, "middlefill")
    _fill(values[reach : last + 1 - first], known, rules, "backfill")
    _fill(values[last + 1 - first :], known, rules, "futurefill")
    return values


def _fill(values: Floats, observed: Any, rules: Mapping[str, str], place: str) -> None:
    """Fills NaN in place; zero where no rule is given, as AWS does."""
    missing = np.isnan(values)
    if not missing.any():
        return
    how = rules.get(place, "zero")
    if how == "value":
        values[missing] = float(rules[f"{place}_value"])
    elif how == "zero" or not len(observed):
        values[missing] = 0.0
    else:
        values[missing] = float(getattr(observed, how)())


def _static(cells: Cells, codes: Integers, count: int, name: str, known: Sequence[str]) -> Integers:
    """The place of each series' (first) value among those of the training data."""
    places = {value: at for at, value in enumerate(known)}
    found = np.full(count, -1, dtype=np.int64)
    for row in range(len(codes) - 1, -1, -1):
        cell = cells[name][row]
        if cell:
            found[codes[row]] = places.get(cell, -1)
    return found
