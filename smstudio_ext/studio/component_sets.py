"""Reads sets of trial components, named or searched for, and the values that their columns have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smstudio_ext.studio.bulk_search import plain_search
from smstudio_ext.studio.models.experiment_charts import MAX_COMPONENTS, ComponentSet
from smstudio_ext.studio.problems import Missing
from smstudio_ext.studio.search import AWS_FILTERS, search
from smstudio_ext.target import Target

Value = float | str | None
Component = dict[str, Any]
"""A TrialComponent in AWS's shape, with `Parents` when it is known."""

_AT_ONCE = 8
_RESOURCE = "ExperimentTrialComponent"
_LOCAL_FILTERS = 250
"""Names that one Search of the local engine is asked for."""
_TYPES = {
    "SageMakerTrainingJob": "Training job",
    "SageMakerProcessingJob": "Processing job",
    "SageMakerTransformJob": "Transform job",
}
STATISTICS = {
    "min": "Min",
    "max": "Max",
    "avg": "Avg",
    "stddev": "StdDev",
    "last": "Last",
    "count": "Count",
}
"""Studio's suffixes and the members of AWS's metric summaries."""

NAME = "TrialComponentName"
BASIC = (NAME, "TrialComponentArn", "DisplayName", "Source", "Status", "Parents", "CreationTime")
"""What lists of components show."""


@dataclass(frozen=True)
class Found:
    """Components of a set, and how many there would be without the limit."""

    components: list[Component]
    total: int


def read_components(target: Target, wanted: ComponentSet, select: Iterable[str] | None = None) -> Found:
    """The components of a set: named ones in the order of their names, others newest first.

    Args:
        select: properties that are needed besides names and statuses; None for all. A hint that AWS ignores.

    Raises:
        botocore.exceptions.ClientError: the search was refused, or a name is of no component.
    """
    if wanted.names:
        names = list(dict.fromkeys(wanted.names))
        return Found(_named(target, names, _selected(select)), len(names))
    return _searched(target, wanted.search or {}, select)


def _selected(select: Iterable[str] | None) -> list[str] | None:
    return None if select is None else list(dict.fromkeys([*BASIC, *select]))


def _named(target: Target, names: list[str], select: list[str] | None) -> list[Component]:
    most = _LOCAL_FILTERS if target.kind == "local" else AWS_FILTERS
    batches = [names[first : first + most] for first in range(0, len(names), most)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found: dict[str, Component] = {}
        for part in pool.map(lambda batch: _by_name(target, batch, select), batches):
            found.update(part)
        # A search may lag behind, and servers other than AWS's do not know all of its filters.
        missing = [name for name in names if name not in found]
        alone = len(names) == 1
        for name, component in zip(
            missing, pool.map(lambda name: _there(target, name, alone), missing), strict=True
        ):
            if component is not None:
                found[name] = component
    if not found:
        raise Missing(
            "None of these trial components is there any more.", hint="Refresh the list they came from."
        )
    return [found[name] for name in names if name in found]


def _there(target: Target, name: str, alone: bool) -> Component | None:
    """A component, or None when it was deleted; a set shows those that are left, a single one says so."""
    from botocore.exceptions import ClientError

    try:
        return described(target, name)
    except ClientError as error:
        if alone or error.response["Error"]["Code"] != "ResourceNotFound":
            raise
        return None


def _by_name(target: Target, names: list[str], select: list[str] | None) -> dict[str, Component]:
    from botocore.exceptions import ClientError

    expression = {
        "Filters": [{"Name": NAME, "Operator": "Equals", "Value": name} for name in names],
        "Operator": "Or",
    }
    try:
        page = search(target, _RESOURCE, expression, limit=len(names), select=select)
    except ClientError:
        return {}  # describing tells whether it is the names
    return {each[NAME]: each for each in page.results if each.get(NAME) in names and "Parents" in each}


def described(target: Target, name: str) -> Component:
    """A component by DescribeTrialComponent, with its trials as `Parents`."""
    client = target.client("sagemaker")
    component: Component = client.describe_trial_component(TrialComponentName=name)
    component["Parents"] = parents_of(client, name)
    return component


def parents_of(client: Any, name: str) -> list[dict[str, str]]:
    """Trials and experiments that a component is in, in the form of Search."""
    trials = client.list_trials(TrialComponentName=name, MaxResults=100).get("TrialSummaries", [])
    parents = []
    for trial in trials:
        whole = client.describe_trial(TrialName=trial["TrialName"])
        parents.append({"TrialName": trial["TrialName"], "ExperimentName": whole.get("ExperimentName", "")})
    return parents


def _searched(target: Target, expression: dict[str, Any], select: Iterable[str] | None) -> Found:
    if target.kind == "local":
        return _searched_plain(target, expression, select)
    components: list[Component] = []
    token: str | None = None
    while True:
        page = search(
            target,
            _RESOURCE,
            expression or None,
            sort_by="CreationTime",
            limit=MAX_COMPONENTS - len(components),
            token=token,
        )
        components += page.results
        token = page.token
        if not token or len(components) >= MAX_COMPONENTS:
            least = len(components) + (1 if token else 0)
            return Found(components[:MAX_COMPONENTS], max(least, page.total or 0))


def _searched_plain(target: Target, expression: dict[str, Any], select: Iterable[str] | None) -> Found:
    """All components at once from the local engine, only with what is asked for."""
    request: dict[str, Any] = {"Resource": _RESOURCE, "SortBy": "CreationTime", "SortOrder": "Descending"}
    if expression:
        request["SearchExpression"] = expression
    wanted = None if select is None else list(dict.fromkeys([NAME, *select]))
    answer = plain_search(target, request, wanted)
    components = [each["TrialComponent"] for each in answer.get("Results", [])]
    total = (answer.get("TotalHits") or {}).get("Value") or 0
    return Found(components[:MAX_COMPONENTS], max(len(components), total))


def type_of(component: Component) -> str:
    """What made a component, as Studio calls it."""
    return _TYPES.get((component.get("Source") or {}).get("SourceType", ""), "Others")


def status_of(component: Component) -> str:
    """Its primary status; a component that nobody gave one is `Unknown`."""
    return str((component.get("Status") or {}).get("PrimaryStatus") or "Unknown")


def is_running(component: Component) -> bool:
    """Whether more may come."""
    return status_of(component) in ("InProgress", "Stopping")


def _parent(member: str) -> Callable[[Component], Value]:
    def read(component: Component) -> Value:
        return next((each.get(member) for each in component.get("Parents") or [] if each.get(member)), None)

    return read


def _seconds(member: str) -> Callable[[Component], Value]:
    def read(component: Component) -> Value:
        return seconds_of(component.get(member))

    return read


def seconds_of(value: Any) -> float | None:
    """Seconds since the epoch of a time, as boto3 or as the wire has it."""
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value) if isinstance(value, (int, float)) else None


