"""Tuning jobs: trials are ordinary training jobs whose names follow from their numbers, so that none is doubled."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import AwsError, ResourceInUse
from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, After, Next, controller
from smstudio_ext.engine.runtime.search import Params, Search, Space, read_ranges
from smstudio_ext.engine.runtime.states import state_machine
from smstudio_ext.engine.runtime.trials import (
    failure_of,
    maximizes,
    objective_of,
    objective_value,
    training_job_summary,
    training_request,
    trial_name,
)
from smstudio_ext.engine.store import Resource, ResourceExists

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "HyperParameterTuningJob"

# A trial that is stopped is thrown away, so it needs no time to save anything.
_STOP_GRACE = 1.0

TUNING_JOB = state_machine(
    "HyperParameterTuningJob.Status",
    {
        "InProgress": {"Completed", "Failed", "Stopping"},
        "Stopping": {"Stopped", "Completed"},
        "Completed": set(),
        "Failed": set(),
        "Stopped": set(),
    },
    notes={
        "InProgress": "Trials are proposed and run, as many at once as MaxParallelTrainingJobs says.",
        "Stopping": "Running trials are stopped; finished ones stay.",
        "Failed": "No trial gave an objective value.",
    },
)


@dataclass(frozen=True)
class Plan:
    """What a tuning job gets besides AWS's request.

    Attributes:
        defaults: definition name -> settings to try first.
        shares: definition name -> part of the trials that it should get when results do not say otherwise.
        ready: definitions whose input data are there; others wait for `open_definition`.
        slot: share of the machine of each trial; None takes what the instance type grants.
    """

    defaults: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    ready: tuple[str, ...] = ()
    slot: Slot | None = None


def create_tuning_job(
    ctx: EngineContext, region: str, request: dict[str, Any], plan: Plan, *, parent: str | None = None
) -> Resource:
    """Starts a tuning job.

    Args:
        request: as CreateHyperParameterTuningJob takes it, with TrainingJobDefinitions.

    Raises:
        ResourceInUse: there is one of that name.
    """
    name = request["HyperParameterTuningJobName"]
    now = ctx.clock.now()
    document = {key: value for key, value in request.items() if key != "Tags"}
    document.update(
        HyperParameterTuningJobArn=sagemaker_arn(KIND, region, name),
        HyperParameterTuningJobStatus=TUNING_JOB.initial,
        CreationTime=now,
        LastModifiedTime=now,
        TrainingJobStatusCounters=_no_training_jobs(),
        ObjectiveStatusCounters={"Succeeded": 0, "Pending": 0, "Failed": 0},
    )
    internal = {
        "defaults": dict(plan.defaults),
        "shares": dict(plan.shares),
        "ready": list(plan.ready),
        "closed": {},
        "slot": asdict(plan.slot) if plan.slot else None,
        "trials": [],
    }
    row = Resource(
        KIND,
        region,
        name,
        document["HyperParameterTuningJobArn"],
        TUNING_JOB.initial,
        now,
        now,
        document,
        internal,
        parent,
    )
    try:
        row = ctx.store.resources.create(row, request.get("Tags") or ())
    except ResourceExists:
        raise ResourceInUse(
            "Hyper parameter tuning job names must be unique within an AWS account and region, and a tuning job with "
            f"this name already exists ({row.arn})."
        ) from None
    ctx.reconciler.wake(KIND, region, name)
    return row


def open_definition(ctx: EngineContext, region: str, name: str, definitions: Iterable[str]) -> None:
    """Says that the input data of these definitions are there: their trials may start."""

    def edit(row: Resource) -> None:
        row.internal["ready"] += [one for one in definitions if one not in row.internal["ready"]]

    ctx.store.resources.change(KIND, region, name, edit)
    ctx.reconciler.wake(KIND, region, name)


def close_definition(
    ctx: EngineContext, region: str, name: str, definitions: Iterable[str], reason: str
) -> None:
    """Says that these definitions will never get their input data."""

    def edit(row: Resource) -> None:
        row.internal["closed"].update(dict.fromkeys(definitions, reason))

    ctx.store.resources.change(KIND, region, name, edit)
    ctx.reconciler.wake(KIND, region, name)


def stop_tuning_job(ctx: EngineContext, region: str, name: str) -> None:
    """Stops the running trials and proposes no more; nothing happens when the job has ended."""

    def edit(row: Resource) -> None:
        if row.status == "InProgress":
            _set_status(row, "Stopping")

    ctx.store.resources.change(KIND, region, name, edit)
    ctx.reconciler.wake(KIND, region, name)


@dataclass
class _Progress:
    """What the controller remembers of a tuning job; made anew from the rows after a restart."""

    search: Search
    running: set[int] = field(default_factory=set)
    statuses: dict[int, str] = field(default_factory=dict)  # of ended trials
    values: dict[int, float] = field(default_factory=dict)
    reason: str = ""


@controller
class TuningController:
    """Proposes trials, creates their training jobs and follows them."""

    kind = KIND

    def __init__(self) -> None:
        self._progress: dict[tuple[int, str, str, str], _Progress] = {}
        self._lock = threading.Lock()

    def step(self, ctx: EngineContext, row: Resource) -> Next:
        """Moves a tuning job one step; see `TUNING_JOB`."""
        try:
            return self._step(ctx, row)
        except Exception:
            # What was remembered may be ahead of the row: the repeated step reads it anew.
            self._forget(ctx, row)
            raise

    def _step(self, ctx: EngineContext, row: Resource) -> Next:
        progress = self._of(ctx, row)
        ended = self._collect(ctx, row, progress)
        if row.status == "Stopping":
            return self._stop(ctx, row, progress)
        proposed = self._propose(row, progress)
        if not progress.running and not proposed and self._over(row, progress):
            self._finish(ctx, row, progress, "Completed" if progress.values else "Failed")
            return DONE
        if proposed or ended:
            row = self._write(ctx, row, progress, proposed)
        for number in range(len(row.internal["trials"]) - len(proposed) + 1, len(row.internal["trials"]) + 1):
            self._create(ctx, row, number)
        if row.status == "Stopping":
            return AGAIN
        return self._pause(ctx, row)

    def _pause(self, ctx: EngineContext, row: Resource) -> Next:
        limit = _limits(row).get("MaxRuntimeInSeconds")
        if limit is None:
            return WAIT
        left = row.created + float(limit) - ctx.clock.now()
        if left <= 0:
            stop_tuning_job(ctx, row.region, row.name)
            return AGAIN
        return After(left)

    def _of(self, ctx: EngineContext, row: Resource) -> _Progress:
        key = (id(ctx.store), *row.key)
        with self._lock:
            progress = self._progress.get(key)
        if progress is None:
            progress = self._rebuild(row)
            for number in range(1, len(row.internal["trials"]) + 1):
                # Was the job created before the engine ended? Asking for it again finds out.
                self._create(ctx, row, number)
            with self._lock:
                self._progress[key] = progress
        return progress

    def _rebuild(self, row: Resource) -> _Progress:
        spaces = [
            Space(
                definition["DefinitionName"],
                read_ranges(definition.get("HyperParameterRanges") or {}),
                tuple(row.internal["defaults"].get(definition["DefinitionName"], ())),
                row.internal["shares"].get(definition["DefinitionName"], 0.0),
            )
            for definition in row.document["TrainingJobDefinitions"]
        ]
        seed = int(row.document["HyperParameterTuningJobConfig"].get("RandomSeed") or 0)
        trials = row.internal["trials"]
        # A restarted search must not repeat the proposals that it has already made.
        search = Search(spaces, maximize=maximizes(row), seed=seed + 7919 * len(trials))
        progress = _Progress(search)
        for number, (definition, params) in enumerate(trials, 1):
            search.restore(number, definition, params)
            progress.running.add(number)
        return progress

    def _collect(self, ctx: EngineContext, row: Resource, progress: _Progress) -> bool:
        """Takes the results of trials that have ended."""
        ended = False
        for number in sorted(progress.running):
            job = ctx.store.resources.find(training.KIND, row.region, trial_name(row.name, number))
            if job is None:
                if number <= len(row.internal["trials"]):
                    # Written here but not created: refused, or taken away since.
                    self._lose(progress, number)
                    ended = True
                continue
            if not job.finished:
                continue
            ended = True
            objective = objective_of(row, row.internal["trials"][number - 1][0])
            value = objective_value(job, objective["MetricName"]) if job.status == "Completed" else None
            progress.running.discard(number)
            progress.statuses[number] = job.status
            if value is not None:
                progress.values[number] = value
            else:
                progress.reason = failure_of(job)
            progress.search.tell(number, value)
        return ended

    def _lose(self, progress: _Progress, number: int) -> None:
        progress.running.discard(number)
        progress.statuses[number] = "Failed"
        progress.search.tell(number, None)

    def _propose(self, row: Resource, progress: _Progress) -> list[tuple[str, Params]]:
        limits = _limits(row)
        made = len(row.internal["trials"])
        room = min(
            int(limits["MaxParallelTrainingJobs"]) - len(progress.running),
            int(limits.get("MaxNumberOfTrainingJobs") or 750) - made,
        )
        proposed: list[tuple[str, Params]] = []
        available = [name for name in row.internal["ready"] if name not in row.internal["closed"]]
        while len(proposed) < room:
            number = made + len(proposed) + 1
            choice = progress.search.propose(number, available)
            if choice is None:
                break
            progress.running.add(number)
            proposed.append(choice)
        return proposed

    def _over(self, row: Resource, progress: _Progress) -> bool:
        """Whether no trial can follow: the limit is reached, or every definition is closed or useless."""
        if len(row.internal["trials"]) >= int(_limits(row).get("MaxNumberOfTrainingJobs") or 750):
            return True
        dropped = progress.search.dropped()
        return all(
            definition["DefinitionName"] in row.internal["closed"] or definition["DefinitionName"] in dropped
            for definition in row.document["TrainingJobDefinitions"]
        )

    def _create(self, ctx: EngineContext, row: Resource, number: int) -> None:
        definition_name, params = row.internal["trials"][number - 1]
        name = trial_name(row.name, number)
        if ctx.store.resources.find(training.KIND, row.region, name) is not None:
            return
        definition = next(
            one for one in row.document["TrainingJobDefinitions"] if one["DefinitionName"] == definition_name
        )
        slot = row.internal["slot"]
        try:
            training.create_training_job(
                ctx,
                row.region,
                training_request(definition, name, params),
                parent=row.parent_key,
                slot=Slot(**slot) if slot else None,
            )
        except ResourceInUse:
            pass  # created by this very step before the engine ended
        except AwsError as error:
            self._of(ctx, row).reason = error.message

    def _stop(self, ctx: EngineContext, row: Resource, progress: _Progress) -> Next:
        if progress.running:
            for number in sorted(progress.running):
                with suppress(AwsError):  # it ended in between
                    training.stop_training_job(
                        ctx, row.region, trial_name(row.name, number), grace=_STOP_GRACE
                    )
            self._write(ctx, row, progress, [])
            return WAIT
        self._finish(ctx, row, progress, "Stopped")
        return DONE

    def _write(
        self, ctx: EngineContext, row: Resource, progress: _Progress, proposed: list[tuple[str, Params]]
    ) -> Resource:
        best = _best(ctx, row, progress)

        def edit(current: Resource) -> None:
            current.internal["trials"] += [list(one) for one in proposed]
            _describe(current, progress, best)

        return ctx.store.resources.change(KIND, row.region, row.name, edit)

    def _finish(self, ctx: EngineContext, row: Resource, progress: _Progress, status: str) -> None:
        best = _best(ctx, row, progress)

        def edit(current: Resource) -> None:
            _describe(current, progress, best)
            _set_status(current, status)
            current.document["HyperParameterTuningEndTime"] = ctx.clock.now()
            if status == "Failed":
                reason = progress.reason or "; ".join(dict.fromkeys(current.internal["closed"].values()))
                current.document["FailureReason"] = f"All training jobs failed: {reason}"[:1024]
            current.finished = True

        ctx.store.resources.change(KIND, row.region, row.name, edit)
        self._forget(ctx, row)

    def _forget(self, ctx: EngineContext, row: Resource) -> None:
        with self._lock:
            self._progress.pop((id(ctx.store), *row.key), None)


def _best(ctx: EngineContext, row: Resource, progress: _Progress) -> dict[str, Any] | None:
    if not progress.values:
        return None
    sign = 1 if maximizes(row) else -1
    number = max(progress.values, key=lambda one: sign * progress.values[one])
    job = ctx.store.resources.find(training.KIND, row.region, trial_name(row.name, number))
    return None if job is None else training_job_summary(row, job)


def _describe(row: Resource, progress: _Progress, best: dict[str, Any] | None) -> None:
    """Writes counters and the best trial into the Describe document."""
    counters = _no_training_jobs()
    members = {"Completed": "Completed", "Failed": "NonRetryableError", "Stopped": "Stopped"}
    for status in progress.statuses.values():
        counters[members.get(status, "NonRetryableError")] += 1
    counters["InProgress"] = len(progress.running)
    row.document["TrainingJobStatusCounters"] = counters
    row.document["ObjectiveStatusCounters"] = {
        "Succeeded": len(progress.values),
        "Pending": len(progress.running),
        "Failed": len(progress.statuses) - len(progress.values),
    }
    if best is not None:
        row.document["BestTrainingJob"] = best


def _limits(row: Resource) -> dict[str, Any]:
    found: dict[str, Any] = row.document["HyperParameterTuningJobConfig"]["ResourceLimits"]
    return found


def _set_status(row: Resource, status: str) -> None:
    row.status = TUNING_JOB.check(row.status, status)
    row.document["HyperParameterTuningJobStatus"] = status


def _no_training_jobs() -> dict[str, int]:
    return {"Completed": 0, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0}
