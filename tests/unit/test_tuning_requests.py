"""What CreateHyperParameterTuningJob refuses, what it fills in, and how its trials go."""

from __future__ import annotations

from typing import Any

import pytest

from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ResourceLimitExceeded, ValidationException
from smstudio_ext.engine.runtime import tuning
from smstudio_ext.engine.runtime.trials import trial_name
from tests.unit.tuning_requests import (
    AUC,
    DEPTH,
    ETA,
    IMAGE,
    REGION,
    SKLEARN,
    create,
    ctx,
    definition,
    job,
    ranges,
    run,
    setting,
    trials,
)

__all__ = ["ctx"]  # fixtures


BAD: list[tuple[dict[str, Any], str]] = [
    (
        ranges(continuous=[{**ETA, "MinValue": "0.9"}]),
        r"\[eta\] isn't valid: MinValue \[0.9\] must be less than",
    ),
    (ranges(continuous=[{**ETA, "MaxValue": "0.01"}]), "must be less than MaxValue"),
    (
        ranges(continuous=[{**ETA, "MinValue": "low"}]),
        r"MinValue \[low\] of hyperparameter \[eta\] isn't a number",
    ),
    (ranges(continuous=[{**ETA, "MaxValue": "inf"}]), "isn't a number"),
    (ranges(integer=[{**DEPTH, "MinValue": "1.5"}]), "isn't an integer"),
    (
        ranges(continuous=[{**ETA, "MinValue": "0", "ScalingType": "Logarithmic"}]),
        "only values greater than 0",
    ),
    (
        ranges(continuous=[{**ETA, "MaxValue": "1", "ScalingType": "ReverseLogarithmic"}]),
        r"entirely within the range 0 <= x < 1\.0",
    ),
    (ranges(integer=[{**DEPTH, "ScalingType": "ReverseLogarithmic"}]), "isn't supported for integer"),
    (ranges(categorical=[{"Name": "booster", "Values": []}]), "must have at least one value"),
    (ranges(categorical=[{"Name": "booster", "Values": ["dart", "dart"]}]), "duplicate values"),
    (ranges(continuous=[ETA, ETA]), r"unique names.*\[eta\]"),
    (
        ranges(continuous=[{**ETA, "Name": "num_class"}]),
        r"\[num_class\] isn't tunable for the \[.*xgboost:1.7-1\]",
    ),
    (
        ranges(integer=[{**DEPTH, "Name": "num_round"}]),
        r"can't be both static and tunable\. Remove \[num_round\]",
    ),
    (ranges(integer=[{**DEPTH, "Name": "max_bin"}]), ""),
    (ranges(integer=[{**DEPTH, "Name": "lambda"}]), ""),  # whole numbers are numbers
    (ranges(continuous=[{**ETA, "Name": "subsample", "MinValue": "0"}]), ""),  # a bound that no trial meets
    (
        ranges(continuous=[{**ETA, "MaxValue": "1.5"}]),
        r"The range \[0.01, 1.5\] of hyperparameter \[eta\] isn't valid for the \[.*xgboost:1.7-1\] algorithm. Provide "
        "values greater than or equal to 0 and less than or equal to 1",
    ),
    (
        ranges(integer=[{**DEPTH, "MinValue": "-1"}]),
        r"\[-1, 9\] of hyperparameter \[max_depth\] .*or equal to 0\.$",
    ),
    (
        ranges(categorical=[{"Name": "booster", "Values": ["dart", "forest"]}]),
        r"The value \[forest\] of hyperparameter \[booster\] isn't valid .* is not in \['gbtree'",
    ),
    (ranges(continuous=[{**DEPTH}]), r"\[max_depth\].*is of type Integer"),
    (ranges(), "at least one hyperparameter range"),
    (ranges(auto=[{"Name": "eta", "ValueHint": "0.1"}]), "only when Autotune is enabled"),
    (
        ranges(categorical=[{"Name": "booster", "Values": ["dart", "gbtree"]}]),
        r"You don't have enough combinations of hyperparameter ranges.*\[2\].*MaxNumberOfJobs, \[6\]",
    ),
    (
        {"config": {"HyperParameterTuningJobObjective": {**AUC, "MetricName": "validation:nothing"}}},
        r"The objective metric for the hyperparameter tuning job, \[validation:nothing\], isn't valid for the",
    ),
    (
        {"config": {"HyperParameterTuningJobObjective": {**AUC, "Type": "Minimize"}}},
        r"The objective metric type, \[Minimize\], that you specified for objective metric, \[validation:auc\]",
    ),
    ({"config": {"HyperParameterTuningJobObjective": None}}, "A metric is required"),
    (
        {
            "definition": {
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "x", "Regex": "(.*)"}],
                }
            }
        },
        "You can't override the metric definitions for Amazon SageMaker algorithms",
    ),
    (
        {"definition": {"AlgorithmSpecification": {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}}},
        "Provide a metric in the metric definitions",
    ),
    ({"config": {"Strategy": "Grid"}}, r"only categorical hyperparameters.*\[eta, max_depth\]"),
    (
        {"config": {"Strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"}},
        "must be Off to use the Hyperband",
    ),
    (
        {"config": {"StrategyConfig": {"HyperbandStrategyConfig": {"MaxResource": 5}}}},
        "only with the Hyperband strategy",
    ),
    (
        {
            "config": {
                "Strategy": "Hyperband",
                "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 9, "MaxResource": 5}},
            }
        },
        r"MinResource \[9\] must be less than or equal",
    ),
    (
        {
            "config": {"Strategy": "Hyperband"},
            "definition": {"StaticHyperParameters": {"objective": "binary:logistic"}},
        },
        "MaxResource is required",
    ),
    ({"jobs": None}, "MaxNumberOfTrainingJobs"),
    ({"TrainingJobDefinition": None}, "either TrainingJobDefinition or TrainingJobDefinitions"),
    (
        {"definition": {"OutputDataConfig": {"S3OutputPath": "s3://nowhere/out"}}},
        "The specified bucket does not exist",
    ),
    ({"definition": {"ResourceConfig": None}}, "ResourceConfig"),
]


