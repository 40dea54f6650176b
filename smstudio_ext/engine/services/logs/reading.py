"""Reads events of a log stream forwards and backwards, from a job's file or from the data base, and filters them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Select, select

from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime.joblogs import LogStream, read_backward, read_forward
from smstudio_ext.engine.store import tables

MAX_EVENTS = 10_000
MAX_BYTES = 1024 * 1024
_OVERHEAD = 26  # bytes that AWS counts for each event beside its message
_ID_BITS = 32


@dataclass(frozen=True)
class Event:
    """One event. `position` orders the events of a stream and never changes."""

    timestamp: int
    message: str
    ingested: int
    position: int


@dataclass(frozen=True)
class Events:
    """A page of events; `start` and `end` are the positions to read on from, backwards and forwards."""

    events: list[Event]
    start: int
    end: int


class Source(Protocol):
    """The events of one stream."""

    def forward(self, position: int, limit: int, since: int | None, until: int | None) -> Events:
        """Events from `position` on; `since` inclusive and `until` exclusive, epoch milliseconds."""
        ...

    def backward(self, position: int | None, limit: int, since: int | None, until: int | None) -> Events:
        """The last events before `position` (None: before the end), oldest first."""
        ...


def source(ctx: EngineContext, stream: LogStream) -> Source:
    """Where the events of a stream are."""
    return _FileSource(stream) if stream.path is not None else _TableSource(ctx, stream)


class _FileSource:
    """A job's log file; positions are byte offsets."""

    def __init__(self, stream: LogStream) -> None:
        assert stream.path is not None
        self._path = stream.path

    def forward(self, position: int, limit: int, since: int | None, until: int | None) -> Events:
        page = read_forward(
            self._path, position, limit, max_bytes=MAX_BYTES, start_time=since, end_time=until
        )
        return Events(
            [Event(e.timestamp, e.message, e.timestamp, e.position) for e in page.events],
            page.start,
            page.end,
        )

    def backward(self, position: int | None, limit: int, since: int | None, until: int | None) -> Events:
        page = read_backward(
            self._path, position, limit, max_bytes=MAX_BYTES, start_time=since, end_time=until
        )
        return Events(
            [Event(e.timestamp, e.message, e.timestamp, e.position) for e in page.events],
            page.start,
            page.end,
        )


class _TableSource:
    """Events of PutLogEvents; positions are timestamp and row id in one number."""

    def __init__(self, ctx: EngineContext, stream: LogStream) -> None:
        self._database = ctx.store.database
        self._stream = stream

    def forward(self, position: int, limit: int, since: int | None, until: int | None) -> Events:
        table = tables.log_events
        stamp, row = position >> _ID_BITS, position & ((1 << _ID_BITS) - 1)
        query = self._query(since, until).where(
            (table.c.timestamp > stamp) | ((table.c.timestamp == stamp) & (table.c.id >= row))
        )
        events = self._events(query.order_by(table.c.timestamp, table.c.id).limit(limit))
        end = events[-1].position + 1 if events else position
        return Events(events, events[0].position if events else position, end)

    def backward(self, position: int | None, limit: int, since: int | None, until: int | None) -> Events:
        table = tables.log_events
        query = self._query(since, until)
        if position is not None:
            stamp, row = position >> _ID_BITS, position & ((1 << _ID_BITS) - 1)
            query = query.where(
                (table.c.timestamp < stamp) | ((table.c.timestamp == stamp) & (table.c.id < row))
            )
        events = self._events(query.order_by(table.c.timestamp.desc(), table.c.id.desc()).limit(limit))[::-1]
        if not events:
            return Events([], position or 0, position or 0)
        return Events(events, events[0].position, events[-1].position + 1)

    def _query(self, since: int | None, until: int | None) -> Select[tuple[int, int, int, str]]:
        table = tables.log_events
        query = select(table.c.id, table.c.timestamp, table.c.ingested, table.c.message).where(
            table.c.region == self._stream.region,
            table.c.group == self._stream.group,
            table.c.stream == self._stream.name,
        )
        if since is not None:
            query = query.where(table.c.timestamp >= since)
        return query if until is None else query.where(table.c.timestamp < until)

    def _events(self, query: Select[tuple[int, int, int, str]]) -> list[Event]:
        """Rows in the order of the query, up to the size that one answer may have."""
        events: list[Event] = []
        size = 0
        with self._database.read() as connection:
            for row in connection.execute(query):
                size += len(row.message.encode()) + _OVERHEAD
                if events and size > MAX_BYTES:
                    break
                events.append(
                    Event(row.timestamp, row.message, row.ingested, (row.timestamp << _ID_BITS) | row.id)
                )
        return events


def iterate(stream: Source, position: int, since: int | None, until: int | None) -> Iterator[Event]:
    """Every event of a stream from a position on."""
    while True:
        page = stream.forward(position, MAX_EVENTS, since, until)
        yield from page.events
        if not page.events or page.end == position:
            return
        position = page.end


def matcher(pattern: str) -> Callable[[str], bool]:
    """A predicate for CloudWatch's filter pattern of terms.

    `a b` wants both, `?a ?b` either, `-a` none of it, `"two words"` a phrase, `%regex%` a match.

    Raises:
        AwsError: InvalidParameterException for a pattern that is not one, or of JSON and columns.
    """
    text = pattern.strip()
    if not text:
        return lambda message: True
    if text[0] in "{[":
        raise _invalid(
            "Filter patterns for JSON and space-delimited events are not offered by this engine yet."
        )
    if len(text) > 1 and text[0] == text[-1] == "%":
        try:
            compiled = re.compile(text[1:-1])
        except re.error as error:
            raise _invalid(f"Invalid filter pattern: {error}") from None
        return lambda message: compiled.search(message) is not None
    try:
        lexer = shlex.shlex(text, posix=True)
        lexer.whitespace_split, lexer.commenters, lexer.quotes, lexer.escape = True, "", '"', ""
        terms = list(lexer)
    except ValueError:
        raise _invalid("Invalid filter pattern: a quotation mark is missing.") from None
    any_of = [term[1:] for term in terms if term.startswith("?")]
    none_of = [term[1:] for term in terms if term.startswith("-") and len(term) > 1]
    all_of = [term for term in terms if not term.startswith(("?", "-"))]

    def matches(message: str) -> bool:
        if any(term in message for term in none_of) or not all(term in message for term in all_of):
            return False
        return not any_of or any(term in message for term in any_of)

    return matches


def _invalid(message: str) -> AwsError:
    return AwsError(message, code="InvalidParameterException", status=400)
