"""Describe and List answers of experiments, trials and trial components."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, select

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.experiments.entities import find_entity
from smstudio_ext.engine.experiments.naming import COMPONENT, EXPERIMENT, TRIAL
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.resources import read_resources
from smstudio_ext.engine.store.tokens import Order

if TYPE_CHECKING:
    from smstudio_ext.engine.experiments.part import Experiments
    from smstudio_ext.engine.experiments.summaries import Summary
    from smstudio_ext.engine.store.resources import Resource, SortKey, Store

Document = dict[str, Any]

PAGE = 10
_SORT_KEYS: dict[str, SortKey] = {"Name": "name", "CreationTime": "created"}
_members = tables.trial_members
_resources = tables.resources


def describe_component(experiments: Experiments, region: str, name: str) -> Document:
    """A component's document with its metric summaries.

    Raises:
        ResourceNotFound: there is none.
    """
    component = experiments.components.get(region, name)
    number = experiments.metrics.number(region, component.name)
    found = experiments.metrics.summaries([number] if number is not None else [])
    document = dict(component.document)
    source = (document.get("Source") or {}).get("SourceArn") or component.arn
    document["Metrics"] = [
        metric_summary(metric, summary, source) for metric, summary in found.get(number or 0, {}).items()
    ]
    if "Source" in document:
        document["Sources"] = [document["Source"]]
    return document


def metric_summary(metric: str, summary: Summary, source: str) -> Document:
    """TrialComponentMetricSummary of a metric."""
    return {
        "MetricName": metric,
        "SourceArn": source,
        "TimeStamp": summary.last_time,
        "Max": summary.maximum,
        "Min": summary.minimum,
        "Last": summary.last,
        "Count": summary.count,
        "Avg": summary.mean,
        "StdDev": summary.deviation,
    }


def list_experiments(store: Store, region: str, request: Document) -> Document:
    """ListExperiments."""
    page = _own_page(store, EXPERIMENT, region, request)
    return _answer("ExperimentSummaries", [_experiment(item) for item in page[0]], page[1])


def list_trials(store: Store, region: str, request: Document) -> Document:
    """ListTrials: those of an experiment, those that a component is in, or all.

    Raises:
        ResourceNotFound: there is no such experiment or component.
    """
    where: list[ColumnElement[bool]] = []
    if request.get("ExperimentName"):
        experiment = find_entity(store.resources, EXPERIMENT, region, request["ExperimentName"])
        where.append(_resources.c.parent == experiment.parent_key)
    if request.get("TrialComponentName"):
        component = find_entity(store.resources, COMPONENT, region, request["TrialComponentName"])
        table = tables.trial_components
        inside = (
            select(_members.c.trial)
            .join(table, table.c.id == _members.c.component)
            .where(table.c.region == region, table.c.name == component.name)
        )
        where.append(_resources.c.name.in_(inside))
    page = _own_page(store, TRIAL, region, request, where)
    return _answer("TrialSummaries", [_trial(item) for item in page[0]], page[1])


def list_components(store: Store, region: str, request: Document) -> Document:
    """ListTrialComponents: those of a trial, of an experiment, of a source, or all.

    Raises:
        ResourceNotFound: there is no such experiment or trial.
        ValidationException: more than one of the three is given.
    """
    given = [name for name in ("ExperimentName", "TrialName", "SourceArn") if request.get(name)]
    if len(given) > 1:
        raise ValidationException(
            f"Only one of ExperimentName, TrialName and SourceArn may be given, not {given}."
        )
    table = tables.trial_components
    inside = select(table.c.name).where(table.c.region == region)
    where: list[ColumnElement[bool]] = []
    if request.get("SourceArn"):
        where.append(_resources.c.name.in_(inside.where(table.c.source_arn == request["SourceArn"])))
    for kind, member, column in (
        (TRIAL, "TrialName", _members.c.trial),
        (EXPERIMENT, "ExperimentName", _members.c.experiment),
    ):
        if request.get(member):
            entity = find_entity(store.resources, kind, region, request[member])
            joined = inside.join(_members, _members.c.component == table.c.id)
            named = joined.where(_members.c.region == region, column == entity.name)
            where.append(_resources.c.name.in_(named))
    page = _own_page(store, COMPONENT, region, request, where)
    return _answer("TrialComponentSummaries", [_component(item) for item in page[0]], page[1])


def _own_page(
    store: Store, kind: str, region: str, request: Document, where: list[ColumnElement[bool]] | None = None
) -> tuple[list[Resource], str | None]:
    """A page of resources by name or time; its token names the last row, so it stays right while rows are written."""
    key = _SORT_KEYS[request.get("SortBy", "CreationTime")]
    descending = request.get("SortOrder", "Descending") == "Descending"
    limit = request.get("MaxResults", PAGE)
    conditions = [_resources.c.kind == kind, _resources.c.region == region, *(where or ())]
    for member, compare in (("CreatedAfter", operator.ge), ("CreatedBefore", operator.le)):
        if request.get(member) is not None:
            conditions.append(compare(_resources.c.created, request[member]))
    order = Order(_resources.c[key], _resources.c.name, descending, f"{kind}|{key}|{descending}")
    conditions += order.behind(request.get("NextToken"))
    query = select(_resources).where(*conditions).order_by(*order.sequence).limit(limit + 1)
    with store.database.read() as connection:
        found = read_resources(connection, query)
    return order.page(found, limit, lambda one: (getattr(one, key), one.name))


def _answer(member: str, summaries: list[Document], token: str | None) -> Document:
    return {member: summaries} if token is None else {member: summaries, "NextToken": token}


def _experiment(resource: Resource) -> Document:
    return _summary(resource, "Experiment", "ExperimentSource")


def _trial(resource: Resource) -> Document:
    return _summary(resource, "Trial", "TrialSource")


def _component(resource: Resource) -> Document:
    summary = _summary(resource, "TrialComponent", "TrialComponentSource")
    for member in ("Status", "StartTime", "EndTime", "CreatedBy", "LastModifiedBy"):
        if member in resource.document:
            summary[member] = resource.document[member]
    return summary


def _summary(resource: Resource, word: str, source: str) -> Document:
    document = resource.document
    summary = {
        f"{word}Name": resource.name,
        f"{word}Arn": resource.arn,
        "DisplayName": document["DisplayName"],
        "CreationTime": document["CreationTime"],
        "LastModifiedTime": document["LastModifiedTime"],
    }
    if document.get("Source"):
        summary[source] = document["Source"]
    return summary