@pytest.mark.parametrize(("members", "words"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_requests_that_cannot_run_are_refused(
    ctx: EngineContext, members: dict[str, Any], words: str
) -> None:
    if not words:
        create(ctx, **members)
        return
    with pytest.raises(ValidationException, match=words):
        create(ctx, **members)
    assert ctx.store.resources.find(tuning.KIND, REGION, "job") is None


def test_quotas_are_resource_limits(ctx: EngineContext) -> None:
    many = [{**ETA, "Name": f"h{number}"} for number in range(31)]
    algorithm = {
        "TrainingImage": SKLEARN,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "validation:auc", "Regex": "auc=(.*)"}],
    }
    with pytest.raises(ResourceLimitExceeded, match="can be searched' is 30"):
        create(ctx, definition={"AlgorithmSpecification": algorithm}, **ranges(continuous=many))
    with pytest.raises(ResourceLimitExceeded, match="750"):
        create(ctx, jobs=751)


def test_a_job_shows_its_request_its_defaults_and_its_objective(ctx: EngineContext) -> None:
    create(ctx, Tags=[{"Key": "team", "Value": "churn"}])
    document = job(ctx).document
    assert document["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"] == "Off"
    static = document["TrainingJobDefinition"]["StaticHyperParameters"]
    assert static["_tuning_objective_metric"] == "validation:auc"
    ctx.reconciler.run_due()
    first, second = trials(ctx)
    assert first.name == trial_name("job", 1)
    assert first.document["TuningJobArn"] == job(ctx).arn
    assert first.document["HyperParameters"]["_tuning_objective_metric"] == "validation:auc"
    assert first.document["HyperParameters"]["num_round"] == "10"
    assert ctx.store.tags.get(first.arn) == [{"Key": "team", "Value": "churn"}]
    # four vCPUs of the instance, but two trials at once on a machine of four
    assert [row.internal["cpus"] for row in (first, second)] == [2.0, 2.0]


