"""Gradient boosting of catboost (extra `trees`)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd

from smstudio_ext.engine.images.automl_ensemble.boosting import MOST_ROUNDS, paced_rate, patience
from smstudio_ext.engine.images.automl_ensemble.learning import OutOfTime, Part
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

_PROBES = 6


@dataclass
class CatBoostModel:
    """A model of catboost."""

    model: Any
    rounds: int
    outline: Outline

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`."""
        kind = "RawFormulaVal" if self.outline.regression else "Probability"
        found = self.model.predict(
            _rows(x, _categories(self.outline)),
            prediction_type=kind,
            ntree_end=min(rounds or self.rounds, self.model.tree_count_),
            thread_count=1,
        )
        found = np.asarray(found, dtype=np.float64).reshape(len(x), -1)
        return found[:, 1:2] if self.outline.classes == 2 else found

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`."""
        if rounds < self.model.tree_count_:
            self.model.shrink(rounds)
        self.model.save_model(str(path))


@dataclass
class _Deadline:
    """Ends a fit when its time is over (catboost's callback)."""

    seconds: float
    begin: float = field(default_factory=time.monotonic)

    def after_iteration(self, info: Any) -> bool:
        spent = time.monotonic() - self.begin
        return bool(spent + spent / info.iteration < self.seconds)


class CatBoostKind:
    """Gradient boosting of catboost, which encodes categories by what earlier rows say."""

    suffix = ".cbm"

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> CatBoostModel:
        """See `learning.Kind`."""
        begin = time.monotonic()
        categories = _categories(outline)
        own = dict(settings)
        rate = float(own.pop("learning_rate", 0.05))
        parameters = {
            "loss_function": _objective(outline),
            "thread_count": part.threads,
            "random_seed": part.seed,
            "allow_writing_files": False,
            "verbose": False,
            **own,
        }
        train = catboost.Pool(
            _rows(part.x, categories), part.y, weight=part.weights, cat_features=categories or None
        )
        held = catboost.Pool(_rows(part.held_x, categories), part.held_y, cat_features=categories or None)
        ready = time.monotonic()
        if ready - begin > part.seconds:
            raise OutOfTime(f"{part.seconds:.0f} s do not suffice for catboost on these data.")
        catboost.CatBoost(parameters | {"iterations": _PROBES, "learning_rate": rate}).fit(train)
        pace = (time.monotonic() - ready) / _PROBES
        left = part.seconds - (time.monotonic() - begin)
        if left < 10 * pace:
            raise OutOfTime(f"{part.seconds:.0f} s do not suffice for catboost on these data.")
        rate = paced_rate(rate, pace, left)
        model = catboost.CatBoost(
            parameters
            | {
                "iterations": MOST_ROUNDS,
                "learning_rate": rate,
                "od_type": "Iter",
                "od_wait": patience(rate),
                "use_best_model": False,
            }
        )
        model.fit(train, eval_set=held, callbacks=[_Deadline(left)])
        return CatBoostModel(model, int(model.get_best_iteration() or 0) + 1, outline)

    def load(self, path: Path, outline: Outline) -> CatBoostModel:
        """See `learning.Kind`."""
        model = catboost.CatBoost().load_model(str(path))
        return CatBoostModel(model, int(model.tree_count_), outline)


def _categories(outline: Outline) -> list[int]:
    return [at for at, size in sorted(outline.categories.items()) if size > 2]


def _rows(x: Floats, categories: list[int]) -> Any:
    """Rows as catboost takes them: plain numbers, or with whole numbers in category columns (a frame costs ms to read)."""
    if not categories:
        return x
    if len(x) <= 16:
        rows = x.tolist()
        for row in rows:
            for at in categories:
                row[at] = int(row[at]) if row[at] == row[at] else 0
        return rows
    inside = set(categories)
    return pd.DataFrame(
        {
            at: np.nan_to_num(x[:, at]).astype(np.int32) if at in inside else x[:, at]
            for at in range(x.shape[1])
        },
        copy=False,
    )


def _objective(outline: Outline) -> str:
    if outline.regression:
        return "MAE" if outline.objective == "MAE" else "RMSE"
    return "Logloss" if outline.classes == 2 else "MultiClass"
