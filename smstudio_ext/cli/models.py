"""`smstudio models`: models that endpoints and batch transform jobs use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.consent import Sure, Yes, asking, sure
from smstudio_ext.cli.endpoint_changes import settled
from smstudio_ext.cli.options import InstanceCount, InstanceType, Most, Search, UntilInService
from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(help="Models: list, describe, deploy, delete.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the model.")]


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    search: Search = None,
    most: Most = 20,
) -> None:
    """List models, the newest first."""
    from smstudio_ext.studio.model_pages import list_models
    from smstudio_ext.studio.models.model_pages import ListModels

    page = list_models(place, ListModels(search=search, max_results=most))
    printer.items(
        page.items,
        ["Name", "Created"],
        lambda each: [each.name, each.created],
        empty="There are no models.",
    )


@app.command()
@on_target
def describe(place: Target, printer: Printer, name: Name) -> None:
    """Show a model: its containers, and what uses it."""
    from smstudio_ext.studio.model_pages import describe_model, model_endpoints, model_transform_jobs

    found = describe_model(place, name)
    endpoints = model_endpoints(place, name).names
    jobs = model_transform_jobs(place, name).names
    if printer.as_json:
        printer.document({**found.model_dump(mode="json"), "endpoints": endpoints, "transform_jobs": jobs})
        return
    facts = [
        ("Name", found.name),
        ("ARN", found.arn),
        ("Created", found.created),
        ("Role", found.role_arn),
        ("Network isolation", found.network_isolation),
        ("Endpoints", endpoints),
        ("Transform jobs that run", jobs),
    ]
    for number, each in enumerate(found.containers, start=1):
        of = f" {number}" if len(found.containers) > 1 else ""
        facts += [
            (f"Image{of}", each.image),
            (f"Model data{of}", each.model_data_url),
            (f"Model package{of}", each.model_package),
            (f"Environment{of}", [f"{key}={value}" for key, value in each.environment.items()]),
        ]
    printer.facts(found, facts)


@app.command()
@on_target
def deploy(
    place: Target,
    printer: Printer,
    name: Name,
    endpoint: Annotated[
        str | None, typer.Option(help="Name of the endpoint; the model's by default.")
    ] = None,
    instance: InstanceType = "ml.m5.large",
    count: InstanceCount = 1,
    wait: UntilInService = True,
    yes: Yes = False,
) -> None:
    """Deploy a model to a new endpoint."""
    from smstudio_ext.studio.model_pages import deploy_model
    from smstudio_ext.studio.models.model_pages import DeployModel

    form = DeployModel(endpoint_name=endpoint or name, instance_type=instance, instance_count=count)
    with asking(place, yes):
        made = deploy_model(place, name, form)
    status = settled(place, made.endpoint_name) if wait else "Creating"
    printer.line(f"Endpoint {made.endpoint_name}: {status}", name=made.endpoint_name, status=status)


@app.command()
@on_target
def delete(place: Target, printer: Printer, name: Name, yes: Sure = False) -> None:
    """Delete a model; its artifact in S3 stays."""
    from smstudio_ext.studio.model_pages import delete_model, model_endpoints

    place.client("sagemaker").describe_model(ModelName=name)  # says when there is none
    if not yes:
        used = model_endpoints(place, name).names
        also = f" Endpoints use it: {', '.join(used)}." if used else ""
        sure(f"Delete the model {name}?{also}", yes)
    delete_model(place, name)
    printer.line(f"The model {name} is gone.", name=name)
