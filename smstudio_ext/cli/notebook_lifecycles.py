"""`smstudio notebook-instances lifecycle`: the scripts that notebook instances run when they are made and started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.options import Most, Search
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Lifecycle configurations of notebook instances: list, describe, create, update, delete.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the lifecycle configuration.")]
OnCreate = Annotated[
    Path | None, typer.Option(help="File with the script that runs once, when an instance is made.")
]
OnStart = Annotated[Path | None, typer.Option(help="File with the script that runs at every start.")]


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    search: Search = None,
    most: Most = 20,
) -> None:
    """List lifecycle configurations of notebook instances, the newest first."""
    from smstudio_ext.studio.models.notebook_instances import ListNotebookLifecycleConfigs
    from smstudio_ext.studio.notebook_lifecycles import list_lifecycle_configs

    page = list_lifecycle_configs(place, ListNotebookLifecycleConfigs(search=search, max_results=most))
    printer.items(
        page.items,
        ["Name", "Created", "Modified"],
        lambda each: [each.name, each.created, each.modified],
        empty="There are no lifecycle configurations of notebook instances.",
    )


@app.command()
@on_target
def describe(place: Target, printer: Printer, name: Name) -> None:
    """Show a lifecycle configuration with its scripts and the instances that run it."""
    from smstudio_ext.studio.notebook_lifecycles import describe_lifecycle_config

    found = describe_lifecycle_config(place, name)
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    typer.echo(f"{found.name}, used by {', '.join(found.used_by) or 'no instance'}")
    for title, text in (("On create", found.on_create), ("On start", found.on_start)):
        if text:
            typer.echo(f"==== {title} ====\n{text}")


@app.command()
@on_target
def create(
    place: Target, printer: Printer, name: Name, on_create: OnCreate = None, on_start: OnStart = None
) -> None:
    """Create a lifecycle configuration of one script or two."""
    from smstudio_ext.studio.models.notebook_instances import NotebookLifecycleConfigForm
    from smstudio_ext.studio.notebook_lifecycles import create_lifecycle_config

    form = NotebookLifecycleConfigForm(
        name=name, on_create=script_text(on_create), on_start=script_text(on_start)
    )
    create_lifecycle_config(place, form)
    printer.line(f"Created {name}", name=name)


@app.command()
@on_target
def update(
    place: Target, printer: Printer, name: Name, on_create: OnCreate = None, on_start: OnStart = None
) -> None:
    """Change scripts; what is not named stays. Instances run them at their next start."""
    from smstudio_ext.studio.models.notebook_instances import NotebookLifecycleConfigForm
    from smstudio_ext.studio.notebook_lifecycles import describe_lifecycle_config, update_lifecycle_config

    before = describe_lifecycle_config(place, name)
    form = NotebookLifecycleConfigForm(
        name=name,
        on_create=script_text(on_create) if on_create else before.on_create,
        on_start=script_text(on_start) if on_start else before.on_start,
    )
    update_lifecycle_config(place, name, form)
    printer.line(f"Changed {name}", name=name)


@app.command()
@on_target
def delete(place: Target, printer: Printer, name: Name, yes: Sure = False) -> None:
    """Delete a lifecycle configuration."""
    from smstudio_ext.studio.notebook_lifecycles import delete_lifecycle_config, describe_lifecycle_config

    used = describe_lifecycle_config(place, name).used_by
    also = f" Instances run it: {', '.join(used)}." if used else ""
    sure(f"Delete the lifecycle configuration {name}?{also}", yes)
    delete_lifecycle_config(place, name)
    printer.line(f"{name} is gone.", name=name)


def script_text(path: Path | None) -> str:
    """The text of a script's file; the command ends when it cannot be read."""
    if path is None:
        return ""
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}", code=2)
