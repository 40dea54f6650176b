"""The Autopilot pages' functions beside list and leaderboard: forms, notebooks, models, reports; engine and moto."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.studio import (
    automl,
    automl_activity,
    automl_create,
    automl_details,
    automl_form,
    automl_notebooks,
    automl_reports,
    buckets,
)
from smstudio_ext.studio.data import preview_file, preview_s3
from smstudio_ext.studio.models.automl import AutoMLJob, CreateAutoMLJob
from smstudio_ext.studio.models.automl_pages import CreateCandidateModel
from smstudio_ext.studio.models.data import PreviewRequest, PutSample
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from tests.conftest import eventually
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from pathlib import Path

    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def form(target: Target, **changes: Any) -> CreateAutoMLJob:
    location = buckets.put_sample_data(target, "churn", PutSample())
    values: dict[str, Any] = {
        "name": unique("pages"),
        "input_s3_uri": location.s3_uri,
        "target": "Churn?",
        "problem_type": "BinaryClassification",
        "objective": "F1",
        "max_candidates": 2,
    }
    return CreateAutoMLJob.model_validate({**values, **changes})


def put(target: Target, key: str, content: object) -> str:
    bucket, _ = buckets.ensure_bucket(target, None)
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return f"s3://{bucket}/{key}"


def test_choice_of_columns_is_written_beside_the_output(place: Target) -> None:
    sent = form(
        place,
        complete=place.kind == "aws",
        feature_names=["State", "Day Mins"],
        feature_types={"State": "categorical"},
    )
    created = automl_create.create_automl_job(place, sent)
    job = automl.describe_automl_job(place, sent.name)
    uri = job.feature_specification_s3_uri
    assert uri == f"{created.output_s3_uri}/{sent.name}/feature-specification.json"
    bucket, key = buckets.split_s3_uri(uri)
    with place.client("s3").get_object(Bucket=bucket, Key=key)["Body"] as body:
        assert json.load(body) == {
            "FeatureAttributeNames": ["State", "Day Mins"],
            "FeatureDataTypes": {"State": "categorical"},
        }


def test_form_of_a_job_makes_one_like_it(place: Target) -> None:
    sent = form(
        place,
        complete=place.kind == "aws",
        validation_fraction=0.3,
        max_job_runtime_seconds=600,
        compression="None",
        tags=[{"key": "team", "value": "churn"}],
    )
    automl_create.create_automl_job(place, sent)
    copy = automl_form.clone_automl_job(place, sent.name)
    assert copy.name != sent.name
    assert len(copy.name) <= 32
    unlike = {"name", "role_arn", "content_type", "compression", "mode"}
    if place.kind == "aws":
        unlike.add("auto_deploy")  # moto makes one up
    assert copy.model_dump(exclude=unlike) == sent.model_dump(exclude=unlike)
    assert automl_form.plan_automl_job(place, copy).problems == []


def test_plan_is_the_request_and_code_that_compiles(place: Target) -> None:
    sent = form(place, mode="HYPERPARAMETER_TUNING", algorithms=["xgboost"], feature_names=["State"])
    plan = automl_form.plan_automl_job(place, sent)
    assert plan.problems == []
    tabular = plan.request["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    assert tabular["CandidateGenerationConfig"]["AlgorithmsConfig"] == [{"AutoMLAlgorithms": ["xgboost"]}]
    for code in (plan.boto3, plan.sdk_v2, plan.sdk_v3):
        compile(code, "plan", "exec")
        assert "s3.put_object(" in code
    assert "create_auto_ml_job_v2(" in plan.boto3
    assert "AutoMLTabularConfig(" in plan.sdk_v2
    assert f'auto_ml_job_name="{sent.name}"' in plan.sdk_v3
    assert "TabularJobConfig(" in plan.sdk_v3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"feature_names": ["Churn?"]}, "feature_names"),
        ({"feature_types": {"Churn?": "text"}}, "feature_names"),
        ({"feature_names": ["State", "State"]}, "feature_names"),
        ({"feature_names": ["State"], "feature_types": {"Phone": "text"}}, "feature_types"),
        (
            {"feature_names": ["State"], "feature_specification_s3_uri": "s3://bucket/spec.json"},
            "feature_names",
        ),
        ({"feature_names": ["w"], "sample_weight": "w"}, "sample_weight"),
        ({"validation_s3_uri": "file.csv"}, "validation_s3_uri"),
        ({"name": ""}, "name"),
    ],
    ids=str,
)
def test_plan_names_the_fields_that_aws_would_refuse(
    moto_target: Target, changes: dict[str, Any], field: str
) -> None:
    plan = automl_form.plan_automl_job(moto_target, form(moto_target, **changes))
    assert field in [problem.field for problem in plan.problems]


def test_missing_notebooks_and_models_are_missing(place: Target) -> None:
    sent = form(place, complete=place.kind == "aws")
    automl_create.create_automl_job(place, sent)
    with pytest.raises(Missing):
        automl_notebooks.read_notebook(place, sent.name, "recipes")
    if place.kind == "local":  # moto has no candidates by name
        with pytest.raises(Missing):
            automl_details.describe_candidate(place, sent.name, "nobody")
    assert isinstance(automl_activity.automl_activity(place, sent.name).jobs, list)


def test_model_with_a_bad_name_is_refused(moto_target: Target) -> None:
    sent = form(moto_target)
    automl_create.create_automl_job(moto_target, sent)
    with pytest.raises(BadInput):
        automl_details.create_candidate_model(moto_target, sent.name, CreateCandidateModel(name="a b"))


def test_notebook_that_is_none_is_refused(moto_target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b"\xff\x00", b"[]", {"cells": [], "nbformat": 3}, {"cells": "none", "nbformat": 4}):
        uri = put(moto_target, "notebooks/broken.ipynb", content)
        with pytest.raises(Conflict):
            _read(moto_target, uri, monkeypatch)
    uri = put(moto_target, "notebooks/fine.ipynb", {"cells": [], "metadata": {}, "nbformat": 4})
    found = _read(moto_target, uri, monkeypatch)
    assert (found.file_name, found.s3_uri) == ("fine.ipynb", uri)


def _read(target: Target, uri: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads a notebook of a job that says it lies at `uri`; moto cannot be told so."""
    sagemaker = target.client("sagemaker")
    monkeypatch.setattr(
        sagemaker,
        "describe_auto_ml_job_v2",
        lambda **_: {
            "AutoMLJobStatus": "Completed",
            "AutoMLJobArtifacts": {"DataExplorationNotebookLocation": uri},
        },
    )
    try:
        return automl_notebooks.read_notebook(target, "any", "data-exploration")
    finally:
        monkeypatch.undo()


