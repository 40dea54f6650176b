"""Moves every unfinished resource on, one repeatable step at a time, from worker threads."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from smstudio_ext.engine.clock import Clock
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource, Store

logger = logging.getLogger("smstudio.engine.reconciler")

Key = tuple[str, str, str]
"""(kind, region, name) of a resource."""


class Signal(Enum):
    """What a step asks for, besides `After`."""

    AGAIN = "again"
    WAIT = "wait"
    DONE = "done"


@dataclass(frozen=True)
class After:
    """Call again when so many seconds have passed (or when woken)."""

    seconds: float


AGAIN = Signal.AGAIN
"""Call again at once."""
WAIT = Signal.WAIT
"""Call when woken; looked at again every few seconds anyway."""
DONE = Signal.DONE
"""`finished` was written; there is nothing left to do."""

Next = After | Signal


class Controller(Protocol):
    """Owns the resources of one kind.

    A controller may also have `resume(ctx, resource)`: called once for each unfinished resource when an engine
    starts, before any step runs (the place to take back what the resource held, such as its slot).
    """

    @property
    def kind(self) -> str:
        """The kind whose rows this controller moves."""
        ...

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """Moves `resource` one step. Runs in a worker thread; may be repeated at any time."""
        ...


CONTROLLERS: dict[str, Controller] = {}
"""Controllers by kind; modules fill it with `controller`."""

ControllerType = TypeVar("ControllerType", bound=type)


def controller(cls: ControllerType) -> ControllerType:
    """Class decorator: makes one instance of the controller and registers it for its kind."""
    instance = cls()
    CONTROLLERS[instance.kind] = instance
    return cls


@dataclass
class _Entry:
    due: float | None = None  # when to step; None while nothing is planned
    ticket: int = 0  # which heap item is the valid one
    running: bool = False
    woken: bool = False
    failures: int = 0


@dataclass
class _Agenda:
    entries: dict[Key, _Entry] = field(default_factory=dict)
    heap: list[tuple[float, int, Key]] = field(default_factory=list)


class Reconciler:
    """Calls controllers until every resource is finished.

    A resource is never stepped by two threads at once. An exception in a step is logged and the step repeated with
    growing pauses; it never ends the loop.

    Args:
        workers: threads; a step may do file work, so there are more than cores.
        idle_seconds: how often waiting resources are looked at without being woken.
    """

    FIRST_PAUSE = 0.2
    LONGEST_PAUSE = 30.0

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        controllers: dict[str, Controller] | None = None,
        workers: int = 8,
        idle_seconds: float = 5.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._controllers = CONTROLLERS if controllers is None else controllers
        self._workers = workers
        self._idle = idle_seconds
        self._agenda = _Agenda()
        self._tickets = itertools.count(1)
        self._condition = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._ctx: EngineContext | None = None
        self._closing = False

    def attach(self, ctx: EngineContext) -> None:
        """Sets the context that steps get; `start` does it too."""
        self._ctx = ctx

    def start(self, ctx: EngineContext) -> None:
        """Takes up every unfinished resource and starts the workers."""
        self.attach(ctx)
        self.take_up()
        self._closing = False
        for number in range(self._workers):
            thread = threading.Thread(target=self._work, name=f"reconciler-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def take_up(self) -> int:
        """Plans a step for each unfinished resource; returns how many there are."""
        rows = self._store.resources.unfinished(self._controllers)
        for row in rows:
            resume = getattr(self._controllers[row.kind], "resume", None)
            if resume is None:
                continue
            try:
                resume(self._context, row)
            except Exception:  # one broken row must not keep the engine from starting; its step reports it
                logger.exception("%s %s could not be resumed", row.kind, row.name)
        for row in rows:
            self.wake(*row.key)
        return len(rows)

    def wake(self, kind: str, region: str, name: str) -> None:
        """Plans a step now; a step that is running is followed by another one."""
        if kind not in self._controllers:
            return
        key = (kind, region, name)
        with self._condition:
            entry = self._agenda.entries.setdefault(key, _Entry())
            if entry.running:
                entry.woken = True
            else:
                self._plan(key, entry, self._clock.monotonic())

    def wake_owner(self, owner: Key) -> None:
        """`wake` for an owner as process specifications and slots hold it."""
        self.wake(*owner)

    def close(self, timeout: float = 30.0) -> None:
        """Lets running steps end and stops the workers; resources stay as they are."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join(timeout)
        self._threads.clear()

    def step_once(self, kind: str, region: str, name: str) -> Next:
        """Runs one step in the calling thread and plans nothing: for tests.

        Raises what the step raises.
        """
        resource = self._store.resources.find(kind, region, name)
        if resource is None or resource.finished:
            return DONE
        return self._controllers[kind].step(self._context, resource)

    def run_due(self) -> int:
        """Runs in the calling thread all steps that are due, and those that they ask for at once: for tests."""
        count = 0
        while (key := self._take(block=False)) is not None:
            self._run(key)
            count += 1
        return count

    @property
    def _context(self) -> EngineContext:
        if self._ctx is None:
            raise RuntimeError("Reconciler.attach(ctx) or start(ctx) comes first")
        return self._ctx

    def _plan(self, key: Key, entry: _Entry, due: float) -> None:
        if entry.due is not None and entry.due <= due:
            return
        entry.due = due
        entry.ticket = next(self._tickets)
        heapq.heappush(self._agenda.heap, (due, entry.ticket, key))
        self._condition.notify()

    def _take(self, *, block: bool) -> Key | None:
        with self._condition:
            while not self._closing:
                now = self._clock.monotonic()
                heap = self._agenda.heap
                while heap:
                    due, ticket, key = heap[0]
                    entry = self._agenda.entries.get(key)
                    if entry is None or entry.ticket != ticket:
                        heapq.heappop(heap)  # planned anew or gone since
                        continue
                    if due > now:
                        break
                    heapq.heappop(heap)
                    entry.due, entry.running, entry.woken = None, True, False
                    return key
                if not block:
                    return None
                self._condition.wait(max(0.0, heap[0][0] - now) if heap else None)
            return None

    def _work(self) -> None:
        while (key := self._take(block=True)) is not None:
            self._run(key)

    def _run(self, key: Key) -> None:
        outcome: Next | None
        parent: Key | None = None
        try:
            resource = self._store.resources.find(*key)
            if resource is None or resource.finished:
                outcome = DONE
            else:
                parent = _parent_of(resource)
                outcome = self._controllers[key[0]].step(self._context, resource)
        except Exception:  # a step's failure is logged and repeated; it must never end the loop
            logger.exception("Step of %s %s (%s) failed; it is repeated", key[0], key[2], key[1])
            outcome = None
        self._settle(key, outcome)
        if outcome is DONE and parent is not None:
            self.wake(*parent)

    def _settle(self, key: Key, outcome: Next | None) -> None:
        now = self._clock.monotonic()
        with self._condition:
            entry = self._agenda.entries[key]
            entry.running = False
            entry.failures = 0 if outcome is not None else entry.failures + 1
            if outcome is DONE and not entry.woken:
                del self._agenda.entries[key]
                return
            self._plan(key, entry, now + self._pause(entry, outcome))

    def _pause(self, entry: _Entry, outcome: Next | None) -> float:
        if outcome is None:
            return float(min(self.LONGEST_PAUSE, self.FIRST_PAUSE * 2 ** min(entry.failures - 1, 12)))
        if entry.woken or outcome is AGAIN:
            return 0.0
        if isinstance(outcome, After):
            return max(0.0, outcome.seconds)
        return self._idle


def _parent_of(resource: Resource) -> Key | None:
    if resource.parent is None:
        return None
    kind, _, name = resource.parent.partition("/")
    return (kind, resource.region, name)
