"""Uniform samples of streams, which parts of the data or hosts can merge."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Reservoir:
    """A uniform sample without replacement of the rows seen so far: those with the largest random keys.

    Args:
        size: most rows kept.
        columns: numbers in a row.
    """

    def __init__(self, size: int, columns: int, generator: np.random.Generator) -> None:
        self.size = size
        self.keys: Array = np.empty(0)
        self.rows: Array = np.empty((0, columns), dtype=np.float32)
        self._generator = generator

    def add(self, rows: Array, keys: Array | None = None) -> None:
        """Offers rows (n, columns); with keys when they come from another reservoir."""
        keys = self._generator.random(len(rows)) if keys is None else keys
        if len(self.keys) == self.size:
            chosen = keys > self.keys.min()
            rows, keys = rows[chosen], keys[chosen]
        if not len(keys):
            return
        merged = np.concatenate([self.keys, keys])
        stacked = np.concatenate([self.rows, rows.astype(np.float32)])
        if len(merged) > self.size:
            kept = np.sort(np.argpartition(merged, len(merged) - self.size)[len(merged) - self.size :])
            merged, stacked = merged[kept], stacked[kept]
        self.keys, self.rows = merged, stacked
