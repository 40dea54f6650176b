"""`smstudio jobs metrics`, `outputs` and `request`: what a job measured and wrote, and how to make it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (metrics, outputs, request):
        app.command()(on_target(command))


def metrics(
    place: Target,
    printer: Printer,
    name: Annotated[str, typer.Argument(help="Training job.")],
    instances: Annotated[
        bool, typer.Option("--instances", help="Use of processor, memory and disk instead.")
    ] = False,
) -> None:
    """Show what a training job measured; --json has every point."""
    from smstudio_ext.studio.training_metrics import instance_metrics, training_metrics

    if instances:
        used = instance_metrics(place, name)
        document, lines = used.model_dump(mode="json"), used.instances
    else:
        measured = training_metrics(place, name)
        document, lines = measured.model_dump(mode="json"), measured.metrics
    if printer.as_json:
        printer.document(document)
        return
    rows = []
    for each in lines:
        values = [point.value for point in each.points]
        if values:
            rows.append([each.name, each.host, each.count, min(values), max(values), values[-1]])
    printer.rows(
        ["Name", "Host", "Values", "Least", "Highest", "Last"], rows, empty=f"{name} measured nothing."
    )


def outputs(
    place: Target,
    printer: Printer,
    name: Annotated[str, typer.Argument(help="Batch transform job.")],
    most: Annotated[int, typer.Option("-n", min=1, max=100, help="How many files.")] = 100,
) -> None:
    """List the files that a batch transform job wrote."""
    from smstudio_ext.studio.models.transform import ListTransformOutputs
    from smstudio_ext.studio.transform import list_outputs

    page = list_outputs(place, name, ListTransformOutputs(max_results=most))
    printer.items(
        page.items,
        ["Name", "Bytes", "Modified", "S3"],
        lambda each: [each.name, each.size, each.modified, each.s3_uri],
        empty="It has written nothing yet.",
    )
    if page.next_token:
        typer.echo(f"Only the first {most} are shown.", err=True)


def request(
    place: Target, printer: Printer, name: Annotated[str, typer.Argument(help="Job, of whatever kind.")]
) -> None:
    """Print the request that makes a job like this one under a new name, for `jobs create`."""
    from smstudio_ext.studio import automl_form, training_create, transform_create, tuning_create
    from smstudio_ext.studio.jobs import kind_of

    kind = kind_of(place, name).word
    if kind == "autopilot":
        found = automl_form.plan_automl_job(place, automl_form.clone_automl_job(place, name)).request
    elif kind == "training":
        found = training_create.plan_training_job(
            place, training_create.clone_training_job(place, name)
        ).request
    elif kind == "tuning":
        found = tuning_create.plan_tuning_job(place, tuning_create.clone_tuning_job(place, name)).request
    elif kind == "transform":
        found = transform_create.plan_transform_job(
            place, transform_create.clone_transform_job(place, name)
        ).request
    else:
        fail(f"{name} is a job of kind {kind}, of which there is no form; `jobs describe` tells what it was.")
    printer.document(found)
