"""A table of labelled rows, as every reader of a training format gives it, and the error that readers raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Features: TypeAlias = Any
"""A dense float32 array or a scipy CSR matrix (scipy ships no types)."""
Floats: TypeAlias = npt.NDArray[np.float32]


class FormatError(ValueError):
    """Data that are not what their format says.

    Args:
        message: what is wrong; names file and line where they are known.
        file: name of the file.
        line: number of the line, from 1.
    """

    def __init__(self, message: str, *, file: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


@dataclass
class Table:
    """Labelled rows.

    Attributes:
        features: (rows, columns) dense or CSR.
        labels: (rows,) float32; of size 0 when the format was read without labels.
        weights: (rows,) sample weights, or None.
        groups: (rows,) query ids of ranking data, or None.
    """

    features: Features
    labels: Floats
    weights: Floats | None = None
    groups: npt.NDArray[np.int64] | None = None

    def take(self, rows: npt.NDArray[np.int64]) -> Table:
        """The rows of the given indices."""
        return Table(
            self.features[rows],
            self.labels[rows],
            None if self.weights is None else self.weights[rows],
            None if self.groups is None else self.groups[rows],
        )


def stack_tables(tables: list[Table]) -> Table:
    """Puts tables of one schema under each other; sparse ones of different width are widened.

    Raises:
        FormatError: dense tables of different width.
    """
    if len(tables) == 1:
        return tables[0]
    widths = {table.features.shape[1] for table in tables}
    if any(sparse.issparse(table.features) for table in tables):
        parts = [sparse.csr_matrix(table.features) for table in tables]
        for part in parts:
            part.resize(part.shape[0], max(widths))
        features: Any = sparse.vstack(parts, format="csr")
    elif len(widths) > 1:
        raise FormatError(
            f"Files of one job have different numbers of columns: {sorted(width + 1 for width in widths)}."
        )
    else:
        features = np.concatenate([table.features for table in tables])
    weights = [table.weights for table in tables if table.weights is not None]
    groups = [table.groups for table in tables if table.groups is not None]
    return Table(
        features,
        np.concatenate([table.labels for table in tables]),
        np.concatenate(weights) if len(weights) == len(tables) else None,
        np.concatenate(groups) if len(groups) == len(tables) else None,
    )
