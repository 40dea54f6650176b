"""`smstudio experiments`: experiments from MLflow and to MLflow."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstudio_ext.cli import experiment_acts, experiment_tables, experiment_views
from smstudio_ext.cli.session import Data, aws_errors, fail, local_target

if TYPE_CHECKING:
    from smstudio_ext.studio.exchange.mapping import Exchanged
    from smstudio_ext.target import Target

Progress = Callable[[str], None]

app = typer.Typer(
    help="Experiments: list, show, compare, assign and delete them and their runs, bring them in, take them out.",
    no_args_is_help=True,
)
import_app = typer.Typer(help="Bring experiments in.", no_args_is_help=True)
export_app = typer.Typer(help="Take experiments out.", no_args_is_help=True)
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")

Place = Annotated[
    str, typer.Argument(help="Tracking server (http://...), data base (sqlite:///...), or a folder (mlruns).")
]
Experiment = Annotated[str | None, typer.Option(help="Only this experiment; all by default.")]
NoArtifacts = Annotated[bool, typer.Option("--no-artifacts", help="Leave the files out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, nothing else on stdout.")]


@import_app.command("mlflow")
def import_mlflow(
    place: Place,
    experiment: Experiment = None,
    no_artifacts: NoArtifacts = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Copy MLflow's experiments to the local engine: runs, parameters, every metric value, tags and artifacts.

    What was copied before is left as it is, so the command can be repeated.
    """
    from smstudio_ext.studio.exchange.importing import import_mlflow as copy

    def run(target: Target, progress: Progress) -> Exchanged:
        return copy(target, place, experiment=experiment, artifacts=not no_artifacts, progress=progress)

    _exchange(run, data, "Imported", as_json=as_json)


@export_app.command("mlflow")
def export_mlflow(
    place: Place,
    experiment: Experiment = None,
    no_artifacts: NoArtifacts = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Copy the local engine's experiments to MLflow.

    What was copied before is left as it is, so the command can be repeated.
    """
    from smstudio_ext.studio.exchange.exporting import export_mlflow as copy

    def run(target: Target, progress: Progress) -> Exchanged:
        return copy(target, place, experiment=experiment, artifacts=not no_artifacts, progress=progress)

    _exchange(run, data, "Exported", as_json=as_json)


def _exchange(
    run: Callable[[Target, Progress], Exchanged], data: Path | None, word: str, *, as_json: bool
) -> None:
    """Runs a copy with a line of progress, and says what it did."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    target = local_target(data)
    with aws_errors(), console.status("Reading experiments ...") as status:
        try:
            done = run(target, lambda text: status.update(f"{word[:-2]}ing {escape(text)}"))
        except Exception as error:
            if type(error).__name__ != "MlflowException":  # known only where mlflow is installed
                raise
            fail(f"MLflow: {error}")
    if as_json:
        typer.echo(json.dumps(asdict(done), indent=2))
        return
    typer.echo(
        f"{word} {done.runs} runs of {len(done.experiments)} experiments: {done.metrics} metric values, "
        f"{done.artifacts} artifacts; {done.known} runs were there already."
    )
    for line in done.left_out:
        typer.echo(f"Left out: {line}")


experiment_tables.install(app, export_app)
experiment_acts.install(app)
experiment_views.install(app)
