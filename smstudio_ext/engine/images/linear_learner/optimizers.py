"""Adam, SGD and RMSProp for many linear models that learn from the same mini-batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Optimizer:
    """Moves the parameters of all models one step at a time.

    Args:
        values: hyperparameters (`optimizer`, `beta_1`, `beta_2`, `momentum`, the scheduler's).
        rates: (columns,) learning rate of each column of the weights.
        shape: shape of the state: features and a last row of biases, by columns.
    """

    def __init__(self, values: Mapping[str, Any], rates: Array, shape: tuple[int, int]) -> None:
        self._values = values
        self._kind = "adam" if values["optimizer"] == "auto" else values["optimizer"]
        self._rates: Array = np.broadcast_to(rates.astype(np.float32), shape).copy()
        given = values["bias_lr_mult"]
        # auto: ten times the rate of weights as in AWS's graphs, but no more than 0.1 by it
        self._rates[-1] *= np.clip(0.1 / np.maximum(rates, 1e-12), 1, 10) if given is None else given
        self._first: Array = np.zeros(shape, dtype=np.float32)
        self._second: Array = np.zeros(shape if self._kind != "sgd" else (0, 0), dtype=np.float32)
        self._step = 0

    def rates(self, progress: float) -> Array:
        """Learning rates now.

        Args:
            progress: share of the epochs that is done; without `lr_scheduler_step` the rates fall evenly to a twentieth.
        """
        values = self._values
        if not values["use_lr_scheduler"]:
            return self._rates
        if values["lr_scheduler_step"] is None and values["lr_scheduler_factor"] is None:
            share = max(0.05, 1 - 0.95 * progress)
        else:
            factor = values["lr_scheduler_factor"] or 0.99
            share = factor ** (self._step // (values["lr_scheduler_step"] or 100))
        return np.asarray(
            np.maximum(self._rates * np.float32(share), values["lr_scheduler_minimum_lr"] or 1e-5)
        )

    def move(self, state: Array, gradient: Array, progress: float) -> Array:
        """Changes `state` in place; returns the learning rates used."""
        self._step += 1
        rates = self.rates(progress)
        values = self._values
        if self._kind == "sgd":
            self._first *= 0.9 if values["momentum"] is None else values["momentum"]
            self._first += gradient
            state -= rates * self._first
            return rates
        beta_2 = values["beta_2"]
        if self._kind == "rmsprop":
            decay = 0.9 if beta_2 is None else beta_2
            self._second *= decay
            self._second += (1 - decay) * gradient**2
            self._first *= 0.0 if values["momentum"] is None else values["momentum"]
            self._first += rates * gradient / (np.sqrt(self._second) + 1e-8)
            state -= self._first
            return rates
        beta_1 = 0.9 if values["beta_1"] is None else values["beta_1"]
        beta_2 = 0.999 if beta_2 is None else beta_2
        self._first *= beta_1
        self._first += (1 - beta_1) * gradient
        self._second *= beta_2
        self._second += (1 - beta_2) * gradient**2
        corrected = np.sqrt(self._second / (1 - beta_2**self._step)) + 1e-8
        state -= rates * (self._first / (1 - beta_1**self._step)) / corrected
        return rates
