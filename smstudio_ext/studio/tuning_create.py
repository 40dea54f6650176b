"""Creates tuning jobs from the form: what it would send, sending it, and the form of a job that is there."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from smstudio_ext.studio.algorithms import hyperparameters_of
from smstudio_ext.studio.billable import estimate_request
from smstudio_ext.studio.buckets import ensure_bucket, split_s3_uri
from smstudio_ext.studio.cost_consent import confirm_request
from smstudio_ext.studio.limits import shape_problems
from smstudio_ext.studio.models.base import FieldProblem
from smstudio_ext.studio.models.training_form import TrainingForm, TrainingPlan
from smstudio_ext.studio.models.tuning import CreatedTuningJob, TuneRangeForm, TuningForm
from smstudio_ext.studio.problems import BadInput, Conflict, NotOffered
from smstudio_ext.studio.scripts import entry_point_of, send_script
from smstudio_ext.studio.training_check import form_problems, value_problem
from smstudio_ext.studio.training_code import boto3_code
from smstudio_ext.studio.training_create import request_of
from smstudio_ext.studio.training_request import (
    copy_name,
    differing,
    form_of_job,
    given,
    merged,
    restricted,
    tags_of,
)
from smstudio_ext.studio.tuning import definitions_of, describe, objective_of, ranges_of
from smstudio_ext.studio.tuning_code import tuner2_code, tuner3_code
from smstudio_ext.target import Target

Document = dict[str, Any]
Problems = list[tuple[str, str]]

_OPERATION = "CreateHyperParameterTuningJob"
_TUNING_NAME_LIMIT = 32
_CONFIG = "HyperParameterTuningJobConfig."
_FIELDS = {
    "HyperParameterTuningJobName": "name",
    f"{_CONFIG}Strategy": "strategy",
    f"{_CONFIG}HyperParameterTuningJobObjective.MetricName": "objective",
    f"{_CONFIG}ResourceLimits.MaxNumberOfTrainingJobs": "max_jobs",
    f"{_CONFIG}ResourceLimits.MaxParallelTrainingJobs": "max_parallel",
    f"{_CONFIG}ResourceLimits.MaxRuntimeInSeconds": "max_runtime_seconds",
    f"{_CONFIG}TuningJobCompletionCriteria.BestObjectiveNotImproving.MaxNumberOfTrainingJobsNotImproving": "max_not_improving",
    f"{_CONFIG}StrategyConfig.HyperbandStrategyConfig.MinResource": "min_resource",
    f"{_CONFIG}StrategyConfig.HyperbandStrategyConfig.MaxResource": "max_resource",
    f"{_CONFIG}RandomSeed": "random_seed",
    "WarmStartConfig.ParentHyperParameterTuningJobs": "parents",
    "WarmStartConfig.ParentHyperParameterTuningJobs.HyperParameterTuningJobName": "parents",
}
_NOT_IN_DEFINITION = ("TrainingJobName", "HyperParameters", "Tags", "ExperimentConfig")


def plan_tuning_job(target: Target, form: TuningForm) -> TrainingPlan:
    """What a form would send, what is wrong with it, and the same as Python code."""
    request = tuning_request(target, form)
    training = request_of(target, _trial_form(form))
    problems = _problems(target, form, request)
    return TrainingPlan(
        problems=[FieldProblem(field=field, message=text) for field, text in problems],
        cost=None if problems else estimate_request(target, "CreateHyperParameterTuningJob", request),
        request=request,
        boto3=boto3_code("create_hyper_parameter_tuning_job", request, target.region),
        sdk_v2=tuner2_code(form, training),
        sdk_v3=tuner3_code(form, training),
    )


def create_tuning_job(target: Target, form: TuningForm, path: Path | None) -> CreatedTuningJob:
    """Checks the form, sends the script, makes the default bucket when it is missing, starts the job.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Conflict: the name is in use.
        botocore.exceptions.ClientError: the target refused.
    """
    if form.training.script is not None and path is not None:
        form.training.script.entry_point = entry_point_of(path, form.training.script.entry_point)
    request = tuning_request(target, form)
    problems = _problems(target, form, request)
    if problems:
        raise BadInput("; ".join(f"{field}: {text}" for field, text in problems), fields=problems)
    _check_name_free(target, form.name)
    output = request["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"]
    confirm_request(target, "CreateHyperParameterTuningJob", request)
    ensure_bucket(target, split_s3_uri(output)[0])
    if path is not None:
        send_script(target, path, form.name)
    answer = target.client("sagemaker").create_hyper_parameter_tuning_job(**request)
    return CreatedTuningJob(name=form.name, arn=answer["HyperParameterTuningJobArn"])


def clone_tuning_job(target: Target, name: str) -> TuningForm:
    """The form, filled in with what a tuning job was created with.

    Raises:
        NotOffered: the job tunes several algorithms at once, which the form cannot show.
    """
    job = describe(target, name)
    definitions = definitions_of(job)
    if len(definitions) != 1:
        raise NotOffered(
            f"The tuning job {name!r} tunes {len(definitions)} algorithms at once; the form takes one.",
            hint="Copy one of its training jobs and tune that, or take its code.",
        )
    config, definition = job["HyperParameterTuningJobConfig"], definitions[0]
    trial = {**definition, "HyperParameters": _static(definition)}
    training = form_of_job(target, trial, name="")
    objective, limits = objective_of(config, definition), config.get("ResourceLimits", {})
    criteria, warm = config.get("TuningJobCompletionCriteria", {}), job.get("WarmStartConfig", {})
    hyperband = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    form = TuningForm(
        name=copy_name(name, datetime.now(timezone.utc), _TUNING_NAME_LIMIT),
        strategy=config["Strategy"],
        objective=objective.get("MetricName", ""),
        direction=objective.get("Type", "Minimize"),
        ranges=[
            TuneRangeForm(
                name=each.name,
                kind=each.kind,
                min=each.min or "",
                max=each.max or "",
                scaling=each.scaling,
                values=each.values,
            )
            for each in ranges_of(config, definition)
        ],
        max_jobs=limits.get("MaxNumberOfTrainingJobs"),
        max_parallel=limits.get("MaxParallelTrainingJobs", 1),
        max_runtime_seconds=limits.get("MaxRuntimeInSeconds"),
        early_stopping=config.get("TrainingJobEarlyStoppingType", "Off"),
        target_value=criteria.get("TargetObjectiveMetricValue"),
        max_not_improving=criteria.get("BestObjectiveNotImproving", {}).get(
            "MaxNumberOfTrainingJobsNotImproving"
        ),
        random_seed=config.get("RandomSeed"),
        min_resource=hyperband.get("MinResource"),
        max_resource=hyperband.get("MaxResource"),
        warm_start=warm.get("WarmStartType"),
        parents=[
            each["HyperParameterTuningJobName"] for each in warm.get("ParentHyperParameterTuningJobs", [])
        ],
        training=training,
    )
    form.training.tags = tags_of(target, job["HyperParameterTuningJobArn"])
    form.further = _further(target, form, job)
    return form


def tune_training_job(target: Target, name: str) -> TuningForm:
    """The tuning form of a training job: its settings stay, and nothing is searched yet."""
    from smstudio_ext.studio.training_create import clone_training_job

    training = clone_training_job(target, name)
    training.name = ""
    base = copy_name(name, datetime.now(timezone.utc), _TUNING_NAME_LIMIT).replace("-copy-", "-tune-")
    return TuningForm(name=base[:_TUNING_NAME_LIMIT], training=training)


def tuning_request(target: Target, form: TuningForm) -> Document:
    """The `CreateHyperParameterTuningJob` request of a form."""
    training = request_of(target, _trial_form(form))
    definition = {key: value for key, value in training.items() if key not in _NOT_IN_DEFINITION}
    tuned = {each.name for each in form.ranges}
    static = {name: value for name, value in training.get("HyperParameters", {}).items() if name not in tuned}
    if static:
        definition["StaticHyperParameters"] = static
    definition.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": 86400})
    request: Document = {
        "HyperParameterTuningJobName": form.name,
        "HyperParameterTuningJobConfig": _config(form),
        "TrainingJobDefinition": definition,
    }
    if form.warm_start:
        request["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": [
                {"HyperParameterTuningJobName": name} for name in form.parents
            ],
            "WarmStartType": form.warm_start,
        }
    if form.training.tags:
        request["Tags"] = [{"Key": tag.key, "Value": tag.value} for tag in form.training.tags]
    return merged(request, form.further)


def _config(form: TuningForm) -> Document:
    config: Document = {
        "Strategy": form.strategy,
        "HyperParameterTuningJobObjective": {"Type": form.direction, "MetricName": form.objective},
        "ResourceLimits": given(
            MaxNumberOfTrainingJobs=form.max_jobs,
            MaxParallelTrainingJobs=form.max_parallel,
            MaxRuntimeInSeconds=form.max_runtime_seconds,
        ),
        "ParameterRanges": _ranges(form),
    }
    if form.early_stopping != "Off":
        config["TrainingJobEarlyStoppingType"] = form.early_stopping
    criteria: Document = given(TargetObjectiveMetricValue=form.target_value)
    if form.max_not_improving is not None:
        criteria["BestObjectiveNotImproving"] = {
            "MaxNumberOfTrainingJobsNotImproving": form.max_not_improving
        }
    if criteria:
        config["TuningJobCompletionCriteria"] = criteria
    if form.random_seed is not None:
        config["RandomSeed"] = form.random_seed
    hyperband = given(MinResource=form.min_resource, MaxResource=form.max_resource)
    if form.strategy == "Hyperband" and hyperband:
        config["StrategyConfig"] = {"HyperbandStrategyConfig": hyperband}
    return config


def _ranges(form: TuningForm) -> Document:
    def numbers(kind: str) -> list[Document]:
        return [
            {"Name": each.name, "MinValue": each.min, "MaxValue": each.max, "ScalingType": each.scaling}
            for each in form.ranges
            if each.kind == kind
        ]

    categorical = [
        {"Name": each.name, "Values": each.values} for each in form.ranges if each.kind == "Categorical"
    ]
    return {
        member: found
        for member, found in (
            ("IntegerParameterRanges", numbers("Integer")),
            ("ContinuousParameterRanges", numbers("Continuous")),
            ("CategoricalParameterRanges", categorical),
        )
        if found
    }


def _trial_form(form: TuningForm) -> TrainingForm:
    """What each trial does, under the tuning job's name (its script goes there) and without tags of its own."""
    return form.training.model_copy(update={"name": form.name, "tags": []})


