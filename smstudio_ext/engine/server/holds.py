"""Holds Describe calls of SDKs and waiters until the resource settles, so that their slow polling costs nothing.

Both SDKs and botocore's waiters sleep 5 to 120 s between looks. A look that is answered only when there is something
to see ends their wait at the right moment. What is held:

- requests of botocore waiters (their user agent says so) and of the SageMaker SDKs, until the status is final (a
  waiter that is told of an earlier change would go to sleep again), at most `HOLD_SECONDS`, because botocore gives up
  a silent connection after 60 s;
- those of waiters longer than that: they sleep for up to 120 s after each look, so their answer begins with blanks
  (which JSON allows before a value) that keep the connection alive until the resource settles;
- never those of programs that look for themselves: user agents with `smstudio` (pages, command line), with the SDK
  companion's mark (its sleeps are short, and its log tail must not stand still), and plain boto3 calls.

A job's creation is answered at the earliest in the second after the one that its name was made of. Programs name jobs
by the clock (`Batch-Transform-2026-11-21-08-33-53`) and rely on a job's taking longer than a second: with two quick
jobs in one second the next name would be taken already. The job itself starts at once.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable

from smstudio_ext.engine.store import ResourceStore
from smstudio_ext.engine.store.changes import Change

HOLD_SECONDS = 45.0
BLANK_SECONDS = 20.0
"""Pause between the blanks of a long answer."""
LONGEST_HOLD = 6 * 3600.0

COMPANION_MARK = "sdk-companion"
"""Application id that the SDK companion puts into the user agent."""

UNSETTLED = frozenset(
    {
        "InProgress",
        "Stopping",
        "Pending",
        "Starting",
        "Creating",
        "Updating",
        "SystemUpdating",
        "RollingBack",
        "Deleting",
    }
)
"""Statuses that a resource leaves by itself."""

_SDK = re.compile(r"sagemaker-python-sdk|sagemaker-core|sagemaker_core", re.IGNORECASE)
_TIMES = ("%H-%M-%S", "%H%M%S")
"""How names hold the time of day, in UTC or in the user's own zone."""

# Features in botocore's user agent are `m/` and letters; B is a waiter.
_WAITER = re.compile(r"(?:^|\s)m/(?:[^\s,]+,)*B(?:[,\s]|$)")

Key = tuple[str, str, str]


def is_waiter(user_agent: str) -> bool:
    """Says whether a botocore waiter asks."""
    return _WAITER.search(user_agent) is not None


def may_be_held(user_agent: str) -> bool:
    """Says whether the sender of a Describe call would rather wait for its answer."""
    if "smstudio" in user_agent.lower():
        return False
    if is_waiter(user_agent):
        return True
    return bool(_SDK.search(user_agent)) and COMPANION_MARK not in user_agent


def is_named_by(second: int, name: str) -> bool:
    """Says whether a name was made of a clock that shows this second and nothing finer.

    Args:
        second: Unix time.
    """
    clocks = {str(second)}
    for broken in (time.gmtime(second), time.localtime(second)):
        clocks.update(time.strftime(form, broken) for form in _TIMES)
    return any(re.search(rf"{clock}(?!\d|-\d{{3}}(?!\d))", name) for clock in clocks)


async def until_its_second_is_over(name: str, now: float) -> None:
    """Waits for the next second when a name was made of this one.

    Args:
        now: Unix time in seconds.
    """
    second = math.floor(now)
    if is_named_by(second, name):
        await asyncio.sleep(second + 1 - now)


class Holds:
    """Requests that wait for a resource. All methods are for the event loop's thread."""

    def __init__(self, resources: ResourceStore) -> None:
        self._resources = resources
        self._waiting: dict[Key, set[asyncio.Future[None]]] = {}
        self._closed = False

    async def until_settled(self, key: Key, seconds: float = HOLD_SECONDS) -> bool:
        """Waits until the resource is gone or its status is final.

        Returns:
            False when the time was over before; True also when the engine stops and nobody is to wait any longer.
        """
        if self._closed or not self._unsettled(key):
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(key, set())
        waiting.add(future)
        try:
            # Looked at again after entering the list, so that no change falls between.
            if self._unsettled(key):
                await asyncio.wait_for(future, seconds)
        except asyncio.TimeoutError:
            return False
        finally:
            waiting.discard(future)
            if not waiting and self._waiting.get(key) is waiting:
                del self._waiting[key]
        return True

    def notice(self, change: Change) -> None:
        """Lets those go who wait for the changed resource, if it has settled."""
        if not change.deleted and change.status in UNSETTLED:
            return
        self._release(self._waiting.get((change.kind, change.region, change.name), set()))

    def close(self) -> None:
        """Lets everyone go: the engine stops."""
        self._closed = True
        for waiting in list(self._waiting.values()):
            self._release(waiting)

    def _unsettled(self, key: Key) -> bool:
        return self._resources.status(*key) in UNSETTLED

    @staticmethod
    def _release(waiting: set[asyncio.Future[None]]) -> None:
        for future in waiting:
            if not future.done():
                future.set_result(None)


def on_loop(
    loop: asyncio.AbstractEventLoop, listeners: list[Callable[[Change], None]]
) -> Callable[[Change], None]:
    """A listener for the change bus that hands each change to `listeners` on the event loop."""

    def deliver(change: Change) -> None:
        for listener in listeners:
            listener(change)

    def listener(change: Change) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, change)

    return listener
