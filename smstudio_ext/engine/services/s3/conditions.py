"""Conditional requests: If-Match and its kin, on reads, writes and copy sources."""

from __future__ import annotations

from smstudio_ext.engine.services.s3.headers import http_date, parse_date, quoted
from smstudio_ext.engine.services.s3.request import S3Request, not_offered
from smstudio_ext.engine.store.objects import Condition, NoSuchKey, ObjectInfo, PreconditionFailed


class NotModified(Exception):
    """The client has this version already: answer 304."""

    def __init__(self, info: ObjectInfo) -> None:
        super().__init__(info.key)
        self.headers = [("etag", quoted(info.etag)), ("last-modified", http_date(info.modified))]


def check_read(request: S3Request, info: ObjectInfo) -> None:
    """Conditions of GetObject and HeadObject.

    Raises:
        PreconditionFailed: If-Match or If-Unmodified-Since does not hold.
        NotModified: If-None-Match or If-Modified-Since does not hold.
    """
    _check(request, info, "")


def check_copy_source(request: S3Request, info: ObjectInfo) -> None:
    """Conditions on the source of a copy.

    Raises:
        PreconditionFailed: one does not hold.
    """
    _check(request, info, "x-amz-copy-source-")


def _check(request: S3Request, info: ObjectInfo, prefix: str) -> None:
    """Looks at the four conditions whose headers begin with `prefix`; a read is told of a version that the client has."""

    def known(condition: str) -> Exception:
        return PreconditionFailed(f"{prefix}{condition}") if prefix else NotModified(info)

    matches, unmodified, differs, modified = (
        request.header(f"{prefix}if-{name}")
        for name in ("match", "unmodified-since", "none-match", "modified-since")
    )
    if matches is not None:
        if not _names(matches, info):
            raise PreconditionFailed(f"{prefix}If-Match")
    elif unmodified is not None and _is_later(info, unmodified):
        raise PreconditionFailed(f"{prefix}If-Unmodified-Since")
    if differs is not None:
        if _names(differs, info):
            raise known("If-None-Match")
    elif modified is not None and _is_later(info, modified) is False:
        raise known("If-Modified-Since")


def write_condition(request: S3Request) -> Condition | None:
    """The condition of a write, for inside the transaction; None when the request has none.

    Raises:
        AwsError: NotImplemented for a form that S3 does not take.
    """
    differs = request.header("if-none-match")
    matches = request.header("if-match")
    if differs is not None and (matches is not None or differs.strip() != "*"):
        raise not_offered("If-None-Match of a write with anything but *")
    if differs is None and matches is None:
        return None

    def condition(there: ObjectInfo | None) -> None:
        if differs is not None and there is not None:
            raise PreconditionFailed("If-None-Match")
        if matches is not None:
            if there is None:
                raise NoSuchKey(request.key)
            if not _names(matches, there):
                raise PreconditionFailed("If-Match")

    return condition


def _names(header: str, info: ObjectInfo) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or info.etag in tags


def _is_later(info: ObjectInfo, header: str) -> bool | None:
    """Whether the object changed after a date; None for a header that is no date (it is ignored)."""
    date = parse_date(header)
    return None if date is None else int(info.modified) > date
