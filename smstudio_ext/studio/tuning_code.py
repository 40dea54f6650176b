"""Python code of a tuning form for the SageMaker SDK 2 and 3; boto3's is the request itself."""

from __future__ import annotations

from typing import Any

from smstudio_ext.studio.models.tuning import TuneRangeForm, TuningForm
from smstudio_ext.studio.training_code import (
    Call,
    Expression,
    estimator_code,
    input_literals,
    literal,
    sdk3_code,
)

_KINDS = {
    "Integer": "IntegerParameter",
    "Continuous": "ContinuousParameter",
    "Categorical": "CategoricalParameter",
}


def tuner2_code(form: TuningForm, training: dict[str, Any]) -> str:
    """A script for the SageMaker SDK 2.

    Args:
        training: the request of one trial.
    """
    imports, estimator = estimator_code(_one_trial(form), training)
    inputs = input_literals(form.training)
    arguments = _arguments(form)
    names = [*_parameter_names(form), "HyperparameterTuner"]
    lines = [*imports, *(["from sagemaker.inputs import TrainingInput"] if inputs else [])]
    lines.append(f"from sagemaker.tuner import {', '.join(sorted(names))}")
    if form.warm_start:
        lines[-1] += ", WarmStartConfig, WarmStartTypes"
        arguments["warm_start_config"] = Call(
            "WarmStartConfig",
            Expression(f"WarmStartTypes.{_warm_start(form)}"),
            form.parents,
        )
    tuner = Call("HyperparameterTuner", Expression("estimator"), **arguments)
    fit = Call("tuner.fit", *([inputs] if inputs else []), job_name=form.name)
    return "\n".join(lines) + f"\n\n{estimator}tuner = {literal(tuner)}\n{_left_out(form)}{literal(fit)}\n"


def tuner3_code(form: TuningForm, training: dict[str, Any]) -> str:
    """A script for the SageMaker SDK 3.

    Args:
        training: the request of one trial.
    """
    trainer = sdk3_code(_one_trial(form), training)
    head, _, train = trainer.rpartition("trainer.train(")
    arguments = _arguments(form)
    lines = [
        f"from sagemaker.core.parameter import {', '.join(_parameter_names(form))}",
        "from sagemaker.train.tuner import HyperparameterTuner",
    ]
    if form.warm_start:
        lines.append(
            "from sagemaker.core.shapes import HyperParameterTuningJobWarmStartConfig, ParentHyperParameterTuningJob"
        )
        arguments["warm_start_config"] = Call(
            "HyperParameterTuningJobWarmStartConfig",
            warm_start_type=form.warm_start,
            parent_hyper_parameter_tuning_jobs=[
                Call("ParentHyperParameterTuningJob", hyper_parameter_tuning_job_name=name)
                for name in form.parents
            ],
        )
    tuner = Call("HyperparameterTuner", Expression("trainer"), **arguments)
    # The train call's inputs are the tuner's, under another name.
    tune = "tuner.tune(" + train.replace("input_data_config=", "inputs=", 1)
    return "\n".join(lines) + f"\n{head}tuner = {literal(tuner)}\n{_left_out(form)}{tune}"


def _arguments(form: TuningForm) -> dict[str, Any]:
    definitions = form.training.metric_definitions
    return {
        "objective_metric_name": form.objective,
        "hyperparameter_ranges": {each.name: _parameter(each) for each in form.ranges},
        "metric_definitions": [{"Name": each.name, "Regex": each.regex} for each in definitions],
        "strategy": form.strategy,
        "objective_type": form.direction,
        "max_jobs": form.max_jobs,
        "max_parallel_jobs": form.max_parallel,
        "max_runtime_in_seconds": form.max_runtime_seconds,
        "early_stopping_type": form.early_stopping if form.early_stopping != "Off" else None,
        "base_tuning_job_name": form.name,
        "random_seed": form.random_seed,
    }


def _parameter(each: TuneRangeForm) -> Call:
    if each.kind == "Categorical":
        return Call("CategoricalParameter", each.values)
    convert = int if each.kind == "Integer" else float
    scaling = each.scaling if each.scaling != "Auto" else None
    try:
        low, high = convert(float(each.min)), convert(float(each.max))
    except ValueError:
        return Call(
            _KINDS[each.kind], each.min, each.max, scaling_type=scaling
        )  # the form says what is wrong
    return Call(_KINDS[each.kind], low, high, scaling_type=scaling)


def _parameter_names(form: TuningForm) -> list[str]:
    return sorted({_KINDS[each.kind] for each in form.ranges}) or ["ContinuousParameter"]


def _warm_start(form: TuningForm) -> str:
    return "TRANSFER_LEARNING" if form.warm_start == "TransferLearning" else "IDENTICAL_DATA_AND_ALGORITHM"


def _one_trial(form: TuningForm) -> Any:
    """The trial's form without what is searched."""
    tuned = {each.name for each in form.ranges}
    static = {name: value for name, value in form.training.hyperparameters.items() if name not in tuned}
    return form.training.model_copy(update={"name": form.name, "hyperparameters": static})


def _left_out(form: TuningForm) -> str:
    names = [*form.further]
    if form.target_value is not None or form.max_not_improving is not None:
        names.append("TuningJobCompletionCriteria")
    if form.strategy == "Hyperband" and (form.min_resource or form.max_resource):
        names.append("StrategyConfig")
    return f"# Not in this script, but in the request: {', '.join(names)}\n" if names else ""
