"""A job of one target as the same job on another: its definition rewritten, its inputs copied."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from smstudio_ext.studio.buckets import ensure_bucket, split_s3_uri
from smstudio_ext.studio.cost_consent import confirm_request
from smstudio_ext.studio.image_uris import image_in_region
from smstudio_ext.studio.jobs import JobKind, describe_job, kind_of
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.studio.promote_inputs import copied, manifests_of
from smstudio_ext.studio.training_request import restricted
from smstudio_ext.target import Target

Document = dict[str, Any]

_CREATE = {
    "training": ("CreateTrainingJob", "create_training_job"),
    "processing": ("CreateProcessingJob", "create_processing_job"),
    "tuning": ("CreateHyperParameterTuningJob", "create_hyper_parameter_tuning_job"),
    "autopilot": ("CreateAutoMLJobV2", "create_auto_ml_job_v2"),
    "transform": ("CreateTransformJob", "create_transform_job"),
}
_OUTPUTS = (
    "S3OutputPath",
    "S3OutputLocation",
    "DestinationS3Uri",
    "CheckpointConfig",
    "DebugHookConfig",
    "ProfilerConfig",
)
"""Members whose addresses are written to: nothing is there to copy."""
_OF_THE_ACCOUNT = (
    "KmsKeyId",
    "VolumeKmsKeyId",
    "VpcConfig",
    "NetworkConfig",
    "SecurityConfig",
    "ExperimentConfig",
    "WarmStartConfig",
)
"""Members that name things of one account: they are left out, and said."""


@dataclass(frozen=True)
class Step:
    """A request to SageMaker.

    Attributes:
        operation: AWS's name; `method` is boto3's.
    """

    operation: str
    method: str
    request: Document


@dataclass(frozen=True)
class Promotion:
    """What would be sent to the other target.

    Attributes:
        operation: AWS's operation; `method` is boto3's name of it.
        first: made before the job: the model of a transform job.
        copies: (from, to) S3 addresses of inputs.
        manifests: those of `copies` that list the objects to read.
        left_out: members that name things of the account that the job comes from.
        notes: what the user should look at.
    """

    name: str
    operation: str
    method: str
    request: Document
    copies: list[tuple[str, str]]
    left_out: list[str]
    first: Step | None = None
    manifests: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def promotion(
    source: Target,
    to: Target,
    job: str,
    *,
    name: str | None = None,
    bucket: str | None = None,
    role: str | None = None,
) -> Promotion:
    """The definition of a job for another target.

    Instance types, hyperparameters and images stay; images of AWS take the other region's registry. Inputs keep their keys, in
    the other target's bucket, below `promoted/<bucket>/`. A transform job takes its model along.

    Args:
        name: of the new job; the old one's otherwise.
        bucket: for inputs and outputs; the other target's default one otherwise.
        role: execution role; the other target's otherwise.

    Raises:
        Missing: there is no such job.
        BadInput: it cannot be taken over, or no role is known.
    """
    kind = kind_of(source, job)
    role_arn = role or to.role_arn()
    if role_arn is None:
        raise BadInput("No execution role is known there.", hint="Name one with --role.")
    place = _There(to, role_arn, bucket or to.default_bucket())
    found = place.step(*_CREATE[kind.word], _definition(source, kind, job), {kind.name: name or job})
    first = None
    if kind.word == "transform":
        first = place.step(
            "CreateModel", "create_model", _model(source, found.request), {"ModelName": name or job}
        )
        found.request["ModelName"] = first.request["ModelName"]
    return Promotion(
        found.request[kind.name],
        found.operation,
        found.method,
        found.request,
        list(place.copies.items()),
        place.left_out,
        first=first,
        manifests=frozenset(place.manifests),
        notes=tuple(place.notes),
    )


def send(source: Target, to: Target, promoted: Promotion, say: Callable[[str], None]) -> str:
    """Copies the inputs and creates the job; takes back what it made for the job when that is refused.

    Args:
        say: takes a line for each input that was copied.

    Returns:
        The new job's ARN.

    Raises:
        Conflict: the bucket of the other target is not ours to write to.
        botocore.exceptions.ClientError: the other target refused.
    """
    confirm_request(to, promoted.operation, promoted.request)
    for origin, destination in promoted.copies:
        bucket, _ = split_s3_uri(destination)
        ensure_bucket(to, bucket)
        objects, size = copied(source, to, origin, destination, manifest=origin in promoted.manifests)
        if not objects:
            raise Conflict(f"There is nothing at {origin} to take over.")
        say(f"Copied {objects} objects ({size:,} bytes) from {origin} to {destination}")
    sagemaker = to.client("sagemaker")
    if promoted.first is not None:
        getattr(sagemaker, promoted.first.method)(**promoted.first.request)
        say(f"Created the model {promoted.first.request['ModelName']}")
    try:
        answer = getattr(sagemaker, promoted.method)(**promoted.request)
    except BaseException:
        if promoted.first is not None:
            sagemaker.delete_model(ModelName=promoted.first.request["ModelName"])
        raise
    return str(next(value for key, value in answer.items() if key.endswith("Arn")))


class _There:
    """Rewrites definitions for a target, and remembers what that asks for.

    Attributes:
        copies: S3 addresses here and there.
        left_out, manifests, notes: as in `Promotion`.
    """

    def __init__(self, to: Target, role: str, bucket: str) -> None:
        self._to, self._role, self._bucket = to, role, bucket
        self.copies: dict[str, str] = {}
        self.left_out: list[str] = []
        self.manifests: set[str] = set()
        self.notes: list[str] = []

    def step(self, operation: str, method: str, definition: Document, names: Document) -> Step:
        """The request that makes what a description describes, with names of its own."""
        shape = self._to.client("sagemaker").meta.service_model.operation_model(operation).input_shape
        request: Document = restricted(shape, copy.deepcopy(definition))
        self.left_out += _without(request, _OF_THE_ACCOUNT)
        self.manifests |= manifests_of(request)
        request |= names
        return Step(operation, method, self._changed(request, "", writes=False))

    def _changed(self, value: Any, key: str, *, writes: bool) -> Any:
        if isinstance(value, list):
            return [self._changed(each, key, writes=writes) for each in value]
        if isinstance(value, dict):
            return {
                name: self._changed(
                    inner, name, writes=writes or name in _OUTPUTS or name == "ProcessingOutputConfig"
                )
                for name, inner in value.items()
            }
        if key in ("RoleArn", "ExecutionRoleArn"):
            return self._role
        if key in ("TrainingImage", "ImageUri", "Image"):
            return self._image(value)
        if key == "SAGEMAKER_REGION":
            return self._to.region
        return self._moved(value, writes=writes) if isinstance(value, str) else value

    def _moved(self, value: str, *, writes: bool) -> str:
        """An S3 address in the other target's bucket."""
        text = value.strip('"')
        if not text.startswith("s3://"):
            return value
        old, _, key = text.removeprefix("s3://").partition("/")
        new = (
            f"s3://{self._bucket}/{key}"
            if old == self._bucket
            else f"s3://{self._bucket}/promoted/{old}/{key}"
        )
        if not writes:
            self.copies[text] = new
        return value.replace(text, new)

    def _image(self, image: str) -> str:
        found = image_in_region(image, self._to.region)
        if found is None:
            self.notes.append(f"The image stays as it is; see that it is there, too: {image}")
        return found or image


