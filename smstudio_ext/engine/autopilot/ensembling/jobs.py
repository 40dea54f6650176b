"""The training jobs of ensembling mode: their requests, and the step that creates and follows them."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot.ensembling import schedule
from smstudio_ext.engine.autopilot.ensembling.schedule import Bounds, Launch, State
from smstudio_ext.engine.autopilot.naming import seed_of
from smstudio_ext.engine.autopilot.problems import direction
from smstudio_ext.engine.autopilot.registries import image_uri
from smstudio_ext.engine.errors import AwsError, ResourceInUse
from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstudio_ext.engine.autopilot.children import Family
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

INSTANCE_TYPE = "ml.m5.4xlarge"
_DAY = 24 * 3600
_STOP_GRACE = 0.3
_FEW = 3
"""Models whose archives tell how long an ensemble of such will take."""
_RESOURCES = {"InstanceType": INSTANCE_TYPE, "InstanceCount": 1, "VolumeSizeInGB": 50}


@dataclass(frozen=True)
class EnsemblePlan:
    """What `candidates.json` says for this mode.

    Attributes:
        folds: 0 when the validation rows are held out.
        models: (algorithm, settings), in order.
        stack: whether a stack is wanted.
    """

    problem_type: str
    objective: str
    folds: int
    models: tuple[tuple[str, Document], ...]
    sample_weight: str
    stack: bool

    @classmethod
    def read(cls, document: Document) -> EnsemblePlan:
        """Reads the content of `candidates.json`.

        Raises:
            KeyError: a member is missing.
        """
        own = document["Ensemble"]
        return cls(
            document["ProblemType"],
            document["Objective"],
            int(own["Folds"]),
            tuple((entry["Algorithm"], dict(entry["Settings"])) for entry in own["Models"]),
            own.get("SampleWeight") or "",
            bool(own.get("Stack", True)),
        )

    @property
    def maximizes(self) -> bool:
        """Whether larger values of the objective are better."""
        return direction(self.objective) == "Maximize"


def launches_of(job: Resource) -> list[Launch]:
    """The training jobs that have been written down, in order."""
    return [Launch(**entry) for entry in job.internal.get("models") or ()]


def find_features(family: Family) -> Resource | None:
    """The training job that makes the table of features, once it is created."""
    return family.find(training.KIND, family.names.ensemble("features"))


def start_features(family: Family, plan: EnsemblePlan) -> None:
    """Creates the training job that fits the transformer and writes the table of all rows."""
    channels = [
        _channel("train", f"{family.tree.tuning_data}/train", "text/csv"),
        _channel("validation", f"{family.tree.tuning_data}/validation", "text/csv"),
        _channel("processors", f"{family.candidates_uri}/ensemble", "application/json"),
    ]
    settings = {
        "step": "features",
        "objective": plan.objective,
        "folds": str(plan.folds),
        "sample_weight": plan.sample_weight,
        "seed": str(seed_of(family.names.job)),
    }
    # Not packed: every model reads it.
    output = {"S3OutputPath": f"{family.tree.root}/ensemble-features", "CompressionType": "NONE"}
    _create(family, family.names.ensemble("features"), settings, channels, output, _DAY)


def start(family: Family, plan: EnsemblePlan, launch: Launch) -> None:
    """Creates the training job of a launch, unless it is there."""
    name = family.names.ensemble(launch.label)
    if family.find(training.KIND, name) is not None:
        return
    channels = [_data_channel(family)]
    if launch.inputs:
        channels.append(_channel("models", f"{family.tree.ensemble_models}/", "application/x-tar"))
    settings = {
        "step": launch.step,
        "name": launch.label,
        "objective": "" if family.spec.kind.reports else plan.objective,
        "inputs": ",".join(family.names.ensemble(label) for label in launch.inputs),
        "seed": str(seed_of(f"{family.names.job}/{launch.label}") % 1_000_000),
    }
    if launch.step == "model":
        settings |= {"algorithm": launch.algorithm, "settings": json.dumps(launch.settings)}
    if launch.seconds is not None:
        settings["seconds"] = f"{launch.seconds:.2f}"
    if launch.until is not None:
        settings["until"] = f"{launch.until:.2f}"
    output: Document = {"S3OutputPath": family.tree.ensemble_models}
    given = {key: value for key, value in settings.items() if value}
    _create(family, name, given, channels, output, family.spec.max_trial_runtime or _DAY)


def _data_channel(family: Family) -> Document:
    """The table of features, or what the analysis of another problem type wrote."""
    if not family.spec.kind.reports:
        return _channel("data", f"{family.tree.preprocessed}/", "application/octet-stream")
    features = f"{family.tree.root}/ensemble-features/{family.names.ensemble('features')}/output/model/"
    return _channel("features", features, "application/x-npz")


def _create(
    family: Family,
    name: str,
    settings: dict[str, str],
    channels: list[Document],
    output: Document,
    seconds: int,
) -> None:
    if family.spec.kms_key:
        output = {**output, "KmsKeyId": family.spec.kms_key}
    request: Document = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": image_uri(family.region, family.spec.kind.image),
            "TrainingInputMode": "File",
        },
        "RoleArn": family.spec.role,
        "InputDataConfig": channels,
        "OutputDataConfig": output,
        "ResourceConfig": _RESOURCES,
        "StoppingCondition": {"MaxRuntimeInSeconds": seconds},
        "HyperParameters": settings,
    }
    if family.spec.kind.backtests:
        request["CheckpointConfig"] = {"S3Uri": family.tree.backtests(name)}
    try:
        training.create_training_job(
            family.ctx, family.region, request, parent=family.parent, slot=family.one_core()
        )
    except ResourceInUse:
        return  # a step before this one came so far


def advance(
    family: Family,
    job: Resource,
    plan: EnsemblePlan,
    *,
    end: float | None,
    note: Callable[[list[Launch]], None],
) -> bool:
    """Creates the training jobs that come next; True when all is done.

    Args:
        end: moment by which everything has to be done; None without a limit.
        note: writes launches down before their jobs are created.
    """
    launches = launches_of(job)
    for launch in launches:
        start(family, plan, launch)  # one that a crash left between writing and creating
    state = state_of(family, launches, plan)
    bounds = _bounds(family, job, plan, end, _archives(family, state))
    for label in schedule.late(state, bounds):
        _stop(family, label)
    fresh = schedule.propose(plan.models, state, bounds)
    if fresh is None:
        return True
    if fresh:
        note(fresh)
        for launch in fresh:
            start(family, plan, launch)
    return False


def _stop(family: Family, label: str) -> None:
    with suppress(AwsError):  # it ended in between
        training.stop_training_job(family.ctx, family.region, family.names.ensemble(label), grace=_STOP_GRACE)


def wake_at(family: Family, job: Resource) -> float | None:
    """When a running model's time is over, in seconds from now; None without one."""
    times = [launch.until for launch in launches_of(job) if launch.until is not None]
    now = family.ctx.clock.now()
    ahead = [one - now + schedule.GRACE + 0.05 for one in times if one + schedule.GRACE > now]
    return min(ahead, default=None)