def test_a_grid_tries_every_combination_once(ctx: EngineContext) -> None:
    values = [
        {"Name": "booster", "Values": ["gbtree", "dart"]},
        {"Name": "max_depth", "Values": ["2", "3", "4"]},
    ]
    config = {"Strategy": "Grid", "ParameterRanges": {"CategoricalParameterRanges": values}}
    with pytest.raises(
        ValidationException, match=r"MaxNumberOfTrainingJobs \[6\] must equal|\[5\] must equal"
    ):
        create(ctx, jobs=5, config=config)
    create(ctx, jobs=None, config=config)
    done = run(ctx, lambda trial: setting(trial, "max_depth"))
    assert done.status == "Completed"
    found = {
        (row.document["HyperParameters"]["booster"], row.document["HyperParameters"]["max_depth"])
        for row in trials(ctx)
    }
    assert len(found) == len(trials(ctx)) == 6
    assert done.document["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 6


def test_random_search_repeats_itself_for_a_seed_and_never_a_setting(ctx: EngineContext) -> None:
    small = {"Strategy": "Random", "ParameterRanges": {"IntegerParameterRanges": [DEPTH]}}
    for name in ("a", "b"):
        create(ctx, name, jobs=8, config=small)
        run(ctx, lambda trial: 0.5, name)
    first, second = ([setting(row, "max_depth") for row in trials(ctx, name)] for name in ("a", "b"))
    assert first == second
    assert sorted(first) == [2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("scaling", ["Linear", "Logarithmic", "ReverseLogarithmic", "Auto"])
def test_scalings_spread_the_trials(ctx: EngineContext, scaling: str) -> None:
    wide = {"Name": "gamma", "MinValue": "0.001", "MaxValue": "0.999", "ScalingType": scaling}
    create(
        ctx, jobs=30, config={"Strategy": "Random", "ParameterRanges": {"ContinuousParameterRanges": [wide]}}
    )
    run(ctx, lambda trial: 0.5)
    values = sorted(setting(row, "gamma") for row in trials(ctx))
    assert values[0] >= 0.001
    assert values[-1] <= 0.999
    middle = values[15]
    assert {
        "Linear": 0.2 < middle < 0.8,
        "Logarithmic": middle < 0.2,
        "ReverseLogarithmic": middle > 0.8,
        "Auto": middle < 0.2,
    }[scaling]


def test_several_algorithms_compete_under_their_names(ctx: EngineContext) -> None:
    def named(name: str) -> dict[str, Any]:
        return definition(
            DefinitionName=name,
            TuningObjective=AUC,
            HyperParameterRanges={"ContinuousParameterRanges": [ETA]},
        )

    config = {"HyperParameterTuningJobObjective": None, "ParameterRanges": None}
    members = {
        "config": config,
        "TrainingJobDefinition": None,
        "TrainingJobDefinitions": [named("one"), named("two")],
    }
    with pytest.raises(ValidationException, match="DefinitionName of its own"):
        create(ctx, **{**members, "TrainingJobDefinitions": [named("one"), named("one")]})
    other = {**named("two"), "TuningObjective": {"Type": "Minimize", "MetricName": "validation:logloss"}}
    with pytest.raises(ValidationException, match="must be the same for all"):
        create(ctx, **{**members, "TrainingJobDefinitions": [named("one"), other]})
    with pytest.raises(ValidationException, match="single TrainingJobDefinition only"):
        create(ctx, **{**members, "config": {}})
    create(ctx, jobs=8, **members)
    done = run(ctx, lambda trial: setting(trial, "eta"))
    assert {one[0] for one in done.internal["trials"]} == {"one", "two"}
    assert done.document["BestTrainingJob"]["TrainingJobDefinitionName"] in ("one", "two")
