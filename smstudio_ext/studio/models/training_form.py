"""Models of the forms that create training jobs: the form, what it offers, and what it would send."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, Tag
from smstudio_ext.studio.models.options import Direction, InstanceTypeOption, NumberLimit, TextLimit
from smstudio_ext.studio.models.plans import Plan

InputMode = Literal["File", "Pipe", "FastFile"]
TrainingSource = Literal["algorithm", "script", "image"]
HyperparameterKind = Literal["integer", "number", "choice", "boolean", "list", "text"]
Scaling = Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]


class MetricDefinition(Request):
    """A metric that is read from a job's log: the first group of the expression is its value."""

    name: str
    regex: str


class TrainingChannel(Request):
    """One input channel."""

    name: str
    s3_uri: str
    data_type: Literal["S3Prefix", "ManifestFile", "AugmentedManifestFile"] = "S3Prefix"
    distribution: Literal["FullyReplicated", "ShardedByS3Key"] = "FullyReplicated"
    content_type: str | None = None
    compression: Literal["None", "Gzip"] = "None"
    record_wrapper: Literal["None", "RecordIO"] = "None"
    input_mode: InputMode | None = None
    attribute_names: list[str] = []
    shuffle_seed: int | None = None


class TrainingScript(Request):
    """The user's own program for a framework's image.

    Attributes:
        path: a file or a folder of the Jupyter server; it is packed and sent to S3.
        s3_uri: or a sourcedir.tar.gz that is in S3 already.
        entry_point: the program inside the folder or archive; for a file its own name.
    """

    path: str | None = Field(default=None, max_length=2048)
    s3_uri: str | None = Field(default=None, max_length=1024)
    entry_point: str | None = Field(default=None, max_length=256)


class TrainingForm(Request):
    """The form "Create training job".

    Attributes:
        algorithm: one of the catalogue's, for `source` algorithm; `version` of its image or the framework's.
        framework: one of the catalogue's, for `source` script.
        image: image URI for `source` image; for a script it takes the place of the framework's.
        further: members of CreateTrainingJob that the form has no field for, in AWS's own form.
    """

    name: str = ""
    source: TrainingSource = "algorithm"
    algorithm: str | None = None
    framework: str | None = None
    version: str | None = None
    image: str | None = None
    script: TrainingScript | None = None
    input_mode: InputMode = "File"
    hyperparameters: dict[str, str] = {}
    metric_definitions: list[MetricDefinition] = []
    channels: list[TrainingChannel] = []
    output_s3_uri: str | None = None
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    volume_gb: int = 30
    max_runtime_seconds: int | None = 86400
    spot: bool = False
    max_wait_seconds: int | None = None
    checkpoint_s3_uri: str | None = None
    network_isolation: bool = False
    role_arn: str | None = None
    environment: dict[str, str] = {}
    tags: list[Tag] = []
    further: dict[str, Any] = {}


class TrainingPlan(Plan):
    """What the form of a training or tuning job would send."""


class CreatedTrainingJob(Answer):
    """A training job was created."""

    name: str
    arn: str
    output_s3_uri: str
    created_bucket: str | None


class TuneRange(Answer):
    """What AWS recommends to search a hyperparameter in: numbers between two bounds, or some values."""

    min: float | None = None
    max: float | None = None
    scaling: Scaling = "Auto"
    values: list[str] = []


class Hyperparameter(Answer):
    """One hyperparameter of an algorithm.

    Attributes:
        default: what the algorithm takes when none is given; "auto" may stand for a number.
        min, max: what the algorithm accepts, inclusive.
        tune: none when it cannot be tuned.
    """

    name: str
    kind: HyperparameterKind
    required: bool = False
    default: str | None = None
    min: float | None = None
    max: float | None = None
    choices: list[str] = []
    tune: TuneRange | None = None


class ChannelOption(Answer):
    """A channel that an algorithm knows; the first content type is the usual one."""

    name: str
    required: bool
    content_types: list[str]


class AlgorithmMetric(Answer):
    """A metric that an algorithm writes and that a tuning job may take as its objective."""

    name: str
    direction: Direction


class ImageVersion(Answer):
    """One version of an algorithm's or framework's image in the target's region."""

    version: str
    image: str


class Algorithm(Answer):
    """A built-in algorithm.

    Attributes:
        offered: the target runs it; on the local engine only those that are there.
    """

    name: str
    title: str
    summary: str
    input_modes: list[InputMode]
    channels: list[ChannelOption]
    metrics: list[AlgorithmMetric]
    hyperparameters: list[Hyperparameter]
    versions: list[ImageVersion]
    offered: bool


class Framework(Answer):
    """A framework whose image runs the user's script."""

    name: str
    title: str
    versions: list[ImageVersion]
    offered: bool


class TrainingLimits(Answer):
    """Limits of the form, from AWS's own service model."""

    name: TextLimit
    tuning_job_name: TextLimit
    image: TextLimit
    channel_name: TextLimit
    metric_name: TextLimit
    metric_regex: TextLimit
    environment_name: TextLimit
    environment_value: TextLimit
    hyperparameter_value: TextLimit
    max_runtime_seconds: NumberLimit
    max_hyperparameters: int
    max_channels: int
    max_metric_definitions: int
    max_environment: int
    max_tags: int


class TrainingOptions(Answer):
    """What the form offers on a target.

    Attributes:
        output_s3_uri: where models go when the field is left empty; none when the default bucket is not known.
    """

    algorithms: list[Algorithm]
    frameworks: list[Framework]
    instance_types: list[InstanceTypeOption]
    limits: TrainingLimits
    output_s3_uri: str | None
    role_arn: str | None
