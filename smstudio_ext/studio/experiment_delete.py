"""Deletes experiments, trials and components: says first what goes, then does it piece by piece."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from smstudio_ext.studio.component_query import COMPONENT
from smstudio_ext.studio.experiment_members import for_each
from smstudio_ext.studio.models.experiments import Deleted, DeletePlan, DeleteThings, NamedProblem
from smstudio_ext.studio.search import search_all
from smstudio_ext.target import Target

_SHOWN = 200
_MOST = 100_000
_RUNNING = frozenset({"InProgress", "Stopping"})
_SECONDS = 4.0
"""A deletion answers after so long, and is asked for again: the page shows how far it is and can be closed."""
_BATCH = 64
_GONE = frozenset({"ResourceNotFound", "ResourceNotFoundException"})


def plan_deletion(target: Target, form: DeleteThings) -> DeletePlan:
    """What a deletion would take with it; deletes nothing."""
    experiments = form.names if form.kind == "Experiment" else []
    trials = _trials(target, form)
    components: list[str] = []
    kept: list[str] = []
    running: list[str] = []
    going = set(trials)
    for each in _candidates(target, form, trials):
        name = each["TrialComponentName"]
        others = {
            parent["TrialName"] for parent in each.get("Parents") or [] if parent.get("TrialName")
        } - going
        if others and form.kind != "TrialComponent":
            kept.append(name)
            continue
        components.append(name)
        if (each.get("Status") or {}).get("PrimaryStatus") in _RUNNING:
            running.append(name)
    return DeletePlan(
        experiments=experiments[:_SHOWN],
        trials=trials[:_SHOWN],
        components=components[:_SHOWN],
        trial_count=len(trials),
        component_count=len(components),
        kept=kept[:_SHOWN],
        kept_count=len(kept),
        running=running[:_SHOWN],
    )


def delete_things(target: Target, form: DeleteThings) -> Deleted:
    """Deletes for a few seconds; what is gone already counts as done, so it can be asked for again and again."""
    until = time.monotonic() + _SECONDS
    failed: list[NamedProblem] = []
    deleted = 0
    for names, delete in _steps(target, form):
        done = for_each(names, _unless_gone(delete))
        deleted += len(done.done)
        failed += done.failed
        if failed:
            return Deleted(deleted=deleted, finished=True, failed=failed[:_SHOWN])
        if time.monotonic() > until:
            return Deleted(deleted=deleted, finished=False, failed=[])
    return Deleted(deleted=deleted, finished=True, failed=[])


def _steps(target: Target, form: DeleteThings) -> Iterator[tuple[list[str], Any]]:
    """Batches of names and what deletes one of them, in the order that AWS demands."""
    sagemaker = target.client("sagemaker")

    def component(name: str) -> None:
        for trial in _trials_of(sagemaker, name):
            sagemaker.disassociate_trial_component(TrialComponentName=name, TrialName=trial)
        sagemaker.delete_trial_component(TrialComponentName=name)

    if form.kind == "TrialComponent":
        yield from ((batch, component) for batch in _batches(form.names))
        return
    for trial in _trials(target, form):
        members = [each["TrialComponentName"] for each in _members(sagemaker, trial)]

        def leave(name: str, trial: str = trial) -> None:
            sagemaker.disassociate_trial_component(TrialComponentName=name, TrialName=trial)
            if form.components and not _trials_of(sagemaker, name):
                sagemaker.delete_trial_component(TrialComponentName=name)

        yield from ((batch, leave) for batch in _batches(members))
        yield [trial], lambda name: sagemaker.delete_trial(TrialName=name)
    if form.kind == "Experiment":
        yield from (
            (batch, lambda name: sagemaker.delete_experiment(ExperimentName=name))
            for batch in _batches(form.names)
        )


def _unless_gone(delete: Any) -> Any:
    from botocore.exceptions import ClientError

    def act(name: str) -> None:
        try:
            delete(name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise

    return act


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]


def _trials(target: Target, form: DeleteThings) -> list[str]:
    """Trials that go."""
    if form.kind == "ExperimentTrial":
        return form.names
    if form.kind != "Experiment":
        return []
    sagemaker = target.client("sagemaker")
    return [trial for name in form.names for trial in _trials_in(sagemaker, name)]


def _trials_in(sagemaker: Any, experiment: str) -> list[str]:
    """Trials of an experiment; none when it is gone already."""
    from botocore.exceptions import ClientError

    try:
        return [
            trial["TrialName"]
            for page in sagemaker.get_paginator("list_trials").paginate(ExperimentName=experiment)
            for trial in page["TrialSummaries"]
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return []
        raise


def _candidates(target: Target, form: DeleteThings, trials: list[str]) -> Iterator[dict[str, Any]]:
    if form.kind == "TrialComponent":
        yield from (_component(target, name) for name in form.names)
    elif form.components:
        yield from _components(target, trials)


def _components(target: Target, trials: list[str]) -> Iterator[dict[str, Any]]:
    """Components of trials, each once."""
    seen: set[str] = set()
    for trial in trials:
        where = {"Filters": [{"Name": "Parents.TrialName", "Operator": "Equals", "Value": trial}]}
        for each in search_all(
            target, COMPONENT, where, at_most=_MOST, select=["TrialComponentName", "Parents", "Status"]
        ):
            if each["TrialComponentName"] not in seen:
                seen.add(each["TrialComponentName"])
                yield each


def _component(target: Target, name: str) -> dict[str, Any]:
    found = target.client("sagemaker").describe_trial_component(TrialComponentName=name)
    return {"TrialComponentName": name, "Status": found.get("Status")}


def _members(sagemaker: Any, trial: str) -> Iterator[dict[str, Any]]:
    for page in sagemaker.get_paginator("list_trial_components").paginate(TrialName=trial):
        yield from page["TrialComponentSummaries"]


def _trials_of(sagemaker: Any, component: str) -> list[str]:
    return [
        trial["TrialName"]
        for page in sagemaker.get_paginator("list_trials").paginate(TrialComponentName=component)
        for trial in page["TrialSummaries"]
    ]
