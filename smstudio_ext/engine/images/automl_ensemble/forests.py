"""Forests of scikit-learn, kept as flat arrays so that one row costs microseconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.automl_ensemble.learning import OutOfTime, Part
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

_MOST_TREES = 300
_STEP = 10
_MOST_CELLS = 5_000_000
"""Leaf values that a forest may keep, in numbers."""
_CHUNK = 4096


@dataclass
class ForestModel:
    """Trees as arrays over all nodes.

    Attributes:
        feature: (nodes,) feature that a node asks for; -1 in leaves.
        threshold: (nodes,) rows with at most this value go to the next node, others to `right`.
        right: (nodes,) node; of a leaf its row of `values`.
        values: (leaves, width) predictions.
        roots: (trees,) first node of each tree.
        fill: (features,) what takes the place of a missing value.
    """

    feature: npt.NDArray[np.int16]
    threshold: npt.NDArray[np.float32]
    right: npt.NDArray[np.int32]
    values: npt.NDArray[np.floating]
    roots: npt.NDArray[np.int64]
    fill: Floats
    rounds: int = 0

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`; a forest has no rounds to choose."""
        x = np.where(np.isnan(x), self.fill, x)
        found = [self._chunk(x[start : start + _CHUNK]) for start in range(0, len(x), _CHUNK)]
        return np.concatenate(found) if found else np.empty((0, self.values.shape[1]))

    def _chunk(self, x: Floats) -> Wide:
        rows = np.arange(len(x))
        total = np.zeros((len(x), self.values.shape[1]))
        if len(x) < 64:
            # Few rows: all trees at once, so that the number of numpy calls is the depth alone.
            rows = np.repeat(rows, len(self.roots))
            leaves = self._descend(x, rows, np.tile(self.roots, len(x)))
            found = self.values[leaves].reshape(len(x), len(self.roots), -1)
            return np.asarray(found.mean(axis=1, dtype=np.float64))
        for root in self.roots:
            total += self.values[self._descend(x, rows, np.full(len(x), root))]
        return total / len(self.roots)

    def _descend(
        self, x: Floats, rows: npt.NDArray[np.int64], nodes: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int32]:
        # Only what has not reached a leaf goes on.
        going = np.arange(len(nodes))
        while len(going):
            at = nodes[going]
            asked = self.feature[at]
            inner = asked >= 0
            going, at, asked = going[inner], at[inner], asked[inner]
            low = x[rows[going], asked] <= self.threshold[at]
            nodes[going] = np.where(low, at + 1, self.right[at])
        return self.right[nodes]

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`."""
        with path.open("wb") as stream:
            np.savez(
                stream,
                feature=self.feature,
                threshold=self.threshold,
                right=self.right,
                values=self.values,
                roots=self.roots,
                fill=self.fill,
            )


class ForestKind:
    """Random forests (`extra` false) or extremely randomised trees (`extra` true)."""

    suffix = ".npz"

    def __init__(self, *, extra: bool) -> None:
        self._extra = extra

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> ForestModel:
        """See `learning.Kind`."""
        begin = time.monotonic()
        # Trees ask "at most": below every value of a feature, missing ones are a group of their own.
        low = np.nan_to_num(np.nanmin(np.vstack([part.x, np.zeros_like(part.x[:1])]), axis=0))
        fill = (low - 1).astype(np.float32)
        x = np.where(np.isnan(part.x), fill, part.x)
        forest = self._forest(outline, part, settings)
        trees, most = 0, _MOST_TREES
        while trees < most:
            # The first trees only show how long the others will take.
            forest.set_params(n_estimators=min(most, trees + _STEP if trees else 2))
            forest.fit(x, part.y, sample_weight=part.weights)
            trees = len(forest.estimators_)
            spent = time.monotonic() - begin
            latest = forest.estimators_[-_STEP:]
            leaves = sum(int(tree.tree_.n_leaves) for tree in latest) / len(latest)
            most = min(most, max(_STEP, int(_MOST_CELLS / (leaves * max(1, outline.classes)))))
            if spent + 1.3 * spent / trees * _STEP > part.seconds:
                break
        if trees < 2 * _STEP and trees < most:
            raise OutOfTime(f"{part.seconds:.0f} s do not suffice for a forest on these data.")
        return _flat(forest, outline, fill)

    def _forest(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> Any:
        from sklearn import ensemble

        name = ("ExtraTrees" if self._extra else "RandomForest") + (
            "Regressor" if outline.regression else "Classifier"
        )
        options: dict[str, Any] = {
            "warm_start": True,
            "random_state": part.seed % (2**32),
            "n_jobs": part.threads,
            **settings,
        }
        return getattr(ensemble, name)(**options)

    def load(self, path: Path, outline: Outline) -> ForestModel:
        """See `learning.Kind`."""
        with np.load(path, allow_pickle=False) as found:
            return ForestModel(**{name: found[name] for name in found.files})


def _flat(forest: Any, outline: Outline, fill: Floats) -> ForestModel:
    feature, threshold, right, values, roots = [], [], [], [], []
    start = kept = 0
    for estimator in forest.estimators_:
        tree = estimator.tree_
        count = int(tree.node_count)
        leaf = tree.children_left < 0
        # scikit-learn grows trees depth first: a node's left child is the next one.
        children = np.where(leaf, 0, tree.children_right + start)
        children[leaf] = np.arange(int(leaf.sum())) + kept
        feature.append(np.where(leaf, -1, tree.feature).astype(np.int16))
        threshold.append(tree.threshold.astype(np.float32))
        right.append(children)
        values.append(_leaf_values(tree.value[leaf], outline, estimator))
        roots.append(start)
        start += count
        kept += int(leaf.sum())
    return ForestModel(
        np.concatenate(feature),
        np.concatenate(threshold),
        np.concatenate(right).astype(np.int32),
        np.concatenate(values),
        np.array(roots, dtype=np.int64),
        fill,
    )


def _leaf_values(raw: npt.NDArray[Any], outline: Outline, estimator: Any) -> npt.NDArray[np.floating]:
    raw = raw[:, 0, :]
    if outline.regression:
        return np.asarray(raw[:, :1], dtype=np.float32)
    shares = np.zeros((len(raw), max(2, outline.classes)))
    # A fold may lack a rare class; the forest then knows fewer classes than the table.
    shares[:, _known(estimator)] = raw / np.maximum(raw.sum(axis=1, keepdims=True), 1e-12)
    return (shares[:, 1:2] if outline.classes == 2 else shares).astype(np.float16)


def _known(estimator: Any) -> npt.NDArray[np.int64]:
    return np.asarray(estimator.classes_, dtype=np.int64)
