"""Tuning jobs: failures, ends, warm starts, restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ResourceNotFound, ValidationException
from smstudio_ext.engine.runtime import tuning
from tests.unit.tuning_requests import (
    AUC,
    DEPTH,
    ETA,
    REGION,
    create,
    ctx,
    definition,
    end,
    job,
    new_context,
    ranges,
    run,
    setting,
    trials,
)

__all__ = ["ctx"]  # fixtures


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
