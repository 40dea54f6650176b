"""Moves tuning jobs: trials are ordinary training jobs whose names follow from their numbers, so that none is doubled."""

from __future__ import annotations

import math
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import AwsError, ResourceInUse
from smstudio_ext.engine.runtime import completion, training
from smstudio_ext.engine.runtime.cluster import hosts_of
from smstudio_ext.engine.runtime.early_stopping import ObjectiveSeries, behind_median
from smstudio_ext.engine.runtime.instances import Slot, instance_type
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, After, Next, controller
from smstudio_ext.engine.runtime.search import Halving, Params, Search, Space, read_ranges
from smstudio_ext.engine.runtime.trials import (
    definitions_of,
    failure_of,
    maximizes,
    objective_of,
    training_job_summary,
    training_request,
    trial_name,
    trial_value,
)
from smstudio_ext.engine.runtime.tuning import KIND, no_training_jobs, set_status, stop_tuning_job
from smstudio_ext.engine.runtime.tuning_request import MOST_JOBS
from smstudio_ext.engine.runtime.warm_start import overall_best
from smstudio_ext.engine.store import Resource, ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

# A trial of Autopilot that is stopped is thrown away, so it needs no time to save anything.
_SHORT_GRACE = 1.0
# How often the logs of running trials are read when they may be stopped early.
_LOOK_SECONDS = 0.5


@dataclass
class _Progress:
    """What the controller remembers of a tuning job; made anew from the rows after a restart."""

    search: Search
    running: set[int] = field(default_factory=set)
    statuses: dict[int, str] = field(default_factory=dict)  # of ended trials
    values: dict[int, float] = field(default_factory=dict)  # in the order in which the trials ended
    series: dict[int, ObjectiveSeries] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)  # trials that were stopped early
    reason: str = ""

    @property
    def failures(self) -> int:
        return sum(1 for status in self.statuses.values() if status not in ("Completed", "Stopped"))


