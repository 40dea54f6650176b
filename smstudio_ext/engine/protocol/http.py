"""Requests and responses between the front door and the services, with bodies that may stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from smstudio_ext.engine.errors import AwsError


@dataclass(frozen=True)
class SignedBy:
    """The verified signature of a request; chunks of a streamed S3 body are signed on from it.

    Attributes:
        key: signing key of the day, region and service (empty for version 2).
        scope: `date/region/service/aws4_request`.
        amz_date: time of signing, `20260101T000000Z`.
        signature: of the request itself, hex.
    """

    key: bytes
    scope: str
    amz_date: str
    signature: str


@dataclass
class HttpRequest:
    """One HTTP request as it came in.

    Attributes:
        path: percent-encoded path as sent (needed for the signature), without the query.
        query: raw query string.
        headers: lower-case names; repeated ones joined by a comma.
        body: chunks of the body as sent on the wire; may be read once.
        signed_by: what the front door verified; None only in tests that bypass it.
        source_ip: address of the client; empty where it is unknown.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: AsyncIterator[bytes]
    signed_by: SignedBy | None = None
    source_ip: str = ""
    _read: bytes | None = field(default=None, repr=False)

    async def read(self, limit: int) -> bytes:
        """The whole body, at most `limit` bytes; repeated calls give the same bytes.

        Raises:
            AwsError: RequestEntityTooLarge (413) beyond the limit.
        """
        if self._read is None:
            chunks: list[bytes] = []
            size = 0
            async for chunk in self.body:
                size += len(chunk)
                if size > limit:
                    raise AwsError(
                        f"Request body exceeds the limit of {limit} bytes.",
                        code="RequestEntityTooLargeException",
                        status=413,
                    )
                chunks.append(chunk)
            self._read = b"".join(chunks)
        return self._read

    def read_now(self) -> bytes:
        """The body that `read` has read."""
        if self._read is None:
            raise RuntimeError("the body was not read yet")
        return self._read


@dataclass
class FileSlice:
    """Part of a file to send as a body: `length` bytes from `offset`.

    Attributes:
        file: the file, already open (S3: its name may vanish when the object is overwritten meanwhile); who
            sends the response reads from it instead of `path` and closes it in every case.
    """

    path: Path
    offset: int
    length: int
    file: BinaryIO | None = None


@dataclass
class HttpResponse:
    """What a service answers; header names in lower case (boto3 takes `x-amz-meta-*` verbatim)."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | FileSlice | AsyncIterator[bytes] = b""
