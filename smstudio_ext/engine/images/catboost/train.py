"""Training program of the CatBoost image."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from catboost import CatBoost, CatBoostError, Pool

from smstudio_ext.engine.images.catboost.parameters import catboost_parameters, parse_parameters
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import granted_cpus, read_channels, read_hyperparameters
from smstudio_ext.engine.images.tabular.data import read_tabular
from smstudio_ext.engine.images.tabular.programs import (
    StopAfterRound,
    require_one_instance,
    training_programs,
)
from smstudio_ext.engine.images.tabular.target import Outline, Problem, outline

MODEL = "model.cbm"


def run(optml: Path, problem: Problem | None) -> None:
    """Trains and writes `model/model.cbm` and its outline."""
    values = parse_parameters(read_hyperparameters(optml))
    require_one_instance(optml, "CatBoost")
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


train, train_classification, train_regression = training_programs(run)


def pool(features: Any, found: Outline, truth: npt.NDArray[Any] | None = None) -> Pool:
    """Rows as CatBoost takes them: categories as text, missing ones as a text of their own."""
    frame = features.copy()
    for column in found.categorical:
        frame[column] = frame[column].fillna("")
    frame.columns = [str(column) for column in frame.columns]
    label = None if truth is None else np.asarray(truth)
    return Pool(frame, label=label, cat_features=[str(column) for column in found.categorical])


class _Stop(StopAfterRound):
    """As a callback."""

    def after_iteration(self, info: Any) -> bool:
        """Whether to go on."""
        return not self.asked
