"""Weights of a weighted ensemble, found on predictions for rows that no member has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.automl_ensemble.table import Outline, Whole, Wide

_ROUNDS = 100
_SMALLEST = 0.02
_HALF = 0.5
_MOST_MEMBERS = 12
"""More members cost time in every answer and gain nothing that can be measured."""

ANSWER_SECONDS = 0.010
"""Time that members may take for one row; features, decision and HTTP come on top of it, and 20 ms are the whole's goal."""

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


def affordable(
    outline: Outline,
    truth: Wide,
    held: list[Wide],
    costs: Sequence[Mapping[str, float]],
    counted: Wide | None = None,
) -> list[int]:
    """Positions of the candidates whose mixture answers one row within `ANSWER_SECONDS`; one is always left.

    Goes without the one whose loss is smallest for the time it saves, until the others are quick enough.

    Args:
        truth, held, counted: as for `weigh`.
        costs: of each candidate the seconds for one row of every bag that it consists of; candidates may share bags.
    """
    kept = list(range(len(held)))
    if _price(costs, kept) <= ANSWER_SECONDS:
        return kept
    columns = _columns(outline, truth, held)
    while True:
        found = weigh(outline, truth, [held[at] for at in kept], counted)
        weights = {at: weight for at, weight in zip(kept, found, strict=True) if weight > 0}
        kept = list(weights)
        price = _price(costs, kept)
        if len(kept) == 1 or price <= ANSWER_SECONDS:
            return kept
        now = _loss(outline, columns[:, kept] @ np.array(list(weights.values())), truth, counted)
        regrets = {}
        for one in kept:
            rest = [at for at in kept if at != one]
            shares = np.array([weights[at] for at in rest])
            without = _loss(outline, columns[:, rest] @ (shares / shares.sum()), truth, counted)
            saved = price - _price(costs, rest)
            if saved > 0:  # else its bags answer for another one anyway
                regrets[one] = (without - now) / saved
        kept.remove(min(regrets, key=regrets.__getitem__))


def _price(costs: Sequence[Mapping[str, float]], kept: Sequence[int]) -> float:
    """Seconds for one row: bags that several share are asked once."""
    bags: dict[str, float] = {}
    for at in kept:
        bags |= costs[at]
    return sum(bags.values())


def _loss(outline: Outline, mixture: Wide, truth: Wide, counted: Wide | None) -> float:
    """Mean squared error, or mean negative logarithm of the true classes' probabilities, which `mixture` holds."""
    each = (mixture - truth) ** 2 if outline.regression else -np.log(mixture)
    return float(np.average(each, weights=counted))


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