@controller
class TuningController:
    """Proposes trials, creates their training jobs and follows them."""

    kind = KIND

    def __init__(self) -> None:
        self._progress: dict[tuple[int, str, str, str], _Progress] = {}
        self._lock = threading.Lock()

    def step(self, ctx: EngineContext, row: Resource) -> Next:
        """Moves a tuning job one step; see `tuning.TUNING_JOB`."""
        try:
            return self._step(ctx, row)
        except ResourceMissing:  # deleted meanwhile
            self._forget(ctx, row)
            return DONE
        except Exception:
            # What was remembered may be ahead of the row: the repeated step reads it anew.
            self._forget(ctx, row)
            raise

    def _step(self, ctx: EngineContext, row: Resource) -> Next:
        progress = self._of(ctx, row)
        ended = self._collect(ctx, row, progress)
        if row.status == "Stopping":
            return self._wind_up(ctx, row, progress, "Stopped")
        ending = row.internal.get("ending") or _ending(row, progress)
        if ending:
            row = row if row.internal.get("ending") else self._end(ctx, row, progress, ending)
            return self._wind_up(ctx, row, progress, "Completed" if progress.values else "Failed")
        proposed = self._propose(row, progress)
        if not progress.running and not proposed and self._over(row, progress):
            self._finish(ctx, row, progress, "Completed" if progress.values else "Failed")
            return DONE
        before = _news(row)
        if proposed or ended:
            row = self._write(ctx, row, progress, proposed)
        for number in range(len(row.internal["trials"]) - len(proposed) + 1, len(row.internal["trials"]) + 1):
            self._create(ctx, row, number)
        if row.parent is not None and _news(row) != before:
            kind, _, name = row.parent.partition("/")
            ctx.reconciler.wake(kind, row.region, name)
        if row.status == "Stopping":
            return AGAIN
        self._look(ctx, row, progress)
        return self._pause(ctx, row, progress)

    def _pause(self, ctx: EngineContext, row: Resource, progress: _Progress) -> Next:
        limit = _limits(row).get("MaxRuntimeInSeconds")
        left = math.inf if limit is None else row.created + float(limit) - ctx.clock.now()
        if left <= 0:
            stop_tuning_job(ctx, row.region, row.name)
            return AGAIN
        if progress.running and _watches(row):
            left = min(left, _LOOK_SECONDS)
        return WAIT if math.isinf(left) else After(left)

    def _of(self, ctx: EngineContext, row: Resource) -> _Progress:
        key = (id(ctx.store), *row.key)
        with self._lock:
            progress = self._progress.get(key)
        if progress is None:
            progress = self._rebuild(ctx, row)
            with self._lock:
                self._progress[key] = progress
            for number in range(1, len(row.internal["trials"]) + 1):
                # Was the job created before the engine ended? Asking for it again finds out.
                self._create(ctx, row, number)
        return progress

    def _rebuild(self, ctx: EngineContext, row: Resource) -> _Progress:
        spaces = [
            Space(
                definition["DefinitionName"],
                read_ranges(definition.get("HyperParameterRanges") or {}),
                tuple(row.internal["defaults"].get(definition["DefinitionName"], ())),
                row.internal["shares"].get(definition["DefinitionName"], 0.0),
                tuple(
                    (params, value)
                    for params, value in (row.internal.get("known") or {}).get(
                        definition["DefinitionName"], ()
                    )
                ),
            )
            for definition in definitions_of(row)
        ]
        trials = row.internal["trials"]
        settings = row.internal.get("search") or {}
        seed = int(
            settings.get("seed") or row.document["HyperParameterTuningJobConfig"].get("RandomSeed") or 0
        )
        options: dict[str, Any] = {}
        if settings:
            halving = settings.get("halving")
            options = {"strategy": settings["strategy"], "halving": Halving(*halving) if halving else None}
            options["max_failures"] = completion.ATTEMPTS
        # A restarted search must not repeat the proposals that it has already made.
        search = Search(spaces, maximize=maximizes(row), seed=seed + 7919 * len(trials), **options)
        progress = _Progress(search)
        for number, (definition, params) in enumerate(trials, 1):
            search.restore(number, definition, params)
            progress.running.add(number)
        return progress

    def _collect(self, ctx: EngineContext, row: Resource, progress: _Progress) -> bool:
        """Takes the results of trials that have ended."""
        jobs: list[tuple[int, Resource]] = []
        ended = False
        for number in sorted(progress.running):
            job = ctx.store.resources.find(training.KIND, row.region, trial_name(row.name, number))
            if job is not None and job.finished:
                jobs.append((number, job))
            elif job is None and number <= len(row.internal["trials"]):
                # Written here but not created: refused, or taken away since.
                progress.running.discard(number)
                progress.statuses[number] = "Failed"
                progress.search.tell(number, None)
                ended = True
        # after a restart many have ended: in the order in which they did
        for number, job in sorted(jobs, key=lambda one: float(one[1].document.get("TrainingEndTime") or 0)):
            self._take(row, progress, number, job)
        return ended or bool(jobs)

    def _take(self, row: Resource, progress: _Progress, number: int, job: Resource) -> None:
        definition = row.internal["trials"][number - 1][0]
        value = trial_value(row, job, definition)
        if _watches(row):
            self._series(row, progress, number, job)
        progress.running.discard(number)
        progress.statuses[number] = job.status
        if value is not None:
            progress.values[number] = value
        elif job.status == "Failed" or not progress.reason:
            progress.reason = failure_of(job)
        progress.search.tell(number, value, cut=job.status == "Stopped")

    def _series(self, row: Resource, progress: _Progress, number: int, job: Resource) -> list[float]:
        """The objective values of a trial so far; they are reported to the search too."""
        if number not in progress.series:
            metric = objective_of(row, row.internal["trials"][number - 1][0])["MetricName"]
            series = ObjectiveSeries.of(job, metric)
            if series is None:
                return []
            progress.series[number] = series
        values = progress.series[number].read()
        if progress.search.report(number, values):
            progress.cut.add(number)
        return values

    def _look(self, ctx: EngineContext, row: Resource, progress: _Progress) -> None:
        """Stops running trials that do worse than others did."""
        if not _watches(row):
            return
        median = row.document["HyperParameterTuningJobConfig"].get("TrainingJobEarlyStoppingType") == "Auto"
        for number in sorted(progress.running - progress.cut):
            job = ctx.store.resources.find(training.KIND, row.region, trial_name(row.name, number))
            if job is None or job.finished:
                continue
            values = self._series(row, progress, number, job)
            definition = row.internal["trials"][number - 1][0]
            others = [
                series.values
                for other, series in progress.series.items()
                if other in progress.statuses and row.internal["trials"][other - 1][0] == definition
            ]
            if median and behind_median(values, others, maximize=maximizes(row)):
                progress.cut.add(number)
            if number in progress.cut:
                with suppress(AwsError):  # it ended in between
                    training.stop_training_job(ctx, row.region, job.name)

    def _propose(self, row: Resource, progress: _Progress) -> list[tuple[str, Params]]:
        limits = _limits(row)
        made = len(row.internal["trials"])
        room = min(
            int(limits["MaxParallelTrainingJobs"]) - len(progress.running),
            int(limits.get("MaxNumberOfTrainingJobs") or MOST_JOBS) - made,
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
        if len(row.internal["trials"]) >= int(_limits(row).get("MaxNumberOfTrainingJobs") or MOST_JOBS):
            return True
        dropped = progress.search.dropped()
        return all(
            definition["DefinitionName"] in row.internal["closed"] or definition["DefinitionName"] in dropped
            for definition in definitions_of(row)
        )

    def _create(self, ctx: EngineContext, row: Resource, number: int) -> None:
        definition_name, params = row.internal["trials"][number - 1]
        name = trial_name(row.name, number)
        if ctx.store.resources.find(training.KIND, row.region, name) is not None:
            return
        definition = next(one for one in definitions_of(row) if one["DefinitionName"] == definition_name)
        request = training_request(definition, name, params, row.internal.get("tags"))
        try:
            training.create_training_job(
                ctx, row.region, request, parent=row.parent_key, slot=_slot(ctx, row, request)
            )
        except ResourceInUse:
            pass  # created by this very step before the engine ended
        except AwsError as error:
            self._of(ctx, row).reason = error.message
            ctx.reconciler.wake(*row.key)  # nothing else would: there is no training job that ends

    def _end(self, ctx: EngineContext, row: Resource, progress: _Progress, ending: str) -> Resource:
        def edit(current: Resource) -> None:
            current.internal["ending"] = ending
            _describe(ctx, current, progress, best)

        best = _best(ctx, row, progress)
        return ctx.store.resources.change(KIND, row.region, row.name, edit)

    def _wind_up(self, ctx: EngineContext, row: Resource, progress: _Progress, status: str) -> Next:
        """Stops what runs; when nothing does the tuning job has that status."""
        if progress.running:
            grace = _SHORT_GRACE if row.parent is not None else training.STOP_GRACE
            for number in sorted(progress.running):
                with suppress(AwsError):  # it ended in between
                    training.stop_training_job(ctx, row.region, trial_name(row.name, number), grace=grace)
            self._write(ctx, row, progress, [])
            return WAIT
        self._finish(ctx, row, progress, status)
        return DONE

    def _write(
        self, ctx: EngineContext, row: Resource, progress: _Progress, proposed: list[tuple[str, Params]]
    ) -> Resource:
        best = _best(ctx, row, progress)

        def edit(current: Resource) -> None:
            current.internal["trials"] += [list(one) for one in proposed]
            _describe(ctx, current, progress, best)

        # its trials' rows follow in the log: a power cut takes the last of them first, and a proposal is made again
        return ctx.store.resources.change(KIND, row.region, row.name, edit, durable=False)

    def _finish(self, ctx: EngineContext, row: Resource, progress: _Progress, status: str) -> None:
        best = _best(ctx, row, progress)

        def edit(current: Resource) -> None:
            _describe(ctx, current, progress, best)
            set_status(current, status)
            current.document["HyperParameterTuningEndTime"] = ctx.clock.now()
            if status == "Failed":
                current.document["FailureReason"] = _failure(current, progress)[:1024]
            current.finished = True

        ctx.store.resources.change(KIND, row.region, row.name, edit)
        self._forget(ctx, row)

    def _forget(self, ctx: EngineContext, row: Resource) -> None:
        with self._lock:
            self._progress.pop((id(ctx.store), *row.key), None)


def _slot(ctx: EngineContext, row: Resource, request: dict[str, Any]) -> Slot | None:
    """The share of the machine of a trial: what its instances grant, but so little that all parallel trials run at once."""
    slot = row.internal["slot"]
    if slot or "resolved" not in row.internal:
        return Slot(**slot) if slot else None
    kinds = [instance_type(host.instance_type) for host in hosts_of(request["ResourceConfig"])]
    parallel = min(int(_limits(row)["MaxParallelTrainingJobs"]), max(1, int(ctx.slots.cpus)))
    cpus = max(1.0, ctx.slots.cpus // parallel)
    memory = ctx.slots.memory_mb // parallel
    return Slot(
        min(cpus, sum(kind.vcpus for kind in kinds)), min(memory, sum(kind.memory_mb for kind in kinds))
    )


def _watches(row: Resource) -> bool:
    """Whether the logs of running trials are read, because some may be stopped early."""
    config = row.document["HyperParameterTuningJobConfig"]
    return config.get("TrainingJobEarlyStoppingType") == "Auto" or "halving" in (
        row.internal.get("search") or {}
    )


def _ending(row: Resource, progress: _Progress) -> str | None:
    """Why no further trial is wanted although the limits leave room; never for Autopilot, which has rules of its own."""
    if "resolved" not in row.internal:
        return None
    if not progress.values and progress.failures >= completion.ATTEMPTS:
        return "NoSuccess"
    config = row.document["HyperParameterTuningJobConfig"]
    return completion.criterion_met(config, list(progress.values.values()), maximize=maximizes(row))


def _failure(row: Resource, progress: _Progress) -> str:
    reason = progress.reason or "; ".join(dict.fromkeys(row.internal["closed"].values()))
    if "resolved" not in row.internal:
        return f"All training jobs failed: {reason}"
    text = completion.NO_SUCCESS if row.internal.get("ending") == "NoSuccess" else completion.ALL_FAILED
    return f"{text} Latest failure: {reason}"


def _news(row: Resource) -> tuple[bool, str | None]:
    """What the job that this one is part of waits for: whether trials have begun, and the best one's name."""
    best = row.document.get("BestTrainingJob") or {}
    return bool(row.internal["trials"]), best.get("TrainingJobName")


def _best(ctx: EngineContext, row: Resource, progress: _Progress) -> dict[str, Any] | None:
    if not progress.values:
        return None
    sign = 1 if maximizes(row) else -1
    number = max(progress.values, key=lambda one: sign * progress.values[one])
    job = ctx.store.resources.find(training.KIND, row.region, trial_name(row.name, number))
    return None if job is None else training_job_summary(row, job)


def _describe(ctx: EngineContext, row: Resource, progress: _Progress, best: dict[str, Any] | None) -> None:
    """Writes counters, the best trial and what completion is judged by into the Describe document."""
    counters = no_training_jobs()
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
    now = ctx.clock.now()
    row.document["ConsumedResources"] = {"RuntimeInSeconds": max(0, math.ceil(now - row.created))}
    if best is not None:
        row.document["BestTrainingJob"] = best
    if "resolved" not in row.internal:
        return
    overall = overall_best(row, best)
    if overall is not None and row.document.get("WarmStartConfig"):
        row.document["OverallBestTrainingJob"] = overall
    values = list(progress.values.values())
    if values:
        maximize = maximizes(row)
        details = row.document.setdefault("TuningJobCompletionDetails", {})
        details["NumberOfTrainingJobsObjectiveNotImproving"] = completion.not_improving(
            values, maximize=maximize
        )
        if completion.converged(values, maximize=maximize):
            details.setdefault("ConvergenceDetectedTime", now)


def _limits(row: Resource) -> dict[str, Any]:
    found: dict[str, Any] = row.document["HyperParameterTuningJobConfig"]["ResourceLimits"]
    return found
