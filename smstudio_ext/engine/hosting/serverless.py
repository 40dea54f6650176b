"""Serverless variants: servers come with requests and go when there have been none for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.fleet import Fleet, Instance, new_instance
from smstudio_ext.engine.hosting.states import SERVING
from smstudio_ext.engine.hosting.work import retire_instances
from smstudio_ext.engine.store.resources import ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.hosting.work import EndpointWork
    from smstudio_ext.engine.store.resources import Resource

IDLE_SECONDS = 300.0
"""Seconds without a request after which the servers of a serverless variant end."""

_PART = "hosting.activity"


class Activity:
    """Requests under way and when the last one was, by variant; lives as long as the engine."""

    def __init__(self) -> None:
        self.last: dict[tuple[str, str, str], float] = {}
        self.running: dict[tuple[str, str, str], int] = {}

    def begin(self, key: tuple[str, str, str], now: float) -> None:
        """A request for (region, endpoint, variant) begins."""
        self.last[key] = now
        self.running[key] = self.running.get(key, 0) + 1

    def end(self, key: tuple[str, str, str], now: float) -> None:
        """It ends."""
        self.last[key] = now
        self.running[key] -= 1

    def close(self) -> None:
        """Nothing to give back."""


def activity(ctx: EngineContext) -> Activity:
    """The record of an engine."""
    found = ctx.parts.setdefault(_PART, Activity())
    assert isinstance(found, Activity)
    return found


def request_servers(ctx: EngineContext, region: str, endpoint: str, variant: str, count: int) -> None:
    """Asks for a variant to have at least so many servers; repeating it is harmless."""

    def edit(row: Resource) -> None:
        if row.status not in SERVING:
            return
        fleet = Fleet.from_json(row.internal["serving"])
        found = fleet.find(variant)
        if found is None or len(found.instances) >= count:
            return
        found.instances.extend(new_instance() for _ in range(count - len(found.instances)))
        found.count = count
        row.internal["serving"] = fleet.to_json()

    try:
        ctx.store.resources.change(KIND, region, endpoint, edit)
    except ResourceMissing:
        return
    ctx.reconciler.wake(KIND, region, endpoint)


def release_idle(work: EndpointWork, serving: Fleet) -> float | None:
    """Ends servers of serverless variants without requests; seconds until the next look, None without such variants."""
    if work.resource.status != "InService":
        return None
    record, now = activity(work.ctx), work.ctx.clock.monotonic()
    left: list[float] = []
    idle: dict[str, int] = {}
    for variant in serving.variants:
        config: dict[str, Any] | None = variant.serverless
        kept = (config or {}).get("ProvisionedConcurrency") or 0
        if config is None or len(variant.instances) <= kept:
            continue
        key = (work.resource.region, work.resource.name, variant.name)
        rest = record.last.setdefault(key, now) + IDLE_SECONDS - now
        if rest > 0 or record.running.get(key):
            left.append(max(rest, 1.0))
        else:
            idle[variant.name] = kept
    if idle:
        work.edit(lambda row: _release(row, idle, work.now), during=frozenset({"InService"}))
        left.append(0.0)
    return min(left) if left else None


def _release(row: Resource, idle: dict[str, int], now: float) -> None:
    fleet = Fleet.from_json(row.internal["serving"])
    leaving: list[Instance] = []
    for variant in fleet.variants:
        kept = idle.get(variant.name)
        if kept is not None:
            leaving += variant.instances[kept:]
            variant.instances, variant.count = variant.instances[:kept], kept
    retire_instances(row, leaving, now)
    row.internal["serving"] = fleet.to_json()
