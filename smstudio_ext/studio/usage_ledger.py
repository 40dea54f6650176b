"""What was metered, kept on disk: AWS and the engine forget ended endpoints and jobs, and clocks are set in between."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from smstudio_ext.studio.metering import Span
from smstudio_ext.studio.models.running import Metered
from smstudio_ext.target import Target

FILE = "notebooks/usage.sqlite"
"""Name in the data directory. Several servers may use it at once."""

NOISE = 2.0
"""Seconds; a clock that is off by less was slewed, not set."""

PATIENCE = 60.0
"""Seconds to wait for other servers that write."""

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS spans (
    place TEXT NOT NULL, metered TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, instance_type TEXT NOT NULL,
    started REAL NOT NULL, ended REAL, count INTEGER NOT NULL, seen REAL NOT NULL,
    boot TEXT NOT NULL, offset REAL NOT NULL, drift REAL NOT NULL,
    PRIMARY KEY (place, metered, owner, name, instance_type, started)
    )""",
    "CREATE INDEX IF NOT EXISTS spans_by_end ON spans (place, ended)",
    """CREATE TABLE IF NOT EXISTS looked (
    place TEXT NOT NULL, what TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (place, what)
    )""",
)

_SAME = 0.002
"""Seconds by which two notes of the same start may differ: AWS tells milliseconds."""

_KEY = "place = ? AND metered = ? AND owner = ? AND name = ? AND instance_type = ?"
_FOUND = "SELECT ended, count, boot, offset, started FROM spans WHERE"
_FIND_OPEN = f"{_FOUND} {_KEY} AND started >= ? ORDER BY started DESC LIMIT 1"
_FIND_ENDED = f"{_FOUND} {_KEY} AND started >= ? ORDER BY started LIMIT 1"
_END = f"UPDATE spans SET ended = ? WHERE {_KEY} AND started = ?"
_SEE = f"UPDATE spans SET ended = ?, seen = ?, drift = coalesce(?, drift) WHERE {_KEY} AND started = ?"
_ADD = "INSERT OR IGNORE INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"

_Row = tuple[str, str, str, str, float]
"""What a row is, within a place: kind, owner, name, instance type, start."""


@dataclass(frozen=True)
class Clock:
    """Where the ledger has its time from.

    Attributes:
        now: seconds since the epoch; may be set.
        steady: seconds since the machine started, suspended time included; is never set.
        boot: names that start of the machine.
    """

    now: Callable[[], float] = time.time
    steady: Callable[[], float] = field(default=lambda: _since_boot())
    boot: Callable[[], str] = field(default=lambda: _boot_id())


