"""The chevrons of an Autopilot job's page."""

from __future__ import annotations

from typing import Any

import pytest

from smstudio_ext.studio.stages import stages_of, status_text


def job(status: str, secondary: str, **members: Any) -> dict[str, Any]:
    return {"AutoMLJobStatus": status, "AutoMLJobSecondaryStatus": secondary, **members}


def shown(found: dict[str, Any], config: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    return [(stage.label, stage.state) for stage in stages_of(found, config or {})]


def test_full_job_goes_through_four_stages() -> None:
    assert shown(job("InProgress", "Starting")) == [
        ("Analyzing Data", "active"),
        ("Feature Engineering", "pending"),
        ("Model Tuning", "pending"),
        ("Completed", "pending"),
    ]
    assert [state for _, state in shown(job("InProgress", "FeatureEngineering"))] == [
        "done",
        "active",
        "pending",
        "pending",
    ]
    assert [state for _, state in shown(job("InProgress", "MaxCandidatesReached"))][2] == "active"
    assert {state for _, state in shown(job("Completed", "Completed"))} == {"done"}


def test_pilot_ends_with_definitions() -> None:
    pilot = {"GenerateCandidateDefinitionsOnly": True}
    assert shown(job("InProgress", "AnalyzingData"), pilot) == [
        ("Analyzing Data", "active"),
        ("Candidate Definitions Generated", "pending"),
    ]
    assert "pilot is completed" in status_text(job("Completed", "Completed"), pilot)


def test_ensembling_trains_instead_of_tuning() -> None:
    assert [label for label, _ in shown(job("InProgress", "TrainingModels"), {"Mode": "ENSEMBLING"})] == [
        "Analyzing Data",
        "Training Models",
        "Completed",
    ]


def test_jobs_that_are_not_on_tables_train_only() -> None:
    found = job("Completed", "Completed", AutoMLProblemTypeConfigName="TimeSeriesForecasting")
    assert [label for label, _ in shown(found)] == ["Analyzing Data", "Training Models", "Completed"]


def test_reports_and_deployment_appear_when_there_are_any() -> None:
    found = job(
        "InProgress",
        "DeployingModel",
        ModelDeployConfig={"AutoGenerateEndpointName": True},
        BestCandidate={"CandidateProperties": {"CandidateArtifactLocations": {"Explainability": "s3://b/x"}}},
    )
    assert shown(found)[3:] == [
        ("Explainability Report Generated", "done"),
        ("Deploying Model", "active"),
        ("Completed", "pending"),
    ]


@pytest.mark.parametrize(
    ("made", "stage"),
    [
        ({}, "Analyzing Data"),
        ({"ResolvedAttributes": {"AutoMLJobObjective": {"MetricName": "F1"}}}, "Feature Engineering"),
        ({"BestCandidate": {"CandidateName": "c"}}, "Model Tuning"),
    ],
)
@pytest.mark.parametrize(
    ("status", "state"), [("Failed", "failed"), ("Stopped", "stopped"), ("Stopping", "stopped")]
)
def test_ended_jobs_show_how_far_they_came(made: dict[str, Any], stage: str, status: str, state: str) -> None:
    assert (stage, state) in shown(job(status, status, **made))


def test_sentences_say_what_happens() -> None:
    assert status_text(job("Failed", "Failed", FailureReason="AlgorithmError: no rows"), {}) == (
        "AlgorithmError: no rows"
    )
    assert status_text(job("InProgress", "AnalyzingData"), {}) == (
        "Amazon SageMaker Autopilot is analyzing the input data."
    )
    assert "can still be deployed" in status_text(job("Stopped", "Stopped", BestCandidate={"x": 1}), {})
    assert "SomethingNew" in status_text(job("InProgress", "SomethingNew"), {})
