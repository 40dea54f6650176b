"""S3 as the pages use it: buckets, folders, the default bucket, uploads and samples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from smstudio_ext.studio.models.data import (
    Bucket,
    Buckets,
    ListObjects,
    ObjectPage,
    ObjectStart,
    PeekObject,
    PutSample,
    S3Object,
    SampleLocation,
    Uploaded,
)
from smstudio_ext.studio.problems import BadInput, Missing
from smstudio_ext.studio.samples import UnknownSample, put_sample, sample
from smstudio_ext.target import Target

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PART = 16 * 1024 * 1024
_START = 16 * 1024


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`.

    Raises:
        BadInput: it is not such an address.
    """
    parts = urlsplit(uri, allow_fragments=False)
    key = uri.split("://", 1)[-1].partition("/")[
        2
    ]  # a key may hold ? and #, which are none of a URL's parts here
    bucket = uri.split("://", 1)[-1].partition("/")[0]
    if parts.scheme.lower() != "s3" or not _BUCKET_NAME.fullmatch(bucket):
        raise BadInput(f"{uri[:200]!r} is not an S3 location; it should look like s3://bucket/path/file.csv.")
    return bucket, key


def list_buckets(target: Target) -> Buckets:
    """All buckets of the target's account."""
    answer = target.client("s3").list_buckets()
    return Buckets(
        items=[
            Bucket(name=bucket["Name"], created=bucket.get("CreationDate"))
            for bucket in answer.get("Buckets", [])
        ],
        default_bucket=known_default_bucket(target),
    )


def list_objects(target: Target, query: ListObjects) -> ObjectPage:
    """One folder: what lies under a prefix up to the next slash."""
    request: dict[str, Any] = {
        "Bucket": query.bucket,
        "Prefix": query.prefix,
        "Delimiter": "/",
        "MaxKeys": query.max_results,
    }
    if query.next_token:
        request["ContinuationToken"] = query.next_token
    answer = target.client("s3").list_objects_v2(**request)
    objects = [
        S3Object(
            key=found["Key"],
            name=found["Key"][len(query.prefix.rpartition("/")[0]) :].lstrip("/"),
            s3_uri=f"s3://{query.bucket}/{found['Key']}",
            size=found["Size"],
            modified=found["LastModified"],
        )
        for found in answer.get("Contents", [])
        if found["Key"] != query.prefix or not query.prefix.endswith("/")
    ]
    return ObjectPage(
        bucket=query.bucket,
        prefix=query.prefix,
        prefixes=[found["Prefix"] for found in answer.get("CommonPrefixes", [])],
        objects=objects,
        next_token=answer.get("NextContinuationToken"),
    )


def read_object(target: Target, uri: str) -> Iterator[bytes]:
    """The bytes of an object, a mebibyte at a time.

    Raises:
        BadInput: the URI is none of an object.
    """
    bucket, key = split_s3_uri(uri)
    if not key:
        raise BadInput(f"{uri!r} names a bucket; choose an object in it.")
    body = target.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    yield from body.iter_chunks(1024 * 1024)


def peek_object(target: Target, query: PeekObject) -> ObjectStart:
    """The first lines of an object.

    Raises:
        BadInput: the URI is none of an object.
    """
    bucket, key = split_s3_uri(query.uri)
    if not key:
        raise BadInput(f"{query.uri!r} names a bucket; choose an object in it.")
    answer = target.client("s3").get_object(Bucket=bucket, Key=key)
    with answer["Body"] as body:
        start: bytes = body.read(_START)
    size: int = answer["ContentLength"]
    whole = len(start) >= size
    if not whole and b"\n" in start:
        start = start[: start.rindex(b"\n") + 1]
    text: str | None
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        # A character may be cut at the end; anything before it is no text.
        text = start[: error.start].decode() if not whole and len(start) - error.start < 4 else None
    return ObjectStart(s3_uri=query.uri, size=size, text=text, whole=whole)


def known_default_bucket(target: Target) -> str | None:
    """The bucket that forms take when none is named; None when the target does not say who we are."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return target.default_bucket()
    except (ClientError, BotoCoreError):
        return None


def ensure_bucket(target: Target, bucket: str | None) -> tuple[str, str | None]:
    """A bucket to write to: the named one, which must exist, or the default one, which is made when it is missing.

    Returns:
        Its name, and the name again when it was made now.

    Raises:
        Missing: the named bucket is not there.
    """
    from botocore.exceptions import ClientError

    name = bucket or target.default_bucket()
    s3 = target.client("s3")
    try:
        s3.head_bucket(Bucket=name)
        return name, None
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
    if bucket and bucket != target.default_bucket():
        raise Missing(
            f"There is no bucket {bucket!r}.",
            hint="Choose another bucket, or leave it empty for the default one.",
        )
    location: dict[str, Any] = {}
    if target.region != "us-east-1":  # us-east-1 is the one region that must not be named
        location = {"CreateBucketConfiguration": {"LocationConstraint": target.region}}
    s3.create_bucket(Bucket=name, **location)
    return name, name


def upload_file(target: Target, path: Path, bucket: str | None, key: str | None) -> Uploaded:
    """Sends a file to S3, in parts when it is large.

    Args:
        bucket: none takes the default one.
        key: none makes `uploads/<file name>`; one that ends in / is a folder.
    """
    from boto3.s3.transfer import TransferConfig

    destination = key or "uploads/"
    if destination.endswith("/"):
        destination += path.name
    if len(destination.encode()) > 1024:
        raise BadInput(
            "The S3 key is longer than 1024 bytes.", fields=[("key", "at most 1024 bytes are allowed")]
        )
    name, created = ensure_bucket(target, bucket)
    size = path.stat().st_size
    target.client("s3").upload_file(
        str(path),
        name,
        destination,
        ExtraArgs={"ContentType": _content_type(path)},
        Config=TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, max_concurrency=4),
    )
    return Uploaded(
        s3_uri=f"s3://{name}/{destination}", bucket=name, key=destination, size=size, created_bucket=created
    )


def put_sample_data(target: Target, name: str, body: PutSample) -> SampleLocation:
    """Puts a sample data set into S3.

    Raises:
        Missing: there is no such sample.
    """
    try:
        sample(name)
    except UnknownSample as error:
        raise Missing(str(error)) from None
    bucket, _ = ensure_bucket(target, body.bucket)
    return put_sample(target.client("s3"), name, bucket)


def _content_type(path: Path) -> str:
    suffixes = {
        ".csv": "text/csv",
        ".txt": "text/plain",
        ".tsv": "text/tab-separated-values",
        ".json": "application/json",
    }
    if path.suffix == ".gz":
        return "application/gzip"
    return suffixes.get(path.suffix.lower(), "application/octet-stream")
