"""Boosting round by round, within a time and with early stopping; xgboost's models."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xgboost as xgb

from smstudio_ext.engine.images.automl_ensemble.learning import OutOfTime, Part
from smstudio_ext.engine.images.automl_ensemble.table import Floats, Outline, Wide

MOST_ROUNDS = 4000
TYPICAL_ROUNDS = 500
"""Rounds that a learning rate of 0.05 usually asks for; who lacks the time for them must learn faster."""
FASTEST = 0.3
_PROBES = 4


class Stepper(Protocol):
    """A model that grows by one round at a time."""

    def step(self) -> float:
        """Adds a round; returns the loss on the held-out rows."""
        ...


def patience(rate: float) -> int:
    """Rounds without gain after which boosting ends."""
    return int(np.clip(2 / rate, 15, 100))


def paced_rate(rate: float, seconds_a_round: float, seconds: float) -> float:
    """A learning rate whose usual number of rounds fits into the time."""
    wanted = TYPICAL_ROUNDS * 0.05 / rate * seconds_a_round
    return min(max(rate, FASTEST), rate * max(1.0, wanted / max(0.05, 0.7 * seconds)))


def boost(start: Callable[[float], Stepper], rate: float, seconds: float) -> tuple[Stepper, int]:
    """Grows a model until it stops to gain or the time is over.

    Args:
        start: makes a model without rounds for a learning rate.

    Returns:
        The model and the number of its rounds that did best on the held-out rows.

    Raises:
        OutOfTime: not even a few rounds were done.
    """
    begin = time.monotonic()
    model = start(rate)
    ready = time.monotonic()
    losses: list[float] = []
    for _ in range(_PROBES):
        losses.append(model.step())
        if time.monotonic() - begin > seconds:
            raise OutOfTime(f"{seconds:.0f} s do not suffice for boosting on these data.")
    pace = (time.monotonic() - ready) / _PROBES
    faster = paced_rate(rate, pace, seconds - (time.monotonic() - begin))
    if faster > 1.2 * rate:
        rate, losses, model = faster, [], start(faster)
    wait = patience(rate)
    best, at = math.inf, 0
    for done, value in enumerate(losses, 1):
        best, at = min((best, at), (value, done))
    while len(losses) < MOST_ROUNDS and time.monotonic() - begin + pace < seconds:
        losses.append(model.step())
        if losses[-1] < best:
            best, at = losses[-1], len(losses)
        elif len(losses) - at >= wait:
            break
    if not losses:
        raise OutOfTime(f"{seconds:.0f} s do not suffice for boosting on these data.")
    return model, max(1, at)


@dataclass
class XGBoostModel:
    """A booster of xgboost."""

    booster: xgb.Booster
    rounds: int

    def predict(self, x: Floats, rounds: int = 0) -> Wide:
        """See `learning.Model`."""
        end = min(rounds or self.rounds, self.booster.num_boosted_rounds())
        found = self.booster.inplace_predict(x, iteration_range=(0, end), validate_features=False)
        return np.asarray(found, dtype=np.float64).reshape(len(x), -1)

    def save(self, path: Path, rounds: int) -> None:
        """See `learning.Model`."""
        self.booster[: min(rounds, self.booster.num_boosted_rounds())].save_model(path)


class _XGBoostStepper:
    def __init__(self, parameters: dict[str, Any], train: xgb.DMatrix, held: xgb.DMatrix) -> None:
        self.booster = xgb.Booster(parameters, [train, held])
        self._train, self._held = train, held
        self._round = 0

    def step(self) -> float:
        self.booster.update(self._train, self._round)
        self._round += 1
        return float(self.booster.eval(self._held, "held").rsplit(":", 1)[1])


class XGBoostKind:
    """Gradient boosting of xgboost."""

    suffix = ".ubj"

    def fit(self, outline: Outline, part: Part, settings: Mapping[str, Any]) -> XGBoostModel:
        """See `learning.Kind`."""
        own = dict(settings)
        rate = float(own.pop("eta", 0.05))
        parameters = {
            "objective": _objective(outline),
            "eval_metric": _metric(outline),
            "nthread": part.threads,
            "seed": part.seed,
            "tree_method": "hist",
            "verbosity": 0,
            **({"num_class": outline.classes} if outline.classes > 2 else {}),
            **own,
        }
        bins = int(parameters.get("max_bin", 256))
        train = xgb.QuantileDMatrix(
            part.x, label=part.y, weight=part.weights, nthread=part.threads, max_bin=bins
        )
        held = xgb.QuantileDMatrix(
            part.held_x, label=part.held_y, ref=train, nthread=part.threads, max_bin=bins
        )
        stepper, rounds = boost(
            lambda eta: _XGBoostStepper(parameters | {"eta": eta}, train, held), rate, part.seconds
        )
        assert isinstance(stepper, _XGBoostStepper)
        return XGBoostModel(stepper.booster, rounds)

    def load(self, path: Path, outline: Outline) -> XGBoostModel:
        """See `learning.Kind`."""
        booster = xgb.Booster({"nthread": 1})
        booster.load_model(path)
        return XGBoostModel(booster, booster.num_boosted_rounds())


def _objective(outline: Outline) -> str:
    if outline.regression:
        return "reg:absoluteerror" if outline.objective == "MAE" else "reg:squarederror"
    return "binary:logistic" if outline.classes == 2 else "multi:softprob"


def _metric(outline: Outline) -> str:
    if outline.regression:
        return "mae" if outline.objective == "MAE" else "rmse"
    return "logloss" if outline.classes == 2 else "mlogloss"
