"""The form of an Autopilot experiment beside sending it: what it would send, as code, and a form like an older job."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.automl import job_page
from smstudio_ext.studio.automl_create import (
    build_request,
    feature_specification,
    form_problems,
    output_of,
    specification_uri,
)
from smstudio_ext.studio.billable import estimate_request
from smstudio_ext.studio.choices import PROBLEM_TYPES
from smstudio_ext.studio.models.automl import AutoDeploy, AutoMLJob, CreateAutoMLJob
from smstudio_ext.studio.models.automl_pages import AutoMLPlan
from smstudio_ext.studio.models.base import FieldProblem
from smstudio_ext.studio.problems import NotOffered
from smstudio_ext.studio.training_code import Call, Expression, boto3_code, literal
from smstudio_ext.studio.training_request import copy_name, tags_of
from smstudio_ext.target import Target

Document = dict[str, Any]

_NAME_LIMIT = 32


def plan_automl_job(target: Target, form: CreateAutoMLJob) -> AutoMLPlan:
    """What a form would send, what is wrong with it, and the same as Python code."""
    output = output_of(target, form)
    request = build_request(form, output=output, role=form.role_arn or target.role_arn())
    problems = form_problems(target, form, request)
    return AutoMLPlan(
        problems=[FieldProblem(field=field, message=text) for field, text in problems],
        cost=None if problems else estimate_request(target, "CreateAutoMLJobV2", request),
        request=request,
        boto3=_specification_code(form, output, target.region)
        + boto3_code("create_auto_ml_job_v2", request, target.region),
        sdk_v2=_specification_code(form, output, target.region) + _sdk2_code(form, request),
        sdk_v3=_specification_code(form, output, target.region) + _sdk3_code(target, request),
    )


def clone_automl_job(target: Target, name: str) -> CreateAutoMLJob:
    """The form that would create a job like this one, under another name.

    Raises:
        NotOffered: it is a job on something else than tables.
    """
    described = target.client("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=name)
    if "TabularJobConfig" not in described.get("AutoMLProblemTypeConfig", {"TabularJobConfig": {}}):
        raise NotOffered(
            f"{name!r} is no experiment on a table.",
            hint="The form makes experiments on tables only; make this one anew with boto3, the SageMaker SDK or the AWS CLI.",
        )
    job = job_page(described)
    known = {each.value for each in PROBLEM_TYPES}
    channels = {channel.channel: channel for channel in job.inputs}
    training = channels.get("training")
    deploy = described.get("ModelDeployConfig")
    form = CreateAutoMLJob.model_validate(
        {
            "name": copy_name(name, datetime.now(timezone.utc), _NAME_LIMIT),
            "input_s3_uri": training.s3_uri if training else "",
            "data_type": (training.data_type if training else "") or "S3Prefix",
            "content_type": training.content_type if training else None,
            "compression": training.compression if training else None,
            "validation_s3_uri": channels["validation"].s3_uri if "validation" in channels else None,
            "target": job.target or "",
            "output_s3_uri": None if _is_default(target, job) else job.output_s3_uri,
            "problem_type": job.problem_type if job.problem_type in known else "Auto",
            "objective": job.objective if job.problem_type in known else None,
            "complete": not job.pilot,
            "validation_fraction": job.validation_fraction,
            "sample_weight": job.sample_weight,
            "feature_specification_s3_uri": job.feature_specification_s3_uri,
            "mode": job.mode,
            "algorithms": job.algorithms,
            **job.limits.model_dump(),
            "role_arn": job.role_arn or None,
            **job.security.model_dump(),
            "tags": [tag.model_dump() for tag in tags_of(target, job.arn)],
        }
    )
    if deploy:
        form.auto_deploy = AutoDeploy(endpoint_name=deploy.get("EndpointName"))
    return form


def _is_default(target: Target, job: AutoMLJob) -> bool:
    """Whether a job writes to the folder that an empty field takes; its copy then gets one of its own."""
    return job.output_s3_uri.rstrip("/") == f"s3://{target.default_bucket()}/autopilot/{job.name}"


def _specification_code(form: CreateAutoMLJob, output: str, region: str) -> str:
    """Lines that write the feature specification, where the form chooses columns or types."""
    chosen = feature_specification(form)
    if not chosen or form.feature_specification_s3_uri:
        return ""
    bucket, _, key = specification_uri(form, output).removeprefix("s3://").partition("/")
    body = Expression("json.dumps(specification)")
    put = literal(Call("s3.put_object", Bucket=bucket, Key=key, Body=body))
    return (
        "import json\n\nimport boto3\n\n"
        f"specification = {literal(chosen)}\n"
        f's3 = boto3.client("s3", region_name="{region}")\n{put}\n\n'
    )


def _sdk2_code(form: CreateAutoMLJob, request: Document) -> str:
    """A script for the SageMaker SDK 2 (AutoMLV2)."""
    tabular: Document = request["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    criteria = tabular.get("CompletionCriteria", {})
    generation = tabular.get("CandidateGenerationConfig", {}).get("AlgorithmsConfig", [{}])[0]
    problem = Call(
        "AutoMLTabularConfig",
        target_attribute_name=form.target,
        problem_type=tabular.get("ProblemType"),
        mode=form.mode,
        algorithms_config=generation.get("AutoMLAlgorithms"),
        feature_specification_s3_uri=tabular.get("FeatureSpecificationS3Uri"),
        generate_candidate_definitions_only=None if form.complete else True,
        sample_weight_attribute_name=form.sample_weight,
        max_candidates=criteria.get("MaxCandidates"),
        max_runtime_per_training_job_in_seconds=criteria.get("MaxRuntimePerTrainingJobInSeconds"),
        max_total_job_runtime_in_seconds=criteria.get("MaxAutoMLJobRuntimeInSeconds"),
    )
    security, deploy = request.get("SecurityConfig", {}), request.get("ModelDeployConfig", {})
    made = Call(
        "AutoMLV2",
        problem_config=problem,
        role=request["RoleArn"],
        output_path=request["OutputDataConfig"]["S3OutputPath"],
        job_objective=request.get("AutoMLJobObjective"),
        validation_fraction=form.validation_fraction,
        auto_generate_endpoint_name=deploy.get("AutoGenerateEndpointName"),
        endpoint_name=deploy.get("EndpointName"),
        output_kms_key=form.output_kms_key_id,
        volume_kms_key=form.volume_kms_key_id,
        encrypt_inter_container_traffic=True if form.encrypt_inter_container_traffic else None,
        vpc_config=security.get("VpcConfig"),
        tags=request.get("Tags"),
    )
    channels = [
        Call(
            "AutoMLDataChannel",
            s3_data_type=channel["DataSource"]["S3DataSource"]["S3DataType"],
            s3_uri=channel["DataSource"]["S3DataSource"]["S3Uri"],
            channel_type=channel["ChannelType"],
            content_type=channel.get("ContentType"),
            compression_type=channel.get("CompressionType"),
        )
        for channel in request["AutoMLJobInputDataConfig"]
    ]
    fit = literal(Call("automl.fit", inputs=channels, job_name=form.name))
    head = "from sagemaker.automl.automlv2 import AutoMLDataChannel, AutoMLTabularConfig, AutoMLV2"
    return f"{head}\n\nautoml = {literal(made)}\n{fit}\n"


def _sdk3_code(target: Target, request: Document) -> str:
    """A script for the SageMaker SDK 3, whose classes are named as the shapes of AWS's service model."""
    shape = target.client("sagemaker").meta.service_model.operation_model("CreateAutoMLJobV2").input_shape
    names: set[str] = set()
    members = {
        _snake(name): _sdk3_value(shape.members[name], value, names)
        for name, value in _without_algorithms(request).items()
        if value
    }
    lines = "".join(f"    {name},\n" for name in sorted(names))
    left_out = (
        "# Not in this script, but in the request: AlgorithmsConfig, which SDK 3 sends under a wrong name\n"
    )
    return (
        "from sagemaker.core.resources import AutoMLJobV2\n"
        f"from sagemaker.core.shapes import (\n{lines})\n\n"
        f"{left_out if 'AlgorithmsConfig' in str(request) else ''}job = {literal(Call('AutoMLJobV2.create', **members))}\njob.wait()\n"
    )


def _without_algorithms(request: Document) -> Document:
    """The request without the one member that SDK 3 cannot send (it says AutoMlAlgorithms for AutoMLAlgorithms)."""
    config = request["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    kept = {name: value for name, value in config.items() if name != "CandidateGenerationConfig"}
    return request | {"AutoMLProblemTypeConfig": {"TabularJobConfig": kept}}


def _sdk3_value(shape: Any, value: Any, names: set[str]) -> Any:
    if shape.type_name == "structure":
        names.add(shape.name)
        return Call(
            shape.name,
            **{_snake(name): _sdk3_value(shape.members[name], inner, names) for name, inner in value.items()},
        )
    if shape.type_name == "list":
        return [_sdk3_value(shape.member, inner, names) for inner in value]
    return value


def _snake(name: str) -> str:
    """A member's name as the SDK writes it: AutoMLJobName is auto_ml_job_name."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()
