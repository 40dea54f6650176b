"""Follows the chosen target and announces its changes: the engine's feed, or one poller of AWS for all pages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smstudio_ext.routes.session import StudioSession
    from smstudio_ext.target import LocalEngine, Target

log = logging.getLogger(__name__)

FEED_WAIT = 25
BUSY_SECONDS = 5.0
"""Between two looks at AWS while something runs."""
IDLE_SECONDS = (15.0, 30.0, 60.0)
"""Between two looks at AWS while nothing runs: slower and slower."""
ENGINE_SECONDS = 2.0
"""Between two looks for an engine that does not run: one look at a lock file."""
_RESET: dict[str, Any] = {"kind": "*", "name": "*", "status": "", "region": ""}


class Follower:
    """One task of the server. It starts with the first visible page and rests while no page is visible.

    Args:
        pause: waits for so many seconds between two looks at AWS; tests let time stand in.
    """

    def __init__(
        self, session: StudioSession, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._session = session
        self._pause = pause
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        session.presence.when_visible(self.wake)

    def wake(self) -> None:
        """Looks at once; from the event loop."""
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        """Ends the task."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            while not self._session.presence.anyone:
                self._wake.clear()
                await self._wake.wait()
            try:
                if self._session.switch.kind == "local":
                    await self._follow_engine()
                else:
                    await self._follow_aws()
            except Exception as error:  # whatever went wrong, pages must go on being told
                if _is_of_aws(
                    error
                ):  # pages say it, too; AWS is not asked every other second until somebody mends it
                    log.warning("Following AWS failed; trying again. %s", error)
                    await self._rest(IDLE_SECONDS[0])
                else:
                    log.warning("Following the target failed; trying again.", exc_info=True)
                    await self._rest(ENGINE_SECONDS)

    async def _follow_engine(self) -> None:
        """Follows the feed of one engine process until it ends, or the target changes."""
        engine = await self._in_thread(self._session.engine.find)
        if engine is None:
            await self._rest(ENGINE_SECONDS)
            return
        position = ""
        known = False
        while self._session.switch.kind == "local":
            headers, url = await self._in_thread(lambda: signed_feed_request(engine, position))  # noqa: B023 - awaited at once
            answer = await _fetch(url, headers)
            if answer is None:  # it ended or was restarted elsewhere: look for it again
                self._announce(
                    [{"kind": "Engine", "name": "local", "status": "Away", "region": engine.region}]
                )
                await self._rest(0.2)
                return
            position = f"since={answer['next']}&epoch={answer['epoch']}"
            if answer["reset"]:
                # Pages may have listed before this position was known, so they are told once to look again.
                self._announce([_RESET if known else {**_RESET, "status": "Connected"}])
            known = True
            self._announce(latest(answer["events"]))

    async def _follow_aws(self) -> None:
        """Compares what AWS lists with what it listed before, until no page is visible or the target changes."""
        from smstudio_ext.studio.changes import Snapshot, differences, take_snapshot

        switch, presence = self._session.switch, self._session.presence
        target: Target = await self._in_thread(switch.current)
        before: Snapshot | None = None
        idle = 0
        while switch.kind == "aws" and presence.anyone:
            current: Target = await self._in_thread(switch.current)
            if current is not target:
                return
            now: Snapshot = await self._in_thread(lambda: take_snapshot(target))
            changes = differences(before, now) if before is not None else []
            if before is None:  # pages may have listed before this look, so they are told once to look again
                self._announce([{**_RESET, "status": "Connected", "region": target.region}])
            before = now
            self._announce(
                [
                    {
                        "kind": change.kind,
                        "name": change.name,
                        "status": change.status,
                        "secondary_status": change.secondary_status,
                        "region": target.region,
                        "deleted": change.deleted,
                    }
                    for change in changes
                ]
            )
            idle = 0 if now.busy or changes else idle + 1
            pause = BUSY_SECONDS if idle == 0 else IDLE_SECONDS[min(idle, len(IDLE_SECONDS)) - 1]
            await self._rest(pause, wakeable=False)

    def _announce(self, changes: list[dict[str, Any]]) -> None:
        for change in changes:
            self._session.announce(change)

    async def _rest(self, seconds: float, *, wakeable: bool = True) -> None:
        """Waits; a page that comes into view cuts a wakeable rest short."""
        if not wakeable:
            await self._pause(seconds)
            return
        self._wake.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        workers: Executor = self._session.workers
        return await asyncio.get_running_loop().run_in_executor(workers, work)


def _is_of_aws(error: Exception) -> bool:
    """Whether AWS, its configuration or the way to it failed, not our code."""
    return type(error).__module__.startswith(("botocore.", "smstudio_ext.aws."))


def latest(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last change of each resource: a page that asks sees only the newest state anyway."""
    newest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for event in events:
        key = (event["kind"], event["region"], event["name"])
        newest.pop(key, None)
        newest[key] = {
            "kind": event["kind"],
            "name": event["name"],
            "status": event["status"],
            "secondary_status": event.get("secondary", ""),
            "region": event["region"],
            "deleted": bool(event.get("deleted")),
        }
    return list(newest.values())


def signed_feed_request(engine: LocalEngine, position: str) -> tuple[dict[str, str], str]:
    """Headers and URL of a long-poll of the engine's feed; `position` is empty for the first one."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    query = f"?{position}&wait={FEED_WAIT}" if position else ""
    request = AWSRequest("GET", f"{engine.url}/_smstudio/events{query}")
    SigV4Auth(Credentials(engine.access_key, engine.secret_key), "smstudio", engine.region).add_auth(request)
    return dict(request.headers.items()), str(request.url)


async def _fetch(url: str, headers: dict[str, str]) -> dict[str, Any] | None:
    """The feed's answer, None when the engine does not give one."""
    from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

    request = HTTPRequest(
        url, headers=headers, connect_timeout=2, request_timeout=FEED_WAIT + 10, proxy_host=None
    )
    try:
        response = await AsyncHTTPClient().fetch(request)
    except (HTTPClientError, OSError):
        return None
    answer: dict[str, Any] = json.loads(response.body)
    return answer
