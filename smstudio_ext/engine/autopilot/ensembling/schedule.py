"""Decides which training job of an ensembling job comes next: models side by side, a stack, the weighted ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from smstudio_ext.engine.autopilot.ensembling.portfolio import AUTOGLUON, LABELS, STACKERS

DEFAULT_CANDIDATES = 10
"""MaxCandidates of this mode when neither it nor a time limit is given, as AWS has it."""
LIMITED_CANDIDATES = 100
"""Most candidates when only a time limit is given: then the time counts."""
_FEWEST_WITH_ENSEMBLE = 3
_FEWEST_WITH_STACK = 6
_MOST_STACKED = 6
MOST_MEMBERS = 12
"""Models that get a weight in an ensemble (`combining` keeps to it)."""
_FEEDERS_SECONDS = 0.008
"""For one row: what a stack learns from has to answer before it does (`combining.ANSWER_SECONDS` for the whole)."""
_SHARE = 0.45
"""Part of the time left that one model may take, so that one slow kind does not starve the others."""
_SCARCE = 0.6
"""Part of the usual time of a kind with which another one of it is still worth starting."""
_SPARE = 2.5
"""As many times a model's usual time ahead, one may be queued: later it could begin too late."""
_NEEDS = {AUTOGLUON: 60.0}
"""Seconds below which a kind is not worth its time; AutoGluon can be no part of the ensemble."""
_LEAST_SECONDS = 1.0
_BYTES_A_SECOND = 20e6
"""Of a model's archive, read and written again."""
GRACE = 0.5
"""Seconds that a model may be late before it is stopped."""

_Entry = tuple[str, dict[str, Any]]


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
        beside: no stack waits for it.
    """

    label: str
    step: str
    level: int = 1
    algorithm: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    seconds: float | None = None
    until: float | None = None
    beside: bool = False

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
        answers: label -> seconds that its model takes for one row.
    """

    launches: Sequence[Launch]
    scores: Mapping[str, float]
    running: frozenset[str]
    seconds: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bounds:
    """Limits of a job.

    Attributes:
        candidates: most training jobs.
        parallel: jobs side by side.
        now, end: seconds since 1970; `end` None without a limit.
        trial: seconds of one training job at most, None without a limit.
        stacks: whether models may learn from others' held-out predictions (needs folds).
        crowd: how many times as long as on a quiet machine a job takes.
        bags: whether models are bags of folds, as those of tables are.
        archives: bytes of the model archives that an ensemble would unpack and pack again; None as long as too few are there.
    """

    candidates: int
    parallel: int
    now: float
    end: float | None = None
    begin: float = 0.0
    trial: float | None = None
    stacks: bool = True
    archives: int | None = None
    crowd: float = 1.0
    bags: bool = True

    @property
    def model_end(self) -> float | None:
        """When models have to be done, so that stack and ensemble have their time."""
        if self.end is None:
            return None
        return self.end - self.ensemble_seconds - self.stack_seconds

    @property
    def stack_seconds(self) -> float:
        """Time kept for the stack; 0 when none has a place."""
        whole = 0.0 if self.end is None else self.end - self.begin
        return 0.12 * whole if self.stacks and whole >= 30 else 0.0

    @property
    def stack_end(self) -> float | None:
        """When the stack, and what runs beside it, have to be done."""
        return None if self.end is None else self.end - self.ensemble_seconds

    @property
    def ensemble_seconds(self) -> float:
        """Time kept for the weighted ensemble: what its files ask for, once they are known."""
        whole = 0.0 if self.end is None else self.end - self.begin
        most = min(20.0, max(2.0, 0.1 * whole))
        if self.archives is None:
            return most
        return min(most, self.crowd * (max(2.0, 0.025 * whole) + self.archives / _BYTES_A_SECOND))


def propose(models: Sequence[_Entry], state: State, bounds: Bounds) -> list[Launch] | None:
    """Training jobs to start now; None when all is done.

    Args:
        models: (algorithm, settings) of the portfolio, in order.
    """
    extra = _extra(bounds, len(models))
    made = sum(_is_base(one) for one in state.launches)
    left = _left(models, state)[: max(0, max(1, bounds.candidates - extra) - made)]
    fresh = _models(left, state, bounds)
    gone = late(state, bounds)
    if not fresh and not _awaited(state) - gone:
        stack = _stack(state, bounds, extra)
        if stack is not None:
            return [stack]
    if not fresh and extra > 1:
        fresh = _companions(left, state, bounds)
    if fresh or state.running - gone:
        return fresh
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


def _is_base(one: Launch) -> bool:
    return one.step == "model" and not one.inputs


