"""Hyperparameters of the CatBoost image (https://docs.aws.amazon.com/sagemaker/latest/dg/catboost-hyperparameters.html)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.hyperparameters import Hyperparameter as H
from smstudio_ext.engine.images.hyperparameters import parse_hyperparameters

REGRESSION_METRICS = ("RMSE", "MAE", "MedianAbsoluteError", "R2")
BINARY_METRICS = (
    "AUC", "Accuracy", "BalancedAccuracy", "CrossEntropy", "F1", "Logloss", "MCC", "Precision", "Recall",
)  # fmt: skip
MULTICLASS_METRICS = ("MultiClass", "Accuracy", "MCC", "TotalF1", "Kappa")

DECLARED = (
    H("iterations", "int", 1),
    H("early_stopping_rounds", "int", 0),
    H(
        "eval_metric",
        "choice",
        choices=("auto", *dict.fromkeys(REGRESSION_METRICS + BINARY_METRICS + MULTICLASS_METRICS)),
    ),
    H("learning_rate", "float", 0, 1, open_low=True),
    H("depth", "int", 1, 16),
    H("l2_leaf_reg", "float", 0),
    H("random_strength", "float", 0),
    H("max_leaves", "int", 2, 64),
    H("rsm", "float", 0, 1, open_low=True),
    H("sampling_frequency", "choice", choices=("PerTree", "PerTreeLevel")),
    H("min_data_in_leaf", "int", 1),
    H("bagging_temperature", "float", 0),
    H("boosting_type", "choice", choices=("Auto", "Ordered", "Plain")),
    H("scale_pos_weight", "float", 0, open_low=True),
    H("max_bin", "text"),
    H("grow_policy", "choice", choices=("SymmetricTree", "Depthwise", "Lossguide")),
    H("random_seed", "int", 0),
    H("thread_count", "int"),
    H("verbose", "int", 0),
)
KNOWN = {declared.name: declared for declared in DECLARED}
DEFAULTS: dict[str, Any] = {
    "iterations": 500,
    "early_stopping_rounds": 5,
    "eval_metric": "auto",
    "learning_rate": 0.009,
    "depth": 6,
    "l2_leaf_reg": 3.0,
    "random_strength": 1.0,
    "max_leaves": 31,
    "rsm": 1.0,
    "sampling_frequency": "PerTree",
    "min_data_in_leaf": 1,
    "bagging_temperature": 1.0,
    "boosting_type": "Auto",
    "scale_pos_weight": 1.0,
    "max_bin": "Auto",
    "grow_policy": "SymmetricTree",
    "random_seed": 1,
    "thread_count": -1,
    "verbose": 1,
}


def parse_parameters(given: Mapping[str, str]) -> dict[str, Any]:
    """Checks a job's hyperparameters and fills in AWS's defaults.

    Raises:
        AlgorithmError: unknown names or bad values.
    """
    values = DEFAULTS | parse_hyperparameters(given, KNOWN)
    if values["max_bin"] != "Auto":
        if not str(values["max_bin"]).isdigit() or not 1 <= int(values["max_bin"]) <= 65535:
            raise AlgorithmError(
                f"Hyperparameter max_bin: {values['max_bin']} is not in ['Auto', [1, 65535]]"
            )
        values["max_bin"] = int(values["max_bin"])
    return values


def catboost_parameters(values: Mapping[str, Any], classes: int) -> dict[str, Any]:
    """What CatBoost is called with.

    Args:
        values: checked hyperparameters.
        classes: 0 for regression.

    Raises:
        AlgorithmError: the metric does not fit the problem.
    """
    metrics, loss = (
        (REGRESSION_METRICS, "RMSE")
        if classes == 0
        else (BINARY_METRICS, "Logloss")
        if classes == 2
        else (MULTICLASS_METRICS, "MultiClass")
    )
    metric = loss if values["eval_metric"] == "auto" else values["eval_metric"]
    if metric not in metrics:
        raise AlgorithmError(
            f"Hyperparameter eval_metric: {metric} does not fit the target; use auto, {', '.join(metrics)}."
        )
    params = {
        name: values[name]
        for name in (
            "iterations learning_rate depth l2_leaf_reg random_strength rsm sampling_frequency bagging_temperature grow_policy "
            "random_seed"
        ).split()
    }
    params |= {"loss_function": loss, "eval_metric": metric}
    # CatBoost takes these only where its own growing policy has them.
    if values["grow_policy"] == "Lossguide":
        params["max_leaves"] = values["max_leaves"]
    if values["grow_policy"] != "SymmetricTree":
        params["min_data_in_leaf"] = values["min_data_in_leaf"]
    if values["boosting_type"] != "Auto":
        params["boosting_type"] = values["boosting_type"]
    if values["max_bin"] != "Auto":
        params["border_count"] = values["max_bin"]
    if classes == 2:
        params["scale_pos_weight"] = values["scale_pos_weight"]
    return params
