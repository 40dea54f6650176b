"""Models of the lineage graph."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime


class LineageQuery(Request):
    """Query of the graph around something.

    Attributes:
        arn: of a lineage entity, a trial component, a job, a model or an endpoint; or the S3 address of an artifact.
    """

    arn: str = Field(min_length=1, max_length=2048)
    direction: Literal["Both", "Ascendants", "Descendants"] = "Both"


class LineageNode(Answer):
    """One entity.

    Attributes:
        type: e.g. DataSet, Model, Image, SageMakerTrainingJob, Endpoint, ModelDeployment.
        source: what it stands for: an S3 or image address, or the ARN of a job or endpoint.
        opens: the page that shows it, if there is one, and under which name.
        start: the walk began here.
    """

    arn: str
    kind: Literal["TrialComponent", "Artifact", "Context", "Action"]
    type: str
    name: str
    source: str | None
    created: UtcTime | None
    opens: Literal["TrialComponent", "TrainingJob", "TransformJob", "Endpoint", "Model"] | None
    opens_name: str | None
    start: bool


class LineageEdge(Answer):
    """From what was used to what came of it."""

    source: str
    target: str
    type: str


class LineageGraph(Answer):
    """What led to something and what came of it.

    Attributes:
        truncated: there is more than was read.
    """

    nodes: list[LineageNode]
    edges: list[LineageEdge]
    truncated: bool