def _problems(target: Target, form: TuningForm, request: Document) -> Problems:
    sagemaker = target.client("sagemaker")
    shape = sagemaker.meta.service_model.operation_model(_OPERATION).input_shape
    own = {key: value for key, value in request.items() if key != "TrainingJobDefinition"}
    found: Problems = [
        (_FIELDS.get(path, f"further.{path}"), text) for path, text in shape_problems(shape, own)
    ]
    trial = _trial_form(form)
    training = request_of(target, trial)
    found += [
        (f"training.{field}", text) for field, text in form_problems(sagemaker, trial, training, tuned=True)
    ]
    return list(dict.fromkeys(found + _range_problems(form) + _limit_problems(form)))


def _range_problems(form: TuningForm) -> Problems:
    found: Problems = []
    known = {each.name: each for each in hyperparameters_of(form.training.algorithm or "")}
    if form.training.source != "algorithm":
        known = {}
    if not form.ranges:
        found.append(("ranges", "choose at least one hyperparameter to search"))
    names = [each.name for each in form.ranges]
    for index, each in enumerate(form.ranges):
        field = f"ranges.{index}"
        if not each.name:
            found.append((field, "needs a name"))
        elif names.index(each.name) != index:
            found.append((field, f"{each.name!r} is searched twice"))
        found += [(field, text) for text in _range_texts(each, form.strategy)]
        if each.name in known:
            for value in each.values if each.kind == "Categorical" else (each.min, each.max):
                if value and (problem := value_problem(known[each.name], value)):
                    found.append((field, f"{value}: {problem}"))
        elif known and each.name:
            found.append((field, f"{each.name!r} is no hyperparameter of this algorithm"))
    for name, declared in known.items():
        if declared.required and name not in names and not form.training.hyperparameters.get(name):
            found.append((f"training.hyperparameters.{name}", "is required"))
    return found


