"""Tuning jobs with real training jobs: trials that are stopped early, restarts, Stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.runtime import training, tuning, tuning_controller
from smstudio_ext.engine.runtime.early_stopping import behind_median
from smstudio_ext.engine.store import Resource
from tests.conftest import eventually
from tests.unit.job_stand import ACCOUNT, BUCKET, REGION, JobStand, job_stand

IMAGE = f"{ACCOUNT}/test-tuned:1"


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobStand]:
    monkeypatch.setattr(tuning_controller, "_LOOK_SECONDS", 0.05)
    with job_stand(tmp_path / "data", workers=True, cpus=4, memory_mb=4096) as made:
        yield made


def create(stand: JobStand, jobs: int, static: dict[str, str], ranges: dict[str, Any], **config: Any) -> None:
    request = {
        "HyperParameterTuningJobName": "job",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": ranges,
            "RandomSeed": 1,
            **config,
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": static,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*?);"}],
            },
            "RoleArn": "arn:aws:iam::000000000000:role/test",
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    }
    tuning.create_own_tuning_job(stand.ctx, REGION, request)


def any_x(low: str = "0", high: str = "1") -> dict[str, Any]:
    return {
        "ContinuousParameterRanges": [
            {"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": "Linear"}
        ]
    }


def grid(*values: str) -> dict[str, Any]:
    return {"CategoricalParameterRanges": [{"Name": "x", "Values": list(values)}]}


def trials(stand: JobStand) -> list[Resource]:
    rows = stand.ctx.store.resources.children(f"{tuning.KIND}/job", training.KIND)
    return sorted(rows, key=lambda row: row.name)


def test_the_median_rule_is_that_of_aws() -> None:
    others = [[5.0, 3.0, 1.0], [4.0, 4.0, 4.0], [9.0, 0.0, 3.0, 7.0]]  # averages at epoch 3: 3, 4, 4
    assert behind_median([9, 9, 4.1], others, maximize=False)
    assert not behind_median([9, 9, 3.9], others, maximize=False)
    assert behind_median([9, 9, 3.9], others, maximize=True)
    assert not behind_median([9, 9, 9, 9], others, maximize=False), "only one came so far"
    assert not behind_median([9, 9], others, maximize=False), "too early"


def test_a_hopeless_trial_is_stopped_early_and_keeps_its_value(stand: JobStand) -> None:
    values = ("0.5", "0.51", "0.52", "0.53", "0.99")
    create(
        stand,
        5,
        {"epochs": "5", "patience": "0.4"},
        grid(*values),
        Strategy="Grid",
        TrainingJobEarlyStoppingType="Auto",
    )
    done = stand.settle("job", tuning.KIND, 60)
    assert done.status == "Completed"
    last = trials(stand)[4]
    assert (last.status, last.document["HyperParameters"]["x"]) == ("Stopped", "0.99")
    final = {row["MetricName"]: row["Value"] for row in last.document["FinalMetricDataList"]}
    assert list(final.values()) == pytest.approx([0.49] * len(final))
    assert "ObjectiveMetric" in final
    assert done.document["ObjectiveStatusCounters"]["Succeeded"] == 5
    assert done.document["TrainingJobStatusCounters"] == {
        "Completed": 4,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 1,
    }
    assert done.document["BestTrainingJob"]["TunedHyperParameters"] == {"x": "0.5"}


def test_hyperband_stops_trials_at_its_rungs(stand: JobStand) -> None:
    create(
        stand,
        10,
        {"pace": "1.2"},
        any_x(),
        Strategy="Hyperband",
        StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 5}},
    )
    done = stand.settle("job", tuning.KIND, 90)
    assert done.status == "Completed"
    stopped = [row for row in trials(stand) if row.status == "Stopped"]
    assert stopped
    finished = [row for row in trials(stand) if row.status == "Completed"]
    assert len(stopped) + len(finished) == 10
    best = float(done.document["BestTrainingJob"]["TunedHyperParameters"]["x"])
    assert all(
        abs(float(row.document["HyperParameters"]["x"]) - 0.5) >= abs(best - 0.5) for row in trials(stand)
    )


def test_hyperband_ends_trials_beyond_its_largest_resource(stand: JobStand) -> None:
    halving = {"HyperbandStrategyConfig": {"MinResource": 2, "MaxResource": 3}}
    create(
        stand,
        1,
        {"epochs": "8", "patience": "0"},
        any_x("0.7", "0.8"),
        Strategy="Hyperband",
        StrategyConfig=halving,
    )
    assert stand.settle("job", tuning.KIND, 60).document["TrainingJobStatusCounters"]["Stopped"] == 1


def test_a_killed_engine_loses_no_trial_and_doubles_none(stand: JobStand) -> None:
    create(stand, 8, {"epochs": "2", "pace": "0.5"}, any_x())
    eventually(lambda: len(trials(stand)) >= 3, 30, "three trials")
    stand.restart()
    done = stand.settle("job", tuning.KIND, 90)
    assert done.status == "Completed", done.document.get("FailureReason")
    assert [row.name.split("-")[1] for row in trials(stand)] == [f"{number:03d}" for number in range(1, 9)]
    assert len({row.document["HyperParameters"]["x"] for row in trials(stand)}) == 8
    assert done.document["TrainingJobStatusCounters"]["Completed"] == 8


def test_a_trial_that_is_prepared_again_after_a_crash_has_one_log(
    stand: JobStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(stand, 1, {}, any_x())
    stand.settle("job", tuning.KIND, 60)
    (trial,) = trials(stand)
    del trial.internal["stream"]
    monkeypatch.setattr(stand.ctx.clock, "now", lambda: trial.created + 100)
    training.TrainingController()._open_log(stand.ctx, trial)
    streams = stand.ctx.logs.streams(REGION, "/aws/sagemaker/TrainingJobs", f"{trial.name}/")
    assert len(streams) == 1


def test_a_stop_ends_running_trials_and_keeps_the_best(stand: JobStand) -> None:
    create(
        stand,
        50,
        {"patience": "0.25"},
        grid("0.5", "0.9", "0.95"),
        Strategy="Grid",
        ResourceLimits={"MaxParallelTrainingJobs": 3},
    )
    eventually(lambda: stand.job("job", tuning.KIND).document.get("BestTrainingJob"), 30, "a result")
    tuning.stop_tuning_job(stand.ctx, REGION, "job")
    done = stand.settle("job", tuning.KIND, 60)
    assert done.status == "Stopped"
    assert done.document["BestTrainingJob"]["TunedHyperParameters"] == {"x": "0.5"}
    assert {row.status for row in trials(stand)} == {"Completed", "Stopped"}
