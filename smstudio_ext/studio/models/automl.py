"""Models of Autopilot's pages: list, form, job page, leaderboard, deploying a candidate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, Tag, UtcTime
from smstudio_ext.studio.models.options import Direction

JobStatus = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]
StageState = Literal["done", "active", "pending", "failed", "stopped"]
ProblemChoice = Literal["Auto", "BinaryClassification", "MulticlassClassification", "Regression"]
FeatureType = Literal["numeric", "categorical", "text", "datetime", "sequence"]


class ListAutoMLJobs(PageQuery):
    """Query of the experiments list."""

    search: str | None = Field(default=None, max_length=63)
    status: JobStatus | None = None
    sort_by: Literal["Name", "CreationTime", "Status"] = "CreationTime"
    sort_order: SortOrder = "Descending"


class AutoMLJobSummary(Answer):
    """One row of the experiments list."""

    name: str
    arn: str
    status: JobStatus
    secondary_status: str
    created: UtcTime
    modified: UtcTime
    ended: UtcTime | None
    failure_reason: str | None
    partial_failures: list[str]


class AutoMLJobPage(Answer):
    """One page of the experiments list."""

    items: list[AutoMLJobSummary]
    next_token: str | None


class Stage(Answer):
    """One chevron of the job page."""

    id: str
    label: str
    state: StageState


class ObjectiveValue(Answer):
    """The objective metric of a candidate."""

    metric: str
    value: float | None
    direction: Direction | None


class CandidateMetric(Answer):
    """One metric of a candidate; `set` is Train, Validation or Test."""

    name: str
    value: float | None
    set: str | None


class CandidateStep(Answer):
    """One job that made a candidate.

    Attributes:
        kind: ProcessingJob, TrainingJob or TransformJob.
    """

    kind: str
    name: str
    arn: str


class InferenceContainer(Answer):
    """One container of a candidate's model."""

    image: str
    model_data_url: str
    environment: dict[str, str]


class Candidate(Answer):
    """One trial of the leaderboard.

    Attributes:
        response_keys: what its endpoint can answer; choose among them when deploying.
    """

    name: str
    status: JobStatus
    objective_status: str
    objective: ObjectiveValue | None
    is_best: bool
    can_deploy: bool
    created: UtcTime
    ended: UtcTime | None
    elapsed_seconds: float
    metrics: list[CandidateMetric]
    steps: list[CandidateStep]
    containers: list[InferenceContainer]
    response_keys: list[str]
    failure_reason: str | None
    explainability_s3_uri: str | None
    insights_s3_uri: str | None


class ListCandidates(PageQuery):
    """Query of the leaderboard."""

    status: JobStatus | None = None
    sort_by: Literal["CreationTime", "Status", "FinalObjectiveMetricValue"] = "FinalObjectiveMetricValue"
    sort_order: SortOrder | None = Field(
        default=None, description="Default: the best first, whichever way the metric points."
    )


class CandidatePage(Answer):
    """One page of the leaderboard."""

    items: list[Candidate]
    next_token: str | None
    objective_metric: str | None
    direction: Direction | None


class InputChannel(Answer):
    """One input of a job."""

    channel: str
    s3_uri: str
    data_type: str
    content_type: str | None
    compression: str | None


class CompletionLimits(Answer):
    """When a job ends."""

    max_candidates: int | None = None
    max_runtime_per_training_job_seconds: int | None = None
    max_job_runtime_seconds: int | None = None


class JobSecurity(Answer):
    """Encryption and network of a job."""

    output_kms_key_id: str | None
    volume_kms_key_id: str | None
    encrypt_inter_container_traffic: bool
    security_group_ids: list[str]
    subnets: list[str]


