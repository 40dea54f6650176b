"""The kernels and terminals of this Jupyter server: what they are, and shutting them down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Executor
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from smstudio_ext.notebooks.placing import Placement
    from smstudio_ext.studio.models.running import RunningKernel, RunningTerminal, ShutdownItem

Settings = dict[str, Any]
"""What the Jupyter server's handlers share."""

KernelKind = Literal["notebook", "console", "kernel"]


async def list_kernels(settings: Settings, workers: Executor) -> list[RunningKernel]:
    """All kernels of the server, notebooks first, each with the app that it was placed on."""
    from smstudio_ext.studio.models.running import RunningKernel

    manager = settings["kernel_manager"]
    sessions = {
        session["kernel"]["id"]: session
        for session in await settings["session_manager"].list_sessions()
        if session.get("kernel")
    }
    loop = asyncio.get_running_loop()
    places, remote = await loop.run_in_executor(workers, lambda: (placed(), on_gateways()))
    names = await loop.run_in_executor(workers, lambda: _display_names(settings))
    found = []
    for kernel_id in manager.list_kernel_ids():
        kernel = manager.get_kernel(kernel_id)
        session = sessions.get(kernel_id, {})
        kind: KernelKind = "kernel"
        if session.get("type") in ("notebook", "console"):
            kind = session["type"]
        place = places.get(kernel_id)
        host, connected = remote.get(kernel_id, (None, True))
        found.append(
            RunningKernel(
                id=kernel_id,
                session=session.get("id"),
                title=session.get("name")
                or str(session.get("path", "")).rpartition("/")[2]
                or kernel.kernel_name,
                path=session.get("path", "") if kind == "notebook" else "",
                kind=kind,
                kernel_name=kernel.kernel_name,
                display_name=names.get(kernel.kernel_name, kernel.kernel_name),
                state=getattr(kernel, "execution_state", None) or "unknown",
                app=getattr(place, "app_name", None),
                instance_type=getattr(place, "instance_type", None),
                started=_time(getattr(place, "started", None)),
                last_activity=_utc(getattr(kernel, "last_activity", None)),
                gateway=host,
                connected=connected,
            )
        )
    order = {"notebook": 0, "console": 1, "kernel": 2}
    return sorted(found, key=lambda each: (order[each.kind], each.title, each.id))


def list_terminals(settings: Settings) -> list[RunningTerminal]:
    """All terminals of the server."""
    manager = settings.get("terminal_manager")
    if manager is None:
        return []
    return [_terminal(terminal, manager.terminals.get(terminal["name"])) for terminal in manager.list()]


def _terminal(listed: dict[str, Any], made: Any) -> RunningTerminal:
    from smstudio_ext.notebooks.terminals import image_terminal
    from smstudio_ext.studio.models.running import RunningTerminal

    place = image_terminal(made)
    activity = listed.get("last_activity")
    return RunningTerminal(
        name=listed["name"],
        title=f"terminals/{listed['name']}",
        app=place.app if place else None,
        instance_type=place.instance_type if place else None,
        last_activity=datetime.fromisoformat(activity.replace("Z", "+00:00")) if activity else None,
    )


async def shut_down_kernels(settings: Settings, kernel_ids: Iterable[str]) -> list[ShutdownItem]:
    """Shuts kernels down, with the sessions that use them; goes on when one cannot be."""
    from smstudio_ext.studio.models.running import ShutdownItem

    manager, sessions = settings["kernel_manager"], settings["session_manager"]
    using = {
        session["kernel"]["id"]: session["id"]
        for session in await sessions.list_sessions()
        if session.get("kernel")
    }
    items = []
    for kernel_id in kernel_ids:
        error = None
        try:
            if kernel_id in using:
                await sessions.delete_session(using[kernel_id])
            elif kernel_id in manager:
                await manager.shutdown_kernel(kernel_id)
        except Exception as problem:  # noqa: BLE001 - whatever keeps one kernel alive, the others must go
            if kernel_id in manager:
                error = str(problem) or type(problem).__name__
        items.append(ShutdownItem(kind="Kernel", name=kernel_id, error=error))
    return items


async def shut_down_terminals(settings: Settings, names: Iterable[str]) -> list[ShutdownItem]:
    """Ends terminals; goes on when one cannot be ended."""
    from smstudio_ext.studio.models.running import ShutdownItem

    manager = settings.get("terminal_manager")
    items = []
    for name in names:
        error = None
        try:
            if manager is not None and name in manager.terminals:
                await manager.terminate(name, force=True)
        except Exception as problem:  # noqa: BLE001 - whatever keeps one terminal alive, the others must go
            error = str(problem) or type(problem).__name__
        items.append(ShutdownItem(kind="Terminal", name=name, error=error))
    return items


def kernel_processes(settings: Settings) -> dict[str, int]:
    """Kernel id -> its process, of kernels that run as processes of this machine; not the relays of gateways' kernels."""
    manager = settings["kernel_manager"]
    found = {}
    for kernel_id in manager.list_kernel_ids():
        provisioner = getattr(manager.get_kernel(kernel_id), "provisioner", None)
        pid = getattr(provisioner, "pid", None)
        if isinstance(pid, int) and not hasattr(provisioner, "gateway_name"):
            found[kernel_id] = pid
    return found


def terminal_processes(settings: Settings) -> dict[int, str]:
    """Shell of each image terminal -> the type of its instance."""
    from smstudio_ext.notebooks.terminals import image_terminal

    manager = settings.get("terminal_manager")
    found: dict[int, str] = {}
    for made in list(manager.terminals.values()) if manager is not None else ():
        place = image_terminal(made)
        pid = getattr(getattr(made, "ptyproc", None), "pid", None)
        if place and isinstance(pid, int):
            found[pid] = place.instance_type
    return found


def kernel_states(settings: Settings) -> dict[str, str]:
    """Kernel id -> Jupyter's execution state."""
    manager = settings["kernel_manager"]
    return {
        kernel_id: str(getattr(manager.get_kernel(kernel_id), "execution_state", None) or "unknown")
        for kernel_id in manager.list_kernel_ids()
    }


def placed() -> dict[str, Placement]:
    """Kernel id -> where it was placed."""
    from smstudio_ext.notebooks.placing import placements

    return {place.kernel_id: place for place in placements()}


def on_gateways() -> dict[str, tuple[str, bool]]:
    """Kernel id -> host of its gateway, and whether the connection to it holds."""
    from smstudio_ext.notebooks.gateway import registry

    return {
        each.kernel_id: (each.host, registry.state(each.kernel_id).state != "reconnecting")
        for each in registry.remotes()
    }


def _display_names(settings: Settings) -> dict[str, str]:
    """Kernelspec name -> what people read; empty for specs that were removed meanwhile."""
    specs = settings["kernel_spec_manager"].get_all_specs()
    return {name: spec["spec"].get("display_name", name) for name, spec in specs.items()}


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, timezone.utc) if seconds is not None else None
