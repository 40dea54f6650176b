"""`smstudio promote`: a job of one target as the same job on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smstudio_ext.cli.consent import Yes, asking
from smstudio_ext.cli.options import Profile
from smstudio_ext.cli.places import Printer, chosen
from smstudio_ext.cli.session import Data, aws_errors

if TYPE_CHECKING:
    from smstudio_ext.studio.promote import Promotion


def promote(
    job: Annotated[
        str, typer.Argument(help="Training, processing, tuning or transform job, or Autopilot experiment.")
    ],
    to: Annotated[Literal["local", "aws"], typer.Option(help="Where the job shall run.")],
    send: Annotated[bool, typer.Option("--send", help="Copy the inputs and create the job there.")] = False,
    name: Annotated[str | None, typer.Option(help="Name of the new job; the old one's otherwise.")] = None,
    bucket: Annotated[str | None, typer.Option(help="Bucket there; the default one otherwise.")] = None,
    role: Annotated[str | None, typer.Option(help="Execution role there.")] = None,
    profile: Profile = None,
    region: Annotated[str | None, typer.Option(help="Region on AWS.")] = None,
    yes: Yes = False,
    data: Data = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the request as JSON, nothing else on stdout.")
    ] = False,
) -> None:
    """Print a job's definition for the other target, or create it there: instance types kept, S3 inputs copied.

    Without --send nothing is changed anywhere.
    """
    from smstudio_ext.studio.promote import promotion
    from smstudio_ext.studio.promote import send as create

    with aws_errors():
        local, aws = chosen("local", data=data), chosen("aws", profile, region)
        source, target = (local, aws) if to == "aws" else (aws, local)
        found = promotion(source, target, job, name=name, bucket=bucket, role=role)
        steps = [step for step in (found.first, found) if step is not None]
        printer = Printer(as_json)
        if as_json:
            whole = {step.operation: step.request for step in steps}
            printer.document(whole if found.first else found.request)
        else:
            _tell(found, send=send)
            for step in steps:
                typer.echo(f"{step.operation}:")
                printer.document(step.request)
        if not send:
            return
        with asking(target, yes):
            arn = create(source, target, found, lambda line: typer.echo(line, err=True))
        typer.echo(f"Created {arn}", err=as_json)


def _tell(found: Promotion, *, send: bool) -> None:
    for origin, destination in found.copies:
        listed = " and what it lists" if origin in found.manifests else ""
        typer.echo(f"{'Copies' if send else 'Would copy'} {origin}{listed} to {destination}")
    if found.left_out:
        typer.echo(f"Left out, as they name things of one account: {', '.join(found.left_out)}")
    for note in found.notes:
        typer.echo(note)
