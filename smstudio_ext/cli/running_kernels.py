"""`smstudio kernel running` and `stop`: kernels that the Jupyter servers of a data directory have started."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.options import Json
from smstudio_ext.cli.places import Printer
from smstudio_ext.cli.session import Data, fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.running import RunningKernel


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command("running")(running)
    app.command("stop")(stop)


def running(
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the kernels that run on this machine or on gateways, with what they run on."""
    Printer(as_json).items(
        _kernels(data),
        ["Id", "Notebook", "Kernel", "State", "Instance", "Gateway", "Started"],
        lambda each: [
            each.id,
            each.title,
            each.display_name,
            each.state,
            each.instance_type,
            each.gateway,
            each.started,
        ],
        empty="No kernel runs.",
    )


def stop(
    kernels: Annotated[list[str], typer.Argument(help="Ids of kernels, or how they begin.")],
    yes: Sure = False,
    data: Data = None,
) -> None:
    """End kernels; what they have in memory is lost."""
    from smstudio_ext.notebooks.ending import end_kernels

    found = _kernels(data)
    chosen: list[RunningKernel] = []
    for given in kernels:
        fitting = [each for each in found if each.id.startswith(given)]
        if len(fitting) != 1:
            what = "There is no kernel" if not fitting else "There are several kernels"
            fail(f"{what} {given}. See: smstudio kernel running")
        chosen += fitting
    sure(f"End {', '.join(each.title for each in chosen)}?", yes, kept="Nothing was ended.")
    items = end_kernels([each.id for each in chosen])
    failed = [item for item in items if item.error]
    typer.echo(f"Ended {len(items) - len(failed)}.")
    if failed:
        fail("\n".join(f"{item.name} still runs: {item.error}" for item in failed))


def _kernels(data: Path | None) -> list[RunningKernel]:
    """All kernels that the servers of the data directory have placed."""
    from smstudio_ext.notebooks.gateway import registry
    from smstudio_ext.notebooks.placing import placements
    from smstudio_ext.studio.running import placed_kernel

    if data is not None:
        os.environ["SMSTUDIO_HOME"] = str(data.expanduser().absolute())
    return [placed_kernel(each) for each in (*placements(), *registry.remotes())]
