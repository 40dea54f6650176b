"""Where an object is: s3:// URIs, the https forms of S3 addresses, and the rules for names."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.store.objects.failures import InvalidBucketName, KeyTooLong

MAX_KEY_BYTES = 1024

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_RESERVED_PREFIXES = ("xn--", "sthree-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
# s3.amazonaws.com, s3.REGION.amazonaws.com, s3-REGION.amazonaws.com, s3.dualstack.REGION.amazonaws.com(.cn)
_S3_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3(?:[.-][a-z0-9-]+){0,3}?\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True)
class S3Location:
    """A bucket and a key (or key prefix; may be empty)."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def child(self, name: str) -> S3Location:
        """The location `name` below this one."""
        key = self.key if not self.key or self.key.endswith("/") else self.key + "/"
        return S3Location(self.bucket, key + name)


def parse_s3_uri(uri: str) -> S3Location:
    """Reads `s3://bucket/key` or an https address of S3 (path or virtual-host style).

    Raises:
        ValidationException: it is none of these.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("s3", "s3a", "s3n") and parts.netloc:
        # a key may hold `?` and `#`: only the scheme and the bucket have a meaning here
        bucket, _, key = uri.split("://", 1)[1].partition("/")
        return S3Location(bucket, key)
    if parts.scheme in ("https", "http") and parts.hostname:
        match = _S3_HOST.fullmatch(parts.hostname)
        path = unquote(parts.path).lstrip("/")
        if match and match["bucket"]:
            return S3Location(match["bucket"], path)
        if match and path:
            bucket, _, key = path.partition("/")
            return S3Location(bucket, key)
    raise ValidationException(
        f"Invalid S3 URI '{uri}': expected s3://bucket/key or https://bucket.s3.region.amazonaws.com/key."
    )


def check_bucket_name(name: str) -> None:
    """Holds S3's rules for names of general purpose buckets.

    Raises:
        InvalidBucketName: the name breaks one.
    """
    if (
        not _BUCKET.fullmatch(name)
        or ".." in name
        or name.startswith(_RESERVED_PREFIXES)
        or name.endswith(_RESERVED_SUFFIXES)
        or _is_address(name)
    ):
        raise InvalidBucketName(name)


def check_key(key: str) -> None:
    """Holds S3's rule for keys: 1 to 1024 bytes of UTF-8, anything in them.

    Raises:
        KeyTooLong: longer.
    """
    size = len(key.encode("utf-8", "surrogatepass"))
    if size > MAX_KEY_BYTES:
        raise KeyTooLong(size)


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
