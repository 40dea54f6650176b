"""Warm start of a tuning job: what the trials of up to five parent tuning jobs teach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.runtime.ranges import Params, Range, read_ranges
from smstudio_ext.engine.runtime.trials import (
    definitions_of,
    maximizes,
    objective_of,
    objective_value,
    trial_definition,
)

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]
KIND = "HyperParameterTuningJob"
IDENTICAL = "IdenticalDataAndAlgorithm"
MOST_PARENTS = 5
# Of parents with other data only the settings count, not the values: so many of each parent's best are tried first.
_BEST_OF_PARENT = 3


@dataclass
class Inheritance:
    """What parents bring.

    Attributes:
        defaults: definition name -> settings to try first (TransferLearning).
        known: definition name -> [setting, objective value] of the parents' trials (IdenticalDataAndAlgorithm).
        best: the best trial of all parents, as a HyperParameterTrainingJobSummary with its `TuningJobName`.
    """

    defaults: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    known: dict[str, list[list[Any]]] = field(default_factory=dict)
    best: Document | None = None


def inherit(
    ctx: EngineContext,
    region: str,
    config: Document | None,
    definitions: list[Document],
    resolved: list[Document],
) -> Inheritance:
    """Reads the parents that WarmStartConfig names.

    Raises:
        ValidationException: a parent is missing, has not ended, or does not fit the new tuning job.
    """
    if not config:
        return Inheritance()
    parents = [
        _parent(ctx, region, one["HyperParameterTuningJobName"])
        for one in config["ParentHyperParameterTuningJobs"]
    ]
    if len({parent.name for parent in parents}) < len(parents):
        raise ValidationException("The parent hyperparameter tuning jobs must be different from each other.")
    identical = config["WarmStartType"] == IDENTICAL
    for parent in parents:
        for definition, over in zip(definitions, resolved, strict=True):
            _check_parent(parent, definition, over, len(definitions), identical)
    found = Inheritance()
    for definition, over in zip(definitions, resolved, strict=True):
        ranges = read_ranges(over["HyperParameterRanges"])
        for parent in parents:
            _learn(ctx, parent, definition["DefinitionName"], ranges, identical, found)
    bests = [
        parent.document["BestTrainingJob"] | {"TuningJobName": parent.name}
        for parent in parents
        if _has_best(parent)
    ]
    if bests:
        sign = 1 if resolved[0]["TuningObjective"]["Type"] == "Maximize" else -1
        found.best = max(
            bests, key=lambda one: sign * one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        )
    return found


def _has_best(parent: Resource) -> bool:
    return "FinalHyperParameterTuningJobObjectiveMetric" in parent.document.get("BestTrainingJob", {})


def _parent(ctx: EngineContext, region: str, name: str) -> Resource:
    parent = ctx.store.resources.find(KIND, region, name)
    if parent is None:
        raise ValidationException(
            f"The parent hyperparameter tuning job [{name}] doesn't exist. Choose an existing hyperparameter tuning job."
        )
    if not parent.finished:
        raise ValidationException(
            f"The parent hyperparameter tuning job [{name}] is in status {parent.status}. Parent jobs must be Completed, Stopped or "
            "Failed."
        )
    return parent


def _check_parent(
    parent: Resource, definition: Document, over: Document, count: int, identical: bool
) -> None:
    theirs = definitions_of(parent)
    mine = definition["DefinitionName"]
    other = (
        theirs[0]
        if count == len(theirs) == 1
        else next((d for d in theirs if d["DefinitionName"] == mine), None)
    )
    if other is None:
        raise ValidationException(
            f"The parent hyperparameter tuning job [{parent.name}] has no training job definition [{mine}]."
        )
    if other["TuningObjective"] != over["TuningObjective"]:
        raise ValidationException(
            f"The objective metric of the hyperparameter tuning job must be the same as that of its parent [{parent.name}]: "
            f"{other['TuningObjective']['Type']} {other['TuningObjective']['MetricName']}."
        )
    names, before = _all_names(over), _all_names(other)
    if names != before:
        raise ValidationException(
            "The static and tunable hyperparameters of the hyperparameter tuning job must be those of its parent "
            f"[{parent.name}]; different: {sorted(names ^ before)}."
        )
    if not identical:
        return
    if definition["AlgorithmSpecification"].get("TrainingImage") != other["AlgorithmSpecification"].get(
        "TrainingImage"
    ):
        raise ValidationException(
            f"With {IDENTICAL}, the training image must be that of the parent [{parent.name}]. Use TransferLearning instead."
        )
    if _sources(definition) != _sources(other):
        raise ValidationException(
            f"With {IDENTICAL}, InputDataConfig must be that of the parent [{parent.name}]. Use TransferLearning instead."
        )


def _all_names(definition: Document) -> set[str]:
    ranges = definition.get("HyperParameterRanges") or {}
    tuned = {entry["Name"] for part in ranges.values() for entry in part}
    service = ("_tuning_objective_metric", "sagemaker_job_name", "sagemaker_submit_directory")
    return tuned | {name for name in definition.get("StaticHyperParameters") or {} if name not in service}


def _sources(definition: Document) -> list[tuple[str, Any]]:
    channels = definition.get("InputDataConfig") or []
    return sorted(
        (
            one["ChannelName"],
            str((one["DataSource"].get("S3DataSource") or one["DataSource"]).get("S3Uri", "")),
        )
        for one in channels
    )


def _learn(
    ctx: EngineContext,
    parent: Resource,
    name: str,
    ranges: tuple[Range, ...],
    identical: bool,
    found: Inheritance,
) -> None:
    """Takes the results of one parent for one definition."""
    results: list[tuple[Params, dict[str, str], float]] = []
    single = len(definitions_of(parent)) == 1
    for job in ctx.store.resources.children(parent.parent_key, training.KIND, parent.region):
        definition = trial_definition(parent, job.name)
        if definition is None or not (single or definition == name):
            continue
        value = objective_value(job, objective_of(parent, definition)["MetricName"])
        given = job.document["HyperParameters"]
        if value is None or not all(one.name in given for one in ranges):
            continue
        texts = {one.name: given[one.name] for one in ranges}
        if identical and not all(one.holds(texts[one.name]) for one in ranges):
            continue  # outside the new ranges: its value says nothing about a setting inside
        results.append(({one.name: one.parse(texts[one.name]) for one in ranges}, texts, value))
    results.sort(key=lambda one: one[2], reverse=maximizes(parent))
    if identical:
        found.known.setdefault(name, []).extend([params, value] for params, _, value in results)
    else:
        defaults = found.defaults.setdefault(name, [])
        defaults.extend(texts for _, texts, _ in results[:_BEST_OF_PARENT] if texts not in defaults)


def overall_best(row: Resource, own: Document | None) -> Document | None:
    """OverallBestTrainingJob: the better of a job's own best trial and that of its parents."""
    theirs = row.internal.get("overall")
    if theirs is None or own is None:
        return own and {**own, "TuningJobName": row.name} if theirs is None else dict(theirs)
    sign = 1 if maximizes(row) else -1
    mine = {**own, "TuningJobName": row.name}

    def key(one: Document) -> float:
        return float(sign * one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])

    return max((mine, dict(theirs)), key=key)
