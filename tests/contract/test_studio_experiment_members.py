"""Assigning, stopping, making and deleting experiments and their components, against the engine and moto."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstudio_ext.studio import components, experiment_delete, experiment_members, experiments
from smstudio_ext.studio.models.components import ComponentQuery, ComponentScope, RowsQuery, StopComponents
from smstudio_ext.studio.models.experiments import (
    AssignComponents,
    BrowseQuery,
    DeleteThings,
    NewExperiment,
    RemoveComponents,
)
from smstudio_ext.studio.problems import Conflict
from smstudio_ext.target import Target
from tests.contract.experiment_runs import Runs, make_trial, unique
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from tests.conftest import RunningEngine


def test_assign_and_take_back(place: Target) -> None:
    sagemaker = place.client("sagemaker")
    name, experiment, trial = unique("loose"), unique("new"), unique("trial")
    sagemaker.create_trial_component(TrialComponentName=name)
    form = AssignComponents(names=[name, "no-such-one"], experiment=experiment, trial=trial, create=True)
    done = experiment_members.assign_components(place, form)
    assert name in done.done
    members = sagemaker.list_trial_components(TrialName=trial)["TrialComponentSummaries"]
    assert name in [each["TrialComponentName"] for each in members]
    removed = experiment_members.remove_components(place, RemoveComponents(names=[name], trial=trial))
    assert removed.done == [name]
    assert removed.failed == []
    assert sagemaker.list_trial_components(TrialName=trial)["TrialComponentSummaries"] == []


def test_assign_says_what_failed(runs: Runs) -> None:
    form = AssignComponents(names=["no-such-one"], experiment=runs.experiment, trial=runs.trials[0])
    done = experiment_members.assign_components(runs.target, form)
    assert done.done == []
    assert [each.name for each in done.failed] == ["no-such-one"]
    other = unique("other")
    runs.target.client("sagemaker").create_experiment(ExperimentName=other)
    wrong = AssignComponents(names=[runs.names[0]], experiment=other, trial=runs.trials[0], create=True)
    with pytest.raises(Conflict, match="belongs to the experiment"):
        experiment_members.assign_components(runs.target, wrong)


def test_stop_says_when_there_is_nothing_to_stop(runs: Runs) -> None:
    done = experiment_members.stop_components(runs.target, StopComponents(names=[runs.names[0]]))
    assert done.done == []
    assert "no job" in done.failed[0].message


def test_delete_an_experiment_with_what_only_it_has(engine: RunningEngine) -> None:
    target = engine_target(engine)
    sagemaker = target.client("sagemaker")
    one, other = unique("gone"), unique("stays")
    make_trial(target, one, f"{one}-trial")
    make_trial(target, other, f"{other}-trial")
    names = [f"{one}-{number}" for number in range(70)]
    for name in names:
        sagemaker.create_trial_component(TrialComponentName=name, Status={"PrimaryStatus": "InProgress"})
        sagemaker.associate_trial_component(TrialComponentName=name, TrialName=f"{one}-trial")
    sagemaker.associate_trial_component(TrialComponentName=names[0], TrialName=f"{other}-trial")
    form = DeleteThings(kind="Experiment", names=[one])
    plan = experiment_delete.plan_deletion(target, form)
    assert (plan.experiments, plan.trials) == ([one], [f"{one}-trial"])
    assert (plan.component_count, plan.kept) == (69, [names[0]])
    assert set(plan.running) == set(names[1:])
    finished = False
    while not finished:
        answer = experiment_delete.delete_things(target, form)
        assert answer.failed == []
        finished = answer.finished
    assert experiments.browse_experiments(target, BrowseQuery(search=one)).items == []
    left = components.list_component_rows(target, RowsQuery(query=ComponentQuery(search=one)))
    assert [row.name for row in left.rows] == [names[0]]
    assert left.rows[0].experiments == [other]
    again = experiment_delete.delete_things(target, form)
    assert (again.finished, again.failed) == (True, [])


def test_delete_components_and_leave_the_trial(engine: RunningEngine) -> None:
    target = engine_target(engine)
    sagemaker = target.client("sagemaker")
    experiment, name = unique("kept"), unique("component")
    make_trial(target, experiment, f"{experiment}-trial")
    sagemaker.create_trial_component(TrialComponentName=name)
    sagemaker.associate_trial_component(TrialComponentName=name, TrialName=f"{experiment}-trial")
    form = DeleteThings(kind="TrialComponent", names=[name])
    assert experiment_delete.plan_deletion(target, form).components == [name]
    assert experiment_delete.delete_things(target, form).finished
    left = components.list_component_rows(target, RowsQuery(query=ComponentQuery(search=name)))
    assert left.rows == []
    trials = experiments.browse_experiments(target, BrowseQuery(experiment=experiment)).items
    assert [each.name for each in trials] == [f"{experiment}-trial"]


def test_keeping_components_makes_them_unassigned(engine: RunningEngine) -> None:
    target = engine_target(engine)
    sagemaker = target.client("sagemaker")
    experiment, name = unique("freed"), unique("component")
    make_trial(target, experiment, f"{experiment}-trial")
    sagemaker.create_trial_component(TrialComponentName=name)
    sagemaker.associate_trial_component(TrialComponentName=name, TrialName=f"{experiment}-trial")
    form = DeleteThings(kind="Experiment", names=[experiment], components=False)
    assert experiment_delete.plan_deletion(target, form).component_count == 0
    assert experiment_delete.delete_things(target, form).finished
    found = components.list_component_rows(
        target, RowsQuery(query=ComponentQuery(scope=ComponentScope(kind="unassigned"), search=name))
    )
    assert [row.name for row in found.rows] == [name]


def test_create_experiment(place: Target) -> None:
    name = unique("made")
    assert experiments.create_experiment(place, NewExperiment(name=name, description="why")).name == name
    page = experiments.browse_experiments(place, BrowseQuery(search=name))
    assert page.items[0].name == name
    if place.kind == "local":  # moto's Search leaves descriptions out
        assert page.items[0].description == "why"
