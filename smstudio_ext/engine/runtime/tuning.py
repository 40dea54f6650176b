"""Tuning jobs: created, given more to search, stopped and deleted; `tuning_controller` moves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ResourceInUse, ResourceNotFound, ValidationException
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.states import state_machine
from smstudio_ext.engine.runtime.tuning_request import check_tuning_request
from smstudio_ext.engine.store import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

KIND = "HyperParameterTuningJob"

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
        "InProgress": "Trials are proposed and run, as many at once as MaxParallelTrainingJobs says. A completion criterion "
        "that is met stops those that run.",
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


def create_own_tuning_job(ctx: EngineContext, region: str, request: dict[str, Any]) -> Resource:
    """Accepts a tuning job of CreateHyperParameterTuningJob and leaves it to its controller.

    Raises:
        ResourceInUse: there is one of that name.
        ValidationException, ResourceLimitExceeded: the request cannot run here.
    """
    existing = ctx.store.resources.find(KIND, region, request["HyperParameterTuningJobName"])
    if existing is not None:
        raise _taken(existing.arn)
    document, internal = check_tuning_request(ctx, region, request)
    internal["tags"] = list(request.get("Tags") or ())
    internal["ready"] = [one["DefinitionName"] for one in internal["resolved"]]
    return _create(ctx, region, document, internal, internal["tags"], None)


def create_tuning_job(
    ctx: EngineContext, region: str, request: dict[str, Any], plan: Plan, *, parent: str | None = None
) -> Resource:
    """Starts a tuning job of another resource, with a plan of its own and without the checks of the public operation.

    Args:
        request: as CreateHyperParameterTuningJob takes it, with TrainingJobDefinitions.

    Raises:
        ResourceInUse: there is one of that name.
    """
    document = {key: value for key, value in request.items() if key != "Tags"}
    internal = {
        "defaults": dict(plan.defaults),
        "shares": dict(plan.shares),
        "ready": list(plan.ready),
        "slot": asdict(plan.slot) if plan.slot else None,
    }
    return _create(ctx, region, document, internal, request.get("Tags") or (), parent)


def _create(
    ctx: EngineContext,
    region: str,
    document: dict[str, Any],
    internal: dict[str, Any],
    tags: Iterable[dict[str, str]],
    parent: str | None,
) -> Resource:
    name = document["HyperParameterTuningJobName"]
    now = ctx.clock.now()
    arn = sagemaker_arn(KIND, region, name)
    document.update(
        HyperParameterTuningJobArn=arn,
        HyperParameterTuningJobStatus=TUNING_JOB.initial,
        CreationTime=now,
        LastModifiedTime=now,
        TrainingJobStatusCounters=no_training_jobs(),
        ObjectiveStatusCounters={"Succeeded": 0, "Pending": 0, "Failed": 0},
    )
    internal = {"defaults": {}, "shares": {}, "closed": {}, "slot": None, "trials": [], **internal}
    row = Resource(KIND, region, name, arn, TUNING_JOB.initial, now, now, document, internal, parent)
    row = ctx.store.resources.create(row, tags, taken=_taken(arn))
    ctx.reconciler.wake(KIND, region, name)
    return row


def _taken(arn: str) -> ResourceInUse:
    return ResourceInUse(
        "Hyper parameter tuning job names must be unique within an AWS account and region, and a tuning job with "
        f"this name already exists ({arn})."
    )


def get_tuning_job(ctx: EngineContext, region: str, name: str) -> Resource:
    """The tuning job.

    Raises:
        ResourceNotFound: there is none of that name.
    """
    missing = ResourceNotFound(
        f"Amazon SageMaker can't find a tuning job with the name {name}. Ensure that the name is right and that the job is in "
        f"region {region}."
    )
    return ctx.store.resources.get(KIND, region, name, missing=missing)


def delete_tuning_job(ctx: EngineContext, region: str, name: str) -> None:
    """Takes the entry of a tuning job away; its training jobs and their results stay.

    Raises:
        ResourceNotFound: there is none of that name.
        ValidationException: it has not ended.
    """
    row = get_tuning_job(ctx, region, name)
    if not row.finished:
        raise ValidationException(
            f"The request was rejected because the hyper parameter tuning job is in status {row.status}. Stop it first."
        )
    ctx.store.resources.delete(KIND, region, name)


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
            set_status(row, "Stopping")

    ctx.store.resources.change(KIND, region, name, edit)
    ctx.reconciler.wake(KIND, region, name)


def set_status(row: Resource, status: str) -> None:
    """Writes a status that may follow the present one."""
    row.status = TUNING_JOB.check(row.status, status)
    row.document["HyperParameterTuningJobStatus"] = status


def no_training_jobs() -> dict[str, int]:
    """TrainingJobStatusCounters of a tuning job without trials."""
    return {"Completed": 0, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0}
