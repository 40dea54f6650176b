"""Chooses the next trial of a tuning job: known settings first, then what the strategy's sampler proposes."""

from __future__ import annotations

import itertools
import math
import random
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smstudio_ext.engine.runtime.ranges import Params, Range, Value, as_text, combinations, read_ranges

__all__ = ["Halving", "Params", "Range", "Search", "Space", "Value", "as_text", "read_ranges"]

_MINIMUM_OF_LEADER = 6
_MINIMUM_OF_ARM = 3
_MAX_FAILURES = 2
_STARTUP_TRIALS = 6
# How strongly a pipeline with few trials is preferred, in units of the spread of good results.
_EXPLORATION = 0.6
# A setting that was tried gives nothing new: so often another one is asked for, then the first untried one is taken.
_REPEATS = 12
_SMALL_SPACE = 10_000


@dataclass(frozen=True)
class Space:
    """One training job definition to search: its ranges and the settings known to be good.

    Attributes:
        defaults: settings to try first, best guess first; names without a range are ignored.
        share: part of the trials that it should get before results speak; 0 means as much as any other.
        known: settings with their objective values from earlier tuning jobs of the same data and algorithm.
    """

    name: str
    ranges: tuple[Range, ...]
    defaults: tuple[Mapping[str, str], ...] = ()
    share: float = 0.0
    known: tuple[tuple[Params, float], ...] = ()


@dataclass(frozen=True)
class Halving:
    """Resources (values of the objective metric that a training job prints) between which Hyperband decides."""

    low: int
    high: int


@dataclass
class _Arm:
    space: Space
    study: Any
    distributions: dict[str, Any]
    grid: Iterator[Params] | None = None
    asked: dict[int, Any] = field(default_factory=dict)  # trial number -> optuna's trial, while it runs
    reported: dict[int, int] = field(default_factory=dict)  # trial number -> how many intermediate values
    seen: set[tuple[Value, ...]] = field(default_factory=set)
    proposed: int = 0
    values: list[float] = field(default_factory=list)  # larger is better
    failures: int = 0

    @property
    def best(self) -> float:
        return max(self.values, default=-math.inf)

    def setting(self, params: Params) -> tuple[Value, ...]:
        return tuple(params[one.name] for one in self.space.ranges)


