"""AutoGluon's own ensembles (extra `autogluon`) as candidates beside ours."""

from __future__ import annotations

import json
import logging
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor

from smstudio_ext.engine.images.automl_ensemble.learning import OutOfTime, Part
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

_TARGET = "target"
_METRICS = {
    "Accuracy": "accuracy",
    "AUC": "roc_auc",
    "BalancedAccuracy": "balanced_accuracy",
    "MAE": "mean_absolute_error",
    "RMSE": "root_mean_squared_error",
    "MSE": "mean_squared_error",
    "R2": "r2",
}
_LEAST_SECONDS = 8.0
"""AutoGluon trains nothing in less, whatever the data."""
_PART = 0.5
"""Part of the time that AutoGluon is told of: it overruns what it is told."""
_OUTLINE = "outline.json"


@dataclass
class AutoGluonModel:
    """A fitted TabularPredictor and the folder that it lives in; the folder goes with the model.

    Attributes:
        known: classes that the predictor has seen, as codes.
    """

    predictor: Any
    folder: Path
    outline: Outline
    known: list[int]
    rounds: int = 0
    _owner: Any = field(default=None, repr=False)

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`."""
        frame = _frame(x, self.outline)
        if self.outline.regression:
            return np.asarray(self.predictor.predict(frame, as_pandas=False), dtype=np.float64).reshape(-1, 1)
        found = np.asarray(self.predictor.predict_proba(frame, as_pandas=False, as_multiclass=True))
        wide = np.zeros((len(x), max(2, self.outline.classes)))
        wide[:, self.known] = found
        return wide[:, 1:2] if self.outline.classes == 2 else wide

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`: a zip file with what predicting needs."""
        with tempfile.TemporaryDirectory() as place:
            small = Path(place) / "predictor"
            self.predictor.clone_for_deployment(path=str(small), dirs_exist_ok=True)
            (small / _OUTLINE).write_text(json.dumps({"known": self.known}))
            with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
                for file in sorted(small.rglob("*")):
                    archive.write(file, file.relative_to(small))


class AutoGluonKind:
    """AutoGluon-Tabular with preset `medium_quality`, on the same features as every other model."""

    suffix = ".zip"

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> AutoGluonModel:
        """See `learning.Kind`."""
        if part.seconds < _LEAST_SECONDS:
            raise OutOfTime(f"{part.seconds:.0f} s do not suffice for AutoGluon.")
        logging.getLogger("autogluon").setLevel(logging.ERROR)
        owner = tempfile.TemporaryDirectory(prefix="autogluon-")
        folder = Path(owner.name) / "predictor"
        kind = "regression" if outline.regression else "binary" if outline.classes == 2 else "multiclass"
        target = part.y if outline.regression else part.y.astype(np.int64)
        data = _frame(part.x, outline).assign(**{_TARGET: target})
        options: dict[str, Any] = {}
        if part.weights is not None:
            data["weight"] = part.weights
            options["sample_weight"] = "weight"
        predictor = TabularPredictor(
            label=_TARGET,
            problem_type=kind,
            eval_metric=_METRICS.get(
                outline.objective, "root_mean_squared_error" if outline.regression else "log_loss"
            ),
            path=str(folder),
            verbosity=0,
            **options,
        )
        predictor.fit(
            data,
            presets=str(settings.get("presets", "medium_quality")),
            time_limit=_PART * part.seconds,
            num_cpus=part.threads,
            num_gpus=0,
        )
        if not predictor.model_names():
            raise OutOfTime(f"{part.seconds:.0f} s do not suffice for AutoGluon on these data.")
        known = [] if outline.regression else [int(code) for code in predictor.class_labels]
        return AutoGluonModel(predictor, folder, outline, known, _owner=owner)

    def load(self, path: Path, outline: Outline) -> AutoGluonModel:
        """See `learning.Kind`. AutoGluon's files are pickles: they run only here, in a job or a model server."""
        owner = tempfile.TemporaryDirectory(prefix="autogluon-")
        folder = Path(owner.name) / "predictor"
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        known = json.loads((folder / _OUTLINE).read_text())["known"]
        predictor = TabularPredictor.load(str(folder), require_version_match=False)
        predictor.persist()
        return AutoGluonModel(predictor, folder, outline, known, _owner=owner)


def _frame(x: Floats, outline: Outline) -> pd.DataFrame:
    """Rows with named columns, codes of categories as such."""
    frame = pd.DataFrame(x, columns=[f"f{at}" for at in range(x.shape[1])])
    for at in outline.categories:
        frame[f"f{at}"] = np.nan_to_num(x[:, at]).astype(np.int64)
        frame[f"f{at}"] = frame[f"f{at}"].astype("str").astype("category")
    return frame
