"""What a kind of model promises here, and how one is bagged: a model a fold, scored on the rows it has not seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Table, Wide
from smstudio_ext.engine.images.contract import AlgorithmError

FEWEST_ROWS = 1000
"""Held-out rows with which a bag of fewer models than folds still has a score worth its name."""
_FITTING = 0.88
"""Part of the time for fitting; predictions for held-out rows, files and packing take the rest."""


@dataclass(frozen=True)
class Part:
    """Rows of one fold.

    Attributes:
        x, y: rows to learn from.
        weights: their sample weights, or None.
        held_x, held_y: rows held out.
        seed: for everything random.
        threads: CPUs to use.
        seconds: time to take at most.
    """

    x: Floats
    y: Wide
    weights: Wide | None
    held_x: Floats
    held_y: Wide
    seed: int
    threads: int
    seconds: float


class Model(Protocol):
    """A fitted model.

    Attributes:
        rounds: rounds (trees, epochs) that the held-out rows ask for; 0 where there is nothing to choose.
    """

    rounds: int

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """(rows, features) -> (rows, width); the first `rounds` rounds only, 0 for the model's own choice."""
        ...

    def save(self, path: Path, rounds: int) -> None:
        """Writes the model with its first `rounds` rounds to a file (its suffix is the kind's own)."""
        ...


class Kind(Protocol):
    """A kind of model: how it is fitted, and read from its file."""

    suffix: str

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> Model:
        """Fits a model within the part's seconds.

        Raises:
            OutOfTime: not even a small model could be made in time.
        """
        ...

    def load(self, path: Path, outline: Outline) -> Model:
        """Reads a file that `Model.save` wrote."""
        ...


class OutOfTime(AlgorithmError):
    """A model had no time to become one."""


@dataclass
class Bag:
    """One model a fold; it predicts their mean.

    Attributes:
        rounds: rounds of every model, the folds' median choice.
        held: (rows, width) predictions for rows of the table by models that have not seen them; NaN for other rows.
        seconds: what fitting took.
    """

    models: list[Model]
    rounds: int
    held: Wide = field(default_factory=lambda: np.empty((0, 1)))
    seconds: float = 0.0

    def predict(self, x: Floats) -> Wide:
        """(rows, features) -> (rows, width)."""
        found = [model.predict(x, self.rounds) for model in self.models]
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)


def bag(
    kind: Kind,
    table: Table,
    settings: Mapping[str, Any],
    *,
    seconds: float,
    threads: int,
    seed: int,
    say: Callable[[str], None] = print,
) -> Bag:
    """Fits a model for each fold, or for the first ones when there is no time for all and these hold out enough rows.

    Rounds are chosen by early stopping. The held-out rows of a fold would flatter a model whose length they chose, so
    predictions for them take the median of the *other* folds' choices.

    Args:
        seconds: time for all folds together.

    Raises:
        OutOfTime: too few folds were done in time.
    """
    begin = time.monotonic()
    count = table.fold_count
    models: list[Model] = []
    for wanted in sorted({count, min(count, 2), 1}, reverse=True):
        models = _fit_folds(kind, table, settings, wanted, begin, seconds, threads, seed, say)
        if models:
            break
    held_rows = int((table.folds[table.folds >= 0] < len(models)).sum())
    if not models or (len(models) < count and held_rows < FEWEST_ROWS):
        raise OutOfTime(f"{seconds:.0f} s do not suffice: {len(models)} of {count} folds were done in time.")
    rounds = [model.rounds for model in models]
    held = np.full((len(table.y), table.outline.width), np.nan)
    for fold, model in enumerate(models):
        rows = table.folds == fold
        held[rows] = model.predict(table.x[rows], _median(rounds[:fold] + rounds[fold + 1 :]) or model.rounds)
    return Bag(models, _median(rounds), held, time.monotonic() - begin)


def _fit_folds(
    kind: Kind,
    table: Table,
    settings: Mapping[str, Any],
    wanted: int,
    begin: float,
    seconds: float,
    threads: int,
    seed: int,
    say: Callable[[str], None],
) -> list[Model]:
    """Models of the first `wanted` folds, or of as many as there was time for."""
    models: list[Model] = []
    for fold in range(wanted):
        spent = time.monotonic() - begin
        left = _FITTING * seconds - spent
        if left <= 0 or (fold and left < 0.5 * spent / fold):
            break
        try:
            part = _part(table, fold, seed + fold, threads, left / (wanted - fold))
            models.append(kind.fit(table.outline, part, settings))
        except OutOfTime as reason:
            say(f"fold {fold + 1} of {table.fold_count}: {reason}")
            break
        say(
            f"fold {fold + 1} of {table.fold_count}: {models[-1].rounds} rounds, {time.monotonic() - begin:.1f} s"
        )
    return models


def _part(table: Table, fold: int, seed: int, threads: int, seconds: float) -> Part:
    inside = table.folds == fold
    outside = ~inside
    return Part(
        table.x[outside],
        table.y[outside],
        None if table.weights is None else table.weights[outside],
        table.x[inside],
        table.y[inside],
        seed,
        threads,
        seconds,
    )


def _median(rounds: Sequence[int]) -> int:
    return int(np.median(rounds)) if rounds else 0
