"""Creates training jobs from the form: what it offers, what it would send, and sending it."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from smstudio_ext.studio.algorithms import list_algorithms, list_frameworks
from smstudio_ext.studio.billable import estimate_request
from smstudio_ext.studio.buckets import ensure_bucket, known_default_bucket, split_s3_uri
from smstudio_ext.studio.choices import instance_types
from smstudio_ext.studio.cost_consent import confirm_request
from smstudio_ext.studio.limits import number_limit, shape_at, text_limit
from smstudio_ext.studio.models.base import FieldProblem
from smstudio_ext.studio.models.training_form import (
    CreatedTrainingJob,
    TrainingForm,
    TrainingLimits,
    TrainingOptions,
    TrainingPlan,
)
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.studio.scripts import entry_point_of, send_script, source_location
from smstudio_ext.studio.training_check import form_problems
from smstudio_ext.studio.training_code import boto3_code, sdk2_code, sdk3_code
from smstudio_ext.studio.training_request import copy_name, form_of_job, tags_of, training_request
from smstudio_ext.target import Target

_CREATE = "CreateTrainingJobRequest"
NAME_LIMIT = 63


def training_options(target: Target) -> TrainingOptions:
    """What the form offers: algorithms, frameworks, instance types, limits."""
    sagemaker = target.client("sagemaker")
    allowed = frozenset(shape_at(sagemaker, "TrainingInstanceType").metadata["enum"])
    bucket = known_default_bucket(target)
    return TrainingOptions(
        algorithms=list_algorithms(target),
        frameworks=list_frameworks(target),
        instance_types=instance_types(allowed, os.cpu_count() if target.kind == "local" else None),
        limits=_limits(sagemaker),
        output_s3_uri=f"s3://{bucket}/training" if bucket else None,
        role_arn=target.role_arn(),
    )


def plan_training_job(target: Target, form: TrainingForm) -> TrainingPlan:
    """What a form would send, what is wrong with it, and the same as Python code."""
    request = request_of(target, form)
    problems = _problems(target, form, request)
    return TrainingPlan(
        problems=[FieldProblem(field=field, message=text) for field, text in problems],
        cost=None if problems else estimate_request(target, "CreateTrainingJob", request),
        request=request,
        boto3=boto3_code("create_training_job", request, target.region),
        sdk_v2=sdk2_code(form, request),
        sdk_v3=sdk3_code(form, request),
    )


def create_training_job(target: Target, form: TrainingForm, path: Path | None) -> CreatedTrainingJob:
    """Checks the form against AWS's limits, sends the script, makes the default bucket when it is missing, starts the job.

    Args:
        path: the file or folder that the form's script names.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Conflict: the name is in use.
        botocore.exceptions.ClientError: the target refused.
    """
    if form.script is not None and path is not None:
        form.script.entry_point = entry_point_of(path, form.script.entry_point)
    request = checked_request(target, form)
    _check_name_free(target, form.name)
    output: str = request["OutputDataConfig"]["S3OutputPath"]
    confirm_request(target, "CreateTrainingJob", request)
    _, created_bucket = ensure_bucket(target, split_s3_uri(output)[0])
    if path is not None:
        send_script(target, path, form.name)
    answer = target.client("sagemaker").create_training_job(**request)
    return CreatedTrainingJob(
        name=form.name, arn=answer["TrainingJobArn"], output_s3_uri=output, created_bucket=created_bucket
    )


def checked_request(target: Target, form: TrainingForm) -> dict[str, Any]:
    """What the form sends; its data need not be there yet.

    Raises:
        BadInput: with the fields that AWS would refuse.
    """
    request = request_of(target, form)
    problems = _problems(target, form, request)
    if problems:
        raise BadInput("; ".join(f"{field}: {text}" for field, text in problems), fields=problems)
    return request


def clone_training_job(target: Target, name: str) -> TrainingForm:
    """The form, filled in with what a job was created with."""
    job = target.client("sagemaker").describe_training_job(TrainingJobName=name)
    form = form_of_job(target, job, name=copy_name(name, datetime.now(timezone.utc), NAME_LIMIT))
    form.tags = tags_of(target, job["TrainingJobArn"])
    return form


def request_of(target: Target, form: TrainingForm) -> dict[str, Any]:
    """The request of a form, with the target's defaults where it says nothing."""
    script = form.script
    script_uri = None
    if form.source == "script" and script is not None:
        script_uri = script.s3_uri or source_location(target, form.name or "training")
    output = (form.output_s3_uri or "").strip() or f"s3://{target.default_bucket()}/training"
    role = (form.role_arn or "").strip() or target.role_arn()
    return training_request(target, form, output=output, role=role, script_uri=script_uri)


def _problems(target: Target, form: TrainingForm, request: dict[str, Any]) -> list[tuple[str, str]]:
    return form_problems(target.client("sagemaker"), form, request)


def _check_name_free(target: Target, name: str) -> None:
    from botocore.exceptions import ClientError

    try:
        target.client("sagemaker").describe_training_job(TrainingJobName=name)
    except ClientError:
        return  # not found; any other trouble shows in the create call itself
    text = f"A training job named {name!r} exists already."
    raise Conflict(text, hint="Choose another name.")


def _limits(sagemaker: Any) -> TrainingLimits:
    def most(shape: str) -> int:
        found: int = shape_at(sagemaker, shape).metadata["max"]
        return found

    return TrainingLimits(
        name=text_limit(sagemaker, _CREATE, "TrainingJobName"),
        tuning_job_name=text_limit(sagemaker, "HyperParameterTuningJobName"),
        image=text_limit(sagemaker, "AlgorithmImage"),
        channel_name=text_limit(sagemaker, "Channel", "ChannelName"),
        metric_name=text_limit(sagemaker, "MetricName"),
        metric_regex=text_limit(sagemaker, "MetricRegex"),
        environment_name=text_limit(sagemaker, "TrainingEnvironmentKey"),
        environment_value=text_limit(sagemaker, "TrainingEnvironmentValue"),
        hyperparameter_value=text_limit(sagemaker, "HyperParameterValue"),
        max_runtime_seconds=number_limit(sagemaker, "MaxRuntimeInSeconds", default=86400),
        max_hyperparameters=most("HyperParameters"),
        max_channels=most("InputDataConfig"),
        max_metric_definitions=most("MetricDefinitionList"),
        max_environment=most("TrainingEnvironmentMap"),
        max_tags=most("TagList"),
    )
