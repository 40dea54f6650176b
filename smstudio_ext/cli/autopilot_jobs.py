"""`smstudio autopilot list`, `describe`, `leaderboard`, `deploy`, `stop`, `notebooks`: experiments that are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.consent import Yes, asking
from smstudio_ext.cli.options import ExperimentName, InstanceCount, InstanceType, Most, Search, UntilInService
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.automl import AutoMLJob, Candidate
    from smstudio_ext.target import Target
else:
    Target = Any


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command("list")(on_target(list_))
    for command in (describe, leaderboard, deploy, stop, notebooks):
        app.command()(on_target(command))


def list_(
    place: Target,
    printer: Printer,
    search: Search = None,
    most: Most = 20,
) -> None:
    """List experiments, the newest first."""
    from smstudio_ext.studio.automl import list_automl_jobs
    from smstudio_ext.studio.models.automl import ListAutoMLJobs

    page = list_automl_jobs(place, ListAutoMLJobs(search=search, max_results=most))
    rows = [[job.name, job.status, job.secondary_status, job.created] for job in page.items]
    printer.rows(["Name", "Status", "Stage", "Created"], rows, empty="There are no experiments.")


def describe(place: Target, printer: Printer, name: ExperimentName) -> None:
    """Show an experiment: state, stages, what Autopilot decided, its best candidate."""
    from smstudio_ext.studio.automl import describe_automl_job

    job = describe_automl_job(place, name)
    if printer.as_json:
        printer.document(job.model_dump(mode="json"))
        return
    printer.rows(["What", "Value"], _facts(job), empty="")


def _facts(job: AutoMLJob) -> list[list[Any]]:
    best = job.best_candidate
    score = best.objective if best else None
    return [
        ["Name", job.name],
        ["Status", f"{job.status}: {job.status_text}"],
        *([["Failure", job.failure_reason]] if job.failure_reason else []),
        ["Stages", ", ".join(f"{stage.id} {stage.state}" for stage in job.stages)],
        ["Target column", job.target],
        ["Problem type", job.resolved_problem_type or job.problem_type or "found out by Autopilot"],
        ["Objective", job.resolved_objective or job.objective or "chosen by Autopilot"],
        ["Mode", job.mode],
        ["Created", job.created],
        ["Elapsed seconds", round(job.elapsed_seconds, 1)],
        ["Best candidate", best.name if best else None],
        ["Its score", f"{score.metric} {score.value}" if score else None],
        ["Results", job.output_s3_uri],
    ]


def leaderboard(
    place: Target,
    printer: Printer,
    name: ExperimentName,
    every: Annotated[
        bool, typer.Option("--all", help="Also candidates that run, failed or were stopped.")
    ] = False,
    most: Annotated[int, typer.Option("-n", min=1, max=750, help="How many, the best first.")] = 20,
) -> None:
    """Show the candidates of an experiment, the best first."""
    found = _candidates(place, name, most, every=every)
    if printer.as_json:
        printer.document([each.model_dump(mode="json") for each in found])
        return
    metric = next((each.objective.metric for each in found if each.objective), "Objective")
    headings = ["", "Name", *(["Status"] if every else []), metric, "Seconds"]
    rows = [
        [
            "★" if each.is_best else "",
            each.name,
            *([each.status] if every else []),
            each.objective.value if each.objective else None,
            round(each.elapsed_seconds, 1),
        ]
        for each in found
    ]
    printer.rows(headings, rows, empty="No candidate is finished.")


def _candidates(place: Target, name: str, most: int, *, every: bool) -> list[Candidate]:
    from smstudio_ext.studio.automl import list_candidates
    from smstudio_ext.studio.models.automl import ListCandidates

    found: list[Candidate] = []
    token: str | None = None
    while len(found) < most:
        query = ListCandidates(
            status=None if every else "Completed", max_results=min(100, most - len(found)), next_token=token
        )
        page = list_candidates(place, name, query)
        found += page.items
        token = page.next_token
        if not token:
            break
    return found


def deploy(
    place: Target,
    printer: Printer,
    name: ExperimentName,
    candidate: Annotated[str | None, typer.Option(help="Its name; the best one by default.")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Name of the endpoint; the experiment's by default.")
    ] = None,
    instance: InstanceType = "ml.m5.large",
    count: InstanceCount = 1,
    keys: Annotated[
        str | None,
        typer.Option(help="What the endpoint answers, with commas between: predicted_label,probability"),
    ] = None,
    wait: UntilInService = True,
    yes: Yes = False,
) -> None:
    """Deploy a candidate to a new endpoint."""
    from smstudio_ext.studio.automl_deploy import deploy_candidate
    from smstudio_ext.studio.models.automl import DeployCandidate
    from smstudio_ext.studio.waiting import in_service, settling

    form = DeployCandidate(
        endpoint_name=endpoint or name,
        candidate=candidate,
        instance_type=instance,
        instance_count=count,
        response_keys=[key.strip() for key in keys.split(",") if key.strip()] if keys else [],
    )
    with asking(place, yes):
        made = deploy_candidate(place, name, form)
    status = "Creating"
    if wait:
        try:
            *_, (found, _) = settling(place, made.endpoint_name)
        except KeyboardInterrupt:
            fail(
                f"{made.endpoint_name} goes on; delete it with: smstudio endpoints delete {made.endpoint_name}",
                130,
            )
        in_service(found)
        status = found["EndpointStatus"]
    printer.line(f"Endpoint {made.endpoint_name}: {status}", name=made.endpoint_name, status=status)


def stop(place: Target, printer: Printer, name: ExperimentName) -> None:
    """Stop an experiment; candidates that are finished stay."""
    from smstudio_ext.studio.automl import stop_automl_job

    stop_automl_job(place, name)
    printer.line(f"{name} was asked to stop.", name=name, status="Stopping")


def notebooks(
    place: Target,
    printer: Printer,
    name: ExperimentName,
    kind: Annotated[
        Literal["candidate-definition", "data-exploration"] | None,
        typer.Argument(help="Which; both by default."),
    ] = None,
    folder: Annotated[Path, typer.Option("--to", help="Folder that gets the notebooks.")] = Path(),
) -> None:
    """Save the notebooks that Autopilot wrote (which ones, depends on its mode); files that are there are never overwritten."""
    from smstudio_ext.studio.automl_notebooks import read_notebook
    from smstudio_ext.studio.problems import Missing

    saved, lacking = [], []
    for each in (kind,) if kind else ("data-exploration", "candidate-definition"):
        try:
            found = read_notebook(place, name, each)
        except Missing as error:  # which notebooks there are depends on the mode
            lacking.append(error)
            continue
        path = folder / f"{name}-{each}.ipynb"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                json.dump(found.notebook, file, indent=1, ensure_ascii=False)
        except FileExistsError:
            fail(f"{path} is there already: name another folder with --to.")
        saved.append([each, str(path), found.s3_uri])
    if not saved:
        raise lacking[0]
    printer.rows(["Kind", "File", "From"], saved, empty="")
