"""PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects."""

from __future__ import annotations

import re
from functools import partial

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import FileSlice, HttpResponse
from smstudio_ext.engine.protocol.payload import Payload, Verified, read_verified
from smstudio_ext.engine.services.s3.conditions import NotModified, check_read, write_condition
from smstudio_ext.engine.services.s3.headers import (
    attributes_of,
    checksum_headers,
    encryption_headers,
    object_headers,
    overridden,
    quoted,
)
from smstudio_ext.engine.services.s3.receiving import receive
from smstudio_ext.engine.services.s3.request import S3Request, invalid_argument, require_bucket
from smstudio_ext.engine.services.s3.xml import MalformedXML, Value, answer, parse, text_of
from smstudio_ext.engine.store.objects import (
    Attributes,
    Checksum,
    Condition,
    NoSuchBucket,
    ObjectInfo,
    PreconditionFailed,
    check_key,
)

XML_LIMIT = 4 << 20
"""Largest XML body, bytes."""
_MAX_DELETED = 1000
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class InvalidRange(AwsError):
    """The range begins behind the object's end."""

    code = "InvalidRange"
    status = 416

    def __init__(self, asked: str, size: int) -> None:
        super().__init__(
            "The requested range is not satisfiable", RangeRequested=asked, ActualObjectSize=str(size)
        )


async def put_object(request: S3Request) -> HttpResponse:
    """Stores the body as an object."""
    check_key(request.key)
    attributes = attributes_of(request)
    condition = write_condition(request)
    payload = Payload(request.http, aside=request.objects.hashers)
    require_bucket(request)
    if condition is not None:  # refused before the body is read, and checked again when it is stored
        condition(request.objects.head(request.bucket, request.key))

    info = await receive(request, payload, partial(_store, request, attributes, condition))
    headers = [
        ("etag", quoted(info.etag)),
        *checksum_headers(info.attributes.checksum),
        *encryption_headers(info.attributes),
    ]
    return HttpResponse(200, headers)


async def get_object(request: S3Request) -> HttpResponse:
    """Sends an object or a part of it."""
    check_version(request)
    info, file = request.objects.open_object(request.bucket, request.key)
    try:
        status, offset, length, headers = _selected(request, info)
    except NotModified as unchanged:
        file.close()
        return HttpResponse(304, unchanged.headers)
    except BaseException:
        file.close()
        raise
    body = FileSlice(info.blob_path, offset, length, file)
    return HttpResponse(status, [*overridden(headers, request.query), ("content-length", str(length))], body)


async def head_object(request: S3Request) -> HttpResponse:
    """What GetObject would send, without the body."""
    check_version(request)
    info = request.objects.require(request.bucket, request.key)
    try:
        status, _, length, headers = _selected(request, info)
    except NotModified as unchanged:
        return HttpResponse(304, unchanged.headers)
    return HttpResponse(status, [*overridden(headers, request.query), ("content-length", str(length))])


async def delete_object(request: S3Request) -> HttpResponse:
    """Removes an object; one that is not there is no error."""
    check_version(request)
    matches = request.header("if-match")

    def condition(there: ObjectInfo | None) -> None:
        if matches is None:
            return
        if there is None or matches.strip().strip('"') not in ("*", there.etag):
            raise PreconditionFailed("If-Match")

    delete = partial(request.objects.delete, request.bucket, request.key, condition if matches else None)
    await request.run(delete)
    return HttpResponse(204)


async def delete_objects(request: S3Request) -> HttpResponse:
    """Removes up to 1,000 objects."""
    require_bucket(request)
    root = parse(await read_verified(request.http, XML_LIMIT), "Delete")
    quiet = text_of(root, "Quiet", "false").strip().lower() == "true"
    wanted = root.findall("Object")
    if not 1 <= len(wanted) <= _MAX_DELETED:
        raise MalformedXML
    keys: list[str] = []
    answers: list[tuple[str, Value]] = []
    for element in wanted:
        key = text_of(element, "Key")
        if not key:
            raise AwsError(
                "You must specify at least one object key", code="UserKeyMustBeSpecified", status=400
            )
        version = text_of(element, "VersionId", "null")
        if version not in ("null", ""):
            answers.append(
                (
                    "Error",
                    [
                        ("Key", key),
                        ("VersionId", version),
                        ("Code", "NoSuchVersion"),
                        ("Message", "The specified version does not exist."),
                    ],
                )
            )
            continue
        keys.append(key)
        if not quiet:
            answers.append(("Deleted", [("Key", key)]))
    await request.run(partial(request.objects.delete_many, request.bucket, keys))
    return answer("DeleteResult", answers)


