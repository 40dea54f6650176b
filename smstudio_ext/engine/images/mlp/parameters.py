"""Hyperparameters of the mlp image, by the names of Autopilot's candidate definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.parameters import Parameter as P
from smstudio_ext.engine.images.firstparty.parameters import read_parameters

PREDICTORS = {
    "binary_classification": "binary_classifier",
    "multiclass_classification": "multiclass_classifier",
    "regression": "regressor",
}
"""problem_type -> predictor type, as linear-learner's metrics know it."""

DECLARED = (
    P("problem_type", "choice", choices=tuple(PREDICTORS), required=True),
    P("num_classes", "int", "2", 2, 1_000_000),
    P("num_categorical_features", "int", "0", 0),
    P("network_type", "choice", "feedforward", choices=("feedforward", "widedeep")),
    P("layers", "text", "100, 50"),
    P("activation", "choice", "relu", choices=("relu", "tanh")),
    P("use_batchnorm", "bool", "true"),
    P("dropout_prob", "float", "0.25", 0, 1, open_high=True),
    P("embedding_size_factor", "float", "0.65", 0, 1, open_low=True),
    P("learning_rate", "float", "0.001", 0, open_low=True),
    P("weight_decay", "float", "0.0001", 0),
    P("mini_batch_size", "int", "128", 1),
    P("epochs", "int", "60", 1),
    P("warmup_epochs", "int", "10", 0),
    P("early_stopping_patience", "int", "6", 1),
    P("positive_example_weight_mult", "float", "1.0", 0, open_low=True, words=("balanced",)),
    P("ml_application", "text", "mlp"),
    P("eval_metric", "text", ""),
    P("reporting_metrics", "text", ""),
    P("_kfold", "int", "0", 0, 100),
    P("_threshold_metric", "choice", "none", choices=("none", "f1_binary", "accuracy", "balanced_accuracy")),
    P("_seed", "int", "0", 0),
)


@dataclass(frozen=True)
class Settings:
    """A job's settings.

    Attributes:
        predictor: `binary_classifier`, `multiclass_classifier` or `regressor`.
        classes: number of classes; 0 for regression.
        categorical: so many features, the first ones, are codes of categories.
        layers: widths of the hidden layers.
        wide: the features also reach the output without a hidden layer.
        warmup: epochs without early stopping.
        positive_weight: of rows of class 1; None balances the classes.
        kfold: number of folds; below 2 the validation channel is used.
        threshold_metric: what the threshold of binary classifiers is chosen for.
    """

    predictor: str
    classes: int
    categorical: int
    layers: tuple[int, ...]
    wide: bool
    activation: str
    batchnorm: bool
    dropout: float
    embedding_factor: float
    learning_rate: float
    weight_decay: float
    batch: int
    epochs: int
    warmup: int
    patience: int
    positive_weight: float | None
    kfold: int
    threshold_metric: str | None
    seed: int

    @property
    def outputs(self) -> int:
        """Width of the output layer."""
        return self.classes if self.predictor == "multiclass_classifier" else 1

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Settings:
        """Reads and checks hyperparameters.

        Raises:
            AlgorithmError: one is unknown or makes no sense.
        """
        values = read_parameters(given, DECLARED)
        predictor = PREDICTORS[values["problem_type"]]
        weight = values["positive_example_weight_mult"]
        return cls(
            predictor=predictor,
            classes={"regressor": 0, "binary_classifier": 2}.get(predictor, values["num_classes"]),
            categorical=values["num_categorical_features"],
            layers=_layers(values["layers"]),
            wide=values["network_type"] == "widedeep",
            activation=values["activation"],
            batchnorm=values["use_batchnorm"],
            dropout=values["dropout_prob"],
            embedding_factor=values["embedding_size_factor"],
            learning_rate=values["learning_rate"],
            weight_decay=values["weight_decay"],
            batch=values["mini_batch_size"],
            epochs=values["epochs"],
            warmup=values["warmup_epochs"],
            patience=values["early_stopping_patience"],
            positive_weight=None if weight == "balanced" else float(weight),
            kfold=values["_kfold"],
            threshold_metric=None if values["_threshold_metric"] == "none" else values["_threshold_metric"],
            seed=values["_seed"],
        )


def _layers(text: str) -> tuple[int, ...]:
    parts = text.strip().strip("[]()").split(",")
    try:
        widths = tuple(int(part) for part in parts if part.strip())
    except ValueError:
        widths = ()
    if not widths or min(widths) < 1 or len(widths) > 10:
        raise AlgorithmError(
            f"Hyperparameter layers: '{text}' is no list of one to ten widths such as '200, 100, 50'."
        )
    return widths
