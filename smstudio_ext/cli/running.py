"""`smstudio running` and `smstudio stop-all`: what runs and its cost, and stopping all of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.consent import Sure
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import Data, aws_errors, fail, local_target

if TYPE_CHECKING:
    from smstudio_ext.studio.models.running import Running, RunningInstance, RunningResource, ShutdownItem
    from smstudio_ext.target import Target
else:
    Target = Any

_BETWEEN_LOOKS = 1.0


@on_target
def running(
    place: Target,
    printer: Printer,
    usage: Annotated[
        bool,
        typer.Option(
            "--usage", help="Instead: CPU and memory that kernels and instances use on this machine."
        ),
    ] = False,
) -> None:
    """List instances, apps, kernels, endpoints and jobs that run, and what they cost, or would cost on AWS."""
    if usage:
        _print_usage(place, printer)
        return
    found = _look(place)
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    if not _anything(found):
        typer.echo("Nothing runs.")
        return
    _print(found)


def _print_usage(place: Target, printer: Printer) -> None:
    """What kernels and instances use between two looks, which are a second apart."""
    from smstudio_ext.notebooks.usage import UsageReader

    if place.kind != "local":
        fail("What is used is known of this machine only: leave --target aws or --usage out.", code=2)
    reader = UsageReader()
    reader.read()
    time.sleep(_BETWEEN_LOOKS)
    found = reader.read()
    uses = [
        ("Kernel", found.places[name].session or name, found.on.get(name, ""), use)
        for name, use in found.kernels.items()
    ]
    uses += [("Instance", name, "", use) for name, use in found.instances.items()]
    uses.append(("Machine", "", "", found.machine))
    printer.rows(
        ["Kind", "Name", "Instance", "CPU percent", "MB", "Memory percent"],
        [
            [kind, name, on, use.cpu_percent, round(use.memory_bytes / 1e6), use.memory_percent]
            for kind, name, on, use in uses
        ],
        empty="",
    )


def stop_all(data: Data = None, yes: Sure = False) -> None:
    """On the local engine: stop every app, kernel, notebook instance and job, and delete every endpoint; models, results and data stay."""
    from smstudio_ext.engine.settings import default_data_dir

    with aws_errors():
        place = local_target(data)
        _use_directory((data or default_data_dir()).expanduser().absolute())
        found = _look(place)
        if not _anything(found):
            typer.echo("Nothing runs.")
            return
        _print(found)
        if not yes and not typer.confirm("Stop all of it?"):
            fail("Nothing was stopped.")
        items = _stop(place, found)
    failed = [item for item in items if item.error]
    typer.echo(f"Stopped {len(items) - len(failed)}.")
    if failed:
        fail("\n".join(f"{item.kind} {item.name} still runs: {item.error}" for item in failed))


def _look(place: Target) -> Running:
    """Everything that runs; locally the kernels of all servers of the data directory included."""
    from smstudio_ext.notebooks.gateway import registry
    from smstudio_ext.notebooks.home import data_dir
    from smstudio_ext.notebooks.placing import placements
    from smstudio_ext.studio.running import get_running, placed_kernel
    from smstudio_ext.studio.usage_ledger import UsageLedger

    directory = data_dir()
    kernels = [*placements(), *registry.remotes()] if place.kind == "local" else []
    return get_running(
        place,
        [placed_kernel(each) for each in kernels],
        data_dir=directory,
        ledger=UsageLedger(directory),
    )


def _use_directory(directory: Path) -> None:
    """Lets the registry of kernels look into the data directory that the command names."""
    import os

    os.environ["SMSTUDIO_HOME"] = str(directory)


def _anything(found: Running) -> bool:
    return bool(
        found.instances
        or found.kernels
        or found.endpoints
        or found.jobs
        or found.notebook_instances
        or any(app.status in ("Pending", "InService") for app in found.apps)
    )


def _stop(place: Target, found: Running) -> list[ShutdownItem]:
    from smstudio_ext.notebooks.ending import end_kernels
    from smstudio_ext.studio.running import shut_down_apps, shut_down_resource
    from smstudio_ext.studio.running_apps import list_apps

    items = end_kernels([kernel.id for kernel in found.kernels])
    items += shut_down_apps(
        place, [app for app in list_apps(place) if app.status in ("Pending", "InService")]
    )
    items += [
        shut_down_resource(place, each.kind, each.name)
        # parents first: stopping them stops the jobs that they made
        for each in (*found.jobs, *found.endpoints, *found.notebook_instances)
        if each.status != "Stopping"
    ]
    return items


def _print(found: Running) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Kind", "Name", "State", "Since", "Hours", "USD/h", "USD so far")
    for column in table.columns:
        column.no_wrap = True
    for instance in found.instances:
        owner = f" of {instance.owner}" if len({each.owner for each in found.instances}) > 1 else ""
        apps = f"{len(instance.apps)} app{'s' if len(instance.apps) != 1 else ''}"
        table.add_row("Instance", f"{instance.instance_type}{owner}", apps, *_times(instance))
        for app in found.apps:
            if app.name in instance.apps:
                table.add_row("  App", app.name, app.status, _moment(app.created), "", "", "")
                for kernel in found.kernels:
                    if kernel.app == app.name:
                        table.add_row(
                            "    Kernel", kernel.title, kernel.state, _moment(kernel.started), "", "", ""
                        )
    for kernel in found.kernels:
        if kernel.app is None:
            table.add_row("Kernel", kernel.title, kernel.state, _moment(kernel.started), "", "", "")
    for resource in (*found.endpoints, *found.notebook_instances, *found.jobs):
        table.add_row(resource.kind, resource.name, resource.status, *_times(resource))
    console = Console()
    if not console.is_terminal:  # into a file or a program, where lines may be long
        console = Console(width=200, soft_wrap=True)
    console.print(table)
    source = found.prices
    kind, note = (
        ("Simulated", "nobody bills it") if found.simulated else ("Estimated", "your bill may differ")
    )
    console.print(
        f"{kind} cost so far: {found.costs:.4f} USD, {found.hourly:.4f} USD an hour "
        f"(prices of {source.region} of {source.date}; {note}).",
        highlight=False,
    )
    if found.unpriced:
        console.print(f"No price is known for {', '.join(found.unpriced)}.", highlight=False)
    for problem in found.refused:
        console.print(f"Not listed: {problem}", highlight=False)


def _times(found: RunningInstance | RunningResource) -> tuple[str, str, str, str]:
    return (
        _moment(found.started),
        f"{found.seconds / 3600:.2f}",
        "?" if found.hourly is None else f"{found.hourly:g}",
        "?" if found.cost is None else f"{found.cost:.4f}",
    )


def _moment(moment: Any) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment is not None else ""
