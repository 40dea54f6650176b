"""Headers of S3: what is kept with an object and how it comes back, dates, checksums."""

from __future__ import annotations

import time
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import parse_qsl

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.services.s3.request import S3Request, invalid_argument, not_offered
from smstudio_ext.engine.store.objects import Attributes, Checksum, ObjectInfo

_CONTENT = (
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
)
# kept and sent back; this engine neither encrypts nor has other storage classes
_ECHOED = (
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
)
ENCRYPTION = _ECHOED[2:]
_STORAGE_CLASSES = frozenset(
    "STANDARD REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER GLACIER_IR DEEP_ARCHIVE "
    "EXPRESS_ONEZONE".split()
)
_REFUSED = {
    "x-amz-server-side-encryption-customer-algorithm": "Encryption with keys of the customer (SSE-C)",
    "x-amz-object-lock-mode": "Object lock",
    "x-amz-object-lock-legal-hold": "Object lock",
    "x-amz-write-offset-bytes": "Appending to objects",
}
_METADATA = "x-amz-meta-"
_MAX_METADATA = 2048
_MAX_TAGS = 10
_RESPONSE_OVERRIDES = {f"response-{name}": name for name in _CONTENT}


def attributes_of(request: S3Request) -> Attributes:
    """What a PutObject, CreateMultipartUpload or replacing CopyObject request says of its object.

    Raises:
        AwsError: MetadataTooLarge, InvalidTag, InvalidStorageClass, or a part of S3 that is not offered.
    """
    incoming = request.http.headers
    for name, what in _REFUSED.items():
        if name in incoming:
            raise not_offered(what)
    check_acl(request)
    headers = {name: incoming[name] for name in (*_CONTENT, *_ECHOED) if incoming.get(name)}
    encodings = [part.strip() for part in headers.get("content-encoding", "").split(",")]
    if "aws-chunked" in encodings:  # how the body travelled, not what it is
        rest = ", ".join(part for part in encodings if part != "aws-chunked")
        headers.pop("content-encoding")
        if rest:
            headers["content-encoding"] = rest
    if headers.get("x-amz-storage-class", "STANDARD") not in _STORAGE_CLASSES:
        raise AwsError("The storage class you specified is not valid", code="InvalidStorageClass", status=400)
    if headers.get("x-amz-storage-class") == "STANDARD":
        headers.pop("x-amz-storage-class")
    metadata = {
        name[len(_METADATA) :]: value for name, value in incoming.items() if name.startswith(_METADATA)
    }
    size = sum(len(name) + len(value.encode()) for name, value in metadata.items())
    if size > _MAX_METADATA:
        raise AwsError(
            "Your metadata headers exceed the maximum allowed metadata size",
            code="MetadataTooLarge",
            status=400,
            Size=str(size),
            MaxSizeAllowed=str(_MAX_METADATA),
        )
    return Attributes(headers, metadata, tags_of_header(request))


def tags_of_header(request: S3Request) -> dict[str, str]:
    """Tags of the `x-amz-tagging` header (a query string)."""
    text = request.header("x-amz-tagging")
    if not text:
        return {}
    pairs = parse_qsl(text, keep_blank_values=True)
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise AwsError("Cannot provide multiple Tags with the same key", code="InvalidTag", status=400)
    check_tags(tags, _MAX_TAGS)
    return tags


def check_tags(tags: dict[str, str], limit: int) -> None:
    """Holds S3's limits for tags.

    Raises:
        AwsError: BadRequest (too many) or InvalidTag.
    """
    if len(tags) > limit:
        kind = "Object" if limit == _MAX_TAGS else "Bucket"
        raise AwsError(f"{kind} tags cannot be greater than {limit}", code="BadRequest", status=400)
    for key, value in tags.items():
        if not 1 <= len(key) <= 128:
            raise AwsError(
                "The TagKey you have provided is invalid", code="InvalidTag", status=400, TagKey=key
            )
        if len(value) > 256:
            raise AwsError(
                "The TagValue you have provided is invalid", code="InvalidTag", status=400, TagValue=value
            )


def check_acl(request: S3Request) -> None:
    """Buckets here are as AWS makes them: ACLs are off, only the owner's full control may be said.

    Raises:
        AwsError: AccessControlListNotSupported.
    """
    canned = request.header("x-amz-acl")
    grants = [name for name in request.http.headers if name.startswith("x-amz-grant-")]
    if grants or canned not in (None, "private", "bucket-owner-full-control"):
        raise AwsError("The bucket does not allow ACLs", code="AccessControlListNotSupported", status=400)


def object_headers(info: ObjectInfo, *, whole: bool, checksum: bool) -> list[tuple[str, str]]:
    """Headers of GetObject and HeadObject.

    Args:
        whole: the answer is not a range; a checksum of the whole object would be wrong on one.
        checksum: the client asked for checksums.
    """
    attributes = info.attributes
    headers = [
        ("last-modified", http_date(info.modified)),
        ("etag", quoted(info.etag)),
        ("accept-ranges", "bytes"),
        ("content-type", info.content_type),
    ]
    headers += [(name, value) for name, value in attributes.headers.items() if name != "content-type"]
    headers += [(f"{_METADATA}{name}", value) for name, value in attributes.metadata.items()]
    if attributes.tags:
        headers.append(("x-amz-tagging-count", str(len(attributes.tags))))
    if whole and checksum:
        headers += checksum_headers(attributes.checksum)
    return headers


def overridden(headers: list[tuple[str, str]], query: dict[str, str]) -> list[tuple[str, str]]:
    """Headers after the `response-content-type` ... parameters of the request."""
    wanted = {
        _RESPONSE_OVERRIDES[name]: value for name, value in query.items() if name in _RESPONSE_OVERRIDES
    }
    for value in wanted.values():
        if any(character in value for character in "\r\n\0"):
            raise invalid_argument("response-header", value, "Invalid header value")
    return [pair for pair in headers if pair[0] not in wanted] + list(wanted.items())


def checksum_headers(checksum: Checksum | None) -> list[tuple[str, str]]:
    """Headers that carry a checksum."""
    if checksum is None:
        return []
    return [
        (f"x-amz-checksum-{checksum.algorithm.lower()}", checksum.value),
        ("x-amz-checksum-type", checksum.kind),
    ]


def checksum_members(checksum: Checksum | None) -> list[tuple[str, str]]:
    """XML elements that carry a checksum."""
    if checksum is None:
        return []
    return [(f"Checksum{checksum.algorithm}", checksum.value), ("ChecksumType", checksum.kind)]


def encryption_headers(attributes: Attributes) -> list[tuple[str, str]]:
    """What an upload's answer repeats of the encryption that was asked for."""
    return [(name, attributes.headers[name]) for name in ENCRYPTION if name in attributes.headers]


def quoted(etag: str) -> str:
    """An ETag as it stands in headers and XML."""
    return f'"{etag}"'


def http_date(seconds: float) -> str:
    """A time in the form of HTTP headers."""
    return formatdate(int(seconds), usegmt=True)


def xml_date(seconds: float) -> str:
    """A time in the form of S3's XML (S3 keeps whole seconds)."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(int(seconds)))


def parse_date(text: str) -> float | None:
    """Seconds since the epoch of an HTTP date; None for what is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
