"""CopyObject and UploadPartCopy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO
from urllib.parse import parse_qs

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.services.s3.conditions import check_copy_source, write_condition
from smstudio_ext.engine.services.s3.headers import (
    attributes_of,
    checksum_members,
    encryption_headers,
    quoted,
    xml_date,
)
from smstudio_ext.engine.services.s3.request import (
    S3Request,
    decoded,
    invalid_argument,
    require_bucket,
)
from smstudio_ext.engine.services.s3.uploads import asked_algorithm, part_number
from smstudio_ext.engine.services.s3.xml import answer
from smstudio_ext.engine.store.objects import Attributes, Checksum, ObjectInfo, ObjectStore, check_key
from smstudio_ext.engine.store.objects.blobs import CHUNK
from smstudio_ext.engine.store.objects.digests import Digests, digest_of

_MAX_SOURCE = 5 << 30
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


async def copy_object(request: S3Request) -> HttpResponse:
    """Makes an object of another's bytes."""
    check_key(request.key)
    algorithm = asked_algorithm(request)
    condition = write_condition(request)
    require_bucket(request)
    source = _source(request)
    if source.size > _MAX_SOURCE:
        raise AwsError(
            "The specified copy source is larger than the maximum allowable size for a copy source: "
            f"{_MAX_SOURCE}",
            code="InvalidRequest",
            status=400,
        )
    attributes = _copied_attributes(request, source)

    def copy() -> ObjectInfo:
        etag = source.etag
        kept = replace(attributes, checksum=source.attributes.checksum, parts=(), upload_id=None)
        # a copy is an object put whole: its ETag is the MD5, its checksum that of all bytes
        composite = kept.checksum is not None and kept.checksum.kind == "COMPOSITE"
        other = algorithm is not None and (kept.checksum is None or kept.checksum.algorithm != algorithm)
        if "-" in etag or composite or other:
            wanted = algorithm or (kept.checksum.algorithm if kept.checksum else None)
            digests = _digests(request.objects, source, 0, source.size, wanted)
            etag = digests.etag
            kept = replace(kept, checksum=Checksum(wanted, digests.value(wanted)) if wanted else None)
        return request.objects.copy(source, request.bucket, request.key, kept, etag=etag, condition=condition)

    info = await request.run(copy)
    members = [
        ("LastModified", xml_date(info.modified)),
        ("ETag", quoted(info.etag)),
        *checksum_members(info.attributes.checksum),
    ]
    return answer("CopyObjectResult", members, headers=encryption_headers(info.attributes))


async def upload_part_copy(request: S3Request) -> HttpResponse:
    """Makes a part of (a range of) another object's bytes."""
    number = part_number(request)
    objects = request.objects
    upload = await request.run(
        partial(objects.multipart.require, request.bucket, request.key, request.query["uploadId"])
    )
    source = _source(request)
    span = _span(request, source)
    algorithm = upload.checksum_algorithm

    def copy() -> tuple[str, float, Checksum | None]:
        digests = _digests(objects, source, span.offset, span.length, algorithm)
        checksum = Checksum(algorithm, digests.value(algorithm)) if algorithm else None
        blob = objects.copy_blob(source, span.offset, span.length)
        part = objects.multipart.put_part(upload, number, blob, span.length, digests.etag, checksum)
        return part.etag, part.modified, checksum

    etag, modified, checksum = await request.run(copy)
    members = [("LastModified", xml_date(modified)), ("ETag", quoted(etag)), *checksum_members(checksum)]
    return answer("CopyPartResult", [pair for pair in members if pair[0] != "ChecksumType"])


@dataclass(frozen=True)
class _Span:
    offset: int
    length: int


def _source(request: S3Request) -> ObjectInfo:
    """The object that `x-amz-copy-source` names, if its conditions hold."""
    text = request.header("x-amz-copy-source") or ""
    path, _, query = text.partition("?")
    bucket, _, key = decoded(path).removeprefix("/").partition("/")
    if not bucket or not key or bucket.startswith("arn:"):
        raise invalid_argument(
            "x-amz-copy-source",
            text,
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        )
    version = parse_qs(query).get("versionId", ["null"])[0]
    if version != "null":
        raise invalid_argument("x-amz-copy-source", text, "Invalid version id specified")
    info = request.objects.require(bucket, key)
    check_copy_source(request, info)
    return info


def _copied_attributes(request: S3Request, source: ObjectInfo) -> Attributes:
    """Metadata, headers and tags of the copy, by the two directives."""
    said = attributes_of(request)
    metadata_directive = _directive(request, "x-amz-metadata-directive")
    tagging_directive = _directive(request, "x-amz-tagging-directive")
    tags = said.tags if tagging_directive == "REPLACE" else source.attributes.tags
    if metadata_directive == "REPLACE":
        return replace(said, tags=tags)
    ours = {name: value for name, value in said.headers.items() if name.startswith("x-amz-")}
    same = (source.bucket, source.key) == (request.bucket, request.key)
    if same and not ours and not (request.header("x-amz-storage-class") or asked_algorithm(request)):
        raise AwsError(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes.",
            code="InvalidRequest",
            status=400,
        )
    # these belong to the copy, not to what is copied
    kept = {name: value for name, value in source.attributes.headers.items() if not name.startswith("x-amz-")}
    return replace(source.attributes, headers={**kept, **ours}, tags=tags)


def _directive(request: S3Request, name: str) -> str:
    value = (request.header(name) or "COPY").upper()
    if value not in ("COPY", "REPLACE"):
        what = "metadata" if "metadata" in name else "tagging"
        raise invalid_argument(name, value, f"Unknown {what} directive.")
    return value


def _span(request: S3Request, source: ObjectInfo) -> _Span:
    text = request.header("x-amz-copy-source-range")
    if text is None:
        return _Span(0, source.size)
    match = _RANGE.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        raise invalid_argument(
            "x-amz-copy-source-range",
            text,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
        )
    first, last = int(match[1]), int(match[2])
    if last >= source.size:
        raise invalid_argument(
            "x-amz-copy-source-range",
            text,
            f"Range specified is not valid for source object of size: {source.size}",
        )
    return _Span(first, last - first + 1)


def _digests(
    objects: ObjectStore, source: ObjectInfo, offset: int, length: int, algorithm: str | None
) -> Digests:
    with objects.open_blob(source) as file:
        return digest_of(_pieces(file, offset, length), [algorithm] if algorithm else [])


def _pieces(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    file.seek(offset)
    while length > 0 and (piece := file.read(min(CHUNK, length))):
        yield piece
        length -= len(piece)