def _run_seconds(component: Component) -> Value:
    start, end = seconds_of(component.get("StartTime")), seconds_of(component.get("EndTime"))
    return None if start is None or end is None else round(end - start, 6)


PROPERTIES: dict[str, tuple[str, bool, Callable[[Component], Value], tuple[str, ...]]] = {
    NAME: ("trialComponentName", False, lambda component: component[NAME], (NAME,)),
    "DisplayName": (
        "displayName",
        False,
        lambda component: component.get("DisplayName") or component[NAME],
        ("DisplayName",),
    ),
    "ExperimentName": ("experimentName", False, _parent("ExperimentName"), ("Parents",)),
    "TrialName": ("trialName", False, _parent("TrialName"), ("Parents",)),
    "Type": ("type", False, type_of, ("Source",)),
    "Status": ("status", False, status_of, ("Status",)),
    "CreationTime": ("creationTime", True, _seconds("CreationTime"), ("CreationTime",)),
    "StartTime": ("startTime", True, _seconds("StartTime"), ("StartTime",)),
    "EndTime": ("endTime", True, _seconds("EndTime"), ("EndTime",)),
    "RunSeconds": ("runSeconds", True, _run_seconds, ("StartTime", "EndTime")),
}
"""Properties that charts offer: label, whether they are numbers, how to read them, what Search must tell for them."""


def split_metric_column(column: str) -> tuple[str, str]:
    """`("validation:f1", "min")` of `Metrics.validation:f1.min`."""
    name, _, statistic = column[len("Metrics.") :].rpartition(".")
    return name, statistic


def label_of(column: str) -> str:
    """A column as Studio names it."""
    if column.startswith("Parameters."):
        return column[len("Parameters.") :]
    if column.startswith("Metrics."):
        return "_".join(split_metric_column(column))
    return PROPERTIES[column][0] if column in PROPERTIES else column


def needed(columns: Iterable[str]) -> list[str]:
    """What Search must tell for some columns."""
    wanted: list[str] = []
    for column in columns:
        if column.startswith("Metrics."):
            wanted.append("Metrics." + split_metric_column(column)[0])
        elif column in PROPERTIES:
            wanted += PROPERTIES[column][3]
        else:
            wanted.append(column)
    return list(dict.fromkeys(wanted))


def reader_of(column: str) -> Callable[[Component], Value]:
    """Reads a column's value of a component; no value gives None."""
    if column.startswith("Parameters."):
        name = column[len("Parameters.") :]
        return lambda component: parameter_value((component.get("Parameters") or {}).get(name))
    if column.startswith("Metrics."):
        metric, statistic = split_metric_column(column)
        member = STATISTICS.get(statistic, "")
        return lambda component: _metric_value(component, metric, member)
    return PROPERTIES[column][2] if column in PROPERTIES else lambda component: None


def parameter_value(value: dict[str, Any] | None) -> Value:
    """The number or the text of a parameter; texts that are numbers are numbers, as hyperparameters come as texts."""
    if not value:
        return None
    if value.get("NumberValue") is not None:
        return finite(value["NumberValue"])
    text = str(value.get("StringValue", ""))
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) and "_" not in text else text


def _metric_value(component: Component, metric: str, member: str) -> Value:
    for each in component.get("Metrics") or []:
        if each.get("MetricName") == metric:
            return finite(each.get(member))
    return None


def finite(value: Any) -> float | None:
    """A number that can be drawn."""
    return float(value) if value is not None and math.isfinite(value) else None
