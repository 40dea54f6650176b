"""Makes notebook instances what their rows say: starts, watches, stops and deletes their processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.notebook_instances.folders import folders_of
from smstudio_ext.engine.notebook_instances.instances import KIND, set_status
from smstudio_ext.engine.notebook_instances.startup import (
    failure_of,
    port_of,
    refresh_control,
    start_process,
)
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, After, Next, controller
from smstudio_ext.engine.store.resources import ResourceMissing

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

LOOK_SECONDS = 0.1
WATCH_SECONDS = 2.0
LOSSES = 3
"""How often a lost process is started again within `LOSS_WINDOW` seconds."""
LOSS_WINDOW = 600.0


@controller
class NotebookInstanceController:
    """Moves notebook instances along `states.NOTEBOOK_INSTANCE`; an instance in service is never finished."""

    kind = KIND

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """One step of a notebook instance."""
        try:
            if resource.status == "Pending":
                return _bring_up(ctx, resource)
            if resource.status == "InService":
                return _watch(ctx, resource)
            if resource.status == "Stopping":
                return _end(ctx, resource)
            if resource.status == "Updating":
                return _change(ctx, resource)
            if resource.status == "Deleting":
                return _take_away(ctx, resource)
        except ResourceMissing:
            folders_of(ctx.settings, resource).remove()
        return DONE


def _bring_up(ctx: EngineContext, resource: Resource) -> Next:
    folders, run = folders_of(ctx.settings, resource), resource.internal["run"]
    process = ctx.runner.state(folders.run(run))
    if process.state == "missing":
        try:
            start_process(ctx, resource)
        except AwsError as problem:
            return _fail(ctx, resource, problem.message)
        return After(LOOK_SECONDS)
    if process.state == "running":
        port = port_of(folders)
        if port is None:
            return After(LOOK_SECONDS)
        with ctx.store.resources.changing(*resource.key) as row:
            set_status(row, "InService", ctx.clock.now())
            row.internal["port"] = port
            row.document["Url"] = f"127.0.0.1:{port}"
        return After(WATCH_SECONDS)
    reason = (
        failure_of(folders, run)
        or f"The instance's process ended: {process.reason or process.message or process.code}."
    )
    return _fail(ctx, resource, reason)


def _fail(ctx: EngineContext, resource: Resource, reason: str) -> Next:
    with ctx.store.resources.changing(*resource.key) as row:
        set_status(row, "Failed", ctx.clock.now())
        row.document["FailureReason"] = reason
    folders_of(ctx.settings, resource).empty_scratch()
    return DONE


def _watch(ctx: EngineContext, resource: Resource) -> Next:
    folders, run = folders_of(ctx.settings, resource), resource.internal["run"]
    process = ctx.runner.state(folders.run(run))
    if process.state == "running":
        refresh_control(ctx, resource)
        port = port_of(folders)
        if port is not None and port != resource.internal["port"]:
            with ctx.store.resources.changing(*resource.key) as row:
                row.internal["port"] = port
                row.document["Url"] = f"127.0.0.1:{port}"
        return After(WATCH_SECONDS)
    reason = failure_of(folders, run)
    now = ctx.clock.now()
    lost = [moment for moment in resource.internal["lost"] if now - moment < LOSS_WINDOW]
    if reason is not None or len(lost) >= LOSSES:
        return _fail(
            ctx, resource, reason or "The instance's process was ended again and again from outside."
        )
    with ctx.store.resources.changing(*resource.key) as row:
        set_status(row, "Pending", now)
        row.internal["run"] += 1
        row.internal["lost"] = [*lost, now]
    return AGAIN


def _end(ctx: EngineContext, resource: Resource) -> Next:
    if not _ended(ctx, resource):
        return After(LOOK_SECONDS)
    folders_of(ctx.settings, resource).empty_scratch()
    with ctx.store.resources.changing(*resource.key) as row:
        set_status(row, "Stopped", ctx.clock.now())
    return DONE


def _ended(ctx: EngineContext, resource: Resource) -> bool:
    directory = folders_of(ctx.settings, resource).run(resource.internal["run"])
    if ctx.runner.state(directory).state != "running":
        return True
    if not (directory / "stop.json").exists():
        ctx.runner.stop(directory)
    return False


def _change(ctx: EngineContext, resource: Resource) -> Next:
    with ctx.store.resources.changing(*resource.key) as row:
        change = row.internal["update"] or {}
        row.document.update(change.get("set") or {})
        for member in change.get("remove") or ():
            row.document.pop(member, None)
        row.internal["update"] = None
        set_status(row, "Stopped", ctx.clock.now())
    return DONE


def _take_away(ctx: EngineContext, resource: Resource) -> Next:
    if not _ended(ctx, resource):
        return After(LOOK_SECONDS)
    folders_of(ctx.settings, resource).remove()
    ctx.store.resources.delete(*resource.key)
    return DONE
