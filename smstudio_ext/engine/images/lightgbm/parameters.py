"""Hyperparameters of the LightGBM image (https://docs.aws.amazon.com/sagemaker/latest/dg/lightgbm-hyperparameters.html)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.hyperparameters import Hyperparameter as H
from smstudio_ext.engine.images.hyperparameters import parse_hyperparameters

REGRESSION_METRICS = ("rmse", "l1", "l2", "huber", "fair", "mape", "quantile", "poisson", "gamma", "tweedie")
BINARY_METRICS = ("binary_logloss", "binary_error", "auc", "average_precision", "cross_entropy")
MULTICLASS_METRICS = ("multi_logloss", "multi_error", "auc_mu")
_FLAG = ("True", "False", "true", "false")

DECLARED = (
    H("num_boost_round", "int", 1),
    H("early_stopping_rounds", "int"),
    H("metric", "choice", choices=("auto", *REGRESSION_METRICS, *BINARY_METRICS, *MULTICLASS_METRICS)),
    H("learning_rate", "float", 0, 1, open_low=True),
    H("num_leaves", "int", 2, 131072),
    H("feature_fraction", "float", 0, 1, open_low=True),
    H("bagging_fraction", "float", 0, 1, open_low=True),
    H("bagging_freq", "int", 0),
    H("max_depth", "int"),
    H("min_data_in_leaf", "int", 0),
    H("max_delta_step", "float"),
    H("lambda_l1", "float", 0),
    H("lambda_l2", "float", 0),
    H("boosting", "choice", choices=("gbdt", "rf", "dart", "goss")),
    H("min_gain_to_split", "float", 0),
    H("scale_pos_weight", "float", 0, open_low=True),
    H("tree_learner", "choice", choices=("serial", "feature", "data", "voting")),
    H("feature_fraction_bynode", "float", 0, 1, open_low=True),
    H("is_unbalance", "choice", choices=_FLAG),
    H("max_bin", "int", 2),
    H("tweedie_variance_power", "float", 1, 2, open_high=True),
    H("num_threads", "int", 0),
    H("verbosity", "int"),
    H("seed", "int"),
    H("use_dask", "choice", choices=_FLAG),
)
KNOWN = {declared.name: declared for declared in DECLARED}
DEFAULTS: dict[str, Any] = {
    "num_boost_round": 5000,
    "early_stopping_rounds": 10,
    "metric": "auto",
    "learning_rate": 0.1,
    "num_leaves": 64,
    "feature_fraction": 0.9,
    "bagging_fraction": 0.9,
    "bagging_freq": 1,
    "max_depth": 6,
    "min_data_in_leaf": 3,
    "max_delta_step": 0.0,
    "lambda_l1": 0.0,
    "lambda_l2": 0.0,
    "boosting": "gbdt",
    "min_gain_to_split": 0.0,
    "scale_pos_weight": 1.0,
    "tree_learner": "serial",
    "feature_fraction_bynode": 1.0,
    "is_unbalance": "False",
    "max_bin": 255,
    "tweedie_variance_power": 1.5,
    "num_threads": 0,
    "verbosity": 1,
    "seed": 0,
    "use_dask": "False",
}


def parse_parameters(given: Mapping[str, str]) -> dict[str, Any]:
    """Checks a job's hyperparameters and fills in AWS's defaults.

    Raises:
        AlgorithmError: unknown names, bad values, or flags that exclude each other.
    """
    values = DEFAULTS | parse_hyperparameters(given, KNOWN)
    for name in ("is_unbalance", "use_dask"):
        values[name] = values[name].lower() == "true"
    if values["is_unbalance"] and values["scale_pos_weight"] != 1.0:
        raise AlgorithmError("Set either is_unbalance or scale_pos_weight, not both.")
    if values["boosting"] == "rf" and not (values["bagging_freq"] > 0 and values["bagging_fraction"] < 1):
        raise AlgorithmError("boosting rf needs bagging_freq > 0 and bagging_fraction < 1.")
    return values


def objective(values: Mapping[str, Any], classes: int) -> dict[str, Any]:
    """LightGBM's objective and metric for a problem.

    Args:
        values: checked hyperparameters.
        classes: 0 for regression.

    Raises:
        AlgorithmError: the metric does not fit the problem.
    """
    metric = values["metric"]
    offered: tuple[str, ...]
    if classes == 0:
        offered, chosen = REGRESSION_METRICS, {"objective": "regression"}
        if metric in ("l1", "huber", "fair", "mape", "quantile", "poisson", "gamma", "tweedie"):
            chosen = {"objective": {"l1": "regression_l1"}.get(metric, metric)}
        default = "rmse"
    elif classes == 2:
        offered, chosen, default = BINARY_METRICS, {"objective": "binary"}, "binary_logloss"
    else:
        offered, default = MULTICLASS_METRICS, "multi_logloss"
        return _with_metric({"objective": "multiclass", "num_class": classes}, metric, default, offered)
    return _with_metric(dict(chosen), metric, default, offered)


def _with_metric(
    chosen: dict[str, Any], metric: str, default: str, offered: tuple[str, ...]
) -> dict[str, Any]:
    if metric != "auto" and metric not in offered:
        raise AlgorithmError(
            f"Hyperparameter metric: {metric} does not fit objective {chosen['objective']}; use auto, {', '.join(offered)}."
        )
    return chosen | {"metric": default if metric == "auto" else metric}
