"""The stages of ensembling mode within an Autopilot job's controller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstudio_ext.engine.autopilot import reporting
from smstudio_ext.engine.autopilot.ensembling import jobs
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime import training

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstudio_ext.engine.autopilot.children import Family
    from smstudio_ext.engine.autopilot.ensembling.schedule import Launch
    from smstudio_ext.engine.store import Resource


@dataclass(frozen=True)
class Progress:
    """How far a stage is.

    Attributes:
        done: nothing is left to do in it.
        failure: why the job cannot go on; None when it can.
        full: as many candidates as MaxCandidates allows were made.
        wake: seconds until the next look even if no job ends; None for no need.
    """

    done: bool = False
    failure: str | None = None
    full: bool = False
    wake: float | None = None


def make_features(family: Family, job: Resource) -> Progress:
    """Creates and follows the training job that makes the features."""
    plan = jobs.EnsemblePlan.read(job.internal["plan"])
    row = jobs.find_features(family)
    if row is None:
        try:
            jobs.start_features(family, plan)
        except AwsError as error:
            return Progress(failure=error.message)
        return Progress()
    if not row.finished:
        return Progress()
    if row.status == "Completed":
        return Progress(done=True)
    reason = row.document.get("FailureReason") or f"it ended in status {row.status}."
    return Progress(failure=f"The features could not be made: {row.name}: {reason}")


def train_models(family: Family, job: Resource, note: Callable[[list[Launch]], None]) -> Progress:
    """Creates and follows models, stack and ensemble.

    Args:
        note: writes launches into the job's row before their training jobs are created.
    """
    plan = jobs.EnsemblePlan.read(job.internal["plan"])
    limit = family.spec.max_runtime
    end = None if limit is None else job.created + limit - reporting.reserve(limit)
    try:
        done = jobs.advance(family, job, plan, end=end, note=note)
    except AwsError as error:
        return Progress(failure=error.message)
    if not done:
        return Progress(wake=jobs.wake_at(family, job))
    launches = jobs.launches_of(job)
    if not jobs.state_of(family, launches, plan).scores:
        return Progress(failure=jobs.first_failure(family, launches))
    return Progress(done=True, full=len(launches) >= jobs.most_candidates(family))


def mixes(family: Family, job: Resource) -> bool:
    """Whether the weighted ensemble is being made right now."""
    running = (one for one in jobs.launches_of(job) if one.step == "ensemble")
    rows = [family.find(training.KIND, family.names.ensemble(one.label)) for one in running]
    return any(row is not None and not row.finished for row in rows)