class Search:
    """Ask and tell over several spaces; deterministic for a seed and an order of answers.

    Not safe from several threads. Nothing is kept on disk: `restore` takes the trials that a tuning job's row holds.

    Args:
        spaces: in the order in which they are tried.
        maximize: whether larger objective values are better.
        seed: of every sampler.
        strategy: `Bayesian` (TPE), `Hyperband` (TPE with trials that are stopped at rungs), `Random` or `Grid`.
        halving: resources of Hyperband.
        max_failures: so many failed trials without a result drop a space.
        race: spaces that are clearly behind get no more trials (Bayesian and Hyperband).
    """

    def __init__(
        self,
        spaces: Iterable[Space],
        *,
        maximize: bool,
        seed: int,
        strategy: str = "Bayesian",
        halving: Halving | None = None,
        max_failures: int = _MAX_FAILURES,
        race: bool = True,
    ) -> None:
        import optuna  # costs half a second, so only when something is tuned

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna = optuna
        self._maximize = maximize
        self._strategy = strategy
        self._halving = halving
        self._max_failures = max_failures
        self._race = race and strategy in ("Bayesian", "Hyperband")
        self._random = random.Random(seed)
        self._arms = {space.name: self._arm(space, seed + number) for number, space in enumerate(spaces)}
        self._owner: dict[int, str] = {}

    def propose(self, number: int, available: Iterable[str]) -> tuple[str, Params] | None:
        """Picks space and setting of trial `number`; None when no available space is worth another trial."""
        arms = [self._arms[name] for name in available if name in self._arms]
        while (arm := self._choose(arms)) is not None:
            if arm.grid is not None:
                setting = next(arm.grid, None)
                if setting is None:
                    arms.remove(arm)
                    continue
                arm.study.enqueue_trial(self._encode(arm, setting))
            elif arm.proposed < len(arm.space.defaults):
                arm.study.enqueue_trial(self._complete(arm, arm.space.defaults[arm.proposed]))
            return arm.space.name, self._ask(arm, number)
        return None

    def restore(self, number: int, name: str, params: Params) -> None:
        """Takes a trial that was proposed before a restart."""
        arm = self._arms[name]
        if arm.grid is not None:
            next(arm.grid, None)
        arm.study.enqueue_trial(self._encode(arm, params))
        self._ask(arm, number, fixed=True)

    def report(self, number: int, values: Sequence[float]) -> bool:
        """Takes the objective values that a running trial has printed so far; True asks for its stop.

        Args:
            values: all of them, in the order printed; those taken before are passed over.
        """
        arm = self._arm_of(number)
        if arm is None or self._halving is None:
            return False
        trial = arm.asked[number]
        stop = False
        for step in range(arm.reported.get(number, 0) + 1, len(values) + 1):
            value = values[step - 1]
            if math.isfinite(value):
                trial.report(value, step)
                stop = stop or (step < self._halving.high and bool(trial.should_prune()))
        arm.reported[number] = max(len(values), arm.reported.get(number, 0))
        return stop or len(values) > self._halving.high

    def tell(self, number: int, value: float | None, *, cut: bool = False) -> None:
        """Reports the objective of a trial; None when it failed or was stopped. Told once, later calls do nothing.

        Args:
            cut: the trial was stopped early; its value is the last one that it printed.
        """
        arm = self._arm_of(number)
        if arm is None:
            return
        del self._owner[number]
        trial = arm.asked.pop(number)
        state = self._optuna.trial.TrialState
        if value is None or not math.isfinite(value):
            arm.failures += 1
            arm.study.tell(trial, state=state.FAIL)
            return
        arm.values.append(value if self._maximize else -value)
        if cut and arm.reported.get(number):
            arm.study.tell(
                trial, state=state.PRUNED
            )  # TPE ranks it by how far it came and by its value there
        else:
            arm.study.tell(trial, value)

    def dropped(self) -> dict[str, str]:
        """Spaces that get no more trials, and why."""
        found = {name: "its training jobs failed" for name, arm in self._arms.items() if self._broken(arm)}
        leader = self._leader(list(self._arms.values())) if self._race else None
        for name, arm in self._arms.items():
            if name not in found and leader is not None and _behind(arm, leader):
                found[name] = f"clearly behind {leader.space.name}"
        return found

    def _arm_of(self, number: int) -> _Arm | None:
        name = self._owner.get(number)
        return None if name is None else self._arms[name]

    def _broken(self, arm: _Arm) -> bool:
        return arm.failures >= self._max_failures and not arm.values

    def _choose(self, arms: list[_Arm]) -> _Arm | None:
        gone = self.dropped()
        arms = [arm for arm in arms if arm.space.name not in gone]
        if not arms:
            return None
        fresh = [arm for arm in arms if arm.proposed < len(arm.space.defaults) or arm.proposed == 0]
        if fresh:
            return min(fresh, key=lambda arm: arm.proposed)
        if len(arms) == 1:
            return arms[0]
        if self._strategy == "Random":
            return self._random.choice(arms)
        if self._strategy == "Grid":
            return min(arms, key=lambda arm: arm.proposed)
        return max(arms, key=lambda arm: (self._promise(arm, arms), -arm.proposed))

    def _promise(self, arm: _Arm, arms: list[_Arm]) -> float:
        """Upper confidence bound of the best value that an arm may still reach."""
        values = sorted((value for one in arms for value in one.values), reverse=True)
        good = values[: max(2, len(values) // 2)]
        spread = statistics.pstdev(good) if len(good) > 1 else 0.0
        if not arm.values:
            # Nothing known: as good as the leader while its first trials run, less so with each of them.
            return (good[0] if good else 0.0) + spread / (1 + arm.proposed)
        total = sum(one.proposed for one in arms)
        # An arm that was promised twice the average share counts as tried half as often.
        weight = (arm.space.share or 1 / len(self._arms)) * len(self._arms)
        return arm.best + _EXPLORATION * spread * math.sqrt(weight * math.log(1 + total) / arm.proposed)

    def _leader(self, arms: list[_Arm]) -> _Arm | None:
        tried = [arm for arm in arms if arm.values]
        return max(tried, key=lambda arm: arm.best) if tried else None

    def _ask(self, arm: _Arm, number: int, *, fixed: bool = False) -> Params:
        trial, params = self._sample(arm)
        if not fixed and arm.grid is None and arm.setting(params) in arm.seen:
            trial, params = self._untried(arm, trial, params)
        arm.seen.add(arm.setting(params))
        arm.asked[number] = trial
        arm.proposed += 1
        self._owner[number] = arm.space.name
        return params

    def _sample(self, arm: _Arm) -> tuple[Any, Params]:
        trial = arm.study.ask(arm.distributions)
        params = {one.name: one.from_search(trial.params[one.name]) for one in arm.space.ranges}
        return trial, params

    def _untried(self, arm: _Arm, trial: Any, params: Params) -> tuple[Any, Params]:
        """Another setting when the proposed one was tried before; the same again when every one was."""
        total = combinations(arm.space.ranges)
        if len(arm.seen) >= total:
            return trial, params
        failed = self._optuna.trial.TrialState.FAIL
        for _ in range(_REPEATS):
            arm.study.tell(trial, state=failed)
            trial, params = self._sample(arm)
            if arm.setting(params) not in arm.seen:
                return trial, params
        if total <= _SMALL_SPACE:
            left = [one for one in _grid(arm.space.ranges) if arm.setting(one) not in arm.seen]
            arm.study.tell(trial, state=failed)
            arm.study.enqueue_trial(self._encode(arm, self._random.choice(left)))
            trial, params = self._sample(arm)
        return trial, params

    def _complete(self, arm: _Arm, default: Mapping[str, str]) -> Params:
        known = {
            range_.name: range_.parse(default[range_.name])
            for range_ in arm.space.ranges
            if range_.name in default
        }
        return self._encode(arm, known)

    def _encode(self, arm: _Arm, params: Params) -> Params:
        return {one.name: one.to_search(params[one.name]) for one in arm.space.ranges if one.name in params}

    def _arm(self, space: Space, seed: int) -> _Arm:
        arm = _Arm(space, self._study(seed), self._distributions(space))
        if self._strategy == "Grid":
            arm.grid = _grid(space.ranges)
        for params, value in space.known:
            arm.study.add_trial(
                self._optuna.trial.create_trial(
                    params=self._encode(arm, params), distributions=arm.distributions, value=value
                )
            )
            arm.seen.add(arm.setting(params))
        return arm

    def _study(self, seed: int) -> Any:
        samplers, pruners = self._optuna.samplers, self._optuna.pruners
        if self._strategy in ("Random", "Grid"):
            sampler = samplers.RandomSampler(seed=seed)
        else:
            sampler = samplers.TPESampler(
                seed=seed, multivariate=True, constant_liar=True, n_startup_trials=_STARTUP_TRIALS
            )
        pruner = pruners.NopPruner()
        if self._halving is not None:
            pruner = pruners.HyperbandPruner(
                min_resource=self._halving.low, max_resource=self._halving.high, reduction_factor=3
            )
        directions = self._optuna.study.StudyDirection
        direction = directions.MAXIMIZE if self._maximize else directions.MINIMIZE
        # the name decides which bracket of Hyperband a trial falls into
        return self._optuna.create_study(
            sampler=sampler, pruner=pruner, direction=direction, study_name=f"tuning-{seed}"
        )

    def _distributions(self, space: Space) -> dict[str, Any]:
        distributions = self._optuna.distributions
        made: dict[str, Any] = {}
        for range_ in space.ranges:
            if range_.kind == "categorical":
                made[range_.name] = distributions.CategoricalDistribution(range_.values)
            elif range_.kind == "integer":
                made[range_.name] = distributions.IntDistribution(
                    int(range_.low), int(range_.high), log=range_.log
                )
            elif range_.scale == "reverse":
                made[range_.name] = distributions.FloatDistribution(
                    1.0 - range_.high, 1.0 - range_.low, log=True
                )
            else:
                made[range_.name] = distributions.FloatDistribution(range_.low, range_.high, log=range_.log)
        return made


def _grid(ranges: tuple[Range, ...]) -> Iterator[Params]:
    """Every setting of finite ranges, the last hyperparameter changing fastest."""
    axes: list[Sequence[Value]] = [
        one.values if one.kind == "categorical" else range(int(one.low), int(one.high) + 1) for one in ranges
    ]
    for values in itertools.product(*axes):
        yield dict(zip((one.name for one in ranges), values, strict=True))


def _behind(arm: _Arm, leader: _Arm) -> bool:
    """Whether the best of an arm is worse than the lower quartile of the leader's results."""
    if arm is leader or len(arm.values) < _MINIMUM_OF_ARM or len(leader.values) < _MINIMUM_OF_LEADER:
        return False
    return arm.best < statistics.quantiles(leader.values, n=4)[0]
