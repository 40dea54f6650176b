"""Hyperparameters of NTM (https://docs.aws.amazon.com/sagemaker/latest/dg/ntm_hyperparameters.html)."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.images.firstparty.parameters import Parameter, refuse

CHANNELS = ("train", "validation", "test", "auxiliary")

DECLARED = (
    Parameter("feature_dim", "int", low=1, high=1_000_000, required=True),
    Parameter("num_topics", "int", low=2, high=1000, required=True),
    Parameter("batch_norm", "bool", "false"),
    Parameter("clip_gradient", "float", "inf", low=1e-3),
    Parameter("encoder_layers", "list", "auto", auto=True),
    Parameter("encoder_layers_activation", "choice", "sigmoid", choices=("sigmoid", "tanh", "relu")),
    Parameter("epochs", "int", "50", low=1),
    Parameter("learning_rate", "float", "0.001", low=1e-6, high=1.0),
    Parameter("mini_batch_size", "int", "256", low=1, high=10_000),
    Parameter("num_patience_epochs", "int", "3", low=1),
    Parameter("optimizer", "choice", "adadelta", choices=("sgd", "adam", "adagrad", "adadelta", "rmsprop")),
    Parameter("rescale_gradient", "float", "1.0", low=1e-3, high=1.0),
    Parameter("sub_sample", "float", "1.0", low=0.0, high=1.0, open_low=True),
    Parameter("tolerance", "float", "0.001", low=1e-6, high=0.1),
    Parameter("weight_decay", "float", "0.0", low=0.0, high=1.0),
)


def encoder_layers(parameters: dict[str, Any]) -> list[int]:
    """Sizes of the encoder's layers; `auto` is 3 and 2 times the number of topics.

    Raises:
        AlgorithmError: an item is no positive whole number.
    """
    given = parameters["encoder_layers"]
    if given is None:
        return [3 * parameters["num_topics"], 2 * parameters["num_topics"]]
    sizes = [int(item) if item.isdigit() else 0 for item in given]
    if not sizes or min(sizes) < 1:
        raise refuse(
            f"The value '{','.join(given)}' is not valid for the 'encoder_layers' hyperparameter which expects one of the "
            "following: 'auto'; or a comma-separated list of positive integers"
        )
    return sizes
