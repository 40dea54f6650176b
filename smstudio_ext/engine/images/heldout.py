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


@dataclass(frozen=True)
class HeldOut:
    """Held-out predictions.

    Attributes:
        truth: (rows,) class codes or values.
        answers: (rows,) probabilities of class 1 or values, or (rows, classes) probabilities.
        folds: (rows,) which model answered; scores are means over the folds.
        predicted: (rows,) class codes decided without a look at the row's own fold; None for regression.
        weights: (rows,) sample weights; None = all alike.
        rows: (rows,) places of these rows among all rows of the job; None where nobody asks.
    """

    truth: Array
    answers: Array
    folds: Codes
    predicted: Codes | None = None
    weights: Array | None = None
    rows: Codes | None = None

    def write(self, folder: Path) -> None:
        """Writes the file into a job's `output/data`."""
        folder.mkdir(parents=True, exist_ok=True)
        given = {"truth": self.truth, "answers": self.answers.astype(np.float32), "folds": self.folds}
        if self.predicted is not None:
            given["predicted"] = self.predicted
        if self.weights is not None:
            given["weights"] = self.weights
        if self.rows is not None:
            given["rows"] = self.rows
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
                stored["rows"].astype(np.int64) if "rows" in stored else None,
            )
