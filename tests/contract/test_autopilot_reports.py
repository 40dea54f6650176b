"""Autopilot's reports through a real engine: every file, and figures that agree with the leaderboard's."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import nbformat
import numpy as np
import pytest

from smstudio_ext.studio.samples import list_samples, sample, sample_csv
from tests.autopilot_jobs import candidates, create_job, put_data, wait_for
from tests.conftest import RunningEngine

KINDS = ("BinaryClassification", "MulticlassClassification", "Regression")
SECTIONS = {
    "BinaryClassification": "binary_classification_metrics",
    "MulticlassClassification": "multiclass_classification_metrics",
    "Regression": "regression_metrics",
}


@pytest.fixture(scope="module")
def jobs(engine: RunningEngine) -> dict[str, dict[str, Any]]:
    """A finished job of each problem type."""
    found = {}
    for kind in KINDS:
        one = next(one for one in list_samples() if one.problem_type == kind)
        uri = put_data(engine, f"reports/{one.name}.csv", sample_csv(one.name, rows=300))
        create_job(engine, f"reports-{kind[:6].lower()}", uri, sample(one.name).target, {"MaxCandidates": 2})
    for kind in KINDS:
        found[kind] = wait_for(engine, f"reports-{kind[:6].lower()}")
    return found


def files(engine: RunningEngine, uri: str) -> dict[str, bytes]:
    """Objects under a URI by their path below it."""
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    s3 = engine.client("s3")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/")["Contents"]
    return {
        one["Key"][len(prefix) + 1 :]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        for one in listed
    }


def locations(job: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = job["BestCandidate"]["CandidateProperties"]["CandidateArtifactLocations"]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_explainability_report_has_all_its_files(
    engine: RunningEngine, jobs: dict[str, dict[str, Any]], kind: str
) -> None:
    job = jobs[kind]
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Completed", "Completed")
    assert "PartialFailureReasons" not in job
    uri = locations(job)["Explainability"]
    assert uri.endswith(f"/documentation/explainability/output/{job['BestCandidate']['CandidateName']}")
    found = files(engine, uri)
    assert {"analysis.json", "report.ipynb", "report.html", "report.pdf", "out_shap/out.csv"} <= set(found)
    shap = json.loads(found["analysis.json"])["explanations"]["kernel_shap"]
    one = next(item for item in list_samples() if item.problem_type == kind)
    header = next(csv.reader(io.StringIO(sample_csv(one.name, rows=2).decode())))
    features = [name for name in header if name != sample(one.name).target]
    for label in shap.values():
        assert list(label["global_shap_values"]) == features
        assert all(value >= 0 for value in label["global_shap_values"].values())
    assert list(shap) == ["label0"] or kind == "MulticlassClassification"
    nbformat.validate(nbformat.reads(found["report.ipynb"].decode(), 4))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("kind", KINDS)
def test_values_of_each_row_add_up(engine: RunningEngine, jobs: dict[str, dict[str, Any]], kind: str) -> None:
    found = files(engine, locations(jobs[kind])["Explainability"])
    shap = json.loads(found["analysis.json"])["explanations"]["kernel_shap"]
    values = np.array(list(csv.reader(io.StringIO(found["out_shap/out.csv"].decode())))[1:], dtype=float)
    rows = list(csv.DictReader(io.StringIO(found["out_shap/rows.csv"].decode())))
    assert len(values) == len(rows) >= 20
    width = values.shape[1] // len(shap)
    for number, (name, label) in enumerate(shap.items()):
        answers = np.array([float(row[f"answer_{name}"]) for row in rows])
        part = values[:, number * width : (number + 1) * width]
        assert np.allclose(
            part.sum(axis=1), answers - label["expected_value"], atol=1e-4 * (1 + np.abs(answers).max())
        )
        assert np.allclose(
            np.abs(part).mean(axis=0), list(label["global_shap_values"].values()), rtol=1e-4, atol=1e-9
        )


@pytest.mark.parametrize("kind", KINDS)
def test_model_insights_agree_with_the_leaderboard(
    engine: RunningEngine, jobs: dict[str, dict[str, Any]], kind: str
) -> None:
    job = jobs[kind]
    found = files(engine, locations(job)["ModelInsights"])
    assert set(found) == {"statistics.json", "report.ipynb", "report.html", "report.pdf"}
    document = json.loads(found["statistics.json"])
    measured = document[SECTIONS[kind]]
    board = {
        one["StandardMetricName"]: one["Value"]
        for one in job["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
        if one["Set"] == "Validation"
    }
    pairs = {
        "Accuracy": "accuracy",
        "F1": "f1",
        "AUC": "auc",
        "F1macro": "macro_f1",
        "MSE": "mse",
        "R2": "r2",
    }
    compared = [name for name in pairs if name in board]
    assert compared
    for name in compared:
        assert measured[pairs[name]]["value"] == pytest.approx(board[name], rel=1e-3), name
        assert measured[pairs[name]]["standard_deviation"] >= 0
    assert document["dataset"]["item_count"] == 300
    if kind != "Regression":
        assert sum(sum(row.values()) for row in measured["confusion_matrix"].values()) == 300


def test_only_the_best_candidate_has_reports(engine: RunningEngine, jobs: dict[str, dict[str, Any]]) -> None:
    job = jobs["BinaryClassification"]
    located = [
        one["CandidateName"]
        for one in candidates(engine, job["AutoMLJobName"])
        if "CandidateArtifactLocations" in one["CandidateProperties"]
    ]
    assert located == [job["BestCandidate"]["CandidateName"]]


def test_reports_are_ordinary_processing_jobs(engine: RunningEngine, jobs: dict[str, dict[str, Any]]) -> None:
    listed = engine.client("sagemaker").list_processing_jobs(NameContains="reports-binary", MaxResults=100)
    names = [one["ProcessingJobName"] for one in listed["ProcessingJobSummaries"]]
    for part in ("explainability", "model-insights"):
        assert any(f"-{part}-1-" in name for name in names)
