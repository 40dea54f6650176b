"""Requests and responses between the front door and the services, with bodies that may stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from smstudio_ext.engine.errors import AwsError


@dataclass
class HttpRequest:
    """One HTTP request as it came in.

    Attributes:
        path: percent-encoded path as sent (needed for the signature), without the query.
        query: raw query string.
        headers: lower-case names; repeated ones joined by a comma.
        body: chunks of the body as sent on the wire; may be read once.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: AsyncIterator[bytes]
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


@dataclass
class FileSlice:
    """Part of a file to send as a body: `length` bytes from `offset`."""

    path: Path
    offset: int
    length: int


@dataclass
class HttpResponse:
    """What a service answers; header names in lower case (boto3 takes `x-amz-meta-*` verbatim)."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | FileSlice | AsyncIterator[bytes] = b""
