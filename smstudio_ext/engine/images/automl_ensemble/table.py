"""The numeric table that every model of an ensembling job learns from, and its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Problem = Literal["BinaryClassification", "MulticlassClassification", "Regression"]

FILE = "table.npz"


@dataclass(frozen=True)
class Outline:
    """What a model must know of the data before it learns.

    Attributes:
        problem: AWS's problem type.
        classes: number of classes, 0 for regression.
        objective: AWS's name of the metric that is optimised.
        categories: feature -> number of codes, for features that hold codes of categories (0 rare or unseen, 1 missing).
    """

    problem: Problem
    classes: int
    objective: str
    categories: dict[int, int]

    @property
    def width(self) -> int:
        """Columns of a prediction: the classes' probabilities, or one (the number, or the probability of class 1)."""
        return self.classes if self.classes > 2 else 1

    @property
    def regression(self) -> bool:
        """Whether the target is a number."""
        return self.problem == "Regression"


@dataclass
class Table:
    """Features and target of all rows.

    Attributes:
        outline: what the columns and the target are.
        x: (rows, features), NaN where a value is missing.
        y: (rows,) numbers, or class codes.
        folds: (rows,) number of the fold that holds a row out; -1 for rows that are always learnt from.
        weights: (rows,) sample weights with mean 1, or None.
    """

    outline: Outline
    x: Floats
    y: Wide
    folds: Whole
    weights: Wide | None = None

    @property
    def held(self) -> Whole:
        """Rows that some fold holds out: those with an honest prediction."""
        return np.flatnonzero(self.folds >= 0)

    @property
    def fold_count(self) -> int:
        """Number of folds."""
        return int(self.folds.max()) + 1

    def with_features(self, more: Sequence[npt.NDArray[np.floating]]) -> Table:
        """The same rows with further (numeric) features on the right."""
        x = np.hstack([self.x, *more]).astype(np.float32)
        return Table(self.outline, x, self.y, self.folds, self.weights)

    def save(self, folder: Path) -> None:
        """Writes `table.npz`."""
        outline = self.outline
        with (folder / FILE).open("wb") as stream:
            np.savez(
                stream,
                x=self.x,
                y=self.y,
                folds=self.folds.astype(np.int8),
                weights=np.empty(0) if self.weights is None else self.weights,
                problem=np.array(outline.problem),
                objective=np.array(outline.objective),
                classes=np.array(outline.classes),
                categories=np.array(sorted(outline.categories.items()), dtype=np.int64).reshape(-1, 2),
            )

    @classmethod
    def load(cls, path: Path) -> Table:
        """Reads a file that `save` wrote."""
        with np.load(path, allow_pickle=False) as found:
            categories = {int(at): int(size) for at, size in found["categories"]}
            outline = Outline(
                str(found["problem"]),  # type: ignore[arg-type]  # written from an Outline
                int(found["classes"]),
                str(found["objective"]),
                categories,
            )
            weights = found["weights"]
            return cls(
                outline,
                found["x"],
                found["y"],
                found["folds"].astype(np.int64),
                weights if len(weights) else None,
            )
