"""Shutting down what runs: which things each scope of the panel takes with it, as Studio documents it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from smstudio_ext.routes.running_sessions import (
    list_kernels,
    list_terminals,
    shut_down_kernels,
    shut_down_terminals,
)

if TYPE_CHECKING:
    from smstudio_ext.studio.models.running import (
        RunningKernel,
        RunningTerminal,
        Scope,
        ShutdownItem,
        ShutdownResult,
    )
    from smstudio_ext.studio.running_apps import App
    from smstudio_ext.target import Target

T = TypeVar("T")


@dataclass(frozen=True)
class Victims:
    """What goes: in this order kernels, terminals, apps, other resources."""

    kernels: tuple[str, ...] = ()
    terminals: tuple[str, ...] = ()
    apps: tuple[App, ...] = ()


def victims(
    scope: Scope,
    name: str | None,
    apps: Iterable[App],
    kernels: Iterable[RunningKernel],
    terminals: Iterable[RunningTerminal],
) -> Victims:
    """What a scope takes with it.

    Instances and apps take their kernels, consoles and image terminals, never system terminals. Kernels and terminals
    leave the apps (and so the instances, and so the cost) running. Nothing takes endpoints, jobs or data.
    """
    apps, kernels, terminals = list(apps), list(kernels), list(terminals)
    if scope in ("kernel", "kernels"):
        return Victims(kernels=tuple(each.id for each in kernels if scope == "kernels" or each.id == name))
    if scope in ("terminal", "terminals"):
        return Victims(
            terminals=tuple(each.name for each in terminals if scope == "terminals" or each.name == name)
        )
    chosen = [app for app in apps if app.metered or app.app_type != "JupyterServer"]
    if scope == "instance":
        chosen = [app for app in chosen if f"{app.owner}/{app.instance_type}" == name]
    elif scope == "app":
        chosen = [app for app in chosen if app.name == name]
    names = {app.name for app in chosen}
    here = [each for each in kernels if each.app in names or (scope == "instances" and each.instance_type)]
    return Victims(
        kernels=tuple(each.id for each in here),
        terminals=tuple(each.name for each in terminals if each.app in names),
        apps=tuple(chosen),
    )


async def shut_down(
    settings: dict[str, Any], workers: Executor, target: Callable[[], Target], scope: Scope, name: str | None
) -> ShutdownResult:
    """Shuts down what a scope says; goes on with the rest when one thing cannot be.

    Args:
        target: gives the chosen target; called in a worker thread.
        name: of the one; a job's with its kind, `TrainingJob/a`.

    Raises:
        Missing: there is nothing of that name.
    """
    from smstudio_ext.studio.models.running import ShutdownResult
    from smstudio_ext.studio.problems import Missing
    from smstudio_ext.studio.running import shut_down_apps, shut_down_resource
    from smstudio_ext.studio.running_apps import list_apps

    loop = asyncio.get_running_loop()

    async def run(work: Callable[[], T]) -> T:
        return await loop.run_in_executor(workers, work)

    if scope in ("endpoint", "job", "notebook_instance"):
        kind = {"endpoint": "Endpoint", "notebook_instance": "NotebookInstance"}.get(scope, "")
        if not kind:
            kind, _, name = (name or "").partition("/")
        return ShutdownResult(items=[await run(lambda: shut_down_resource(target(), kind, name or ""))])
    apps: list[App] = []
    if scope in ("instance", "app", "instances", "apps"):
        apps = await run(
            lambda: [app for app in list_apps(target()) if app.status in ("Pending", "InService")]
        )
    chosen = victims(scope, name, apps, await list_kernels(settings, workers), list_terminals(settings))
    if name is not None and not (chosen.kernels or chosen.terminals or chosen.apps):
        raise Missing(f"Nothing called {name!r} runs any more.")
    items: list[ShutdownItem] = await shut_down_kernels(settings, chosen.kernels)
    items += await shut_down_terminals(settings, chosen.terminals)
    items += await run(lambda: shut_down_apps(target(), chosen.apps))
    return ShutdownResult(items=items)
