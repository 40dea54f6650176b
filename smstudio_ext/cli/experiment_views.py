"""`smstudio experiments show`, `series`, `importance` and `smstudio lineage`: what runs hold, and what led to what."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.studio.models.experiment_charts import ComponentSet
    from smstudio_ext.studio.models.trial_details import ComponentDetails
    from smstudio_ext.target import Target
else:
    Target = Any

Experiment = Annotated[str | None, typer.Option(help="All runs of this experiment.")]
Runs = Annotated[list[str] | None, typer.Option("--run", help="Only this run. May repeat.")]


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (show, series, importance):
        app.command()(on_target(command))


def show(
    place: Target,
    printer: Printer,
    run: Annotated[str, typer.Argument(help="Run (trial component), by its name.")],
) -> None:
    """Show a run: parameters, metrics, what went in and what came out."""
    from smstudio_ext.studio.models.trial_details import CompareTrials
    from smstudio_ext.studio.trial_details import compare_trials

    place.client("sagemaker").describe_trial_component(TrialComponentName=run)  # says when there is none
    found = compare_trials(place, CompareTrials(names=[run])).components[0]
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    printer.facts(found, _facts(found))
    if found.metrics:
        headings = ["Metric", "Least", "Highest", "Mean", "Last", "Values"]
        rows = [[each.name, each.min, each.max, each.avg, each.last, each.count] for each in found.metrics]
        printer.rows(headings, rows, empty="")


def _facts(found: ComponentDetails) -> list[tuple[str, Any]]:
    return [
        ("Name", found.name),
        ("Display name", found.display_name),
        ("Type", found.type),
        ("Status", " ".join(each for each in (found.status, found.status_message) if each)),
        ("Experiment", [f"{each.experiment}/{each.trial}" for each in found.mappings]),
        ("Job", found.source_name),
        ("Started", found.started),
        ("Ended", found.ended),
        ("Made by", found.created_by),
        *((each.name, _number(each.value)) for each in found.parameters),
        *((f"In: {each.name}", each.uri) for each in found.inputs),
        *((f"Out: {each.name}", each.uri) for each in found.outputs),
    ]


def _number(value: float | str) -> float | str:
    """A parameter as it was given: AWS keeps whole numbers as floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def series(
    place: Target,
    printer: Printer,
    metric: Annotated[str, typer.Argument(help="Name of the metric, e.g. validation:f1.")],
    experiment: Experiment = None,
    run: Runs = None,
    by: Annotated[
        Literal["epoch", "time", "start"], typer.Option(help="Epochs, time, or time since the start.")
    ] = "epoch",
    most: Annotated[int, typer.Option("-n", min=100, max=100_000, help="Points in all.")] = 12_000,
) -> None:
    """Print a metric of runs over time: one row a point."""
    from smstudio_ext.studio.chart_series import series_data
    from smstudio_ext.studio.models.experiment_charts import Dimension, SeriesRequest

    dimensions: dict[str, Dimension] = {"epoch": "Epoch", "time": "Time", "start": "Periods from start"}
    period = None if place.kind == "local" else 60.0  # AWS keeps whole minutes, the engine every value
    request = SeriesRequest(
        source=_source(experiment, run),
        metric=metric,
        dimension=dimensions[by],
        period=period,
        max_points=most,
    )
    found = series_data(place, request)
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    rows = [
        [each.name, datetime.fromtimestamp(x, timezone.utc) if by == "time" else x, y]
        for each in found.series
        for x, y in zip(each.x, each.y, strict=True)
    ]
    heading = {"epoch": "Epoch", "time": "Time", "start": "Seconds" if period is None else "Minutes"}[by]
    printer.rows(["Name", heading, metric], rows, empty=f"No run measured {metric}.")


def importance(
    place: Target,
    printer: Printer,
    goal: Annotated[
        str, typer.Argument(help="What to explain: a metric's property, e.g. Metrics.validation:f1.Last.")
    ],
    experiment: Experiment = None,
    run: Runs = None,
) -> None:
    """Show how much each parameter tells of a metric (fANOVA), the most first."""
    from smstudio_ext.studio.chart_importance import parameter_importance
    from smstudio_ext.studio.models.experiment_charts import ImportanceRequest

    # the charts' columns end in the statistic's short name: Metrics.x.last
    name, _, statistic = goal.rpartition(".")
    target = f"{name}.{statistic.lower()}" if goal.startswith("Metrics.") and name != "Metrics" else goal
    found = parameter_importance(place, ImportanceRequest(source=_source(experiment, run), target=target))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    rows = [[each.parameter, each.importance] for each in found.items]
    printer.rows(["Parameter", "Share"], rows, empty=found.note or "Nothing can be told.")


def _source(experiment: str | None, runs: list[str] | None) -> ComponentSet:
    from smstudio_ext.studio.models.experiment_charts import ComponentSet

    if runs:
        return ComponentSet(names=runs)
    filters = [{"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": experiment}]
    return ComponentSet(search={"Filters": filters} if experiment else {})


@on_target
def lineage(
    place: Target,
    printer: Printer,
    what: Annotated[
        str,
        typer.Argument(
            help="Name of a job or an endpoint; ARN of these, of a model, a trial component or a lineage entity; or the "
            "s3:// address of an artifact."
        ),
    ],
    direction: Annotated[
        Literal["both", "up", "down"], typer.Option(help="What led to it, what came of it, or both.")
    ] = "both",
) -> None:
    """Show what led to something, and what came of it; --json also tells where each is."""
    from smstudio_ext.studio.lineage_graph import lineage_graph
    from smstudio_ext.studio.models.lineage import LineageQuery

    ways: dict[str, Literal["Both", "Ascendants", "Descendants"]] = {
        "both": "Both",
        "up": "Ascendants",
        "down": "Descendants",
    }
    found = lineage_graph(place, LineageQuery(arn=_arn(place, what), direction=ways[direction]))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    names = {each.arn: each.name for each in found.nodes}
    rows = [
        [
            "→" if each.start else "",
            each.type,
            each.name,
            [names[edge.source] for edge in found.edges if edge.target == each.arn],
        ]
        for each in sorted(
            found.nodes, key=lambda each: each.created.timestamp() if each.created else float("inf")
        )
    ]
    printer.rows(["", "Type", "Name", "From"], rows, empty="Nothing is known of it.")
    if found.truncated:
        typer.echo("There is more than was read.", err=True)


def _arn(place: Target, what: str) -> str:
    """The ARN of a job or an endpoint; other ARNs and addresses as they are.

    Raises:
        smstudio_ext.studio.problems.Missing: nothing has this name.
    """
    from smstudio_ext.studio.jobs import describe_job, kind_of
    from smstudio_ext.studio.waiting import endpoint_status

    if what.startswith(("arn:", "s3://")):
        return what
    if endpoint_status(place, what) is not None:
        return str(place.client("sagemaker").describe_endpoint(EndpointName=what)["EndpointArn"])
    kind = kind_of(place, what)
    return str(describe_job(place, kind, what)[f"{kind.noun}Arn"])
