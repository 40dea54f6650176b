"""Feature engineering: a data transformer and a batch transform for each strategy, all side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.transform import jobs as transform
from smstudio_ext.engine.runtime import training, tuning

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.children import Family
    from smstudio_ext.engine.autopilot.plan import Plan, Strategy
    from smstudio_ext.engine.store import Resource


@dataclass
class Progress:
    """How far the strategies are.

    Attributes:
        ready: names of strategies whose transformed data are there.
        failed: name of a strategy -> why it cannot be used.
    """

    ready: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def advance(family: Family, plan: Plan, *, trials: bool) -> Progress:
    """Starts the next job of each strategy whose last one has ended, and says how far all are.

    As many strategies as there are cores are under way at once, in order: the first model does not wait for the last strategy.

    Args:
        trials: whether the tuning job has begun its first ones; until then those of a ready strategy go before a further strategy.
    """
    progress = Progress()
    free = max(1, int(family.ctx.slots.cpus))
    for strategy in plan.strategies:
        waits = free <= 0 or (bool(progress.ready) and not trials)
        if waits and family.find(training.KIND, family.names.transformer(strategy.name)) is None:
            continue
        try:
            if _advance(family, strategy):
                progress.ready.append(strategy.name)
            else:
                free -= 1
        except _StrategyFailed as failure:
            progress.failed[strategy.name] = str(failure)
        except AwsError as error:
            progress.failed[strategy.name] = f"{strategy.name}: {error.message}"
    return progress


def tell_tuner(family: Family, plan: Plan, tuning_job: Resource, progress: Progress) -> None:
    """Opens the pipelines of strategies that have become ready, and closes those of failed ones."""
    if tuning_job.finished:
        return
    name = tuning_job.name
    opened = [one for strategy in progress.ready for one in plan.of_strategy(strategy)]
    fresh = [one for one in opened if one not in tuning_job.internal["ready"]]
    if fresh:
        tuning.open_definition(family.ctx, family.region, name, fresh)
    for strategy, reason in progress.failed.items():
        lost = [one for one in plan.of_strategy(strategy) if one not in tuning_job.internal["closed"]]
        if lost:
            tuning.close_definition(family.ctx, family.region, name, lost, reason)


class _StrategyFailed(Exception):
    pass


def _advance(family: Family, strategy: Strategy) -> bool:
    fitted = family.find(training.KIND, family.names.transformer(strategy.name))
    if fitted is None:
        family.start_transformer(strategy)
        return False
    if not _completed(fitted):
        return False
    transformed = family.find(transform.KIND, family.names.transform(strategy.name, strategy.label))
    if transformed is None:
        family.start_transform(strategy, fitted)
        return False
    return _completed(transformed)


def _completed(job: Resource) -> bool:
    if not job.finished:
        return False
    if job.status != "Completed":
        reason = job.document.get("FailureReason") or f"it ended in status {job.status}."
        raise _StrategyFailed(f"{job.name}: {reason}")
    return True
