"""What the graph holds of a job or endpoint by itself: artifacts, contexts, actions and edges made of its description.

After the developer guide's "Amazon SageMaker-created tracking entities": artifacts by the S3 URIs and image URIs of the
request, each associated with the job's trial component; for endpoints a context, a deployment action and the models.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.lineage.entities import make_entity
from smstudio_ext.engine.store.lineage import Association, Entity, EntityKind
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
_CONTRIBUTED, _PRODUCED, _ASSOCIATED = "ContributedTo", "Produced", "AssociatedWith"
_SUFFIX = {
    "TrainingJob": "aws-training-job",
    "ProcessingJob": "aws-processing-job",
    "TransformJob": "aws-transform-job",
}


class Trace:
    """Entities and edges that belong to one resource."""

    def __init__(self, region: str, time: float) -> None:
        self.region = region
        self.time = time
        self.entities: dict[str, Entity] = {}
        self.edges: list[Association] = []

    def artifact(self, type_: str, uri: str) -> str:
        """Adds an artifact of a source; returns its ARN."""
        return self._entity("Artifact", {"Source": {"SourceUri": uri}, "ArtifactType": type_})

    def named(self, kind: EntityKind, type_: str, name: str, uri: str, **members: Any) -> str:
        """Adds a context or action; returns its ARN."""
        request = {
            f"{kind}Name": name,
            f"{kind}Type": type_,
            "Source": {"SourceUri": uri, "SourceType": "ARN"},
        }
        return self._entity(kind, {**request, **members})

    def edge(self, source: str, destination: str, type_: str) -> None:
        """Adds an association."""
        self.edges.append(Association(source, destination, self.region, type_, self.time))

    def _entity(self, kind: EntityKind, request: Document) -> str:
        entity = make_entity(kind, self.region, request, self.time)
        self.entities.setdefault(entity.arn, entity)
        return entity.arn


def trace(ctx: EngineContext, resource: Resource) -> Trace | None:
    """What the graph holds of a resource; None for kinds that leave no trace."""
    tracer = _TRACERS.get(resource.kind)
    return None if tracer is None else tracer(ctx, resource)


def component_arn(resource: Resource) -> str:
    """The ARN of the trial component of a job."""
    return sagemaker_arn(
        "ExperimentTrialComponent", resource.region, f"{resource.name}-{_SUFFIX[resource.kind]}"
    )


def _training(ctx: EngineContext, resource: Resource) -> Trace:
    document = resource.document
    algorithm = document.get("AlgorithmSpecification") or {}
    inputs = [("Image", algorithm.get("TrainingImage"))]
    inputs += [("DataSet", _channel_uri(channel)) for channel in document.get("InputDataConfig") or ()]
    outputs = [("Checkpoint", (document.get("CheckpointConfig") or {}).get("S3Uri"))]
    if document.get("TrainingJobStatus") == "Completed":
        outputs.append(("Model", (document.get("ModelArtifacts") or {}).get("S3ModelArtifacts")))
    return _job(resource, inputs, outputs)


def _processing(ctx: EngineContext, resource: Resource) -> Trace:
    document = resource.document
    inputs = [("Image", (document.get("AppSpecification") or {}).get("ImageUri"))]
    inputs += [
        ("DataSet", (one.get("S3Input") or {}).get("S3Uri")) for one in document.get("ProcessingInputs") or ()
    ]
    outputs = []
    if document.get("ProcessingJobStatus") == "Completed":
        given = (document.get("ProcessingOutputConfig") or {}).get("Outputs") or ()
        outputs = [("DataSet", (one.get("S3Output") or {}).get("S3Uri")) for one in given]
    return _job(resource, inputs, outputs)


def _transform(ctx: EngineContext, resource: Resource) -> Trace:
    document = resource.document
    source = (document.get("TransformInput") or {}).get("DataSource") or {}
    inputs = [("DataSet", (source.get("S3DataSource") or {}).get("S3Uri"))]
    model = ctx.store.resources.find("Model", resource.region, document.get("ModelName", ""))
    inputs += [] if model is None else [one for one in _of_model(model) if one[0] == "Model"]
    outputs = []
    if document.get("TransformJobStatus") == "Completed":
        outputs.append(("DataSet", (document.get("TransformOutput") or {}).get("S3OutputPath")))
    return _job(resource, inputs, outputs)


def _job(
    resource: Resource, inputs: list[tuple[str, str | None]], outputs: list[tuple[str, str | None]]
) -> Trace:
    found = Trace(resource.region, resource.created)
    component = component_arn(resource)
    for type_, uri in inputs:
        if uri:
            found.edge(found.artifact(type_, uri), component, _CONTRIBUTED)
    for type_, uri in outputs:
        if uri:
            found.edge(component, found.artifact(type_, uri), _PRODUCED)
    return found


def _endpoint(ctx: EngineContext, resource: Resource) -> Trace | None:
    if resource.status not in ("InService", "OutOfService"):
        return None  # nothing was deployed yet
    config_name = resource.document.get("EndpointConfigName", "")
    config = ctx.store.resources.find("EndpointConfig", resource.region, config_name)
    if config is None:
        return None
    found = Trace(resource.region, resource.created)
    name = f"{resource.name}-{_mark(resource.arn, resource.created)}-aws-endpoint"
    context = found.named("Context", "Endpoint", name, resource.arn)
    deployment = f"{resource.name}-{_mark(config.arn, resource.created)}-aws-endpoint"
    action = found.named("Action", "ModelDeployment", deployment, resource.arn, Status="Completed")
    found.edge(action, context, _ASSOCIATED)
    for variant in config.document.get("ProductionVariants") or ():
        model = ctx.store.resources.find("Model", resource.region, variant.get("ModelName", ""))
        for type_, uri in [] if model is None else _of_model(model):
            found.edge(found.artifact(type_, uri), action, _CONTRIBUTED)
    return found


def _of_model(model: Resource) -> list[tuple[str, str]]:
    document = model.document
    containers = document.get("Containers") or [document.get("PrimaryContainer") or {}]
    found = []
    for container in containers:
        source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
        for type_, uri in (
            ("Model", container.get("ModelDataUrl") or source.get("S3Uri")),
            ("Image", container.get("Image")),
        ):
            if uri:
                found.append((type_, uri))
    return found


def _channel_uri(channel: Document) -> str | None:
    uri = ((channel.get("DataSource") or {}).get("S3DataSource") or {}).get("S3Uri")
    return None if uri is None else str(uri)


def _mark(*parts: object) -> str:
    """Eight characters that tell deployments of one name apart."""
    return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()[:8]


_TRACERS: dict[str, Callable[[EngineContext, Resource], Trace | None]] = {
    "TrainingJob": _training,
    "ProcessingJob": _processing,
    "TransformJob": _transform,
    "Endpoint": _endpoint,
}
KINDS = tuple(_TRACERS)
