"""Hyperparameters of Image Classification (https://docs.aws.amazon.com/sagemaker/latest/dg/IC-Hyperparameter.html)."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.parameters import Parameter, refuse

DEPTHS = (18, 34, 50, 101, 152, 200, 20, 32, 44, 56, 110)
"""Numbers of layers; the last five make the narrow networks for small pictures."""

CHANNELS = ("train", "validation", "train_lst", "validation_lst", "model")


def _share(name: str, default: str) -> Parameter:
    return Parameter(name, "float", default, low=0, high=1)


def _flag(name: str) -> Parameter:
    return Parameter(name, "int", "0", low=0, high=1)


DECLARED = (
    Parameter("num_classes", "int", low=1, required=True),
    Parameter("num_training_samples", "int", low=1, required=True),
    Parameter("augmentation_type", "choice", choices=("crop", "crop_color", "crop_color_transform")),
    _share("beta_1", "0.9"),
    _share("beta_2", "0.999"),
    Parameter("checkpoint_frequency", "int", low=1),
    Parameter("early_stopping", "bool", "false"),
    Parameter("early_stopping_min_epochs", "int", "10", low=1),
    Parameter("early_stopping_patience", "int", "5", low=1),
    _share("early_stopping_tolerance", "0.0"),
    Parameter("epochs", "int", "30", low=1),
    _share("eps", "1e-8"),
    _share("gamma", "0.9"),
    Parameter("image_shape", "text", "3,224,224"),
    Parameter("kv_store", "choice", choices=("dist_sync", "dist_async")),
    _share("learning_rate", "0.1"),
    _share("lr_scheduler_factor", "0.1"),
    Parameter("lr_scheduler_step", "text"),
    Parameter("mini_batch_size", "int", "32", low=1),
    _share("momentum", "0.9"),
    _flag("multi_label"),
    Parameter("num_layers", "int", "152"),
    Parameter("optimizer", "choice", "sgd", choices=("sgd", "adam", "rmsprop", "nag")),
    Parameter("precision_dtype", "choice", "float32", choices=("float32", "float16")),
    Parameter("resize", "int", low=1),
    Parameter("top_k", "int", low=2),
    _flag("use_pretrained_model"),
    _flag("use_weighted_loss"),
    _share("weight_decay", "0.0001"),
)


def check(chosen: dict[str, Any]) -> None:
    """Refuses what cannot be done here or does not go together.

    Raises:
        AlgorithmError: pretrained weights, an unknown depth, a top_k beyond the classes.
    """
    if chosen["use_pretrained_model"]:
        raise AlgorithmError(
            "Hyperparameter use_pretrained_model: pretrained ImageNet weights are not offered by this engine, as it brings no "
            "such weights along. Train from scratch (0), or continue from a model of your own with the channel 'model'."
        )
    if chosen["num_layers"] not in DEPTHS:
        raise refuse(
            f"The value '{chosen['num_layers']}' is not valid for the 'num_layers' hyperparameter which expects one of the "
            f"following: {', '.join(map(str, DEPTHS))}"
        )
    if chosen["top_k"] is not None and chosen["top_k"] > chosen["num_classes"]:
        raise refuse("The value of 'top_k' must not be greater than 'num_classes'")
    if chosen["checkpoint_frequency"] is not None and chosen["checkpoint_frequency"] > chosen["epochs"]:
        raise refuse("The value of 'checkpoint_frequency' must not be greater than 'epochs'")


def image_shape(chosen: dict[str, Any]) -> tuple[int, int, int]:
    """Channels, height and width of `image_shape`.

    Raises:
        AlgorithmError: no three numbers, or channels other than 1 and 3.
    """
    parts = [part.strip() for part in chosen["image_shape"].strip("\"'[]()").split(",")]
    if (
        len(parts) != 3
        or not all(part.isdigit() and int(part) > 0 for part in parts)
        or parts[0] not in ("1", "3")
    ):
        raise refuse(
            f"The value '{chosen['image_shape']}' is not valid for the 'image_shape' hyperparameter which expects "
            "'num_channels,height,width' with 1 or 3 channels"
        )
    return int(parts[0]), int(parts[1]), int(parts[2])


def scheduler_steps(chosen: dict[str, Any]) -> list[int]:
    """The epochs after which the learning rate falls.

    Raises:
        AlgorithmError: no whole numbers with commas between them.
    """
    text = chosen["lr_scheduler_step"] or ""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdigit() for part in parts):
        raise refuse(f"The value '{text}' is not valid for the 'lr_scheduler_step' hyperparameter")
    return [int(part) for part in parts]
