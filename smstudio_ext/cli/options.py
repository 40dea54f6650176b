"""Arguments and options that commands of several modules have alike; each is said once, here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

TargetKind = Annotated[
    Literal["local", "aws"],
    typer.Option(envvar="SMSTUDIO_TARGET", help="The local engine or an AWS account."),
]
Profile = Annotated[str | None, typer.Option(help="Profile of the AWS configuration.")]
Region = Annotated[str | None, typer.Option(help="Region; the profile's, or us-east-1 locally.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, nothing else on stdout.")]
Search = Annotated[str | None, typer.Option(help="Only names with this in them.")]
Most = Annotated[int, typer.Option("-n", min=1, max=100, help="How many, the newest first.")]
EndpointName = Annotated[str, typer.Argument(help="Name of the endpoint.")]
ExperimentName = Annotated[str, typer.Argument(help="Name of the experiment.")]
InstanceType = Annotated[str, typer.Option(help="Instance type.")]
InstanceCount = Annotated[int, typer.Option(min=1, help="How many instances.")]
UntilInService = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is in service.")]
MaxCandidates = Annotated[int, typer.Option(min=1, max=750, help="How many candidates to try.")]
Body = Annotated[str, typer.Argument(help="File with the request's body; - reads standard input.")]
ContentType = Annotated[str, typer.Option(help="Of the body.")]
Accept = Annotated[str | None, typer.Option(help="Of the answer.")]
AskedVariant = Annotated[str | None, typer.Option(help="Production variant to ask.")]
Role = Annotated[str | None, typer.Option(help="ARN of the execution role.")]
Tags = Annotated[list[str] | None, typer.Option(help="KEY=VALUE. May repeat.")]
Browser = Annotated[bool, typer.Option("--browser", help="Open it in a browser.")]
CopyTo = Annotated[
    Path | None, typer.Argument(help="File or folder for the copy; the file's own name here by default.")
]
Repeated = Annotated[list[str] | None, typer.Option(help="May repeat.")]
