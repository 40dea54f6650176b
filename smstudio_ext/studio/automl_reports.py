"""What Autopilot's reports say: explanations in Clarify's analysis.json, quality in the model insights' JSON."""

from __future__ import annotations

import json
from typing import Any

from smstudio_ext.studio.automl import candidate_of, job_page
from smstudio_ext.studio.automl_backtest import read_backtest
from smstudio_ext.studio.automl_curves import curves_of
from smstudio_ext.studio.automl_deploy import candidate_document
from smstudio_ext.studio.automl_details import backtest_location, report_files
from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.models.automl import Candidate
from smstudio_ext.studio.models.automl_pages import (
    Artifact,
    ConfusionMatrix,
    Explainability,
    FeatureImpact,
    LabelImpacts,
    Performance,
    Statistic,
)
from smstudio_ext.studio.problems import Conflict
from smstudio_ext.target import Target

Document = dict[str, Any]

MAX_BYTES = 32 * 1024 * 1024
"""Largest report that is read."""
MAX_FEATURES = 200
"""Features of a label that are told, those with the greatest impact."""
MAX_CLASSES = 60
"""Classes of a confusion matrix that are told."""

_ANALYSIS = "analysis.json"
_PROBLEMS = {
    "binary_classification_metrics": "BinaryClassification",
    "multiclass_classification_metrics": "MulticlassClassification",
    "regression_metrics": "Regression",
}


def explainability(target: Target, name: str, candidate: str) -> Explainability:
    """What the explainability report of a candidate says; empty when it has none.

    Raises:
        Missing: the experiment has no such candidate.
        Conflict: the report cannot be read.
    """
    found = candidate_of(_documents(target, name, candidate)[1], best_name=None)
    files = report_files(target, found.explainability_s3_uri)
    analysis = next((each for each in files if each.s3_uri.endswith(f"/{_ANALYSIS}")), None)
    if analysis is None:
        return Explainability(s3_uri=found.explainability_s3_uri, method=None, labels=[], files=files)
    explanations = _read(target, analysis).get("explanations") or {}
    method, content = next(
        ((method, content) for method, content in explanations.items() if _labels(content)), (None, {})
    )
    return Explainability(
        s3_uri=found.explainability_s3_uri,
        method=method,
        labels=_all_impacts(_labels(content)),
        files=files,
    )


def performance(target: Target, name: str, candidate: str) -> Performance:
    """What the performance report of a candidate says; without one its back-test, or nothing.

    Raises:
        Missing: the experiment has no such candidate.
        Conflict: the report cannot be read.
    """
    described, document = _documents(target, name, candidate)
    found = candidate_of(document, best_name=None)
    files = report_files(target, found.insights_s3_uri)
    for file in files:
        if not file.name.endswith(".json"):
            continue
        report = _read(target, file)
        for member, problem in _PROBLEMS.items():
            if isinstance(report.get(member), dict):
                return _performance(found, files, report, report[member], problem)
    job = job_page(described)
    backtest = backtest_location(document)
    tested = report_files(target, backtest, "backtest")
    metrics = [] if job.on_table else found.metrics
    return Performance(
        s3_uri=found.insights_s3_uri or backtest,
        problem_type=None if job.on_table else job.problem_type,
        rows=None,
        statistics=[Statistic(name=each.name, value=each.value, standard_deviation=None) for each in metrics],
        confusion=None,
        curves=read_backtest(target, tested),
        files=files + tested,
    )


def _performance(
    candidate: Candidate, files: list[Artifact], report: Document, metrics: Document, problem: str
) -> Performance:
    rows = (report.get("dataset") or {}).get("item_count")
    return Performance(
        s3_uri=candidate.insights_s3_uri,
        problem_type=problem,
        rows=rows if isinstance(rows, int) else None,
        statistics=[
            Statistic(
                name=name,
                value=_number(entry["value"]),
                standard_deviation=_number(entry.get("standard_deviation")),
            )
            for name, entry in metrics.items()
            if isinstance(entry, dict) and "value" in entry
        ],
        confusion=_confusion(metrics.get("confusion_matrix")),
        curves=curves_of(metrics),
        files=files,
    )


def _documents(target: Target, name: str, candidate: str) -> tuple[Document, Document]:
    """What AWS says of the experiment, and of its candidate."""
    sagemaker = target.client("sagemaker")
    job: Document = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
    return job, candidate_document(sagemaker, job, candidate)


def _read(target: Target, file: Artifact) -> Document:
    if (file.size or 0) > MAX_BYTES:
        raise Conflict(f"{file.s3_uri} is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    bucket, key = split_s3_uri(file.s3_uri)
    with target.client("s3").get_object(Bucket=bucket, Key=key)["Body"] as body:
        content: bytes = body.read()
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Conflict(f"The report {file.s3_uri} is no JSON object.")
    return found


def _labels(content: Any) -> dict[str, Document]:
    """Global values by label; Clarify names labels label0, label1, ... unless it knows their headers."""
    if not isinstance(content, dict):
        return {}
    return {
        label: entry["global_shap_values"]
        for label, entry in content.items()
        if isinstance(entry, dict) and isinstance(entry.get("global_shap_values"), dict)
    }


def _all_impacts(labels: dict[str, Document]) -> list[LabelImpacts]:
    if len(labels) == 1:
        return [_impacts("", values) for values in labels.values()]
    return [_impacts(label, values) for label, values in labels.items()]


def _impacts(label: str, values: Document) -> LabelImpacts:
    impacts = [
        FeatureImpact(feature=feature, value=number)
        for feature, value in values.items()
        if (number := _number(value)) is not None
    ]
    impacts.sort(key=lambda impact: -impact.value)
    return LabelImpacts(label=label, impacts=impacts[:MAX_FEATURES])


def _confusion(matrix: Any) -> ConfusionMatrix | None:
    """Counts of `{actual: {predicted: count}}`."""
    if not isinstance(matrix, dict) or not matrix:
        return None
    labels = list(
        dict.fromkeys([*matrix, *(p for row in matrix.values() if isinstance(row, dict) for p in row)])
    )
    labels = labels[:MAX_CLASSES]
    return ConfusionMatrix(
        labels=labels,
        counts=[
            [_number((matrix.get(actual) or {}).get(predicted)) or 0.0 for predicted in labels]
            for actual in labels
        ],
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
