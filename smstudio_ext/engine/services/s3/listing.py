"""ListObjects, ListObjectsV2, ListObjectVersions: pages of keys with prefixes and delimiters."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from functools import partial

from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.services.s3.headers import quoted, xml_date
from smstudio_ext.engine.services.s3.request import S3Request, invalid_argument, number, url_encoded
from smstudio_ext.engine.services.s3.xml import Value, answer
from smstudio_ext.engine.store.objects import ObjectInfo, ObjectStore
from smstudio_ext.engine.store.objects.index import after_prefix

MAX_KEYS = 1000
# so many keys of one common prefix in a row, and the rest of it is jumped over by a new query
_SKIP_AFTER = 64


@dataclass
class Listing:
    """One page.

    Attributes:
        entries: objects and common prefixes (text) in order.
        last: key or common prefix that ends the page.
    """

    entries: list[ObjectInfo | str] = field(default_factory=list)
    truncated: bool = False

    @property
    def last(self) -> str:
        if not self.entries:
            return ""
        end = self.entries[-1]
        return end if isinstance(end, str) else end.key


def list_page(
    objects: ObjectStore, bucket: str, prefix: str, delimiter: str, after: str, limit: int
) -> Listing:
    """Objects and common prefixes behind `after` in UTF-8 order."""
    page = Listing()
    if limit == 0:
        return page
    start, inclusive = after, False
    if delimiter and after and after.startswith(prefix) and _common_prefix(after, prefix, delimiter) == after:
        behind = after_prefix(after)  # the page before ended with this common prefix
        if behind is None:
            return page
        start, inclusive = behind, True
    while True:
        batch_size = limit - len(page.entries) + 1 + (_SKIP_AFTER if delimiter else 0)
        batch = objects.page(bucket, prefix=prefix, start=start, inclusive=inclusive, limit=batch_size)
        skipped = 0
        for info in batch:
            common = _common_prefix(info.key, prefix, delimiter)
            if common and page.entries and page.entries[-1] == common:
                skipped += 1
                continue
            skipped = 0
            if len(page.entries) == limit:
                page.truncated = True
                return page
            page.entries.append(common or info)
        if len(batch) < batch_size:
            return page
        start, inclusive = batch[-1].key, False
        if skipped >= _SKIP_AFTER:
            behind = after_prefix(page.last)
            if behind is None:
                return page
            start, inclusive = behind, True


async def list_objects(request: S3Request) -> HttpResponse:
    """Version 1: pages go on at `marker`."""
    asked = _Asked(request)
    marker = request.query.get("marker", "")
    page = await asked.page(marker)
    members: list[tuple[str, Value]] = [
        ("Name", request.bucket),
        ("Prefix", asked.text(asked.prefix)),
        ("Marker", asked.text(marker)),
        ("NextMarker", asked.text(page.last) if page.truncated and asked.delimiter else None),
        *asked.common_members(page),
    ]
    return answer("ListBucketResult", members + asked.entries(page, owner=True), headers=asked.headers)


async def list_objects_v2(request: S3Request) -> HttpResponse:
    """Version 2: pages go on at `continuation-token`."""
    asked = _Asked(request)
    token = request.query.get("continuation-token")
    start_after = request.query.get("start-after", "")
    page = await asked.page(start_after if token is None else _read_token(token))
    owner = request.query.get("fetch-owner", "").lower() == "true"
    members: list[tuple[str, Value]] = [
        ("Name", request.bucket),
        ("Prefix", asked.text(asked.prefix)),
        ("StartAfter", asked.text(start_after) if start_after else None),
        ("ContinuationToken", token),
        ("NextContinuationToken", _make_token(page.last) if page.truncated else None),
        ("KeyCount", len(page.entries)),
        *asked.common_members(page),
    ]
    return answer("ListBucketResult", members + asked.entries(page, owner=owner), headers=asked.headers)


async def list_object_versions(request: S3Request) -> HttpResponse:
    """Every object is its one version, `null`."""
    asked = _Asked(request)
    marker = request.query.get("key-marker", "")
    if request.query.get("version-id-marker") and not marker:
        raise invalid_argument(
            "version-id-marker",
            request.query["version-id-marker"],
            "A version-id marker cannot be specified without a key marker.",
        )
    page = await asked.page(marker)
    members: list[tuple[str, Value]] = [
        ("Name", request.bucket),
        ("Prefix", asked.text(asked.prefix)),
        ("KeyMarker", asked.text(marker)),
        ("VersionIdMarker", request.query.get("version-id-marker", "")),
        ("NextKeyMarker", asked.text(page.last) if page.truncated else None),
        ("NextVersionIdMarker", "null" if page.truncated else None),
        *asked.common_members(page),
    ]
    return answer(
        "ListVersionsResult", members + asked.entries(page, owner=True, versions=True), headers=asked.headers
    )


def owner_members(account: str) -> list[tuple[str, Value]]:
    """The owner of everything here."""
    return [("ID", canonical_id(account)), ("DisplayName", "smstudio")]


def canonical_id(account: str) -> str:
    """Canonical user id: 64 hex digits."""
    return account.rjust(64, "0")


class _Asked:
    """The parameters that all three listings share."""

    def __init__(self, request: S3Request) -> None:
        self._request = request
        self.prefix = request.query.get("prefix", "")
        self.delimiter = request.query.get("delimiter", "")
        self.limit = min(number(request, "max-keys", MAX_KEYS, 0, 2**31 - 1), MAX_KEYS)
        self.encoding = request.query.get("encoding-type")
        if self.encoding not in (None, "", "url"):
            raise invalid_argument(
                "encoding-type", self.encoding or "", "Invalid Encoding Method specified in Request"
            )
        self.headers = [("x-amz-bucket-region", "")]

    async def page(self, after: str) -> Listing:
        request = self._request
        bucket = request.objects.require_bucket(request.bucket)
        self.headers = [("x-amz-bucket-region", bucket.region)]
        return await request.run(
            partial(
                list_page, request.objects, request.bucket, self.prefix, self.delimiter, after, self.limit
            )
        )

    def text(self, value: str) -> str:
        """A key as the client wants it."""
        return url_encoded(self._request, value)

    def common_members(self, page: Listing) -> list[tuple[str, Value]]:
        return [
            ("MaxKeys", self.limit),
            ("Delimiter", self.text(self.delimiter) if self.delimiter else None),
            ("EncodingType", self.encoding or None),
            ("IsTruncated", page.truncated),
        ]

    def entries(self, page: Listing, *, owner: bool, versions: bool = False) -> list[tuple[str, Value]]:
        owned: list[tuple[str, Value]] = (
            [("Owner", owner_members(self._request.call.account))] if owner else []
        )
        infos = [entry for entry in page.entries if isinstance(entry, ObjectInfo)]
        prefixes = [entry for entry in page.entries if isinstance(entry, str)]
        members: list[tuple[str, Value]] = []
        for info in infos:
            checksum = info.attributes.checksum
            version: list[tuple[str, Value]] = [("VersionId", "null"), ("IsLatest", True)] if versions else []
            members.append(
                (
                    "Version" if versions else "Contents",
                    [
                        ("Key", self.text(info.key)),
                        *version,
                        ("LastModified", xml_date(info.modified)),
                        ("ETag", quoted(info.etag)),
                        ("ChecksumAlgorithm", checksum.algorithm if checksum else None),
                        ("ChecksumType", checksum.kind if checksum else None),
                        ("Size", info.size),
                        *owned,
                        ("StorageClass", info.attributes.headers.get("x-amz-storage-class", "STANDARD")),
                    ],
                )
            )
        members += [("CommonPrefixes", [("Prefix", self.text(prefix))]) for prefix in prefixes]
        return members


def _common_prefix(key: str, prefix: str, delimiter: str) -> str:
    """The part of a key up to the first delimiter behind the prefix, or ""."""
    if not delimiter:
        return ""
    at = key.find(delimiter, len(prefix))
    return "" if at < 0 else key[: at + len(delimiter)]


def _make_token(last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(["v2", last]).encode()).decode()


def _read_token(token: str) -> str:
    try:
        kind, last = json.loads(base64.urlsafe_b64decode(token.encode()))
        if kind == "v2" and isinstance(last, str):
            return last
    except (ValueError, TypeError):
        pass
    raise invalid_argument("continuation-token", token, "The continuation token provided is incorrect")
