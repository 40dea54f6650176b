"""`smstudio scripts`: start-up scripts of Studio's apps (lifecycle configurations)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.domain_choice import DomainOption, domain_named
from smstudio_ext.cli.notebook_lifecycles import script_text
from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Start-up scripts of apps (Studio's lifecycle configurations): list, show, create, attach, detach, delete.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the script.")]
User = Annotated[str | None, typer.Option(help="A user profile; else the whole domain.")]


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    attached: Annotated[
        bool, typer.Option("--attached", help="Also where each is attached; asks every domain.")
    ] = False,
) -> None:
    """List start-up scripts, the newest first."""
    from smstudio_ext.studio.domains import list_domains
    from smstudio_ext.studio.lifecycle_configs import domain_attachments, list_scripts

    found = list_scripts(place).items
    if not attached:
        printer.items(
            found,
            ["Name", "App type", "Created"],
            lambda each: [each.name, each.app_type, each.created],
            empty="There are no start-up scripts.",
        )
        return
    places: dict[str, list[str]] = {}
    for domain in list_domains(place).items:
        for each in domain_attachments(place, domain.id).places:
            where = f"{each.domain_name}/{each.user}" if each.user else each.domain_name
            places.setdefault(each.arn, []).append(f"{where} (default)" if each.default else where)
    rows = [[each.name, each.app_type, each.created, places.get(each.arn, [])] for each in found]
    headings = ["Name", "App type", "Created", "Attached to"]
    printer.rows(headings, rows, empty="There are no start-up scripts.")


@app.command()
@on_target
def show(place: Target, printer: Printer, name: Name) -> None:
    """Print the text of a start-up script."""
    from smstudio_ext.studio.lifecycle_configs import describe_script

    found = describe_script(place, name)
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
    else:
        typer.echo(found.text, nl=not found.text.endswith("\n"))


@app.command()
@on_target
def create(
    place: Target,
    printer: Printer,
    name: Name,
    file: Annotated[Path, typer.Argument(help="File with the script.")],
    app_type: Annotated[
        Literal["JupyterServer", "KernelGateway", "JupyterLab", "CodeEditor"],
        typer.Option(help="Apps that may run it."),
    ] = "KernelGateway",
) -> None:
    """Create a start-up script."""
    from smstudio_ext.studio.lifecycle_configs import create_script
    from smstudio_ext.studio.models.studio_assets import CreateScript

    create_script(place, CreateScript(name=name, app_type=app_type, text=script_text(file)))
    printer.line(f"Created {name}", name=name, app_type=app_type)


@app.command()
@on_target
def attach(
    place: Target,
    printer: Printer,
    name: Name,
    domain: DomainOption = None,
    user: User = None,
    default: Annotated[bool, typer.Option("--default", help="It runs unless an app names another.")] = False,
) -> None:
    """Attach a start-up script to a domain, or to one user."""
    _attach(place, printer, name, domain, user, attached=True, default=default)


@app.command()
@on_target
def detach(
    place: Target, printer: Printer, name: Name, domain: DomainOption = None, user: User = None
) -> None:
    """Detach a start-up script from a domain, or from one user."""
    _attach(place, printer, name, domain, user, attached=False, default=False)


@app.command()
@on_target
def delete(place: Target, printer: Printer, name: Name, yes: Sure = False) -> None:
    """Delete a start-up script; it must not be attached."""
    from smstudio_ext.studio.lifecycle_configs import delete_script, describe_script

    describe_script(place, name)  # says when there is none
    sure(f"Delete the start-up script {name}?", yes)
    delete_script(place, name)
    printer.line(f"{name} is gone.", name=name)


def _attach(
    place: Target,
    printer: Printer,
    name: str,
    domain: str | None,
    user: str | None,
    *,
    attached: bool,
    default: bool,
) -> None:
    from smstudio_ext.studio.lifecycle_configs import attach_script
    from smstudio_ext.studio.models.studio_assets import AttachScript

    domain_id = domain_named(place, domain)
    attach_script(
        place, name, AttachScript(domain_id=domain_id, user=user, attached=attached, default=default)
    )
    word = "attached to" if attached else "detached from"
    printer.line(
        f"{name} is {word} {user or domain_id}.", name=name, domain=domain_id, user=user, attached=attached
    )
