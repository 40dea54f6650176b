"""Models of the tuning jobs' pages: list, page, trials, form."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.automl import InputChannel
from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, UtcTime
from smstudio_ext.studio.models.options import Direction
from smstudio_ext.studio.models.training import TrainingStatus
from smstudio_ext.studio.models.training_form import Scaling, TrainingForm

TuningStatus = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting", "DeleteFailed"]
Strategy = Literal["Bayesian", "Random", "Hyperband", "Grid"]
RangeKind = Literal["Integer", "Continuous", "Categorical"]
WarmStartKind = Literal["IdenticalDataAndAlgorithm", "TransferLearning"]


class ListTuningJobs(PageQuery):
    """Query of the tuning jobs list."""

    search: str | None = Field(default=None, max_length=63)
    status: TuningStatus | None = None
    created_after: UtcTime | None = None
    created_before: UtcTime | None = None
    sort_by: Literal["Name", "CreationTime", "Status"] = "CreationTime"
    sort_order: SortOrder = "Descending"


class TrialCounters(Answer):
    """How many trials are in which state; `failed` are those that are not tried again."""

    completed: int
    in_progress: int
    retryable: int
    failed: int
    stopped: int
    objective_succeeded: int
    objective_pending: int
    objective_failed: int


class TuningJobSummary(Answer):
    """One row of the tuning jobs list."""

    name: str
    arn: str
    status: TuningStatus
    strategy: Strategy
    created: UtcTime
    modified: UtcTime
    ended: UtcTime | None
    elapsed_seconds: float
    counters: TrialCounters
    max_jobs: int | None
    max_parallel: int | None


class TuningJobPage(Answer):
    """One page of the tuning jobs list."""

    items: list[TuningJobSummary]
    next_token: str | None


class ParameterRange(Answer):
    """What one hyperparameter is searched in."""

    name: str
    kind: RangeKind
    min: str | None
    max: str | None
    scaling: Scaling
    values: list[str]


class TuningDefinition(Answer):
    """What the trials of one algorithm are made of.

    Attributes:
        objective: metric of these trials; `direction` says which way is better.
        name: none when the tuning job has only one.
    """

    name: str | None
    algorithm: str | None
    image: str | None
    objective: str | None
    direction: Direction | None
    ranges: list[ParameterRange]
    static_hyperparameters: dict[str, str]
    instance_type: str | None
    instance_count: int | None
    max_runtime_seconds: int | None
    inputs: list[InputChannel]
    output_s3_uri: str | None
    role_arn: str | None


class Trial(Answer):
    """One training job of a tuning job.

    Attributes:
        hyperparameters: the tuned ones alone.
    """

    name: str
    arn: str
    definition: str | None
    status: TrainingStatus
    created: UtcTime
    started: UtcTime | None
    ended: UtcTime | None
    elapsed_seconds: float
    metric: str | None
    objective: float | None
    objective_status: Literal["Succeeded", "Pending", "Failed"] | None
    hyperparameters: dict[str, str]
    failure_reason: str | None


class TuningJob(Answer):
    """A tuning job's page.

    Attributes:
        best: best training job of this tuning job.
        overall_best: best one among it and its warm-start parents, when there are any.
        automl_job: name of the experiment that made it.
    """

    name: str
    arn: str
    status: TuningStatus
    status_text: str
    created: UtcTime
    modified: UtcTime
    ended: UtcTime | None
    elapsed_seconds: float
    can_stop: bool
    failure_reason: str | None
    strategy: Strategy
    strategy_config: dict[str, Any]
    objective: str | None
    direction: Direction | None
    early_stopping: str
    max_jobs: int | None
    max_parallel: int | None
    max_runtime_seconds: int | None
    consumed_seconds: int | None
    target_value: float | None
    max_not_improving: int | None
    not_improving: int | None
    stop_on_convergence: bool
    random_seed: int | None
    autotune: bool
    counters: TrialCounters
    definitions: list[TuningDefinition]
    best: Trial | None
    overall_best: Trial | None
    warm_start: WarmStartKind | None
    parents: list[str]


class ListTrials(PageQuery):
    """Query of a tuning job's trials."""

    status: TrainingStatus | None = None
    sort_by: Literal["Name", "CreationTime", "Status", "FinalObjectiveMetricValue"] = "CreationTime"
    sort_order: SortOrder = "Ascending"
    max_results: int = Field(default=100, ge=1, le=100)


class TrialPage(Answer):
    """One page of a tuning job's trials."""

    items: list[Trial]
    next_token: str | None


class TuneRangeForm(Request):
    """What one hyperparameter is to be searched in."""

    name: str
    kind: RangeKind
    min: str = ""
    max: str = ""
    scaling: Scaling = "Auto"
    values: list[str] = []


class TuningForm(Request):
    """The form "Create tuning job".

    Attributes:
        training: what each trial does; its name is not used, and its hyperparameters are those that stay as they are.
        further: members of CreateHyperParameterTuningJob that the form has no field for, in AWS's own form.
    """

    name: str = ""
    strategy: Strategy = "Bayesian"
    objective: str = ""
    direction: Direction = "Minimize"
    ranges: list[TuneRangeForm] = []
    max_jobs: int | None = 10
    max_parallel: int = 2
    max_runtime_seconds: int | None = None
    early_stopping: Literal["Off", "Auto"] = "Off"
    target_value: float | None = None
    max_not_improving: int | None = None
    random_seed: int | None = None
    min_resource: int | None = None
    max_resource: int | None = None
    warm_start: WarmStartKind | None = None
    parents: list[str] = []
    training: TrainingForm
    further: dict[str, Any] = {}


class CreatedTuningJob(Answer):
    """A tuning job was created."""

    name: str
    arn: str
