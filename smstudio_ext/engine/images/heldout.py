"""Predictions for rows that the predicting model had not seen: algorithms leave them for the report on a model's quality."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

NAME = "held-out.npz"
"""Name of the file within `output/data`, so within the training job's `output.tar.gz`."""

MOST_CELLS = 1_000_000
"""Predicted numbers that the file holds at most: packing more would take longer than a report may."""


@dataclass(frozen=True)
class HeldOut:
    """Held-out predictions.

    Attributes:
        truth: (rows,) class codes or values.
        answers: (rows,) probabilities of class 1 or values, or (rows, classes) probabilities.
        folds: (rows,) which model answered; scores are means over the folds.
        predicted: (rows,) class codes decided without a look at the row's own fold; None for regression.
        weights: (rows,) sample weights; None = all alike.
    """

    truth: Array
    answers: Array
    folds: Codes
    predicted: Codes | None = None
    weights: Array | None = None

    def write(self, folder: Path) -> None:
        """Writes the file into a job's `output/data`; of large data a random part that is enough for a report."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = np.arange(len(self.truth))
        if self.answers.size > MOST_CELLS:
            most = max(1000, MOST_CELLS * len(rows) // self.answers.size)
            rows = np.sort(np.random.default_rng(0).permutation(len(rows))[:most])
        given = {
            "truth": self.truth[rows],
            "answers": self.answers[rows].astype(np.float32),
            "folds": self.folds[rows],
        }
        if self.predicted is not None:
            given["predicted"] = self.predicted[rows]
        if self.weights is not None:
            given["weights"] = self.weights[rows]
        np.savez_compressed(folder / NAME, **given)  # type: ignore[arg-type]

    @classmethod
    def read(cls, path: Path) -> HeldOut:
        """Reads a file that `write` made."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(
                stored["truth"].astype(np.float64),
                stored["answers"].astype(np.float64),
                stored["folds"].astype(np.int64),
                stored["predicted"].astype(np.int64) if "predicted" in stored else None,
                stored["weights"].astype(np.float64) if "weights" in stored else None,
            )
