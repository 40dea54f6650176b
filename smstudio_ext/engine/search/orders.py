"""Sorted results that are kept for a moment, so that scrolling through a long table sorts it once."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.experiments.naming import COMPONENT
from smstudio_ext.engine.experiments.news import METRICS_KIND

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Store
    from smstudio_ext.engine.store.changes import Change

PART = "search.orders"
MOST = 8
KEPT_SECONDS = 15.0
"""Longest that an order is used; changes that nobody tells of (tags) show after that."""
CALM_SECONDS = 2.0
"""How long an order is used although rows have changed: while jobs log metrics, a table that is scrolled stays still."""


class Orders:
    """The last sorted results of an engine. Safe from any thread."""

    def __init__(self, store: Store) -> None:
        self._lock = threading.Lock()
        self._changes: Counter[str] = Counter()
        self._kept: OrderedDict[str, tuple[float, int, Any]] = OrderedDict()
        self._unsubscribe = store.changes.subscribe(self._notice)

    @staticmethod
    def of_engine(ctx: EngineContext) -> Orders:
        """Those of an engine."""
        part = ctx.parts.get(PART)
        if part is None:
            part = ctx.parts.setdefault(PART, Orders(ctx.store))
        assert isinstance(part, Orders)
        return part

    def of(self, kind: str, stamp: str, make: Callable[[], Any]) -> Any:
        """The identities of a result in order: kept ones, or those that `make` finds."""
        now = time.monotonic()
        with self._lock:
            version = self._changes[kind]
            made, seen, order = self._kept.get(stamp, (0.0, -1, None))
        age = now - made
        if order is not None and age < (KEPT_SECONDS if seen == version else CALM_SECONDS):
            return order
        order = make()
        with self._lock:
            self._kept[stamp] = (time.monotonic(), version, order)
            self._kept.move_to_end(stamp)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return order

    def close(self) -> None:
        """Keeps nothing any more."""
        self._unsubscribe()
        with self._lock:
            self._kept.clear()

    def _notice(self, change: Change) -> None:
        kind = COMPONENT if change.kind == METRICS_KIND else change.kind
        with self._lock:
            self._changes[kind] += 1
