"""Hyperparameters of AutoGluon-Tabular (https://docs.aws.amazon.com/sagemaker/latest/dg/autogluon-tabular-hyperparameters.html)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smstudio_ext.engine.images.hyperparameters import Hyperparameter as H
from smstudio_ext.engine.images.hyperparameters import parse_hyperparameters

REGRESSION = "root_mean_squared_error mean_squared_error mean_absolute_error median_absolute_error r2".split()
BINARY = (
    "accuracy balanced_accuracy f1 f1_macro f1_micro f1_weighted roc_auc average_precision precision precision_macro "
    "precision_micro precision_weighted recall recall_macro recall_micro recall_weighted log_loss mcc pac_score".split()
)
DECLARED = (
    H("eval_metric", "choice", choices=("auto", *REGRESSION, *BINARY)),
    H(
        "presets",
        "choice",
        choices=(
            "best_quality", "high_quality", "good_quality", "medium_quality", "optimize_for_deployment", "interpretable",
        ),
    ),
    H("auto_stack", "bool"),
    H("num_bag_folds", "text"),
    H("num_bag_sets", "text"),
    H("num_stack_levels", "text"),
    H("refit_full", "bool"),
    H("set_best_to_refit_full", "bool"),
    H("save_space", "bool"),
    H("verbosity", "int", 0, 4),
    H("time_limit", "int", 1),
)  # fmt: skip
KNOWN = {declared.name: declared for declared in DECLARED}
DEFAULTS: dict[str, Any] = {
    "eval_metric": "auto",
    "presets": "medium_quality",
    "auto_stack": False,
    "num_bag_folds": 0,
    "num_bag_sets": 1,
    "num_stack_levels": 0,
    "refit_full": False,
    "set_best_to_refit_full": False,
    "save_space": True,
    "verbosity": 2,
    "time_limit": None,
}
_NUMBERS = {"num_bag_folds": (0, 10), "num_bag_sets": (1, 20), "num_stack_levels": (0, 3)}


def parse_parameters(given: Mapping[str, str]) -> dict[str, Any]:
    """Checks a job's hyperparameters and fills in AWS's defaults.

    Raises:
        AlgorithmError: unknown names or bad values.
    """
    values = DEFAULTS | parse_hyperparameters(given, KNOWN)
    for name, (low, high) in _NUMBERS.items():
        if str(values[name]).lower() == "auto":
            values[name] = None
        else:
            values[name] = H(name, "int", low, high).read(str(values[name]))
    return values