def _model(source: Target, request: Document) -> Document:
    """The description of a transform job's model.

    Raises:
        BadInput: the model is one of a model package, which is a resource of its account.
    """
    found: Document = source.client("sagemaker").describe_model(ModelName=request["ModelName"])
    containers = [
        *found.get("Containers", []),
        *([found["PrimaryContainer"]] if "PrimaryContainer" in found else []),
    ]
    if any(each.get("ModelPackageName") for each in containers):
        raise BadInput(
            f"The model {request['ModelName']} is one of a model package, which is a resource of its account.",
            hint="Register the package there, or take over the training job that made the model.",
        )
    return found


def _definition(source: Target, kind: JobKind, job: str) -> Document:
    found = describe_job(source, kind, job)
    if kind.word == "autopilot":
        found.pop("AutoMLComputeConfig", None)
    return {key: value for key, value in found.items() if key not in ("Tags",)}


def _without(document: Any, names: tuple[str, ...], path: str = "") -> Iterator[str]:
    """Takes members out wherever they are; tells their paths."""
    if isinstance(document, list):
        for each in document:
            yield from _without(each, names, path)
    if not isinstance(document, dict):
        return
    for key in list(document):
        where = f"{path}.{key}" if path else key
        if key in names:
            if document.pop(key):
                yield where
        else:
            yield from _without(document[key], names, where)
