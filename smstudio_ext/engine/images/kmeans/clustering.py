"""Web-scale k-means: streaming mini-batch centres, reduced by weighted Lloyd, refined on data that can be read again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float32]

_ROWS_AT_ONCE = 16_384


def nearest(rows: Rows, centers: Rows) -> tuple[npt.NDArray[np.int64], Array]:
    """Nearest centre of each row and the squared distance to it.

    Args:
        rows: (n, d).
        centers: (k, d).
    """
    labels = np.empty(len(rows), dtype=np.int64)
    distances = np.empty(len(rows))
    norms = np.einsum("ij,ij->i", centers, centers)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        scores = norms - 2 * (part @ centers.T)
        best = scores.argmin(axis=1)
        labels[start : start + len(part)] = best
        squares = np.einsum("ij,ij->i", part, part)
        distances[start : start + len(part)] = scores[np.arange(len(part)), best] + squares
    return labels, np.maximum(distances, 0)


def sums(rows: Rows, centers: Rows) -> tuple[Array, Array, float]:
    """Sum of rows and number of rows by nearest centre, and the sum of squared distances."""
    labels, distances = nearest(rows, centers)
    counts = np.bincount(labels, minlength=len(centers)).astype(np.float64)
    order = np.argsort(labels, kind="stable")
    totals = np.zeros(centers.shape)
    used = np.flatnonzero(counts)
    starts = np.concatenate([[0], np.cumsum(counts[used]).astype(np.int64)[:-1]])
    totals[used] = np.add.reduceat(rows[order], starts, axis=0, dtype=np.float64)
    return totals, counts, float(distances.sum())


def plus_plus(rows: Rows, weights: Array, k: int, generator: np.random.Generator) -> Rows:
    """k-means++ seeding (Arthur and Vassilvitskii, 2007) of weighted rows."""
    chosen = [int(generator.choice(len(rows), p=weights / weights.sum()))]
    closest = nearest(rows, rows[chosen])[1]
    for _ in range(k - 1):
        mass = closest * weights
        total = mass.sum()
        chances = mass / total if total > 0 else weights / weights.sum()
        # Greedy: of a few candidates, the one that lowers the potential most.
        candidates = generator.choice(len(rows), size=2 + int(np.log(k)), p=chances)
        options = [np.minimum(closest, nearest(rows, rows[[one]])[1]) for one in candidates]
        best = int(np.argmin([(option * weights).sum() for option in options]))
        chosen.append(int(candidates[best]))
        closest = options[best]
    return rows[chosen]


def initial(rows: Rows, k: int, method: str, generator: np.random.Generator) -> Rows:
    """Centres to begin with: k different rows at random, or k-means++ seeds."""
    if method == "random":
        return np.array(rows[generator.choice(len(rows), size=k, replace=False)])
    return plus_plus(rows, np.ones(len(rows)), k, generator)


def lloyd(
    rows: Rows,
    weights: Array,
    k: int,
    *,
    method: str,
    iterations: int,
    tol: float,
    generator: np.random.Generator,
) -> tuple[Rows, float]:
    """Lloyd's iterations on weighted rows.

    Args:
        tol: ends when the mean squared distance falls by less than this share.

    Returns:
        Centres (k, d) and the weighted mean squared distance.
    """
    if method == "random":
        centers = np.array(rows[generator.choice(len(rows), size=k, replace=False)])
    else:
        centers = plus_plus(rows, weights, k, generator)
    before = np.inf
    value = before
    for _ in range(iterations):
        labels, distances = nearest(rows, centers)
        value = float((distances * weights).sum() / weights.sum())
        if before - value <= tol * before if np.isfinite(before) else False:
            break
        before = value
        mass = np.bincount(labels, weights, minlength=k)
        moved = np.zeros(centers.shape)
        np.add.at(moved, labels, rows * weights[:, None])
        full = mass > 0
        centers[full] = (moved[full] / mass[full, None]).astype(np.float32)
    return centers, value


class MiniBatch:
    """Centres that follow a stream.

    Args:
        centers: (K, d) to begin with.
        half_life: rows after which an earlier row counts half; 0 = all rows count alike.
    """

    def __init__(self, centers: Rows, half_life: float) -> None:
        self.centers = centers
        self.counts = np.zeros(len(centers))
        self._half_life = half_life

    def update(self, totals: Array, counts: Array) -> None:
        """Takes in the sums of one mini-batch (over all hosts)."""
        if self._half_life:
            self.counts *= 0.5 ** (counts.sum() / self._half_life)
        merged = self.counts + counts
        moved = counts > 0
        share = (self.counts[moved] / merged[moved])[:, None]
        self.centers[moved] = (share * self.centers[moved] + totals[moved] / merged[moved][:, None]).astype(
            np.float32
        )
        self.counts = merged
