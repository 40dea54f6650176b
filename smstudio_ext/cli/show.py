"""How the command line shows an Autopilot job: progress, leaderboard, result."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from smstudio_ext.studio.models.automl import AutoMLJob, Candidate, CandidatePage

BAR_END = 1000


class JobProgress:
    """A progress bar that follows an Autopilot job: stage, trials, best score, elapsed time.

    Use as a context manager; call `update` after every look at the job.
    """

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._progress: Progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description:<22}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[trials]:>14}"),
            TextColumn("{task.fields[best]}"),
            TimeElapsedColumn(),
            console=console,
            transient=False,
        )
        self._task: TaskID = self._progress.add_task("Starting", total=BAR_END, trials="", best="")

    def __enter__(self) -> JobProgress:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def update(self, job: AutoMLJob, finished_trials: int) -> None:
        """Shows the state of the job."""
        wanted = job.resolved_limits.max_candidates or job.limits.max_candidates
        best = job.best_candidate
        done = sum(stage.state == "done" for stage in job.stages)
        share = done / max(1, len(job.stages))
        active = next((stage.id for stage in job.stages if stage.state == "active"), "")
        if wanted and active.lower().replace("_", "").replace("-", "") in ("modeltuning", "trainingmodels"):
            share += min(1.0, finished_trials / wanted) / max(1, len(job.stages))
        if job.status != "InProgress":
            share = 1.0
        self._progress.update(
            self._task,
            completed=int(share * BAR_END),
            description=spaced(job.secondary_status) if job.status == "InProgress" else job.status,
            trials=f"{finished_trials}/{wanted} trials" if wanted else f"{finished_trials} trials",
            best=_score(best) if best else "",
        )


def leaderboard(console: Console, job: AutoMLJob, page: CandidatePage, *, rows: int = 10) -> None:
    """Prints the best candidates of a job as a table."""
    from rich.table import Table

    if not page.items:
        console.print("No trial finished.")
        return
    room = max(0, (console.width - 68) // 12)
    metrics = _common_metrics(page.items[:rows], page.objective_metric)[:room]
    table = Table(title=f"Leaderboard of {job.name}", title_justify="left")
    table.add_column("", justify="center", min_width=1)
    table.add_column("Trial", no_wrap=True)
    table.add_column("Algorithm", no_wrap=True)
    table.add_column(page.objective_metric or "Objective", justify="right", no_wrap=True)
    for name in metrics:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Time", justify="right", no_wrap=True)
    for candidate in page.items[:rows]:
        values = {metric.name: metric.value for metric in candidate.metrics if metric.set != "Train"}
        table.add_row(
            "★" if candidate.is_best else "",
            _tail(candidate.name),
            algorithm(candidate),
            _number(candidate.objective.value if candidate.objective else None),
            *[_number(values.get(name)) for name in metrics],
            f"{candidate.elapsed_seconds:.1f} s",
            style="bold" if candidate.is_best else None,
        )
    console.print(table)


def algorithm(candidate: Candidate) -> str:
    """What a candidate is: `dpp1 + xgboost` from its steps and containers, or `CatBoost stack` from an ensembling job's name."""
    kind = re.search(r"(?:^|-)([A-Za-z]+)(?:-BAG)?-L(\d+)-t\d+-", candidate.name)
    if kind is not None:
        name, level = kind.groups()
        return {"WeightedEnsemble": "weighted mix"}.get(name, f"{name} stack" if int(level) > 1 else name)
    known = ("xgboost", "linear-learner", "mlp", "autogluon")
    images = [container.image for container in candidate.containers]
    found = next((name for image in images for name in known if name in image), "")
    strategy = next(
        (
            part
            for step in candidate.steps
            for part in step.name.split("-")
            if part.startswith("dpp") and part[3:].isdigit()
        ),
        "",
    )
    return " + ".join(part for part in (strategy, found) if part)


def spaced(status: str) -> str:
    """`AnalyzingData` as words: `Analyzing data`."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in status).strip()
    return words[:1].upper() + words[1:]


def elapsed(since: float) -> str:
    """Time since a monotonic moment, for people."""
    seconds = time.monotonic() - since
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def _tail(name: str, longest: int = 24) -> str:
    """The end of a long name: trials of a job differ there."""
    return name if len(name) <= longest else f"…{name[1 - longest :]}"


def _score(candidate: Candidate) -> str:
    if candidate.objective is None or candidate.objective.value is None:
        return ""
    return f"best {candidate.objective.metric} {_number(candidate.objective.value)}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.0f}"


def _common_metrics(candidates: list[Candidate], objective: str | None) -> list[str]:
    """Up to four further metrics that every candidate reports, in the order of the first one."""
    names = [[m.name for m in candidate.metrics if m.set != "Train"] for candidate in candidates]
    shared = [n for n in dict.fromkeys(names[0]) if all(n in other for other in names)]
    return [name for name in shared if name not in (objective, "InferenceLatency")][:4]
