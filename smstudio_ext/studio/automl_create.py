"""Creates an Autopilot experiment from the form."""

from __future__ import annotations

import json
from typing import Any

from smstudio_ext.studio.buckets import ensure_bucket, split_s3_uri
from smstudio_ext.studio.choices import ALGORITHMS, PROBLEM_TYPES
from smstudio_ext.studio.cost_consent import confirm_request
from smstudio_ext.studio.limits import shape_problems
from smstudio_ext.studio.models.automl import CreateAutoMLJob, CreatedAutoMLJob
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.target import Target

_TABULAR = "AutoMLProblemTypeConfig.TabularJobConfig."
_CHANNEL = "AutoMLJobInputDataConfig."
_FIELDS = {
    "AutoMLJobName": "name",
    f"{_CHANNEL}DataSource.S3DataSource.S3Uri": "input_s3_uri",
    f"{_CHANNEL}ContentType": "content_type",
    "OutputDataConfig.S3OutputPath": "output_s3_uri",
    "OutputDataConfig.KmsKeyId": "output_kms_key_id",
    f"{_TABULAR}TargetAttributeName": "target",
    f"{_TABULAR}SampleWeightAttributeName": "sample_weight",
    f"{_TABULAR}FeatureSpecificationS3Uri": "feature_specification_s3_uri",
    f"{_TABULAR}CompletionCriteria.MaxCandidates": "max_candidates",
    f"{_TABULAR}CompletionCriteria.MaxRuntimePerTrainingJobInSeconds": "max_runtime_per_training_job_seconds",
    f"{_TABULAR}CompletionCriteria.MaxAutoMLJobRuntimeInSeconds": "max_job_runtime_seconds",
    "RoleArn": "role_arn",
    "SecurityConfig.VolumeKmsKeyId": "volume_kms_key_id",
    "SecurityConfig.VpcConfig.SecurityGroupIds": "security_group_ids",
    "SecurityConfig.VpcConfig.Subnets": "subnets",
    "DataSplitConfig.ValidationFraction": "validation_fraction",
    "ModelDeployConfig.EndpointName": "auto_deploy",
    "Tags": "tags",
    "Tags.Key": "tags",
    "Tags.Value": "tags",
}
_S3_FIELDS = ("input_s3_uri", "validation_s3_uri", "output_s3_uri", "feature_specification_s3_uri")
_DAYS_30 = 30 * 24 * 3600


def create_automl_job(target: Target, form: CreateAutoMLJob) -> CreatedAutoMLJob:
    """Checks the form against AWS's limits, makes the output bucket when none was named, and starts the job.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Conflict: the name is in use.
        botocore.exceptions.ClientError: the target refused.
    """
    sagemaker = target.client("sagemaker")
    request = checked_request(target, form)
    output = output_of(target, form)
    _check_name_free(sagemaker, form.name)
    confirm_request(target, "CreateAutoMLJobV2", request)
    bucket, _ = split_s3_uri(output)
    _, created_bucket = ensure_bucket(target, bucket)
    specification = feature_specification(form)
    if specification:
        bucket, key = split_s3_uri(specification_uri(form, output))
        content = json.dumps(specification, indent=2, ensure_ascii=False).encode()
        target.client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json")
    answer = sagemaker.create_auto_ml_job_v2(**request)
    return CreatedAutoMLJob(
        name=form.name, arn=answer["AutoMLJobArn"], output_s3_uri=output, created_bucket=created_bucket
    )


def checked_request(target: Target, form: CreateAutoMLJob) -> dict[str, Any]:
    """What the form sends; its data need not be there yet.

    Raises:
        BadInput: with the fields that AWS would refuse.
    """
    request = build_request(form, output=output_of(target, form), role=form.role_arn or target.role_arn())
    problems = form_problems(target, form, request)
    if problems:
        raise BadInput("; ".join(f"{field} {text}" for field, text in problems), fields=problems)
    return request


