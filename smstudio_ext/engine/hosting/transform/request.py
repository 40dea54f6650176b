"""What CreateTransformJob accepts here, and the Describe document of a new transform job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.hosting.transform.jsonpath import FilterError, parse
from smstudio_ext.engine.hosting.transform.processing import format_of
from smstudio_ext.engine.runtime.channels import data_source
from smstudio_ext.engine.runtime.instances import instance_type
from smstudio_ext.engine.runtime.training_request import check_output_bucket
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
MOST_MB = 100
WHOLE = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}


def check_transform_request(ctx: EngineContext, request: Document) -> None:
    """Refuses what cannot run.

    Raises:
        ValidationException: the message says what and why.
    """
    given, wanted = request["TransformInput"], request["TransformOutput"]
    kind, uri = data_source(given)
    if kind not in ("S3Prefix", "ManifestFile"):
        raise ValidationException(
            f"S3DataType {kind} is not supported for transform jobs. Use S3Prefix or ManifestFile."
        )
    parse_s3_uri(uri)
    check_output_bucket(ctx, wanted["S3OutputPath"])
    instance_type(request["TransformResources"]["InstanceType"])
    _check_payload(request)
    _check_processing(request)
    capture = request.get("DataCaptureConfig")
    if capture:
        check_output_bucket(ctx, capture["DestinationS3Uri"])


def new_transform_document(request: Document, arn: str, now: float) -> Document:
    """The Describe document of a job that was just created."""
    document = {key: value for key, value in request.items() if key != "Tags"}
    document["TransformInput"] = {"CompressionType": "None", "SplitType": "None", **request["TransformInput"]}
    document["TransformOutput"] = {"AssembleWith": "None", "KmsKeyId": "", **request["TransformOutput"]}
    document["DataProcessing"] = {**WHOLE, **(request.get("DataProcessing") or {})}
    document.update(TransformJobArn=arn, CreationTime=now)
    return document


def _check_payload(request: Document) -> None:
    payload, concurrent = request.get("MaxPayloadInMB"), request.get("MaxConcurrentTransforms") or 1
    if payload is not None and payload > MOST_MB:
        raise ValidationException(
            f"The value of MaxPayloadInMB cannot be greater than {MOST_MB} MB; it is {payload}."
        )
    if payload is not None and payload * concurrent > MOST_MB:
        raise ValidationException(
            f"The value of MaxPayloadInMB * MaxConcurrentTransforms must not exceed {MOST_MB} MB; it is {payload} * {concurrent}."
        )


def _check_processing(request: Document) -> None:
    processing = {**WHOLE, **(request.get("DataProcessing") or {})}
    for member in ("InputFilter", "OutputFilter"):
        try:
            parse(processing[member])
        except FilterError as error:
            raise ValidationException(f"{member}: {error}") from error
    identified = (request.get("DataCaptureConfig") or {}).get("GenerateInferenceId")
    if processing == WHOLE and not identified:
        return
    split = request["TransformInput"].get("SplitType", "None")
    given = format_of(request["TransformInput"].get("ContentType") or "text/csv")
    looks = processing["InputFilter"] != "$" or processing["JoinSource"] == "Input"
    if looks and given is None:
        raise ValidationException(
            "DataProcessing filters and joins need a ContentType of text/csv, application/json or application/jsonlines."
        )
    if split in ("RecordIO", "TFRecord"):
        raise ValidationException(
            f"DataProcessing and inference ids are not supported with SplitType {split}."
        )
    accept = request["TransformOutput"].get("Accept")
    if processing["JoinSource"] == "Input" and accept and (format_of(accept) == "csv") != (given == "csv"):
        raise ValidationException(
            f"To join input and output, ContentType and Accept must be of one format: {request['TransformInput'].get('ContentType')} "
            f"and {accept} are not."
        )
