"""`smstudio endpoints`: endpoints on the local engine or AWS."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli import endpoint_changes, endpoint_scaling, endpoint_views
from smstudio_ext.cli.consent import Sure, Yes, asking, sure
from smstudio_ext.cli.options import (
    Accept,
    AskedVariant,
    Body,
    ContentType,
    EndpointName,
    InstanceCount,
    InstanceType,
    Most,
    Search,
    UntilInService,
)
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Endpoints: list, describe, deploy, invoke, logs, metrics, update, traffic, scaling, delete.",
    no_args_is_help=True,
)


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    search: Search = None,
    most: Most = 20,
) -> None:
    """List endpoints, the newest first."""
    from smstudio_ext.studio.endpoints import list_endpoints
    from smstudio_ext.studio.models.endpoints import ListEndpoints

    page = list_endpoints(place, ListEndpoints(search=search, max_results=most))
    rows = [[each.name, each.status, each.created] for each in page.items]
    printer.rows(["Name", "Status", "Created"], rows, empty="There are no endpoints.")


@app.command()
@on_target
def describe(place: Target, printer: Printer, name: EndpointName) -> None:
    """Print AWS's description of an endpoint as JSON."""
    found = place.client("sagemaker").describe_endpoint(EndpointName=name)
    printer.document({key: value for key, value in found.items() if key != "ResponseMetadata"})


@app.command()
@on_target
def deploy(
    place: Target,
    printer: Printer,
    job: Annotated[str, typer.Argument(help="Training job, or Autopilot experiment (its best candidate).")],
    name: Annotated[str | None, typer.Option(help="Name of the endpoint; the job's by default.")] = None,
    instance: InstanceType = "ml.m5.large",
    count: InstanceCount = 1,
    wait: UntilInService = True,
    yes: Yes = False,
) -> None:
    """Deploy what a job made to a new endpoint."""
    from smstudio_ext.studio.automl_deploy import deploy_candidate
    from smstudio_ext.studio.deployment import deploy_training_job
    from smstudio_ext.studio.jobs import kind_of
    from smstudio_ext.studio.models.automl import DeployCandidate
    from smstudio_ext.studio.models.training import DeployTrainingJob
    from smstudio_ext.studio.waiting import in_service, settling

    kind = kind_of(place, job)
    members: dict[str, Any] = {
        "endpoint_name": name or job,
        "instance_type": instance,
        "instance_count": count,
    }
    if kind.word not in ("training", "autopilot"):
        fail(f"{job} is a job of kind {kind.word}: deploy a training job or an Autopilot experiment.", code=2)
    with asking(place, yes):
        if kind.word == "training":
            deploy_training_job(place, job, DeployTrainingJob(**members))
        else:
            deploy_candidate(place, job, DeployCandidate(**members))
    endpoint = name or job
    status = "Creating"
    if wait:
        try:
            *_, (found, _) = settling(place, endpoint)
        except KeyboardInterrupt:
            fail(
                f"{endpoint} goes on without this command; delete it with: smstudio endpoints delete {endpoint}",
                code=130,
            )
        in_service(found)
        status = found["EndpointStatus"]
    printer.line(f"Endpoint {endpoint}: {status}", name=endpoint, status=status)


@app.command()
@on_target
def invoke(
    place: Target,
    printer: Printer,
    name: EndpointName,
    file: Body = "-",
    content_type: ContentType = "text/csv",
    accept: Accept = None,
    variant: AskedVariant = None,
) -> None:
    """Send one request to an endpoint and print the answer as it is."""
    if file != "-" and not Path(file).is_file():
        fail(f"There is no file {file}.", code=2)
    body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    options = {"Accept": accept, "TargetVariant": variant}
    answer = place.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name,
        Body=body,
        ContentType=content_type,
        **{key: value for key, value in options.items() if value},
    )
    content: bytes = answer["Body"].read()
    if printer.as_json:
        printer.document(
            {"content_type": answer.get("ContentType"), "body": content.decode(errors="replace")}
        )
        return
    sys.stdout.buffer.write(content if content.endswith(b"\n") else content + b"\n")
    sys.stdout.buffer.flush()


@app.command()
@on_target
def delete(
    place: Target,
    printer: Printer,
    name: EndpointName,
    models: Annotated[
        bool, typer.Option("--models", help="Its models, too, unless others use them.")
    ] = False,
    yes: Sure = False,
) -> None:
    """Delete an endpoint and its configuration, unless others use it; models stay unless --models is given."""
    from smstudio_ext.studio.endpoints_delete import delete_endpoint
    from smstudio_ext.studio.models.endpoints import DeleteEndpoint

    plan = delete_endpoint(place, name, DeleteEndpoint(config=True, models=models, dry_run=True))
    also = f" and its models {', '.join(plan.models)}" if plan.models else ""
    sure(f"Delete the endpoint {name}{also}?", yes)
    done = delete_endpoint(place, name, DeleteEndpoint(config=True, models=models))
    printer.line(
        f"Endpoint {name} is being deleted.",
        name=name,
        status="Deleting",
        models=done.models,
        kept=done.kept,
    )
    for each in done.kept:
        typer.echo(f"Stays: {each}", err=True)


app.add_typer(endpoint_scaling.app, name="scaling")
endpoint_changes.install(app)
endpoint_views.install(app)
