"""Hyperparameters of the linear-learner image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.hyperparameters import Hyperparameter as H
from smstudio_ext.engine.images.hyperparameters import parse_hyperparameters

_CRITERIA = (
    "accuracy",
    "f_beta",
    "f1",
    "precision_at_target_recall",
    "recall_at_target_precision",
    "loss_function",
)
_LOSSES = (
    "auto",
    "logistic",
    "hinge_loss",
    "softmax_loss",
    "squared_loss",
    "absolute_loss",
    "eps_insensitive_squared_loss",
    "eps_insensitive_absolute_loss",
    "quantile_loss",
    "huber_loss",
)

_AUTO_NAMES = frozenset({"wd", "l1", "learning_rate", "num_models", "num_calibration_samples", "init_bias"})

_DECLARED = (
    H(
        "predictor_type",
        "choice",
        choices=("binary_classifier", "multiclass_classifier", "regressor"),
        required=True,
    ),
    H("feature_dim", "text"),
    H("num_classes", "int", 3, 1_000_000),
    H("mini_batch_size", "int", 1),
    H("epochs", "int", 1),
    H("loss", "choice", choices=_LOSSES),
    H("wd", "float", 0),
    H("l1", "float", 0),
    H("learning_rate", "float", 0, open_low=True),
    H("num_models", "text"),
    H("binary_classifier_model_selection_criteria", "choice", choices=_CRITERIA),
    H("target_recall", "float", 0, 1),
    H("target_precision", "float", 0, 1),
    H("positive_example_weight_mult", "text"),
    H("balance_multiclass_weights", "bool"),
    H("use_bias", "bool"),
    H("normalize_data", "text"),
    H("normalize_label", "text"),
    H("unbias_data", "text"),
    H("unbias_label", "text"),
    H("num_point_for_scaler", "int", 1),
    H("optimizer", "choice", choices=("auto", "adam", "sgd", "rmsprop")),
    H("momentum", "text"),
    H("beta_1", "text"),
    H("beta_2", "text"),
    H("bias_lr_mult", "text"),
    H("bias_wd_mult", "text"),
    H("use_lr_scheduler", "bool"),
    H("lr_scheduler_step", "text"),
    H("lr_scheduler_factor", "text"),
    H("lr_scheduler_minimum_lr", "text"),
    H("f_beta", "float", 0, open_low=True),
    H("huber_delta", "float", 0),
    H("loss_insensitivity", "float", 0, open_low=True),
    H("margin", "float", 0),
    H("quantile", "float", 0, 1),
    H("init_method", "text"),
    H("init_scale", "text"),
    H("init_sigma", "text"),
    H("init_bias", "text"),
    H("early_stopping_patience", "int", 1),
    H("early_stopping_tolerance", "float", 0),
    H("num_calibration_samples", "text"),
    H("accuracy_top_k", "int", 1),
    H("force_dense", "bool"),
    H("_kfold", "int", 2),
    H("_num_cv_round", "int", 1),
    H("seed", "int", 0),
)
KNOWN = {declared.name: declared for declared in _DECLARED}

_OFFERED_LOSSES = {
    "binary_classifier": "logistic",
    "multiclass_classifier": "softmax_loss",
    "regressor": "squared_loss",
}


@dataclass(frozen=True)
class Settings:
    """Checked hyperparameters; `auto` values are resolved.

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
        return self.classes if self.predictor == "multiclass_classifier" else 1


def parse_settings(given: Mapping[str, str]) -> Settings:
    """Checks the hyperparameters of a job.

    Raises:
        AlgorithmError: an unknown name, a bad value, or a setting that is not offered yet.
    """
    values = parse_hyperparameters(
        {name: text for name, text in given.items() if not (name in _AUTO_NAMES and text.strip() == "auto")},
        KNOWN,
    )
    predictor = values["predictor_type"]
    loss = values.get("loss", "auto")
    if loss not in ("auto", _OFFERED_LOSSES[predictor]):
        raise AlgorithmError(
            f"Hyperparameter loss: {loss} is not offered for predictor_type {predictor} yet; offered: {_OFFERED_LOSSES[predictor]}."
        )
    if predictor == "multiclass_classifier" and "num_classes" not in values:
        raise AlgorithmError(
            "Missing required hyperparameter: num_classes (predictor_type is multiclass_classifier)"
        )
    criterion = values.get("binary_classifier_model_selection_criteria", "accuracy")
    if criterion.endswith(("_recall", "_precision")):
        raise AlgorithmError(f"binary_classifier_model_selection_criteria {criterion} is not offered yet.")
    metric = {"accuracy": "accuracy", "f_beta": "f1_binary", "f1": "f1_binary"}.get(criterion)
    return Settings(
        predictor=predictor,
        classes=values.get("num_classes", 2 if predictor == "binary_classifier" else 0),
        batch=values.get("mini_batch_size", 1000),
        epochs=values.get("epochs", 15),
        wd=values.get("wd", 1e-4),
        l1=values.get("l1", 0.0),
        learning_rate=values.get("learning_rate", 0.01),
        threshold_metric=metric if predictor == "binary_classifier" else None,
        positive_weight=_positive_weight(values.get("positive_example_weight_mult")),
        balance=values.get("balance_multiclass_weights", False),
        bias=values.get("use_bias", True),
        normalize=values.get("normalize_data", "true").strip().lower() != "false",
        kfold=values.get("_kfold", 0),
        cv_rounds=values.get("_num_cv_round", 1),
        patience=values.get("early_stopping_patience", 3),
        tolerance=values.get("early_stopping_tolerance", 0.001),
        seed=values.get("seed", 0),
    )


def _positive_weight(text: str | None) -> float | str | None:
    if text is None or text in ("auto", "balanced"):
        return "balanced" if text else None
    try:
        weight = float(text)
    except ValueError as error:
        raise AlgorithmError(
            f"Hyperparameter positive_example_weight_mult: could not parse value '{text}'."
        ) from error
    return weight
