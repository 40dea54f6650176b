"""Inference program of the AutoGluon-Tabular image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from autogluon.tabular import TabularPredictor as AutoGluonPredictor

from smstudio_ext.engine.images.autogluon.train import FOLDER, frame
from smstudio_ext.engine.images.tabular.answers import TabularPredictor
from smstudio_ext.engine.images.tabular.target import Outline


def load(model_dir: Path, env: Mapping[str, str]) -> TabularPredictor:
    """Loads a model folder. AutoGluon's files are pickles, which run only here, in the model server.

    Raises:
        ValueError: no AutoGluon predictor.
    """
    outline = Outline.load(model_dir)
    try:
        predictor = AutoGluonPredictor.load(str(model_dir / FOLDER), require_version_match=False)
    except (FileNotFoundError, AssertionError) as error:
        raise ValueError(f"'{FOLDER}' is no AutoGluon predictor: {error}") from error

    def answer(rows: pd.DataFrame) -> npt.NDArray[Any]:
        named = frame(rows, outline)
        if outline.problem == "regression":
            return np.asarray(predictor.predict(named, as_pandas=False), dtype=float)
        return np.asarray(predictor.predict_proba(named, as_pandas=False, as_multiclass=True), dtype=float)

    return TabularPredictor(outline, answer)
