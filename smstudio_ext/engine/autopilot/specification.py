"""What an Autopilot job is asked to do: one form for both versions of the create call."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from smstudio_ext.engine.autopilot.problemtypes import PROBLEM_TYPES, TABULAR, ProblemType

DEFAULT_MAX_CANDIDATES = 100
DEFAULT_VALIDATION_FRACTION = 0.2
DEFAULT_CONTENT_TYPE = "text/csv;header=present"
PARQUET = "x-application/vnd.amazon+parquet"

Document = dict[str, Any]


@dataclass(frozen=True)
class Channel:
    """One input channel.

    Attributes:
        kind: `training` or `validation`.
        data_type: `S3Prefix`, `ManifestFile` or `AugmentedManifestFile`.
        compression: `None` or `Gzip`.
    """

    kind: str
    uri: str
    data_type: str = "S3Prefix"
    compression: str = "None"
    content_type: str = DEFAULT_CONTENT_TYPE


@dataclass(frozen=True)
class Specification:
    """A validated request.

    Attributes:
        v2: made by CreateAutoMLJobV2.
        request: the request as it came, for the Describe calls.
        target: name of the column to predict.
        problem_type, objective: None when left to the analysis.
        validation_fraction: None with a validation channel of its own.
        algorithms: AWS's names of the algorithms to try; empty means all that are offered.
        endpoint_name: None without automatic deployment; "" for a generated name.
        config_name: member of AutoMLProblemTypeConfig that the request has.
    """

    v2: bool
    request: Document
    name: str
    role: str
    channels: tuple[Channel, ...]
    output_path: str
    kms_key: str | None
    target: str
    problem_type: str | None = None
    objective: str | None = None
    max_candidates: int | None = None
    max_trial_runtime: int | None = None
    max_runtime: int | None = None
    pilot: bool = False
    mode: str = "HYPERPARAMETER_TUNING"
    algorithms: tuple[str, ...] = ()
    validation_fraction: float | None = DEFAULT_VALIDATION_FRACTION
    feature_specification: str | None = None
    sample_weight: str | None = None
    endpoint_name: str | None = None
    security: Document = field(default_factory=dict)
    config_name: str = TABULAR

    def to_document(self) -> Document:
        """As JSON, for the row's `internal`."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Document) -> Specification:
        """What `to_document` wrote."""
        channels = tuple(Channel(**channel) for channel in document["channels"])
        return cls(**{**document, "channels": channels, "algorithms": tuple(document["algorithms"])})

    @property
    def mode_given(self) -> bool:
        """Whether the request names a mode."""
        config = self.request.get("AutoMLJobConfig") or {}
        if self.v2:
            config = (self.request.get("AutoMLProblemTypeConfig") or {}).get("TabularJobConfig") or {}
        return bool(config.get("Mode"))

    @property
    def kind(self) -> ProblemType:
        """What the job's problem type asks for."""
        return PROBLEM_TYPES[self.config_name]

    @property
    def config(self) -> Document:
        """The problem type's configuration of a request of version 2."""
        found: Document = self.request["AutoMLProblemTypeConfig"][self.config_name]
        return found

    @property
    def training(self) -> Channel:
        """The channel with the training data."""
        return next(channel for channel in self.channels if channel.kind == "training")

    @property
    def validation(self) -> Channel | None:
        """The channel with validation data, if one was given."""
        return next((channel for channel in self.channels if channel.kind == "validation"), None)


def specification_v1(request: Document) -> Specification:
    """Reads a CreateAutoMLJob request (not yet validated)."""
    config = request.get("AutoMLJobConfig") or {}
    generation = config.get("CandidateGenerationConfig") or {}
    inputs = request["InputDataConfig"]
    return Specification(
        v2=False,
        request=request,
        name=request["AutoMLJobName"],
        channels=_channels(inputs),
        target=inputs[0]["TargetAttributeName"],
        sample_weight=inputs[0].get("SampleWeightAttributeName"),
        problem_type=request.get("ProblemType"),
        pilot=bool(request.get("GenerateCandidateDefinitionsOnly")),
        feature_specification=generation.get("FeatureSpecificationS3Uri"),
        algorithms=_algorithms(generation),
        mode=config.get("Mode") or "AUTO",
        validation_fraction=_fraction(inputs, config.get("DataSplitConfig")),
        security=config.get("SecurityConfig") or {},
        **_criteria(config.get("CompletionCriteria")),
        **_shared(request),
    )