def test_candidate_page_and_its_reports(moto_target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the form that AWS writes; moto's candidate says that they are its own."""
    put(
        moto_target,
        "reports/explained/analysis.json",
        {
            "version": "1.0",
            "explanations": {
                "kernel_shap": {
                    "label0": {"global_shap_values": {"a": 0.1, "b": 0.4}, "expected_value": 0.2},
                    "label1": {"global_shap_values": {"a": 0.3, "b": 0.2}, "expected_value": 0.8},
                }
            },
        },
    )
    put(moto_target, "reports/explained/report.pdf", b"%PDF-1.4")
    put(
        moto_target,
        "reports/quality/statistics.json",
        {
            "version": 0.0,
            "dataset": {"item_count": 667},
            "binary_classification_metrics": {
                "confusion_matrix": {"yes": {"yes": 80, "no": 17}, "no": {"yes": 5, "no": 565}},
                "recall": {"value": 0.82, "standard_deviation": 0.01},
                "auc": {"value": 0.91},
                "receiver_operating_characteristic_curve": {
                    "true_positive_rates": [0, 0.8, 1],
                    "false_positive_rates": [0, 0.1, 1],
                },
                "gain_curve": {"share": [0, 0.5, 1], "gain": [0, 0.9, 1]},
                "residuals": {"mean": 0.1, "histogram": {"counts": [3, 4], "edges": [0, 1, 2]}},
                "one_vs_rest": {
                    "yes": {"lift_curve": {"sample_shares": [0.1, 1], "lifts": [3, 1]}},
                    "no": {"lift_curve": {"sample_shares": [0.1, 1], "lifts": [2, 1]}},
                },
                "broken_curve": {"x": [1, 2, 3], "y": [1]},
            },
        },
    )
    bucket, _ = buckets.ensure_bucket(moto_target, None)
    sent = form(moto_target)
    automl_create.create_automl_job(moto_target, sent)
    sagemaker = moto_target.client("sagemaker")
    job = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=sent.name)
    best = job["BestCandidate"]
    best["CandidateProperties"] = {
        "CandidateArtifactLocations": {
            "Explainability": f"s3://{bucket}/reports/explained",
            "ModelInsights": f"s3://{bucket}/reports/quality/",
        }
    }
    for container in best["InferenceContainers"]:
        container["ModelDataUrl"] = f"s3://{bucket}/model.tar.gz"  # moto's is no address
    monkeypatch.setattr(sagemaker, "describe_auto_ml_job_v2", lambda **_: job)
    name = best["CandidateName"]
    explained = automl_reports.explainability(moto_target, sent.name, name)
    assert explained.method == "kernel_shap"
    assert [(label.label, label.impacts[0].feature) for label in explained.labels] == [
        ("label0", "b"),
        ("label1", "a"),
    ]
    assert [file.name for file in explained.files] == ["analysis.json", "report.pdf"]
    quality = automl_reports.performance(moto_target, sent.name, name)
    assert (quality.problem_type, quality.rows) == ("BinaryClassification", 667)
    assert {each.name: each.standard_deviation for each in quality.statistics} == {
        "recall": 0.01,
        "auc": None,
    }
    assert quality.confusion is not None
    assert quality.confusion.counts == [[80, 17], [5, 565]]
    curves = {curve.id: curve for curve in quality.curves}
    assert set(curves) == {
        "receiver_operating_characteristic_curve",
        "gain_curve",
        "residuals_histogram",
        "lift_curve",
    }
    assert [curve.label for curve in quality.curves if curve.id == "lift_curve"] == ["yes", "no"]
    assert curves["receiver_operating_characteristic_curve"].x == [0, 0.1, 1]
    histogram = curves["residuals_histogram"]
    assert (histogram.kind, histogram.x, histogram.y) == ("bars", [0.5, 1.5], [3, 4])
    page = automl_details.describe_candidate(moto_target, sent.name, name)
    assert page.candidate.is_best
    assert {each.name for each in page.reports} == {"analysis.json", "report.pdf", "statistics.json"}
    assert "input" in {each.kind for each in page.artifacts}
    made = automl_details.create_candidate_model(
        moto_target, sent.name, CreateCandidateModel(name=unique("model"), candidate=name)
    )
    assert made.name in [each["ModelName"] for each in sagemaker.list_models()["Models"]]
    with pytest.raises(Conflict):
        automl_details.create_candidate_model(moto_target, sent.name, CreateCandidateModel(name=made.name))


