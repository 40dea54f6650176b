"""Brings fleets up, moves the traffic to them step by step, and takes it back when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.hosting.deployment import Plan, batch_of, plan_of, ringing, surplus_of
from smstudio_ext.engine.hosting.endpoints import describe_fleets
from smstudio_ext.engine.hosting.fleet import Fleet, Instance, Variant, new_instance
from smstudio_ext.engine.hosting.health import loading_seconds
from smstudio_ext.engine.hosting.servers import ModelDataMissing
from smstudio_ext.engine.hosting.states import ENDPOINT
from smstudio_ext.engine.hosting.work import (
    LOOK_SECONDS,
    START_ATTEMPTS,
    EndpointWork,
    now_ready,
    retire_instances,
)
from smstudio_ext.engine.runtime.reconciler import AGAIN, After, Next

if TYPE_CHECKING:
    from smstudio_ext.engine.store.resources import Resource

ALARM_SECONDS = 5.0
"""How often alarms are looked at while a deployment waits."""

_BEFORE = frozenset({"Creating", "Updating"})
_BACK = frozenset({"RollingBack"})


class _Failed(Exception):
    """The fleet that is being brought up cannot serve; the text is the FailureReason."""


class Rollout:
    """One step of a creation, an update or its rollback."""

    def __init__(self, work: EndpointWork) -> None:
        self._work = work
        self._now = work.now
        self._serving = work.fleet("serving")
        wanted = work.fleet("next")
        assert wanted is not None
        self._wanted = wanted
        self._deployment: dict[str, Any] = work.resource.internal.get("deployment") or {
            "config": None,
            "step": -1,
            "share": 0.0,
            "begun": work.now,
        }
        self._plan: Plan = plan_of(self._deployment["config"] if self._serving else None, wanted)

    def forward(self) -> Next:
        """Starts what the present step needs; goes on to the next one when it is ready and the wait is over."""
        pause = None if self._serving is None else self._work.tend(self._serving)
        at = int(self._deployment["step"])
        left = self._wait_left(at)
        # the next batch of a rolling deployment is started when the wait for the present one is over
        needed = at if left > 0 else min(at + 1, len(self._plan.shares) - 1)
        try:
            self._watch()
            ready = self._advance(self._fresh(self._plan.shares[needed]))
        except _Failed as failure:
            self._fail(str(failure))
            return AGAIN
        if not ready:
            return After(LOOK_SECONDS if pause is None else min(pause, LOOK_SECONDS))
        if self._serving is None or self._plan.plain:
            self._exchange()
            return AGAIN
        if left > 0:
            return After(min(left, ALARM_SECONDS, *([] if pause is None else [max(pause, LOOK_SECONDS)])))
        if at + 1 >= len(self._plan.shares):
            self._exchange()
        else:
            self._shift(at + 1)
        return AGAIN

    def back(self) -> Next:
        """Has the old fleet whole again, then takes the new one away."""
        assert self._serving is not None
        try:
            ready = self._advance(
                [pair for pair in self._serving.instances() if not pair[1].ready], key="serving"
            )
        except _Failed as failure:
            self._stuck(str(failure))
            return AGAIN
        if not ready:
            self._work.tend(self._wanted)
            return After(LOOK_SECONDS)
        serving = self._serving

        def edit(row: Resource) -> None:
            kept = Fleet.from_json(row.internal["serving"]).ids()
            fleet = Fleet.from_json(row.internal["next"])
            left = [instance for _, instance in fleet.instances() if instance.id not in kept]
            retire_instances(row, left, self._now)
            for _, instance in serving.instances():
                now_ready(instance, self._now)
            row.internal["serving"], row.internal["next"] = serving.to_json(), None
            self._work.settle(row, serving)

        self._work.edit(edit, during=_BACK)
        return AGAIN

    # servers

    def _fresh(self, share: float) -> list[tuple[Variant, Instance]]:
        """New instances that this step needs."""
        present = self._serving.ids() if self._serving else set()
        needed = batch_of(self._wanted, share) if self._plan.rolling else self._wanted.ids()
        return [
            (variant, instance)
            for variant, instance in self._wanted.instances()
            if instance.id in needed and instance.id not in present
        ]

    def _advance(self, fresh: list[tuple[Variant, Instance]], key: str = "next") -> bool:
        """Moves every new server on; True when all are ready."""
        servers = self._work.servers
        states = [servers.state(variant, instance) for variant, instance in fresh]
        for (variant, instance), state in zip(fresh, states, strict=True):
            if state.phase == "ended":
                if state.hopeless or instance.attempt >= START_ATTEMPTS:
                    raise _Failed(state.reason)
                self._write_attempt(instance, key)
                servers.restart(variant, instance, before=instance.attempt - 1)
            elif state.phase == "absent":
                self._start(variant, instance)
            elif (
                state.phase == "loading"
                and loading_seconds(self._work.ctx, instance) > variant.startup_timeout
            ):
                raise _Failed(servers.startup_failure(variant))
        return all(state.phase == "ready" for state in states)

    def _start(self, variant: Variant, instance: Instance) -> None:
        try:
            self._work.servers.fetch_models(variant)
        except ModelDataMissing as missing:
            raise _Failed(str(missing)) from missing
        self._work.servers.start(variant, instance)

    def _write_attempt(self, instance: Instance, key: str) -> None:
        """Notes a new start before it is made, so that it is made once."""
        instance.attempt += 1
        fleet = self._wanted if key == "next" else self._serving
        assert fleet is not None

        def edit(row: Resource) -> None:
            row.internal[key] = fleet.to_json()

        self._work.edit(edit, during=_BEFORE | _BACK)

    # traffic

    def _watch(self) -> None:
        """Raises _Failed when an alarm rings or the deployment takes too long."""
        if self._serving is None:
            return
        alarms = ringing(self._work.ctx, self._work.resource.region, self._deployment["config"])
        if alarms:
            raise _Failed(
                f"Alarm(s) {', '.join(alarms)} went off during the deployment; the endpoint was rolled back to "
                f"{self._serving.config}."
            )
        if self._now - float(self._deployment["begun"]) > self._plan.limit:
            raise _Failed(
                f"The deployment took longer than MaximumExecutionTimeoutInSeconds ({self._plan.limit:g} s); the endpoint "
                f"was rolled back to {self._serving.config}."
            )

    def _wait_left(self, at: int) -> float:
        """Seconds until the present step is over."""
        if at < 0:
            return 0.0
        return float(self._deployment["since"]) + self._plan.waits[at] - self._now

    def _shift(self, step: int) -> None:
        """The new fleet takes its share of the traffic; a rolling deployment lets old servers go."""
        share = self._plan.shares[step]

        def edit(row: Resource) -> None:
            wanted = Fleet.from_json(row.internal["next"])
            serving = Fleet.from_json(row.internal["serving"])
            up = batch_of(wanted, share) if self._plan.rolling else wanted.ids()
            for _, instance in wanted.instances():
                if instance.id in up and not instance.ready:
                    now_ready(instance, self._now)
            if self._plan.rolling:
                surplus = surplus_of(serving, share) - wanted.ids()
                leaving = [instance for _, instance in serving.instances() if instance.id in surplus]
                retire_instances(row, leaving, self._now)
                for variant in serving.all_variants():
                    variant.instances = [one for one in variant.instances if one.id not in surplus]
            row.internal["next"], row.internal["serving"] = wanted.to_json(), serving.to_json()
            row.internal["deployment"] = {
                **self._deployment,
                "step": step,
                "share": share,
                "since": self._now,
            }
            waits = self._plan.waits[step] > 0
            for summary in row.document["PendingDeploymentSummary"]["ProductionVariants"]:
                summary["VariantStatus"] = [
                    {"Status": "Baking" if waits else "ActivatingTraffic", "StartTime": self._now}
                ]
                found = wanted.find(summary["VariantName"])
                if found is not None and found.serverless is None:
                    summary["CurrentInstanceCount"] = sum(one.ready for one in found.instances)
                summary["CurrentWeight"] = (found.weight if found else 0.0) * share

        self._work.edit(edit, during=frozenset({"Updating"}))

    def _exchange(self) -> None:
        """The next fleet has the whole traffic; servers that it has no use for retire."""

        def edit(row: Resource) -> None:
            wanted = Fleet.from_json(row.internal["next"])
            old = Fleet.from_json(row.internal["serving"]) if row.internal["serving"] else None
            known = {instance.id: instance for _, instance in old.instances()} if old else {}
            for variant in wanted.all_variants():
                variant.instances = [
                    known.get(instance.id) or (instance if instance.ready else now_ready(instance, self._now))
                    for instance in variant.instances
                ]
            kept = wanted.ids()
            retire_instances(row, [one for identity, one in known.items() if identity not in kept], self._now)
            row.internal["serving"], row.internal["next"] = wanted.to_json(), None
            row.document["EndpointConfigName"] = wanted.config
            self._work.settle(row, wanted)

        self._work.edit(edit, during=_BEFORE)

    # failure

    def _fail(self, reason: str) -> None:
        """A failed creation is Failed; a failed update leaves the old fleet in service, or goes back to it."""
        fresh = [instance for _, instance in self._fresh(1.0)]

        def edit(row: Resource) -> None:
            row.document["FailureReason"] = reason[:1024]
            if (
                row.internal["serving"]
                and float((row.internal.get("deployment") or {}).get("share", 0.0)) > 0
            ):
                self._begin_rollback(row)
                return
            row.internal["next"] = None
            retire_instances(row, fresh, self._now)
            if row.internal["serving"]:
                self._work.settle(row, Fleet.from_json(row.internal["serving"]))
                return
            row.status = row.document["EndpointStatus"] = ENDPOINT.check(row.status, "Failed")
            row.document["LastModifiedTime"] = self._now
            row.document.pop("ProductionVariants", None)

        self._work.edit(edit, during=_BEFORE)

    def _begin_rollback(self, row: Resource) -> None:
        """All traffic goes back at once where all old servers are still up; else once they are again."""
        row.status = row.document["EndpointStatus"] = ENDPOINT.check(row.status, "RollingBack")
        row.document["LastModifiedTime"] = self._now
        serving = Fleet.from_json(row.internal["serving"])
        whole = True
        for variant in serving.all_variants():
            missing = variant.count - len(variant.instances) if variant.serverless is None else 0
            whole = whole and missing <= 0
            variant.instances.extend(new_instance() for _ in range(missing))
        row.internal["serving"] = serving.to_json()
        if whole:
            row.internal["deployment"] = {**(row.internal.get("deployment") or {}), "share": 0.0}
        describe_fleets(row.document, serving, serving, self._now)

    def _stuck(self, reason: str) -> None:
        """The old servers do not come up again: the endpoint stays with a mix of both fleets."""

        def edit(row: Resource) -> None:
            row.status = row.document["EndpointStatus"] = ENDPOINT.check(row.status, "UpdateRollbackFailed")
            row.document["LastModifiedTime"] = self._now
            row.document["FailureReason"] = f"{row.document.get('FailureReason', '')} {reason}".strip()[:1024]

        self._work.edit(edit, during=_BACK)
