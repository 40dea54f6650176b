"""Refuses labels that an objective cannot use, with the texts of AWS's image."""

from __future__ import annotations

import numpy as np

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.matrices import Table
from smstudio_ext.engine.images.xgboost.parameters import Settings

_LOGISTIC = ("binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic")


def check_labels(table: Table, settings: Settings) -> None:
    """Checks the labels of one channel.

    Raises:
        AlgorithmError: labels outside [0, 1], or [0, num_class), or negative counts.
    """
    low, high = float(table.labels.min()), float(table.labels.max())
    if settings.objective in _LOGISTIC:
        if low < 0 or high > 1:
            raise AlgorithmError("label must be in [0,1] for logistic regression")
    elif settings.objective.startswith("multi:"):
        classes = settings.classes
        if low < 0 or high >= classes or not np.equal(np.mod(table.labels, 1), 0).all():
            raise AlgorithmError(
                f"label must be in [0, num_class): num_class={classes} but found labels from {low:g} to {high:g}."
            )
    elif settings.objective in ("count:poisson", "reg:tweedie", "reg:gamma") and low < 0:
        name = {"count:poisson": "PoissonRegression", "reg:tweedie": "TweedieRegression"}.get(
            settings.objective, settings.objective
        )
        raise AlgorithmError(f"{name}: label must be nonnegative")
