"""`smstudio jobs`: jobs of every kind on the local engine or AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli import job_acts, job_views
from smstudio_ext.cli.options import Most
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Jobs of every kind: list, describe, create, logs, metrics, outputs, wait, stop, delete.",
    no_args_is_help=True,
)

Kind = Literal["autopilot", "tuning", "training", "processing", "transform"]
Name = Annotated[str, typer.Argument(help="Name of the job, of whatever kind.")]


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    kind: Annotated[Kind | None, typer.Argument(help="Only jobs of this kind.")] = None,
    running: Annotated[bool, typer.Option("--running", help="Only jobs that run.")] = False,
    most: Most = 20,
) -> None:
    """List jobs, the newest first."""
    from smstudio_ext.studio.jobs import newest_jobs

    found = newest_jobs(place, most, kind=kind, running=running)
    rows = [[job.kind.word, job.name, job.status, job.created, round(job.seconds, 1)] for job in found]
    printer.rows(["Kind", "Name", "Status", "Created", "Seconds"], rows, empty="There are no jobs.")


@app.command()
@on_target
def describe(place: Target, printer: Printer, name: Name) -> None:
    """Print AWS's description of a job as JSON."""
    from smstudio_ext.studio.jobs import describe_job, kind_of

    printer.document(describe_job(place, kind_of(place, name), name))


@app.command()
@on_target
def logs(
    place: Target,
    printer: Printer,
    name: Name,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until the job ends.")] = False,
    tail: Annotated[int | None, typer.Option("-n", min=1, help="Only the last lines.")] = None,
) -> None:
    """Print a job's log. Ctrl-C while following leaves the job running."""
    from smstudio_ext.studio.jobs import followed_log, kind_of, log_lines

    kind = kind_of(place, name)
    try:
        log = followed_log(place, kind, name) if follow else log_lines(place, kind, name)
        lines = next(log)
        for line in lines[-tail:] if tail else lines:
            typer.echo(line)
        for lines in log if follow else ():
            for line in lines:
                typer.echo(line)
    except KeyboardInterrupt:
        typer.echo(f"{name} goes on.", err=True)


@app.command()
@on_target
def wait(place: Target, printer: Printer, name: Name) -> None:
    """Wait for a job's end. Exit codes: 0 completed, 1 failed, 3 stopped; Ctrl-C leaves the job running."""
    from smstudio_ext.studio.jobs import kind_of, until_ended

    kind = kind_of(place, name)
    try:
        *_, job = until_ended(place, kind, name)
    except KeyboardInterrupt:
        fail(f"{name} goes on.", code=130)
    status = job[kind.status]
    printer.line(f"{name}: {status}", name=name, status=status, failure_reason=job.get("FailureReason"))
    if status != "Completed":
        if job.get("FailureReason"):
            typer.echo(job["FailureReason"], err=True)
        raise typer.Exit(3 if status == "Stopped" else 1)


@app.command()
@on_target
def stop(place: Target, printer: Printer, name: Name) -> None:
    """Stop a job; it keeps what it has finished."""
    from smstudio_ext.studio.jobs import kind_of, stop_job

    stop_job(place, kind_of(place, name), name)
    printer.line(f"{name} was asked to stop.", name=name, status="Stopping")


job_acts.install(app)
job_views.install(app)
