"""`smstudio domains apps`: apps of a domain's users and spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.consent import Sure, Yes, asking, sure
from smstudio_ext.cli.domain_choice import DomainOption, domain_named
from smstudio_ext.cli.logs import Follow, Tail, show_log
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.domains import AppPlace, AppRow
    from smstudio_ext.studio.models.training import LogLines, LogsQuery
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(help="Apps of a domain: list, create, delete, failure, log.", no_args_is_help=True)

AppType = Literal["JupyterServer", "KernelGateway", "JupyterLab", "CodeEditor"]

Name = Annotated[str, typer.Argument(help="Name of the app.")]
User = Annotated[str | None, typer.Option(help="User profile whose app it is.")]
Space = Annotated[str | None, typer.Option(help="Space whose app it is.")]
Kind = Annotated[AppType | None, typer.Option("--type", help="Type of the app, where several have the name.")]


@app.command("list")
@on_target
def list_(place: Target, printer: Printer, domain: DomainOption = None) -> None:
    """List the apps of a domain, the newest first."""
    from smstudio_ext.studio.domains import domain_apps

    printer.items(
        domain_apps(place, domain_named(place, domain)).items,
        ["Name", "Type", "Owner", "Status", "Instance", "Image", "Created"],
        lambda each: [
            each.name,
            each.type,
            each.owner,
            each.status,
            each.instance_type,
            each.image,
            each.created,
        ],
        empty="It has no apps.",
    )


@app.command()
@on_target
def create(
    place: Target,
    printer: Printer,
    name: Name,
    app_type: Annotated[
        AppType, typer.Option("--type", help="On AWS JupyterLab and CodeEditor, in a space.")
    ],
    user: User = None,
    space: Space = None,
    instance: Annotated[str | None, typer.Option(help="Instance type.")] = None,
    image: Annotated[str | None, typer.Option(help="ARN of the image.")] = None,
    script: Annotated[str | None, typer.Option(help="Name of the start-up script.")] = None,
    domain: DomainOption = None,
    yes: Yes = False,
) -> None:
    """Start an app."""
    from smstudio_ext.studio.domain_apps import create_app
    from smstudio_ext.studio.lifecycle_configs import describe_script
    from smstudio_ext.studio.models.domains import CreateApp

    if bool(user) == bool(space):
        fail("Whose app is it? Say --user or --space.", code=2)
    form = CreateApp(
        owner_kind="UserProfile" if user else "Space",
        owner=user or space or "",
        type=app_type,
        name=name,
        instance_type=instance,
        image_arn=image,
        script_arn=describe_script(place, script).arn if script else None,
    )
    with asking(place, yes):
        create_app(place, domain_named(place, domain), form)
    printer.line(f"{name} is being started.", name=name, status="Pending")


@app.command()
@on_target
def delete(
    place: Target,
    printer: Printer,
    name: Name,
    app_type: Kind = None,
    user: User = None,
    space: Space = None,
    domain: DomainOption = None,
    yes: Sure = False,
) -> None:
    """End an app; files stay."""
    from smstudio_ext.studio.domain_apps import delete_app

    domain_id = domain_named(place, domain)
    found = _app(place, domain_id, name, app_type, user or space)
    sure(f"End the app {name} of {found.owner}?", yes, kept="Nothing was ended.")
    delete_app(place, domain_id, _place(found))
    printer.line(f"{name} is being ended.", name=name, status="Deleting")


@app.command()
@on_target
def failure(
    place: Target,
    printer: Printer,
    name: Name,
    app_type: Kind = None,
    user: User = None,
    space: Space = None,
    domain: DomainOption = None,
) -> None:
    """Say why an app failed."""
    from smstudio_ext.studio.domain_apps import app_failure

    domain_id = domain_named(place, domain)
    found = app_failure(place, domain_id, _place(_app(place, domain_id, name, app_type, user or space)))
    printer.line(found.reason or f"{name} did not fail.", name=name, reason=found.reason)


@app.command()
@on_target
def log(
    place: Target,
    printer: Printer,
    name: Name,
    app_type: Kind = None,
    user: User = None,
    space: Space = None,
    tail: Tail = None,
    follow: Follow = False,
    domain: DomainOption = None,
) -> None:
    """Print what the start-up script of an app wrote."""
    from smstudio_ext.studio.domain_apps import app_log
    from smstudio_ext.studio.models.domains import AppLogQuery

    domain_id = domain_named(place, domain)
    found = _app(place, domain_id, name, app_type, user or space)
    stream = found.log_stream
    if stream is None:
        fail(f"{name} runs no start-up script.")

    def read(query: LogsQuery) -> LogLines:
        return app_log(place, domain_id, AppLogQuery(**{**query.model_dump(), "stream": stream}))

    show_log(place, printer, read, stream=stream, tail=tail, follow=follow)


def _app(place: Target, domain_id: str, name: str, kind: str | None, owner: str | None) -> AppRow:
    """The app that is meant: of several of the name the newest that is not deleted."""
    from smstudio_ext.studio.domains import domain_apps

    found = [
        each
        for each in domain_apps(place, domain_id).items
        if each.name == name and kind in (None, each.type) and owner in (None, each.owner)
    ]
    alive = [each for each in found if each.status != "Deleted"] or found
    if not alive:
        fail(f"There is no app {name} in {domain_id}. See: smstudio domains apps list")
    if len({(each.type, each.owner) for each in alive}) > 1:
        which = ", ".join(f"{each.type} of {each.owner}" for each in alive)
        fail(f"There are several of the name {name}: {which}. Say --type, --user or --space.", code=2)
    return alive[0]


def _place(found: AppRow) -> AppPlace:
    from smstudio_ext.studio.models.domains import AppPlace

    return AppPlace.model_validate(
        {"owner_kind": found.owner_kind, "owner": found.owner, "type": found.type, "name": found.name}
    )