class AutoMLJob(Answer):
    """The job page.

    Attributes:
        status_text: one sentence that says what happens now.
        elapsed_seconds: since its creation, until its end or now.
        pilot: it only generates candidate definitions.
        on_table: it learns from a table; only then the form can make one like it.
        problem_type, objective: as given; `resolved_*` as Autopilot decided.
        problem_settings: what a job that is not on a table was told besides, by AWS's names.
    """

    name: str
    arn: str
    status: JobStatus
    secondary_status: str
    status_text: str
    stages: list[Stage]
    created: UtcTime
    modified: UtcTime
    ended: UtcTime | None
    elapsed_seconds: float
    can_stop: bool
    pilot: bool
    on_table: bool
    target: str | None
    problem_type: str | None
    problem_settings: dict[str, str]
    resolved_problem_type: str | None
    objective: str | None
    resolved_objective: str | None
    mode: str | None
    algorithms: list[str]
    inputs: list[InputChannel]
    validation_fraction: float | None
    sample_weight: str | None
    feature_specification_s3_uri: str | None
    output_s3_uri: str
    role_arn: str
    limits: CompletionLimits
    resolved_limits: CompletionLimits
    security: JobSecurity
    deploy_endpoint: str | None
    deployed_endpoint: str | None
    best_candidate: Candidate | None
    candidate_definition_notebook: str | None
    data_exploration_notebook: str | None
    failure_reason: str | None
    partial_failures: list[str]


class AutoDeploy(Request):
    """Deploys the best model by itself; without a name AWS makes one."""

    endpoint_name: str | None = None


class CreateAutoMLJob(Request):
    """The form "Create Amazon SageMaker Autopilot Experiment".

    Attributes:
        output_s3_uri: empty takes the target's default bucket, which is made when it is missing.
        complete: false runs a pilot that only creates the notebook with candidate definitions.
        feature_names: columns to learn from; empty takes all but the target.
        feature_types: types of columns that Autopilot shall not infer. With either of the two, and no
            `feature_specification_s3_uri`, the specification is written beside the job's output.
        role_arn: empty takes the target's role.
    """

    name: str
    input_s3_uri: str
    target: str
    output_s3_uri: str | None = None
    problem_type: ProblemChoice = "Auto"
    objective: str | None = None
    complete: bool = True
    content_type: str | None = None
    compression: Literal["None", "Gzip"] | None = None
    data_type: Literal["S3Prefix", "ManifestFile", "AugmentedManifestFile"] = "S3Prefix"
    validation_s3_uri: str | None = None
    validation_fraction: float | None = None
    sample_weight: str | None = None
    feature_specification_s3_uri: str | None = None
    feature_names: list[str] = Field(default=[], max_length=10_000)
    feature_types: dict[str, FeatureType] = {}
    mode: Literal["AUTO", "ENSEMBLING", "HYPERPARAMETER_TUNING"] | None = None
    algorithms: list[str] = []
    max_candidates: int | None = None
    max_runtime_per_training_job_seconds: int | None = None
    max_job_runtime_seconds: int | None = None
    role_arn: str | None = None
    output_kms_key_id: str | None = None
    volume_kms_key_id: str | None = None
    encrypt_inter_container_traffic: bool = False
    security_group_ids: list[str] = []
    subnets: list[str] = []
    tags: list[Tag] = []
    auto_deploy: AutoDeploy | None = None


class CreatedAutoMLJob(Answer):
    """A job was accepted."""

    name: str
    arn: str
    output_s3_uri: str
    created_bucket: str | None


class DeployCandidate(Request):
    """The form "Deploy model".

    Attributes:
        candidate: empty deploys the best one.
        response_keys: what the endpoint answers, e.g. predicted_label, probability; empty: AWS's default.
    """

    candidate: str | None = None
    endpoint_name: str
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    variant_name: str = "AllTraffic"
    response_keys: list[str] = []
    tags: list[Tag] = []


class Deployed(Answer):
    """What deploying made; the endpoint's page shows when it is in service."""

    endpoint_name: str
    endpoint_arn: str
    endpoint_config_name: str
    model_name: str
