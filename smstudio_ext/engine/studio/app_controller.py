"""Moves apps along: the start-up script of a new one, the end of a deleted one, apps of before a reboot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.engine.runtime.procfs import boot_id
from smstudio_ext.engine.runtime.reconciler import DONE, WAIT, After, Next, controller
from smstudio_ext.engine.store.resources import Resource
from smstudio_ext.engine.studio.apps import end_app
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
        if resource.status == "Deleting":
            end_app(ctx, resource, ctx.clock.now())
            return DONE
        if resource.status == "InService":
            note_time(ctx)
            return After(BEAT_SECONDS)
        return WAIT


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
