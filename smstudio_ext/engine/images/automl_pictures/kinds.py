"""The algorithms of picture candidates, by the names that the analysis proposes them with."""

from __future__ import annotations

from typing import Any

import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from smstudio_ext.engine.images.automl_classes.candidates import Kind
from smstudio_ext.engine.images.automl_classes.learning import Algorithm, Estimator, Task
from smstudio_ext.engine.images.automl_pictures.features import describe
from smstudio_ext.engine.images.automl_pictures.landmarks import Landmarks
from smstudio_ext.engine.images.automl_pictures.patches import Patches
from smstudio_ext.engine.images.automl_pictures.pixels import Bytes, read_pixels
from smstudio_ext.engine.images.contract import AlgorithmError


def make(algorithm: str, settings: dict[str, Any]) -> Algorithm[Bytes]:
    """An algorithm by its name.

    Raises:
        AlgorithmError: an unknown name, or a package that it needs is missing.
    """
    if algorithm == "linear":
        return Estimator(lambda task, _: _linear(settings, task), describe)
    if algorithm == "kernel":
        return Estimator(lambda task, _: _kernel(settings, task), describe)
    if algorithm == "boosted-trees":
        return Estimator(lambda task, classes: _boosted_trees(settings, task, classes), describe)
    if algorithm == "patches":
        return Estimator(lambda task, _: _patches(settings, task))
    if algorithm == "network":
        return _network(settings)
    raise AlgorithmError(f"Hyperparameter algorithm: '{algorithm}' is not offered for image classification.")


def _network(settings: dict[str, Any]) -> Algorithm[Bytes]:
    try:
        from smstudio_ext.engine.images.automl_pictures.network import Network
    except ImportError as error:
        raise AlgorithmError(
            f"The algorithm 'network' needs a Python package that is missing here ({error}). Install it with: "
            'pip install "smstudio-ext[deep]"'
        ) from error
    return Network(settings)


def _linear(settings: dict[str, Any], task: Task) -> Any:
    model = LogisticRegression(C=float(settings.get("c", 0.01)), max_iter=300, random_state=task.seed)
    return make_pipeline(StandardScaler(), model)


def _kernel(settings: dict[str, Any], task: Task) -> Any:
    landmarks = Landmarks(
        float(settings.get("width", 1.0)), int(settings.get("landmarks", 1_000)), random_state=task.seed
    )
    model = LogisticRegression(C=float(settings.get("c", 10.0)), max_iter=300, random_state=task.seed)
    return make_pipeline(StandardScaler(), landmarks, model)


def _boosted_trees(settings: dict[str, Any], task: Task, classes: int) -> Any:
    trees = xgboost.XGBClassifier(
        n_estimators=int(settings.get("rounds", 200 if classes <= 10 else 60)),
        learning_rate=0.1,
        max_depth=int(settings.get("depth", 5)),
        subsample=0.8,
        colsample_bytree=0.3,
        tree_method="hist",
        n_jobs=task.threads,
        random_state=task.seed,
    )
    return make_pipeline(trees)


def _patches(settings: dict[str, Any], task: Task) -> Any:
    return make_pipeline(
        Patches(int(settings.get("centres", 300)), random_state=task.seed),
        StandardScaler(),
        LogisticRegression(C=float(settings.get("c", 0.01)), max_iter=300, random_state=task.seed),
    )


PICTURES: Kind[Bytes] = Kind("pictures", make, read_pixels)
"""What the training and the inference program need of this kind."""
