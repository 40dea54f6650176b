"""Hyperparameters of DeepAR (https://docs.aws.amazon.com/sagemaker/latest/dg/deepar_hyperparameters.html)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.images.firstparty.parameters import Parameter, refuse

if TYPE_CHECKING:
    from smstudio_ext.engine.images.deepar.frequency import Frequency

CHANNELS = ("train", "test")
LIKELIHOODS = ("gaussian", "beta", "negative-binomial", "student-T", "deterministic-L1")
QUANTILES = "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]"

DECLARED = (
    Parameter("context_length", "int", low=1, required=True),
    Parameter("epochs", "int", low=1, required=True),
    Parameter("prediction_length", "int", low=1, required=True),
    Parameter("time_freq", "text", required=True),
    Parameter("cardinality", "text", "auto", auto=True),
    Parameter("dropout_rate", "float", "0.1", low=0, high=1),
    Parameter("early_stopping_patience", "int", low=1),
    Parameter("embedding_dimension", "int", "10", low=1),
    Parameter("learning_rate", "float", "1e-3", low=0, open_low=True),
    Parameter("likelihood", "choice", "student-T", choices=LIKELIHOODS),
    Parameter("mini_batch_size", "int", "128", low=1),
    Parameter("num_cells", "int", "40", low=1),
    Parameter("num_dynamic_feat", "text", "auto", auto=True),
    Parameter("num_eval_samples", "int", "100", low=1),
    Parameter("num_layers", "int", "2", low=1),
    Parameter("test_quantiles", "text", QUANTILES),
)


def frequency(parameters: dict[str, Any]) -> Frequency:
    """The frequency of `time_freq`.

    Raises:
        AlgorithmError: it is none.
    """
    from smstudio_ext.engine.images.deepar.frequency import Frequency  # not for who asks for DECLARED alone

    try:
        return Frequency.parse(parameters["time_freq"])
    except ValueError as error:
        raise refuse(
            f"The value '{parameters['time_freq']}' is not valid for the 'time_freq' hyperparameter which expects an integer "
            "followed by 'M', 'W', 'D', 'H' or 'min'"
        ) from error


def cardinality(parameters: dict[str, Any], given: dict[str, str]) -> list[int] | None:
    """Categories of each categorical feature; None infers them, an empty list leaves them out.

    Raises:
        AlgorithmError: neither `auto`, `ignore` nor an array of positive numbers.
    """
    text = given.get("cardinality", "auto").strip()
    if text in ("", "ignore"):
        return []
    if parameters["cardinality"] is None:
        return None
    values = _array(text, "cardinality")
    if any(not float(value).is_integer() or value < 1 for value in values):
        raise refuse(f"The value '{text}' is not valid for the 'cardinality' hyperparameter")
    return [int(value) for value in values]


def dynamic_features(parameters: dict[str, Any], given: dict[str, str]) -> int | None:
    """Number of dynamic features; None infers it, 0 leaves them out.

    Raises:
        AlgorithmError: neither `auto`, `ignore` nor a number.
    """
    text = given.get("num_dynamic_feat", "auto").strip()
    if text in ("", "ignore"):
        return 0
    if parameters["num_dynamic_feat"] is None:
        return None
    if not text.isdigit():
        raise refuse(f"The value '{text}' is not valid for the 'num_dynamic_feat' hyperparameter")
    return int(text)


def quantiles(parameters: dict[str, Any]) -> list[float]:
    """The quantiles of the test scores.

    Raises:
        AlgorithmError: no array of numbers between 0 and 1.
    """
    values = _array(parameters["test_quantiles"], "test_quantiles")
    if not values or any(not 0 < value < 1 for value in values):
        raise refuse(
            f"The value '{parameters['test_quantiles']}' is not valid for the 'test_quantiles' hyperparameter which expects "
            "an array of numbers between 0 and 1"
        )
    return values


def _array(text: str, name: str) -> list[float]:
    try:
        loaded = json.loads(text)
        return [float(item) for item in (loaded if isinstance(loaded, list) else [loaded])]
    except (ValueError, TypeError) as error:
        raise refuse(f"The value '{text}' is not valid for the '{name}' hyperparameter") from error
