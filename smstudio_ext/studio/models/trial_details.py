"""Models of a trial component's page: details, comparison, settings of its job, reports, artifacts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime

SourceKind = Literal["TrainingJob", "ProcessingJob", "TransformJob"]


class ParameterValue(Answer):
    """One parameter."""

    name: str
    value: float | str


class MetricSummary(Answer):
    """What is kept of one metric; numbers that are not finite are null."""

    name: str
    min: float | None
    max: float | None
    avg: float | None
    stddev: float | None
    last: float | None
    count: int
    time: UtcTime | None


class TrialArtifact(Answer):
    """An input or output.

    Attributes:
        uri: what it is, mostly an s3:// location; a text for others, e.g. an image of a container.
        graph: one of the SDK's graphs (ConfusionMatrix, ROCCurve, PrecisionRecallCurve), if it is one.
    """

    name: str
    uri: str
    media_type: str | None
    graph: str | None


class TrialStage(Answer):
    """One component of a trial."""

    name: str
    display_name: str
    type: str
    status: str


class TrialMapping(Answer):
    """A trial that a component is in."""

    experiment: str
    trial: str


class ComponentDetails(Answer):
    """A trial component with all that it holds.

    Attributes:
        source_kind: kind of the job that made it; null for components of the SDK and for jobs of other kinds.
    """

    name: str
    arn: str
    display_name: str
    type: str
    status: str
    status_message: str
    created: UtcTime | None
    modified: UtcTime | None
    started: UtcTime | None
    ended: UtcTime | None
    created_by: str | None
    source_arn: str | None
    source_kind: SourceKind | None
    source_name: str | None
    parameters: list[ParameterValue]
    metrics: list[MetricSummary]
    inputs: list[TrialArtifact]
    outputs: list[TrialArtifact]
    mappings: list[TrialMapping]


class TrialStages(Answer):
    """Components of a component's trials, itself among them."""

    stages: list[TrialStage]


class TrialGraphs(Answer):
    """Artifacts of a component that are drawn on the Charts tab."""

    graphs: list[TrialArtifact]


class CompareTrials(Request):
    """Components to compare."""

    names: list[str] = Field(min_length=1, max_length=100)


class Comparison(Answer):
    """Components in the order in which they were named."""

    components: list[ComponentDetails]


class JobFact(Answer):
    """One setting of a job.

    Attributes:
        id: what it is; pages translate the ones they know.
    """

    id: str
    value: str


class DebugRule(Answer):
    """How a rule of the Debugger judged a job."""

    name: str
    status: str
    details: str
    job_arn: str | None
    time: UtcTime | None


class TrialSettings(Answer):
    """Settings of the job behind a component.

    Attributes:
        missing: the job is not there any more, or there never was one.
    """

    facts: list[JobFact]
    rules: list[DebugRule]
    can_stop: bool
    missing: bool


class FeatureImportance(Answer):
    """Mean absolute SHAP value of a feature."""

    feature: str
    value: float


class Explanation(Answer):
    """Global SHAP values for one output of a model.

    Attributes:
        label: which output, e.g. label0.
    """

    method: str
    label: str
    expected_value: float | None
    features: list[FeatureImportance]


class BiasMetric(Answer):
    """One measure of bias for one facet."""

    stage: Literal["pre-training", "post-training"]
    facet: str
    threshold: str
    name: str
    description: str
    value: float | None
    error: str | None


class TrialReports(Answer):
    """What Clarify or Autopilot reported of a component's model or data.

    Attributes:
        source: the analysis that was read.
        report: an HTML report beside it.
    """

    source: str | None
    report: str | None
    explanations: list[Explanation]
    bias: list[BiasMetric]


class PreviewArtifact(Request):
    """Query of an artifact's preview."""

    uri: str = Field(min_length=1, max_length=1100)


class PreviewFile(Answer):
    """An object under a prefix, or a file of an archive."""

    name: str
    uri: str | None
    size: int


class PreviewModel(Answer):
    """A model in an archive, and how to load it."""

    file: str
    kind: str
    algorithm: str
    facts: dict[str, str]
    load: list[str]
    warning: str


class ArtifactPreview(Answer):
    """How an artifact looks.

    Attributes:
        kind: which of the other members hold it.
        text: of json, text and html (also notebooks, as HTML); shown only where scripts cannot run.
        image: as a data: address.
        whole: nothing was left out.
        note: why there is no preview, or what was left out.
    """

    uri: str
    kind: Literal["table", "json", "text", "html", "image", "archive", "folder", "none"]
    size: int | None
    whole: bool
    note: str | None = None
    text: str | None = None
    image: str | None = None
    columns: list[str] = []
    rows: list[list[str]] = []
    files: list[PreviewFile] = []
    models: list[PreviewModel] = []
