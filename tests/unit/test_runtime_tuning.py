"""Tuning jobs, stepped by hand: the test ends the training jobs, everything else is the engine's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.autopilot.listing import list_trials
from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ResourceInUse
from smstudio_ext.engine.runtime import training, tuning
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.reconciler import Reconciler
from smstudio_ext.engine.runtime.trials import trial_definition, trial_name
from smstudio_ext.engine.runtime.tuning import Plan
from smstudio_ext.engine.runtime.tuning_controller import TuningController
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource

REGION = "us-east-1"
NAME = "churn0123456789"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def new_context(directory: Path) -> EngineContext:
    """An engine in which only tuning jobs are moved, so training jobs stay as the test leaves them."""
    ctx = build_context(Settings(data_dir=directory, cpus=2), ManualClock())
    ctx.reconciler = Reconciler(ctx.store, ctx.clock, controllers={tuning.KIND: TuningController()})
    ctx.reconciler.attach(ctx)
    return ctx


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    context = new_context(tmp_path)
    context.objects.create_bucket("data", REGION)
    for part in ("train", "validation"):
        context.objects.put_bytes("data", f"{part}/chunk_0.csv.out", b"0,1\n1,2\n")
    yield context
    context.store.close()


def definition(name: str, metric: str = "validation:f1") -> dict[str, Any]:
    return {
        "DefinitionName": name,
        "TuningObjective": {"Type": "Maximize", "MetricName": metric},
        "HyperParameterRanges": {
            "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.001", "MaxValue": "1"}]
        },
        "StaticHyperParameters": {"objective": "binary:logistic", "num_round": "10"},
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::000000000000:role/r0123456789",
        "InputDataConfig": [
            {
                "ChannelName": part,
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://data/{part}/"}},
            }
            for part in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://data/tuning/{name}"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def create(ctx: EngineContext, jobs: int = 6, parallel: int = 2, **plan: Any) -> Resource:
    names = plan.pop("names", ("dpp0-xgboost", "dpp1-xgboost"))
    limits = {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel, **plan.pop("limits", {})}
    request = {
        "HyperParameterTuningJobName": NAME,
        "HyperParameterTuningJobConfig": {"Strategy": "Bayesian", "ResourceLimits": limits, "RandomSeed": 3},
        "TrainingJobDefinitions": [
            definition(name, "validation:f1" if "xgb" in name else "validation:binary_f_beta")
            for name in names
        ],
    }
    hints = Plan(**{"ready": names, "slot": Slot(1, 512), **plan})
    return tuning.create_tuning_job(ctx, REGION, request, hints, parent="AutoMLJob/churn")


def job(ctx: EngineContext) -> Resource:
    return ctx.store.resources.get(tuning.KIND, REGION, NAME)


def trials(ctx: EngineContext) -> list[Resource]:
    rows = ctx.store.resources.children(f"{tuning.KIND}/{NAME}", training.KIND)
    return sorted(rows, key=lambda row: row.name)


def finish(ctx: EngineContext, trial: Resource, value: float | None, status: str = "Completed") -> None:
    """Ends a training job as its controller does."""

    def edit(row: Resource) -> None:
        row.status = row.document["TrainingJobStatus"] = status
        row.finished = True
        if value is not None:
            name = row.document["HyperParameters"]["_tuning_objective_metric"]
            row.document["FinalMetricDataList"] = [{"MetricName": name, "Value": value, "Timestamp": 0.0}]
        if status == "Failed":
            row.document["FailureReason"] = "AlgorithmError: no luck, exit code: 1"

    ctx.store.resources.change(*trial.key, edit)
    ctx.reconciler.wake(tuning.KIND, REGION, NAME)


def run(ctx: EngineContext, value: Any = lambda trial: 0.5) -> None:
    """Ends all running trials in turn until the tuning job is over."""
    for _ in range(100):
        ctx.reconciler.run_due()
        running = [trial for trial in trials(ctx) if not trial.finished]
        if job(ctx).finished:
            return
        assert running, "nothing runs and the tuning job is not over"
        finish(ctx, running[0], value(running[0]))
    raise AssertionError("the tuning job does not end")


def test_trials_run_up_to_the_limits(ctx: EngineContext) -> None:
    create(ctx, jobs=5, parallel=2)
    ctx.reconciler.run_due()
    assert len(trials(ctx)) == 2
    run(ctx, lambda trial: float(trial.document["HyperParameters"]["eta"]))
    rows = trials(ctx)
    assert [row.name.split("-")[1] for row in rows] == ["001", "002", "003", "004", "005"]
    document = job(ctx).document
    assert document["HyperParameterTuningJobStatus"] == "Completed"
    assert document["TrainingJobStatusCounters"]["Completed"] == 5
    assert document["ObjectiveStatusCounters"] == {"Succeeded": 5, "Pending": 0, "Failed": 0}
    best = max(rows, key=lambda row: float(row.document["HyperParameters"]["eta"]))
    assert document["BestTrainingJob"]["TrainingJobName"] == best.name
    assert best.document["TuningJobArn"] == job(ctx).arn
    assert best.internal["cpus"] == 1


def test_the_job_above_hears_of_the_first_trials_and_of_each_better_one(
    ctx: EngineContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, str, str]] = []
    real = ctx.reconciler.wake

    def wake(*key: str) -> None:
        woken.append((key[0], key[1], key[2]))
        real(*key)

    monkeypatch.setattr(ctx.reconciler, "wake", wake)
    above = ("AutoMLJob", REGION, "churn")
    create(ctx, jobs=4, parallel=1)
    heard = []
    for value in (0.5, 0.4, 0.7):
        ctx.reconciler.run_due()
        heard.append(woken.count(above))
        finish(ctx, trials(ctx)[-1], value)
    ctx.reconciler.run_due()
    heard.append(woken.count(above))
    assert heard == [1, 2, 2, 3]


def test_defaults_are_tried_first_in_turn(ctx: EngineContext) -> None:
    create(
        ctx,
        parallel=3,
        defaults={"dpp0-xgboost": [{"eta": "0.25"}, {"eta": "0.75"}], "dpp1-xgboost": [{"eta": "0.5"}]},
    )
    ctx.reconciler.run_due()
    assert [row.document["HyperParameters"]["eta"] for row in trials(ctx)] == ["0.25", "0.5", "0.75"]
    assert [trial_definition(job(ctx), row.name) for row in trials(ctx)] == [
        "dpp0-xgboost",
        "dpp1-xgboost",
        "dpp0-xgboost",
    ]


def test_definitions_join_when_their_data_are_ready(ctx: EngineContext) -> None:
    create(ctx, ready=())
    ctx.reconciler.run_due()
    assert trials(ctx) == []
    assert not job(ctx).finished
    tuning.open_definition(ctx, REGION, NAME, ["dpp1-xgboost"])
    ctx.reconciler.run_due()
    assert {trial_definition(job(ctx), row.name) for row in trials(ctx)} == {"dpp1-xgboost"}


def test_job_ends_when_every_definition_is_closed(ctx: EngineContext) -> None:
    create(ctx, ready=())
    tuning.close_definition(ctx, REGION, NAME, ["dpp0-xgboost", "dpp1-xgboost"], "the transformer failed")
    ctx.reconciler.run_due()
    assert job(ctx).status == "Failed"
    assert "the transformer failed" in job(ctx).document["FailureReason"]


def test_metrics_of_different_algorithms_are_compared(ctx: EngineContext) -> None:
    create(ctx, jobs=4, names=("dpp0-xgboost", "dpp0-linear-learner"))
    run(ctx, lambda trial: 0.9 if "linear" in (trial_definition(job(ctx), trial.name) or "") else 0.1)
    best = job(ctx).document["BestTrainingJob"]
    assert best["TrainingJobDefinitionName"] == "dpp0-linear-learner"
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["MetricName"] == "validation:binary_f_beta"


def test_all_trials_failing_fails_the_job(ctx: EngineContext) -> None:
    create(ctx, jobs=10)
    for _ in range(20):
        ctx.reconciler.run_due()
        for trial in trials(ctx):
            if not trial.finished:
                finish(ctx, trial, None, "Failed")
        if job(ctx).finished:
            break
    assert job(ctx).status == "Failed"
    assert "no luck" in job(ctx).document["FailureReason"]
    assert len(trials(ctx)) == 4, "two trials of each of two pipelines are enough to know"


def test_stop_stops_running_trials_and_keeps_finished_ones(ctx: EngineContext) -> None:
    create(ctx)
    ctx.reconciler.run_due()
    first, second = trials(ctx)
    finish(ctx, first, 0.7)
    tuning.stop_tuning_job(ctx, REGION, NAME)
    ctx.reconciler.run_due()
    assert ctx.store.resources.get(*second.key).status == "Stopping"
    finish(ctx, second, None, "Stopped")
    ctx.reconciler.run_due()
    document = job(ctx).document
    assert document["HyperParameterTuningJobStatus"] == "Stopped"
    assert document["BestTrainingJob"]["TrainingJobName"] == first.name
    assert document["TrainingJobStatusCounters"]["Stopped"] == 1


def test_runtime_limit_stops_the_job(ctx: EngineContext) -> None:
    create(ctx, limits={"MaxRuntimeInSeconds": 30})
    ctx.reconciler.run_due()
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(31)
    ctx.reconciler.run_due()
    assert job(ctx).status == "Stopping"


def test_restart_neither_doubles_nor_loses_trials(ctx: EngineContext, tmp_path: Path) -> None:
    create(ctx, jobs=8)
    ctx.reconciler.run_due()
    finish(ctx, trials(ctx)[0], 0.3)
    ctx.reconciler.run_due()
    before = [row.name for row in trials(ctx)]
    ctx.store.close()
    again = new_context(tmp_path)
    again.reconciler.take_up()
    again.reconciler.run_due()
    assert [row.name for row in trials(again)] == before
    run(again)
    assert len(trials(again)) == 8
    assert len({row.document["HyperParameters"]["eta"] for row in trials(again)}) == 8
    again.store.close()


def test_proposal_written_before_a_crash_becomes_its_training_job(ctx: EngineContext, tmp_path: Path) -> None:
    create(ctx, jobs=3)

    def propose(row: Resource) -> None:
        row.internal["trials"].append(["dpp0-xgboost", {"eta": 0.125}])

    ctx.store.resources.change(tuning.KIND, REGION, NAME, propose)
    ctx.store.close()
    again = new_context(tmp_path)
    again.reconciler.take_up()
    again.reconciler.run_due()
    first = next(row for row in trials(again) if row.name == trial_name(NAME, 1))
    assert first.document["HyperParameters"]["eta"] == "0.125"
    run(again)
    assert len(trials(again)) == 3
    again.store.close()


def test_name_in_use_is_resource_in_use(ctx: EngineContext) -> None:
    create(ctx)
    with pytest.raises(ResourceInUse, match="already exists"):
        create(ctx)


def test_trials_are_listed_sorted_by_value(ctx: EngineContext) -> None:
    create(ctx, jobs=4)
    run(ctx, lambda trial: float(trial.document["HyperParameters"]["eta"]))
    listed, token = list_trials(
        ctx, job(ctx), {"SortBy": "FinalObjectiveMetricValue", "SortOrder": "Descending", "MaxResults": 3}
    )
    values = [one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for one in listed]
    assert values == sorted(values, reverse=True)
    assert token is not None
    assert all(one["TunedHyperParameters"].keys() == {"eta"} for one in listed)
    rest, end = list_trials(
        ctx,
        job(ctx),
        {
            "SortBy": "FinalObjectiveMetricValue",
            "SortOrder": "Descending",
            "MaxResults": 3,
            "NextToken": token,
        },
    )
    assert len(rest) == 1
    assert end is None
