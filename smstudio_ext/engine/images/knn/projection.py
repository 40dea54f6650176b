"""Random projections before the index is built: signs, and the fast Johnson-Lindenstrauss transform."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def sign_matrix(features: int, target: int, generator: np.random.Generator) -> Array:
    """(features, target) matrix of random signs (Achlioptas, 2003)."""
    signs = generator.integers(0, 2, size=(features, target)) * 2 - 1
    return np.asarray(signs / np.sqrt(target), dtype=np.float32)


def fjlt_matrix(features: int, target: int, rows: int, generator: np.random.Generator) -> Array:
    """(features, target) matrix of the fast Johnson-Lindenstrauss transform (Ailon and Chazelle, 2009): D H P.

    Args:
        rows: number of points to be projected; it decides how sparse P is.
    """
    padded = 1 << max(0, features - 1).bit_length()
    density = min(1.0, np.log(max(rows, 2)) ** 2 / padded)
    chosen = generator.random((padded, target)) < density
    sparse = np.where(chosen, generator.normal(0, 1 / np.sqrt(density), (padded, target)), 0)
    mixed = hadamard(sparse) / np.sqrt(padded)
    signs = generator.integers(0, 2, size=features) * 2 - 1
    return np.asarray(signs[:, None] * mixed[:features] / np.sqrt(target), dtype=np.float32)


def hadamard(columns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Walsh-Hadamard transform of each column, unnormalised; the number of rows is a power of two."""
    out = columns.astype(np.float64)
    half = 1
    while half < len(out):
        blocks = out.reshape(-1, 2, half, out.shape[1])
        out = np.stack([blocks[:, 0] + blocks[:, 1], blocks[:, 0] - blocks[:, 1]], axis=1).reshape(
            len(columns), -1
        )
        half *= 2
    return out