def output_of(target: Target, form: CreateAutoMLJob) -> str:
    """Where the job writes to: a folder of its own in the default bucket unless the form names one."""
    return (form.output_s3_uri or "").strip() or f"s3://{target.default_bucket()}/autopilot/{form.name}"


def feature_specification(form: CreateAutoMLJob) -> dict[str, Any]:
    """The feature specification that the form's choice of columns and types stands for; empty without a choice."""
    return _given(
        FeatureAttributeNames=form.feature_names or None, FeatureDataTypes=form.feature_types or None
    )


def specification_uri(form: CreateAutoMLJob, output: str) -> str:
    """Where the feature specification is written."""
    return f"{output.rstrip('/')}/{form.name}/feature-specification.json"


def build_request(form: CreateAutoMLJob, *, output: str, role: str | None) -> dict[str, Any]:
    """The `CreateAutoMLJobV2` request of a form; a pilot is its GenerateCandidateDefinitionsOnly."""
    channels = [_channel(form, "training", form.input_s3_uri)]
    if form.validation_s3_uri:
        channels.append(_channel(form, "validation", form.validation_s3_uri))
    request: dict[str, Any] = {
        "AutoMLJobName": form.name,
        "AutoMLJobInputDataConfig": channels,
        "OutputDataConfig": _given(S3OutputPath=output, KmsKeyId=form.output_kms_key_id),
        "AutoMLProblemTypeConfig": {"TabularJobConfig": _tabular(form, output)},
        "RoleArn": role or "",
    }
    if form.problem_type != "Auto":
        request["AutoMLJobObjective"] = {"MetricName": form.objective or _default_metric(form.problem_type)}
    security = _security(form)
    if security:
        request["SecurityConfig"] = security
    if form.validation_fraction is not None:
        request["DataSplitConfig"] = {"ValidationFraction": form.validation_fraction}
    if form.auto_deploy is not None:
        name = form.auto_deploy.endpoint_name
        request["ModelDeployConfig"] = {"EndpointName": name} if name else {"AutoGenerateEndpointName": True}
    if form.tags:
        request["Tags"] = [{"Key": tag.key, "Value": tag.value} for tag in form.tags]
    return request


def _channel(form: CreateAutoMLJob, kind: str, uri: str) -> dict[str, Any]:
    return {
        "ChannelType": kind,
        "DataSource": {"S3DataSource": {"S3DataType": form.data_type, "S3Uri": uri}},
        **_given(ContentType=form.content_type, CompressionType=form.compression),
    }


def _tabular(form: CreateAutoMLJob, output: str) -> dict[str, Any]:
    specification = form.feature_specification_s3_uri
    if not specification and feature_specification(form):
        specification = specification_uri(form, output)
    criteria = _given(
        MaxCandidates=form.max_candidates,
        MaxRuntimePerTrainingJobInSeconds=form.max_runtime_per_training_job_seconds,
        MaxAutoMLJobRuntimeInSeconds=form.max_job_runtime_seconds,
    )
    config = _given(
        TargetAttributeName=form.target,
        ProblemType=None if form.problem_type == "Auto" else form.problem_type,
        Mode=form.mode,
        SampleWeightAttributeName=form.sample_weight,
        FeatureSpecificationS3Uri=specification,
    )
    if criteria:
        config["CompletionCriteria"] = criteria
    if form.algorithms:
        config["CandidateGenerationConfig"] = {"AlgorithmsConfig": [{"AutoMLAlgorithms": form.algorithms}]}
    if not form.complete:
        config["GenerateCandidateDefinitionsOnly"] = True
    return config


def _security(form: CreateAutoMLJob) -> dict[str, Any]:
    security = _given(VolumeKmsKeyId=form.volume_kms_key_id)
    if form.encrypt_inter_container_traffic:
        security["EnableInterContainerTrafficEncryption"] = True
    if form.security_group_ids or form.subnets:
        security["VpcConfig"] = {"SecurityGroupIds": form.security_group_ids, "Subnets": form.subnets}
    return security


