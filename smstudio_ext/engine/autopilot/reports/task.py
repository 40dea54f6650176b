"""What a report's processing job gets from the controller: its request, the data, the candidate's models."""

from __future__ import annotations

import csv
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import read_json

Cells = list[npt.NDArray[np.object_]]


@dataclass(frozen=True)
class Task:
    """One report to write.

    Attributes:
        job, candidate: names.
        problem, objective: AWS's problem type and metric.
        containers: InferenceContainers of the candidate (Image, Environment).
        classes: names of the classes in the order of their codes.
        target: the target column.
        metrics: CandidateMetrics of the candidate.
        seed: for everything that is drawn at random.
        seconds: how long the work may take when there is no deadline.
        deadline: seconds since the epoch at which the report must be there; None without a limit.
        root: `/opt/ml/processing`.
    """

    job: str
    candidate: str
    problem: str
    objective: str
    containers: list[dict[str, Any]]
    classes: list[str]
    target: str
    metrics: list[dict[str, Any]]
    seed: int
    seconds: float
    deadline: float | None
    root: Path

    @classmethod
    def read(cls, optml: Path) -> Task:
        """Reads `request.json` and the analysis."""
        root = optml / "processing"
        given = read_json(root / "input/request/request.json")
        analysis = read_json(root / "input/analysis/analysis.json")
        return cls(
            given["Job"],
            given["Candidate"],
            analysis["ProblemType"],
            analysis["Objective"],
            given["Containers"],
            list(analysis["Classes"]),
            analysis["Target"],
            given.get("Metrics") or [],
            int(given.get("Seed") or 0),
            float(given.get("Seconds") or 3.0),
            given.get("Deadline"),
            root,
        )

    @property
    def header(self) -> list[str]:
        """All columns in file order."""
        with (self.root / "input/data/header/headers.csv").open(encoding="utf-8", newline="") as stream:
            return next(csv.reader(stream), [])

    @property
    def features(self) -> list[str]:
        """The columns without the target, in file order."""
        return [name for name in self.header if name != self.target]

    def cells(self, part: str, limit: int) -> tuple[Cells, list[str]]:
        """Feature cells by column and target cells of the first rows of a part.

        The analysis shuffles the rows, so the first ones are a random sample.

        Args:
            part: `train` or `validation`.
            limit: at most this many rows.

        Raises:
            AlgorithmError: the part has no row.
        """
        header = self.header
        rows = read_rows(self.root / "input/data/tuning_data" / part, limit)
        if not rows:
            raise AlgorithmError(f"The {part} data hold no row.")
        columns: Cells = [np.array(column, dtype=object) for column in zip(*rows, strict=True)]
        target = columns.pop(header.index(self.target))
        return columns, target.tolist()

    def has_time(self, seconds: float) -> bool:
        """Whether something that takes so long can be ready before the deadline."""
        return self.deadline is None or time.time() + seconds < self.deadline

    def clock(self, share: float = 1.0) -> Callable[[], float]:
        """A function that tells how many seconds are left of a share of the time there is."""
        now = time.time()
        whole = self.seconds if self.deadline is None else min(self.seconds, self.deadline - now)
        end = time.monotonic() + max(0.0, whole) * share
        return lambda: end - time.monotonic()


def read_rows(folder: Path, limit: int) -> list[list[str]]:
    """The first rows of a folder's `chunk_*.csv` files, without header."""
    found: list[list[str]] = []
    for path in sorted(folder.glob("chunk_*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found += itertools.islice(csv.reader(stream), limit - len(found))
        if len(found) >= limit:
            break
    return found


def take(cells: Sequence[npt.NDArray[np.object_]], rows: npt.NDArray[np.int64]) -> Cells:
    """Chosen rows of cells by column."""
    return [column[rows] for column in cells]
