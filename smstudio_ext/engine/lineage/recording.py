"""Writes what jobs and endpoints leave in the graph, a little after they changed and before anybody looks.

Recording waits until nobody is in a hurry: a job pays nothing for it. Operations that read the graph call `settle` first, so
they see every change that was acknowledged before. What was not recorded when the engine ended is found again by the time
of its change.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sqlalchemy import select

from smstudio_ext.engine.lineage.tracing import KINDS, trace
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.changes import Change

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

log = logging.getLogger("smstudio_ext.engine")
PART = "lineage.recorder"
_IDLE_SECONDS = 5.0
_AT_ONCE = 200
_OVERLAP_SECONDS = 5.0
"""A change is told of a little after its time: those close to the last recorded one are looked at again."""
_FAMILY, _KEY = "lineage", "recorded"


class Recorder:
    """Follows the changes of jobs and endpoints."""

    def __init__(self, ctx: EngineContext) -> None:
        self._ctx = ctx
        self._dirty: dict[tuple[str, str, str], None] = {}
        self._lock = threading.Lock()
        self._working = threading.Lock()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._started = ctx.clock.now()
        self._caught_up = False
        self._unsubscribe = ctx.store.changes.subscribe(self._changed)
        self._thread = threading.Thread(target=self._work, name="lineage", daemon=True)

    def start(self) -> None:
        """Begins to record in the background."""
        self._thread.start()

    def close(self) -> None:
        """Records what is left and ends."""
        self._unsubscribe()
        self._closed.set()
        self._some.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.settle()

    def settle(self) -> None:
        """Records everything that changed so far."""
        with self._working:
            self._catch_up()
            newest = 0.0
            while keys := self._take():
                try:
                    newest = max(newest, self._record(keys))
                except BaseException:
                    self._put_back(keys)
                    raise
            if newest:
                self._ctx.store.documents.put(_FAMILY, _KEY, {"until": newest})

    def _changed(self, change: Change) -> None:
        if change.kind in KINDS and not change.deleted:
            with self._lock:
                self._dirty[change.kind, change.region, change.name] = None
            self._some.set()

    def _take(self) -> list[tuple[str, str, str]]:
        with self._lock:
            keys = list(self._dirty)[:_AT_ONCE]
            for key in keys:
                del self._dirty[key]
            if not self._dirty:
                self._some.clear()
        return keys

    def _put_back(self, keys: list[tuple[str, str, str]]) -> None:
        with self._lock:
            self._dirty = dict.fromkeys(keys) | self._dirty

    def _record(self, keys: list[tuple[str, str, str]]) -> float:
        """Writes what some resources leave; returns when the last of them changed."""
        store = self._ctx.store
        rows = [row for key in keys if (row := store.resources.find(*key)) is not None]
        found = [one for row in rows if (one := trace(self._ctx, row)) is not None]
        store.lineage.record(
            (entity for one in found for entity in one.entities.values()),
            (edge for one in found for edge in one.edges),
        )
        return max((row.modified for row in rows), default=0.0)

    def _catch_up(self) -> None:
        """Finds what changed while no recorder watched."""
        if self._caught_up:
            return
        self._caught_up = True
        since = (self._ctx.store.documents.get(_FAMILY, _KEY) or {}).get("until", 0.0) - _OVERLAP_SECONDS
        column = tables.resources.c
        query = select(column.kind, column.region, column.name).where(
            column.kind.in_(KINDS), column.modified > since, column.modified <= self._started
        )
        with self._ctx.store.database.read() as connection:
            keys = [(row.kind, row.region, row.name) for row in connection.execute(query)]
        self._put_back(keys)

    def _work(self) -> None:
        while not self._closed.is_set():
            self._some.wait()
            if self._closed.wait(_IDLE_SECONDS):
                return
            try:
                self.settle()
            except Exception:
                log.exception(
                    "The lineage of some jobs is not recorded yet; the next look at the graph tries again."
                )


def start(ctx: EngineContext) -> None:
    """Makes the engine's recorder and starts it."""
    recorder = _recorder(ctx)
    recorder.start()


def settle(ctx: EngineContext) -> None:
    """Records what changed so far, before the graph is read."""
    _recorder(ctx).settle()


_making = threading.Lock()


def _recorder(ctx: EngineContext) -> Recorder:
    with _making:
        found = ctx.parts.get(PART)
        if found is None:
            found = ctx.parts[PART] = Recorder(ctx)
    return found
