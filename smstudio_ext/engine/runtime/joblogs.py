"""Log streams of jobs and model servers: files of stamped lines that CloudWatch Logs calls read in pages.

A log file has one event a line: 13 digits of epoch milliseconds, a blank, the message. Supervisors append to it; a
line without its newline is not there yet. The byte offset of a line is its position: it never changes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from smstudio_ext.engine.clock import Clock
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.database import Database

TRAINING_GROUP = "/aws/sagemaker/TrainingJobs"
PROCESSING_GROUP = "/aws/sagemaker/ProcessingJobs"
TRANSFORM_GROUP = "/aws/sagemaker/TransformJobs"

STAMP_WIDTH = 14
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class LogEvent:
    """One line of a log.

    Attributes:
        timestamp: epoch milliseconds.
        position: byte offset of the line in its file.
        end: byte offset of the line after it.
    """

    timestamp: int
    message: str
    position: int
    end: int


@dataclass(frozen=True)
class LogPage:
    """Events in the order they were written.

    Attributes:
        start: position where the page begins: read backwards from here for what came before.
        end: position after the page: read on from here.
    """

    events: list[LogEvent]
    start: int
    end: int


@dataclass(frozen=True)
class LogStream:
    """One stream; `path` is None when its events were put by PutLogEvents and are in `log_events`."""

    region: str
    group: str
    name: str
    created: float
    path: Path | None
    last_event: float | None = None


class LogStore:
    """The registry of log groups and streams, and readers of the files behind them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def register(self, region: str, group: str, stream: str, path: Path) -> None:
        """Makes a stream (and its group) whose events are the lines of `path`; repeating it is harmless."""
        now = self._clock.now()
        self.ensure_group(region, group)
        table = tables.log_streams
        if self.stream(region, group, stream) is not None:
            return
        try:
            with self._database.write(durable=False) as connection:
                connection.execute(
                    insert(table).values(region=region, group=group, name=stream, created=now, path=str(path))
                )
        except IntegrityError:
            return  # another thread was first

    def ensure_group(self, region: str, group: str) -> None:
        """Makes a log group unless it is there."""
        table = tables.log_groups
        with self._database.read() as connection:
            if connection.execute(
                select(table.c.name).where(table.c.region == region, table.c.name == group)
            ).first():
                return
        try:
            with self._database.write() as connection:
                connection.execute(insert(table).values(region=region, name=group, created=self._clock.now()))
        except IntegrityError:
            return  # another thread was first

    def stream(self, region: str, group: str, name: str) -> LogStream | None:
        """The stream of that name, or None."""
        table = tables.log_streams
        where = (table.c.region == region, table.c.group == group, table.c.name == name)
        with self._database.read() as connection:
            row = connection.execute(select(table).where(*where)).first()
        return None if row is None else _stream(row)

    def streams(self, region: str, group: str, prefix: str = "") -> list[LogStream]:
        """Streams of a group whose names begin with `prefix`, by name; none for an unknown group."""
        table = tables.log_streams
        where = [table.c.region == region, table.c.group == group]
        if prefix:
            where += [table.c.name >= prefix, table.c.name < prefix + "\U0010ffff"]
        with self._database.read() as connection:
            rows = connection.execute(select(table).where(*where).order_by(table.c.name)).fetchall()
        return [_stream(row) for row in rows]

    def forget(self, region: str, group: str, name: str) -> None:
        """Takes a stream and its file away."""
        found = self.stream(region, group, name)
        if found is None:
            return
        table = tables.log_streams
        with self._database.write() as connection:
            connection.execute(
                delete(table).where(table.c.region == region, table.c.group == group, table.c.name == name)
            )
        if found.path is not None:
            found.path.unlink(missing_ok=True)

    def read(
        self,
        region: str,
        group: str,
        stream: str,
        position: int = 0,
        limit: int = 10_000,
        *,
        max_bytes: int = 1024 * 1024,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> LogPage:
        """Events of a file stream from `position` on, as many as `limit` and `max_bytes` allow.

        Args:
            start_time, end_time: epoch milliseconds; events before the first or not before the second are passed over.
        """
        path = self._path(region, group, stream)
        if path is None:
            return LogPage([], position, position)
        return read_forward(
            path, position, limit, max_bytes=max_bytes, start_time=start_time, end_time=end_time
        )

    def read_back(
        self,
        region: str,
        group: str,
        stream: str,
        position: int | None = None,
        limit: int = 10_000,
        *,
        max_bytes: int = 1024 * 1024,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> LogPage:
        """The last events before `position` (the end of the file by default), oldest of them first."""
        path = self._path(region, group, stream)
        if path is None:
            return LogPage([], position or 0, position or 0)
        return read_backward(
            path, position, limit, max_bytes=max_bytes, start_time=start_time, end_time=end_time
        )

    def span(self, region: str, group: str, stream: str) -> tuple[int, int] | None:
        """Timestamps (ms) of the first and the last event of a file stream; None while it has none."""
        path = self._path(region, group, stream)
        if path is None:
            return None
        first = read_forward(path, 0, 1).events
        last = read_backward(path, None, 1).events
        return (first[0].timestamp, last[-1].timestamp) if first and last else None

    def _path(self, region: str, group: str, stream: str) -> Path | None:
        found = self.stream(region, group, stream)
        return None if found is None else found.path


def read_forward(
    path: Path,
    position: int = 0,
    limit: int = 10_000,
    *,
    max_bytes: int = 1024 * 1024,
    start_time: int | None = None,
    end_time: int | None = None,
) -> LogPage:
    """`LogStore.read` on a file; a missing file has no events."""
    events, last = _gather(_lines_from(path, position), limit, max_bytes, start_time, end_time)
    return LogPage(events, events[0].position if events else position, position if last is None else last.end)


def read_backward(
    path: Path,
    position: int | None = None,
    limit: int = 10_000,
    *,
    max_bytes: int = 1024 * 1024,
    start_time: int | None = None,
    end_time: int | None = None,
) -> LogPage:
    """`LogStore.read_back` on a file; a missing file has no events."""
    end = _complete_size(path) if position is None else position
    events, first = _gather(_lines_before(path, end), limit, max_bytes, start_time, end_time)
    events.reverse()
    return LogPage(events, end if first is None else first.position, events[-1].end if events else end)


def _gather(
    lines: Iterable[LogEvent], limit: int, max_bytes: int, start_time: int | None, end_time: int | None
) -> tuple[list[LogEvent], LogEvent | None]:
    """Events within the times, as many as the limits allow, and the last line that was passed."""
    events: list[LogEvent] = []
    passed, size = None, 0
    for event in lines:
        if _within(event, start_time, end_time):
            size += event.end - event.position
            if len(events) >= limit or (events and size > max_bytes):
                break
            events.append(event)
        passed = event
    return events, passed


def iterate_events(path: Path, position: int = 0) -> Iterator[LogEvent]:
    """Every event of a log file, from the line that begins at byte `position` on."""
    return _lines_from(path, position)


def _lines_from(path: Path, position: int) -> Iterator[LogEvent]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(position)
        at = position
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            yield _event(raw, at)
            at += len(raw)


def _lines_before(path: Path, end: int) -> Iterator[LogEvent]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        tail = b""  # bytes from `at` on whose line begins before `at`
        at = end
        while at > 0:
            start = max(0, at - _BLOCK)
            file.seek(start)
            block = file.read(at - start) + tail
            cut = 0 if start == 0 else block.find(b"\n") + 1
            if start and cut == 0:
                tail, at = block, start  # a line longer than the block
                continue
            tail = block[:cut]
            offset = start + len(block)
            for raw in reversed(io.BytesIO(block[cut:]).readlines()):
                offset -= len(raw)
                yield _event(raw, offset)
            at = start


def _complete_size(path: Path) -> int:
    """Size up to the last newline."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return 0
    with file:
        at = file.seek(0, io.SEEK_END)
        while at > 0:
            start = max(0, at - _BLOCK)
            file.seek(start)
            found = file.read(at - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
        return 0


def _event(raw: bytes, position: int) -> LogEvent:
    try:
        stamp = int(raw[: STAMP_WIDTH - 1])
    except ValueError:  # a line cut by a full disk
        return LogEvent(0, raw.decode("utf-8", "replace").rstrip("\n"), position, position + len(raw))
    message = raw[STAMP_WIDTH:-1].decode("utf-8", "replace")
    return LogEvent(stamp, message, position, position + len(raw))


def _within(event: LogEvent, start_time: int | None, end_time: int | None) -> bool:
    return (start_time is None or event.timestamp >= start_time) and (
        end_time is None or event.timestamp < end_time
    )


def _stream(row: Row[Any]) -> LogStream:
    return LogStream(
        region=row.region,
        group=row.group,
        name=row.name,
        created=row.created,
        path=Path(row.path) if row.path else None,
        last_event=row.last_event,
    )
