"""`smstudio domains users` and `spaces`: who works in a domain, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.domain_choice import DomainOption, domain_named
from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

users = typer.Typer(help="User profiles of a domain: list, create, delete.", no_args_is_help=True)
spaces = typer.Typer(help="Spaces of a domain: list, create, delete.", no_args_is_help=True)

User = Annotated[str, typer.Argument(help="Name of the user profile.")]
Space = Annotated[str, typer.Argument(help="Name of the space.")]


@users.command("list")
@on_target
def list_users(place: Target, printer: Printer, domain: DomainOption = None) -> None:
    """List the user profiles of a domain."""
    from smstudio_ext.studio.domains import describe_domain

    printer.items(
        describe_domain(place, domain_named(place, domain)).profiles,
        ["Name", "Status", "Created"],
        lambda each: [each.name, each.status, each.created],
        empty="It has no users.",
    )


@users.command("create")
@on_target
def create_user(
    place: Target,
    printer: Printer,
    name: User,
    domain: DomainOption = None,
    role: Annotated[
        str | None, typer.Option(help="ARN of the execution role; the domain's otherwise.")
    ] = None,
) -> None:
    """Create a user profile."""
    from smstudio_ext.studio.domain_members import create_profile
    from smstudio_ext.studio.models.domains import CreateProfile

    create_profile(place, domain_named(place, domain), CreateProfile(name=name, execution_role=role))
    printer.line(f"Created {name}", name=name)


@users.command("delete")
@on_target
def delete_user(
    place: Target, printer: Printer, name: User, domain: DomainOption = None, yes: Sure = False
) -> None:
    """Delete a user profile; its apps must be gone."""
    from smstudio_ext.studio.domain_members import delete_profile

    domain_id = domain_named(place, domain)
    sure(f"Delete the user profile {name} of {domain_id}?", yes)
    delete_profile(place, domain_id, name)
    printer.line(f"{name} is being deleted.", name=name, status="Deleting")


@spaces.command("list")
@on_target
def list_spaces(place: Target, printer: Printer, domain: DomainOption = None) -> None:
    """List the spaces of a domain."""
    from smstudio_ext.studio.domains import describe_domain

    printer.items(
        describe_domain(place, domain_named(place, domain)).spaces,
        ["Name", "Status", "Sharing", "Owner", "App type", "Created"],
        lambda each: [each.name, each.status, each.sharing, each.owner, each.app_type, each.created],
        empty="It has no spaces.",
    )


@spaces.command("create")
@on_target
def create_space(
    place: Target,
    printer: Printer,
    name: Space,
    domain: DomainOption = None,
    owner: Annotated[str | None, typer.Option(help="User profile that owns it.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Only its owner uses it.")] = False,
    app_type: Annotated[
        Literal["JupyterLab", "CodeEditor"] | None, typer.Option(help="Apps that it is for.")
    ] = None,
    volume: Annotated[int | None, typer.Option(min=5, max=16384, help="GB of its volume.")] = None,
) -> None:
    """Create a space."""
    from smstudio_ext.studio.domain_members import create_space as make
    from smstudio_ext.studio.models.domains import CreateSpace

    form = CreateSpace(
        name=name,
        owner=owner,
        sharing="Private" if private else "Shared",
        app_type=app_type,
        volume_gb=volume,
    )
    make(place, domain_named(place, domain), form)
    printer.line(f"Created {name}", name=name)


@spaces.command("delete")
@on_target
def delete_space(
    place: Target, printer: Printer, name: Space, domain: DomainOption = None, yes: Sure = False
) -> None:
    """Delete a space; its apps must be gone."""
    from smstudio_ext.studio.domain_members import delete_space as remove

    domain_id = domain_named(place, domain)
    sure(f"Delete the space {name} of {domain_id} with its files?", yes)
    remove(place, domain_id, name)
    printer.line(f"{name} is being deleted.", name=name, status="Deleting")
