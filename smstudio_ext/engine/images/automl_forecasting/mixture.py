"""Weights of an ensemble's members: greedy selection with replacement by the loss of their mixed forecasts in the back-test.

Caruana, Niculescu-Mizil, Crew, Ksikes, "Ensemble selection from libraries of models" (2004). Quantiles are averaged level by level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from smstudio_ext.engine.images.automl_forecasting.schema import Schema
from smstudio_ext.engine.images.automl_forecasting.scores import Truth, evaluate
from smstudio_ext.engine.images.automl_forecasting.steps import Floats

_ROUNDS = 25


def weigh(truth: Truth, members: Sequence[Floats], schema: Schema, objective: str) -> Floats:
    """Weights that sum to one.

    Args:
        members: forecasts of each member, (rows, horizon, levels + 1).
    """
    counts = np.zeros(len(members))
    best_counts, best = counts, float("inf")
    total = np.zeros_like(members[0])
    for number in range(1, _ROUNDS + 1):
        losses = [_loss(truth, (total + member) / number, schema, objective) for member in members]
        chosen = int(np.argmin(losses))
        total = total + members[chosen]
        counts = counts.copy()
        counts[chosen] += 1
        if losses[chosen] < best - 1e-12:
            best, best_counts = losses[chosen], counts
    found: Floats = best_counts / best_counts.sum()
    return found


def mixed(members: Sequence[Floats], weights: Floats) -> Floats:
    """The members' forecasts, level by level."""
    found: Floats = np.einsum("m,mrhl->rhl", weights, np.stack(members))
    return found


def crossfitted(truth: Truth, members: Sequence[Floats], schema: Schema, objective: str) -> Floats:
    """Mixed forecasts whose weights have not seen the series (or, with one series, the half of the steps) that they are for."""
    found = np.empty_like(members[0])
    different, place = np.unique(truth.series, return_inverse=True)
    if len(different) > 1:
        part = place % 2 == 0
        for rows in (part, ~part):
            weights = weigh(_rows(truth, ~rows), [one[~rows] for one in members], schema, objective)
            found[rows] = mixed([one[rows] for one in members], weights)
        return found
    half = np.arange(schema.horizon) % 2 == 0
    if schema.horizon == 1:
        return mixed(members, weigh(truth, members, schema, objective))
    for steps in (half, ~half):
        other = replace(truth, values=truth.values[:, ~steps])
        weights = weigh(other, [one[:, ~steps] for one in members], schema, objective)
        found[:, steps] = mixed([one[:, steps] for one in members], weights)
    return found


def _rows(truth: Truth, rows: np.ndarray) -> Truth:
    return Truth(truth.series[rows], truth.back[rows], truth.values[rows], truth.scale[rows])


def _loss(truth: Truth, forecasts: Floats, schema: Schema, objective: str) -> float:
    return evaluate(truth, forecasts, schema).get(objective, float("inf"))
