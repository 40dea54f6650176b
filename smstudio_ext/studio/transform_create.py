"""Creates batch transform jobs from the form: what it offers, what it would send, sending it, copies."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.billable import estimate_request
from smstudio_ext.studio.buckets import ensure_bucket, known_default_bucket, split_s3_uri
from smstudio_ext.studio.choices import instance_types
from smstudio_ext.studio.cost_consent import confirm_request
from smstudio_ext.studio.limits import number_limit, shape_at, shape_problems, text_limit
from smstudio_ext.studio.models.base import FieldProblem
from smstudio_ext.studio.models.transform import (
    CreatedTransformJob,
    TransformForm,
    TransformLimits,
    TransformOptions,
    TransformPlan,
)
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.studio.training_code import Call, boto3_code, literal
from smstudio_ext.studio.training_request import copy_name, differing, given, merged, restricted, tags_of
from smstudio_ext.studio.transform import job_page
from smstudio_ext.target import Target

Document = dict[str, Any]
Problems = list[tuple[str, str]]

_OPERATION = "CreateTransformJob"
_CREATE = "CreateTransformJobRequest"
_NAME_LIMIT = 63
WHOLE = "$"
"""The JSONPath of everything, which AWS takes where no filter is given."""
_MODELS = 100
"""Models that the form offers by name, the newest; any other may be typed."""
_FIELDS = {
    "TransformJobName": "name",
    "ModelName": "model_name",
    "TransformInput.DataSource.S3DataSource.S3Uri": "input_s3_uri",
    "TransformInput.ContentType": "content_type",
    "TransformOutput.S3OutputPath": "output_s3_uri",
    "TransformOutput.Accept": "accept",
    "TransformResources.InstanceType": "instance_type",
    "TransformResources.InstanceCount": "instance_count",
    "MaxPayloadInMB": "max_payload_mb",
    "MaxConcurrentTransforms": "max_concurrent",
    "BatchStrategy": "strategy",
    "DataProcessing.InputFilter": "input_filter",
    "DataProcessing.OutputFilter": "output_filter",
    "Tags": "tags",
    "Tags.Key": "tags",
    "Tags.Value": "tags",
}


def transform_options(target: Target) -> TransformOptions:
    """What the form offers: models, instance types, limits."""
    sagemaker = target.client("sagemaker")
    allowed = frozenset(shape_at(sagemaker, "TransformInstanceType").metadata["enum"])
    bucket = known_default_bucket(target)
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": _MODELS}
    return TransformOptions(
        models=[model["ModelName"] for model in sagemaker.list_models(**newest).get("Models", [])],
        instance_types=instance_types(allowed, os.cpu_count() if target.kind == "local" else None),
        limits=TransformLimits(
            name=text_limit(sagemaker, _CREATE, "TransformJobName"),
            model_name=text_limit(sagemaker, _CREATE, "ModelName"),
            filter=text_limit(sagemaker, "JsonPath"),
            instance_count=number_limit(sagemaker, "TransformInstanceCount", default=1),
            max_payload_mb=number_limit(sagemaker, "MaxPayloadInMB", default=6),
            max_concurrent=number_limit(sagemaker, "MaxConcurrentTransforms"),
            max_environment=shape_at(sagemaker, "TransformEnvironmentMap").metadata["max"],
            max_tags=shape_at(sagemaker, "TagList").metadata["max"],
        ),
        output_s3_uri=f"s3://{bucket}/transform" if bucket else None,
    )


def plan_transform_job(target: Target, form: TransformForm) -> TransformPlan:
    """What a form would send, what is wrong with it, and the same as Python code."""
    request = transform_request(target, form)
    problems = _problems(target, form, request)
    return TransformPlan(
        problems=[FieldProblem(field=field, message=text) for field, text in problems],
        cost=None if problems else estimate_request(target, "CreateTransformJob", request),
        request=request,
        boto3=boto3_code("create_transform_job", request, target.region),
        sdk_v2=_sdk2_code(form, request),
        sdk_v3=_sdk3_code(form, request),
    )


def create_transform_job(target: Target, form: TransformForm) -> CreatedTransformJob:
    """Checks the form, makes the default bucket when it is missing, starts the job.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Conflict: the name is in use.
    """
    from botocore.exceptions import ClientError

    sagemaker = target.client("sagemaker")
    request = transform_request(target, form)
    problems = _problems(target, form, request)
    if problems:
        raise BadInput("; ".join(f"{field}: {text}" for field, text in problems), fields=problems)
    _check_model(sagemaker, form.model_name)
    try:
        sagemaker.describe_transform_job(TransformJobName=form.name)
    except ClientError:
        pass  # not found; any other trouble shows in the create call itself
    else:
        raise Conflict(f"A transform job named {form.name!r} exists already.", hint="Choose another name.")
    output: str = request["TransformOutput"]["S3OutputPath"]
    confirm_request(target, "CreateTransformJob", request)
    ensure_bucket(target, split_s3_uri(output)[0])
    answer = sagemaker.create_transform_job(**request)
    return CreatedTransformJob(name=form.name, arn=answer["TransformJobArn"], output_s3_uri=output)


def _check_model(sagemaker: Any, name: str) -> None:
    from botocore.exceptions import ClientError

    try:
        sagemaker.describe_model(ModelName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        text = f"there is no model named {name}"
        raise BadInput(f"model_name: {text}", fields=[("model_name", text)]) from error


def clone_transform_job(target: Target, name: str) -> TransformForm:
    """The form, filled in with what a job was created with."""
    sagemaker = target.client("sagemaker")
    job = sagemaker.describe_transform_job(TransformJobName=name)
    page = job_page(job)
    form = TransformForm(
        name=copy_name(name, datetime.now(timezone.utc), _NAME_LIMIT),
        **page.model_dump(
            include={
                "model_name",
                "input_s3_uri",
                "data_type",
                "content_type",
                "compression",
                "split",
                "output_s3_uri",
                "accept",
                "assemble",
                "instance_type",
                "instance_count",
                "strategy",
                "max_payload_mb",
                "max_concurrent",
                "input_filter",
                "output_filter",
                "environment",
            },
            exclude_none=True,
        ),
        join=page.join == "Input",
    )
    form.content_type = page.content_type
    form.input_filter, form.output_filter = (
        None if path == WHOLE else path for path in (page.input_filter, page.output_filter)
    )
    form.tags = tags_of(target, job["TransformJobArn"])
    shape = sagemaker.meta.service_model.operation_model(_OPERATION).input_shape
    whole = {
        key: value for key, value in restricted(shape, job).items() if key not in ("TransformJobName", "Tags")
    }
    form.further = _without_defaults(differing(whole, transform_request(target, form)))
    if page.output_s3_uri == _default_output(target, name):
        form.output_s3_uri = None  # the copy has a folder of its own
    return form


def transform_request(target: Target, form: TransformForm) -> Document:
    """The `CreateTransformJob` request of a form."""
    output = (form.output_s3_uri or "").strip() or _default_output(target, form.name)
    request: Document = {
        "TransformJobName": form.name,
        "ModelName": form.model_name,
        "TransformInput": given(
            DataSource={"S3DataSource": {"S3DataType": form.data_type, "S3Uri": form.input_s3_uri}},
            ContentType=form.content_type,
            CompressionType=_unless_none(form.compression),
            SplitType=_unless_none(form.split),
        ),
        "TransformOutput": given(
            S3OutputPath=output, Accept=form.accept, AssembleWith=_unless_none(form.assemble)
        ),
        "TransformResources": {"InstanceType": form.instance_type, "InstanceCount": form.instance_count},
        **given(
            BatchStrategy=form.strategy,
            MaxPayloadInMB=form.max_payload_mb,
            MaxConcurrentTransforms=form.max_concurrent,
        ),
    }
    processing = given(
        InputFilter=form.input_filter,
        OutputFilter=form.output_filter,
        JoinSource="Input" if form.join else None,
    )
    if processing:
        request["DataProcessing"] = processing
    if form.environment:
        request["Environment"] = form.environment
    if form.tags:
        request["Tags"] = [{"Key": tag.key, "Value": tag.value} for tag in form.tags]
    return merged(request, form.further)


def _default_output(target: Target, name: str) -> str:
    return f"s3://{target.default_bucket()}/transform/{name}"


def _without_defaults(members: Document) -> Document:
    """Members without those that say what AWS takes anyway."""
    kept: Document = {}
    for key, value in members.items():
        inner = _without_defaults(value) if isinstance(value, dict) else value
        if inner not in ("None", {}) and (key not in ("InputFilter", "OutputFilter") or inner != WHOLE):
            kept[key] = inner
    return kept


def _problems(target: Target, form: TransformForm, request: Document) -> Problems:
    shape = target.client("sagemaker").meta.service_model.operation_model(_OPERATION).input_shape
    found = [(_field(path), text) for path, text in shape_problems(shape, request)]
    for field, uri in (("input_s3_uri", form.input_s3_uri), ("output_s3_uri", form.output_s3_uri)):
        if uri and not uri.lower().startswith("s3://"):
            found.append((field, "must look like s3://bucket/path"))
    for field, path in (("input_filter", form.input_filter), ("output_filter", form.output_filter)):
        if path and not path.startswith(WHOLE):
            found.append((field, "must begin with $, as JSONPath does"))
    if form.max_payload_mb is not None and form.max_payload_mb > 100:
        found.append(("max_payload_mb", "must be at most 100"))
    if form.join and form.assemble == "None":
        found.append(("assemble", "must be Line when the input is joined"))
    return list(dict.fromkeys(found))


def _field(path: str) -> str:
    if path in _FIELDS:
        return _FIELDS[path]
    head, _, rest = path.partition(".")
    return f"environment.{rest}" if head == "Environment" else f"further.{path}"


def _unless_none(value: str) -> str | None:
    return value if value != "None" else None


def _arguments(form: TransformForm, request: Document) -> Document:
    return {
        "model_name": form.model_name,
        "instance_count": form.instance_count,
        "instance_type": form.instance_type,
        "output_path": request["TransformOutput"]["S3OutputPath"],
        "assemble_with": _unless_none(form.assemble),
        "accept": form.accept,
        "strategy": form.strategy,
        "max_payload": form.max_payload_mb,
        "max_concurrent_transforms": form.max_concurrent,
        "env": form.environment,
        "tags": [{"Key": tag.key, "Value": tag.value} for tag in form.tags],
    }


def _transform_call(form: TransformForm) -> str:
    return literal(
        Call(
            "transformer.transform",
            form.input_s3_uri,
            data_type=form.data_type if form.data_type != "S3Prefix" else None,
            content_type=form.content_type,
            compression_type=_unless_none(form.compression),
            split_type=_unless_none(form.split),
            job_name=form.name,
            input_filter=form.input_filter,
            output_filter=form.output_filter,
            join_source="Input" if form.join else None,
        )
    )


def _sdk2_code(form: TransformForm, request: Document) -> str:
    made = literal(Call("Transformer", **_arguments(form, request)))
    note = f"# Not in this script, but in the request: {', '.join(form.further)}\n" if form.further else ""
    return f"from sagemaker.transformer import Transformer\n\ntransformer = {made}\n{note}{_transform_call(form)}\n"


def _sdk3_code(form: TransformForm, request: Document) -> str:
    return _sdk2_code(form, request).replace("from sagemaker.transformer", "from sagemaker.core.transformer")
