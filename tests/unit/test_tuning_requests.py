"""What CreateHyperParameterTuningJob refuses, what it fills in, and how its trials go."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ResourceLimitExceeded, ResourceNotFound, ValidationException
from smstudio_ext.engine.runtime import training, tuning
from smstudio_ext.engine.runtime.reconciler import Reconciler
from smstudio_ext.engine.runtime.trials import trial_name
from smstudio_ext.engine.runtime.tuning_controller import TuningController
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource

REGION = "us-east-1"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
AUC = {"Type": "Maximize", "MetricName": "validation:auc"}
ETA = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5"}
DEPTH = {"Name": "max_depth", "MinValue": "2", "MaxValue": "9"}


def new_context(directory: Path) -> EngineContext:
    ctx = build_context(Settings(data_dir=directory, cpus=4, memory_mb=4096), ManualClock())
    ctx.reconciler = Reconciler(ctx.store, ctx.clock, controllers={tuning.KIND: TuningController()})
    ctx.reconciler.attach(ctx)
    return ctx


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    context = new_context(tmp_path)
    context.objects.create_bucket("data", REGION)
    yield context
    context.store.close()


def definition(**members: Any) -> dict[str, Any]:
    channel = {
        "ChannelName": "train",
        "ContentType": "text/csv",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}},
    }
    return {
        "StaticHyperParameters": {"objective": "binary:logistic", "num_round": "10", "eval_metric": "auc"},
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::000000000000:role/tuner",
        "InputDataConfig": [channel],
        "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **members,
    }


def request(name: str = "job", *, jobs: int | None = 6, **members: Any) -> dict[str, Any]:
    """A request; `config` and `definition` are merged into theirs, other members into the request."""
    limits: dict[str, Any] = {"MaxParallelTrainingJobs": 2}
    if jobs is not None:
        limits["MaxNumberOfTrainingJobs"] = jobs
    config = {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": AUC,
        "ResourceLimits": limits,
        "ParameterRanges": {"ContinuousParameterRanges": [ETA], "IntegerParameterRanges": [DEPTH]},
        "RandomSeed": 4,
        **members.pop("config", {}),
    }
    made: dict[str, Any] = {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {key: value for key, value in config.items() if value is not None},
        "TrainingJobDefinition": definition(**members.pop("definition", {})),
        **members,
    }
    return copy.deepcopy({key: value for key, value in made.items() if value is not None})


def create(ctx: EngineContext, name: str = "job", **members: Any) -> Resource:
    return tuning.create_own_tuning_job(ctx, REGION, request(name, **members))


def job(ctx: EngineContext, name: str = "job") -> Resource:
    return ctx.store.resources.get(tuning.KIND, REGION, name)


def trials(ctx: EngineContext, name: str = "job") -> list[Resource]:
    rows = ctx.store.resources.children(f"{tuning.KIND}/{name}", training.KIND)
    return sorted(rows, key=lambda row: row.name)


def end(ctx: EngineContext, trial: Resource, value: float | None, status: str = "Completed") -> None:
    """Ends a training job as its controller does."""

    def edit(row: Resource) -> None:
        row.status = row.document["TrainingJobStatus"] = status
        row.finished = True
        row.document["TrainingEndTime"] = ctx.clock.now()
        if value is not None:
            metric = row.document["HyperParameters"]["_tuning_objective_metric"]
            row.document["FinalMetricDataList"] = [{"MetricName": metric, "Value": value, "Timestamp": 0.0}]
        if status == "Failed":
            row.document["FailureReason"] = "AlgorithmError: no luck, exit code: 1"

    ctx.store.resources.change(*trial.key, edit)
    ctx.reconciler.wake(tuning.KIND, REGION, trial.parent.partition("/")[2] if trial.parent else "")


def run(ctx: EngineContext, value: Any, name: str = "job") -> Resource:
    """Ends all running trials in turn until the tuning job is over; stopped ones end without a value."""
    for _ in range(200):
        ctx.reconciler.run_due()
        if job(ctx, name).finished:
            return job(ctx, name)
        running = [trial for trial in trials(ctx, name) if not trial.finished]
        assert running, "nothing runs and the tuning job is not over"
        if running[0].status == "Stopping":
            end(ctx, running[0], None, "Stopped")
        else:
            found = value(running[0])
            end(ctx, running[0], found, "Failed" if found is None else "Completed")
    raise AssertionError("the tuning job does not end")


def setting(trial: Resource, name: str) -> float:
    return float(trial.document["HyperParameters"][name])


def ranges(**parts: Any) -> dict[str, Any]:
    members = {
        "continuous": "ContinuousParameterRanges",
        "integer": "IntegerParameterRanges",
        "categorical": "CategoricalParameterRanges",
        "auto": "AutoParameters",
    }
    return {"config": {"ParameterRanges": {members[kind]: value for kind, value in parts.items()}}}


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
    (ranges(integer=[{**DEPTH, "Name": "eta"}]), ""),  # whole numbers are numbers
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


def test_five_failures_without_success_fail_the_job(ctx: EngineContext) -> None:
    create(ctx, jobs=20)
    done = run(ctx, lambda trial: None)
    assert done.status == "Failed"
    assert done.document["FailureReason"].startswith("No training job succeeded after 5 attempts.")
    assert "no luck" in done.document["FailureReason"]
    assert len(trials(ctx)) == 6, "one was running beside the fifth failure"
    counters = done.document["TrainingJobStatusCounters"]
    assert (counters["NonRetryableError"], counters["Stopped"]) == (5, 1)


def test_few_failures_of_all_fail_the_job_and_of_some_do_not(ctx: EngineContext) -> None:
    create(ctx, "all", jobs=3)
    assert (
        run(ctx, lambda trial: None, "all").document["FailureReason"].startswith("All training jobs failed.")
    )
    create(ctx, "some", jobs=6)
    done = run(ctx, lambda trial: None if "-001-" in trial.name else 0.5, "some")
    assert done.status == "Completed"
    assert done.document["ObjectiveStatusCounters"] == {"Succeeded": 5, "Pending": 0, "Failed": 1}


@pytest.mark.parametrize(
    ("criteria", "most"),
    [
        ({"TargetObjectiveMetricValue": 0.3}, 4),
        ({"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}, 10),
        ({"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}, 36),
    ],
)
def test_completion_criteria_end_the_job_early(
    ctx: EngineContext, criteria: dict[str, Any], most: int
) -> None:
    create(ctx, jobs=100, config={"TuningJobCompletionCriteria": criteria})
    done = run(ctx, lambda trial: 0.1 * min(int(trial.name.split("-")[1]), 4))
    assert done.status == "Completed"
    assert 3 <= len(trials(ctx)) <= most
    details = done.document["TuningJobCompletionDetails"]
    assert ("ConvergenceDetectedTime" in details) == ("ConvergenceDetected" in criteria)
    if "BestObjectiveNotImproving" in criteria:
        assert details["NumberOfTrainingJobsObjectiveNotImproving"] >= 3


def test_stopped_trials_count_with_the_value_they_printed(ctx: EngineContext) -> None:
    create(ctx, jobs=2)
    ctx.reconciler.run_due()
    first, second = trials(ctx)
    end(ctx, first, 0.9, "Stopped")
    end(ctx, second, 0.5)
    ctx.reconciler.run_due()
    document = job(ctx).document
    assert document["BestTrainingJob"]["TrainingJobName"] == first.name
    assert document["BestTrainingJob"]["TrainingJobStatus"] == "Stopped"
    assert document["TrainingJobStatusCounters"]["Stopped"] == 1


def test_autotune_finds_ranges_limits_and_early_stopping(ctx: EngineContext) -> None:
    auto = [
        {"Name": "eta", "ValueHint": "0.2"},
        {"Name": "max_depth", "ValueHint": "6"},
        {"Name": "grow_policy", "ValueHint": "depthwise"},
    ]
    create(ctx, jobs=None, Autotune={"Mode": "Enabled"}, **ranges(auto=auto))
    row = job(ctx)
    config = row.document["HyperParameterTuningJobConfig"]
    assert config["TrainingJobEarlyStoppingType"] == "Auto"
    assert config["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 30
    assert config["TuningJobCompletionCriteria"]["ConvergenceDetected"]["CompleteOnConvergence"] == "Enabled"
    found = row.internal["resolved"][0]["HyperParameterRanges"]
    assert found["ContinuousParameterRanges"][0]["MaxValue"] == "0.5"
    assert found["IntegerParameterRanges"][0] == {
        "Name": "max_depth",
        "MinValue": "0",
        "MaxValue": "10",
        "ScalingType": "Linear",
    }
    assert found["CategoricalParameterRanges"][0]["Values"] == ["depthwise", "lossguide"]


def test_instance_configs_and_checkpoints_reach_the_trials(ctx: EngineContext) -> None:
    choice = {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 9}
    members = {
        "ResourceConfig": None,
        "HyperParameterTuningResourceConfig": {
            "AllocationStrategy": "Prioritized",
            "InstanceConfigs": [choice],
        },
        "CheckpointConfig": {"S3Uri": "s3://data/checkpoints", "LocalPath": "/opt/ml/checkpoints"},
        "Environment": {"A": "b"},
    }
    create(ctx, definition=members)
    ctx.reconciler.run_due()
    first = trials(ctx)[0]
    assert first.document["ResourceConfig"] == choice
    assert first.document["CheckpointConfig"]["S3Uri"] == f"s3://data/checkpoints/{first.name}"
    assert first.document["Environment"] == {"A": "b"}


def warm(kind: str, *names: str) -> dict[str, Any]:
    parents = [{"HyperParameterTuningJobName": name} for name in names]
    return {"WarmStartConfig": {"ParentHyperParameterTuningJobs": parents, "WarmStartType": kind}}


def test_identical_warm_start_knows_what_its_parents_found(ctx: EngineContext) -> None:
    create(ctx, "parent", jobs=30)
    parent = run(ctx, lambda trial: -abs(setting(trial, "eta") - 0.3), "parent")
    create(ctx, "child", jobs=4, **warm("IdenticalDataAndAlgorithm", "parent"))
    done = run(ctx, lambda trial: -abs(setting(trial, "eta") - 0.3), "child")
    near = [abs(setting(row, "eta") - 0.3) for row in trials(ctx, "child")]
    assert sorted(near)[1] < 0.1, "no random start"
    overall = done.document["OverallBestTrainingJob"]
    best = max(
        (one.document["BestTrainingJob"] for one in (parent, done)),
        key=lambda one: one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
    )
    assert overall["TrainingJobName"] == best["TrainingJobName"]
    assert overall["TuningJobName"] in ("parent", "child")


def test_transfer_learning_tries_the_best_settings_of_its_parents_first(ctx: EngineContext) -> None:
    for name in ("a", "b"):
        create(ctx, name, jobs=8)
        run(ctx, lambda trial: setting(trial, "eta"), name)
    create(ctx, "child", jobs=6, **warm("TransferLearning", "a", "b"))
    run(ctx, lambda trial: 0.1, "child")
    best = {job(ctx, name).document["BestTrainingJob"]["TunedHyperParameters"]["eta"] for name in ("a", "b")}
    assert best <= {row.document["HyperParameters"]["eta"] for row in trials(ctx, "child")}


def test_warm_starts_that_do_not_fit_are_refused(ctx: EngineContext) -> None:
    identical = "IdenticalDataAndAlgorithm"
    with pytest.raises(ValidationException, match=r"\[nobody\] doesn't exist"):
        create(ctx, **warm(identical, "nobody"))
    create(ctx, "parent", jobs=1)
    with pytest.raises(ValidationException, match=r"\[parent\] is in status InProgress"):
        create(ctx, **warm(identical, "parent"))
    run(ctx, lambda trial: 0.5, "parent")
    with pytest.raises(ValidationException, match=r"objective metric .* must be the same"):
        create(
            ctx,
            config={"HyperParameterTuningJobObjective": {**AUC, "MetricName": "validation:f1"}},
            **warm(identical, "parent"),
        )
    with pytest.raises(ValidationException, match=r"static and tunable hyperparameters.*subsample"):
        create(
            ctx,
            **warm(identical, "parent"),
            **ranges(continuous=[ETA, {**ETA, "Name": "subsample"}], integer=[DEPTH]),
        )
    other = definition()["InputDataConfig"][0]
    other["DataSource"]["S3DataSource"]["S3Uri"] = "s3://data/other/"
    with pytest.raises(ValidationException, match="InputDataConfig must be that of the parent"):
        create(ctx, definition={"InputDataConfig": [other]}, **warm(identical, "parent"))
    create(ctx, definition={"InputDataConfig": [other]}, **warm("TransferLearning", "parent"))


def test_a_restart_keeps_seed_strategy_and_results(ctx: EngineContext, tmp_path: Path) -> None:
    create(ctx, jobs=6, config={"Strategy": "Random"})
    ctx.reconciler.run_due()
    end(ctx, trials(ctx)[0], 0.9)
    ctx.reconciler.run_due()
    names = [row.name for row in trials(ctx)]
    ctx.store.close()
    again = new_context(tmp_path)
    again.reconciler.take_up()
    again.reconciler.run_due()
    assert [row.name for row in trials(again)] == names
    done = run(again, lambda trial: 0.1)
    assert len(trials(again)) == 6
    assert done.document["BestTrainingJob"]["TrainingJobName"] == names[0]
    assert done.document["ConsumedResources"]["RuntimeInSeconds"] >= 0
    again.store.close()


def test_only_an_ended_job_is_deleted_and_its_trials_stay(ctx: EngineContext) -> None:
    create(ctx, jobs=1)
    with pytest.raises(ValidationException, match="is in status InProgress"):
        tuning.delete_tuning_job(ctx, REGION, "job")
    run(ctx, lambda trial: 0.1)
    tuning.delete_tuning_job(ctx, REGION, "job")
    assert len(trials(ctx)) == 1
    with pytest.raises(ResourceNotFound, match="can't find a tuning job with the name job"):
        tuning.get_tuning_job(ctx, REGION, "job")
