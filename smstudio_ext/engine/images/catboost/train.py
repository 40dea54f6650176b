"""Training program of the CatBoost image."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import numpy.typing as npt
from catboost import CatBoost, CatBoostError, Pool

from smstudio_ext.engine.images.catboost.parameters import catboost_parameters, parse_parameters
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import granted_cpus, read_channels, read_hyperparameters, read_json
from smstudio_ext.engine.images.tabular.data import read_tabular
from smstudio_ext.engine.images.tabular.target import Outline, Problem, outline

MODEL = "model.cbm"


def train(optml: Path) -> None:
    """Trains; the data say whether it is classification or regression.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    run(optml, None)


def train_classification(optml: Path) -> None:
    """Trains a classifier; see `train`."""
    run(optml, "classification")


def train_regression(optml: Path) -> None:
    """Trains a regressor; see `train`."""
    run(optml, "regression")


def run(optml: Path, problem: Problem | None) -> None:
    """Trains and writes `model/model.cbm` and its outline."""
    values = parse_parameters(read_hyperparameters(optml))
    if len(read_json(optml / "input/config/resourceconfig.json").get("hosts") or []) > 1:
        raise AlgorithmError("CatBoost trains on one instance, as AWS's does.")
    data = read_tabular(read_channels(optml), seed=values["random_seed"])
    found, truth, held_out = outline(data, problem)
    params = catboost_parameters(values, len(found.classes)) | {
        "thread_count": values["thread_count"] if values["thread_count"] > 0 else granted_cpus(),
        "allow_writing_files": False,
    }
    print(
        f"Train: {len(data.train)} rows, {found.width} features; validation: {len(data.validation)} rows",
        flush=True,
    )
    model = CatBoost(params)
    try:
        model.fit(
            pool(data.train.features, found, truth),
            eval_set=pool(data.validation.features, found, held_out),
            early_stopping_rounds=values["early_stopping_rounds"] or None,
            verbose=values["verbose"] or False,
            callbacks=[_Stop()],
            log_cout=sys.stdout,
            log_cerr=sys.stderr,
        )
    except CatBoostError as error:
        raise AlgorithmError(f"CatBoost refused the job: {error}") from error
    best = model.get_best_score().get("validation", {})
    for metric, value in best.items():
        print(f"{metric}: bestTest = {value:.6f}", flush=True)
    folder = optml / "model"
    found.save(folder)
    model.save_model(str(folder / MODEL))


def pool(features: Any, found: Outline, truth: npt.NDArray[Any] | None = None) -> Pool:
    """Rows as CatBoost takes them: categories as text, missing ones as a text of their own."""
    frame = features.copy()
    for column in found.categorical:
        frame[column] = frame[column].fillna("")
    frame.columns = [str(column) for column in frame.columns]
    label = None if truth is None else np.asarray(truth)
    return Pool(frame, label=label, cat_features=[str(column) for column in found.categorical])


class _Stop:
    """Ends training after the round in which SIGTERM comes, so that the model so far is kept."""

    def __init__(self) -> None:
        self._asked = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        self._asked = True

    def after_iteration(self, info: Any) -> bool:
        """Whether to go on."""
        return not self._asked
