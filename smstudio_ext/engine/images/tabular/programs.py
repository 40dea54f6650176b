"""What the training programs of the tabular images have alike: their three entries, one instance, a stop that keeps the model."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import read_json
from smstudio_ext.engine.images.tabular.target import Problem

Program = Callable[[Path], None]


def training_programs(run: Callable[[Path, Problem | None], None]) -> tuple[Program, Program, Program]:
    """`train`, whose data say the problem, `train_classification` and `train_regression`.

    Each takes the job's folder and raises AlgorithmError for bad hyperparameters or data.
    """

    def program(problem: Problem | None) -> Program:
        return lambda optml: run(optml, problem)

    return program(None), program("classification"), program("regression")


def require_one_instance(optml: Path, title: str) -> None:
    """Raises AlgorithmError for a job with several instances."""
    if len(read_json(optml / "input/config/resourceconfig.json").get("hosts") or []) > 1:
        raise AlgorithmError(f"{title} trains on one instance, as AWS's does.")


class StopAfterRound:
    """Notes SIGTERM, so that training ends after the round in which it comes and the model so far is kept."""

    def __init__(self) -> None:
        self.asked = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        self.asked = True
