"""Presence, the event schema, and what the follower announces."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import yaml
from jupyter_events import EventLogger

from smstudio_ext.events import CHANGE_SCHEMA, SCHEMA_FILE
from smstudio_ext.events.follower import Follower, latest
from smstudio_ext.routes.session import PRESENCE_SECONDS, Presence, StudioSession
from smstudio_ext.studio.models.status import Change
from smstudio_ext.target import LocalEngine
from smstudio_ext.target_switch import TargetSwitch


def test_a_silent_page_is_forgotten() -> None:
    now = [0.0]
    presence = Presence(lambda: now[0])
    assert not presence.anyone
    presence.report("a", True)
    presence.report("b", True)
    now[0] = PRESENCE_SECONDS - 1
    assert presence.anyone
    presence.report("a", False)
    assert presence.anyone
    now[0] = PRESENCE_SECONDS + 1
    assert not presence.anyone


def test_schema_accepts_what_the_model_holds() -> None:
    schema = yaml.safe_load(SCHEMA_FILE.read_text())
    assert schema["$id"] == CHANGE_SCHEMA
    assert set(schema["properties"]) == set(Change.model_fields)
    logger = EventLogger()
    logger.register_event_schema(SCHEMA_FILE)
    change = Change(kind="AutoMLJob", name="a", status="Completed", region="us-east-1", target="local")
    logger.schemas.validate_event(CHANGE_SCHEMA, change.model_dump())


def test_only_the_last_change_of_a_resource_is_announced() -> None:
    events = [
        {
            "seq": 1,
            "kind": "TrainingJob",
            "region": "r",
            "name": "a",
            "status": "InProgress",
            "secondary": "Starting",
        },
        {
            "seq": 2,
            "kind": "TrainingJob",
            "region": "r",
            "name": "b",
            "status": "InProgress",
            "secondary": "",
        },
        {
            "seq": 3,
            "kind": "TrainingJob",
            "region": "r",
            "name": "a",
            "status": "Completed",
            "secondary": "Completed",
        },
    ]
    assert [(change["name"], change["status"]) for change in latest(events)] == [
        ("b", "InProgress"),
        ("a", "Completed"),
    ]


class CountingEngine:
    """No engine; counts how often somebody looks for one."""

    def __init__(self) -> None:
        self.looks = 0

    def find(self) -> LocalEngine | None:
        self.looks += 1
        return None

    need = find

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def describe(self) -> dict[str, str | None]:
        return {"state": "stopped"}


async def test_nobody_looks_while_no_page_is_visible() -> None:
    now = [0.0]
    announced: list[dict[str, Any]] = []
    engine = CountingEngine()
    session = StudioSession(
        TargetSwitch(engine.need),
        engine,
        Path("/"),
        announce=announced.append,
        presence=Presence(lambda: now[0]),
    )
    follower = Follower(session)
    for _ in range(5):
        await asyncio.sleep(0)
    assert engine.looks == 0
    session.presence.report("page", True)
    for _ in range(5000):
        if engine.looks:
            break
        await asyncio.sleep(0.001)
    assert engine.looks
    now[0] = PRESENCE_SECONDS + 1
    follower.wake()
    for _ in range(20):
        await asyncio.sleep(0.001)
    looks = engine.looks
    follower.wake()
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert engine.looks == looks
    await follower.close()
    session.close()
