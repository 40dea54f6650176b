"""`smstudio experiments list`, `runs`, `compare`, `delete`, `export table`: experiments and their trial components."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.consent import Sure
from smstudio_ext.cli.options import Search
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.components import ComponentQuery, ComponentRow
    from smstudio_ext.studio.models.experiments import DeletePlan, EntityKind
    from smstudio_ext.target import Target
else:
    Target = Any

_PAGE = 500
_MOST_COLUMNS = 6
"""Columns of a table for people; JSON has them all."""

_OF_THE_JOB = "Parameters.SageMaker."
"""Parameters that SageMaker itself writes: instance type and the like."""

_KINDS: dict[str, EntityKind] = {
    "experiment": "Experiment",
    "trial": "ExperimentTrial",
    "run": "TrialComponent",
}

Experiment = Annotated[
    str | None, typer.Argument(help="Experiment; by default the components of all of them.")
]


def install(app: typer.Typer, export: typer.Typer) -> None:
    """Adds the commands to the groups."""
    app.command("list")(on_target(list_))
    for command in (runs, compare, delete):
        app.command()(on_target(command))
    export.command("table")(on_target(table))


def list_(
    place: Target,
    printer: Printer,
    search: Search = None,
    most: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many, the newest first.")] = 20,
) -> None:
    """List experiments, the last changed first."""
    from smstudio_ext.studio.experiments import browse_experiments
    from smstudio_ext.studio.models.experiments import BrowseQuery

    page = browse_experiments(place, BrowseQuery(search=search, max_results=most))
    rows = [[each.name, each.type, each.created, each.modified, each.description] for each in page.items]
    printer.rows(
        ["Name", "Type", "Created", "Modified", "Description"], rows, empty="There are no experiments."
    )


def runs(
    place: Target,
    printer: Printer,
    experiment: Experiment = None,
    search: Search = None,
    sort: Annotated[
        str, typer.Option(help="Property, e.g. CreationTime or Metrics.validation:f1.Max.")
    ] = "CreationTime",
    ascending: Annotated[bool, typer.Option("--ascending", help="The lowest first.")] = False,
    most: Annotated[int, typer.Option("-n", min=1, max=_PAGE, help="How many.")] = 20,
) -> None:
    """List runs (trial components), the newest first."""
    query = _query(experiment, search=search, sort_by=sort, descending=not ascending)
    found = _rows(place, query, [], most)
    rows = [
        [each.name, each.type, each.status, each.created, ", ".join(each.experiments) or None]
        for each in found
    ]
    headings = ["Name", "Type", "Status", "Created", "Experiment"]
    if any(each.display_name != each.name for each in found):  # people named them
        headings.insert(1, "Display name")
        for row, each in zip(rows, found, strict=True):
            row.insert(1, each.display_name)
    printer.rows(headings, rows, empty="There are no runs.")


def compare(
    place: Target,
    printer: Printer,
    experiment: Annotated[str, typer.Argument(help="Experiment.")],
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Property to show, e.g. Parameters.eta or Metrics.validation:f1.Last; may repeat. All by default."
        ),
    ] = None,
    most: Annotated[int, typer.Option("-n", min=1, max=_PAGE, help="How many runs, the newest first.")] = 20,
) -> None:
    """Compare the runs of an experiment: their parameters and the last value of each metric."""
    from smstudio_ext.studio.components import list_component_columns

    query = _query(experiment)
    known = list_component_columns(place, query).columns
    found = column or [
        f"{each.id}.Last" if each.category == "Metrics" else each.id
        for each in known
        if each.here
        and each.category in ("Metrics", "Parameters")
        and (printer.as_json or not each.id.startswith(_OF_THE_JOB))
    ]
    hidden = 0
    if not printer.as_json and not column and len(found) > _MOST_COLUMNS:
        hidden = len(found) - _MOST_COLUMNS
        found = sorted(found, key=lambda path: not path.startswith("Metrics."))[:_MOST_COLUMNS]
    rows = _rows(place, query, found, most)
    if printer.as_json:
        printer.document(
            [
                {"name": each.name, "status": each.status, **dict(zip(found, each.cells, strict=True))}
                for each in rows
            ]
        )
        return
    headings = ["Name", "Status", *(_short(path) for path in found)]
    printer.rows(
        headings,
        [[each.display_name, each.status, *each.cells] for each in rows],
        empty=f"The experiment {experiment} has no runs.",
    )
    if hidden:
        typer.echo(f"{hidden} more columns: choose some with --column, or take --json.", err=True)


def delete(
    place: Target,
    printer: Printer,
    names: Annotated[list[str], typer.Argument(help="Experiments to delete, or what --kind says.")],
    kind: Annotated[
        Literal["experiment", "trial", "run"], typer.Option(help="What the names are of.")
    ] = "experiment",
    keep_runs: Annotated[
        bool, typer.Option("--keep-runs", help="Keep the runs; only experiments and trials go.")
    ] = False,
    yes: Sure = False,
) -> None:
    """Delete experiments with their trials and runs, or only trials or runs; jobs, models and files in S3 stay."""
    from smstudio_ext.studio.experiment_delete import delete_things, plan_deletion
    from smstudio_ext.studio.models.experiments import DeleteThings

    sagemaker = place.client("sagemaker")
    what = _KINDS[kind]
    for name in names:  # says when there is none
        if what == "Experiment":
            sagemaker.describe_experiment(ExperimentName=name)
        elif what == "ExperimentTrial":
            sagemaker.describe_trial(TrialName=name)
        else:
            sagemaker.describe_trial_component(TrialComponentName=name)
    form = DeleteThings(kind=what, names=names, components=not keep_runs)
    plan = plan_deletion(place, form)
    if not printer.as_json or not yes:
        _tell(plan, err=printer.as_json)
    if not yes and not typer.confirm("Delete them?", err=printer.as_json):
        fail("Nothing was deleted.")
    deleted = 0
    while True:
        done = delete_things(place, form)
        deleted += done.deleted
        if done.failed:
            fail("\n".join(f"{each.name} stays: {each.message}" for each in done.failed))
        if done.finished:
            break
        typer.echo(f"Deleted {deleted} so far", err=True)
    printer.line(f"Deleted {deleted} things.", deleted=deleted, **{f"{kind}s": names})


def _tell(plan: DeletePlan, *, err: bool) -> None:
    typer.echo(
        f"Goes: {len(plan.experiments)} experiments, {plan.trial_count} trials, {plan.component_count} runs.",
        err=err,
    )
    if plan.kept_count:
        typer.echo(f"Stays, as other trials have them, too: {plan.kept_count} runs.", err=err)
    if plan.running:
        typer.echo(f"Their jobs go on: {', '.join(plan.running)}.", err=err)


def table(
    place: Target,
    printer: Printer,
    file: Annotated[Path, typer.Argument(help="File to write: .csv or .parquet.")],
    experiment: Annotated[
        str | None, typer.Option(help="Only its runs; those of all experiments by default.")
    ] = None,
) -> None:
    """Write every run with its parameters and metrics as a table; a file that is there is not overwritten."""
    from smstudio_ext.studio.component_export import export_components
    from smstudio_ext.studio.models.components import ExportQuery

    kind = file.suffix.lower().removeprefix(".")
    if kind not in ("csv", "parquet"):
        fail(f"{file} ends neither with .csv nor with .parquet.", code=2)
    if file.exists():
        fail(f"{file} is there already.")
    query = ExportQuery(query=_query(experiment), format="parquet" if kind == "parquet" else "csv")
    pieces = export_components(place, query)
    first = next(pieces, b"")  # what fails, fails before there is a file
    with file.open("xb") as out:
        out.write(first)
        for piece in pieces:
            out.write(piece)
    printer.line(f"Wrote {file} ({file.stat().st_size:,} bytes).", file=str(file), bytes=file.stat().st_size)


def _query(experiment: str | None, **changes: Any) -> ComponentQuery:
    from smstudio_ext.studio.models.components import ComponentQuery, ComponentScope

    scope = ComponentScope(kind="experiment", names=[experiment]) if experiment else ComponentScope()
    return ComponentQuery(scope=scope, **changes)


def _rows(place: Target, query: ComponentQuery, columns: list[str], most: int) -> list[ComponentRow]:
    from smstudio_ext.studio.components import list_component_rows
    from smstudio_ext.studio.models.components import RowsQuery

    found: list[ComponentRow] = []
    token: str | None = None
    while len(found) < most:
        page = list_component_rows(
            place,
            RowsQuery(
                query=query,
                columns=columns,
                offset=len(found),
                limit=min(100, most - len(found)),
                token=token,
            ),
        )
        found += page.rows
        token = page.next_token
        if not token or not page.rows:
            break
    return found


def _short(path: str) -> str:
    """A property path as a heading: `Parameters.eta` as `eta`, `Metrics.validation:f1.Last` as `validation:f1`."""
    name = path.partition(".")[2] or path
    return name.removesuffix(".Last")
