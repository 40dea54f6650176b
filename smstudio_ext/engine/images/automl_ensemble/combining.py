"""Weights of a weighted ensemble, found on predictions for rows that no member has seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.automl_ensemble.table import Outline, Whole, Wide

_ROUNDS = 100
_SMALLEST = 0.02
_HALF = 0.5
_MOST_MEMBERS = 12
"""More members cost time in every answer and gain nothing that can be measured."""

Weights = npt.NDArray[np.float64]


def weigh(outline: Outline, truth: Wide, held: list[Wide], counted: Wide | None = None) -> Weights:
    """Weights (sum 1, none negative) of members.

    For classes they maximise the likelihood of the mixture, a concave problem that expectation maximisation climbs steadily; for
    numbers they minimise the squared error. Both are smooth: choosing by F1 itself would follow single rows.

    Args:
        truth: (rows,) targets.
        held: (rows, width) held-out predictions of each member.
        counted: (rows,) sample weights, or None.
    """
    if len(held) == 1:
        return np.ones(1)
    columns = _columns(outline, truth, held)
    find = _least_squares if outline.regression else _climb
    weights = find(columns, truth, counted)
    kept = weights >= max(_SMALLEST, np.sort(weights)[::-1][:_MOST_MEMBERS][-1])
    if not kept.all():
        part = np.zeros(len(held))
        some = columns[:, kept]
        part[kept] = find(some, truth, counted)
        weights = part
    return np.asarray(weights / weights.sum())


def mixed(held: list[Wide], weights: Weights) -> Wide:
    """The members' weighted mean."""
    total = np.zeros_like(held[0])
    for one, weight in zip(held, weights, strict=True):
        if weight > 0:
            total += weight * one
    return total


def filled(held: list[Wide], weights: Weights) -> Wide:
    """The weighted mean of the members that have a prediction for a row; NaN where these have less than half of the weight."""
    total = np.zeros_like(held[0])
    there = np.zeros(len(total))
    for one, weight in zip(held, weights, strict=True):
        known = np.isfinite(one).all(axis=1)
        total[known] += weight * one[known]
        there[known] += weight
    return np.asarray(np.where(there[:, None] >= _HALF, total / np.maximum(there, _HALF)[:, None], np.nan))


def crossfitted(
    outline: Outline, truth: Wide, held: list[Wide], folds: Whole, counted: Wide | None = None
) -> Wide:
    """The ensemble's predictions where each fold's weights come from the other folds: what its score is computed from."""
    found = np.empty_like(held[0])
    numbers = np.unique(folds)
    if len(numbers) < 2:
        folds = np.arange(len(truth)) % 2
        numbers = np.unique(folds)
    for number in numbers:
        inside = folds == number
        known = None if counted is None else counted[~inside]
        weights = weigh(outline, truth[~inside], [one[~inside] for one in held], known)
        found[inside] = mixed([one[inside] for one in held], weights)
    return found


def _columns(outline: Outline, truth: Wide, held: list[Wide]) -> Wide:
    """(rows, members): predictions, or the probability that each member gives to a row's true class."""
    if outline.regression:
        return np.column_stack([one[:, 0] for one in held])
    codes = truth.astype(np.int64)
    if outline.width == 1:
        columns = np.column_stack([np.where(codes == 1, one[:, 0], 1 - one[:, 0]) for one in held])
    else:
        columns = np.column_stack([one[np.arange(len(codes)), codes] for one in held])
    return np.asarray(np.clip(columns, 1e-6, 1), dtype=np.float64)


def _climb(columns: Wide, truth: Wide, counted: Wide | None) -> Weights:
    del truth  # each row's true class is in the columns
    weights = np.full(columns.shape[1], 1 / columns.shape[1])
    for _ in range(_ROUNDS):
        weights = np.asarray(
            weights * np.average(columns / (columns @ weights)[:, None], axis=0, weights=counted)
        )
    return weights


def _least_squares(columns: Wide, truth: Wide, counted: Wide | None) -> Weights:
    from scipy.optimize import nnls

    scale = float(truth.std()) or 1.0
    # A heavy row makes the weights sum to one; a light pull to equal weights settles what the data leave open.
    count = columns.shape[1]
    heavy = np.sqrt(len(truth)) * 100
    pull = np.sqrt(len(truth)) * 0.01
    errors = (columns - truth[:, None]) / scale
    if counted is not None:
        errors *= np.sqrt(counted * (len(counted) / counted.sum()))[:, None]
    matrix = np.vstack([errors, np.full((1, count), heavy), np.eye(count) * pull])
    right = np.concatenate([np.zeros(len(truth)), [heavy], np.full(count, pull / count)])
    # The triangular factor has the same solution as the long matrix, in as many rows as there are members.
    factor, rotated = np.linalg.qr(np.column_stack([matrix, right]), mode="reduced")[1], count
    weights, _ = nnls(factor[:, :rotated], factor[:, rotated])
    return np.asarray(weights if weights.sum() > 0 else np.full(count, 1 / count), dtype=np.float64)
