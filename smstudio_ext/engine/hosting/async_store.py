"""Asynchronous invocations that wait or run, kept in the store so that a killed engine forgets none."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstudio_ext.engine.context import EngineContext

FAMILY = "async-invocation"


@dataclass
class AsyncInvocation:
    """One request in the queue of an asynchronous endpoint.

    Attributes:
        input: s3:// address of the request's body; None when it came with the call.
        body: the body that came with the call, base64.
        output, failure: s3:// addresses for the answer and for what went wrong.
        headers: further headers for the model.
        accepted: when it came in, seconds since the epoch.
        expires: seconds that it may wait.
        timeout: seconds that the model may take.
    """

    region: str
    endpoint: str
    inference_id: str
    input: str | None
    body: str | None
    output: str
    failure: str | None
    content_type: str
    accept: str
    headers: dict[str, str]
    accepted: float
    expires: float
    timeout: float

    @property
    def key(self) -> str:
        """Name in the store; sorts in the order of arrival."""
        return f"{_prefix(self.region, self.endpoint)}{self.accepted:017.6f}-{self.inference_id}"

    def inline_body(self) -> bytes | None:
        """The body that came with the call."""
        return None if self.body is None else base64.b64decode(self.body)


def save(ctx: EngineContext, invocation: AsyncInvocation) -> None:
    """Notes an invocation before it is acknowledged."""
    ctx.store.documents.put(FAMILY, invocation.key, asdict(invocation))


def done(ctx: EngineContext, invocation: AsyncInvocation) -> None:
    """Forgets an invocation whose answer is stored."""
    ctx.store.documents.delete(FAMILY, invocation.key)


def waiting(ctx: EngineContext) -> Iterator[AsyncInvocation]:
    """Every invocation that is not done, in the order of arrival for each endpoint."""
    for document in ctx.store.documents.all(FAMILY):
        yield AsyncInvocation(**_known(document))


def count(ctx: EngineContext, region: str, endpoint: str) -> int:
    """How many invocations of an endpoint are not done."""
    query = select(func.count()).select_from(tables.documents).where(*_of(region, endpoint))
    with ctx.store.database.read() as connection:
        return int(connection.execute(query).scalar_one())


def forget(ctx: EngineContext, region: str, endpoint: str) -> None:
    """Drops the queue of an endpoint that is deleted."""
    with ctx.store.database.write() as connection:
        connection.execute(delete(tables.documents).where(*_of(region, endpoint)))


def _of(region: str, endpoint: str) -> tuple[Any, ...]:
    key, prefix = tables.documents.c.key, _prefix(region, endpoint)
    return (tables.documents.c.family == FAMILY, key >= prefix, key < prefix + "~")


def _prefix(region: str, endpoint: str) -> str:
    return f"{region}/{endpoint}/"


def _known(document: dict[str, Any]) -> dict[str, Any]:
    names = AsyncInvocation.__dataclass_fields__
    return {name: value for name, value in document.items() if name in names}
