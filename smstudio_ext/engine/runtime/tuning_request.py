"""What CreateHyperParameterTuningJob accepts here, and the Describe document and search settings of a new tuning job."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ResourceLimitExceeded, ValidationException
from smstudio_ext.engine.images.tunable import Tunable, declared, direction, tunables
from smstudio_ext.engine.runtime.ranges import Params, combinations, read_ranges
from smstudio_ext.engine.runtime.training_request import (
    check_training_request,
    not_offered,
    with_metric_definitions,
)
from smstudio_ext.engine.runtime.trials import training_request, trial_name
from smstudio_ext.engine.runtime.tuning_ranges import check_ranges, resolve_auto
from smstudio_ext.engine.runtime.warm_start import Inheritance, inherit

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.images.contract import Image

Document = dict[str, Any]

MOST_JOBS = 750
MOST_PARALLEL = 100
MOST_RESOURCE = 20_000
_RESOURCE_NAMES = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs", "epoch", "num_round")
_JOBS_PER_PARAMETER = 10


def check_tuning_request(ctx: EngineContext, region: str, request: Document) -> tuple[Document, Document]:
    """Checks a request and fills in what it leaves out.

    Args:
        request: the validated input of CreateHyperParameterTuningJob.

    Returns:
        The Describe document's members that come from the request, and the internals of the search: `resolved` (what
        each definition is searched with), `search` (strategy, seed, limits) and what a warm start brings.

    Raises:
        ValidationException, ResourceLimitExceeded: the request cannot run; the message says why.
    """
    document = {key: value for key, value in request.items() if key != "Tags"}
    config: Document = {"TrainingJobEarlyStoppingType": "Off", **request["HyperParameterTuningJobConfig"]}
    document["HyperParameterTuningJobConfig"] = config
    autotune = bool(request.get("Autotune"))
    definitions = _definitions(request, config)
    images = [_image(ctx, one) for one in definitions]
    if autotune and "TrainingJobEarlyStoppingType" not in request["HyperParameterTuningJobConfig"]:
        config["TrainingJobEarlyStoppingType"] = (
            "Off" if config["Strategy"] in ("Hyperband", "Grid") else "Auto"
        )
    resolved = [
        _resolve(one, image, config["Strategy"], autotune)
        for one, image in zip(definitions, images, strict=True)
    ]
    _check_types(resolved)
    for one, over, image in zip(definitions, resolved, images, strict=True):
        _check_metric(one, over["TuningObjective"], image)
    search = _search(config, definitions, resolved, autotune)
    known = inherit(ctx, region, request.get("WarmStartConfig"), definitions, resolved)
    _check_trials(ctx, region, request["HyperParameterTuningJobName"], definitions, resolved)
    _show_resolved(ctx, document, resolved)
    internal: Document = {"resolved": resolved, "search": search, **_inherited(known)}
    return document, internal


def _definitions(request: Document, config: Document) -> list[Document]:
    single: Document | None = request.get("TrainingJobDefinition")
    several: list[Document] = request.get("TrainingJobDefinitions") or []
    if bool(single) == bool(several):
        raise ValidationException(
            "You must specify either TrainingJobDefinition or TrainingJobDefinitions, but not both."
        )
    if single:
        objective = config.get("HyperParameterTuningJobObjective") or single.get("TuningObjective")
        if objective is None:
            raise ValidationException(
                "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric definitions."
            )
        ranges = config.get("ParameterRanges") or single.get("HyperParameterRanges") or {}
        return [
            {"DefinitionName": "", **single, "TuningObjective": objective, "HyperParameterRanges": ranges}
        ]
    if config.get("HyperParameterTuningJobObjective") or config.get("ParameterRanges"):
        raise ValidationException(
            "HyperParameterTuningJobObjective and ParameterRanges belong to HyperParameterTuningJobConfig with a single "
            "TrainingJobDefinition only. With TrainingJobDefinitions, provide TuningObjective and HyperParameterRanges in each."
        )
    names = [one.get("DefinitionName") for one in several]
    if None in names or len(set(names)) < len(names):
        raise ValidationException("Each of the TrainingJobDefinitions needs a DefinitionName of its own.")
    for one in several:
        if not one.get("TuningObjective"):
            raise ValidationException(
                f"The training job definition [{one['DefinitionName']}] needs a TuningObjective."
            )
    return [dict(one) for one in several]


def _image(ctx: EngineContext, definition: Document) -> Image:
    algorithm = definition["AlgorithmSpecification"]
    if algorithm.get("AlgorithmName"):
        raise not_offered("AlgorithmName (algorithm resources and marketplace algorithms)")
    if not algorithm.get("TrainingImage"):
        raise ValidationException("You must specify either TrainingImage or AlgorithmName, but not both.")
    return ctx.images.resolve(algorithm["TrainingImage"])


def _is_builtin(definition: Document, image: Image) -> bool:
    static = definition.get("StaticHyperParameters") or {}
    return tunables(image.name) is not None and "sagemaker_program" not in static


def _known(definition: Document, image: Image) -> dict[str, Tunable] | None:
    return tunables(image.name) if _is_builtin(definition, image) else None


def _resolve(definition: Document, image: Image, strategy: str, autotune: bool) -> Document:
    ranges = definition.get("HyperParameterRanges") or {}
    known = _known(definition, image)
    static = {
        name: value
        for name, value in (definition.get("StaticHyperParameters") or {}).items()
        if name != "_tuning_objective_metric"
    }
    fixed: dict[str, str] = {}
    if ranges.get("AutoParameters"):
        if not autotune:
            raise ValidationException("AutoParameters can be used only when Autotune is enabled.")
        ranges, fixed = resolve_auto(ranges, known)
    accepted = {} if known is None else declared(image)
    uri = definition["AlgorithmSpecification"]["TrainingImage"]
    check_ranges(ranges, static, known, uri, strategy, accepted)
    return {
        "DefinitionName": definition["DefinitionName"],
        "TuningObjective": definition["TuningObjective"],
        "HyperParameterRanges": {k: v for k, v in ranges.items() if k != "AutoParameters"},
        "StaticHyperParameters": {**static, **fixed},
    }


def _check_types(resolved: list[Document]) -> None:
    if len({one["TuningObjective"]["Type"] for one in resolved}) > 1:
        raise ValidationException(
            "The objective metric type must be the same for all training job definitions of a hyperparameter tuning job."
        )


def _check_metric(definition: Document, objective: Document, image: Image) -> None:
    algorithm = definition["AlgorithmSpecification"]
    metric, uri = objective["MetricName"], algorithm["TrainingImage"]
    given = {one["Name"] for one in algorithm.get("MetricDefinitions") or []}
    if not _is_builtin(definition, image):
        own = {one.name for one in image.metric_definitions}
        if metric not in given | own:
            raise ValidationException(
                "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric definitions."
            )
        return
    if given - {
        one.name for one in image.metric_definitions
    }:  # a repeated definition is what Describe showed
        raise ValidationException(
            "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request without "
            "specifying metric definitions."
        )
    if metric not in {one.name for one in image.metric_definitions}:
        raise ValidationException(
            f"The objective metric for the hyperparameter tuning job, [{metric}], isn't valid for the [{uri}] algorithm. Choose "
            "a valid objective metric."
        )
    if direction(metric) not in (None, objective["Type"]):
        raise ValidationException(
            f"The objective metric type, [{objective['Type']}], that you specified for objective metric, [{metric}], isn't valid "
            f"for the [{uri}] algorithm. Choose a valid objective metric type."
        )


def _search(
    config: Document, definitions: list[Document], resolved: list[Document], autotune: bool
) -> Document:
    """Strategy, seed and limits; writes what Autotune decides into `config`."""
    strategy, limits = config["Strategy"], dict(config["ResourceLimits"])
    config["ResourceLimits"] = limits
    spans = [combinations(read_ranges(one["HyperParameterRanges"])) for one in resolved]
    search: Document = {"strategy": strategy, "seed": config.get("RandomSeed")}
    if search["seed"] is None:
        search["seed"] = secrets.randbelow(2**31)
    if strategy == "Grid":
        _grid_limits(limits, sum(spans))
    elif autotune and limits.get("MaxNumberOfTrainingJobs") is None:
        tuned = max(sum(len(part) for part in one["HyperParameterRanges"].values()) for one in resolved)
        limits["MaxNumberOfTrainingJobs"] = int(min(100, sum(spans), _JOBS_PER_PARAMETER * max(1, tuned)))
        config.setdefault("TuningJobCompletionCriteria", {}).setdefault(
            "ConvergenceDetected", {"CompleteOnConvergence": "Enabled"}
        )
    _check_limits(config, limits, sum(spans), autotune)
    if strategy == "Hyperband":
        search["halving"] = _halving(config, definitions)
    elif config.get("StrategyConfig"):
        raise ValidationException("StrategyConfig can be used only with the Hyperband strategy.")
    return search


def _grid_limits(limits: Document, span: float) -> None:
    if span > MOST_JOBS:
        raise ResourceLimitExceeded(
            f"The grid has {span:.0f} combinations of hyperparameter values; a hyperparameter tuning job can launch at most "
            f"{MOST_JOBS} training jobs."
        )
    asked = limits.get("MaxNumberOfTrainingJobs")
    if asked is not None and asked != span:
        raise ValidationException(
            f"For the Grid strategy, MaxNumberOfTrainingJobs [{asked}] must equal the total number of distinct combinations of "
            f"categorical values [{span:.0f}]. Leave it out, and it is calculated."
        )
    limits["MaxNumberOfTrainingJobs"] = int(span)


def _check_limits(config: Document, limits: Document, span: float, autotune: bool) -> None:
    jobs = limits.get("MaxNumberOfTrainingJobs")
    criteria = config.get("TuningJobCompletionCriteria") or {}
    if jobs is None and not limits.get("MaxRuntimeInSeconds") and not criteria and not autotune:
        raise ValidationException(
            "ResourceLimits must hold MaxNumberOfTrainingJobs, MaxRuntimeInSeconds or both, when there are no "
            "TuningJobCompletionCriteria."
        )
    if (jobs or 0) > MOST_JOBS:
        raise ResourceLimitExceeded(
            f"The account-level service limit 'Maximum number of training jobs per hyperparameter tuning job' is {MOST_JOBS}, with a "
            f"request of {jobs} training jobs."
        )
    if limits["MaxParallelTrainingJobs"] > MOST_PARALLEL:
        raise ResourceLimitExceeded(
            "The account-level service limit 'Maximum number of parallel training jobs per hyperparameter tuning job' is "
            f"{MOST_PARALLEL}, with a request of {limits['MaxParallelTrainingJobs']} training jobs."
        )
    if not math.isinf(span) and (jobs or 0) > span:
        raise ValidationException(
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter combinations for the "
            f"provided ranges [{span}] must be equal or greater than the value of MaxNumberOfJobs, [{jobs}]. Provide additional "
            "ranges."
        )


def _halving(config: Document, definitions: list[Document]) -> list[int]:
    if config["TrainingJobEarlyStoppingType"] == "Auto":
        raise ValidationException(
            "TrainingJobEarlyStoppingType must be Off to use the Hyperband strategy, which stops training jobs by itself."
        )
    given = (config.get("StrategyConfig") or {}).get("HyperbandStrategyConfig") or {}
    high = given.get("MaxResource")
    if high is None:
        statics = [one.get("StaticHyperParameters") or {} for one in definitions]
        texts = [static[name] for static in statics for name in _RESOURCE_NAMES if name in static]
        high = max((int(float(text)) for text in texts if _is_number(text)), default=None)
    if high is None:
        raise ValidationException(
            "MaxResource is required for the Hyperband strategy: it can't be inferred from the static hyperparameters ("
            + ", ".join(_RESOURCE_NAMES)
            + "). Provide it in HyperbandStrategyConfig."
        )
    low = given.get("MinResource") or 1
    if not low <= high <= MOST_RESOURCE:
        raise ValidationException(
            f"MinResource [{low}] must be less than or equal to MaxResource [{high}], and MaxResource at most {MOST_RESOURCE}."
        )
    return [int(low), int(high)]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _check_trials(
    ctx: EngineContext, region: str, name: str, definitions: list[Document], resolved: list[Document]
) -> None:
    """Asks whether a training job of each definition would be accepted, so that not every trial fails later."""
    for definition, over in zip(definitions, resolved, strict=True):
        if not definition.get("ResourceConfig") and not definition.get("HyperParameterTuningResourceConfig"):
            raise ValidationException("ResourceConfig or HyperParameterTuningResourceConfig is required.")
        ranges = read_ranges(over["HyperParameterRanges"])
        first: Params = {
            one.name: one.values[0] if one.kind == "categorical" else one.parse(repr(one.low))
            for one in ranges
        }
        check_training_request(
            ctx, region, training_request({**definition, **over}, trial_name(name, 1), first)
        )


def _show_resolved(ctx: EngineContext, document: Document, resolved: list[Document]) -> None:
    """Completes the definitions as Describe shows them: objective among the static hyperparameters, metrics of the image,
    and one kind of instance as ResourceConfig too (the SDK sends HyperParameterTuningResourceConfig, its `attach` reads the other).
    """

    def shown(definition: Document, over: Document) -> Document:
        static = {
            **over["StaticHyperParameters"],
            "_tuning_objective_metric": over["TuningObjective"]["MetricName"],
        }
        resources = definition.get("HyperParameterTuningResourceConfig") or {}
        single = {"ResourceConfig": resources} if resources.get("InstanceType") else {}
        algorithm = with_metric_definitions(definition["AlgorithmSpecification"], _image(ctx, definition))
        return {**single, **definition, "AlgorithmSpecification": algorithm, "StaticHyperParameters": static}

    if document.get("TrainingJobDefinition"):
        document["TrainingJobDefinition"] = shown(document["TrainingJobDefinition"], resolved[0])
    else:
        document["TrainingJobDefinitions"] = [
            shown(one, over) for one, over in zip(document["TrainingJobDefinitions"], resolved, strict=True)
        ]


def _inherited(known: Inheritance) -> Document:
    return {"defaults": known.defaults, "known": known.known, "overall": known.best}
