"""The values that SAGEMAKER_INFERENCE_OUTPUT may name, for each of xgboost's objectives as AWS's image gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.answers import KEYS, classification_columns

Array = npt.NDArray[np.float64]


def selected_columns(
    objective: str, predicted: Array, threshold: float, classes: int
) -> dict[str, list[Any]]:
    """Every key's values; NaN where an objective has none.

    Args:
        objective: xgboost's objective.
        predicted: (rows,) or (rows, classes) answers of the model.
        threshold: probability above which a row is of class 1 (binary:logistic).
        classes: num_class of a multiclass model, else 2.
    """
    rows = len(predicted)
    columns: dict[str, list[Any]] = {key: [float("nan")] * rows for key in KEYS}
    if objective in ("binary:logistic", "reg:logistic", "multi:softprob"):
        columns |= classification_columns(predicted, threshold)
        if objective != "reg:logistic":
            columns["predicted_score"] = [float("nan")] * rows
        return columns
    values = predicted.tolist()
    if objective in ("binary:logitraw", "binary:hinge", "multi:softmax"):
        labels = (predicted > 0).astype(int).tolist() if objective == "binary:logitraw" else values
        columns |= {
            "predicted_label": labels,
            "labels": [list(range(classes))] * rows,
            "raw_score": values,
            "raw_scores": [[1.0 - value, value] for value in values],
        }
        return columns
    # Autopilot's regression pipelines ask for a label and mean the value.
    columns |= {"predicted_score": values, "predicted_label": values}
    return columns
