"""What an algorithm of a text or picture candidate is, and what scikit-learn's classifiers share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import joblib
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

X_contra = TypeVar("X_contra", contravariant=True)

FILE = "model.joblib"


@dataclass(frozen=True)
class Task:
    """What every algorithm is told besides rows and labels.

    Attributes:
        rows: number of training rows.
        classes: number of classes; some may have no row in training.
        until: moment of `time.monotonic` by which a model should be done.
        facts: what the analysis found out of the data.
    """

    rows: int
    classes: int
    seed: int
    threads: int
    until: float
    facts: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """Time that is left."""
        return max(0.0, self.until - time.monotonic())


class Algorithm(Protocol[X_contra]):
    """A candidate's algorithm, before and after it has learnt."""

    def fit(self, rows: X_contra, codes: Codes, task: Task) -> None:
        """Learns from rows and their class codes."""
        ...

    def predict(self, rows: X_contra) -> Array:
        """(rows, classes) probabilities."""
        ...

    def save(self, folder: Path) -> None:
        """Writes everything that `predict` needs."""
        ...

    def load(self, folder: Path) -> None:
        """Takes back what `save` wrote."""
        ...


class Estimator:
    """A scikit-learn pipeline with `predict_proba`, kept by joblib.

    Args:
        make: builds the pipeline for a task; not needed to load a model.
        prepare: changes rows before the pipeline sees them.
    """

    def __init__(self, make: Callable[[Task, int], Any], prepare: Callable[[Any], Any] | None = None) -> None:
        self._make = make
        self._prepare = prepare or _same
        self._pipeline: Any = None
        self._seen: Codes = np.zeros(0, dtype=np.int64)
        self._classes = 0

    def fit(self, rows: Any, codes: Codes, task: Task) -> None:
        """See `Algorithm`."""
        # Codes without gaps: XGBoost takes no others, and a class may have no training row.
        self._seen, dense = np.unique(codes, return_inverse=True)
        self._classes = task.classes
        self._pipeline = self._make(task, len(self._seen))
        self._pipeline.fit(self._prepare(rows), dense)

    def predict(self, rows: Any) -> Array:
        """See `Algorithm`."""
        found = np.zeros((len(rows), self._classes))
        found[:, self._seen] = self._pipeline.predict_proba(self._prepare(rows))
        return found

    def save(self, folder: Path) -> None:
        """See `Algorithm`."""
        folder.mkdir(parents=True, exist_ok=True)
        joblib.dump(
            {"pipeline": self._pipeline, "seen": self._seen, "classes": self._classes},
            folder / FILE,
            compress=3,
        )

    def load(self, folder: Path) -> None:
        """See `Algorithm`."""
        stored = joblib.load(folder / FILE)
        self._pipeline, self._seen, self._classes = stored["pipeline"], stored["seen"], stored["classes"]


def _same(rows: Any) -> Any:
    return rows
