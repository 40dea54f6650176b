"""What a table of trial components asks of Search: expression, properties, and how a result becomes cells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from smstudio_ext.studio.models.components import (
    Cell,
    ComponentQuery,
    ComponentRow,
    ComponentScope,
    ComponentType,
)
from smstudio_ext.studio.models.experiments import ColumnFilter
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.studio.search import AWS_FILTERS
from smstudio_ext.target import Target

COMPONENT = "ExperimentTrialComponent"
STATISTICS = ("Last", "Max", "Min", "Avg", "StdDev", "Count")
ARTIFACTS = ("InputArtifacts", "OutputArtifacts")
_SUMMARY = (
    "TrialComponentName",
    "DisplayName",
    "TrialComponentArn",
    "Source",
    "Status",
    "CreationTime",
    "LastModifiedTime",
    "Parents",
)
_TYPES: dict[str, ComponentType] = {
    "SageMakerTrainingJob": "Training job",
    "SageMakerTransformJob": "Transform job",
    "SageMakerProcessingJob": "Processing job",
}
_JOB_ARNS: tuple[tuple[str, ComponentType], ...] = (
    (":training-job/", "Training job"),
    (":transform-job/", "Transform job"),
    (":processing-job/", "Processing job"),
)
_NO_VALUE = frozenset({"Exists", "NotExists"})


def expression(target: Target, query: ComponentQuery) -> dict[str, Any] | None:
    """The SearchExpression of a table; None for all components.

    Raises:
        BadInput: a filter lacks its value, or AWS's cap on filters is exceeded.
    """
    filters = scope_filters(query.scope) + aws_filters(query.filters)
    return with_search(target, filters, query.search, ("DisplayName", "TrialComponentName"))


def with_search(
    target: Target, filters: list[dict[str, str]], search: str | None, names: Sequence[str]
) -> dict[str, Any] | None:
    """An expression of filters, all of which must hold, and a text that one of the properties must contain."""
    text = (search or "").strip()
    if target.kind == "aws" and len(filters) + (len(names) if text else 0) > AWS_FILTERS:
        raise BadInput(
            f"AWS takes at most {AWS_FILTERS} filters.", hint="Remove filters, or use the local engine."
        )
    found: dict[str, Any] = {}
    if filters:
        found["Filters"] = filters
    if text:
        contains = [{"Name": name, "Operator": "Contains", "Value": text} for name in names]
        if len(contains) == 1:
            found["Filters"] = filters + contains
        else:
            found["SubExpressions"] = [{"Filters": contains, "Operator": "Or"}]
    if len(filters) + bool(text) > 1:
        found["Operator"] = "And"
    return found or None


def scope_filters(scope: ComponentScope) -> list[dict[str, str]]:
    """The filters that keep a table to its scope."""
    if scope.kind == "unassigned":
        return [{"Name": "Parents.ExperimentName", "Operator": "NotExists"}]
    if scope.kind in ("experiment", "trial"):
        name = "Parents.ExperimentName" if scope.kind == "experiment" else "Parents.TrialName"
        if not scope.names:
            raise BadInput(f"No {scope.kind} was named.")
        if len(scope.names) == 1:
            return [{"Name": name, "Operator": "Equals", "Value": scope.names[0]}]
        return [{"Name": name, "Operator": "In", "Value": ",".join(scope.names)}]
    return []


def aws_filters(filters: Iterable[ColumnFilter]) -> list[dict[str, str]]:
    """Filters in AWS's shape.

    Raises:
        BadInput: an operator needs a value and has none.
    """
    found = []
    for each in filters:
        one = {"Name": each.name, "Operator": each.operator}
        if each.operator not in _NO_VALUE:
            if not each.value:
                raise BadInput(f"The filter on {each.name} has no value.")
            one["Value"] = each.value
        found.append(one)
    return found


def selection(columns: Iterable[str], *, summary: bool = True) -> list[str]:
    """What Search must tell for a row with these columns, and with what every row shows."""
    found = dict.fromkeys(_SUMMARY if summary else ("TrialComponentName",))
    for column in columns:
        category, _, name = column.partition(".")
        if category == "Metrics":
            found[f"Metrics.{'.'.join(metric_of(name))}"] = None
        elif category == "Tags":
            found["Tags"] = None
        elif category in ("Parameters", *ARTIFACTS):
            found[column] = None
        else:
            found[category] = None
    return list(found)


def metric_of(path: str) -> tuple[str, str]:
    """Name and statistic of a metric's property path without `Metrics.`; names may hold dots."""
    name, _, statistic = path.rpartition(".")
    return (name, statistic) if name and statistic in STATISTICS else (path, "Last")