def test_parquet_is_previewed_in_pieces(place: Target, tmp_path: Path) -> None:
    import pandas as pd

    file = tmp_path / "rows.parquet"
    rows = pd.DataFrame({"a": range(9000), "b": [None, "x", "y"] * 3000, "day": pd.Timestamp("2020-01-02")})
    rows.to_parquet(file, row_group_size=1000)
    uri = put(place, f"{unique('parquet')}/rows.parquet", file.read_bytes())
    found = preview_s3(place, PreviewRequest(source=uri, sample_rows=2))
    assert (found.format, found.row_count, found.row_count_exact) == ("parquet", 9000, True)
    assert [(column.name, column.kind) for column in found.columns] == [
        ("a", "numeric"),
        ("b", "categorical"),
        ("day", "datetime"),
    ]
    assert found.columns[1].missing == found.rows_read // 3 + (found.rows_read % 3 > 0)
    assert found.warnings == []
    assert preview_file(file, PreviewRequest(source="rows.parquet")).row_count == 9000
    broken = put(place, f"{unique('parquet')}/rows.parquet", file.read_bytes()[:500])
    assert preview_s3(place, PreviewRequest(source=broken)).warnings[0].severity == "error"


def test_manifest_is_previewed_by_its_first_file(place: Target) -> None:
    folder = unique("manifest")
    first = put(place, f"{folder}/a.csv", b"x,y\n1,2\n")
    prefix = first.removesuffix("a.csv")
    uri = put(place, f"{folder}/list.manifest", [{"prefix": prefix}, "a.csv", "b.csv"])
    found = preview_s3(place, PreviewRequest(source=uri, data_type="ManifestFile"))
    assert (found.source, found.objects) == (first, 2)
    whole = put(place, f"{folder}.manifest", [{"prefix": prefix}])
    assert preview_s3(place, PreviewRequest(source=whole, data_type="ManifestFile")).columns[0].name == "x"
    bads: list[object] = [{"prefix": prefix}, [], b"a,b\n"]
    for bad in bads:
        uri = put(place, f"{folder}-bad.manifest", bad)
        with pytest.raises(BadInput):
            preview_s3(place, PreviewRequest(source=uri, data_type="ManifestFile"))