def check_version(request: S3Request) -> None:
    """Buckets here keep one version, whose id is `null`.

    Raises:
        AwsError: another version is asked for.
    """
    version = request.query.get("versionId")
    if version is None or version == "null":
        return
    if request.objects.bucket(request.bucket) is None:
        raise NoSuchBucket(request.bucket)
    raise invalid_argument("versionId", version, "Invalid version id specified")


def _store(
    request: S3Request, attributes: Attributes, condition: Condition | None, blob: str, body: Verified
) -> ObjectInfo:
    checksum = Checksum(body.algorithm, body.checksum) if body.algorithm and body.checksum else None
    kept = Attributes(attributes.headers, attributes.metadata, attributes.tags, checksum)
    return request.objects.commit_blob(
        request.bucket, request.key, blob, body.size, body.etag, kept, condition
    )


def _selected(request: S3Request, info: ObjectInfo) -> tuple[int, int, int, list[tuple[str, str]]]:
    """Status, offset, length and headers of what is asked for."""
    check_read(request, info)
    wants_checksum = (request.header("x-amz-checksum-mode") or "").upper() == "ENABLED"
    part = request.query.get("partNumber")
    if part is not None:
        return _part(request, info, part, wants_checksum)
    span = _span(request, info)
    if span is None:
        return 200, 0, info.size, object_headers(info, whole=True, checksum=wants_checksum)
    first, last = span
    headers = object_headers(info, whole=False, checksum=wants_checksum)
    headers.append(("content-range", f"bytes {first}-{last}/{info.size}"))
    return 206, first, last - first + 1, headers


def _span(request: S3Request, info: ObjectInfo) -> tuple[int, int] | None:
    """First and last byte of the Range header; None for none (or one that S3 ignores)."""
    text = request.header("range")
    match = _RANGE.fullmatch(text.replace(" ", "")) if text else None
    if text is None or match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        count = min(int(last), info.size)
        if count == 0:
            raise InvalidRange(text, info.size)
        return info.size - count, info.size - 1
    start, end = int(first), min(int(last) if last else info.size - 1, info.size - 1)
    if last and int(last) < start:
        return None
    if start >= info.size:
        raise InvalidRange(text, info.size)
    return start, end


def _part(
    request: S3Request, info: ObjectInfo, text: str, wants_checksum: bool
) -> tuple[int, int, int, list[tuple[str, str]]]:
    """The part of a number of an object that was uploaded in parts."""
    if request.header("range"):
        raise AwsError(
            "Cannot specify both Range header and partNumber query parameter",
            code="InvalidRequest",
            status=400,
        )
    if not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise invalid_argument(
            "partNumber", text, "Part number must be an integer between 1 and 10000, inclusive"
        )
    number, parts = int(text), info.attributes.parts
    if number > max(len(parts), 1):
        raise AwsError("The requested partnumber is not satisfiable", code="InvalidPartNumber", status=416)
    if not parts:
        return (
            200 if info.size == 0 else 206,
            0,
            info.size,
            [
                *object_headers(info, whole=True, checksum=wants_checksum),
                *([("content-range", f"bytes 0-{info.size - 1}/{info.size}")] if info.size else []),
            ],
        )
    offset = sum(part.size for part in parts[: number - 1])
    part = parts[number - 1]
    headers = object_headers(info, whole=False, checksum=False)
    headers.append(("x-amz-mp-parts-count", str(len(parts))))
    checksum = info.attributes.checksum
    if wants_checksum and checksum is not None and part.checksum is not None:
        headers += checksum_headers(Checksum(checksum.algorithm, part.checksum, checksum.kind))
    if part.size:
        headers.append(("content-range", f"bytes {offset}-{offset + part.size - 1}/{info.size}"))
    return 206, offset, part.size, headers
