"""Explainability and bias of a trial component, from the analysis that Clarify or Autopilot wrote."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard

from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.component_query import COMPONENT, scope_filters
from smstudio_ext.studio.component_sets import read_components
from smstudio_ext.studio.models.components import ComponentScope
from smstudio_ext.studio.models.experiment_charts import ComponentSet
from smstudio_ext.studio.models.trial_details import BiasMetric, Explanation, FeatureImportance, TrialReports
from smstudio_ext.studio.search import search
from smstudio_ext.target import Target

ANALYSIS = "analysis.json"
"""Name that Clarify gives its results."""
_MOST_BYTES = 32 * 1024 * 1024
_FEATURES = 200
_COMPONENTS = 100
_TRIALS = 3


def trial_reports(target: Target, name: str) -> TrialReports:
    """The reports of a component: its own, or those of processing jobs in its trials.

    The format is that of Clarify's analysis.json ("pre_training_bias_metrics", "post_training_bias_metrics", "explanations").

    Raises:
        botocore.exceptions.ClientError: there is no such component.
    """
    component = read_components(target, ComponentSet(names=[name])).components[0]
    for uri in _places(target, component):
        found = _find(target, uri)
        if found:
            source, report = found
            analysis = _read(target, source)
            if analysis is not None:
                return TrialReports(
                    source=source,
                    report=report,
                    explanations=list(_explanations(analysis)),
                    bias=[*_bias(analysis, "pre-training"), *_bias(analysis, "post-training")],
                )
    return TrialReports(source=None, report=None, explanations=[], bias=[])


def _places(target: Target, component: dict[str, Any]) -> Iterator[str]:
    """Outputs of the component, then of the processing jobs in its trials, newest first."""
    yield from _outputs(component)
    trials = [parent["TrialName"] for parent in (component.get("Parents") or [])[:_TRIALS]]
    if not trials:
        return
    beside = search(
        target,
        COMPONENT,
        {"Filters": scope_filters(ComponentScope(kind="trial", names=trials))},
        sort_by="CreationTime",
        limit=_COMPONENTS,
        select=["TrialComponentName", "Source", "OutputArtifacts"],
    )
    for each in beside.results:
        source = (each.get("Source") or {}).get("SourceType")
        if (
            source == "SageMakerProcessingJob"
            and each["TrialComponentName"] != component["TrialComponentName"]
        ):
            yield from _outputs(each)


def _outputs(component: dict[str, Any]) -> Iterator[str]:
    for artifact in (component.get("OutputArtifacts") or {}).values():
        uri = str(artifact.get("Value", ""))
        if uri.startswith("s3://"):
            yield uri


def _find(target: Target, uri: str) -> tuple[str, str | None] | None:
    """Addresses of the analysis and of the HTML report under a location."""
    from botocore.exceptions import ClientError

    bucket, key = split_s3_uri(uri)
    if key.endswith((".tar.gz", ".gz", ".csv", ".parquet")):
        return None
    try:
        answer = target.client("s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=200)
    except ClientError:
        return None  # an output that is not there (any more) has no report
    keys = [each["Key"] for each in answer.get("Contents", [])]
    analysis = next((each for each in keys if each.rpartition("/")[2] == ANALYSIS), None)
    if analysis is None:
        return None
    report = next((each for each in keys if each.rpartition("/")[2] == "report.html"), None)
    return f"s3://{bucket}/{analysis}", f"s3://{bucket}/{report}" if report else None


def _read(target: Target, uri: str) -> dict[str, Any] | None:
    bucket, key = split_s3_uri(uri)
    answer = target.client("s3").get_object(Bucket=bucket, Key=key)
    with answer["Body"] as body:
        if answer["ContentLength"] > _MOST_BYTES:
            return None
        content: bytes = body.read()
    try:
        found = json.loads(content)
    except ValueError:
        return None  # a file of that name that is something else
    return found if isinstance(found, dict) else None


def _explanations(analysis: dict[str, Any]) -> Iterator[Explanation]:
    methods = analysis.get("explanations")
    for method, labels in (methods if isinstance(methods, dict) else {}).items():
        for label, values in (labels if isinstance(labels, dict) else {}).items():
            shares = values.get("global_shap_values") if isinstance(values, dict) else None
            if not isinstance(shares, dict):
                continue
            features = [
                FeatureImportance(feature=str(feature), value=float(value))
                for feature, value in shares.items()
                if _is_number(value)
            ]
            features.sort(key=lambda each: -abs(each.value))
            yield Explanation(
                method=str(method),
                label=str(label),
                expected_value=_expected(values.get("expected_value")),
                features=features[:_FEATURES],
            )


def _expected(value: Any) -> float | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return float(value) if _is_number(value) else None


def _bias(analysis: dict[str, Any], stage: Any) -> Iterator[BiasMetric]:
    section = analysis.get(f"{stage.replace('-', '_')}_bias_metrics")
    facets = section.get("facets") if isinstance(section, dict) else None
    for facet, groups in (facets if isinstance(facets, dict) else {}).items():
        for group in _dicts(groups):
            for metric in _dicts(group.get("metrics")):
                value = metric.get("value")
                yield BiasMetric(
                    stage=stage,
                    facet=str(facet),
                    threshold=str(group.get("value_or_threshold", "")),
                    name=str(metric.get("name", "")),
                    description=str(metric.get("description", "")),
                    value=float(value) if _is_number(value) else None,
                    error=str(metric["error"]) if metric.get("error") else None,
                )


def _dicts(values: Any) -> Iterable[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