def _range_texts(each: TuneRangeForm, strategy: str) -> list[str]:
    if each.kind == "Categorical":
        return [] if each.values else ["needs at least one value"]
    if strategy == "Grid":
        return ["Grid searches categorical ranges only"]
    try:
        low, high = float(each.min), float(each.max)
    except ValueError:
        return ["needs two numbers"]
    if not (math.isfinite(low) and math.isfinite(high)):
        return ["needs two numbers"]
    found = []
    if each.kind == "Integer" and (low != int(low) or high != int(high)):
        found.append("needs two whole numbers")
    if low > high:
        found.append("the minimum is greater than the maximum")
    if each.scaling == "Logarithmic" and low <= 0:
        found.append("logarithmic scaling needs a minimum above 0")
    if each.scaling == "ReverseLogarithmic" and (low < 0 or high >= 1 or each.kind == "Integer"):
        found.append("reverse logarithmic scaling needs a continuous range within 0 and 1 (1 excluded)")
    return found


def _limit_problems(form: TuningForm) -> Problems:
    found: Problems = []
    if not form.objective:
        found.append(("objective", "is required"))
    if form.max_jobs is None and form.max_runtime_seconds is None and form.strategy != "Grid":
        found.append(("max_jobs", "is required, or a maximum runtime"))
    if form.max_jobs is not None and form.max_parallel > form.max_jobs:
        found.append(("max_parallel", "must not be more than the number of training jobs"))
    if form.warm_start and not form.parents:
        found.append(("parents", "name at least one parent tuning job"))
    if form.strategy == "Hyperband" and form.early_stopping == "Auto":
        found.append(("early_stopping", "Hyperband stops trials by itself; choose Off"))
    names = [each.name for each in form.training.metric_definitions]
    if form.training.source != "algorithm" and form.objective and form.objective not in names:
        found.append(
            (
                "training.metric_definitions",
                f"define the objective {form.objective!r}: how it is read from the log",
            )
        )
    return found


def _static(definition: Document) -> dict[str, str]:
    static = definition.get("StaticHyperParameters", {})
    return {name: value for name, value in static.items() if name != "_tuning_objective_metric"}


def _further(target: Target, form: TuningForm, job: Document) -> Document:
    """What the job has and the form has no field for; the definition's own stands with the training form."""
    sagemaker = target.client("sagemaker")
    shape = sagemaker.meta.service_model.operation_model(_OPERATION).input_shape
    whole = restricted(shape, job)
    for name in ("HyperParameterTuningJobName", "TrainingJobDefinition", "TrainingJobDefinitions", "Tags"):
        whole.pop(name, None)
    rest = differing(whole, tuning_request(target, form))
    config = rest.get("HyperParameterTuningJobConfig", {})
    for name, default in (("TrainingJobEarlyStoppingType", "Off"),):
        if config.get(name) == default:
            config.pop(name)
    return {key: value for key, value in rest.items() if value}


def _check_name_free(target: Target, name: str) -> None:
    from botocore.exceptions import ClientError

    try:
        describe(target, name)
    except ClientError:
        return  # not found; any other trouble shows in the create call itself
    raise Conflict(f"A tuning job named {name!r} exists already.", hint="Choose another name.")