def specification_v2(request: Document) -> Specification:
    """Reads a CreateAutoMLJobV2 request (not yet validated)."""
    given = {name: one for name, one in request["AutoMLProblemTypeConfig"].items() if one is not None}
    if TABULAR not in given:
        return _specification_of(request, *next(iter(given.items())))
    tabular = given[TABULAR]
    inputs = request["AutoMLJobInputDataConfig"]
    return Specification(
        v2=True,
        request=request,
        name=request["AutoMLJobName"],
        channels=_channels(inputs),
        target=tabular["TargetAttributeName"],
        sample_weight=tabular.get("SampleWeightAttributeName"),
        problem_type=tabular.get("ProblemType"),
        pilot=bool(tabular.get("GenerateCandidateDefinitionsOnly")),
        feature_specification=tabular.get("FeatureSpecificationS3Uri"),
        algorithms=_algorithms(tabular.get("CandidateGenerationConfig") or {}),
        mode=tabular.get("Mode") or "AUTO",
        validation_fraction=_fraction(inputs, request.get("DataSplitConfig")),
        security=request.get("SecurityConfig") or {},
        **_criteria(tabular.get("CompletionCriteria")),
        **_shared(request),
    )


def _specification_of(request: Document, name: str, config: Document) -> Specification:
    """A request with a problem type other than the tabular one; its models are mixed as in mode ENSEMBLING."""
    inputs = request["AutoMLJobInputDataConfig"]
    kind = PROBLEM_TYPES[name]
    target: Any = config
    for member in kind.target:
        target = target[member]
    return Specification(
        v2=True,
        request=request,
        name=request["AutoMLJobName"],
        channels=_channels(inputs, kind.default_type),
        target=target if kind.target else "",
        feature_specification=config.get("FeatureSpecificationS3Uri"),
        algorithms=_algorithms(config.get("CandidateGenerationConfig") or {}),
        mode="ENSEMBLING",
        validation_fraction=_fraction(inputs, request.get("DataSplitConfig")) if kind.splits else None,
        security=request.get("SecurityConfig") or {},
        config_name=name,
        **_criteria(config.get("CompletionCriteria")),
        **_shared(request),
    )


def _channels(inputs: list[Document], default_type: str = DEFAULT_CONTENT_TYPE) -> tuple[Channel, ...]:
    channels = []
    for entry in inputs:
        source = (entry.get("DataSource") or {}).get("S3DataSource") or {}
        channels.append(
            Channel(
                kind=entry.get("ChannelType") or "training",
                uri=source.get("S3Uri", ""),
                data_type=source.get("S3DataType", "S3Prefix"),
                compression=entry.get("CompressionType") or "None",
                content_type=entry.get("ContentType") or default_type,
            )
        )
    return tuple(channels)


def _criteria(criteria: Document | None) -> Document:
    criteria = criteria or {}
    return {
        "max_candidates": criteria.get("MaxCandidates"),
        "max_trial_runtime": criteria.get("MaxRuntimePerTrainingJobInSeconds"),
        "max_runtime": criteria.get("MaxAutoMLJobRuntimeInSeconds"),
    }


def _shared(request: Document) -> Document:
    output = request["OutputDataConfig"]
    deploy = request.get("ModelDeployConfig")
    return {
        "role": request["RoleArn"],
        "output_path": output["S3OutputPath"],
        "kms_key": output.get("KmsKeyId"),
        "objective": (request.get("AutoMLJobObjective") or {}).get("MetricName"),
        "endpoint_name": None if deploy is None else deploy.get("EndpointName") or "",
    }


def _algorithms(generation: Document) -> tuple[str, ...]:
    configs = generation.get("AlgorithmsConfig") or []
    return tuple(configs[0]["AutoMLAlgorithms"]) if configs else ()


def _fraction(inputs: list[Document], split: Document | None) -> float | None:
    if split and split.get("ValidationFraction") is not None:
        return float(split["ValidationFraction"])
    own = any(entry.get("ChannelType") == "validation" for entry in inputs)
    return None if own else DEFAULT_VALIDATION_FRACTION
