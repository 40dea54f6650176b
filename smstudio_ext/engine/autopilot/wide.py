"""Very wide data: describes columns of plain numbers many at a time, and keeps those that tell most about the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.autopilot.columns import Column, describe_column
from smstudio_ext.engine.autopilot.distinct import plain_numbers

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.reading import RawTable
    from smstudio_ext.engine.autopilot.target import Target

MOST_FEATURES = 5000
"""Of more columns than this, the most telling ones are used."""
_ROWS = 20_000
_TOGETHER = 4_000_000
_GROUPS = 10

Array = npt.NDArray[np.float64]


def describe_many(table: RawTable, given: Mapping[str, str]) -> list[Column]:
    """`describe_column` for every column of a very wide table; columns of plain numbers get no frequent values and no outliers."""
    found: dict[int, Column] = {}
    for places, values in _number_blocks(table, range(len(table.header)), np.arange(table.rows)):
        for place, column in zip(places, _describe_block(table, places, values), strict=True):
            found[place] = column
    columns = []
    for place, (name, data) in enumerate(zip(table.header, table.columns, strict=True)):
        quick = found.get(place)
        known = quick is not None and quick.kind == "numeric" and name not in given
        columns.append(quick if quick and known else describe_column(name, data, given.get(name)))
    return columns


def most_telling(
    columns: Sequence[Column],
    table: RawTable,
    rows: npt.NDArray[np.int64],
    target: Target,
    warnings: list[str],
) -> list[Column]:
    """The `MOST_FEATURES` columns with the highest share of the target's variance between their groups, in file order.

    Numbers are grouped by the tenths of their order, other values by themselves; each share is corrected for the number of groups
    (adjusted eta squared of an analysis of variance), so that a column of many different values gains nothing by it.

    Args:
        rows: training rows, in random order; no other row is looked at.
        warnings: gets a sentence on what was left out.
    """
    looked = rows[:_ROWS]
    labels = _labels(target, looked)
    places = {name: at for at, name in enumerate(table.header)}
    wanted = {places[column.name]: at for at, column in enumerate(columns)}
    scores = np.zeros(len(columns))
    numeric = [place for place, at in wanted.items() if columns[at].kind == "numeric"]
    for block, values in _number_blocks(table, numeric, looked):
        scores[[wanted[place] for place in block]] = _tenths(values, labels)
        for place in block:
            del wanted[place]
    for place, at in wanted.items():
        values = np.array(table.columns[place].take(looked).to_pylist(), dtype=object)
        scores[at] = _by_value(np.unique(values, return_inverse=True)[1], labels)
    kept = sorted(np.argsort(-scores, kind="stable")[:MOST_FEATURES].tolist())
    warnings.append(
        f"Of {len(columns)} columns the {MOST_FEATURES} that tell most about the target, each by itself, are used; the cells of the others "
        "are left empty in the tuning data."
    )
    return [columns[at] for at in kept]


def _number_blocks(
    table: RawTable, places: Sequence[int] | range, rows: npt.NDArray[np.int64]
) -> Iterator[tuple[list[int], Array]]:
    """Columns of plain numbers, some at a time: their places and (rows, columns) values."""
    width = max(1, _TOGETHER // max(1, len(rows)))
    block: list[int] = []
    values: list[Array] = []
    for place in places:
        numbers = plain_numbers(table.columns[place])
        if numbers is None:
            continue
        block.append(place)
        values.append(numbers[rows])
        if len(block) == width:
            yield block, np.column_stack(values)
            block, values = [], []
    if block:
        yield block, np.column_stack(values)


def _describe_block(table: RawTable, places: Sequence[int], values: Array) -> list[Column]:
    infinite = np.isinf(values).sum(axis=0)
    finite = np.where(np.isfinite(values), values, np.nan)
    ordered = np.sort(finite, axis=0)
    known = (~np.isnan(ordered)).sum(axis=0)
    unique = (np.diff(ordered, axis=0) > 0).sum(axis=0) + 1
    whole = ((finite % 1 == 0) | np.isnan(finite)).all(axis=0)
    with np.errstate(all="ignore"):
        middle = ordered[np.maximum(0, (known - 1) // 2), np.arange(len(places))]
        top = ordered[np.maximum(0, known - 1), np.arange(len(places))]
        mean, std = np.nansum(finite, axis=0) / known, np.nanstd(finite, axis=0)
    columns = []
    for at, place in enumerate(places):
        plain = known[at] >= 2 and unique[at] >= 2 and not infinite[at]
        rows_numbered = whole[at] and unique[at] == table.rows
        dates = whole[at] and ordered[0, at] >= 19000101 and top[at] <= 20991231
        # What may be more than a number is looked at by itself.
        kind = "numeric" if plain and not rows_numbered and not dates else "constant"
        statistics = {
            "Mean": mean[at],
            "Median": middle[at],
            "Min": ordered[0, at],
            "Max": top[at],
            "Std": std[at],
        }
        columns.append(
            Column(
                table.header[place],
                kind,  # type: ignore[arg-type]
                int(len(values) - known[at]),
                int(unique[at]),
                reason="All the values are numbers.",
                whole=bool(whole[at]),
                numeric_share=1.0,
                statistics={name: float(value) for name, value in statistics.items()},
            )
        )
    return columns


def _labels(target: Target, rows: npt.NDArray[np.int64]) -> Array:
    """(rows, outputs) centered: the number, or one column a class."""
    if not target.classes:
        values = target.values(rows)[:, None]
    else:
        values = np.zeros((len(rows), len(target.classes)))
        for code, members in enumerate(target.members(rows)):
            values[members, code] = 1.0
    return np.asarray(values - values.mean(axis=0))


def _tenths(values: Array, labels: Array) -> Array:
    """Scores of (rows, columns) numbers. Rows are in random order, so equal numbers at a border fall to either side by chance."""
    rows = len(values)
    order = np.argsort(values, axis=0, kind="stable")
    edges = np.linspace(0, rows, _GROUPS + 1).astype(int)[:-1]
    sizes = np.diff([*edges, rows])
    between = np.zeros(values.shape[1])
    for output in range(labels.shape[1]):
        sums = np.add.reduceat(labels[:, output][order], edges, axis=0)
        between += (sums**2 / np.maximum(1, sizes)[:, None]).sum(axis=0)
    return _adjusted(between, labels, int((sizes > 0).sum()))


def _by_value(groups: npt.NDArray[Any], labels: Array) -> float:
    count = int(groups.max()) + 1
    if count < 2 or count >= len(groups):
        return 0.0
    sizes = np.bincount(groups, minlength=count)
    between = 0.0
    for output in range(labels.shape[1]):
        sums = np.bincount(groups, weights=labels[:, output], minlength=count)
        between += float((sums**2 / sizes).sum())
    return float(_adjusted(np.array([between]), labels, count)[0])


def _adjusted(between: Array, labels: Array, groups: int) -> Array:
    rows = len(labels)
    total = float((labels**2).sum())
    if not total or rows <= groups:
        return np.zeros(len(between))
    return np.asarray(1 - (total - between) / (rows - groups) / (total / (rows - 1)))
