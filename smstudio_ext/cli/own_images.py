"""`smstudio images own`, `versions`, `delete` and `instance-types`: own images of a target, and what notebooks run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

Name = Annotated[str, typer.Argument(help="Name of the image.")]


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (own, versions, delete):
        app.command()(on_target(command))
    app.command("instance-types")(on_target(instance_types))


def own(place: Target, printer: Printer) -> None:
    """List the own images of the region, the newest first."""
    from smstudio_ext.studio.own_images import list_images

    printer.items(
        list_images(place).items,
        ["Name", "Display name", "Status", "Created", "Description"],
        lambda each: [each.name, each.display_name, each.status, each.created, each.description],
        empty="There are no own images.",
    )


def versions(place: Target, printer: Printer, name: Name) -> None:
    """List the versions of an own image, the newest first, with what each was made of."""
    from smstudio_ext.studio.own_images import image_versions

    printer.items(
        image_versions(place, name).versions,
        ["Version", "Status", "Aliases", "Made of", "Created", "Failure"],
        lambda each: [
            each.number,
            each.status,
            each.aliases,
            each.base,
            each.created,
            each.failure_reason,
        ],
        empty="It has no versions.",
    )


def delete(place: Target, printer: Printer, name: Name, yes: Sure = False) -> None:
    """Take an own image out of all domains, and away; what it was made of stays."""
    from smstudio_ext.studio.own_images import delete_image, image_versions

    image_versions(place, name)  # says when there is none
    sure(f"Delete the image {name}?", yes)
    delete_image(place, name)
    printer.line(f"{name} is being deleted.", name=name, status="Deleting")


def instance_types(
    place: Target,
    printer: Printer,
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Also those that this machine cannot hold.")
    ] = False,
) -> None:
    """List the instance types of notebooks with their prices an hour."""
    from smstudio_ext.studio.instance_table import list_instance_types

    found = list_instance_types(place.region)
    items = [each for each in found.items if all_of_them or not each.lacks]
    printer.items(
        items,
        ["Name", "vCPU", "GiB", "GPU", "USD an hour", "Fast launch", "Lacks here"],
        lambda each: [
            each.name,
            each.vcpu,
            each.memory_gib,
            each.gpu,
            each.price,
            each.fast_launch,
            each.lacks,
        ],
        empty="This machine holds none of them: see --all.",
    )
    if not printer.as_json:
        typer.echo(f"Prices of {found.prices.region}, list of {found.prices.date}.", err=True)
