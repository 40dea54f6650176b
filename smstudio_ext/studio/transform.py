"""Batch transform jobs over boto3: list, page, create, clone, stop."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.automl import elapsed
from smstudio_ext.studio.buckets import ensure_bucket, split_s3_uri
from smstudio_ext.studio.limits import shape_problems
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.base import Accepted, FieldProblem
from smstudio_ext.studio.models.transform import (
    CreatedTransformJob,
    ListTransformJobs,
    TransformForm,
    TransformJob,
    TransformJobPage,
    TransformJobSummary,
    TransformPlan,
)
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.studio.training_code import Call, boto3_code, literal
from smstudio_ext.studio.training_request import copy_name, differing, given, merged, restricted, tags_of
from smstudio_ext.target import Target

Document = dict[str, Any]
Problems = list[tuple[str, str]]

LOG_GROUP = "/aws/sagemaker/TransformJobs"

_OPERATION = "CreateTransformJob"
_NAME_LIMIT = 63
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
_DOING = {
    "InProgress": "The job is running.",
    "Completed": "The job is completed.",
    "Stopping": "The job is stopping.",
    "Stopped": "The job was stopped.",
}


def list_transform_jobs(target: Target, query: ListTransformJobs) -> TransformJobPage:
    """One page of the transform jobs list."""
    request = list_request(query)
    if request is None:
        return TransformJobPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_transform_jobs(**request)
    return TransformJobPage(
        items=[
            TransformJobSummary(
                name=job["TransformJobName"],
                arn=job["TransformJobArn"],
                status=job["TransformJobStatus"],
                created=job["CreationTime"],
                modified=job.get("LastModifiedTime") or job["CreationTime"],
                ended=job.get("TransformEndTime"),
                elapsed_seconds=elapsed(job["CreationTime"], job.get("TransformEndTime")),
                failure_reason=job.get("FailureReason"),
            )
            for job in answer.get("TransformJobSummaries", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_transform_job(target: Target, name: str) -> TransformJob:
    """A transform job's page."""
    job = target.client("sagemaker").describe_transform_job(TransformJobName=name)
    source, output = job["TransformInput"], job.get("TransformOutput", {})
    resources, processing = job.get("TransformResources", {}), job.get("DataProcessing", {})
    status, ended = job["TransformJobStatus"], job.get("TransformEndTime")
    return TransformJob(
        name=job["TransformJobName"],
        arn=job["TransformJobArn"],
        status=status,
        status_text=_DOING.get(status) or job.get("FailureReason") or status,
        created=job["CreationTime"],
        started=job.get("TransformStartTime"),
        ended=ended,
        elapsed_seconds=elapsed(job["CreationTime"], ended),
        can_stop=status == "InProgress",
        failure_reason=job.get("FailureReason"),
        model_name=job["ModelName"],
        input_s3_uri=source["DataSource"]["S3DataSource"]["S3Uri"],
        data_type=source["DataSource"]["S3DataSource"]["S3DataType"],
        content_type=source.get("ContentType"),
        compression=source.get("CompressionType", "None"),
        split=source.get("SplitType", "None"),
        output_s3_uri=output.get("S3OutputPath"),
        accept=output.get("Accept"),
        assemble=output.get("AssembleWith", "None"),
        instance_type=resources.get("InstanceType"),
        instance_count=resources.get("InstanceCount"),
        strategy=job.get("BatchStrategy"),
        max_payload_mb=job.get("MaxPayloadInMB"),
        max_concurrent=job.get("MaxConcurrentTransforms"),
        input_filter=processing.get("InputFilter"),
        output_filter=processing.get("OutputFilter"),
        join=processing.get("JoinSource", "None"),
        environment=job.get("Environment", {}),
        automl_job=job.get("AutoMLJobArn"),
        log_group=LOG_GROUP,
    )


def stop_transform_job(target: Target, name: str) -> Accepted:
    """Asks the job to stop."""
    target.client("sagemaker").stop_transform_job(TransformJobName=name)
    return Accepted(name=name)


def plan_transform_job(target: Target, form: TransformForm) -> TransformPlan:
    """What a form would send, what is wrong with it, and the same as Python code."""
    request = transform_request(target, form)
    return TransformPlan(
        problems=[
            FieldProblem(field=field, message=text) for field, text in _problems(target, form, request)
        ],
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
    try:
        sagemaker.describe_transform_job(TransformJobName=form.name)
    except ClientError:
        pass  # not found; any other trouble shows in the create call itself
    else:
        raise Conflict(f"A transform job named {form.name!r} exists already.", hint="Choose another name.")
    output: str = request["TransformOutput"]["S3OutputPath"]
    ensure_bucket(target, split_s3_uri(output)[0])
    answer = sagemaker.create_transform_job(**request)
    return CreatedTransformJob(name=form.name, arn=answer["TransformJobArn"], output_s3_uri=output)


def clone_transform_job(target: Target, name: str) -> TransformForm:
    """The form, filled in with what a job was created with."""
    sagemaker = target.client("sagemaker")
    job = sagemaker.describe_transform_job(TransformJobName=name)
    page = describe_transform_job(target, name)
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
    form.tags = tags_of(target, job["TransformJobArn"])
    shape = sagemaker.meta.service_model.operation_model(_OPERATION).input_shape
    whole = {
        key: value for key, value in restricted(shape, job).items() if key not in ("TransformJobName", "Tags")
    }
    rest = differing(whole, transform_request(target, form))
    for member, defaults in (
        ("DataProcessing", {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}),
    ):
        kept = {key: value for key, value in rest.pop(member, {}).items() if defaults.get(key) != value}
        rest |= {member: kept} if kept else {}
    form.further = {key: value for key, value in rest.items() if value not in ("None", {"SplitType": "None"})}
    return form


def transform_request(target: Target, form: TransformForm) -> Document:
    """The `CreateTransformJob` request of a form."""
    output = (form.output_s3_uri or "").strip() or f"s3://{target.default_bucket()}/transform/{form.name}"
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


def _problems(target: Target, form: TransformForm, request: Document) -> Problems:
    shape = target.client("sagemaker").meta.service_model.operation_model(_OPERATION).input_shape
    found = [(_field(path), text) for path, text in shape_problems(shape, request)]
    for field, uri in (("input_s3_uri", form.input_s3_uri), ("output_s3_uri", form.output_s3_uri)):
        if uri and not uri.lower().startswith("s3://"):
            found.append((field, "must look like s3://bucket/path"))
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
