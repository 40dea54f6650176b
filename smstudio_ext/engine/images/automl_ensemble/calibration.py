"""One number a model that makes its probabilities as sure as its predictions for unseen rows turned out to be.

Temperature scaling (Guo et al. 2017, https://arxiv.org/abs/1706.04599). Forests spread probability over many classes, long boosting is
too sure of itself; both are mixed better, and serve better, once that is put right. Which label is the likeliest does not change.
"""

from __future__ import annotations

import numpy as np

from smstudio_ext.engine.images.automl_ensemble.table import Outline, Whole, Wide

_SMALLEST = 1e-7
_COLDEST, _HOTTEST = 0.1, 5.0
_STEPS = 24
_ROWS = 4000
"""More rows settle one number no better."""
_FEWEST = 100
_GOLDEN = (5**0.5 - 1) / 2


def fit(outline: Outline, truth: Wide, predicted: Wide, counted: Wide | None = None) -> float:
    """The temperature of greatest likelihood; 1 for regression and where the rows are too few to tell.

    Args:
        truth: (rows,) targets.
        predicted: (rows, width) predictions for rows that the model has not seen.
        counted: (rows,) sample weights, or None.
    """
    if outline.regression or len(truth) < _FEWEST:
        return 1.0
    step = max(1, len(truth) // _ROWS)
    codes = truth[::step].astype(np.int64)
    scores, weights = _scores(predicted[::step]), None if counted is None else counted[::step]

    def loss(logarithm: float) -> float:
        found = _probabilities(scores / np.exp(logarithm))[np.arange(len(codes)), codes]
        return float(np.average(-np.log(np.maximum(found, _SMALLEST)), weights=weights))

    low, high = np.log(_COLDEST), np.log(_HOTTEST)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(_STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = loss(right)
    return float(np.exp((low + high) / 2))


def apply(outline: Outline, predicted: Wide, temperature: float) -> Wide:
    """(rows, width) predictions at a temperature: above 1 less sure, below 1 surer."""
    if outline.regression or temperature == 1.0:
        return predicted
    found = _probabilities(_scores(predicted) / temperature)
    return found[:, 1:] if predicted.shape[1] == 1 else found


def crossfitted(
    outline: Outline, truth: Wide, predicted: Wide, folds: Whole, counted: Wide | None = None
) -> Wide:
    """Predictions where each fold has the temperature of the other folds, so that a score of them is not flattered."""
    if outline.regression:
        return predicted
    numbers = np.unique(folds)
    if len(numbers) < 2:
        folds = np.arange(len(truth)) % 2
        numbers = np.unique(folds)
    found = np.empty_like(predicted)
    for number in numbers:
        inside = folds == number
        known = None if counted is None else counted[~inside]
        temperature = fit(outline, truth[~inside], predicted[~inside], known)
        found[inside] = apply(outline, predicted[inside], temperature)
    return found


def _scores(predicted: Wide) -> Wide:
    """(rows, classes) logarithms of probabilities."""
    whole = np.hstack([1 - predicted, predicted]) if predicted.shape[1] == 1 else predicted
    return np.log(np.maximum(whole, _SMALLEST))


def _probabilities(scores: Wide) -> Wide:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
