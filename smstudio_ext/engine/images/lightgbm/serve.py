"""Inference program of the LightGBM image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from smstudio_ext.engine.images.jobfiles import granted_cpus
from smstudio_ext.engine.images.lightgbm.train import MODEL
from smstudio_ext.engine.images.tabular.answers import TabularPredictor
from smstudio_ext.engine.images.tabular.target import Outline


def load(model_dir: Path, env: Mapping[str, str]) -> TabularPredictor:
    """Loads a model folder.

    Raises:
        ValueError: no model that LightGBM can load.
    """
    outline = Outline.load(model_dir)
    try:
        booster = lgb.Booster(model_file=str(model_dir / MODEL))
    except lgb.basic.LightGBMError as error:
        raise ValueError(f"'{MODEL}' is no LightGBM model: {error}") from error
    many = granted_cpus()

    def predict(rows: pd.DataFrame) -> npt.NDArray[Any]:
        values = outline.codes(rows).to_numpy(np.float32)
        found = np.asarray(booster.predict(values, num_threads=1 if len(rows) < 256 else many))
        return np.column_stack([1 - found, found]) if outline.binary else found

    return TabularPredictor(outline, predict)