def state_of(family: Family, launches: list[Launch], plan: EnsemblePlan) -> State:
    """How far the training jobs are."""
    scores: dict[str, float] = {}
    seconds: dict[str, float] = {}
    answers: dict[str, float] = {}
    running: set[str] = set()
    for launch in launches:
        row = family.find(training.KIND, family.names.ensemble(launch.label))
        if row is None:
            continue
        if not row.finished:
            running.add(launch.label)
            continue
        value = objective_value(row, plan.objective)
        if value is not None:
            scores[launch.label] = value if plan.maximizes else -value
            # Not the time in the queue.
            begin = row.document.get("TrainingStartTime") or row.created
            seconds[launch.label] = float(row.modified) - float(begin)
            answers[launch.label] = _metric(row, "InferenceLatency") or 0.0
    return State(launches, scores, frozenset(running), seconds, answers)


def objective_value(row: Resource, objective: str) -> float | None:
    """The objective of a completed training job."""
    return _metric(row, objective) if row.status == "Completed" else None


def _metric(row: Resource, name: str) -> float | None:
    for entry in row.document.get("FinalMetricDataList") or []:
        if entry["MetricName"] == f"validation:{name}":
            return float(entry["Value"])
    return None


def first_failure(family: Family, launches: list[Launch]) -> str:
    """Why there is no candidate, as the first training job that failed says it."""
    for launch in launches:
        row = family.find(training.KIND, family.names.ensemble(launch.label))
        if row is not None and row.document.get("FailureReason"):
            return f"{row.name}: {row.document['FailureReason']}"
    spec = family.spec
    limits = {
        "MaxAutoMLJobRuntimeInSeconds": spec.max_runtime,
        "MaxRuntimePerTrainingJobInSeconds": spec.max_trial_runtime,
    }
    given = [f"{name} ({value})" for name, value in limits.items() if value is not None]
    if not given:
        return "No model could be trained."
    return f"{' or '.join(given)} was reached before any candidate had finished. Raise {' or '.join(given)}."


def most_candidates(family: Family) -> int:
    """MaxCandidates of the request, or what holds without it."""
    given = family.spec.max_candidates
    # Of problem types other than the tabular one AWS takes no other value than 1 and still trains every algorithm.
    if given is not None and (given > 1 or family.spec.kind.reports):
        return given
    limited = family.spec.max_runtime is not None
    return schedule.LIMITED_CANDIDATES if limited else schedule.DEFAULT_CANDIDATES


def _archives(family: Family, state: State) -> int | None:
    """Bytes of the largest models' archives, as many as an ensemble has members; None before there are a few."""
    sizes = []
    place = parse_s3_uri(f"{family.tree.ensemble_models}/")
    for label in state.scores:
        key = f"{place.key}{family.names.ensemble(label)}/output/model.tar.gz"
        found = family.ctx.objects.head(place.bucket, key)
        sizes.append(0 if found is None else found.size)
    return sum(sorted(sizes)[-schedule.MOST_MEMBERS :]) if len(sizes) >= _FEW else None


def _crowd(cores: float) -> float:
    """How many processes want each core; our own jobs alone make it one."""
    return max(1.0, os.getloadavg()[0] / max(1.0, cores))


def _bounds(
    family: Family, job: Resource, plan: EnsemblePlan, end: float | None, archives: int | None
) -> Bounds:
    return Bounds(
        candidates=most_candidates(family),
        parallel=max(1, int(family.ctx.slots.cpus)),
        now=family.ctx.clock.now(),
        end=end,
        begin=job.created,
        trial=None if family.spec.max_trial_runtime is None else 0.9 * family.spec.max_trial_runtime,
        stacks=plan.stack and plan.folds >= 2,
        archives=archives,
        crowd=_crowd(family.ctx.slots.cpus),
        bags=family.spec.kind.reports,
    )


def _channel(name: str, uri: str, content_type: str) -> Document:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "ContentType": content_type}
