"""When a tuning job has seen enough: target value, no improvement, convergence, failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ATTEMPTS = 5
"""So many failed training jobs without a single success end a tuning job, as on AWS."""
NO_SUCCESS = (
    f"No training job succeeded after {ATTEMPTS} attempts. For additional details, please take a look at the training job "
    "failures by listing training jobs for the hyperparameter tuning job."
)
ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details."

# AWS counts a training job that improves the best value by 1 % or less as not improving.
_IMPROVEMENT = 0.01
_CONVERGENCE_RESULTS = 20


def not_improving(values: Sequence[float], *, maximize: bool) -> int:
    """How many of the latest results came after the last one that improved the best value by more than 1 %.

    Args:
        values: objective values in the order in which the trials ended.
    """
    best: float | None = None
    count = 0
    for value in values:
        mine = value if maximize else -value
        if best is None or mine - best > _IMPROVEMENT * abs(best):
            best, count = mine, 0
        else:
            best = max(best, mine)
            count += 1
    return count


def converged(values: Sequence[float], *, maximize: bool) -> bool:
    """Whether more trials are unlikely to improve the best value by more than 1 %: half of all results (20 at least) did not."""
    return len(values) >= _CONVERGENCE_RESULTS and not_improving(values, maximize=maximize) * 2 >= len(values)


def criterion_met(config: Mapping[str, Any], values: Sequence[float], *, maximize: bool) -> str | None:
    """The completion criterion that the results fulfil, or None.

    Args:
        config: HyperParameterTuningJobConfig.
        values: objective values in the order in which the trials ended.
    """
    criteria = config.get("TuningJobCompletionCriteria") or {}
    if not values:
        return None
    target = criteria.get("TargetObjectiveMetricValue")
    if target is not None and (max(values) >= target if maximize else min(values) <= target):
        return "TargetObjectiveMetricValue"
    patience = (criteria.get("BestObjectiveNotImproving") or {}).get("MaxNumberOfTrainingJobsNotImproving")
    if patience is not None and not_improving(values, maximize=maximize) >= patience:
        return "BestObjectiveNotImproving"
    stop = (criteria.get("ConvergenceDetected") or {}).get("CompleteOnConvergence") == "Enabled"
    return "ConvergenceDetected" if stop and converged(values, maximize=maximize) else None
