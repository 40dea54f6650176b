"""Models of the experiments list: experiments, trials, assigning and deleting."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, SortOrder, UtcTime

NAME_PATTERN = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}$"
FilterOperator = Literal[
    "Equals",
    "NotEquals",
    "GreaterThan",
    "GreaterThanOrEqualTo",
    "LessThan",
    "LessThanOrEqualTo",
    "Contains",
    "Exists",
    "NotExists",
    "In",
]
EntityKind = Literal["Experiment", "ExperimentTrial", "TrialComponent"]


class ColumnFilter(Request):
    """One condition on a property.

    Attributes:
        name: AWS's property path, e.g. `Parameters.eta`, `Metrics.validation:f1.Max`, `Tags.team`.
    """

    name: str = Field(min_length=1, max_length=1024)
    operator: FilterOperator
    value: str | None = Field(default=None, max_length=1024)


class BrowseQuery(Request):
    """One page of the sidebar's list: experiments, or an experiment's trials.

    Attributes:
        experiment: whose trials; absent for the experiments themselves.
        search: part of the name.
    """

    experiment: str | None = Field(default=None, max_length=120)
    search: str | None = Field(default=None, max_length=1024)
    filters: list[ColumnFilter] = []
    sort_by: str | None = Field(default="LastModifiedTime", max_length=255)
    sort_order: SortOrder = "Descending"
    max_results: int = Field(default=100, ge=1, le=1000)
    next_token: str | None = Field(default=None, max_length=8192)


class ExperimentEntry(Answer):
    """A row of the sidebar's list.

    Attributes:
        type: Studio's word for where it comes from, e.g. `Autopilot`.
        automl_job: the Autopilot job that made it.
    """

    kind: EntityKind
    name: str
    display_name: str
    arn: str
    type: str
    automl_job: str | None
    description: str | None
    created: UtcTime | None
    modified: UtcTime | None
    created_by: str | None
    tags: dict[str, str]


class ExperimentPage(Answer):
    """One page of the list.

    Attributes:
        total: how many match; absent when the target does not tell.
        unassigned: how many components belong to no experiment; absent when the target does not tell, or was not asked.
    """

    items: list[ExperimentEntry]
    next_token: str | None
    total: int | None
    unassigned: int | None


class NewExperiment(Request):
    """A new experiment."""

    name: str = Field(pattern=NAME_PATTERN)
    description: str | None = Field(default=None, max_length=3072)


class AssignComponents(Request):
    """Components to put into a trial.

    Attributes:
        create: make experiment and trial when they are not there.
    """

    names: list[str] = Field(min_length=1, max_length=500)
    experiment: str = Field(pattern=NAME_PATTERN)
    trial: str = Field(pattern=NAME_PATTERN)
    create: bool = False


class RemoveComponents(Request):
    """Components to take out of a trial."""

    names: list[str] = Field(min_length=1, max_length=500)
    trial: str = Field(pattern=NAME_PATTERN)


class NamedProblem(Answer):
    """What went wrong with one of many."""

    name: str
    message: str


class Done(Answer):
    """What an action on many did; each by itself."""

    done: list[str]
    failed: list[NamedProblem]


class DeleteThings(Request):
    """What to delete: experiments with their trials, trials, or components.

    Attributes:
        components: delete the components of the experiments or trials, too, if no other trial has them.
    """

    kind: EntityKind
    names: list[str] = Field(min_length=1, max_length=500)
    components: bool = True


class DeletePlan(Answer):
    """What a deletion takes with it.

    Attributes:
        experiments, trials, components: names that go, at most 200 of each; the counts are of all.
        kept: components that stay because other trials have them, too.
        running: components whose job still runs; the job itself goes on.
    """

    experiments: list[str]
    trials: list[str]
    components: list[str]
    trial_count: int
    component_count: int
    kept: list[str]
    kept_count: int
    running: list[str]


class Deleted(Answer):
    """How far a deletion came; `finished` is false when it should be asked for again to go on."""

    deleted: int
    finished: bool
    failed: list[NamedProblem]
