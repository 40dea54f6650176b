"""The feed of changes for the Jupyter side: a bounded list of the last changes, read by long-poll."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from typing import Any
from urllib.parse import parse_qs

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.json_wire import dump
from smstudio_ext.engine.store.changes import Change

EVENTS_PATH = "/_smstudio/events"
CAPACITY = 4096
LONGEST_WAIT = 50.0
_PAGE = 1000


class Feed:
    """Numbers changes from 1 and keeps the last ones. All methods are for the event loop's thread.

    Numbers begin anew with each engine process; `epoch` tells processes apart.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.epoch = secrets.token_hex(8)
        self._last = 0
        self._events: deque[dict[str, Any]] = deque(maxlen=capacity)
        self._waiting: set[asyncio.Future[None]] = set()
        self._closed = False

    def notice(self, change: Change) -> None:
        """Adds a change and wakes the readers."""
        self._last += 1
        self._events.append(
            {
                "seq": self._last,
                "kind": change.kind,
                "region": change.region,
                "name": change.name,
                "status": change.status,
                "secondary": change.secondary,
                "version": change.version,
                "deleted": change.deleted,
            }
        )
        self._wake()

    def close(self) -> None:
        """Answers everyone who waits: the engine stops."""
        self._closed = True
        self._wake()

    async def answer(self, query: str) -> HttpResponse:
        """Answers `since=N&epoch=E&wait=S`.

        Without `since`, or with one of another process or too old to be complete, the answer comes at once with
        `reset` true: list anew, then go on from `next`.
        """
        values = {name: texts[-1] for name, texts in parse_qs(query).items()}
        try:
            since = int(values["since"]) if "since" in values else None
            wait = min(max(float(values.get("wait", "25")), 0.0), LONGEST_WAIT)
        except ValueError:
            raise ValidationException("since and wait must be numbers.") from None
        oldest = self._events[0]["seq"] - 1 if self._events else self._last
        if (
            since is None
            or values.get("epoch", self.epoch) != self.epoch
            or not oldest <= since <= self._last
        ):
            return self._reply([], self._last, reset=True)
        if since == self._last and wait > 0:
            await self._next_change(wait)
        new = [event for event in self._events if event["seq"] > since][:_PAGE]
        return self._reply(new, new[-1]["seq"] if new else since, reset=False)

    def _reply(self, events: list[dict[str, Any]], position: int, *, reset: bool) -> HttpResponse:
        body = dump({"epoch": self.epoch, "events": events, "next": position, "reset": reset})
        return HttpResponse(200, [("content-type", "application/json"), ("cache-control", "no-store")], body)

    async def _next_change(self, seconds: float) -> None:
        if self._closed:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait_for(future, seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            self._waiting.discard(future)

    def _wake(self) -> None:
        for future in list(self._waiting):
            if not future.done():
                future.set_result(None)
