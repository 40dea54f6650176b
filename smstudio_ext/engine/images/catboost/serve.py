"""Inference program of the CatBoost image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from catboost import CatBoost, CatBoostError

from smstudio_ext.engine.images.catboost.train import MODEL, pool
from smstudio_ext.engine.images.jobfiles import granted_cpus
from smstudio_ext.engine.images.tabular.answers import TabularPredictor
from smstudio_ext.engine.images.tabular.target import Outline


def load(model_dir: Path, env: Mapping[str, str]) -> TabularPredictor:
    """Loads a model folder.

    Raises:
        ValueError: no model that CatBoost can load.
    """
    outline = Outline.load(model_dir)
    model = CatBoost()
    try:
        model.load_model(str(model_dir / MODEL))
    except CatBoostError as error:
        raise ValueError(f"'{MODEL}' is no CatBoost model: {error}") from error
    kind = "RawFormulaVal" if outline.problem == "regression" else "Probability"
    threads = granted_cpus()

    def predict(rows: pd.DataFrame) -> npt.NDArray[Any]:
        return np.asarray(model.predict(pool(rows, outline), prediction_type=kind, thread_count=threads))

    return TabularPredictor(outline, predict)
