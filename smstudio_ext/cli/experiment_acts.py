"""`smstudio experiments create`, `trials`, `assign`, `remove`, `stop`: what is put where among experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.options import ExperimentName
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.experiments import Done
    from smstudio_ext.target import Target
else:
    Target = Any

Runs = Annotated[list[str], typer.Argument(help="Runs (trial components), by their names.")]


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (create, trials, assign, remove, stop):
        app.command()(on_target(command))


def create(
    place: Target,
    printer: Printer,
    name: ExperimentName,
    description: Annotated[str | None, typer.Option(help="What it is about.")] = None,
) -> None:
    """Create an experiment without trials."""
    from smstudio_ext.studio.experiments import create_experiment
    from smstudio_ext.studio.models.experiments import NewExperiment

    create_experiment(place, NewExperiment(name=name, description=description))
    printer.line(f"Created {name}", name=name)


def trials(
    place: Target,
    printer: Printer,
    experiment: Annotated[str, typer.Argument(help="Experiment.")],
    most: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many, the last changed first.")] = 20,
) -> None:
    """List the trials of an experiment."""
    from smstudio_ext.studio.experiments import browse_experiments
    from smstudio_ext.studio.models.experiments import BrowseQuery

    place.client("sagemaker").describe_experiment(ExperimentName=experiment)  # says when there is none
    printer.items(
        browse_experiments(place, BrowseQuery(experiment=experiment, max_results=most)).items,
        ["Name", "Created", "Modified"],
        lambda each: [each.name, each.created, each.modified],
        empty=f"{experiment} has no trials.",
    )


def assign(
    place: Target,
    printer: Printer,
    runs: Runs,
    experiment: Annotated[str, typer.Option(help="Experiment of the trial.")],
    trial: Annotated[str, typer.Option(help="Trial that gets them.")],
    create_them: Annotated[
        bool, typer.Option("--create", help="Make experiment and trial when they are not there.")
    ] = False,
) -> None:
    """Put runs into a trial of an experiment."""
    from smstudio_ext.studio.experiment_members import assign_components
    from smstudio_ext.studio.models.experiments import AssignComponents

    form = AssignComponents(names=runs, experiment=experiment, trial=trial, create=create_them)
    _told(printer, assign_components(place, form), f"are in {trial}")


def remove(
    place: Target,
    printer: Printer,
    runs: Runs,
    trial: Annotated[str, typer.Option(help="Trial that loses them.")],
) -> None:
    """Take runs out of a trial; the runs themselves stay."""
    from smstudio_ext.studio.experiment_members import remove_components
    from smstudio_ext.studio.models.experiments import RemoveComponents

    _told(printer, remove_components(place, RemoveComponents(names=runs, trial=trial)), f"left {trial}")


def stop(place: Target, printer: Printer, runs: Runs, yes: Sure = False) -> None:
    """Stop the jobs behind runs."""
    from smstudio_ext.studio.experiment_members import stop_components
    from smstudio_ext.studio.models.components import StopComponents

    sure(f"Stop the jobs of {len(runs)} runs?", yes, kept="Nothing was stopped.")
    _told(printer, stop_components(place, StopComponents(names=runs)), "are being stopped")


def _told(printer: Printer, found: Done, what: str) -> None:
    """Says what was done; the command fails when something was not."""
    printer.line(f"{len(found.done)} runs {what}.", **found.model_dump(mode="json"))
    if found.failed:
        fail("\n".join(f"{each.name}: {each.message}" for each in found.failed))
