"""`smstudio clusters`: EMR clusters that notebooks can attach to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="EMR clusters and serverless applications that notebooks can attach to: list, cell.",
    no_args_is_help=True,
)


@app.command("list")
@on_target
def list_(place: Target, printer: Printer) -> None:
    """List the clusters that run or start, the newest first."""
    from smstudio_ext.studio.clusters import list_clusters

    found = list_clusters(place)
    printer.items(
        found.items,
        ["Name", "Id", "Kind", "Status", "Created"],
        lambda each: [each.name, each.id, each.kind, each.status, each.created],
        empty="There are no clusters.",
    )
    if found.note:
        typer.echo(found.note, err=True)


@app.command()
@on_target
def cell(
    place: Target,
    printer: Printer,
    cluster: Annotated[str, typer.Argument(help="Id of the cluster or application.")],
    serverless: Annotated[
        bool, typer.Option("--serverless", help="It is an EMR Serverless application.")
    ] = False,
    auth: Annotated[
        Literal["None", "Basic_Access", "Kerberos"], typer.Option(help="What the cluster's Livy asks for.")
    ] = "None",
    language: Annotated[Literal["python", "scala"], typer.Option(help="Of the session.")] = "python",
    role: Annotated[
        str | None, typer.Option(help="ARN of the role of its jobs; serverless applications need one.")
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="The cell installs AWS's extension first.")
    ] = False,
) -> None:
    """Print the cell that attaches a notebook to a cluster."""
    from smstudio_ext.studio.clusters import connecting_cell
    from smstudio_ext.studio.models.clusters import AttachCluster

    form = AttachCluster(
        kind="emr-serverless" if serverless else "emr",
        id=cluster,
        auth_type=auth,
        language=language,
        execution_role_arn=role,
        install=install,
    )
    found = connecting_cell(place, form)
    if found.warning:
        typer.echo(found.warning, err=True)
    printer.line(found.source, **found.model_dump(mode="json"))