def test_pages_of_an_experiment_show_what_autopilot_wrote(engine: RunningEngine) -> None:
    """Its notebooks, reports and models, as the engine's own programs leave them in S3."""
    target = engine_target(engine)
    rows = [(i * 37 % 101, i * 53 % 89, "red" if i % 3 else "blue") for i in range(600)]
    lines = [f"{a},{b},{c},{'yes' if a + 2 * b > 130 else 'no'}" for a, b, c in rows]
    uri = put(target, f"{unique('real')}/rows.csv", "\n".join(["a,b,c,answer", *lines]).encode())
    sent = CreateAutoMLJob(
        name=unique("real"), input_s3_uri=uri, target="answer", mode="HYPERPARAMETER_TUNING", max_candidates=2
    )
    automl_create.create_automl_job(target, sent)

    def ended() -> AutoMLJob | None:
        job = automl.describe_automl_job(target, sent.name)
        return job if job.status not in ("InProgress", "Stopping") else None

    job = eventually(ended, timeout=240, what="the experiment's end")
    assert job is not None
    assert (job.status, job.partial_failures) == ("Completed", [])
    assert {"GeneratingExplainabilityReport", "GeneratingModelInsightsReport"} <= {s.id for s in job.stages}
    for kind, title in (
        ("candidate-definition", "Candidate Definition Notebook"),
        ("data-exploration", "Data Exploration"),
    ):
        found = automl_notebooks.read_notebook(target, sent.name, kind)
        assert found.file_name.endswith(".ipynb")
        assert title in "".join(found.notebook["cells"][0]["source"])
    assert job.best_candidate is not None
    best = job.best_candidate.name
    explained = automl_reports.explainability(target, sent.name, best)
    assert {impact.feature for impact in explained.labels[0].impacts} == {"a", "b", "c"}
    assert explained.labels[0].impacts[-1].feature == "c"
    quality = automl_reports.performance(target, sent.name, best)
    assert quality.rows == 600
    assert quality.confusion is not None
    assert sorted(quality.confusion.labels) == ["no", "yes"]
    assert {
        "receiver_operating_characteristic_curve",
        "precision_recall_curve",
        "gain_curve",
        "lift_curve",
    } == {curve.id for curve in quality.curves}
    page = automl_details.describe_candidate(target, sent.name, best)
    assert {"input", "training-input", "model", "notebook", "report"} == {
        each.kind for each in page.artifacts
    }
    assert {file.name.rpartition(".")[2] for file in page.reports} >= {"json", "html", "pdf", "ipynb"}
    assert page.hyperparameters
    made = automl_details.create_candidate_model(
        target, sent.name, CreateCandidateModel(name=unique("model"), response_keys=["probability"])
    )
    containers = target.client("sagemaker").describe_model(ModelName=made.name)["Containers"]
    assert containers[-1]["Environment"]["SAGEMAKER_INFERENCE_OUTPUT"] == "probability"
    assert automl_activity.automl_activity(target, sent.name).jobs == []
