"""Splits rows into folds, keeping the classes' shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def make_folds(labels: npt.NDArray[Any], count: int, *, stratified: bool, seed: int) -> npt.NDArray[np.int64]:
    """Fold number of each row.

    Args:
        stratified: spread each class evenly; else rows are spread by the order of their (continuous) label, so that folds cover its
            whole range alike.
        seed: same seed, same folds.
    """
    generator = np.random.default_rng(seed)
    jitter = generator.random(len(labels))
    order = np.lexsort((jitter, labels))
    folds = np.empty(len(labels), dtype=np.int64)
    if stratified:
        # Dealing the rows of one class after the other's in a circle gives each fold its share of every class.
        folds[order] = np.arange(len(labels)) % count
        return folds
    for start in range(0, len(labels), count):
        block = order[start : start + count]
        folds[block] = generator.permutation(count)[: len(block)]
    return folds
