"""Chooses the next trial of a tuning job: defaults first, then TPE in the pipelines that still have a chance."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Value = int | float | str
Params = dict[str, Value]

_MINIMUM_OF_LEADER = 6
_MINIMUM_OF_ARM = 3
_MAX_FAILURES = 2
_STARTUP_TRIALS = 6
# How strongly a pipeline with few trials is preferred, in units of the spread of good results.
_EXPLORATION = 0.6


@dataclass(frozen=True)
class Range:
    """One hyperparameter's range, read from AWS's ParameterRanges.

    Attributes:
        values: of a categorical one; empty for numbers.
    """

    name: str
    kind: Literal["integer", "continuous", "categorical"]
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    values: tuple[str, ...] = ()

    def parse(self, text: str) -> Value:
        """A value of this range from its text in HyperParameters, kept inside the range."""
        if self.kind == "categorical":
            return text if text in self.values else self.values[0]
        number = min(max(float(text), self.low), self.high)
        return round(number) if self.kind == "integer" else number


def read_ranges(ranges: Mapping[str, Any]) -> tuple[Range, ...]:
    """Reads AWS's ParameterRanges structure."""
    found: list[Range] = []
    for kind, member in (("integer", "IntegerParameterRanges"), ("continuous", "ContinuousParameterRanges")):
        for entry in ranges.get(member) or []:
            low, high = float(entry["MinValue"]), float(entry["MaxValue"])
            log = entry.get("ScalingType") == "Logarithmic" and low > 0
            found.append(Range(entry["Name"], kind, low, high, log))  # type: ignore[arg-type]
    for entry in ranges.get("CategoricalParameterRanges") or []:
        found.append(Range(entry["Name"], "categorical", values=tuple(entry["Values"])))
    return tuple(found)


def as_text(value: Value) -> str:
    """A hyperparameter's value as HyperParameters carry it."""
    return repr(value) if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Space:
    """One training job definition to search: its ranges and the settings known to be good.

    Attributes:
        defaults: settings to try first, best guess first; names without a range are ignored.
        share: part of the trials that it should get before results speak; 0 means as much as any other.
    """

    name: str
    ranges: tuple[Range, ...]
    defaults: tuple[Mapping[str, str], ...] = ()
    share: float = 0.0


@dataclass
class _Arm:
    space: Space
    study: Any
    distributions: dict[str, Any]
    asked: dict[int, Any] = field(default_factory=dict)  # trial number -> optuna's trial, while it runs
    proposed: int = 0
    values: list[float] = field(default_factory=list)  # larger is better
    failures: int = 0

    @property
    def best(self) -> float:
        return max(self.values, default=-math.inf)

    @property
    def broken(self) -> bool:
        return self.failures >= _MAX_FAILURES and not self.values


class Search:
    """Ask and tell over several spaces; deterministic for a seed and an order of answers.

    Not safe from several threads. Nothing is kept on disk: `restore` takes the trials that a tuning job's row holds.

    Args:
        spaces: in the order in which they are tried.
        maximize: whether larger objective values are better.
        seed: of every sampler.
    """

    def __init__(self, spaces: Iterable[Space], *, maximize: bool, seed: int) -> None:
        import optuna  # costs half a second, so only when something is tuned

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna = optuna
        self._maximize = maximize
        self._arms = {
            space.name: _Arm(space, self._study(seed + number), self._distributions(space))
            for number, space in enumerate(spaces)
        }
        self._owner: dict[int, str] = {}

    def propose(self, number: int, available: Iterable[str]) -> tuple[str, Params] | None:
        """Picks space and setting of trial `number`; None when no available space is worth another trial."""
        arm = self._choose([self._arms[name] for name in available if name in self._arms])
        if arm is None:
            return None
        if arm.proposed < len(arm.space.defaults):
            arm.study.enqueue_trial(self._complete(arm, arm.space.defaults[arm.proposed]))
        return arm.space.name, self._ask(arm, number)

    def restore(self, number: int, name: str, params: Params) -> None:
        """Takes a trial that was proposed before a restart."""
        arm = self._arms[name]
        arm.study.enqueue_trial(params)
        self._ask(arm, number)

    def tell(self, number: int, value: float | None) -> None:
        """Reports the objective of a trial; None when it failed or was stopped. Told once, later calls do nothing."""
        name = self._owner.pop(number, None)
        if name is None:
            return
        arm = self._arms[name]
        trial = arm.asked.pop(number)
        if value is None or not math.isfinite(value):
            arm.failures += 1
            arm.study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
            return
        arm.values.append(value if self._maximize else -value)
        arm.study.tell(trial, value)

    def dropped(self) -> dict[str, str]:
        """Spaces that get no more trials, and why."""
        found = {name: "its training jobs failed" for name, arm in self._arms.items() if arm.broken}
        leader = self._leader(list(self._arms.values()))
        for name, arm in self._arms.items():
            if name not in found and leader is not None and _behind(arm, leader):
                found[name] = f"clearly behind {leader.space.name}"
        return found

    def _choose(self, arms: list[_Arm]) -> _Arm | None:
        gone = self.dropped()
        arms = [arm for arm in arms if arm.space.name not in gone]
        if not arms:
            return None
        fresh = [arm for arm in arms if arm.proposed < len(arm.space.defaults) or arm.proposed == 0]
        if fresh:
            return min(fresh, key=lambda arm: arm.proposed)
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

    def _ask(self, arm: _Arm, number: int) -> Params:
        trial = arm.study.ask(arm.distributions)
        arm.asked[number] = trial
        arm.proposed += 1
        self._owner[number] = arm.space.name
        return dict(trial.params)

    def _complete(self, arm: _Arm, default: Mapping[str, str]) -> Params:
        return {
            range_.name: range_.parse(default[range_.name])
            for range_ in arm.space.ranges
            if range_.name in default
        }

    def _study(self, seed: int) -> Any:
        sampler = self._optuna.samplers.TPESampler(
            seed=seed, multivariate=True, constant_liar=True, n_startup_trials=_STARTUP_TRIALS
        )
        return self._optuna.create_study(
            sampler=sampler, direction="maximize" if self._maximize else "minimize"
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
            else:
                made[range_.name] = distributions.FloatDistribution(range_.low, range_.high, log=range_.log)
        return made


def _behind(arm: _Arm, leader: _Arm) -> bool:
    """Whether the best of an arm is worse than the lower quartile of the leader's results."""
    if arm is leader or len(arm.values) < _MINIMUM_OF_ARM or len(leader.values) < _MINIMUM_OF_LEADER:
        return False
    return arm.best < statistics.quantiles(leader.values, n=4)[0]