def form_problems(target: Target, form: CreateAutoMLJob, request: dict[str, Any]) -> list[tuple[str, str]]:
    """What AWS would refuse: the form's field, and what is wrong with it."""
    shape = target.client("sagemaker").meta.service_model.operation_model("CreateAutoMLJobV2").input_shape
    found = [
        *_problems_between_fields(form, request["RoleArn"]),
        *((_FIELDS.get(path, path), text) for path, text in shape_problems(shape, request)),
    ]
    return list({field: (field, text) for field, text in reversed(found)}.values())[::-1]


def _problems_between_fields(form: CreateAutoMLJob, role: str) -> list[tuple[str, str]]:
    """Rules that the service model does not hold."""
    problems: list[tuple[str, str]] = []
    if not role:
        problems.append(("role_arn", "is required: this identity is no role, so name the execution role"))
    if form.problem_type == "Auto" and form.objective:
        problems.append(("objective", "can only be chosen together with a problem type"))
    elif form.problem_type != "Auto" and form.objective and form.objective not in _metrics(form.problem_type):
        names = ", ".join(_metrics(form.problem_type))
        problems.append(("objective", f"for {form.problem_type} must be one of {names}"))
    if form.validation_s3_uri and form.validation_fraction is not None:
        problems.append(("validation_fraction", "cannot be given together with a validation set"))
    if form.validation_fraction is not None and not 0 < form.validation_fraction < 1:
        problems.append(("validation_fraction", "must be greater than 0 and less than 1"))
    if form.max_job_runtime_seconds and form.max_job_runtime_seconds > _DAYS_30:
        problems.append(("max_job_runtime_seconds", "must be at most 30 days"))
    if not form.complete and form.auto_deploy is not None:
        problems.append(("auto_deploy", "is not possible for a pilot, which makes no model"))
    for field in _S3_FIELDS:
        uri = getattr(form, field)
        if uri and not uri.lower().startswith("s3://"):
            problems.append((field, "must look like s3://bucket/path"))
    return problems + _algorithm_problems(form) + _feature_problems(form)


def _algorithm_problems(form: CreateAutoMLJob) -> list[tuple[str, str]]:
    allowed = ALGORITHMS.get(form.mode or "")
    if not form.algorithms:
        return []
    if not allowed:
        return [("algorithms", "can only be chosen with mode ENSEMBLING or HYPERPARAMETER_TUNING")]
    if not set(form.algorithms) <= set(allowed):
        return [("algorithms", f"for {form.mode} must be among {', '.join(allowed)}")]
    return []


def _feature_problems(form: CreateAutoMLJob) -> list[tuple[str, str]]:
    chosen = feature_specification(form)
    if chosen and form.feature_specification_s3_uri:
        return [("feature_names", "cannot be chosen here and in a feature specification file at once")]
    problems = []
    names = form.feature_names
    if form.target in names or form.target in form.feature_types:
        problems.append(("feature_names", "must not hold the target"))
    if len(set(names)) != len(names):
        problems.append(("feature_names", "must not hold a column twice"))
    if names and not set(form.feature_types) <= set(names):
        problems.append(("feature_types", "name columns that are not chosen"))
    if names and form.sample_weight in names:
        problems.append(("sample_weight", "is a weight and no feature; leave it out of the chosen columns"))
    return problems


def _check_name_free(sagemaker: Any, name: str) -> None:
    from botocore.exceptions import ClientError

    try:
        sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
    except ClientError:
        return  # not found; any other trouble shows in the create call itself
    raise Conflict(f"An experiment named {name!r} exists already.", hint="Choose another name.")


def _default_metric(problem_type: str) -> str:
    return next(p.default_metric or "" for p in PROBLEM_TYPES if p.value == problem_type)


def _metrics(problem_type: str) -> list[str]:
    return [metric.name for p in PROBLEM_TYPES if p.value == problem_type for metric in p.metrics]


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "")}
