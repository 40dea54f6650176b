"""Makes endpoints what their rows say: brings fleets up, exchanges them, keeps them alive, takes them down."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.fleet import Fleet, Instance, Variant
from smstudio_ext.engine.hosting.servers import EndpointServers, ModelDataMissing
from smstudio_ext.engine.hosting.states import ENDPOINT
from smstudio_ext.engine.hosting.summary import variant_summaries
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, After, Next, controller

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

START_ATTEMPTS = 3
"""Starts of a new server before the endpoint fails, unless its model cannot be loaded at all."""
LINGER_SECONDS = 0.5
"""How long a server that takes no new requests stays, for those that were just sent to it."""
STEADY_SECONDS = 60.0
"""Good service after which a crash counts as the first one again."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.2, 30.0

_LOOK_SECONDS = 0.05  # while a server loads or stops: its notice may get lost
_DRAIN_SECONDS = 60.0
_DELETE_GRACE = 2.0


class _Failed(Exception):
    """The fleet that is being brought up cannot serve; the text is the FailureReason."""


@controller
class EndpointController:
    """Moves endpoints along `hosting.states.ENDPOINT`.

    An endpoint in service is never finished: a server that ends is started again. All that a step needs after a
    crash of the engine is in the row; processes are found again by their folders.
    """

    kind = KIND

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """One step of an endpoint."""
        work = _Work(ctx, resource)
        if resource.status in ("Creating", "Updating"):
            return work.bring_up()
        if resource.status == "InService":
            return work.keep()
        if resource.status == "Deleting":
            return work.take_down()
        return work.clear_failed()


