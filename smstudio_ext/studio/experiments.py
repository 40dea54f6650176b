"""The sidebar's list of experiments and trials over boto3, and new experiments."""

from __future__ import annotations

from typing import Any

from smstudio_ext.studio.component_query import COMPONENT, aws_filters, creator, scope_filters, with_search
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.components import ComponentScope
from smstudio_ext.studio.models.experiments import BrowseQuery, ExperimentEntry, ExperimentPage, NewExperiment
from smstudio_ext.studio.search import search
from smstudio_ext.target import Target

_SOURCES = {
    "automl-job": "Autopilot",
    "hyper-parameter-tuning-job": "Tuning job",
    "pipeline": "Pipeline",
}


def browse_experiments(target: Target, query: BrowseQuery) -> ExperimentPage:
    """One page of the experiments, or of an experiment's trials."""
    resource = "ExperimentTrial" if query.experiment else "Experiment"
    filters = aws_filters(query.filters)
    if query.experiment:
        filters.insert(0, {"Name": "ExperimentName", "Operator": "Equals", "Value": query.experiment})
    name = "TrialName" if query.experiment else "ExperimentName"
    found = search(
        target,
        resource,
        with_search(target, filters, query.search, (name,)),
        sort_by=query.sort_by,
        descending=query.sort_order == "Descending",
        limit=query.max_results,
        token=query.next_token,
    )
    first = not query.experiment and not query.next_token
    return ExperimentPage(
        items=[_entry(each, trial=bool(query.experiment)) for each in found.results],
        next_token=found.token,
        total=found.total,
        unassigned=_unassigned(target) if first else None,
    )


def create_experiment(target: Target, form: NewExperiment) -> Accepted:
    """Makes an experiment without trials."""
    request = {"ExperimentName": form.name}
    if form.description:
        request["Description"] = form.description
    target.client("sagemaker").create_experiment(**request)
    return Accepted(name=form.name)


def _entry(found: dict[str, Any], *, trial: bool) -> ExperimentEntry:
    name = found["TrialName" if trial else "ExperimentName"]
    source = (found.get("Source") or {}).get("SourceArn", "")
    kind, _, job = source.rsplit(":", 1)[-1].partition("/")
    return ExperimentEntry(
        kind="ExperimentTrial" if trial else "Experiment",
        name=name,
        display_name=found.get("DisplayName") or name,
        arn=found.get("TrialArn" if trial else "ExperimentArn", ""),
        type=_SOURCES.get(kind, "Trial" if trial else "Experiment"),
        automl_job=job if kind == "automl-job" else None,
        description=found.get("Description") or None,
        created=found.get("CreationTime"),
        modified=found.get("LastModifiedTime"),
        created_by=creator(found),
        tags={each["Key"]: each["Value"] for each in found.get("Tags") or []},
    )


def _unassigned(target: Target) -> int | None:
    """How many components belong to no experiment; counted where that costs nothing."""
    if target.kind != "local":
        return None
    where = {"Filters": scope_filters(ComponentScope(kind="unassigned"))}
    return search(target, COMPONENT, where, limit=1, select=["TrialComponentName"]).total
