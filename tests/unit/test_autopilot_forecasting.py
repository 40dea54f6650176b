"""Forecasting jobs of Autopilot: the rules of the request, what the analysis refuses and says, and the job's stages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.autopilot import controller, documents
from smstudio_ext.engine.autopilot.controller import AutoMLController
from smstudio_ext.engine.autopilot.listing import list_candidates
from smstudio_ext.engine.autopilot.specification import specification_v2
from smstudio_ext.engine.autopilot.validation import check_problem_type_config
from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.runtime import processing, training
from smstudio_ext.engine.runtime.reconciler import Reconciler
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.store import Resource
from tests.unit.forecast_runs import analysed, as_csv, config, plan_of, rows

REGION = "us-east-1"


def request(settings: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}}
    return {
        "AutoMLJobName": "sales",
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": source}],
        "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
        "RoleArn": "arn:aws:iam::000000000000:role/r0123456789",
        "AutoMLProblemTypeConfig": {"TimeSeriesForecastingJobConfig": settings or config()},
        **members,
    }


@pytest.fixture
def ctx(tmp_path: Path) -> Any:
    """An engine that moves Autopilot jobs only; the test ends the others."""
    context = build_context(Settings(data_dir=tmp_path, cpus=2), ManualClock())
    context.reconciler = Reconciler(
        context.store, context.clock, controllers={controller.KIND: AutoMLController()}
    )
    context.reconciler.attach(context)
    context.objects.create_bucket("data", REGION)
    context.objects.put_bytes("data", "in/train.csv", b"item,day,sales\na,2024-01-01,1\n")
    yield context
    context.store.close()


def create(ctx: EngineContext, given: dict[str, Any]) -> Resource:
    check_problem_type_config(given)
    job = controller.create_automl_job(ctx, REGION, specification_v2(given))
    ctx.reconciler.run_due()
    return job


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ForecastFrequency": "90min"}, "ForecastFrequency 90min is not valid"),
        ({"ForecastHorizon": 501}, "must be between 1 and 500"),
        ({"ForecastQuantiles": ["p100"]}, "p100 is not valid"),
        ({"ForecastQuantiles": ["p1", "p2", "p3", "p4", "p5", "p6"]}, "between 1 and 5 quantiles"),
        ({"HolidayConfig": [{"CountryCode": "JP"}]}, "HolidayConfig is not offered"),
        (
            {"Transformations": {"Filling": {"sales": {"middlefill": "value"}}}},
            "needs middlefill_value",
        ),
        ({"Transformations": {"Filling": {"sales": {"futurefill": "zero"}}}}, "has no futurefill"),
        ({"Transformations": {"Filling": {"price": {"frontfill": "none"}}}}, "target column only"),
        ({"Transformations": {"Filling": {"sales": {"backfill": "nearest"}}}}, "Supported methods"),
        ({"Transformations": {"Aggregation": {"price": "sum"}}}, "only the target column"),
        (
            {
                "TimeSeriesConfig": {
                    "TargetAttributeName": "sales",
                    "TimestampAttributeName": "day",
                    "ItemIdentifierAttributeName": "day",
                }
            },
            "names the column day twice",
        ),
        (
            {"CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["mlp"]}]}},
            "are not supported for problem type TimeSeriesForecasting",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_bad_configurations_are_refused(ctx: EngineContext, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        create(ctx, request(config() | settings))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"AutoMLJobObjective": {"MetricName": "AUC"}}, "AUC is not supported for problem type Time"),
        ({"DataSplitConfig": {"ValidationFraction": 0.2}}, "DataSplitConfig must not be set"),
    ],
)
def test_bad_requests_are_refused(ctx: EngineContext, members: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        create(ctx, request(**members))


@pytest.mark.parametrize(
    ("body", "settings", "message"),
    [
        (as_csv(rows(1, 20)), config(7), "Lower ForecastHorizon to 5 at most"),
        (as_csv(rows(1, 3)), config(1), "has 3 time steps of 1D"),
        (as_csv(rows(1, 60)), config(1, "1H"), "ForecastFrequency 1H does not fit the timestamps"),
        (as_csv([("a", "2024-01-01", "few")]), config(1), "must be numeric, but row 1 holds 'few'"),
        (as_csv([("a", "soon", 1.0)]), config(1), "holds no timestamp, for example 'soon'"),
        (
            as_csv([("a", 1.0)], ("item", "sales")),
            config(1),
            "The column 'day' of TimeSeriesConfig does not exist",
        ),
        (as_csv([("a", "2024-01-01", 1)], ("item", "day", "sold")), config(1), "'sales' does not exist"),
        (as_csv([("a", "2024-01-01", "")]), config(1), "'sales' has no value"),
    ],
    ids=["horizon", "short", "frequency", "text", "timestamp", "column", "target", "empty"],
)
def test_data_that_cannot_be_forecast_are_refused(
    tmp_path: Path, body: bytes, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(AlgorithmError, match=message):
        analysed(tmp_path, body, settings)


def test_analysis_says_what_it_changed(tmp_path: Path) -> None:
    table: list[tuple[Any, ...]] = [
        (*row, "blue" if row[0] == "item0" else "red", str(at % 5), f"note {at}")
        for at, row in enumerate(rows(2, 40))
        if at != 11
    ]
    header = ("item", "day", "sales", "colour", "price", "remark")
    found = analysed(tmp_path, as_csv([*table, table[0]], header), config(5))
    assert found["Covariates"] == ["price"]
    assert found["SeriesAttributes"] == {"colour": 2}
    assert "changes within a series" in found["UnusedColumns"]["remark"]
    assert (found["FilledValues"], found["AggregatedRows"]) == (1, 1)
    assert found["TimeSteps"]["Season"] == 7
    told = " ".join(found["Warnings"])
    assert "filled with zero, as AWS does" in told
    assert "aggregated (sum)" in told
    plan = plan_of(tmp_path)
    assert plan["Objective"] == "AverageWeightedQuantileLoss"
    assert [one["Algorithm"] for one in plan["Ensemble"]["Models"]][:2] == ["xgboost", "ets"]


def test_algorithms_of_the_request_are_the_plan(tmp_path: Path) -> None:
    analysed(tmp_path, as_csv(rows()), config(), Algorithms=["npts", "ets"], Objective="MAPE")
    plan = plan_of(tmp_path)
    assert [one["Algorithm"] for one in plan["Ensemble"]["Models"]] == ["ets", "npts"]
    assert plan["Objective"] == "MAPE"


def end(ctx: EngineContext, kind: str, name: str, status: str = "Completed", **members: Any) -> None:
    def edit(row: Resource) -> None:
        row.status = row.document[f"{kind}Status"] = status
        row.document.update(members)
        row.finished = True

    ctx.store.resources.change(kind, REGION, name, edit)
    ctx.reconciler.wake(controller.KIND, REGION, "sales")
    ctx.reconciler.run_due()


def children(ctx: EngineContext, job: Resource, kind: str) -> list[Resource]:
    return [row for row in ctx.store.resources.children(job.parent_key, kind, REGION) if not row.finished]


def planned(ctx: EngineContext, given: dict[str, Any]) -> Resource:
    """A job whose analysis has just ended with a plan of two models."""
    job = create(ctx, given)
    (analysis,) = children(ctx, job, processing.KIND)
    output = {one["OutputName"]: one for one in analysis.document["ProcessingOutputConfig"]["Outputs"]}
    prefix = output["candidates"]["S3Output"]["S3Uri"].removeprefix("s3://data/")
    plan = {
        "ProblemType": "TimeSeriesForecasting",
        "Objective": "WAPE",
        "Ensemble": {
            "Folds": 0,
            "Stack": False,
            "Models": [{"Algorithm": name, "Settings": {}} for name in ("ets", "npts")],
        },
    }
    ctx.objects.put_bytes("data", f"{prefix}/candidates.json", json.dumps(plan).encode())
    end(ctx, processing.KIND, analysis.name)
    return job


def scored(value: float) -> dict[str, Any]:
    return {
        "FinalMetricDataList": [{"MetricName": "validation:WAPE", "Value": value, "Timestamp": 1.0}],
        "ModelArtifacts": {"S3ModelArtifacts": "s3://data/out/model.tar.gz"},
    }


def row_of(ctx: EngineContext) -> Resource:
    return controller.get_automl_job(ctx, REGION, "sales")


def described(ctx: EngineContext) -> dict[str, Any]:
    return documents.describe_v2(ctx, row_of(ctx))


def test_job_goes_from_the_analysis_to_models_and_a_mixture(ctx: EngineContext) -> None:
    given = config(CompletionCriteria={"MaxCandidates": 1})
    job = planned(ctx, request(given, AutoMLJobObjective={"MetricName": "WAPE"}))
    assert described(ctx)["AutoMLJobSecondaryStatus"] == "TrainingModels"
    assert described(ctx)["ResolvedAttributes"]["AutoMLJobObjective"] == {"MetricName": "WAPE"}
    for value in (0.2, 0.3):
        row = children(ctx, job, training.KIND)[0]
        assert row.document["HyperParameters"]["objective"] == "WAPE"
        assert row.document["CheckpointConfig"]["S3Uri"].endswith(f"/backtest-results/{row.name}")
        end(ctx, training.KIND, row.name, **scored(value))
    (mixture,) = children(ctx, job, training.KIND)
    assert mixture.document["HyperParameters"]["step"] == "ensemble"
    end(ctx, training.KIND, mixture.name, **scored(0.1))
    found = described(ctx)
    assert (found["AutoMLJobStatus"], found["AutoMLJobSecondaryStatus"]) == ("Completed", "Completed")
    assert found["AutoMLProblemTypeConfigName"] == "TimeSeriesForecasting"
    assert found["AutoMLProblemTypeConfig"] == {"TimeSeriesForecastingJobConfig": given}
    best = found["BestCandidate"]
    assert best["CandidateName"] == mixture.name
    assert best["FinalAutoMLJobObjectiveMetric"]["Type"] == "Minimize"
    assert len(best["InferenceContainers"]) == 1
    locations = best["CandidateProperties"]["CandidateArtifactLocations"]
    assert locations == {"BacktestResults": f"s3://data/out/sales/backtest-results/{mixture.name}"}
    listed, _ = list_candidates(ctx, row_of(ctx), {"SortBy": "FinalObjectiveMetricValue", "MaxResults": 10})
    assert len(listed) == 3
    with pytest.raises(ValidationException, match="Use DescribeAutoMLJobV2"):
        documents.describe_v1(ctx, row_of(ctx))


def test_job_fails_with_the_analysis(ctx: EngineContext) -> None:
    job = create(ctx, request())
    (analysis,) = children(ctx, job, processing.KIND)
    end(ctx, processing.KIND, analysis.name, "Failed", FailureReason="ClientError: no timestamps")
    found = described(ctx)
    assert (found["AutoMLJobStatus"], found["FailureReason"]) == ("Failed", "ClientError: no timestamps")


def test_two_candidates_are_no_mixture(ctx: EngineContext) -> None:
    job = planned(ctx, request(config(CompletionCriteria={"MaxCandidates": 2})))
    for value in (0.2, 0.3):
        end(ctx, training.KIND, children(ctx, job, training.KIND)[0].name, **scored(value))
    found = described(ctx)
    assert found["AutoMLJobStatus"] == "Completed"
    assert found["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["Value"] == 0.2


def test_deployment_follows_the_models(ctx: EngineContext) -> None:
    given = config(CompletionCriteria={"MaxCandidates": 2})
    job = planned(ctx, request(given, ModelDeployConfig={"EndpointName": "sales-live"}))
    for value in (0.2, 0.3):
        end(ctx, training.KIND, children(ctx, job, training.KIND)[0].name, **scored(value))
    found = described(ctx)
    # The endpoint's own controller is not part of this engine; that the model has no archive shows only there.
    assert found["AutoMLJobSecondaryStatus"] in ("DeployingModel", "ModelDeploymentError")
    assert found["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["Value"] == 0.2
