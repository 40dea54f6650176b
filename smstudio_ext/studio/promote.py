"""A job of one target as the same job on another: its definition rewritten, its inputs copied."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from smstudio_ext.studio.algorithms import algorithm_of_image, framework_of_image, image_of
from smstudio_ext.studio.buckets import ensure_bucket, split_s3_uri
from smstudio_ext.studio.cost_consent import confirm_request
from smstudio_ext.studio.jobs import JobKind, describe_job, kind_of
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.studio.training_request import restricted
from smstudio_ext.target import Target

Document = dict[str, Any]

_CREATE = {
    "training": ("CreateTrainingJob", "create_training_job"),
    "processing": ("CreateProcessingJob", "create_processing_job"),
    "tuning": ("CreateHyperParameterTuningJob", "create_hyper_parameter_tuning_job"),
    "autopilot": ("CreateAutoMLJobV2", "create_auto_ml_job_v2"),
}
_OUTPUTS = ("S3OutputPath", "S3OutputLocation", "CheckpointConfig", "DebugHookConfig", "ProfilerConfig")
"""Members whose addresses are written to: nothing is there to copy."""
_OF_THE_ACCOUNT = (
    "KmsKeyId",
    "VolumeKmsKeyId",
    "VpcConfig",
    "NetworkConfig",
    "SecurityConfig",
    "ExperimentConfig",
)
"""Members that name things of one account: they are left out, and said."""


@dataclass(frozen=True)
class Promotion:
    """What would be sent to the other target.

    Attributes:
        operation: AWS's operation; `method` is boto3's name of it.
        copies: (from, to) S3 addresses of inputs.
        left_out: members that name things of the account that the job comes from.
    """

    name: str
    operation: str
    method: str
    request: Document
    copies: list[tuple[str, str]]
    left_out: list[str]


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
    the other target's bucket, below `promoted/<bucket>/`.

    Args:
        name: of the new job; the old one's otherwise.
        bucket: for inputs and outputs; the other target's default one otherwise.
        role: execution role; the other target's otherwise.

    Raises:
        Missing: there is no such job.
        BadInput: the kind of job cannot be taken over, or no role is known.
    """
    kind = kind_of(source, job)
    if kind.word not in _CREATE:
        raise BadInput(
            f"{job} is a job of kind {kind.word}, whose model is a resource of its account.",
            hint="Take over the training job that made the model, then create the transform job there.",
        )
    operation, method = _CREATE[kind.word]
    shape = to.client("sagemaker").meta.service_model.operation_model(operation).input_shape
    request: Document = restricted(shape, copy.deepcopy(_definition(source, kind, job)))
    left_out = [*_without(request, _OF_THE_ACCOUNT)]
    request[kind.name] = name or job
    role_arn = role or to.role_arn()
    if role_arn is None:
        raise BadInput("No execution role is known there.", hint="Name one with --role.")
    own = bucket or to.default_bucket()
    copies: dict[str, str] = {}
    moved = _moved(request, own, copies, writes=False)
    moved = _with_images(_with_role(moved, role_arn), to)
    return Promotion(request[kind.name], operation, method, moved, list(copies.items()), left_out)


def send(source: Target, to: Target, promoted: Promotion, say: Callable[[str], None]) -> str:
    """Copies the inputs and creates the job.

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
        objects, size = _copied(source, to, origin, destination)
        if not objects:
            raise Conflict(f"There is nothing at {origin} to take over.")
        say(f"Copied {objects} objects ({size:,} bytes) from {origin} to {destination}")
    answer = getattr(to.client("sagemaker"), promoted.method)(**promoted.request)
    return str(next(value for key, value in answer.items() if key.endswith("Arn")))


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


def _moved(value: Any, bucket: str, copies: dict[str, str], *, writes: bool) -> Any:
    """The document with every S3 address in the other target's bucket."""
    if isinstance(value, list):
        return [_moved(each, bucket, copies, writes=writes) for each in value]
    if isinstance(value, dict):
        return {
            key: _moved(
                inner, bucket, copies, writes=writes or key in _OUTPUTS or key == "ProcessingOutputConfig"
            )
            for key, inner in value.items()
        }
    text = value.strip('"') if isinstance(value, str) else ""
    if not text.startswith("s3://"):
        return value
    old, _, key = text.removeprefix("s3://").partition("/")
    new = f"s3://{bucket}/{key}" if old == bucket else f"s3://{bucket}/promoted/{old}/{key}"
    if not writes:
        copies[text] = new
    return value.replace(text, new)


def _with_role(document: Document, role: str) -> Document:
    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(each) for each in value]
        if isinstance(value, dict):
            return {key: role if key == "RoleArn" else changed(inner) for key, inner in value.items()}
        return value

    made: Document = changed(document)
    return made


def _with_images(document: Document, to: Target) -> Document:
    """AWS's own images from the registry of the other region."""

    def changed(value: Any, key: str = "") -> Any:
        if isinstance(value, list):
            return [changed(each) for each in value]
        if isinstance(value, dict):
            return {name: changed(inner, name) for name, inner in value.items()}
        return _image_there(value, to) if key in ("TrainingImage", "ImageUri") else value

    made: Document = changed(document)
    return made


def _image_there(image: str, to: Target) -> str:
    for known, framework in ((algorithm_of_image(image), False), (framework_of_image(image), True)):
        if known is not None:
            return image_of(to, *known, framework=framework) or image
    return image


def _copied(source: Target, to: Target, origin: str, destination: str) -> tuple[int, int]:
    """Copies an object, or all below a prefix, through this machine; how many and how many bytes."""
    old_bucket, prefix = split_s3_uri(origin)
    new_bucket, new_prefix = split_s3_uri(destination)
    count = size = 0
    pages = source.client("s3").get_paginator("list_objects_v2").paginate(Bucket=old_bucket, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", []):
            rest = each["Key"][len(prefix) :]
            body = source.client("s3").get_object(Bucket=old_bucket, Key=each["Key"])["Body"]
            to.client("s3").upload_fileobj(body, new_bucket, f"{new_prefix}{rest}")
            count, size = count + 1, size + each["Size"]
    return count, size