def row_of(found: dict[str, Any], columns: Sequence[str]) -> ComponentRow:
    """A component as a row."""
    status = found.get("Status") or {}
    source = (found.get("Source") or {}).get("SourceArn")
    parents = found.get("Parents") or []
    name = found["TrialComponentName"]
    return ComponentRow(
        name=name,
        display_name=found.get("DisplayName") or name,
        arn=found.get("TrialComponentArn", ""),
        type=type_of(found),
        source_arn=source,
        job=source.rsplit("/", 1)[-1] if source and "-job/" in source else None,
        status=status.get("PrimaryStatus") or "",
        status_message=status.get("Message") or None,
        experiments=list(
            dict.fromkeys(each["ExperimentName"] for each in parents if each.get("ExperimentName"))
        ),
        trials=list(dict.fromkeys(each["TrialName"] for each in parents if each.get("TrialName"))),
        created=found.get("CreationTime"),
        modified=found.get("LastModifiedTime"),
        created_by=creator(found),
        cells=cells_of(found, columns),
    )


def type_of(found: dict[str, Any]) -> ComponentType:
    """Studio's word for what a component describes."""
    source = found.get("Source") or {}
    kind = _TYPES.get(source.get("SourceType", ""))
    if kind:
        return kind
    arn = source.get("SourceArn", "")
    return next((kind for part, kind in _JOB_ARNS if part in arn), "Others")


def creator(found: dict[str, Any]) -> str | None:
    """Who made something."""
    by = found.get("CreatedBy") or {}
    return by.get("UserProfileName") or (by.get("IamIdentity") or {}).get("PrincipalId") or None


def cells_of(found: dict[str, Any], columns: Sequence[str]) -> list[Cell]:
    """Values of the columns, in their order; None where the component has none."""
    metrics = latest_metrics(found)
    tags = {each["Key"]: each["Value"] for each in found.get("Tags") or []}
    return [_cell(found, metrics, tags, column) for column in columns]


def latest_metrics(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Metric summaries by name; of several sources the one that wrote last."""
    metrics: dict[str, dict[str, Any]] = {}
    for each in found.get("Metrics") or []:
        before = metrics.get(each.get("MetricName", ""))
        if before is None or _time(each) >= _time(before):
            metrics[each.get("MetricName", "")] = each
    return metrics


def _time(metric: dict[str, Any]) -> float:
    stamp = metric.get("TimeStamp")
    return float(stamp.timestamp()) if stamp is not None else 0.0


def _cell(
    found: dict[str, Any], metrics: dict[str, dict[str, Any]], tags: dict[str, str], column: str
) -> Cell:
    category, _, name = column.partition(".")
    if category == "Metrics":
        metric, statistic = metric_of(name)
        return finite((metrics.get(metric) or {}).get(statistic))
    if category == "Parameters":
        value = (found.get("Parameters") or {}).get(name) or {}
        return finite(value.get("NumberValue", value.get("StringValue")))
    if category in ARTIFACTS:
        artifact = name.removesuffix(".Value")
        return ((found.get(category) or {}).get(artifact) or {}).get("Value")
    if category == "Tags":
        return tags.get(name)
    return _summary(found, column)


def _summary(found: dict[str, Any], column: str) -> Cell:
    if column in ("Parents.ExperimentName", "Parents.TrialName"):
        member = column.partition(".")[2]
        names = dict.fromkeys(each[member] for each in found.get("Parents") or [] if each.get(member))
        return ", ".join(names) or None
    if column.startswith("CreatedBy."):
        return creator(found)
    if column == "Source.SourceType":
        return type_of(found)
    value: Any = found
    for part in column.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return value if isinstance(value, (str, int, float, bool)) else None


def finite(value: Any) -> Cell:
    """A number or text; JSON knows neither NaN nor infinities, so those become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value if isinstance(value, (str, int, float, bool)) else None
