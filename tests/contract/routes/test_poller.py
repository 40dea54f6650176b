"""One poller of AWS for all pages of a server: what it asks, how it slows down, and that it stops when nobody looks."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from smstudio_ext.events.follower import BUSY_SECONDS, IDLE_SECONDS, Follower
from smstudio_ext.routes.session import PRESENCE_SECONDS, Presence, StudioSession
from smstudio_ext.target import Target
from tests.contract.routes.gate import Reply
from tests.contract.routes.place import AWS_ROLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.contract.routes.gate import Call, Gate, Request

REGION = "ap-southeast-2"
"""Where no other test has made anything."""
LISTS = 7
PAGES = ("one", "two", "three")


class Stage:
    """A follower whose pauses take no time: each ends when the test says so, and moves the clock on."""

    def __init__(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        self.target = Target.aws(None, REGION, AWS_ROLE, endpoint_url=gate.url)
        self.now = 0.0
        self.announced: list[dict[str, Any]] = []
        self.pauses: asyncio.Queue[float] = asyncio.Queue()
        self._go_on: asyncio.Queue[None] = asyncio.Queue()
        switch = SimpleNamespace(kind="aws", region=REGION, current=lambda: self.target)
        self.session = StudioSession(
            switch=cast(Any, switch),
            engine=cast(Any, None),
            root_dir=Path(),
            announce=self.announced.append,
            presence=Presence(lambda: self.now),
        )
        self.follower = Follower(self.session, pause=self._pause)

    async def look(self) -> float:
        """How long the follower wants to rest after its next look."""
        return await asyncio.wait_for(self.pauses.get(), 60)

    def later(self, seconds: float) -> None:
        """Ends the follower's rest."""
        self.now += seconds
        self._go_on.put_nowait(None)

    def visible(self, *pages: str) -> None:
        """Pages say that they are seen."""
        for page in pages:
            self.session.presence.report(page, True)

    async def _pause(self, seconds: float) -> None:
        self.pauses.put_nowait(seconds)
        await self._go_on.get()


@pytest.fixture
async def stage(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A server's follower of moto."""
    found = Stage(gate, monkeypatch)
    yield found
    await found.follower.close()
    found.session.close()


def lists(calls: list[Call]) -> list[str]:
    """The lists that the follower asked for."""
    return [call.action for call in calls if call.action.startswith("sagemaker:List")]


async def test_three_pages_are_served_by_one_look_that_comes_more_and_more_slowly(
    stage: Stage, gate: Gate
) -> None:
    rests = []
    for _ in range(5):
        with gate.counting() as calls:
            stage.visible(*PAGES)
            rests.append(await stage.look())
        assert len(lists(calls)) == len(set(lists(calls))) == LISTS
        stage.later(rests[-1])
    assert rests == [*IDLE_SECONDS, IDLE_SECONDS[-1], IDLE_SECONDS[-1]]


def one_running(request: Request) -> Reply | None:
    """Somebody's training job that runs: those of moto are over at once."""
    if request.action != "sagemaker:ListTrainingJobs":
        return None
    job = {
        "TrainingJobName": "runs-on",
        "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:123456789012:training-job/runs-on",
        "CreationTime": 1_790_000_000,
        "TrainingJobStatus": "InProgress",
    }
    return Reply(200, json.dumps({"TrainingJobSummaries": [job]}).encode())


async def test_it_hurries_while_something_runs(stage: Stage, gate: Gate) -> None:
    stage.visible("one")
    assert await stage.look() == IDLE_SECONDS[0]
    with gate.answering(one_running):
        for rest in (IDLE_SECONDS[0], BUSY_SECONDS):
            stage.later(rest)
            assert await stage.look() == BUSY_SECONDS
    told = [each for each in stage.announced if each["kind"] == "TrainingJob"]
    assert [(each["name"], each["status"]) for each in told] == [("runs-on", "InProgress")]


async def test_it_stops_when_no_page_is_seen_and_begins_again(stage: Stage, gate: Gate) -> None:
    stage.visible(*PAGES)
    await stage.look()
    with gate.counting() as calls:
        stage.later(PRESENCE_SECONDS + 1)  # the pages have said nothing for so long: they are gone
        for _ in range(50):
            await asyncio.sleep(0)
        assert stage.pauses.empty()
    assert calls == []
    with gate.counting() as calls:
        stage.visible("one")
        await stage.look()
    assert len(lists(calls)) == LISTS
