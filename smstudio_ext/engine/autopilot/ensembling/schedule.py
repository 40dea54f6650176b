"""Decides which training job of an ensembling job comes next: models side by side, a stack, the weighted ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from smstudio_ext.engine.autopilot.ensembling.portfolio import AUTOGLUON, LABELS

DEFAULT_CANDIDATES = 10
"""MaxCandidates of this mode when neither it nor a time limit is given, as AWS has it."""
LIMITED_CANDIDATES = 100
"""Most candidates when only a time limit is given: then the time counts."""
_FEWEST_WITH_ENSEMBLE = 3
_FEWEST_WITH_STACK = 6
_MOST_STACKED = 6
_SHARE = 0.45
"""Part of the time left that one model may take, so that one slow kind does not starve the others."""
_LEAST_SECONDS = 1.0
GRACE = 0.5
"""Seconds that a model may be late before it is stopped."""


@dataclass(frozen=True)
class Launch:
    """A training job of the job's, as it is written down before it is created.

    Attributes:
        label: for example `LightGBM-BAG-L1-t1`; the training job's name is made of it.
        step: `model` or `ensemble`.
        level: 1 for models on the features, 2 for stacks and for the ensemble of level 1, ...
        inputs: labels of the earlier jobs whose models it uses.
        seconds: time to take at most; None for no limit.
        until: moment (seconds since 1970) to be done by; None for no limit.
    """

    label: str
    step: str
    level: int = 1
    algorithm: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    seconds: float | None = None
    until: float | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, for the row's `internal`."""
        return asdict(self)


@dataclass(frozen=True)
class State:
    """How far the training jobs are.

    Attributes:
        launches: in order of creation.
        scores: label -> objective value of completed jobs, larger is better.
        running: labels of unfinished jobs.
        seconds: label -> what a completed job took.
    """

    launches: Sequence[Launch]
    scores: Mapping[str, float]
    running: frozenset[str]
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bounds:
    """Limits of a job.

    Attributes:
        candidates: most training jobs.
        parallel: jobs side by side.
        now, end: seconds since 1970; `end` None without a limit.
        trial: seconds of one training job at most, None without a limit.
        stacks: whether models may learn from others' held-out predictions (needs folds).
    """

    candidates: int
    parallel: int
    now: float
    end: float | None = None
    begin: float = 0.0
    trial: float | None = None
    stacks: bool = True

    @property
    def model_end(self) -> float | None:
        """When models have to be done, so that stack and ensemble have their time."""
        if self.end is None:
            return None
        whole = self.end - self.begin
        return self.end - self.ensemble_seconds - (0.12 * whole if self.stacks and whole >= 30 else 0.0)

    @property
    def ensemble_seconds(self) -> float:
        """Time kept for the weighted ensemble."""
        whole = 0.0 if self.end is None else self.end - self.begin
        return min(20.0, max(2.0, 0.1 * whole))


def propose(
    models: Sequence[tuple[str, dict[str, Any]]], state: State, bounds: Bounds
) -> list[Launch] | None:
    """Training jobs to start now; None when all is done.

    Args:
        models: (algorithm, settings) of the portfolio, in order.
    """
    bases = [one for one in state.launches if one.step == "model" and not one.inputs]
    extra = _extra(bounds, len(models))
    fresh = _models(models[len(bases) :], len(bases), state, bounds, max(1, bounds.candidates - extra))
    if fresh or state.running - late(state, bounds):
        return fresh
    stack = _stack(state, bounds, extra)
    if stack is not None:
        return [stack]
    ensemble = _ensemble(state, bounds, extra)
    return None if ensemble is None else [ensemble]


def late(state: State, bounds: Bounds) -> frozenset[str]:
    """Running models whose time is over: they have to make way for the ensemble."""
    return frozenset(
        one.label
        for one in state.launches
        if one.label in state.running
        and one.step == "model"
        and one.until is not None
        and bounds.now > one.until + GRACE
    )


def _extra(bounds: Bounds, models: int) -> int:
    """Candidates that are kept for the ensemble and a stack."""
    if bounds.candidates < _FEWEST_WITH_ENSEMBLE or models < 2:
        return 0
    return 2 if bounds.stacks and bounds.candidates >= _FEWEST_WITH_STACK else 1


def _models(
    left: Sequence[tuple[str, dict[str, Any]]], made: int, state: State, bounds: Bounds, most: int
) -> list[Launch]:
    # One more than run waits for a free core, so that none idles between two jobs.
    free = bounds.parallel + 1 - len(state.running)
    found: list[Launch] = []
    for algorithm, settings in left[: max(0, min(free, most - made))]:
        seconds = bounds.trial
        if bounds.model_end is not None:
            time_left = bounds.model_end - bounds.now
            if time_left < max(_LEAST_SECONDS, 0.6 * _usual(state)):
                break
            share = time_left * _SHARE if made + len(found) < most - 1 else time_left
            seconds = min(seconds or share, max(_LEAST_SECONDS, share))
        number = made + len(found) + 1
        found.append(
            Launch(
                f"{LABELS[algorithm]}-BAG-L1-t{number}",
                "model",
                1,
                algorithm,
                settings,
                seconds=seconds,
                until=bounds.model_end,
            )
        )
    return found


def _usual(state: State) -> float:
    """Seconds of a model that was neither slow nor quick."""
    ordered = sorted(state.seconds.values())
    return ordered[len(ordered) // 2] if ordered else 0.0


def _mixable(one: Launch, state: State) -> bool:
    """Whether a model may be part of others: AutoGluon needs a fifth of a second for one row, which all would then need."""
    return one.step == "model" and one.label in state.scores and one.algorithm != AUTOGLUON


def _best(state: State, *, level: int) -> list[Launch]:
    done = [one for one in state.launches if _mixable(one, state) and one.level == level]
    return sorted(done, key=lambda one: -state.scores[one.label])


def _stack(state: State, bounds: Bounds, extra: int) -> Launch | None:
    ranked = _best(state, level=1)
    if extra < 2 or len(ranked) < 3 or any(one.level == 2 for one in state.launches):
        return None
    seconds = bounds.trial
    until = None if bounds.end is None else bounds.end - bounds.ensemble_seconds
    if until is not None:
        if until - bounds.now < max(_LEAST_SECONDS, _usual(state)):
            return None
        seconds = min(seconds or until - bounds.now, until - bounds.now)
    learner = next((one for one in ranked if one.algorithm in ("catboost", "lightgbm", "xgboost")), ranked[0])
    number = len(state.launches) + 1
    return Launch(
        f"{LABELS[learner.algorithm]}-BAG-L2-t{number}",
        "model",
        2,
        learner.algorithm,
        learner.settings,
        [one.label for one in _different(ranked)],
        seconds,
        until,
    )


def _different(ranked: Sequence[Launch]) -> list[Launch]:
    """The best models, two of a kind at most."""
    found: list[Launch] = []
    for one in ranked:
        if sum(other.algorithm == one.algorithm for other in found) < 2:
            found.append(one)
    return found[:_MOST_STACKED]


def _ensemble(state: State, bounds: Bounds, extra: int) -> Launch | None:
    done = [one for one in state.launches if _mixable(one, state)]
    if not extra or len(done) < 2 or any(one.step == "ensemble" for one in state.launches):
        return None
    level = max(one.level for one in done) + 1
    return Launch(
        f"WeightedEnsemble-L{level}-t{len(state.launches) + 1}",
        "ensemble",
        level,
        inputs=[one.label for one in done],
        until=bounds.end,
    )
