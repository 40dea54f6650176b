"""Models of what surrounds an Autopilot job's page: its form's plan, its notebooks, what it does now, its models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.automl import Candidate, JobSecurity
from smstudio_ext.studio.models.base import Answer, Request, Tag, UtcTime
from smstudio_ext.studio.models.plans import Plan

NotebookKind = Literal["candidate-definition", "data-exploration"]
JobKind = Literal["ProcessingJob", "TrainingJob", "TransformJob", "HyperParameterTuningJob"]


class AutoMLPlan(Plan):
    """What the form of an experiment would send."""


class AutoMLNotebook(Answer):
    """A notebook that Autopilot wrote.

    Attributes:
        file_name: under which a copy is kept.
        notebook: the document, in the format of Jupyter notebooks (nbformat 4).
    """

    kind: NotebookKind
    file_name: str
    s3_uri: str
    size: int
    notebook: dict[str, Any]


class RunningJob(Answer):
    """One job that works for an experiment now."""

    kind: JobKind
    name: str
    status: str
    created: UtcTime
    elapsed_seconds: float


class ActivityQuery(Request):
    """Which jobs may run.

    Attributes:
        stage: the experiment's secondary status, as far as it is known: kinds of jobs that cannot run then are not asked for.
    """

    stage: str | None = Field(default=None, max_length=64)


class AutoMLActivity(Answer):
    """What an experiment does now: its jobs that run, the newest first, at most 20 of each kind."""

    jobs: list[RunningJob]


class Artifact(Answer):
    """Something in S3 that belongs to a model.

    Attributes:
        kind: what it is, e.g. input, model, transformed-data, notebook, report.
        folder: it is a prefix, not one object.
        size: bytes of an object; none of a prefix.
    """

    kind: str
    name: str
    s3_uri: str
    folder: bool
    size: int | None = None


class CandidateDetails(Answer):
    """The page of one model.

    Attributes:
        hyperparameters: of its training job.
        artifacts: inputs, outputs and intermediate results.
        reports: files of its explainability and performance reports; of kind backtest those of a forecast's back-test.
        problem_type, on_table: of the experiment.
        network_isolation: of its training job; none when that is not known.
    """

    job: str
    problem_type: str | None
    on_table: bool
    candidate: Candidate
    training_job: str | None
    training_image: str | None
    training_instance: str | None
    hyperparameters: dict[str, str]
    artifacts: list[Artifact]
    reports: list[Artifact]
    security: JobSecurity
    role_arn: str
    network_isolation: bool | None


class FeatureImpact(Answer):
    """How much a feature moves the predictions: the mean absolute SHAP value over the rows explained."""

    feature: str
    value: float


class LabelImpacts(Answer):
    """Impacts of features on one output, the greatest first; `label` is empty when there is one output only."""

    label: str
    impacts: list[FeatureImpact]


class Explainability(Answer):
    """What the explainability report says.

    Attributes:
        s3_uri: where it lies; none when there is no report (it is made for the best model alone).
        method: of the explanation, e.g. kernel_shap.
        labels: one entry an output, or a class.
    """

    s3_uri: str | None
    method: str | None
    labels: list[LabelImpacts]
    files: list[Artifact]


class Statistic(Answer):
    """One metric of the performance report."""

    name: str
    value: float | None
    standard_deviation: float | None


class ConfusionMatrix(Answer):
    """How often each actual class (rows) was predicted as each class (columns)."""

    labels: list[str]
    counts: list[list[float]]


class Curve(Answer):
    """One curve of the performance report: points in order, with what stands on the axes.

    Attributes:
        id: roc, precision_recall, gain, lift, residuals, ...
        kind: how to draw it.
        label: the class it belongs to; empty when there is one curve only.
    """

    id: str
    kind: Literal["line", "points", "bars"]
    label: str
    x_title: str
    y_title: str
    x: list[float]
    y: list[float]


class Performance(Answer):
    """What the performance report says of a model on data that it has not seen.

    Without a report: the metrics of a candidate that is not of a table, and a forecasting candidate's back-test.
    """

    s3_uri: str | None
    problem_type: str | None
    rows: int | None
    statistics: list[Statistic]
    confusion: ConfusionMatrix | None
    curves: list[Curve]
    files: list[Artifact]


class CreateCandidateModel(Request):
    """Makes a SageMaker model of a candidate, for batch predictions or to deploy it later.

    Attributes:
        candidate: empty takes the best one.
        response_keys: what predictions hold, e.g. predicted_label, probability; empty: AWS's default.
    """

    name: str = ""
    candidate: str | None = None
    response_keys: list[str] = Field(default=[], max_length=8)
    tags: list[Tag] = []


class CreatedCandidateModel(Answer):
    """A model was created."""

    name: str
    arn: str
