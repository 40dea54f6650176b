"""Models of what forms offer: problem types, metrics, instance types, limits and defaults."""

from __future__ import annotations

from typing import Literal

from smstudio_ext.studio.models.base import Answer

Direction = Literal["Maximize", "Minimize"]


class MetricOption(Answer):
    """One objective metric."""

    name: str
    direction: Direction


class ProblemTypeOption(Answer):
    """One machine learning problem type; `Auto` has no metrics to choose from."""

    value: str
    label: str
    metrics: list[MetricOption]
    default_metric: str | None


class InstanceTypeOption(Answer):
    """One instance type.

    Attributes:
        fits: the local engine has that many vCPUs; always true on AWS.
    """

    name: str
    vcpu: int
    memory_gib: float
    gpu: int
    family: str
    fits: bool


class TextLimit(Answer):
    """What AWS accepts in a text field."""

    min_length: int
    max_length: int | None
    pattern: str | None


class NumberLimit(Answer):
    """What AWS accepts in a number field, and what is taken when it is left empty."""

    min: float | None
    max: float | None
    default: float | None = None


class Limits(Answer):
    """Limits of the forms, read from AWS's own service model.

    Attributes:
        min_rows: rows below which AWS refuses a data set (the local engine only warns).
        row_limit_enforced: whether this target refuses fewer.
    """

    automl_job_name: TextLimit
    endpoint_name: TextLimit
    s3_uri: TextLimit
    role_arn: TextLimit
    kms_key_id: TextLimit
    sample_weight: TextLimit
    max_candidates: NumberLimit
    max_runtime_per_training_job_seconds: NumberLimit
    max_job_runtime_seconds: NumberLimit
    validation_fraction: NumberLimit
    instance_count: NumberLimit
    max_tags: int
    max_upload_bytes: int | None
    max_invocation_bytes: int
    min_rows: int
    row_limit_enforced: bool


class ChoiceOption(Answer):
    """One choice of a list, with the sentence that explains it."""

    value: str
    label: str
    help: str = ""


class Defaults(Answer):
    """What forms hold when they open."""

    bucket: str | None
    output_prefix: str
    role_arn: str | None
    hosting_instance_type: str
    max_candidates: int
    max_runtime_per_training_job_seconds: int | None
    max_job_runtime_seconds: int | None


class Options(Answer):
    """Everything that the forms of a target need."""

    problem_types: list[ProblemTypeOption]
    modes: list[ChoiceOption]
    algorithms: list[ChoiceOption]
    data_types: list[ChoiceOption]
    content_types: list[ChoiceOption]
    instance_types: list[InstanceTypeOption]
    limits: Limits
    defaults: Defaults
