"""GetObjectAttributes and the access control lists of objects."""

from __future__ import annotations

from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.payload import read_verified
from smstudio_ext.engine.services.s3.acl import acl_answer, check_acl_body
from smstudio_ext.engine.services.s3.headers import check_acl, checksum_members, http_date
from smstudio_ext.engine.services.s3.objects import XML_LIMIT, check_version
from smstudio_ext.engine.services.s3.request import S3Request, invalid_argument
from smstudio_ext.engine.services.s3.xml import Value, answer
from smstudio_ext.engine.store.objects import ObjectInfo

_KNOWN = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")
_MAX_PARTS = 1000


async def get_object_attributes(request: S3Request) -> HttpResponse:
    """Those facts of an object that the request names."""
    check_version(request)
    asked = [
        name.strip() for name in (request.header("x-amz-object-attributes") or "").split(",") if name.strip()
    ]
    unknown = [name for name in asked if name not in _KNOWN]
    if unknown or not asked:
        raise invalid_argument(
            "x-amz-object-attributes", ",".join(asked), "Invalid attribute name specified."
        )
    info = request.objects.require(request.bucket, request.key)
    checksum = info.attributes.checksum
    members: list[tuple[str, Value]] = []
    if "ETag" in asked:
        members.append(("ETag", info.etag))
    if "Checksum" in asked and checksum is not None:
        members.append(("Checksum", checksum_members(checksum)))
    if "ObjectParts" in asked and info.attributes.parts:
        members.append(("ObjectParts", _parts(request, info)))
    if "StorageClass" in asked:
        members.append(("StorageClass", info.attributes.headers.get("x-amz-storage-class", "STANDARD")))
    if "ObjectSize" in asked:
        members.append(("ObjectSize", info.size))
    return answer(
        "GetObjectAttributesResponse", members, headers=[("last-modified", http_date(info.modified))]
    )


async def get_object_acl(request: S3Request) -> HttpResponse:
    """The owner has full control; nobody else is here."""
    check_version(request)
    request.objects.require(request.bucket, request.key)
    return acl_answer(request)


async def put_object_acl(request: S3Request) -> HttpResponse:
    """Takes what says no more than the owner's full control."""
    check_version(request)
    body = await read_verified(request.http, XML_LIMIT)
    request.objects.require(request.bucket, request.key)
    check_acl(request)
    check_acl_body(request, body)
    return HttpResponse(200)


def _parts(request: S3Request, info: ObjectInfo) -> list[tuple[str, Value]]:
    limit = _header_number(request, "x-amz-max-parts", _MAX_PARTS)
    after = _header_number(request, "x-amz-part-number-marker", 0)
    parts = list(enumerate(info.attributes.parts, start=1))
    shown = [part for part in parts if part[0] > after][:limit]
    last = shown[-1][0] if shown else after
    members: list[tuple[str, Value]] = [
        ("PartsCount", len(parts)),
        ("PartNumberMarker", after),
        ("NextPartNumberMarker", last),
        ("MaxParts", limit),
        ("IsTruncated", last < len(parts)),
    ]
    checksum = info.attributes.checksum
    if checksum is not None:  # S3 names single parts only when they have checksums
        members += [
            (
                "Part",
                [
                    ("PartNumber", number),
                    ("Size", part.size),
                    (f"Checksum{checksum.algorithm}", part.checksum),
                ],
            )
            for number, part in shown
        ]
    return members


def _header_number(request: S3Request, name: str, default: int) -> int:
    text = request.header(name)
    if text is None:
        return default
    if not text.isdigit():
        raise invalid_argument(name, text, f"Provided {name} not an integer or within integer range")
    return min(int(text), _MAX_PARTS) if default else int(text)
