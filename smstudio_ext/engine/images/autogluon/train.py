"""Training program of the AutoGluon-Tabular image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from autogluon.tabular import TabularPredictor

from smstudio_ext.engine.images.autogluon.parameters import parse_parameters
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.jobfiles import granted_cpus, read_channels, read_hyperparameters
from smstudio_ext.engine.images.tabular.data import read_tabular
from smstudio_ext.engine.images.tabular.programs import require_one_instance, training_programs
from smstudio_ext.engine.images.tabular.target import Outline, Problem, outline

TARGET = "target"
FOLDER = "predictor"


def run(optml: Path, problem: Problem | None) -> None:
    """Trains and writes AutoGluon's own folder below `model/`."""
    values = parse_parameters(read_hyperparameters(optml))
    require_one_instance(optml, "AutoGluon-Tabular")
    # AutoGluon finds the kinds of columns itself, so text need not be listed.
    data = read_tabular(read_channels(optml), texts=True)
    found, truth, held_out = outline(data, problem)
    folder = optml / "model"
    found.save(folder)
    predictor = TabularPredictor(
        label=TARGET,
        problem_type=found.problem if not found.classes else "binary" if found.binary else "multiclass",
        eval_metric=None if values["eval_metric"] == "auto" else values["eval_metric"],
        path=str(folder / FOLDER),
        verbosity=values["verbosity"],
    )
    bags = (values["num_bag_folds"] or 0) > 0 or values["auto_stack"]
    options: dict[str, Any] = {
        name: values[name] for name in ("auto_stack", "num_bag_folds", "num_bag_sets", "num_stack_levels")
    }
    try:
        predictor.fit(
            frame(data.train.features, found).assign(**{TARGET: truth}),
            # With bagging AutoGluon validates on its own folds.
            tuning_data=None if bags else frame(data.validation.features, found).assign(**{TARGET: held_out}),
            presets=values["presets"],
            time_limit=values["time_limit"],
            refit_full=values["refit_full"],
            set_best_to_refit_full=values["set_best_to_refit_full"],
            save_space=values["save_space"],
            num_cpus=granted_cpus(),
            num_gpus=0,
            **options,
        )
    except (ValueError, AssertionError) as error:
        raise AlgorithmError(f"AutoGluon refused the job: {error}") from error
    print(predictor.leaderboard(silent=True).to_string(), flush=True)


train, train_classification, train_regression = training_programs(run)


def frame(features: pd.DataFrame, found: Outline) -> pd.DataFrame:
    """Rows as AutoGluon takes them: named columns, categories as such."""
    named = features.copy()
    for column in found.categorical:
        named[column] = named[column].astype("category")
    named.columns = [f"column_{column}" for column in named.columns]
    return named
