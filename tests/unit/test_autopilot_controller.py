"""The stages of an Autopilot job, stepped by hand: the test ends the jobs, everything else is the engine's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.autopilot import controller, documents
from smstudio_ext.engine.autopilot.controller import AutoMLController
from smstudio_ext.engine.autopilot.listing import list_candidates
from smstudio_ext.engine.autopilot.naming import JobNames
from smstudio_ext.engine.autopilot.specification import specification_v1
from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ResourceNotFound, ValidationException
from smstudio_ext.engine.hosting import configs, endpoints, models
from smstudio_ext.engine.hosting.transform import jobs as transform
from smstudio_ext.engine.runtime import processing, training, tuning
from smstudio_ext.engine.runtime.reconciler import Reconciler
from smstudio_ext.engine.runtime.tuning_controller import TuningController
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource

REGION = "us-east-1"
NAMES = JobNames("churn", REGION)
JOBS = (processing.KIND, training.KIND, transform.KIND)
STATUS_MEMBERS = {
    processing.KIND: "ProcessingJobStatus",
    training.KIND: "TrainingJobStatus",
    transform.KIND: "TransformJobStatus",
}


def pipeline(strategy: str) -> dict[str, Any]:
    return {
        "Name": f"{strategy}-xgboost",
        "Strategy": strategy,
        "Algorithm": "xgboost",
        "TrainingImage": "sagemaker-xgboost:1.7-1",
        "InferenceImage": "sagemaker-xgboost:1.7-1",
        "StaticHyperparameters": {"objective": "binary:logistic", "num_round": "10"},
        "ParameterRanges": {
            "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.001", "MaxValue": "1"}]
        },
        "ObjectiveMetricName": "validation:f1_binary",
        "StandardMetrics": {"F1": "f1_binary", "LogLoss": "logloss", "InferenceLatency": "inference_latency"},
        "WarmStart": [{"eta": "0.1"}],
        "Share": 0.5,
    }


def strategy(name: str, data_format: str = "text/csv") -> dict[str, Any]:
    return {
        "Name": name,
        "TransformsLabel": True,
        "TransformedDataFormat": data_format,
        "SparseEncoding": False,
        "Hyperparameters": {"processor_module": name},
    }


PLAN = {
    "Version": 1,
    "ProblemType": "BinaryClassification",
    "Objective": "F1",
    "ObjectiveType": "Maximize",
    "Strategies": [strategy("dpp0"), strategy("dpp1", "application/x-recordio-protobuf")],
    "Candidates": [pipeline("dpp0"), pipeline("dpp1")],
}


def new_context(directory: Path) -> EngineContext:
    """An engine that moves only Autopilot and tuning jobs; the test plays the machines that run the others."""
    ctx = build_context(Settings(data_dir=directory, cpus=2), ManualClock())
    ctx.reconciler = Reconciler(
        ctx.store,
        ctx.clock,
        controllers={controller.KIND: AutoMLController(), tuning.KIND: TuningController()},
    )
    ctx.reconciler.attach(ctx)
    return ctx


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    context = new_context(tmp_path)
    context.objects.create_bucket("data", REGION)
    context.objects.put_bytes("data", "in/train.csv", b"a,y\n1,0\n")
    yield context
    context.store.close()


def create(ctx: EngineContext, criteria: dict[str, int] | None = None, **members: Any) -> Resource:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}}
    request = {
        "AutoMLJobName": "churn",
        "InputDataConfig": [{"DataSource": source, "TargetAttributeName": "y"}],
        "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
        "RoleArn": "arn:aws:iam::000000000000:role/r0123456789",
        "AutoMLJobConfig": {"CompletionCriteria": criteria or {"MaxCandidates": 4}},
        **members,
    }
    job = controller.create_automl_job(ctx, REGION, specification_v1(request))
    ctx.reconciler.run_due()
    return job


def describe(ctx: EngineContext) -> dict[str, Any]:
    return documents.describe_v1(ctx, controller.get_automl_job(ctx, REGION, "churn"))


def stage(ctx: EngineContext) -> tuple[str, str]:
    found = describe(ctx)
    return found["AutoMLJobStatus"], found["AutoMLJobSecondaryStatus"]


def open_jobs(ctx: EngineContext) -> list[Resource]:
    return ctx.store.resources.unfinished(JOBS)


def finish(
    ctx: EngineContext, job: Resource, status: str = "Completed", reason: str = "", value: float = 0.5
) -> None:
    """Ends a job as its own controller does, then lets the Autopilot job see it."""
    if job.kind == processing.KIND and status == "Completed":
        key = f"out/churn/sagemaker-automl-candidates/{NAMES.recommender()}/candidates.json"
        ctx.objects.put_bytes("data", key, json.dumps(PLAN).encode())

    def edit(row: Resource) -> None:
        row.status = row.document[STATUS_MEMBERS[row.kind]] = status
        row.finished = True
        if status == "Failed":
            row.document["ExitMessage" if row.kind == processing.KIND else "FailureReason"] = reason
        if row.kind == training.KIND and status == "Completed":
            uri = f"{row.document['OutputDataConfig']['S3OutputPath']}/{row.name}/output/model.tar.gz"
            row.document["ModelArtifacts"] = {"S3ModelArtifacts": uri}
            row.document["FinalMetricDataList"] = [
                {"MetricName": name, "Value": value, "Timestamp": 0.0}
                for name in (
                    "train:f1_binary",
                    "validation:f1_binary",
                    "validation:inference_latency",
                    "validation:F1",
                )
            ]

    if status == "Completed":
        _write_output(ctx, job)
    ctx.store.resources.change(*job.key, edit)
    kind, _, name = str(job.parent).partition("/")
    ctx.reconciler.wake(kind, REGION, name)
    ctx.reconciler.run_due()
    ctx.reconciler.wake(controller.KIND, REGION, "churn")
    ctx.reconciler.run_due()


def _write_output(ctx: EngineContext, job: Resource) -> None:
    """Puts what a completed job leaves in S3."""
    if job.kind == training.KIND:
        root = job.document["OutputDataConfig"]["S3OutputPath"].removeprefix("s3://data/")
        ctx.objects.put_bytes("data", f"{root}/{job.name}/output/model.tar.gz", b"model")
    if job.kind == transform.KIND:
        root = job.document["TransformOutput"]["S3OutputPath"].removeprefix("s3://data/")
        for part in ("train", "validation"):
            ctx.objects.put_bytes("data", f"{root}/{part}/chunk_0.csv.out", b"0,1\n")


def finish_named(ctx: EngineContext, name: str, status: str = "Completed", reason: str = "") -> None:
    finish(ctx, next(job for job in open_jobs(ctx) if job.name == name), status, reason)


def run(ctx: EngineContext, until: str = "") -> None:
    """Ends open jobs one after the other, until the stage is reached or the job is over."""
    for number in range(100):
        status, secondary = stage(ctx)
        if secondary == until or status in ("Completed", "Failed", "Stopped"):
            return
        jobs = open_jobs(ctx)
        assert jobs, f"nothing runs in {secondary}"
        finish(ctx, jobs[0], value=0.5 + number / 1000)
    raise AssertionError("the job does not end")


def test_stages_follow_each_other_to_the_best_candidate(ctx: EngineContext) -> None:
    seen: list[str] = []
    ctx.store.changes.subscribe(
        lambda change: seen.append(change.secondary) if change.kind == controller.KIND else None
    )
    create(ctx)
    run(ctx)
    assert list(dict.fromkeys(seen)) == [
        "Starting",
        "AnalyzingData",
        "CandidateDefinitionsGenerated",
        "FeatureEngineering",
        "ModelTuning",
        "MaxCandidatesReached",
        "GeneratingExplainabilityReport",
        "GeneratingModelInsightsReport",
        "Completed",
    ]
    job = describe(ctx)
    assert job["AutoMLJobStatus"] == "Completed"
    found, _ = list_candidates(
        ctx,
        controller.get_automl_job(ctx, REGION, "churn"),
        {"SortBy": "FinalObjectiveMetricValue", "SortOrder": "Descending"},
    )
    assert len(found) == 4
    assert job["BestCandidate"] == found[0]
    assert job["ResolvedAttributes"]["CompletionCriteria"] == {"MaxCandidates": 4}
    metrics = job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert {(one["StandardMetricName"], one["Set"]) for one in metrics} == {
        ("F1", "Train"),
        ("F1", "Validation"),
        ("InferenceLatency", "Validation"),
    }
    assert all("MetricName" not in one for one in metrics if one["StandardMetricName"] == "InferenceLatency")


def test_tuning_starts_with_the_first_strategy(ctx: EngineContext) -> None:
    create(ctx)
    finish_named(ctx, NAMES.data_builder())
    assert stage(ctx) == ("InProgress", "FeatureEngineering")
    finish_named(ctx, NAMES.transformer("dpp1"))
    finish_named(ctx, NAMES.transform("dpp1", "rpb"))
    assert stage(ctx) == ("InProgress", "ModelTuning")
    job = ctx.store.resources.get(tuning.KIND, REGION, NAMES.tuning())
    assert job.internal["ready"] == ["dpp1-xgboost"]
    assert {trial[0] for trial in job.internal["trials"]} == {"dpp1-xgboost"}
    finish_named(ctx, NAMES.transformer("dpp0"))
    finish_named(ctx, NAMES.transform("dpp0", "csv"))
    job = ctx.store.resources.get(tuning.KIND, REGION, NAMES.tuning())
    assert job.internal["ready"] == ["dpp1-xgboost", "dpp0-xgboost"]
    run(ctx)
    assert stage(ctx) == ("Completed", "Completed")


def test_analysis_failure_is_told_unchanged(ctx: EngineContext) -> None:
    create(ctx)
    finish_named(ctx, NAMES.data_builder(), "Failed", "The target column y has only one value.")
    assert stage(ctx) == ("Failed", "Failed")
    assert describe(ctx)["FailureReason"] == "The target column y has only one value."


def test_one_failed_strategy_is_a_partial_failure(ctx: EngineContext) -> None:
    create(ctx)
    finish_named(ctx, NAMES.data_builder())
    finish_named(ctx, NAMES.transformer("dpp0"), "Failed", "AlgorithmError: no")
    run(ctx)
    job = describe(ctx)
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Completed", "Completed")
    assert "AlgorithmError: no" in job["PartialFailureReasons"][0]["PartialFailureMessage"]
    assert "PartialFailureReasons" in documents.summary(controller.get_automl_job(ctx, REGION, "churn"))


def test_all_strategies_failing_fails_the_job(ctx: EngineContext) -> None:
    create(ctx)
    finish_named(ctx, NAMES.data_builder())
    for name in ("dpp0", "dpp1"):
        finish_named(ctx, NAMES.transformer(name), "Failed", "AlgorithmError: no")
    assert stage(ctx) == ("Failed", "Failed")
    assert "AlgorithmError: no" in describe(ctx)["FailureReason"]


def test_all_trials_failing_fails_the_job(ctx: EngineContext) -> None:
    create(ctx, {"MaxCandidates": 20})
    run(ctx, "ModelTuning")
    for _ in range(20):
        for job in open_jobs(ctx)[:1]:
            failing = job.parent == f"{tuning.KIND}/{NAMES.tuning()}"
            finish(ctx, job, "Failed" if failing else "Completed", "AlgorithmError: out of luck")
    assert stage(ctx) == ("Failed", "Failed")
    assert "out of luck" in describe(ctx)["FailureReason"]


def test_trials_cut_off_by_their_limit_name_it(ctx: EngineContext) -> None:
    create(ctx, {"MaxCandidates": 2, "MaxRuntimePerTrainingJobInSeconds": 7})
    run(ctx, "ModelTuning")
    for _ in range(20):
        for job in open_jobs(ctx)[:1]:
            trial = job.parent == f"{tuning.KIND}/{NAMES.tuning()}"
            finish(
                ctx,
                job,
                "Failed" if trial else "Completed",
                f"{job.name} did not end within MaxRuntimeInSeconds (7).",
            )
    assert stage(ctx) == ("Failed", "Failed")
    assert "within MaxRuntimePerTrainingJobInSeconds (7): raise it." in describe(ctx)["FailureReason"]


def test_pilot_ends_after_the_analysis(ctx: EngineContext) -> None:
    create(ctx, GenerateCandidateDefinitionsOnly=True)
    run(ctx)
    assert stage(ctx) == ("Completed", "CandidateDefinitionsGenerated")
    assert "BestCandidate" not in describe(ctx)
    assert ctx.store.resources.children("AutoMLJob/churn", training.KIND) == []


@pytest.mark.parametrize(
    "at", ["AnalyzingData", "FeatureEngineering", "ModelTuning", "GeneratingExplainabilityReport"]
)
def test_stop_ends_every_child_first(ctx: EngineContext, at: str) -> None:
    create(ctx)
    run(ctx, at)
    controller.stop_automl_job(ctx, REGION, "churn")
    ctx.reconciler.run_due()
    assert stage(ctx) == ("Stopping", "Stopping")
    assert open_jobs(ctx)
    for job in open_jobs(ctx):
        assert job.status == "Stopping"
        finish(ctx, job, "Stopped")
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(1)
    ctx.reconciler.run_due()
    assert stage(ctx) == ("Stopped", "Stopped")
    with pytest.raises(ValidationException, match="is in status Stopped"):
        controller.stop_automl_job(ctx, REGION, "churn")


def test_stop_takes_an_unfinished_deployment_back(ctx: EngineContext) -> None:
    create(ctx, ModelDeployConfig={"EndpointName": "mine"})
    run(ctx, "DeployingModel")
    ctx.reconciler.run_due()
    assert ctx.store.resources.get(endpoints.KIND, REGION, "mine").status == "Creating"
    controller.stop_automl_job(ctx, REGION, "churn")
    ctx.reconciler.run_due()
    for job in open_jobs(ctx):
        finish(ctx, job, "Stopped")
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(1)
    ctx.reconciler.run_due()
    assert stage(ctx) == ("Stopped", "Stopped")
    assert "BestCandidate" in describe(ctx)
    assert ctx.store.resources.get(endpoints.KIND, REGION, "mine").status == "Deleting"
    assert ctx.store.resources.find(configs.KIND, REGION, NAMES.endpoint()) is None
    assert ctx.store.resources.find(models.KIND, REGION, NAMES.model()) is None


def test_runtime_limit_keeps_the_best_candidate(ctx: EngineContext) -> None:
    create(ctx, {"MaxCandidates": 100, "MaxAutoMLJobRuntimeInSeconds": 60})
    run(ctx, "ModelTuning")
    while "BestCandidate" not in describe(ctx):
        finish(ctx, open_jobs(ctx)[0])
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(61)
    ctx.reconciler.run_due()
    assert stage(ctx)[0] == "InProgress"
    for job in open_jobs(ctx):
        finish(ctx, job, "Stopped")
    ctx.clock.advance(0.5)
    ctx.reconciler.run_due()
    assert stage(ctx) == ("InProgress", "GeneratingExplainabilityReport")
    assert describe(ctx)["BestCandidate"]["CandidateStatus"] == "Completed"
    ctx.clock.advance(0.6)
    ctx.reconciler.run_due()
    assert stage(ctx) == ("Completed", "Completed")
    assert "explainability report was not written" in str(describe(ctx)["PartialFailureReasons"])


def test_reports_are_noted_on_the_best_candidate_alone(ctx: EngineContext) -> None:
    create(ctx)
    run(ctx, "GeneratingExplainabilityReport")
    reports = {NAMES.report("explainability"), NAMES.report("model_insights")}
    assert reports <= {job.name for job in open_jobs(ctx)}
    run(ctx)
    best = describe(ctx)["BestCandidate"]
    assert best["CandidateProperties"]["CandidateArtifactLocations"] == {
        "Explainability": f"s3://data/out/churn/documentation/explainability/output/{best['CandidateName']}",
        "ModelInsights": f"s3://data/out/churn/documentation/model_insights/{best['CandidateName']}",
    }
    found, _ = list_candidates(ctx, controller.get_automl_job(ctx, REGION, "churn"), {})
    located = [one for one in found if "CandidateArtifactLocations" in one.get("CandidateProperties", {})]
    assert located == [best]


def test_a_failed_report_is_a_partial_failure(ctx: EngineContext) -> None:
    seen: list[str] = []
    ctx.store.changes.subscribe(
        lambda change: seen.append(change.secondary) if change.kind == controller.KIND else None
    )
    create(ctx)
    run(ctx, "GeneratingExplainabilityReport")
    finish_named(ctx, NAMES.report("explainability"), "Failed", "AlgorithmError: no memory")
    run(ctx)
    assert "ExplainabilityError" in seen
    job = describe(ctx)
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Completed", "Completed")
    assert "AlgorithmError: no memory" in job["PartialFailureReasons"][0]["PartialFailureMessage"]
    locations = job["BestCandidate"]["CandidateProperties"]["CandidateArtifactLocations"]
    assert list(locations) == ["ModelInsights"]


def test_search_leaves_time_for_the_reports(ctx: EngineContext) -> None:
    create(ctx, {"MaxCandidates": 100, "MaxAutoMLJobRuntimeInSeconds": 100})
    run(ctx, "ModelTuning")
    while "BestCandidate" not in describe(ctx):
        finish(ctx, open_jobs(ctx)[0])
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(97)
    ctx.reconciler.run_due()
    for job in open_jobs(ctx):
        if job.name != NAMES.recommender():  # the notebooks are written on
            finish(ctx, job, "Stopped")
    ctx.clock.advance(0.2)
    ctx.reconciler.run_due()
    assert stage(ctx) == ("InProgress", "GeneratingExplainabilityReport")
    run(ctx)
    assert stage(ctx) == ("Completed", "Completed")
    assert "PartialFailureReasons" not in describe(ctx)


@pytest.mark.parametrize(("late", "kept"), [(97.0, True), (99.5, False)], ids=["reports-wait", "too-late"])
def test_a_mixture_that_is_nearly_there_is_waited_for(
    ctx: EngineContext, monkeypatch: pytest.MonkeyPatch, late: float, kept: bool
) -> None:
    models = [{"Algorithm": "xgboost", "Settings": {"max_depth": at}} for at in (3, 4)]
    ensemble = {"Folds": 0, "Stack": False, "SampleWeight": "", "Models": models}
    plan = {**PLAN, "Strategies": [], "Candidates": [], "MultiFidelity": False, "Ensemble": ensemble}
    monkeypatch.setitem(globals(), "PLAN", plan)
    criteria = {"MaxCandidates": 3, "MaxAutoMLJobRuntimeInSeconds": 100}
    create(ctx, AutoMLJobConfig={"CompletionCriteria": criteria, "Mode": "ENSEMBLING"})
    run(ctx, "TrainingModels")
    while not any("WeightedEnsemble" in job.name for job in open_jobs(ctx)):
        finish(ctx, next(job for job in open_jobs(ctx) if job.kind == training.KIND))
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(late)
    ctx.reconciler.run_due()
    (mixture,) = [job for job in open_jobs(ctx) if "WeightedEnsemble" in job.name]
    assert (mixture.status == "InProgress") == kept
    finish(ctx, mixture, "Completed" if kept else "Stopped", value=0.9)
    ctx.clock.advance(0.2)
    ctx.reconciler.run_due()
    assert ("WeightedEnsemble" in describe(ctx)["BestCandidate"]["CandidateName"]) == kept


def test_runtime_limit_does_not_wait_for_stubborn_children(ctx: EngineContext) -> None:
    create(ctx, {"MaxAutoMLJobRuntimeInSeconds": 60})
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(60)
    ctx.reconciler.run_due()
    assert stage(ctx)[0] == "InProgress"
    ctx.clock.advance(2.5)
    ctx.reconciler.run_due()
    assert stage(ctx) == ("Failed", "Failed")
    assert "before any candidate had finished" in describe(ctx)["FailureReason"]


@pytest.mark.parametrize(
    "at", ["Starting", "AnalyzingData", "FeatureEngineering", "ModelTuning", "GeneratingModelInsightsReport"]
)
def test_restart_goes_on_where_the_job_stands(ctx: EngineContext, tmp_path: Path, at: str) -> None:
    create(ctx)
    if at != "Starting":
        run(ctx, at)
    ctx.store.close()
    again = new_context(tmp_path)
    again.reconciler.take_up()
    again.reconciler.run_due()
    run(again)
    assert stage(again) == ("Completed", "Completed")
    trials = again.store.resources.children(f"{tuning.KIND}/{NAMES.tuning()}", training.KIND)
    assert len(trials) == 4
    assert len(again.store.resources.children("AutoMLJob/churn", training.KIND)) == 2
    again.store.close()


def test_repeated_steps_change_nothing(ctx: EngineContext) -> None:
    create(ctx)
    run(ctx, "FeatureEngineering")
    before = [(row.kind, row.name, row.version) for row in ctx.store.resources.children("AutoMLJob/churn")]
    for _ in range(3):
        ctx.reconciler.step_once(controller.KIND, REGION, "churn")
    after = [(row.kind, row.name, row.version) for row in ctx.store.resources.children("AutoMLJob/churn")]
    assert after == before


def test_candidates_show_while_the_job_runs(ctx: EngineContext) -> None:
    create(ctx, {"MaxCandidates": 10})
    run(ctx, "ModelTuning")
    found, _ = list_candidates(ctx, controller.get_automl_job(ctx, REGION, "churn"), {})
    assert found
    assert {one["CandidateStatus"] for one in found} == {"InProgress"}
    assert {one["ObjectiveStatus"] for one in found} == {"Pending"}
    assert all(len(one["CandidateSteps"]) == 4 for one in found)
    assert all("InferenceContainers" not in one for one in found)


def test_missing_job_is_resource_not_found(ctx: EngineContext) -> None:
    with pytest.raises(ResourceNotFound, match="Could not find AutoML job with name nobody"):
        controller.stop_automl_job(ctx, REGION, "nobody")
