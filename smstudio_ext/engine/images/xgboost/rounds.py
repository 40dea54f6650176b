"""What happens between the rounds of XGBoost training: log lines, checkpoints, and an orderly stop."""

from __future__ import annotations

import math
import os
import re
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import xgboost as xgb

from smstudio_ext.engine.images.jobfiles import read_json
from smstudio_ext.engine.images.xgboost.evaluate import score_line
from smstudio_ext.engine.images.xgboost.parameters import Settings
from smstudio_ext.formats.xgboost_models import ModelFileError, load_booster

CHECKPOINT = "xgboost-checkpoint"
KEPT = 5
"""How many checkpoints stay, as in AWS's image."""
_PAUSE = 20.0
"""Training between two checkpoints, in multiples of the time that writing one takes."""


class RoundLog(xgb.callback.TrainingCallback):
    """Prints a line a round as AWS's image does; with several hosts only the first one prints.

    Args:
        settings: which metrics.
        first: number of the first round, when training goes on from a checkpoint.
    """

    def __init__(self, settings: Settings, first: int = 0) -> None:
        super().__init__()
        self._first = first
        self._names = [name for name in settings.metrics if name != "inference_latency"]

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: dict[str, Any]) -> bool:
        """Prints the scores of a round."""
        if xgb.collective.get_rank() == 0:
            train, validation = (self._scores(evals_log.get(name, {})) for name in ("train", "validation"))
            print(score_line(self._first + epoch, train, validation), flush=True)
        return False

    def _scores(self, logged: dict[str, list[float]]) -> dict[str, float]:
        found = {}
        for name in self._names:
            key = (
                name if name in logged else next((one for one in logged if one.startswith(f"{name}@")), None)
            )
            if key is not None:
                found[name] = float(logged[key][-1])
        return found


class StopOnTerm(xgb.callback.TrainingCallback):
    """Ends training after the round in which SIGTERM comes, so that the model so far is kept; on all hosts in the same round."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = False

    def before_training(self, model: xgb.Booster) -> xgb.Booster:
        """Takes SIGTERM over."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._ask)
        return model

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        self._asked = True

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: dict[str, Any]) -> bool:
        """Whether to stop now."""
        asked = self._asked
        if xgb.collective.get_world_size() > 1:
            flag = xgb.collective.allreduce(np.array([int(asked)], dtype=np.int64), xgb.collective.Op.MAX)
            asked = bool(flag[0])
        if asked:
            print("SIGTERM: saving the model of the rounds done so far", file=sys.stderr, flush=True)
        return asked


class SaveCheckpoints(xgb.callback.TrainingCallback):
    """Writes `xgboost-checkpoint.<round>` while training goes on and keeps the newest ones.

    A model grows with each round: writing every one would take the square of the rounds. A round is left out while the
    last writing has taken more than a twentieth of the time since; the last round is always written.

    Args:
        folder: where they go; made when it is missing.
        first: number of the first round, when training goes on from a checkpoint.
        clock: seconds.
    """

    def __init__(self, folder: Path, first: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._first = first
        self._folder = folder
        self._clock = clock
        self._next = -math.inf
        self._last = first - 1
        self._kept: deque[Path] = deque()
        folder.mkdir(parents=True, exist_ok=True)

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: dict[str, Any]) -> bool:
        """Saves the model of a round."""
        self._last = self._first + epoch
        if xgb.collective.get_rank() == 0 and self._clock() >= self._next:
            self._save(model)
        return False

    def after_training(self, model: xgb.Booster) -> xgb.Booster:
        """Saves the model of the last round."""
        if xgb.collective.get_rank() == 0 and self._last >= self._first:
            self._save(model)
        return model

    def _save(self, model: xgb.Booster) -> None:
        target = self._folder / f"{CHECKPOINT}.{self._last}"
        if self._kept and self._kept[-1] == target:
            return
        began = self._clock()
        part = self._folder / f".{CHECKPOINT}.part"
        part.write_bytes(bytes(model.save_raw("ubj")))
        os.replace(part, target)
        self._kept.append(target)
        if len(self._kept) > KEPT:
            self._kept.popleft().unlink(missing_ok=True)
        ended = self._clock()
        self._next = ended + _PAUSE * (ended - began)


def checkpoint_folder(optml: Path) -> Path | None:
    """Where the job keeps its checkpoints, or None when it keeps none."""
    config = read_json(optml / "input/config/checkpointconfig.json")
    if not config.get("S3Uri") and not config.get("LocalPath"):
        return None
    local = str(config.get("LocalPath") or "/opt/ml/checkpoints")
    return optml / local.removeprefix("/opt/ml/") if local.startswith("/opt/ml/") else Path(local)


def load_checkpoint(folder: Path | None) -> xgb.Booster | None:
    """The newest checkpoint that can be read, or None."""
    if folder is None or not folder.is_dir():
        return None
    found = [
        (int(match[1]), path)
        for path in folder.iterdir()
        if (match := re.fullmatch(rf"{CHECKPOINT}[._](\d+)(?:\.\w+)?", path.name))
    ]
    for number, path in sorted(found, reverse=True)[:KEPT]:
        try:
            booster = load_booster(path)
        except (ModelFileError, OSError) as error:
            print(f"Wrong checkpoint model format {path.name}: {error}", flush=True)
            continue
        print(f"Checkpoint loaded from {path}\nResuming from iteration {number + 1}", flush=True)
        return booster
    return None
