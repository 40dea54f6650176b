"""Tells who waits (held Describe calls, the event stream, controllers) that a resource changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One change of one resource."""

    kind: str
    region: str
    name: str
    status: str
    version: int
    deleted: bool = False
    secondary: str = ""


Listener = Callable[[Change], None]


class ChangeBus:
    """Calls every listener after each committed change, in the thread that made it.

    Listeners must return at once; one that needs the event loop hands over with `call_soon_threadsafe`.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; the returned function takes it away."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def publish(self, change: Change) -> None:
        """Tells all listeners."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(change)