class UsageLedger:
    """The ledger of one data directory.

    Args:
        data_dir: of the local engine.
        clock: for tests.
    """

    def __init__(self, data_dir: Path, clock: Clock | None = None) -> None:
        self._path = data_dir / FILE
        self._clock = clock or Clock()

    def note(self, place: str, spans: Iterable[Span], *, complete: Iterable[Metered] = ()) -> None:
        """Writes what was seen.

        Args:
            place: whose times they are: `local/us-east-1`, or account and region of AWS.
            spans: running and ended ones; seen again they are brought up to date.
            complete: kinds of which `spans` has all that run: others of these kinds have ended since they were last seen.
        """
        now, offset, boot = self._clock.now(), self._offset(), self._clock.boot()
        with self._connect() as db:
            running: set[_Row] = set()
            for span in spans:
                running.add(self._put(db, place, span, now, offset, boot))
            for metered in complete:
                self._end_missing(db, place, metered, running)

    def spans(self, place: str, since: float = 0.0) -> list[Span]:
        """Everything that was metered at a place and had not ended before `since`, oldest first."""
        with self._connect() as db:
            rows = db.execute(
                "SELECT metered, owner, name, instance_type, started, ended, count, drift FROM spans "
                "WHERE place = ? AND (ended IS NULL OR ended >= ?) ORDER BY started",
                (place, since),
            ).fetchall()
        return [
            Span(
                cast(Metered, row[0]),
                row[1],
                row[2],
                row[3],
                row[4],
                row[5],
                row[6],
                row[7] if abs(row[7]) >= NOISE else 0.0,
            )
            for row in rows
        ]

    def chain(self, place: str, metered: Metered, since: float) -> list[Span]:
        """Spans that had not ended before `since`, and all earlier ones that touch them, and so on."""
        while True:
            found = [span for span in self.spans(place, since) if span.metered == metered]
            earliest = min((span.started for span in found), default=since)
            if earliest >= since:
                return found
            since = earliest

    def ended(self, place: str, metered: Metered, owner: str, name: str, started: float) -> float | None:
        """When something ended, if that was noted."""
        with self._connect() as db:
            row = db.execute(
                "SELECT ended FROM spans WHERE place = ? AND metered = ? AND owner = ? AND name = ? "
                "AND abs(started - ?) < 0.002",
                (place, metered, owner, name, started),
            ).fetchone()
        return float(row[0]) if row and row[0] is not None else None

    def looked(self, place: str, what: str) -> float:
        """When a list was last read to its end, seconds since the epoch; 0 for never."""
        with self._connect() as db:
            row = db.execute("SELECT at FROM looked WHERE place = ? AND what = ?", (place, what)).fetchone()
        return float(row[0]) if row else 0.0

    def note_look(self, place: str, what: str, at: float) -> None:
        """Notes that a list was read to its end."""
        with self._connect() as db:
            db.execute("INSERT OR REPLACE INTO looked VALUES (?, ?, ?)", (place, what, at))

    def _put(
        self, db: sqlite3.Connection, place: str, span: Span, now: float, offset: float, boot: str
    ) -> _Row:
        key = (place, span.metered, span.owner, span.name, span.instance_type)
        row = db.execute(
            _FIND_OPEN if span.ended is None else _FIND_ENDED, (*key, span.started - _SAME)
        ).fetchone()
        if row is not None and span.ended is not None and row[4] > span.started + _SAME:
            row = None  # a later one of the same name
        if row is not None and row[1] != span.count and span.ended is None:
            # An endpoint that was scaled: what ran until now had the old number of instances.
            db.execute(_END, (now, *key, row[4]))
            started = now
        elif row is not None:
            started = row[4]
            drift = offset - row[3] if row[2] == boot and row[0] is None else None
            db.execute(_SEE, (span.ended, now, drift, *key, started))
            return (*key[1:], started)
        else:
            started = span.started
        db.execute(_ADD, (*key, started, span.ended, span.count, now, boot, offset))
        return (*key[1:], started)

    def _end_missing(self, db: sqlite3.Connection, place: str, metered: Metered, running: set[_Row]) -> None:
        rows = db.execute(
            "SELECT metered, owner, name, instance_type, started, seen FROM spans "
            "WHERE place = ? AND metered = ? AND ended IS NULL",
            (place, metered),
        ).fetchall()
        for row in rows:
            if tuple(row[:5]) not in running:
                db.execute(_END, (max(row[5], row[4]), place, *row[:5]))

    def _offset(self) -> float:
        """By how much the clock is ahead of the time since the machine started: changes only when the clock is set."""
        return self._clock.now() - self._clock.steady()

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous=NORMAL")  # what a power cut takes is told again at the next look
            # The one lock that is waited for in every case: a change of the journal's mode fails at once beside a writer.
            db.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                db.execute(statement)
            yield db
            db.execute("COMMIT")
        finally:
            db.close()  # what was not committed is undone


def place_of(target: Target) -> str:
    """Whose times the ledger keeps apart: the engine's, or an account's; by region."""
    if target.kind == "local":
        return f"local/{target.region}"
    return f"{target.identity()['Account']}/{target.region}"


def _since_boot() -> float:
    """Seconds since the machine started, with the time in which it was suspended where the system counts it."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # macOS: its monotonic clock begins anew as well
        return "boot"
