"""What an endpoint captured last: its newest files in S3, and the newest records in them, decoded."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.models.capture import (
    CapturedData,
    CapturedPart,
    CaptureFile,
    CaptureQuery,
    CaptureRecord,
)
from smstudio_ext.target import Target

Document = dict[str, Any]

MOST_FILES = 20
"""Files that are shown."""
_MOST_READ = 10
"""Files that are looked into for records."""
_TAIL = 512 * 1024
"""Bytes from the end of a file that are read; its newest records stand there."""
_MOST_DATA = 20_000
"""Characters of a request or an answer that are shown."""
_DEPTH = 4
"""Folders below a variant: year, month, day, hour."""


def captured_data(target: Target, name: str, query: CaptureQuery) -> CapturedData:
    """Newest files and records; empty while nothing was captured, also when capture was on once and is off now.

    Raises:
        botocore.exceptions.ClientError: there is no such endpoint, or its bucket cannot be read.
    """
    destination = _destination(target, name)
    if destination is None:
        return CapturedData(prefix=None, variants=[], files=[], records=[], unread=0)
    bucket, key = split_s3_uri(destination)
    folder = f"{key.rstrip('/')}/{name}/".lstrip("/")
    s3 = target.client("s3")
    variants = [each[len(folder) : -1] for each in _folders(s3, bucket, folder)]
    chosen = [each for each in variants if query.variant in (None, each)]
    files = sorted(
        (file for variant in chosen for file in _newest_files(s3, bucket, folder, variant)),
        key=lambda file: (file.modified, file.s3_uri),
        reverse=True,
    )[:MOST_FILES]
    records: list[CaptureRecord] = []
    unread = 0
    for file in files[:_MOST_READ]:
        if len(records) >= query.records:
            break
        found, bad = _records(s3, file)
        records += found
        unread += bad
    records.sort(key=lambda record: record.time.timestamp() if record.time else 0.0, reverse=True)
    return CapturedData(
        prefix=f"s3://{bucket}/{folder}",
        variants=variants,
        files=files,
        records=records[: query.records],
        unread=unread,
    )


def _destination(target: Target, name: str) -> str | None:
    from botocore.exceptions import ClientError

    sagemaker = target.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    found = endpoint.get("DataCaptureConfig", {}).get("DestinationS3Uri")
    if not found and endpoint.get("EndpointConfigName"):
        try:
            config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        except ClientError:
            return None  # deleted under the endpoint, which says itself whether it captures
        found = config.get("DataCaptureConfig", {}).get("DestinationS3Uri")
    return found or None


def _folders(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    return [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]


def _newest_files(s3: Any, bucket: str, folder: str, variant: str) -> list[CaptureFile]:
    """The newest files of a variant, found from the newest hour back."""
    found: list[CaptureFile] = []
    for hour in _hours(s3, bucket, f"{folder}{variant}/", _DEPTH):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=hour)
        inside = [
            CaptureFile(
                s3_uri=f"s3://{bucket}/{each['Key']}",
                variant=variant,
                size=each["Size"],
                modified=each["LastModified"],
            )
            for page in pages
            for each in page.get("Contents", [])
            if each["Key"].endswith(".jsonl")
        ]
        found += sorted(inside, key=lambda file: (file.modified, file.s3_uri), reverse=True)
        if len(found) >= MOST_FILES:
            break
    return found[:MOST_FILES]


def _hours(s3: Any, bucket: str, prefix: str, depth: int) -> Iterator[str]:
    """Folders of hours, the newest first; their names sort by time."""
    if depth == 0:
        yield prefix
        return
    for folder in sorted(_folders(s3, bucket, prefix), reverse=True):
        yield from _hours(s3, bucket, folder, depth - 1)


def _records(s3: Any, file: CaptureFile) -> tuple[list[CaptureRecord], int]:
    """Records at the end of a file, the newest first, and how many lines are none."""
    bucket, key = split_s3_uri(file.s3_uri)
    start = max(0, file.size - _TAIL)
    options = {"Range": f"bytes={start}-"} if start else {}
    text = s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read().decode(errors="replace")
    lines = text.split("\n")
    found, bad = [], 0
    for line in reversed(lines[1:] if start else lines):
        if not line.strip():
            continue
        record = _record(line, file)
        if record is None:
            bad += 1
        else:
            found.append(record)
    return found, bad


def _record(line: str, file: CaptureFile) -> CaptureRecord | None:
    try:
        document = json.loads(line)
        metadata, data = document["eventMetadata"], document["captureData"]
        attributes = metadata.get("customAttributes")
        return CaptureRecord(
            event_id=str(metadata["eventId"]),
            time=_time(metadata.get("inferenceTime")),
            variant=file.variant,
            inference_id=metadata.get("inferenceId"),
            custom_attributes=", ".join(attributes) if isinstance(attributes, list) else attributes,
            input=_part(data.get("endpointInput")),
            output=_part(data.get("endpointOutput")),
            file=file.s3_uri,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a line of somebody else: counted, and shown as unread


def _part(part: Document | None) -> CapturedPart | None:
    if part is None:
        return None
    data, is_base64 = str(part.get("data", "")), part.get("encoding") == "BASE64"
    if is_base64:
        try:
            data, is_base64 = base64.b64decode(data, validate=True).decode(), False
        except (binascii.Error, UnicodeDecodeError):
            pass  # really binary, or cut off: shown as it is
    return CapturedPart(
        content_type=part.get("observedContentType"),
        data=data[:_MOST_DATA],
        is_base64=is_base64,
        truncated=len(data) > _MOST_DATA,
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
