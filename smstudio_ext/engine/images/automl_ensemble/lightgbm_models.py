"""Gradient boosting of lightgbm (extra `trees`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from smstudio_ext.engine.images.automl_ensemble.boosting import boost
from smstudio_ext.engine.images.automl_ensemble.learning import Part
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide


@dataclass
class LightGBMModel:
    """A booster of lightgbm."""

    booster: lightgbm.Booster
    rounds: int

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`."""
        # lightgbm reads whole rows fastest from float64.
        found = self.booster.predict(
            x.astype(np.float64), num_iteration=rounds or self.rounds, num_threads=1 if len(x) < 256 else 0
        )
        return np.asarray(found, dtype=np.float64).reshape(len(x), -1)

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`."""
        self.booster.save_model(path, num_iteration=rounds, importance_type="gain")


class _Stepper:
    def __init__(self, parameters: dict[str, Any], train: lightgbm.Dataset, held: lightgbm.Dataset) -> None:
        self.booster = lightgbm.Booster(parameters, train)
        self.booster.add_valid(held, "held")

    def step(self) -> float:
        self.booster.update()
        return float(self.booster.eval_valid()[0][2])


class LightGBMKind:
    """Gradient boosting of lightgbm, with categories as such."""

    suffix = ".txt"

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> LightGBMModel:
        """See `learning.Kind`."""
        own = dict(settings)
        rate = float(own.pop("learning_rate", 0.05))
        fixed = {
            "num_threads": part.threads,
            "seed": part.seed,
            "verbosity": -1,
            "force_col_wise": True,
            "feature_pre_filter": False,
            "max_bin": own.pop("max_bin", 255),
        }
        parameters = {
            "objective": _objective(outline),
            "metric": _metric(outline),
            **(_multiclass(outline) if outline.classes > 2 else {}),
            **fixed,
            **own,
        }
        categories = [at for at, size in outline.categories.items() if size > 2]
        train = lightgbm.Dataset(
            part.x, part.y, weight=part.weights, categorical_feature=categories, params=fixed
        )
        held = lightgbm.Dataset(part.held_x, part.held_y, reference=train, params=fixed)
        stepper, rounds = boost(
            lambda eta: _Stepper(parameters | {"learning_rate": eta}, train, held), rate, part.seconds
        )
        assert isinstance(stepper, _Stepper)
        stepper.booster.free_dataset()
        return LightGBMModel(stepper.booster, rounds)

    def load(self, path: Path, outline: Outline) -> LightGBMModel:
        """See `learning.Kind`."""
        booster = lightgbm.Booster(model_file=path)
        return LightGBMModel(booster, booster.current_iteration())


def _multiclass(outline: Outline) -> dict[str, Any]:
    # Without it large steps diverge: leaves of rows whose class is settled have next to no curvature to divide by.
    return {"num_class": outline.classes, "lambda_l2": 1.0}


def _objective(outline: Outline) -> str:
    if outline.regression:
        return "regression_l1" if outline.objective == "MAE" else "regression"
    return "binary" if outline.classes == 2 else "multiclass"


def _metric(outline: Outline) -> str:
    if outline.regression:
        return "l1" if outline.objective == "MAE" else "l2"
    return "binary_logloss" if outline.classes == 2 else "multi_logloss"
