"""Very wide data: keeps the columns that tell most about the target, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.sklearn_automl import cells

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.columns import Column
    from smstudio_ext.engine.autopilot.reading import RawTable
    from smstudio_ext.engine.autopilot.target import Target

MOST_FEATURES = 5000
"""Of more columns than this, the most telling ones are used."""
_ROWS = 20_000


def most_telling(
    columns: Sequence[Column],
    table: RawTable,
    rows: npt.NDArray[np.int64],
    target: Target,
    warnings: list[str],
) -> list[Column]:
    """The `MOST_FEATURES` columns with the highest share of the target's variance between their groups, in file order.

    Numbers are grouped by their deciles, other values by themselves; each group's share is corrected for the number of groups
    (the adjusted eta squared of an analysis of variance), so that a column of many different values gains nothing by it.

    Args:
        rows: training rows; no other row is looked at.
        warnings: gets a sentence on what was left out.
    """
    looked = rows[:_ROWS]
    labels = _labels(target, looked)
    places = {name: at for at, name in enumerate(table.header)}
    scores = [
        _score(column, table.columns[places[column.name]].take(looked).to_pylist(), labels)
        for column in columns
    ]
    kept = sorted(np.argsort(-np.array(scores), kind="stable")[:MOST_FEATURES].tolist())
    warnings.append(
        f"Of {len(columns)} columns the {MOST_FEATURES} that tell most about the target, each by itself, are used."
    )
    return [columns[at] for at in kept]


def _labels(target: Target, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(rows, outputs) centered: the number, or one column a class."""
    if not target.classes:
        values = target.values(rows)[:, None]
    else:
        values = np.zeros((len(rows), len(target.classes)))
        for code, members in enumerate(target.members(rows)):
            values[members, code] = 1.0
    return np.asarray(values - values.mean(axis=0))


def _score(column: Column, values: list[str], labels: npt.NDArray[np.float64]) -> float:
    if column.kind == "numeric":
        numbers = cells.numbers(values, column.decimal_comma)
        edges: npt.NDArray[np.float64] = (
            np.unique(np.nanquantile(numbers, np.linspace(0, 1, 11)[1:-1]))
            if not np.isnan(numbers).all()
            else np.empty(0)
        )
        groups = np.where(np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, numbers))
    else:
        _, groups = np.unique(np.array(values, dtype=object), return_inverse=True)
    count = int(groups.max()) + 1
    sizes = np.bincount(groups, minlength=count)
    used = int((sizes > 0).sum())
    if used < 2 or used >= len(groups):
        return 0.0
    total = float((labels**2).sum())
    between = 0.0
    for output in range(labels.shape[1]):
        sums = np.bincount(groups, weights=labels[:, output], minlength=count)
        between += float((sums[sizes > 0] ** 2 / sizes[sizes > 0]).sum())
    within = (total - between) / (len(groups) - used)
    return 1 - within / (total / (len(groups) - 1)) if total else 0.0
