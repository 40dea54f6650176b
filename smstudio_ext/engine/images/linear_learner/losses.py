"""Losses of linear models and their derivatives, for many models at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

OBJECTIVES = {
    "logistic": "binary_classification_cross_entropy_objective",
    "softmax_loss": "multiclass_cross_entropy_objective",
    "squared_loss": "mse_objective",
    "absolute_loss": "absolute_loss_objective",
    "hinge_loss": "hinge_loss_objective",
    "eps_insensitive_squared_loss": "eps_insensitive_squared_loss_objective",
    "eps_insensitive_absolute_loss": "eps_insensitive_absolute_loss_objective",
    "quantile_loss": "quantile_loss_objective",
    "huber_loss": "huber_loss_objective",
}
"""Names of the objectives in the container's log."""


def evaluate(
    name: str, margins: Array, labels: Array, values: Mapping[str, Any], *, slope: bool = True
) -> tuple[Array, Array]:
    """Loss of each row and model, and its derivative by the margins.

    Args:
        name: loss as the hyperparameter names it.
        margins: (rows, models) or, for several classes, (rows, models, classes).
        labels: (rows,): 0 or 1, class indices, or targets.
        values: hyperparameters of the losses (quantile, huber_delta, loss_insensitivity, margin).
        slope: also work out the derivative; an empty array otherwise.

    Returns:
        (rows, models) losses and derivatives of the shape of `margins`.
    """
    if margins.ndim == 3:
        return (_softmax if name == "softmax_loss" else _multi_hinge)(margins, labels, values, slope)
    column = labels[:, None]
    if name == "logistic":
        # log(1 + exp(-|z|)) + max(z, 0) - y z, which cannot overflow
        loss = np.log1p(np.exp(-np.abs(margins))) + np.maximum(margins, 0) - column * margins
        return loss, sigmoid(margins) - column if slope else _NONE
    if name == "hinge_loss":
        signs = 2 * column - 1
        room = values["margin"] - signs * margins
        return np.maximum(room, 0), np.where(room > 0, -signs, 0) if slope else _NONE
    return _residual(name, margins - column, values)


_NONE: Array = np.empty(0)


def _residual(name: str, error: Array, values: Mapping[str, Any]) -> tuple[Array, Array]:
    size, sign = np.abs(error), np.sign(error)
    if name == "squared_loss":
        return error**2, 2 * error
    if name == "absolute_loss":
        return size, sign
    if name == "quantile_loss":
        above = 1 - values["quantile"]
        return np.where(error > 0, above * error, -values["quantile"] * error), np.where(
            error > 0, above, -values["quantile"]
        )
    if name == "huber_loss":
        delta = values["huber_delta"]
        inside = size <= delta
        return np.where(inside, error**2 / 2, delta * (size - delta / 2)), np.where(
            inside, error, delta * sign
        )
    excess = np.maximum(size - values["loss_insensitivity"], 0)
    if name == "eps_insensitive_squared_loss":
        return excess**2, 2 * excess * sign
    return excess, np.where(excess > 0, sign, 0)


def _softmax(margins: Array, labels: Array, values: Mapping[str, Any], slope: bool) -> tuple[Array, Array]:
    chances = softmax(margins)
    rows, codes = np.arange(len(labels)), labels.astype(np.int64)
    loss = -np.log(np.maximum(chances[rows, :, codes], 1e-30))
    if slope:
        chances[rows, :, codes] -= 1
    return loss, chances


def _multi_hinge(
    margins: Array, labels: Array, values: Mapping[str, Any], slope: bool
) -> tuple[Array, Array]:
    """Crammer and Singer's: the best wrong class against the right one."""
    rows, codes = np.arange(len(labels)), labels.astype(np.int64)
    right = margins[rows, :, codes]
    wrong = margins.copy()
    wrong[rows, :, codes] = -np.inf
    best = wrong.argmax(axis=2)
    room = values["margin"] + np.take_along_axis(wrong, best[..., None], 2)[..., 0] - right
    if not slope:
        return np.maximum(room, 0), _NONE
    active = (room > 0).astype(margins.dtype)
    derivative = np.zeros_like(margins)
    np.put_along_axis(derivative, best[..., None], active[..., None], 2)
    derivative[rows, :, codes] -= active
    return np.maximum(room, 0), derivative


def sigmoid(margins: Array) -> Array:
    """1 / (1 + exp(-z)) without overflow."""
    half = np.tanh(margins / 2)
    return np.asarray((1 + half) / 2)


def softmax(margins: Array) -> Array:
    """Probabilities over the last axis."""
    shifted = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
