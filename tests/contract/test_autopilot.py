"""Autopilot jobs through a real engine and plain boto3, on small generated data."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from smstudio_ext.studio.samples import list_samples, sample, sample_csv
from tests.autopilot_jobs import (
    BUCKET,
    ROLE,
    candidates,
    children,
    create_job,
    describe,
    put_data,
    running,
    wait_for,
)
from tests.conftest import RunningEngine, eventually

ROWS = 600
BINARY = "churn"


def by_problem(problem_type: str) -> str:
    return next(one.name for one in list_samples() if one.problem_type == problem_type)


@pytest.fixture(scope="module")
def churn(engine: RunningEngine) -> str:
    """URI of a small churn table."""
    return put_data(engine, "input/churn.csv", sample_csv(BINARY, rows=ROWS))


@pytest.fixture(scope="module")
def finished(engine: RunningEngine, churn: str) -> dict[str, Any]:
    """A finished job with five candidates."""
    create_job(
        engine, "churn-done", churn, "Churn?", {"MaxCandidates": 5}, Tags=[{"Key": "team", "Value": "a"}]
    )
    return wait_for(engine, "churn-done")


def test_job_ends_with_a_best_candidate(engine: RunningEngine, finished: dict[str, Any]) -> None:
    assert finished["AutoMLJobStatus"] == "Completed", finished.get("FailureReason")
    assert finished["AutoMLJobSecondaryStatus"] == "Completed"
    assert finished["ResolvedAttributes"]["ProblemType"] == "BinaryClassification"
    assert finished["ResolvedAttributes"]["AutoMLJobObjective"] == {"MetricName": "F1"}
    assert finished["AutoMLJobConfig"]["Mode"] == "HYPERPARAMETER_TUNING"
    assert set(finished["AutoMLJobArtifacts"]) == {
        "CandidateDefinitionNotebookLocation",
        "DataExplorationNotebookLocation",
    }
    best = finished["BestCandidate"]
    listed = candidates(engine, "churn-done", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert len(listed) == 5
    assert listed[0]["CandidateName"] == best["CandidateName"]
    values = [one["FinalAutoMLJobObjectiveMetric"]["Value"] for one in listed]
    assert values == sorted(values, reverse=True)
    assert 0 < values[0] <= 1


def test_candidate_document_is_complete(engine: RunningEngine, finished: dict[str, Any]) -> None:
    best = finished["BestCandidate"]
    assert best["CandidateStatus"] == "Completed"
    assert best["ObjectiveStatus"] == "Succeeded"
    assert best["FinalAutoMLJobObjectiveMetric"]["Type"] == "Maximize"
    assert best["FinalAutoMLJobObjectiveMetric"]["StandardMetricName"] == "F1"
    kinds = [step["CandidateStepType"].rsplit("::", 1)[1] for step in best["CandidateSteps"]]
    assert kinds == ["ProcessingJob", "TrainingJob", "TransformJob", "TrainingJob"]
    client = engine.client("sagemaker")
    for step, call, name in zip(
        best["CandidateSteps"],
        ("processing_job", "training_job", "transform_job", "training_job"),
        ("ProcessingJobName", "TrainingJobName", "TransformJobName", "TrainingJobName"),
        strict=True,
    ):
        found = getattr(client, f"describe_{call}")(**{name: step["CandidateStepName"]})
        assert found[name.replace("Name", "Arn")] == step["CandidateStepArn"]
    metrics = {
        (one["StandardMetricName"], one["Set"]) for one in best["CandidateProperties"]["CandidateMetrics"]
    }
    wanted = {"Accuracy", "AUC", "BalancedAccuracy", "F1", "LogLoss", "Precision", "Recall"}
    assert {(name, part) for name in wanted for part in ("Train", "Validation")} <= metrics
    assert ("InferenceLatency", "Validation") in metrics
    assert best["CreationTime"] <= best["EndTime"]


def test_inference_containers_are_deployable(engine: RunningEngine, finished: dict[str, Any]) -> None:
    containers = finished["BestCandidate"]["InferenceContainers"]
    assert [one["Environment"].get("AUTOML_TRANSFORM_MODE") for one in containers] == [
        "feature-transform",
        None,
        "inverse-label-transform",
    ]
    client, runtime = engine.client("sagemaker"), engine.client("sagemaker-runtime")
    name = "churn-done-endpoint"
    client.create_model(ModelName=name, Containers=containers, ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "v",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    status = eventually(
        lambda: (
            (found := client.describe_endpoint(EndpointName=name)["EndpointStatus"]) != "Creating" and found
        ),
        60,
    )
    assert status == "InService"
    rows = list(csv.reader(io.StringIO(sample_csv(BINARY, rows=ROWS).decode())))
    target = rows[0].index("Churn?")
    body = "\n".join(",".join(value for at, value in enumerate(row) if at != target) for row in rows[1:21])
    answer = (
        runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)["Body"].read().decode()
    )
    client.delete_endpoint(EndpointName=name)
    labels = answer.strip().splitlines()
    assert len(labels) == 20
    assert set(labels) <= {row[target] for row in rows[1:]}


def test_every_step_is_an_ordinary_job(engine: RunningEngine, finished: dict[str, Any]) -> None:
    found = children(engine, "churn-done")
    kinds = [one.removeprefix("churn-done-").rsplit("-", 2)[0] for one in found["processing"]]
    assert kinds == ["db", "explainability", "model-insights", "pr"]
    assert len(found["tuning"]) == 1
    trials = [name for name in found["training"] if name.startswith(found["tuning"][0])]
    assert len(trials) == 5
    assert len(found["training"]) > len(trials)
    # The last strategies may not have come to their transforms when the last trial ended.
    assert 1 <= len(found["transform"]) <= len(found["training"]) - len(trials)
    assert running(engine, "churn-done") == []


def test_tuning_job_is_described_and_its_trials_listed(
    engine: RunningEngine, finished: dict[str, Any]
) -> None:
    client = engine.client("sagemaker")
    name = children(engine, "churn-done")["tuning"][0]
    tuning = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert tuning["HyperParameterTuningJobStatus"] == "Completed"
    assert tuning["BestTrainingJob"]["TrainingJobName"] == finished["BestCandidate"]["CandidateName"]
    listed = client.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending"
    )["TrainingJobSummaries"]
    assert len(listed) == 5
    assert listed[0]["TrainingJobName"] == finished["BestCandidate"]["CandidateName"]


def test_output_tree_is_awss(engine: RunningEngine, finished: dict[str, Any]) -> None:
    s3 = engine.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="output/churn-done/")
    keys = [one["Key"].removeprefix("output/churn-done/") for page in pages for one in page["Contents"]]
    for start, end in (
        ("preprocessed-data/tuning_data/train/chunk_", ".csv"),
        ("preprocessed-data/tuning_data/validation/chunk_", ".csv"),
        ("preprocessed-data/header/", ".csv"),
        ("data-processor-models/churn-done-dpp0-1-", "/output/model.tar.gz"),
        ("transformed-data/dpp0/", ".out"),
        ("tuning/churn-done-dpp0-", "/output/model.tar.gz"),
        ("sagemaker-automl-candidates/churn-done-pr-1-", "/candidates.json"),
    ):
        assert any(key.startswith(start) and key.endswith(end) for key in keys), (start, keys)


def test_both_describe_calls_describe_jobs_of_either_version(
    engine: RunningEngine, finished: dict[str, Any]
) -> None:
    second = engine.client("sagemaker").describe_auto_ml_job_v2(AutoMLJobName="churn-done")
    assert second["AutoMLProblemTypeConfigName"] == "Tabular"
    assert second["AutoMLProblemTypeConfig"]["TabularJobConfig"]["TargetAttributeName"] == "Churn?"
    resolved = second["ResolvedAttributes"]["AutoMLProblemTypeResolvedAttributes"][
        "TabularResolvedAttributes"
    ]
    assert resolved == {"ProblemType": "BinaryClassification"}
    assert second["BestCandidate"]["CandidateName"] == finished["BestCandidate"]["CandidateName"]
    assert second["AutoMLJobInputDataConfig"][0]["DataSource"] == finished["InputDataConfig"][0]["DataSource"]


def test_jobs_and_candidates_are_listed_with_filters_and_paging(
    engine: RunningEngine, finished: dict[str, Any]
) -> None:
    client = engine.client("sagemaker")
    page = client.list_auto_ml_jobs(
        NameContains="churn-done", StatusEquals="Completed", SortBy="CreationTime"
    )
    assert [one["AutoMLJobName"] for one in page["AutoMLJobSummaries"]] == ["churn-done"]
    assert (
        client.list_auto_ml_jobs(NameContains="churn-done", StatusEquals="Failed")["AutoMLJobSummaries"] == []
    )
    tags = client.list_tags(ResourceArn=finished["AutoMLJobArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]
    paged = candidates(engine, "churn-done", MaxResults=2)
    assert len({one["CandidateName"] for one in paged}) == 5
    one = candidates(engine, "churn-done", CandidateNameEquals=paged[3]["CandidateName"])
    assert [found["CandidateName"] for found in one] == [paged[3]["CandidateName"]]
    assert candidates(engine, "churn-done", CandidateNameEquals="nobody") == []
    assert candidates(engine, "churn-done", StatusEquals="Failed") == []


def test_trials_name_the_jobs_that_made_them(engine: RunningEngine, finished: dict[str, Any]) -> None:
    trial = finished["BestCandidate"]["CandidateName"]
    job = engine.client("sagemaker").describe_training_job(TrainingJobName=trial)
    assert job["AutoMLJobArn"] == finished["AutoMLJobArn"]
    assert ":hyper-parameter-tuning-job/" in job["TuningJobArn"]


def test_regression_through_version_2_with_deployment(engine: RunningEngine) -> None:
    name = by_problem("Regression")
    uri = put_data(engine, f"input/{name}.csv", sample_csv(name, rows=ROWS))
    client = engine.client("sagemaker")
    client.create_auto_ml_job_v2(
        AutoMLJobName="houses",
        AutoMLJobInputDataConfig=[
            {
                "ChannelType": "training",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
            }
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        AutoMLProblemTypeConfig={
            "TabularJobConfig": {
                "TargetAttributeName": sample(name).target,
                "ProblemType": "Regression",
                "CompletionCriteria": {"MaxCandidates": 3},
            }
        },
        AutoMLJobObjective={"MetricName": "MSE"},
        RoleArn=ROLE,
        ModelDeployConfig={"AutoGenerateEndpointName": True},
    )
    job = wait_for(engine, "houses")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    assert job["AutoMLJobSecondaryStatus"] == "Completed", job.get("PartialFailureReasons")
    # Version 2 without a mode is AUTO: data of this size are ensembled, and an ensemble is one container.
    assert job["AutoMLJobConfig"]["Mode"] == "ENSEMBLING"
    assert len(job["BestCandidate"]["InferenceContainers"]) == 1
    values = [one["FinalAutoMLJobObjectiveMetric"]["Value"] for one in candidates(engine, "houses")]
    assert job["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["Value"] == min(values)
    assert job["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["Type"] == "Minimize"
    endpoint = job["ModelDeployResult"]["EndpointName"]
    assert client.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"
    client.delete_endpoint(EndpointName=endpoint)


def test_ensembling_trains_models_and_one_container_answers_every_key(
    engine: RunningEngine, churn: str
) -> None:
    algorithms = ["xgboost", "linear-learner"]
    config = {
        "Mode": "ENSEMBLING",
        "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": algorithms}]},
    }
    create_job(engine, "ensembled", churn, "Churn?", {"MaxCandidates": 4}, AutoMLJobConfig=config)
    job = wait_for(engine, "ensembled")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    listed = candidates(engine, "ensembled", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert len(listed) == 4
    assert listed[0]["CandidateName"] == job["BestCandidate"]["CandidateName"]
    ensemble = next(one for one in listed if "-WeightedEnsemble-L2-t4-" in one["CandidateName"])
    assert [step["CandidateStepType"].rsplit("::", 1)[1] for step in ensemble["CandidateSteps"]] == [
        "ProcessingJob",
        *["TrainingJob"] * 5,
    ]
    found = {one["StandardMetricName"] for one in ensemble["CandidateProperties"]["CandidateMetrics"]}
    assert found >= {"Accuracy", "AUC", "F1", "LogLoss", "Precision", "Recall", "InferenceLatency"}
    client = engine.client("sagemaker")
    trained = client.describe_training_job(TrainingJobName=ensemble["CandidateName"])
    assert trained["AutoMLJobArn"] == job["AutoMLJobArn"]
    (container,) = ensemble["InferenceContainers"]
    container["Environment"]["SAGEMAKER_INFERENCE_OUTPUT"] = container["Environment"][
        "SAGEMAKER_INFERENCE_SUPPORTED"
    ]
    client.create_model(ModelName="ensembled", Containers=[container], ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "v",
        "ModelName": "ensembled",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName="ensembled", ProductionVariants=[variant])
    client.create_endpoint(EndpointName="ensembled", EndpointConfigName="ensembled")
    client.get_waiter("endpoint_in_service").wait(EndpointName="ensembled")
    header, *rows = list(csv.reader(io.StringIO(sample_csv(BINARY, rows=ROWS).decode())))
    at = header.index("Churn?")
    body = "\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows[:2])
    answer = engine.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="ensembled", ContentType="text/csv", Body=body
    )
    lines = list(csv.reader(io.StringIO(answer["Body"].read().decode())))
    assert len(lines) == 2
    for label, probability, probabilities, labels in lines:
        both, names = json.loads(probabilities), json.loads(labels)
        assert label in names
        assert sum(both) == pytest.approx(1)
        assert both[1] == pytest.approx(float(probability))
    client.delete_endpoint(EndpointName="ensembled")


def test_multiclass_with_a_validation_channel(engine: RunningEngine) -> None:
    name = by_problem("MulticlassClassification")
    train = put_data(engine, f"input/{name}/train.csv", sample_csv(name, rows=ROWS))
    valid = put_data(engine, f"input/{name}-valid/valid.csv", sample_csv(name, rows=200, seed=7))
    target = sample(name).target
    engine.client("sagemaker").create_auto_ml_job(
        AutoMLJobName="wheat",
        InputDataConfig=[
            {
                "ChannelType": kind,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
                "TargetAttributeName": target,
            }
            for kind, uri in (("training", train), ("validation", valid))
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ProblemType="MulticlassClassification",
        AutoMLJobObjective={"MetricName": "F1macro"},
        AutoMLJobConfig={"CompletionCriteria": {"MaxCandidates": 3}},
        RoleArn=ROLE,
    )
    job = wait_for(engine, "wheat")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    assert job["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["MetricName"] == "F1macro"
    assert len(job["BestCandidate"]["InferenceContainers"]) == 3


def test_pilot_ends_with_candidate_definitions(engine: RunningEngine, churn: str) -> None:
    create_job(engine, "pilot", churn, "Churn?", GenerateCandidateDefinitionsOnly=True)
    job = wait_for(engine, "pilot")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    assert job["AutoMLJobSecondaryStatus"] == "CandidateDefinitionsGenerated"
    assert "BestCandidate" not in job
    assert candidates(engine, "pilot") == []
    assert children(engine, "pilot")["training"] == []


def test_stop_keeps_what_has_finished(engine: RunningEngine, churn: str) -> None:
    create_job(engine, "stopped", churn, "Churn?", {"MaxCandidates": 750})
    eventually(lambda: "BestCandidate" in describe(engine, "stopped"), 90, "a first candidate")
    client = engine.client("sagemaker")
    client.stop_auto_ml_job(AutoMLJobName="stopped")
    assert describe(engine, "stopped")["AutoMLJobStatus"] in ("Stopping", "Stopped")
    job = wait_for(engine, "stopped")
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Stopped", "Stopped")
    assert job["BestCandidate"]["CandidateStatus"] == "Completed"
    assert running(engine, "stopped") == []
    with pytest.raises(ClientError, match="is in status Stopped"):
        client.stop_auto_ml_job(AutoMLJobName="stopped")


STAGES = (
    "AnalyzingData",
    "FeatureEngineering",
    "ModelTuning",
    "GeneratingExplainabilityReport",
    "GeneratingModelInsightsReport",
    "DeployingModel",
)


@pytest.mark.parametrize(
    "stage", ["AnalyzingData", "FeatureEngineering", "GeneratingExplainabilityReport", "DeployingModel"]
)
def test_stop_in_any_stage_leaves_nothing_running(engine: RunningEngine, churn: str, stage: str) -> None:
    name, client = f"stop-{stage[:16].lower()}", engine.client("sagemaker")
    create_job(engine, name, churn, "Churn?", {"MaxCandidates": 2}, ModelDeployConfig={"EndpointName": name})
    # A stage that passed unseen is no harm: the job is then stopped in the next one.
    wait_for(engine, name, *STAGES[STAGES.index(stage) :])
    with suppress(ClientError):  # it ended in between
        client.stop_auto_ml_job(AutoMLJobName=name)
    job = wait_for(engine, name)
    assert job["AutoMLJobStatus"] in ("Stopped", "Completed"), job.get("FailureReason")
    eventually(lambda: running(engine, name) == [], 10, "end of the children")
    if job["AutoMLJobStatus"] == "Stopped":
        eventually(lambda: not client.list_endpoints(NameContains=name)["Endpoints"], 30)
    else:  # it was done before the stop came
        client.delete_endpoint(EndpointName=name)


def test_runtime_limit_ends_with_the_best_so_far(engine: RunningEngine, churn: str) -> None:
    create_job(engine, "limited", churn, "Churn?", {"MaxCandidates": 750, "MaxAutoMLJobRuntimeInSeconds": 20})
    job = wait_for(engine, "limited")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    assert (job["EndTime"] - job["CreationTime"]).total_seconds() <= 35  # noisy machines
    assert "BestCandidate" in job
    eventually(lambda: running(engine, "limited") == [], 10, "end of the trials")


def test_runtime_too_short_for_any_candidate_fails(engine: RunningEngine) -> None:
    # a small table has its first candidate within the second
    uri = put_data(engine, "input/many-rows.csv", sample_csv("churn", rows=60_000))
    create_job(engine, "too-short", uri, "Churn?", {"MaxAutoMLJobRuntimeInSeconds": 1})
    job = wait_for(engine, "too-short")
    assert job["AutoMLJobStatus"] == "Failed"
    assert "MaxAutoMLJobRuntimeInSeconds (1) was reached before any candidate" in job["FailureReason"]


def test_bad_data_fail_with_the_reason(engine: RunningEngine, churn: str) -> None:
    create_job(engine, "bad-target", churn, "Nothing")
    job = wait_for(engine, "bad-target")
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Failed", "Failed")
    assert "Nothing" in job["FailureReason"]
    assert not job["FailureReason"].startswith("AlgorithmError")


def test_feature_specification_limits_the_columns(engine: RunningEngine, churn: str) -> None:
    names = [column for column in sample(BINARY).columns if column != "Churn?"][:5]
    body = json.dumps({"FeatureAttributeNames": names}).encode()
    uri = put_data(engine, "features/spec.json", body)
    config = {"CandidateGenerationConfig": {"FeatureSpecificationS3Uri": uri}}
    create_job(engine, "few-columns", churn, "Churn?", {"MaxCandidates": 1}, AutoMLJobConfig=config)
    job = wait_for(engine, "few-columns")
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")


@pytest.mark.parametrize(
    ("call", "arguments", "code"),
    [
        ("describe_auto_ml_job", {"AutoMLJobName": "nobody"}, "ResourceNotFound"),
        ("describe_auto_ml_job_v2", {"AutoMLJobName": "nobody"}, "ResourceNotFound"),
        ("stop_auto_ml_job", {"AutoMLJobName": "nobody"}, "ResourceNotFound"),
        ("list_candidates_for_auto_ml_job", {"AutoMLJobName": "nobody"}, "ResourceNotFound"),
        (
            "describe_hyper_parameter_tuning_job",
            {"HyperParameterTuningJobName": "nobody"},
            "ResourceNotFound",
        ),
        ("list_auto_ml_jobs", {"NextToken": "rubbish"}, "ValidationException"),
    ],
)
def test_missing_resources_and_bad_tokens(
    engine: RunningEngine, call: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(engine.client("sagemaker"), call)(**arguments)
    assert caught.value.response["Error"]["Code"] == code


def test_name_rules_and_name_in_use(engine: RunningEngine, finished: dict[str, Any], churn: str) -> None:
    with pytest.raises(ClientError) as caught:
        create_job(engine, "churn-done", churn, "Churn?")
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"
    for name in ("x" * 33, "no_underscores", "-dash"):
        with pytest.raises(ClientError) as caught:
            create_job(engine, name, churn, "Churn?")
        assert caught.value.response["Error"]["Code"] == "ValidationException"
