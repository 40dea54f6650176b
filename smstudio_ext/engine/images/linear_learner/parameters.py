"""Hyperparameters of the linear-learner image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.parameters import Parameter as P
from smstudio_ext.engine.images.firstparty.parameters import read_parameters, refuse

BINARY, MULTICLASS, REGRESSOR = "binary_classifier", "multiclass_classifier", "regressor"

CRITERIA = (
    "accuracy",
    "f_beta",
    "f1",
    "precision_at_target_recall",
    "recall_at_target_precision",
    "loss_function",
    "cross_entropy_loss",
)
LOSSES = {
    BINARY: ("logistic", "hinge_loss"),
    MULTICLASS: ("softmax_loss", "hinge_loss"),
    REGRESSOR: (
        "squared_loss",
        "absolute_loss",
        "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss",
        "quantile_loss",
        "huber_loss",
    ),
}
"""Losses by predictor_type; `auto` is the first."""
_ALL_LOSSES = ("auto", *dict.fromkeys(loss for losses in LOSSES.values() for loss in losses))

DECLARED = (
    P("predictor_type", "choice", choices=(BINARY, MULTICLASS, REGRESSOR), required=True),
    P("feature_dim", "int", "auto", 1, auto=True),
    P("num_classes", "int", "1", 1, 1_000_000),
    P("mini_batch_size", "int", "1000", 1),
    P("epochs", "int", "15", 1),
    P("loss", "choice", "auto", choices=_ALL_LOSSES),
    P("wd", "float", "auto", 0, auto=True),
    P("l1", "float", "auto", 0, auto=True),
    P("learning_rate", "float", "auto", 0, open_low=True, auto=True),
    P("num_models", "int", "auto", 1, auto=True),
    P("num_calibration_samples", "int", "10000000", 1, auto=True),
    P("binary_classifier_model_selection_criteria", "choice", "accuracy", choices=CRITERIA),
    P("target_recall", "float", "0.8", 0, 1, open_low=True, open_high=True),
    P("target_precision", "float", "0.8", 0, 1, open_low=True, open_high=True),
    P("positive_example_weight_mult", "float", "1.0", 0, open_low=True, words=("auto", "balanced")),
    P("balance_multiclass_weights", "bool", "false"),
    P("use_bias", "bool", "true"),
    P("normalize_data", "bool", "true", auto=True),
    P("normalize_label", "bool", "auto", auto=True),
    P("unbias_data", "bool", "auto", auto=True),
    P("unbias_label", "bool", "auto", auto=True),
    P("num_point_for_scaler", "int", "10000", 1),
    P("optimizer", "choice", "auto", choices=("auto", "adam", "sgd", "rmsprop")),
    P("momentum", "float", "auto", 0, 1, open_high=True, auto=True),
    P("beta_1", "float", "auto", 0, 1, open_high=True, auto=True),
    P("beta_2", "float", "auto", 0, 1, open_high=True, auto=True),
    P("bias_lr_mult", "float", "auto", 0, open_low=True, auto=True),
    P("bias_wd_mult", "float", "auto", 0, auto=True),
    P("use_lr_scheduler", "bool", "true"),
    P("lr_scheduler_step", "int", "auto", 1, auto=True),
    P("lr_scheduler_factor", "float", "auto", 0, 1, open_low=True, open_high=True, auto=True),
    P("lr_scheduler_minimum_lr", "float", "auto", 0, open_low=True, auto=True),
    P("f_beta", "float", "1.0", 0, open_low=True),
    P("huber_delta", "float", "1.0", 0),
    P("loss_insensitivity", "float", "0.01", 0, open_low=True),
    P("margin", "float", "1.0", 0),
    P("quantile", "float", "0.5", 0, 1, open_low=True, open_high=True),
    P("init_method", "choice", "uniform", choices=("uniform", "normal")),
    P("init_scale", "float", "0.07", 0, open_low=True),
    P("init_sigma", "float", "0.01", 0, open_low=True),
    P("init_bias", "float", "0.0", auto=True),
    P("early_stopping_patience", "int", "3", 1),
    P("early_stopping_tolerance", "float", "0.001", 0),
    P("accuracy_top_k", "int", "3", 1, 1_000_000),
    P("force_dense", "bool", "false"),
    # This engine's own, for Autopilot's cross-validated candidates.
    P("_kfold", "int", "0", 2),
    P("_num_cv_round", "int", "1", 1),
    P("seed", "int", "0", 0),
)


@dataclass(frozen=True)
class Settings:
    """What a cross-validated job (`_kfold`) needs; `auto` values are resolved.

    Attributes:
        outputs: numbers that the model gives a row: 1, or the classes of a multiclass model.
        threshold_metric: score for which the binary threshold is chosen; None = 0.5.
        positive_weight: weight of rows of class 1; None = as the classes are.
    """

    predictor: str
    classes: int
    batch: int
    epochs: int
    wd: float
    l1: float
    learning_rate: float
    threshold_metric: str | None
    positive_weight: float | str | None
    balance: bool
    bias: bool
    normalize: bool
    kfold: int
    cv_rounds: int
    patience: int
    tolerance: float
    seed: int

    @property
    def outputs(self) -> int:
        """1, or the number of classes of a multiclass model."""
        return self.classes if self.predictor == MULTICLASS else 1


def read_values(given: Mapping[str, str]) -> dict[str, Any]:
    """Checks the hyperparameters of a job; `loss` and `num_classes` are resolved.

    Raises:
        AlgorithmError: with the container's text.
    """
    values = read_parameters(given, [one for one in DECLARED if one.name != "_kfold" or "_kfold" in given])
    values.setdefault("_kfold", 0)
    predictor = values["predictor_type"]
    if predictor == MULTICLASS:
        if "num_classes" not in given:
            raise refuse(
                "No value(s) were specified for 'num_classes' which are required hyperparameter(s) when predictor_type is "
                "multiclass_classifier"
            )
        if values["num_classes"] < 3:
            raise refuse(
                f"The value '{values['num_classes']}' is not valid for the 'num_classes' hyperparameter which expects one of "
                "the following: an integer between 3 and 1000000"
            )
    else:
        values["num_classes"] = 2 if predictor == BINARY else 1
    offered = LOSSES[predictor]
    if values["loss"] == "auto":
        values["loss"] = offered[0]
    elif values["loss"] not in offered:
        raise refuse(
            f"The value '{values['loss']}' is not valid for the 'loss' hyperparameter which accepts one of the following for "
            f"predictor_type {predictor}: {', '.join(repr(one) for one in ('auto', *offered))}"
        )
    return values


def fold_settings(values: Mapping[str, Any]) -> Settings:
    """The settings of a cross-validated job.

    Raises:
        AlgorithmError: a setting that such jobs do not offer.
    """
    predictor = values["predictor_type"]
    if values["loss"] != LOSSES[predictor][0]:
        raise AlgorithmError(f"Hyperparameter loss: {values['loss']} is not offered with _kfold.")
    criterion = values["binary_classifier_model_selection_criteria"]
    if criterion.endswith(("_recall", "_precision")):
        raise AlgorithmError(
            f"binary_classifier_model_selection_criteria {criterion} is not offered with _kfold."
        )
    metric = {"accuracy": "accuracy", "f_beta": "f1_binary", "f1": "f1_binary"}.get(criterion)
    weight = values["positive_example_weight_mult"]
    return Settings(
        predictor=predictor,
        classes=values["num_classes"] if predictor != REGRESSOR else 0,
        batch=values["mini_batch_size"],
        epochs=values["epochs"],
        wd=_given(values["wd"], 1e-4),
        l1=_given(values["l1"], 0.0),
        learning_rate=_given(values["learning_rate"], 0.01),
        threshold_metric=metric if predictor == BINARY else None,
        positive_weight="balanced" if isinstance(weight, str) else None if weight == 1 else weight,
        balance=values["balance_multiclass_weights"],
        bias=values["use_bias"],
        normalize=values["normalize_data"] is not False,
        kfold=values["_kfold"],
        cv_rounds=values["_num_cv_round"],
        patience=values["early_stopping_patience"],
        tolerance=values["early_stopping_tolerance"],
        seed=values["seed"],
    )


def _given(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
