"""`smstudio domains`: Studio's domains, their users, spaces and apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli import domain_apps as apps
from smstudio_ext.cli import domain_members
from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.domain_choice import DomainOption, domain_named
from smstudio_ext.cli.options import Browser, Repeated, Role, Tags
from smstudio_ext.cli.pairs import pairs
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.domains import Domain
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Domains of Studio: list, describe, create, update, delete, url; their users, spaces and apps.",
    no_args_is_help=True,
)

Name = Annotated[
    str | None, typer.Argument(help="Name or id of the domain; may be left out where there is one.")
]


@app.command("list")
@on_target
def list_(place: Target, printer: Printer) -> None:
    """List the domains of the region."""
    from smstudio_ext.studio.domains import list_domains

    found = list_domains(place)
    printer.items(
        found.items,
        ["Name", "Id", "Status", "Created"],
        lambda each: [each.name, each.id, each.status, each.created],
        empty="There are no domains.",
    )
    for notice in found.notices:
        typer.echo(notice, err=True)


@app.command()
@on_target
def describe(place: Target, printer: Printer, domain: Name = None) -> None:
    """Show a domain with its users, spaces and apps."""
    from smstudio_ext.studio.domains import describe_domain, domain_apps

    found = describe_domain(place, domain_named(place, domain))
    apps = domain_apps(place, found.id).items
    if printer.as_json:
        printer.document(
            {**found.model_dump(mode="json"), "apps": [each.model_dump(mode="json") for each in apps]}
        )
        return
    printer.facts(
        found,
        [*_facts(found), ("Apps", [f"{each.owner}/{each.name} ({each.status})" for each in apps])],
    )


def _facts(found: Domain) -> list[tuple[str, Any]]:
    return [
        ("Name", found.name),
        ("Id", found.id),
        ("Status", found.status),
        ("Failure", found.failure_reason),
        ("Sign-in", found.auth_mode),
        ("Execution role", found.execution_role),
        ("Network", found.network),
        ("VPC", found.vpc_id),
        ("Subnets", found.subnet_ids),
        ("Home folders on", found.home),
        ("Shared notebooks", found.sharing.s3_output_path),
        ("Outputs may be shared", found.sharing.output_allowed),
        ("Start-up scripts", [each.name for each in found.scripts]),
        ("Images", found.images),
        ("Created", found.created),
        ("Users", [each.name for each in found.profiles]),
        ("Spaces", [each.name for each in found.spaces]),
    ]


@app.command()
@on_target
def create(
    place: Target,
    printer: Printer,
    name: Annotated[str | None, typer.Argument(help="Name; made from the time by default.")] = None,
    user: Annotated[
        str | None, typer.Option(help="User profile to make in it (on AWS: later, with `users create`).")
    ] = None,
    role: Role = None,
    auth: Annotated[Literal["IAM", "SSO"], typer.Option(help="How people sign in.")] = "IAM",
    vpc: Annotated[str | None, typer.Option(help="VPC; on AWS the default one otherwise.")] = None,
    subnet: Repeated = None,
    security_group: Repeated = None,
    vpc_only: Annotated[bool, typer.Option("--vpc-only", help="No direct internet access.")] = False,
    share_to: Annotated[
        str | None, typer.Option(help="s3:// address for shared notebooks; the default bucket otherwise.")
    ] = None,
    no_sharing: Annotated[bool, typer.Option("--no-sharing", help="Notebooks cannot be shared.")] = False,
    kms_key: Annotated[str | None, typer.Option(help="Key for the home folders.")] = None,
    tag: Tags = None,
) -> None:
    """Create a domain."""
    from smstudio_ext.studio.domains import create_domain, form_options
    from smstudio_ext.studio.models.base import Tag
    from smstudio_ext.studio.models.domains import CreateDomain, Sharing

    form = CreateDomain(
        quick=False,
        name=name or form_options(place).suggested_name,
        user_name=user,
        execution_role=role,
        auth_mode=auth,
        share_notebooks=not no_sharing,
        sharing=Sharing(output_allowed=True, s3_output_path=share_to),
        network="VpcOnly" if vpc_only else "PublicInternetOnly",
        vpc_id=vpc,
        subnet_ids=subnet or [],
        security_group_ids=security_group or [],
        kms_key_id=kms_key,
        tags=[Tag(key=key, value=value) for key, value in pairs(tag, "--tag").items()],
    )
    made = create_domain(place, form)
    printer.line(f"Created {made.name} ({made.id})", **made.model_dump(mode="json"))


@app.command()
@on_target
def update(
    place: Target,
    printer: Printer,
    domain: Name = None,
    role: Role = None,
    share_to: Annotated[str | None, typer.Option(help="s3:// address for shared notebooks.")] = None,
    share_outputs: Annotated[
        bool | None, typer.Option("--share-outputs/--no-share-outputs", help="With their outputs or not.")
    ] = None,
) -> None:
    """Change the default role, or where shared notebooks are kept; what is not named stays."""
    from smstudio_ext.studio.domains import describe_domain, update_domain
    from smstudio_ext.studio.models.domains import UpdateDomain

    if role is None and share_to is None and share_outputs is None:
        fail("Nothing is to be changed: say --role, --share-to or --share-outputs.", code=2)
    domain_id = domain_named(place, domain)
    sharing = None
    if share_to is not None or share_outputs is not None:
        before = describe_domain(place, domain_id).sharing
        changes: dict[str, Any] = {}
        if share_to is not None:
            changes["s3_output_path"] = share_to
        if share_outputs is not None:
            changes["output_allowed"] = share_outputs
        sharing = type(before).model_validate({**before.model_dump(), **changes})
    update_domain(place, domain_id, UpdateDomain(execution_role=role, sharing=sharing))
    printer.line(f"Changed {domain_id}", id=domain_id)


@app.command()
@on_target
def delete(
    place: Target,
    printer: Printer,
    domain: Annotated[str, typer.Argument(help="Name or id of the domain.")],
    home: Annotated[bool, typer.Option("--home", help="Its users' home folders, too.")] = False,
    yes: Sure = False,
) -> None:
    """Delete a domain; its users and spaces must be gone."""
    from smstudio_ext.studio.domains import delete_domain
    from smstudio_ext.studio.models.domains import DeleteDomain

    domain_id = domain_named(place, domain)
    also = " with all home folders" if home else ""
    sure(f"Delete the domain {domain} ({domain_id}){also}?", yes)
    delete_domain(place, domain_id, DeleteDomain(delete_home=home))
    printer.line(f"{domain} is being deleted.", id=domain_id, status="Deleting")


@app.command()
@on_target
def url(
    place: Target,
    printer: Printer,
    user: Annotated[str, typer.Argument(help="User profile to sign in.")],
    domain: DomainOption = None,
    space: Annotated[str | None, typer.Option(help="Space to open.")] = None,
    seconds: Annotated[int, typer.Option(min=5, max=300, help="How long the address is good.")] = 300,
    session: Annotated[
        int, typer.Option(min=1800, max=43200, help="Seconds that the user stays signed in.")
    ] = 43200,
    browser: Browser = False,
) -> None:
    """Print an address that opens a domain for a user once."""
    from smstudio_ext.studio.domain_members import presign_domain
    from smstudio_ext.studio.models.domains import PresignDomain

    form = PresignDomain(user=user, space=space, expires_in_seconds=seconds, session_seconds=session)
    found = presign_domain(place, domain_named(place, domain), form)
    if browser:
        import webbrowser

        webbrowser.open(found.url)
    printer.line(found.url, **found.model_dump(mode="json"))


app.add_typer(domain_members.users, name="users")
app.add_typer(domain_members.spaces, name="spaces")
app.add_typer(apps.app, name="apps")
