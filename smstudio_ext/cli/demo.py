"""`smstudio demo`: the main job from end to end on the sample data, in an engine of its own, cleaned up after."""

from __future__ import annotations

import contextlib
import csv
import io
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstudio_ext.cli.options import MaxCandidates
from smstudio_ext.cli.session import Data, aws_errors, fail, lifecycle_errors, local_target

if TYPE_CHECKING:
    from rich.console import Console

    from smstudio_ext.target import Target


def demo(
    sample: Annotated[str, typer.Option(help="Sample data set: churn, bank, houses or wheat.")] = "churn",
    max_candidates: MaxCandidates = 20,
    max_runtime: Annotated[int, typer.Option(min=1, help="Seconds for the job.")] = 30,
    data: Data = None,
) -> None:
    """Run Autopilot on sample data, show the leaderboard, deploy the best model, predict, and clean up."""
    from rich.console import Console

    console = Console()
    started = time.monotonic()
    with _engine(data) as directory, aws_errors():
        place = local_target(directory)
        console.print(f"[dim]Engine with its data in {directory}[/dim]")
        _walk(place, sample, max_candidates, max_runtime, console)
    console.print(
        f"\nDone in {time.monotonic() - started:.0f} s. Now in your browser, with the panel and the sample data:"
    )
    console.print("\n    [bold]make lab[/bold]      (or: smstudio lab)\n")


def _walk(place: Target, sample: str, max_candidates: int, max_runtime: int, console: Console) -> None:
    from smstudio_ext.cli import autopilot
    from smstudio_ext.cli.show import leaderboard
    from smstudio_ext.studio.buckets import put_sample_data
    from smstudio_ext.studio.endpoints_delete import delete_endpoint
    from smstudio_ext.studio.models.automl import CreateAutoMLJob
    from smstudio_ext.studio.models.data import PutSample
    from smstudio_ext.studio.models.endpoints import DeleteEndpoint

    where = put_sample_data(place, sample, PutSample())
    request = CreateAutoMLJob(
        name=autopilot.job_name(sample),
        input_s3_uri=where.s3_uri,
        target=where.target,
        problem_type=where.problem_type,
        objective=where.objective,
        max_candidates=max_candidates,
        max_job_runtime_seconds=max_runtime,
    )
    finished = autopilot.run_job(place, request, console, deploy=True)
    if finished.job.status != "Completed" or finished.endpoint is None:
        fail(f"{finished.job.name} ended as {finished.job.status}: {finished.job.failure_reason}")
    leaderboard(console, finished.job, finished.page)
    _predict(place, sample, finished.endpoint.endpoint_name, console)
    delete_endpoint(place, finished.endpoint.endpoint_name, DeleteEndpoint(config=True, models=True))
    console.print("[dim]Endpoint, configuration and models are deleted.[/dim]")


def _predict(place: Target, name: str, endpoint: str, console: Console) -> None:
    """Sends rows of fresh data (another seed than the training data's), one of each kind, to the endpoint."""
    from smstudio_ext.studio.samples import sample, sample_csv

    found = sample(name)
    at = found.columns.index(found.target)
    fresh = list(csv.reader(io.StringIO(sample_csv(name, seed=7, rows=60).decode())))[1:]
    one_of_each = {row[at]: row for row in reversed(fresh)}
    for truth, row in list(one_of_each.items())[-4:]:
        row.pop(at)
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(row)
        began = time.perf_counter()
        answer = place.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Accept="text/csv", Body=line.getvalue()
        )
        said = answer["Body"].read().decode().strip()
        took = (time.perf_counter() - began) * 1000
        console.print(f"  {line.getvalue()[:36]}…  →  [bold]{said}[/bold]  (truth: {truth}, {took:.0f} ms)")


@contextlib.contextmanager
def _engine(data: Path | None) -> Iterator[Path]:
    """The given data directory, or one of its own that is gone afterwards with its engine."""
    from smstudio_ext.engine.server import lifecycle

    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="smstudio-demo-") as folder:
        directory = Path(folder) / "data"
        try:
            yield directory
        finally:
            with lifecycle_errors():
                lifecycle.reset_engine(directory)
