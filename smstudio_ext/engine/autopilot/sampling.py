"""Reads a random sample of data that do not fit into memory: block by block, with every rare class whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.sklearn_automl.cells import is_number

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.reading import Source

CELL_COST = 16
"""Bytes that a cell costs in memory besides its text."""
RARE_ROWS = 1000
"""Classes of up to this many rows are kept whole, if there are not too many of them."""
_MOST_CLASSES = 2000
_MOST_NUMBERS = 100


@dataclass
class Sample:
    """What was kept.

    Attributes:
        table: pyarrow table of text columns.
        total_rows: rows of the files.
        reason: why and how rows were left out, in a sentence; None when all were kept.
    """

    table: Any
    total_rows: int
    reason: str | None


@dataclass
class _Count:
    """What the first pass counts.

    Attributes:
        classes: target value -> rows; empty once there are too many to be classes.
        cost: bytes that all rows would take in memory.
    """

    rows: int = 0
    cost: int = 0
    text: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    continuous: bool = False


def read_sample(
    sources: Sequence[Source], header: Sequence[str], target: str, limit: int, seed: int
) -> Sample:
    """Reads the files twice: once to count rows and classes, once to keep each row by chance.

    Args:
        limit: bytes that the kept rows may cost in memory.
    """
    import pyarrow as pa

    at = list(header).index(target)
    count = _count(sources, header, at)
    share = min(1.0, limit / max(1, count.cost))
    rare_rows = int(max(20, min(RARE_ROWS, share * count.rows / 2 / max(1, len(count.classes)))))
    chances = _chances(count.classes, share, rare_rows)
    generator = np.random.default_rng(seed)
    kept = []
    for source in sources:
        for table in source.blocks(header):
            if share < 1:
                drawn = generator.random(table.num_rows) < _chance_of(table.column(at), chances, share)
                table = table.filter(pa.array(drawn))
            kept.append(table)
    found = pa.concat_tables(kept)
    if share == 1:
        return Sample(found, count.rows, None)
    rare = sum(1 for chance in chances.values() if chance == 1)
    more = f" All rows of the {rare} class(es) with up to {rare_rows:,} rows are in it." if rare else ""
    reason = (
        f"The input has {count.rows:,} rows ({count.text / 1e9:.1f} GB of text), more than this job's memory holds: a random sample of "
        f"{found.num_rows:,} rows is used.{more}"
    )
    return Sample(found, count.rows, reason)


def _count(sources: Sequence[Source], header: Sequence[str], at: int) -> _Count:
    import pyarrow.compute as pc

    count = _Count()
    for source in sources:
        for table in source.blocks(header):
            count.rows += table.num_rows
            text = sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in table.columns)
            count.text += text + table.num_rows * table.num_columns
            count.cost += text + table.num_rows * table.num_columns * CELL_COST
            if count.continuous:
                continue
            counted = pc.value_counts(table.column(at))
            pairs = zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
            for value, rows in pairs:
                count.classes[value] = count.classes.get(value, 0) + rows
            if len(count.classes) > _MOST_CLASSES:
                count.continuous, count.classes = True, {}
    if len(count.classes) > _MOST_NUMBERS and all(is_number(value) for value in count.classes):
        count.continuous, count.classes = True, {}
    return count


def _chances(classes: dict[str, int], share: float, rare_rows: int) -> dict[str, float]:
    """The chance of a row of each class to be kept."""
    return {value: min(1.0, max(share, min(rows, rare_rows) / rows)) for value, rows in classes.items()}


def _chance_of(column: Any, chances: dict[str, float], share: float) -> npt.NDArray[np.float64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not chances:
        return np.full(len(column), share)
    places = pc.index_in(column, value_set=pa.array(list(chances), pa.string()))
    table = np.array(list(chances.values()))
    return np.asarray(table[pc.fill_null(places, 0).to_numpy()], dtype=np.float64)
