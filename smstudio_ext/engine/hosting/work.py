"""What the steps of an endpoint share: its fleets in the row, its servers, crashes, retired servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting.endpoints import describe_fleets
from smstudio_ext.engine.hosting.fleet import Fleet, Instance, Variant
from smstudio_ext.engine.hosting.servers import EndpointServers
from smstudio_ext.engine.hosting.states import ENDPOINT, SERVING

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

START_ATTEMPTS = 3
"""Starts of a new server before the endpoint fails, unless its model cannot be loaded at all."""
STEADY_SECONDS = 60.0
"""Good service after which a crash counts as the first one again."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.2, 30.0
LOOK_SECONDS = 0.05
"""While a server loads or stops: its notice may get lost."""


class EndpointWork:
    """One step on one endpoint."""

    def __init__(self, ctx: EngineContext, resource: Resource) -> None:
        self.ctx = ctx
        self.resource = resource
        self.servers = EndpointServers(ctx, resource)
        self.now = ctx.clock.now()

    def fleet(self, key: str) -> Fleet | None:
        """The fleet `serving` or `next`."""
        data = self.resource.internal.get(key)
        return Fleet.from_json(data) if data else None

    def edit(self, edit: Callable[[Resource], None], *, during: frozenset[str] = frozenset()) -> None:
        """Changes the row, unless its status has moved out of `during` meanwhile."""
        with self.ctx.store.resources.changing(*self.resource.key) as row:
            if not during or row.status in during:
                edit(row)

    def settle(self, row: Resource, serving: Fleet) -> None:
        """The endpoint is in service with a fleet, and nothing changes."""
        row.status = row.document["EndpointStatus"] = ENDPOINT.check(row.status, "InService")
        describe_fleets(row.document, serving, serving, self.now)
        row.document["LastModifiedTime"] = self.now
        row.document.pop("PendingDeploymentSummary", None)
        row.internal["deployment"] = None

    def tend(self, *fleets: Fleet | None) -> float | None:
        """Starts ended servers again; seconds until the next look, or None when all is well."""
        pauses: list[float] = []
        changed: dict[str, Instance] = {}
        starts: list[tuple[Variant, Instance]] = []
        for variant, instance in (pair for fleet in fleets if fleet for pair in fleet.instances()):
            state = self.servers.state(variant, instance)
            if state.phase == "ready":
                if not instance.ready:
                    changed[instance.id] = now_ready(instance, self.now)
            elif state.phase == "ended":
                changed[instance.id] = crashed(instance, self.now)
                pauses.append((instance.not_before or self.now) - self.now)
            elif state.phase == "absent":
                wait = (instance.not_before or 0.0) - self.now
                if wait <= 0:
                    starts.append((variant, instance))
                pauses.append(max(wait, LOOK_SECONDS))
            else:
                pauses.append(LOOK_SECONDS)
        if changed:
            self.write_instances(changed)
        for variant, instance in starts:
            self.servers.restart(variant, instance, before=instance.attempt - 1)
        return min(pauses) if pauses else None

    def write_instances(self, changed: dict[str, Instance]) -> None:
        """Notes the new state of instances, in whichever fleet they are."""

        def edit(row: Resource) -> None:
            for key in ("serving", "next"):
                if not row.internal.get(key):
                    continue
                fleet = Fleet.from_json(row.internal[key])
                for variant in fleet.all_variants():
                    variant.instances = [changed.get(instance.id, instance) for instance in variant.instances]
                row.internal[key] = fleet.to_json()

        self.edit(edit, during=SERVING)

    def retire(self, linger: float, grace: float) -> float | None:
        """Stops retired servers; seconds until the next look, or None when none is left."""
        entries = self.resource.internal["retired"]
        if not entries:
            return None
        gone = set()
        for entry in entries:
            instance = Instance(**entry["instance"])
            if self.now >= entry["at"] + linger and self.servers.stopped(instance, grace=grace):
                gone.add(instance.id)
        if gone:

            def edit(row: Resource) -> None:
                row.internal["retired"] = [
                    entry for entry in row.internal["retired"] if entry["instance"]["id"] not in gone
                ]

            self.edit(edit)
            self._drop_artifacts()
        return None if len(gone) == len(entries) else LOOK_SECONDS * 2

    def _drop_artifacts(self) -> None:
        fleets = [fleet for fleet in (self.fleet("serving"), self.fleet("next")) if fleet is not None]
        if fleets:
            self.servers.drop_artifacts([variant for fleet in fleets for variant in fleet.all_variants()])


def retire_instances(row: Resource, instances: list[Instance], now: float) -> None:
    """Puts instances among those that are to be stopped."""
    row.internal["retired"] += [{"instance": asdict(instance), "at": now} for instance in instances]


def now_ready(instance: Instance, now: float) -> Instance:
    """The instance, once it has answered."""
    instance.ready, instance.ready_since, instance.not_before = True, now, None
    return instance


def crashed(instance: Instance, now: float) -> Instance:
    """The instance before its next start: at once after a first crash, then after growing pauses."""
    if instance.ready_since is not None and now - instance.ready_since >= STEADY_SECONDS:
        instance.crashes = 0
    back_off = (
        min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (instance.crashes - 1)) if instance.crashes else 0.0
    )
    instance.crashes += 1
    instance.attempt += 1
    instance.ready, instance.ready_since, instance.not_before = False, None, now + back_off
    return instance
