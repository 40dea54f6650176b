"""A forecasting job of Autopilot through a real engine and plain boto3, from rows to an endpoint and a batch transform."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from smstudio_ext.studio.automl import job_page
from smstudio_ext.studio.automl_details import describe_candidate
from smstudio_ext.studio.automl_reports import explainability, performance
from tests.autopilot_jobs import BUCKET, FINAL, ROLE, candidates, put_data
from tests.conftest import RunningEngine, eventually
from tests.contract.studio_targets import engine_target
from tests.unit.forecast_runs import as_csv, config, rows

NAME = "forecast-sales"
DAYS = 70


def create(engine: RunningEngine, name: str, uri: str, settings: dict[str, Any], **members: Any) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    engine.client("sagemaker").create_auto_ml_job_v2(
        AutoMLJobName=name,
        AutoMLJobInputDataConfig=[
            {"ChannelType": "training", "ContentType": "text/csv;header=present", "DataSource": source}
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/forecasts"},
        RoleArn=ROLE,
        AutoMLProblemTypeConfig={"TimeSeriesForecastingJobConfig": settings},
        **members,
    )


def wait_for(engine: RunningEngine, name: str) -> dict[str, Any]:
    client = engine.client("sagemaker")

    def ended() -> dict[str, Any] | None:
        job: dict[str, Any] = client.describe_auto_ml_job_v2(AutoMLJobName=name)
        return job if job["AutoMLJobStatus"] in FINAL else None

    return eventually(ended, 180.0, f"{name} in a final state")  # type: ignore[return-value]


def chosen(*names: str) -> dict[str, Any]:
    return {"AlgorithmsConfig": [{"AutoMLAlgorithms": list(names)}]}


@pytest.fixture(scope="module")
def finished(engine: RunningEngine) -> dict[str, Any]:
    """A finished job with three quick candidates and an endpoint."""
    uri = put_data(engine, "forecast/sales.csv", as_csv(rows(items=2, days=DAYS)))
    settings = config(
        ForecastQuantiles=["p5", "p50", "p95"],
        CandidateGenerationConfig=chosen("npts", "ets"),
        CompletionCriteria={"MaxCandidates": 1},
    )
    create(engine, NAME, uri, settings, ModelDeployConfig={"EndpointName": NAME})
    return wait_for(engine, NAME)


def test_job_finds_a_forecaster(engine: RunningEngine, finished: dict[str, Any]) -> None:
    assert finished["AutoMLJobStatus"] == "Completed", finished.get("FailureReason")
    assert finished["AutoMLProblemTypeConfigName"] == "TimeSeriesForecasting"
    assert finished["ResolvedAttributes"]["AutoMLJobObjective"] == {
        "MetricName": "AverageWeightedQuantileLoss"
    }
    listed = candidates(engine, NAME, SortBy="FinalObjectiveMetricValue", SortOrder="Ascending")
    assert len(listed) == 3
    assert listed[0]["CandidateName"] == finished["BestCandidate"]["CandidateName"]
    metrics = listed[0]["CandidateProperties"]["CandidateMetrics"]
    assert {one["MetricName"] for one in metrics} == {
        "AverageWeightedQuantileLoss",
        "MAPE",
        "MASE",
        "RMSE",
        "WAPE",
    }
    # A seasonal naive forecast has a MASE of about 1.
    assert next(one["Value"] for one in metrics if one["MetricName"] == "MASE") < 1


def test_backtest_lies_in_s3(engine: RunningEngine, finished: dict[str, Any]) -> None:
    locations = finished["BestCandidate"]["CandidateProperties"]["CandidateArtifactLocations"]
    prefix = locations["BacktestResults"].removeprefix(f"s3://{BUCKET}/")
    s3 = engine.client("s3")
    body = s3.get_object(Bucket=BUCKET, Key=f"{prefix}/forecasted-values.csv")["Body"].read().decode()
    found = list(csv.DictReader(io.StringIO(body)))
    assert list(found[0]) == ["item", "day", "target_value", "p5", "p50", "p95", "mean"]


def test_model_page_tells_the_backtest(engine: RunningEngine, finished: dict[str, Any]) -> None:
    target = engine_target(engine)
    name = finished["BestCandidate"]["CandidateName"]
    found = performance(target, NAME, name)
    assert found.problem_type == "TimeSeriesForecasting"
    assert {one.name for one in found.statistics} >= {"MASE", "WAPE"}
    assert {one.label for one in found.curves} == {"actual", "p5", "p50", "p95"}
    assert {(one.kind, one.name) for one in found.files} == {
        ("backtest", "accuracy-metrics.json"),
        ("backtest", "forecasted-values.csv"),
    }
    assert explainability(target, NAME, name).labels == []
    page = describe_candidate(target, NAME, name)
    assert (page.problem_type, page.on_table) == ("TimeSeriesForecasting", False)
    assert {one.kind for one in page.reports} == {"backtest"}
    assert ("report", "backtest") in {(one.kind, one.name) for one in page.artifacts}


def test_endpoint_answers_csv_and_json(engine: RunningEngine, finished: dict[str, Any]) -> None:
    assert finished["ModelDeployResult"] == {"EndpointName": NAME}
    runtime = engine.client("sagemaker-runtime")
    past = rows(items=1, days=40)
    answer = runtime.invoke_endpoint(EndpointName=NAME, ContentType="text/csv", Body=as_csv(past))
    found = list(csv.DictReader(io.StringIO(answer["Body"].read().decode())))
    assert [row["day"][:10] for row in found] == [f"2024-02-{day}" for day in (10, 11, 12, 13, 14, 15, 16)]
    records = [dict(zip(("item", "day", "sales"), row, strict=True)) for row in past]
    answer = runtime.invoke_endpoint(
        EndpointName=NAME,
        ContentType="application/json",
        Accept="application/json",
        Body=json.dumps({"instances": records}),
    )
    again = json.loads(answer["Body"].read())["predictions"]
    assert [row["p50"] for row in again] == [float(row["p50"]) for row in found]
    with pytest.raises(ClientError, match="2 steps at least"):
        runtime.invoke_endpoint(EndpointName=NAME, ContentType="text/csv", Body=as_csv(past[:1]))


def test_batch_transform_forecasts_every_series(engine: RunningEngine, finished: dict[str, Any]) -> None:
    client = engine.client("sagemaker")
    client.create_model(
        ModelName=f"{NAME}-batch",
        Containers=finished["BestCandidate"]["InferenceContainers"],
        ExecutionRoleArn=ROLE,
    )
    client.create_transform_job(
        TransformJobName=f"{NAME}-batch",
        ModelName=f"{NAME}-batch",
        TransformInput={
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/forecast/sales.csv"}
            },
            "ContentType": "text/csv",
            "SplitType": "None",
        },
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/forecast-out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    ended = eventually(
        lambda: (
            job
            if (job := client.describe_transform_job(TransformJobName=f"{NAME}-batch"))["TransformJobStatus"]
            in FINAL
            else None
        ),
        60.0,
        "the transform's end",
    )
    assert ended["TransformJobStatus"] == "Completed", ended.get("FailureReason")
    body = engine.client("s3").get_object(Bucket=BUCKET, Key="forecast-out/sales.csv.out")["Body"].read()
    found = list(csv.DictReader(io.StringIO(body.decode())))
    assert {row["item"] for row in found} == {"item0", "item1"}
    assert len(found) == 14


def test_bad_data_fail_with_the_reason(engine: RunningEngine) -> None:
    uri = put_data(engine, "forecast-bad/sales.csv", as_csv(rows(items=1, days=10)))
    create(engine, "forecast-bad", uri, config(5))
    job = wait_for(engine, "forecast-bad")
    assert job["AutoMLJobStatus"] == "Failed"
    assert "Lower ForecastHorizon to 2 at most" in job["FailureReason"]


def test_older_call_sends_to_the_newer_one(engine: RunningEngine, finished: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="Use DescribeAutoMLJobV2"):
        engine.client("sagemaker").describe_auto_ml_job(AutoMLJobName=NAME)


def test_page_shows_the_job_as_what_it_is(finished: dict[str, Any]) -> None:
    page = job_page(finished)
    assert [stage.label for stage in page.stages] == [
        "Analyzing Data",
        "Training Models",
        "Deploying Model",
        "Completed",
    ]
    assert {stage.state for stage in page.stages} == {"done"}
    assert page.resolved_problem_type == page.problem_type == "TimeSeriesForecasting"
    assert not page.on_table
    told = page.problem_settings
    assert (told["ForecastFrequency"], told["TimestampAttributeName"]) == ("1D", "day")
    assert "TargetAttributeName" not in told  # it has a place of its own
    assert page.target == "sales"
    assert page.best_candidate is not None
    assert page.best_candidate.objective is not None