def _left(models: Sequence[_Entry], state: State) -> list[_Entry]:
    """What has not been launched of the portfolio, in order."""
    left = list(models)
    for one in state.launches:
        if _is_base(one) and (one.algorithm, one.settings) in left:
            left.remove((one.algorithm, one.settings))
    return left


def _models(left: Sequence[_Entry], state: State, bounds: Bounds) -> list[Launch]:
    """Models that a stack may learn from."""
    free = bounds.parallel - len(state.running)
    if bounds.model_end is None or bounds.model_end - bounds.now > _SPARE * _usual(state):
        free += 1  # it waits for a free core, so that none idles between two jobs
    found: list[Launch] = []
    for at, (algorithm, settings) in enumerate(left):
        if len(found) >= free:
            break
        seconds = None
        if bounds.model_end is not None:
            seconds = _share(state, bounds.model_end - bounds.now, algorithm, alone=at == len(left) - 1)
            if seconds is None:
                continue  # a kind that is quicker may still have the time
        number = len(state.launches) + len(found) + 1
        found.append(_base(algorithm, settings, number, seconds, bounds.model_end, bounds))
    return found


def _companions(left: Sequence[_Entry], state: State, bounds: Bounds) -> list[Launch]:
    """Models for cores that would idle while the stack is awaited or learns: they join the ensemble, not the stack.

    They leave it a core: what it waits for has one until then.
    """
    if bounds.stack_end is None or not bounds.stack_seconds:
        return []
    free = bounds.parallel - len(state.running)
    time_left = bounds.stack_end - bounds.now
    found: list[Launch] = []
    for algorithm, settings in left:
        if len(found) >= free:
            break
        if _share(state, time_left, algorithm, alone=True) is not None:
            number = len(state.launches) + len(found) + 1
            one = _base(algorithm, settings, number, time_left, bounds.stack_end, bounds)
            found.append(replace(one, beside=True))
    return found


def _share(state: State, time_left: float, algorithm: str, *, alone: bool) -> float | None:
    """Seconds for a model of this kind; None when they are too few for it.

    Args:
        alone: no other model needs a part of the time.
    """
    usual = _usual(state, algorithm)
    share = max(time_left if alone else _SHARE * time_left, min(time_left, 1.5 * usual))
    if time_left < max(_LEAST_SECONDS, _SCARCE * usual) or share < _NEEDS.get(algorithm, 0.0):
        return None
    return max(_LEAST_SECONDS, share)


def _awaited(state: State) -> frozenset[str]:
    """Running models that the stack learns from, or the stack itself."""
    return frozenset(one.label for one in state.launches if one.label in state.running and not one.beside)


def _base(
    algorithm: str,
    settings: dict[str, Any],
    number: int,
    seconds: float | None,
    until: float | None,
    bounds: Bounds,
) -> Launch:
    """A model on the features."""
    if bounds.trial is not None:
        seconds = min(seconds or bounds.trial, bounds.trial)
    label = f"{LABELS[algorithm]}-BAG-L1" if bounds.bags else algorithm
    return Launch(f"{label}-t{number}", "model", 1, algorithm, settings, seconds=seconds, until=until)


def _usual(state: State, algorithm: str = "") -> float:
    """Seconds of a model that was neither slow nor quick, of this kind if one has ended."""
    kinds = {one.label: one.algorithm for one in state.launches if _is_base(one)}
    own = [value for label, value in state.seconds.items() if kinds.get(label) == algorithm]
    ordered = sorted(own or state.seconds.values())
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
    until = bounds.stack_end
    if until is not None:
        if until - bounds.now < max(_LEAST_SECONDS, _SCARCE * _usual(state)):
            return None
        seconds = min(seconds or until - bounds.now, until - bounds.now)
    learner = next((one for one in ranked if one.algorithm in STACKERS), ranked[0])
    number = len(state.launches) + 1
    return Launch(
        f"{LABELS[learner.algorithm]}-BAG-L2-t{number}",
        "model",
        2,
        learner.algorithm,
        STACKERS.get(learner.algorithm, learner.settings),
        [one.label for one in _different(ranked, state)],
        seconds,
        until,
    )


def _different(ranked: Sequence[Launch], state: State) -> list[Launch]:
    """The best models, two of a kind at most, that together answer one row quickly enough."""
    found: list[Launch] = []
    seconds = 0.0
    for one in ranked:
        own = state.answers.get(one.label, 0.0)
        quick = seconds + own <= _FEEDERS_SECONDS or not found
        if quick and sum(other.algorithm == one.algorithm for other in found) < 2:
            found.append(one)
            seconds += own
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
