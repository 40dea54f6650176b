"""Random cut forests (Guha, Mishra, Roy and Schrijvers, 2016) with the score of Amazon's open-source implementation.

A tree cuts the bounding box of its points again and again, at a place drawn uniformly from the sum of its side lengths. A new point
is scored by where a cut would part it from the points: the sooner, the stranger
(https://github.com/aws/random-cut-forest-by-aws, `CommonUtils.defaultScore*`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

_ROWS_AT_ONCE = 4096


@dataclass
class Tree:
    """One tree; nodes are numbered from the root 0, children come after their parents.

    Attributes:
        points: (n, features) its sample, each different point once.
        counts: (n,) how often each point was in the sample.
        dimension: (nodes,) feature that a node cuts; -1 for leaves.
        cut: (nodes,) value of the cut; rows up to it go left.
        left, right: (nodes,) children; of a leaf `left` is its point.
    """

    points: Rows
    counts: npt.NDArray[np.int64]
    dimension: npt.NDArray[np.int32]
    cut: Rows
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]

    def score(self, rows: Rows) -> Array:
        """(rows,) anomaly scores of this tree."""
        low, high, mass = self._boxes()
        return np.concatenate(
            [
                self._score(rows[start : start + _ROWS_AT_ONCE], low, high, mass)
                for start in range(0, len(rows), _ROWS_AT_ONCE)
            ]
        )

    def _boxes(self) -> tuple[Rows, Rows, npt.NDArray[np.int64]]:
        """Bounding box and number of points of every node, from the leaves up."""
        nodes, features = len(self.dimension), self.points.shape[1]
        low = np.empty((nodes, features), dtype=np.float32)
        high = np.empty((nodes, features), dtype=np.float32)
        mass = np.empty(nodes, dtype=np.int64)
        leaves = self.dimension < 0
        low[leaves] = high[leaves] = self.points[self.left[leaves]]
        mass[leaves] = self.counts[self.left[leaves]]
        for node in np.flatnonzero(~leaves)[::-1]:
            a, b = self.left[node], self.right[node]
            np.minimum(low[a], low[b], out=low[node])
            np.maximum(high[a], high[b], out=high[node])
            mass[node] = mass[a] + mass[b]
        return low, high, mass

    def _score(self, rows: Rows, low: Rows, high: Rows, mass: npt.NDArray[np.int64]) -> Array:
        total = np.zeros(len(rows))
        chance = np.ones(len(rows))  # that no cut so far parts the row from the node
        at = np.zeros(len(rows), dtype=np.int64)
        active = np.arange(len(rows))
        depth = 0
        spans = (high - low).sum(axis=1, dtype=np.float64)
        while len(active):
            nodes, part = at[active], rows[active]
            beyond = np.maximum(part - high[nodes], 0) + np.maximum(low[nodes] - part, 0)
            outside = beyond.sum(axis=1, dtype=np.float64)
            leaf = self.dimension[nodes] < 0
            with np.errstate(invalid="ignore", divide="ignore"):
                parted = np.where(outside > 0, outside / (outside + spans[nodes]), 0.0)
            parted = np.where(leaf & (outside > 0), 1.0, parted)
            total[active] += chance[active] * parted / (depth + 1)
            chance[active] *= 1 - parted
            same = leaf & (outside <= 0)
            if same.any():
                held = mass[nodes[same]]
                damp = 1 - held / (2 * mass[0])
                total[active[same]] += chance[active[same]] * damp / (depth + np.log2(held + 1))
            onward = ~leaf & (chance[active] > 1e-9)
            active, nodes, part = active[onward], nodes[onward], part[onward]
            goes_left = part[np.arange(len(part)), self.dimension[nodes]] <= self.cut[nodes]
            at[active] = np.where(goes_left, self.left[nodes], self.right[nodes])
            depth += 1
        return np.asarray(total * np.log2(mass[0] + 1))


def grow(sample: Rows, generator: np.random.Generator) -> Tree:
    """Grows a tree on a sample (n, features)."""
    points, counts = np.unique(sample, axis=0, return_counts=True)
    size = 2 * len(points) - 1
    dimension = np.full(size, -1, dtype=np.int32)
    cut = np.zeros(size, dtype=np.float32)
    left, right = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    waiting = [(0, np.arange(len(points)))]
    used = 1
    while waiting:
        node, members = waiting.pop()
        if len(members) == 1:
            left[node] = members[0]
            continue
        inside = points[members]
        low, high = inside.min(axis=0), inside.max(axis=0)
        feature, value, below = _draw_cut(inside, low, high, generator)
        dimension[node], cut[node] = feature, value
        left[node], right[node] = used, used + 1
        waiting += [(used, members[below]), (used + 1, members[~below])]
        used += 2
    return Tree(points, counts, dimension, cut, left, right)


def _draw_cut(
    inside: Rows, low: Rows, high: Rows, generator: np.random.Generator
) -> tuple[int, np.float32, npt.NDArray[np.bool_]]:
    ranges = (high - low).astype(np.float64)
    edges = np.cumsum(ranges)
    drawn = generator.random() * edges[-1]
    feature = min(int(np.searchsorted(edges, drawn, side="right")), len(ranges) - 1)
    while ranges[feature] <= 0:  # rounding put the draw on a feature without extent
        feature -= 1
    value = np.float32(low[feature] + (drawn - edges[feature] + ranges[feature]))
    below = inside[:, feature] <= value
    if below.all() or not below.any():
        value = low[feature]
        below = inside[:, feature] <= value
    return feature, value, below


def score(trees: list[Tree], rows: Rows) -> Array:
    """(rows,) mean score over the trees."""
    total = np.zeros(len(rows))
    for tree in trees:
        total += tree.score(rows)
    return total / len(trees)
