"""Moves apps along: the start-up script of a new one, the end of a deleted one, apps of before a reboot."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from smstudio_ext.engine.runtime.procfs import boot_id
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, After, Next, controller
from smstudio_ext.engine.store.resources import Resource, ResourceMissing
from smstudio_ext.engine.studio import starting
from smstudio_ext.engine.studio.apps import end_app, set_status
from smstudio_ext.engine.studio.names import APP

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

BEAT_SECONDS = 30.0
"""How often a living engine notes the time, so that apps of before a reboot end at about the right one."""
_FAMILY = "studio-heartbeat"


@controller
class AppController:
    """Moves apps along `studio.states.APP`; an app in service is never finished."""

    kind = APP

    def resume(self, ctx: EngineContext, resource: Resource) -> None:
        """An app of before the machine's last start has ended with it."""
        if resource.internal.get("boot") == boot_id():
            return
        beat = ctx.store.documents.get(_FAMILY, "at")
        end_app(ctx, resource, min(ctx.clock.now(), beat["time"] if beat else resource.modified))

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """One step of an app."""
        if resource.status == "Pending":
            return _start(ctx, resource)
        if resource.status == "Deleting":
            return _end(ctx, resource)
        if resource.status == "InService":
            note_time(ctx)
            return After(BEAT_SECONDS)
        return WAIT  # a failed one waits for its deletion


def _start(ctx: EngineContext, resource: Resource) -> Next:
    """Starts the script, waits for its end, sees to its time."""
    started = resource.internal.get("started")
    if started is None:
        _edit(ctx, resource, lambda row: row.internal.update(started=ctx.clock.monotonic()))
        return AGAIN
    state = starting.script_state(ctx, resource)
    if state.state == "missing":
        try:
            starting.start_script(ctx, resource)
        except FileNotFoundError as error:
            return _failed(ctx, resource, f"StudioLifecycleConfig [{error}] does not exist.")
        return AGAIN
    if state.state == "running":
        # within one boot of the machine this clock goes on, also when the engine is started again
        left = started + starting.LIMIT_SECONDS - ctx.clock.monotonic()
        if left <= 0:
            starting.stop_script(ctx, resource, late=True)
            return WAIT
        return After(left)
    if state.ok:
        _edit(ctx, resource, lambda row: set_status(row, "InService"))
        return AGAIN
    return _failed(ctx, resource, starting.failure_of(resource, state))


def _failed(ctx: EngineContext, resource: Resource, reason: str) -> Next:
    _edit(ctx, resource, lambda row: set_status(row, "Failed", reason))
    return WAIT


def _end(ctx: EngineContext, resource: Resource) -> Next:
    """Ends what still runs, then the app."""
    if resource.internal.get("place") and starting.script_state(ctx, resource).state == "running":
        starting.stop_script(ctx, resource)
        return WAIT
    end_app(ctx, resource, ctx.clock.now())
    return DONE


def _edit(ctx: EngineContext, resource: Resource, edit: Callable[[Resource], None]) -> None:
    """Changes an app that starts, unless its deletion began meanwhile."""

    def guarded(row: Resource) -> None:
        if row.status == "Pending":
            edit(row)

    with contextlib.suppress(ResourceMissing):
        ctx.store.resources.change(*resource.key, guarded)


def note_time(ctx: EngineContext) -> None:
    """Writes that the engine lives now, unless it did so lately."""
    now = ctx.clock.now()
    last = ctx.parts.get(_FAMILY)
    if last is not None and 0 <= now - last.time < BEAT_SECONDS / 2:
        return
    ctx.parts[_FAMILY] = Beat(now)
    ctx.store.documents.put(_FAMILY, "at", {"time": now})


class Beat:
    """When the time was noted last."""

    def __init__(self, time: float) -> None:
        self.time = time

    def close(self) -> None:
        """There is nothing to close."""
