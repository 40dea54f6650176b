"""Tells pages that metrics came, without a word for each of a thousand calls a second."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from smstudio_ext.engine.store.changes import Change

if TYPE_CHECKING:
    from smstudio_ext.engine.store import Store

METRICS_KIND = "ExperimentTrialComponentMetrics"
"""Kind of the change that new metric points of a component are."""
QUIET_SECONDS = 0.5

_Key = tuple[str, str]


class MetricNews:
    """The first word of a component is passed on at once; what follows within half a second is one word at its end."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._rests: dict[_Key, float] = {}  # component -> when its rest is over; in that order
        self._more: set[_Key] = set()  # more came while they rest
        self._thread: threading.Thread | None = None
        self._closed = False
        self._version = 0

    def tell(self, region: str, component: str) -> None:
        """Something came for a component."""
        key = (region, component)
        with self._changed:
            if self._closed:
                return
            if key in self._rests:
                self._more.add(key)
                return
            self._rests[key] = time.monotonic() + QUIET_SECONDS
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="metric-news", daemon=True)
                self._thread.start()
            self._changed.notify()
        self._publish([key])

    def close(self) -> None:
        """Nothing is told any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._rests and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                first = next(iter(self._rests.values()))
                self._changed.wait(max(0.0, first - time.monotonic()))
                told = self._over(time.monotonic())
            self._publish(told)

    def _over(self, now: float) -> list[_Key]:
        """Ends rests; components that more came for rest again and are to be told."""
        told = []
        for key in [key for key, end in self._rests.items() if end <= now]:
            del self._rests[key]
            if key in self._more:
                self._more.discard(key)
                self._rests[key] = now + QUIET_SECONDS
                told.append(key)
        return told

    def _publish(self, keys: list[_Key]) -> None:
        for region, name in keys:
            self._version += 1
            self._store.changes.publish(Change(METRICS_KIND, region, name, "", self._version))
