"""Held Describe calls and the feed of changes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.server.feed import Feed
from smstudio_ext.engine.server.holds import (
    Holds,
    is_named_by,
    may_be_held,
    on_loop,
    until_its_second_is_over,
)
from smstudio_ext.engine.store import Database, Resource, Store
from smstudio_ext.engine.store.changes import Change

KEY = ("TrainingJob", "us-east-1", "job")
BOTO = "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux md/arch#x86_64 lang/python#3.11 md/pyimpl#CPython m/b,Z,D,C cfg/retry-mode#legacy"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = Store(Database.at(tmp_path), ManualClock())
    yield made
    made.close()


def job(status: str) -> Resource:
    return Resource(*KEY, "arn:aws:sagemaker:us-east-1:000000000000:training-job/job", status, 1.0, 1.0, {})


@pytest.mark.parametrize(
    ("agent", "held"),
    [
        (BOTO, False),
        (BOTO.replace("m/b,Z,D,C", "m/b,Z,D,B"), True),
        (BOTO.replace("m/b,Z,D,C", "m/B,b"), True),
        (f"{BOTO} lib/AWS-SageMaker-Python-SDK#2.257.7", True),
        (f"{BOTO} app/sdk-companion lib/AWS-SageMaker-Python-SDK#2.257.7", False),
        (f"{BOTO} smstudio-ext", False),
        (f"{BOTO} smstudio-ext".replace("m/b,Z,D,C", "m/B"), False),
        ("", False),
    ],
)
def test_only_sdks_and_waiters_are_held(agent: str, held: bool) -> None:
    assert may_be_held(agent) is held


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Batch-Transform-2027-01-15-08-00-00", True),
        ("v3-algo-20270115080000", True),
        ("DEMO-15-08-00-00-train", True),
        ("job-1800000000", True),
        ("sagemaker-xgboost-2027-01-15-08-00-00-295", False),
        ("Batch-Transform-2027-01-15-08-00-01", False),
        ("job-18000000000", False),
        ("churn", False),
    ],
)
def test_names_made_of_the_clocks_second(name: str, named: bool) -> None:
    assert is_named_by(1_800_000_000, name) is named


async def test_a_creation_is_answered_after_its_names_second(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await until_its_second_is_over("job-1800000000", 1_800_000_001.25)
    assert slept == []
    await until_its_second_is_over("job-1800000000", 1_800_000_000.25)
    assert slept == [0.75]


async def test_a_look_at_a_final_or_missing_resource_returns_at_once(store: Store) -> None:
    holds = Holds(store.resources)
    assert await holds.until_settled(KEY, 60)
    store.resources.create(job("Completed"))
    assert await holds.until_settled(KEY, 60)


async def test_a_held_look_ends_with_the_final_status_and_not_before(store: Store) -> None:
    holds = Holds(store.resources)
    store.resources.create(job("InProgress"))
    store.changes.subscribe(on_loop(asyncio.get_running_loop(), [holds.notice]))
    looking = asyncio.create_task(holds.until_settled(KEY, 60))
    await asyncio.sleep(0)

    def settle(status: str) -> None:
        def edit(resource: Resource) -> None:
            resource.status = status

        store.resources.change(*KEY, edit)

    await asyncio.to_thread(settle, "Stopping")
    await asyncio.sleep(0)
    assert not looking.done()
    await asyncio.to_thread(settle, "Stopped")
    assert await asyncio.wait_for(looking, 120)


async def test_a_held_look_ends_with_the_resource_with_time_and_with_the_engine(store: Store) -> None:
    holds = Holds(store.resources)
    store.resources.create(job("Deleting"))
    assert await holds.until_settled(KEY, 0.01) is False
    looking = asyncio.create_task(holds.until_settled(KEY, 60))
    await asyncio.sleep(0)
    holds.notice(Change(*KEY, "Deleting", 2, deleted=True))
    assert await asyncio.wait_for(looking, 120)
    looking = asyncio.create_task(holds.until_settled(KEY, 60))
    await asyncio.sleep(0)
    holds.close()
    assert await asyncio.wait_for(looking, 120)
    assert await holds.until_settled(KEY, 60)


async def read(feed: Feed, query: str) -> dict[str, Any]:
    answer = await feed.answer(query)
    assert isinstance(answer.body, bytes)
    return dict(json.loads(answer.body))


async def test_the_feed_starts_with_a_reset_and_goes_on_with_changes() -> None:
    feed = Feed()
    start = await read(feed, "")
    assert (start["events"], start["reset"]) == ([], True)
    place = f"since={start['next']}&epoch={start['epoch']}"
    waiting = asyncio.create_task(read(feed, place))
    await asyncio.sleep(0)
    feed.notice(Change(*KEY, "InProgress", 1, secondary="Starting"))
    answer = await asyncio.wait_for(waiting, 120)
    assert answer["reset"] is False
    assert [(event["kind"], event["name"], event["secondary"]) for event in answer["events"]] == [
        ("TrainingJob", "job", "Starting")
    ]
    assert (await read(feed, f"since={answer['next']}&epoch={start['epoch']}&wait=0"))["events"] == []


async def test_the_feed_resets_who_missed_something() -> None:
    feed = Feed(capacity=3)
    start = await read(feed, "")
    for number in range(5):
        feed.notice(Change(*KEY, "InProgress", number))
    assert (await read(feed, f"since=0&epoch={start['epoch']}"))["reset"] is True
    assert (await read(feed, "since=4&epoch=other"))["reset"] is True
    assert (await read(feed, f"since=99&epoch={start['epoch']}"))["reset"] is True
    late = await read(feed, f"since=2&epoch={start['epoch']}")
    assert [event["seq"] for event in late["events"]] == [3, 4, 5]


async def test_the_feed_answers_readers_when_the_engine_stops() -> None:
    feed = Feed()
    start = await read(feed, "")
    waiting = asyncio.create_task(read(feed, f"since=0&epoch={start['epoch']}&wait=50"))
    await asyncio.sleep(0)
    feed.close()
    assert (await asyncio.wait_for(waiting, 120))["events"] == []
