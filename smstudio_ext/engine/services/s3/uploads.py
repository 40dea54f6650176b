"""Multipart uploads: create, upload, list, complete, abort."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from xml.etree.ElementTree import Element

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.error_wire import error_response
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.payload import Payload, Verified, read_verified
from smstudio_ext.engine.services.s3.conditions import write_condition
from smstudio_ext.engine.services.s3.headers import (
    attributes_of,
    checksum_headers,
    checksum_members,
    encryption_headers,
    quoted,
    xml_date,
)
from smstudio_ext.engine.services.s3.listing import MAX_KEYS, owner_members
from smstudio_ext.engine.services.s3.objects import XML_LIMIT
from smstudio_ext.engine.services.s3.receiving import receive
from smstudio_ext.engine.services.s3.request import (
    S3Request,
    invalid_argument,
    number,
    require_bucket,
    url_encoded,
)
from smstudio_ext.engine.services.s3.xml import MalformedXML, Value, answer, document, parse, text_of
from smstudio_ext.engine.store.objects import (
    Checksum,
    CompletedPart,
    ObjectInfo,
    PartInfo,
    UploadInfo,
    check_key,
)
from smstudio_ext.engine.store.objects.digests import CHECKSUMS, is_checksum

MAX_PARTS = 10_000
# joining many GiB may take longer than clients wait for the first byte
_SILENCE = 10.0


async def create_multipart_upload(request: S3Request) -> HttpResponse:
    """Starts an upload."""
    check_key(request.key)
    attributes = attributes_of(request)
    algorithm, kind = asked_algorithm(request), (request.header("x-amz-checksum-type") or "").upper() or None
    _check_kind(algorithm, kind)
    upload = await request.run(
        partial(request.objects.multipart.create, request.bucket, request.key, attributes, algorithm, kind)
    )
    headers = encryption_headers(attributes)
    if algorithm:
        headers.append(("x-amz-checksum-algorithm", algorithm))
        headers.append(("x-amz-checksum-type", upload_kind(upload)))
    members = [("Bucket", request.bucket), ("Key", request.key), ("UploadId", upload.upload_id)]
    return answer("InitiateMultipartUploadResult", members, headers=headers)


async def upload_part(request: S3Request) -> HttpResponse:
    """Stores the body as a part."""
    part = part_number(request)
    uploads = request.objects.multipart
    upload = uploads.require(request.bucket, request.key, request.query["uploadId"])
    payload = Payload(request.http, compute=upload.checksum_algorithm, aside=request.objects.hashers)

    def store(blob: str, body: Verified) -> PartInfo:
        checksum = Checksum(body.algorithm, body.checksum) if body.algorithm and body.checksum else None
        return uploads.put_part(upload, part, blob, body.size, body.etag, checksum)

    info = await receive(request, payload, store)
    headers = [("etag", quoted(info.etag)), *checksum_headers(info.checksum)[:1]]
    return HttpResponse(200, [*headers, *encryption_headers(upload.attributes)])


async def list_parts(request: S3Request) -> HttpResponse:
    """The parts of an upload."""
    limit = min(number(request, "max-parts", MAX_KEYS, 0, 2**31 - 1), MAX_KEYS)
    after = number(request, "part-number-marker", 0, 0, 2**31 - 1)
    uploads = request.objects.multipart
    upload = uploads.require(request.bucket, request.key, request.query["uploadId"])
    found = await request.run(partial(uploads.parts, upload.upload_id, after, limit + 1))
    shown = found[:limit]
    owner = owner_members(request.call.account)
    members: list[tuple[str, Value]] = [
        ("Bucket", request.bucket),
        ("Key", url_encoded(request, request.key)),
        ("UploadId", upload.upload_id),
        ("Initiator", owner),
        ("Owner", owner),
        ("StorageClass", upload.attributes.headers.get("x-amz-storage-class", "STANDARD")),
        ("PartNumberMarker", after),
        ("NextPartNumberMarker", shown[-1].number if shown else 0),
        ("MaxParts", limit),
        ("IsTruncated", len(found) > limit and limit > 0),
        ("ChecksumAlgorithm", upload.checksum_algorithm),
        ("ChecksumType", upload_kind(upload) if upload.checksum_algorithm else None),
    ]
    members += [
        (
            "Part",
            [
                ("PartNumber", part.number),
                ("LastModified", xml_date(part.modified)),
                ("ETag", quoted(part.etag)),
                ("Size", part.size),
                *checksum_members(part.checksum)[:1],
            ],
        )
        for part in shown
    ]
    return answer("ListPartsResult", members)


async def list_multipart_uploads(request: S3Request) -> HttpResponse:
    """The uploads under way in a bucket."""
    require_bucket(request)
    limit = min(number(request, "max-uploads", MAX_KEYS, 0, 2**31 - 1), MAX_KEYS)
    prefix, delimiter = request.query.get("prefix", ""), request.query.get("delimiter", "")
    key_marker, id_marker = request.query.get("key-marker", ""), request.query.get("upload-id-marker", "")
    found, common, at, truncated = await _page(request, prefix, delimiter, (key_marker, id_marker), limit)
    members: list[tuple[str, Value]] = [
        ("Bucket", request.bucket),
        ("KeyMarker", url_encoded(request, key_marker)),
        ("UploadIdMarker", id_marker),
        ("NextKeyMarker", url_encoded(request, at[0]) if truncated else None),
        ("NextUploadIdMarker", at[1] if truncated else None),
        ("Prefix", url_encoded(request, prefix)),
        ("Delimiter", url_encoded(request, delimiter) if delimiter else None),
        ("EncodingType", request.query.get("encoding-type") or None),
        ("MaxUploads", limit),
        ("IsTruncated", truncated),
    ]
    owner = owner_members(request.call.account)
    members += [
        (
            "Upload",
            [
                ("Key", url_encoded(request, upload.key)),
                ("UploadId", upload.upload_id),
                ("Initiator", owner),
                ("Owner", owner),
                ("StorageClass", upload.attributes.headers.get("x-amz-storage-class", "STANDARD")),
                ("Initiated", xml_date(upload.created)),
                ("ChecksumAlgorithm", upload.checksum_algorithm),
                ("ChecksumType", upload_kind(upload) if upload.checksum_algorithm else None),
            ],
        )
        for upload in found
    ]
    members += [("CommonPrefixes", [("Prefix", url_encoded(request, group))]) for group in common]
    return answer("ListMultipartUploadsResult", members)


async def abort_multipart_upload(request: S3Request) -> HttpResponse:
    """Drops an upload with its parts."""
    uploads = request.objects.multipart
    upload = uploads.require(request.bucket, request.key, request.query["uploadId"])
    await request.run(partial(uploads.abort, upload))
    return HttpResponse(204)


async def complete_multipart_upload(request: S3Request) -> HttpResponse:
    """Makes an object of the parts; says so with blanks first when that takes long."""
    root = parse(await read_verified(request.http, XML_LIMIT, of_body=False), "CompleteMultipartUpload")
    parts = [_completed_part(element) for element in root.findall("Part")]
    if not parts or len(parts) > MAX_PARTS:
        raise MalformedXML
    complete = partial(
        request.objects.multipart.complete,
        request.bucket,
        request.key,
        request.query["uploadId"],
        parts,
        expected=_expected(request),
        check_size=_size_check(request),
        condition=write_condition(request),
    )
    working = asyncio.ensure_future(request.run(complete))
    done, _ = await asyncio.wait([working], timeout=_SILENCE)
    if done:
        info = working.result()
        return HttpResponse(
            200,
            [("content-type", "application/xml"), *encryption_headers(info.attributes)],
            _completed(request, info),
        )
    return HttpResponse(200, [("content-type", "application/xml")], _slowly(request, working))


def part_number(request: S3Request) -> int:
    """The number of the part that a request is about.

    Raises:
        AwsError: InvalidArgument.
    """
    text = request.query.get("partNumber", "")
    if not text.isdigit() or not 1 <= int(text) <= MAX_PARTS:
        raise invalid_argument(
            "partNumber", text, "Part number must be an integer between 1 and 10000, inclusive"
        )
    return int(text)


def asked_algorithm(request: S3Request) -> str | None:
    """The checksum algorithm that a request without a body of its own asks for.

    Raises:
        AwsError: InvalidRequest.
    """
    value = (request.header("x-amz-checksum-algorithm") or "").upper()
    if not value:
        return None
    if value not in CHECKSUMS:
        raise AwsError(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(CHECKSUMS)}]",
            code="InvalidRequest",
            status=400,
        )
    return value


def upload_kind(upload: UploadInfo) -> str:
    """FULL_OBJECT or COMPOSITE."""
    whole = upload.checksum_algorithm == "CRC64NVME"
    return upload.checksum_kind or ("FULL_OBJECT" if whole else "COMPOSITE")


def _check_kind(algorithm: str | None, kind: str | None) -> None:
    if kind is None:
        return
    if kind not in ("FULL_OBJECT", "COMPOSITE") or algorithm is None:
        raise AwsError(
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            if algorithm is None
            else "Value for x-amz-checksum-type header is invalid.",
            code="InvalidRequest",
            status=400,
        )
    if (kind == "FULL_OBJECT" and algorithm.startswith("SHA")) or (
        kind == "COMPOSITE" and algorithm == "CRC64NVME"
    ):
        raise AwsError(
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.",
            code="InvalidRequest",
            status=400,
        )


def _completed_part(element: Element) -> CompletedPart:
    text = text_of(element, "PartNumber").strip()
    if not text.isdigit():
        raise MalformedXML
    checksums = {
        algorithm: text_of(element, f"Checksum{algorithm}")
        for algorithm in CHECKSUMS
        if element.find(f"Checksum{algorithm}") is not None
    }
    return CompletedPart(int(text), text_of(element, "ETag").strip(), checksums)


def _expected(request: S3Request) -> Checksum | None:
    for algorithm in CHECKSUMS:
        value = request.header(f"x-amz-checksum-{algorithm.lower()}")
        if value and is_checksum(algorithm, value.split("-")[0]):
            return Checksum(algorithm, value)
    return None


def _size_check(request: S3Request) -> Callable[[int], None] | None:
    text = request.header("x-amz-mp-object-size")
    if text is None:
        return None

    def check(size: int) -> None:
        if text != str(size):
            raise AwsError(
                f"The provided 'x-amz-mp-object-size' header value {text} does not match what was computed: {size}",
                code="InvalidRequest",
                status=400,
            )

    return check


async def _page(
    request: S3Request, prefix: str, delimiter: str, marker: tuple[str, str], limit: int
) -> tuple[list[UploadInfo], list[str], tuple[str, str], bool]:
    """Uploads and common prefixes behind a marker, the marker of the next page, and whether there is one."""
    found: list[UploadInfo] = []
    common: list[str] = []
    at = marker
    truncated = False
    while limit:
        batch = await request.run(
            partial(request.objects.multipart.uploads, request.bucket, prefix, *at, MAX_KEYS)
        )
        for upload in batch:
            end = upload.key.find(delimiter, len(prefix)) if delimiter else -1
            group = upload.key[: end + len(delimiter)] if end >= 0 else ""
            if group and (group in common or group <= marker[0]):
                at = (upload.key, upload.upload_id)
                continue
            if len(found) + len(common) == limit:
                truncated = True
                break
            at = (upload.key, upload.upload_id)
            if group:
                common.append(group)
            else:
                found.append(upload)
        if truncated or len(batch) < MAX_KEYS:
            break
    return found, common, at, truncated


async def _slowly(request: S3Request, working: asyncio.Future[ObjectInfo]) -> AsyncIterator[bytes]:
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    while True:
        done, _ = await asyncio.wait([working], timeout=_SILENCE)
        if done:
            break
        yield b" "
    try:
        body = _completed(request, working.result())
    except AwsError as error:  # the status is out already: S3, too, sends the error with a 200
        response = error_response(error, "rest-xml", request.call.request_id, path=request.http.path)
        assert isinstance(response.body, bytes)
        body = response.body
    yield body.partition(b"\n")[2]


def _completed(request: S3Request, info: ObjectInfo) -> bytes:
    host = request.header("host") or "localhost"
    return document(
        "CompleteMultipartUploadResult",
        [
            ("Location", f"http://{host}{request.http.path}"),
            ("Bucket", info.bucket),
            ("Key", info.key),
            ("ETag", quoted(info.etag)),
            *checksum_members(info.attributes.checksum),
        ],
    )
