"""Answers of Autopilot's text and image classifiers: the columns that SAGEMAKER_INFERENCE_OUTPUT may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.answers import OutputSettings, encode_keys

KEYS = ("predicted_label", "probability", "probabilities", "labels")


def output_settings(env: Mapping[str, str]) -> OutputSettings:
    """What the environment says of answers; without a word of it the predicted label alone.

    Raises:
        ValueError: a response key that is not offered.
    """
    settings = OutputSettings.from_env(env, KEYS)
    if settings.keys:
        return settings
    return OutputSettings(("predicted_label",), settings.accept, settings.batch)


def encode_classes(
    answers: npt.NDArray[np.float64], classes: Sequence[str], accept: str, settings: OutputSettings
) -> tuple[bytes, str]:
    """One line or object a row.

    Args:
        answers: (rows, classes) probabilities; `probability` is that of the predicted label.
    """
    codes = answers.argmax(axis=1)
    columns: dict[str, list[Any]] = {
        "predicted_label": [classes[code] for code in codes],
        "probability": answers[np.arange(len(codes)), codes].tolist(),
        "probabilities": answers.tolist(),
        "labels": [list(classes)] * len(codes),
    }
    return encode_keys(columns, accept, settings)