class _Work:
    """One step on one endpoint."""

    def __init__(self, ctx: EngineContext, resource: Resource) -> None:
        self._ctx = ctx
        self._resource = resource
        self._servers = EndpointServers(ctx, resource)
        self._now = ctx.clock.now()

    def bring_up(self) -> Next:
        """Starts what the next fleet has and the serving one has not; exchanges them when all are ready."""
        serving, wanted = self._fleet("serving"), self._fleet("next")
        assert wanted is not None
        pause = None if serving is None else self._tend(serving)
        present = serving.ids() if serving else set()
        fresh = [
            (variant, instance) for variant, instance in wanted.instances() if instance.id not in present
        ]
        try:
            ready = self._advance(wanted, fresh)
        except _Failed as failure:
            self._fail(str(failure), [instance for _, instance in fresh])
            return AGAIN
        if not ready:
            return After(_LOOK_SECONDS if pause is None else min(pause, _LOOK_SECONDS))
        self._exchange()
        return AGAIN

    def keep(self) -> Next:
        """Starts ended servers again and takes retired ones away."""
        serving = self._fleet("serving")
        assert serving is not None
        pauses = [
            pause
            for pause in (self._tend(serving), self._retire(LINGER_SECONDS, _DRAIN_SECONDS))
            if pause is not None
        ]
        return After(min(pauses)) if pauses else WAIT

    def take_down(self) -> Next:
        """Stops everything; when all is gone, the row goes too."""
        instances = self._retired_instances()
        for key in ("serving", "next"):
            fleet = self._fleet(key)
            instances += [instance for _, instance in fleet.instances()] if fleet else []
        gone = [self._servers.stopped(instance, grace=_DELETE_GRACE) for instance in instances]
        if not all(gone):
            return After(_LOOK_SECONDS)
        self._servers.remove()
        self._ctx.store.resources.delete(*self._resource.key)
        return DONE

    def clear_failed(self) -> Next:
        """Takes away what a failed creation left running."""
        pause = self._retire(0.0, _DELETE_GRACE)
        if pause is not None:
            return After(pause)
        self._servers.remove()
        # a deletion may have come meanwhile, and it must not be taken for finished
        self._edit(lambda row: setattr(row, "finished", True), during=("Failed",))
        return DONE

    # bringing up

    def _advance(self, wanted: Fleet, fresh: list[tuple[Variant, Instance]]) -> bool:
        """Moves every new server on; True when all are ready."""
        states = [self._servers.state(variant, instance) for variant, instance in fresh]
        for (variant, instance), state in zip(fresh, states, strict=True):
            if state.phase == "ended":
                if state.hopeless or instance.attempt >= START_ATTEMPTS:
                    raise _Failed(state.reason)
                self._write_attempt(wanted, instance)
                self._servers.restart(variant, instance, before=instance.attempt - 1)
            elif state.phase == "absent":
                self._start(variant, instance)
            elif (
                state.phase == "loading"
                and self._now - (state.started or self._now) > variant.startup_timeout
            ):
                raise _Failed(self._servers.startup_failure(variant))
        return all(state.phase == "ready" for state in states)

    def _start(self, variant: Variant, instance: Instance) -> None:
        try:
            self._servers.fetch_models(variant)
        except ModelDataMissing as missing:
            raise _Failed(str(missing)) from missing
        self._servers.start(variant, instance)

    def _write_attempt(self, wanted: Fleet, instance: Instance) -> None:
        """Notes a new start before it is made, so that it is made once."""
        instance.attempt += 1

        def edit(row: Resource) -> None:
            row.internal["next"] = wanted.to_json()

        self._edit(edit, during=("Creating", "Updating"))

    def _exchange(self) -> None:
        """The next fleet takes the traffic; servers that it has no use for retire."""

        def edit(row: Resource) -> None:
            wanted = Fleet.from_json(row.internal["next"])
            old = Fleet.from_json(row.internal["serving"]) if row.internal["serving"] else None
            known = {instance.id: instance for _, instance in old.instances()} if old else {}
            for variant in wanted.variants:
                variant.instances = [
                    known.get(instance.id) or _now_ready(instance, self._now)
                    for instance in variant.instances
                ]
            kept = wanted.ids()
            row.internal["retired"] += [
                {"instance": asdict(instance), "at": self._now}
                for identity, instance in known.items()
                if identity not in kept
            ]
            row.internal["serving"], row.internal["next"] = wanted.to_json(), None
            row.document["EndpointConfigName"] = wanted.config
            self._settle(row, wanted)

        self._edit(edit, during=("Creating", "Updating"))

    def _fail(self, reason: str, fresh: list[Instance]) -> None:
        """A failed creation is Failed; a failed update leaves the old fleet in service."""

        def edit(row: Resource) -> None:
            row.internal["next"] = None
            row.internal["retired"] += [{"instance": asdict(instance), "at": self._now} for instance in fresh]
            if row.internal["serving"]:
                self._settle(row, Fleet.from_json(row.internal["serving"]))
            else:
                row.status = row.document["EndpointStatus"] = ENDPOINT.check(row.status, "Failed")
                row.document["LastModifiedTime"] = self._now
                row.document.pop("ProductionVariants", None)
            row.document["FailureReason"] = reason[:1024]

        self._edit(edit, during=("Creating", "Updating"))

    def _settle(self, row: Resource, serving: Fleet) -> None:
        row.status = row.document["EndpointStatus"] = ENDPOINT.check(row.status, "InService")
        row.document["ProductionVariants"] = variant_summaries(serving, serving, self._now)
        row.document["LastModifiedTime"] = self._now
        row.document.pop("PendingDeploymentSummary", None)

    # keeping alive

    def _tend(self, serving: Fleet) -> float | None:
        """Looks after the serving fleet; seconds until the next look, or None when all is well."""
        pauses: list[float] = []
        changed: dict[str, Instance] = {}
        starts: list[tuple[Variant, Instance]] = []
        for variant, instance in serving.instances():
            state = self._servers.state(variant, instance)
            if state.phase == "ready":
                if not instance.ready:
                    changed[instance.id] = _now_ready(instance, self._now)
            elif state.phase == "ended":
                changed[instance.id] = _crashed(instance, self._now)
                pauses.append((instance.not_before or self._now) - self._now)
            elif state.phase == "absent":
                wait = (instance.not_before or 0.0) - self._now
                if wait <= 0:
                    starts.append((variant, instance))
                pauses.append(max(wait, _LOOK_SECONDS))
            else:
                pauses.append(_LOOK_SECONDS)
        if changed:
            self._write_instances(changed)
        for variant, instance in starts:
            self._servers.restart(variant, instance, before=instance.attempt - 1)
        return min(pauses) if pauses else None

    def _write_instances(self, changed: dict[str, Instance]) -> None:
        def edit(row: Resource) -> None:
            for key in ("serving", "next"):
                if not row.internal[key]:
                    continue
                fleet = Fleet.from_json(row.internal[key])
                for variant in fleet.variants:
                    variant.instances = [changed.get(instance.id, instance) for instance in variant.instances]
                row.internal[key] = fleet.to_json()

        self._edit(edit, during=("InService", "Updating"))

    def _retire(self, linger: float, grace: float) -> float | None:
        """Stops retired servers; seconds until the next look, or None when none is left."""
        entries = self._resource.internal["retired"]
        if not entries:
            return None
        gone = set()
        for entry in entries:
            instance = Instance(**entry["instance"])
            if self._now >= entry["at"] + linger and self._servers.stopped(instance, grace=grace):
                gone.add(instance.id)
        if gone:

            def edit(row: Resource) -> None:
                row.internal["retired"] = [
                    entry for entry in row.internal["retired"] if entry["instance"]["id"] not in gone
                ]

            self._edit(edit)
            self._drop_artifacts()
        return None if len(gone) == len(entries) else _LOOK_SECONDS * 2

    def _drop_artifacts(self) -> None:
        fleets = [fleet for fleet in (self._fleet("serving"), self._fleet("next")) if fleet is not None]
        if fleets:
            self._servers.drop_artifacts([variant for fleet in fleets for variant in fleet.variants])

    # the row

    def _fleet(self, key: str) -> Fleet | None:
        data = self._resource.internal[key]
        return Fleet.from_json(data) if data else None

    def _retired_instances(self) -> list[Instance]:
        return [Instance(**entry["instance"]) for entry in self._resource.internal["retired"]]

    def _edit(self, edit: Any, *, during: tuple[str, ...] = ()) -> None:
        """Changes the row, unless its status has moved out of `during` meanwhile."""
        with self._ctx.store.resources.changing(*self._resource.key) as row:
            if not during or row.status in during:
                edit(row)


def _now_ready(instance: Instance, now: float) -> Instance:
    instance.ready, instance.ready_since, instance.not_before = True, now, None
    return instance


def _crashed(instance: Instance, now: float) -> Instance:
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
