"""`smstudio idle`: when idle instances of the local engine are shut down."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.options import Json
from smstudio_ext.cli.places import Printer
from smstudio_ext.cli.session import Data, aws_errors

if TYPE_CHECKING:
    from smstudio_ext.notebooks.idle import Policy


def idle(
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Shut idle instances down, or do not.")
    ] = None,
    after: Annotated[
        float | None, typer.Option(help="Minutes without a busy kernel and without CPU use.")
    ] = None,
    warn: Annotated[float | None, typer.Option(help="Pages warn so many minutes before.")] = None,
    terminals: Annotated[
        bool | None,
        typer.Option("--terminals/--no-terminals", help="An open image terminal keeps its instance."),
    ] = None,
    cpu: Annotated[
        float | None, typer.Option(help="An instance that uses more percent of its vCPUs is not idle.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show or set when idle instances of the local engine are shut down; what is not named stays.

    All Jupyter servers of the data directory follow it. On AWS domains have idle settings of their own.
    """
    from smstudio_ext.engine.settings import default_data_dir
    from smstudio_ext.notebooks.idle import Policy, read_policy, write_policy
    from smstudio_ext.studio.models.running import IdlePolicy

    directory = (data or default_data_dir()).expanduser().absolute()
    found = read_policy(directory)
    given = {
        "enabled": on,
        "timeout_minutes": after,
        "warn_minutes": warn,
        "terminals": terminals,
        "cpu_percent": cpu,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if changes:
        with aws_errors():  # the form's limits
            found = Policy(**IdlePolicy(**{**asdict(found), **changes}).model_dump())
        write_policy(directory, found)
    printer = Printer(as_json)
    if as_json:
        printer.document(asdict(found))
    else:
        printer.rows(["What", "Value"], _facts(found), empty="")


def _facts(found: Policy) -> list[list[Any]]:
    return [
        ["Idle instances", "are shut down" if found.enabled else "are left running"],
        ["After minutes", f"{found.timeout_minutes:g}"],
        ["Pages warn minutes before", f"{found.warn_minutes:g}"],
        ["Open image terminals keep them", found.terminals],
        ["Idle below percent of the vCPUs", f"{found.cpu_percent:g}"],
    ]
