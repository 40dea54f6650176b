"""The forecasters by the names that AWS's AlgorithmsConfig gives them."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.panel import Panel
from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.steps import Floats
from smstudio_ext.engine.images.contract import AlgorithmError

_PACKAGE = "smstudio_ext.engine.images.automl_forecasting"
MODULES = {
    "npts": "npts",
    "ets": "ets",
    "arima": "arima",
    "prophet": "additive",
    "xgboost": "trees",
    "deepar": "recurrent",
    "cnn-qr": "convolutional",
}
NEED_TORCH = ("deepar", "cnn-qr")


@dataclass(frozen=True)
class Task:
    """What a forecaster needs to know besides the series.

    Attributes:
        deadline: `time.monotonic()` by which it must be done; infinity for none.
    """

    schema: Schema
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    deadline: float = float("inf")

    def check_time(self) -> None:
        """Gives up when the time is over.

        Raises:
            AlgorithmError: it is.
        """
        if time.monotonic() > self.deadline:
            raise AlgorithmError("The time of this candidate was over before it had forecast every series.")


class Forecaster(Protocol):
    """A fitted forecaster."""

    def forecast(self, panel: Panel, task: Task) -> Floats:
        """The steps after each series: (series, horizon, levels + 1), the mean last."""
        ...

    def save(self, folder: Path) -> None:
        """Writes what `load` needs into an existing folder."""
        ...


class Kind(Protocol):
    """A module with one kind of forecaster."""

    def fit(self, panel: Panel, task: Task) -> Forecaster:
        """Learns from the series."""
        ...

    def load(self, folder: Path, schema: Schema) -> Forecaster:
        """What the forecaster's `save` wrote."""
        ...


def kind_of(algorithm: str) -> Kind:
    """The module of an algorithm.

    Raises:
        AlgorithmError: it is not known, or its package is not installed.
    """
    if algorithm not in MODULES:
        raise AlgorithmError(f"The algorithm '{algorithm}' is not one of {', '.join(MODULES)}.")
    try:
        kind: Any = importlib.import_module(f"{_PACKAGE}.{MODULES[algorithm]}")
    except ModuleNotFoundError as error:
        raise AlgorithmError(
            f"The algorithm '{algorithm}' needs the Python package '{error.name}', which is not installed. Install it with: "
            'pip install "smstudio-ext[deep]"'
        ) from error
    found: Kind = kind
    return found


def tidy(forecasts: Floats, schema: Schema) -> Floats:
    """Forecasts with ascending quantiles, and none below zero where no target was."""
    found = np.concatenate([np.sort(forecasts[..., :-1], axis=-1), forecasts[..., -1:]], axis=-1)
    return np.maximum(found, 0.0) if schema.nonnegative else found
