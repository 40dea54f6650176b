"""`smstudio autopilot`: the main job on a file, with progress, leaderboard, and an endpoint if asked for."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli import autopilot_jobs, autopilot_reports
from smstudio_ext.cli.consent import Yes, asking
from smstudio_ext.cli.options import MaxCandidates, Profile, Region, TargetKind
from smstudio_ext.cli.places import chosen
from smstudio_ext.cli.session import Data, aws_errors, fail

if TYPE_CHECKING:
    from rich.console import Console

    from smstudio_ext.studio.models.automl import AutoMLJob, CandidatePage, CreateAutoMLJob, Deployed
    from smstudio_ext.target import Target

app = typer.Typer(
    help="Autopilot: find the best model for a table; look at experiments, deploy their candidates.",
    no_args_is_help=True,
)


class Problem(str, Enum):
    """Problem types of Autopilot."""

    auto = "Auto"
    binary = "BinaryClassification"
    multiclass = "MulticlassClassification"
    regression = "Regression"


class Mode(str, Enum):
    """Training modes of Autopilot."""

    auto = "AUTO"
    tuning = "HYPERPARAMETER_TUNING"
    ensembling = "ENSEMBLING"


@dataclass(frozen=True)
class Finished:
    """A job that ended, its best candidates, and the endpoint that was made for it, if any."""

    job: AutoMLJob
    page: CandidatePage
    endpoint: Deployed | None = None


@app.command()
def run(
    file: Annotated[
        str, typer.Argument(help="CSV file with a header (plain or .gz), or an s3:// address or prefix.")
    ],
    target: Annotated[str, typer.Option(help="Column to predict; case-sensitive.")],
    name: Annotated[
        str | None,
        typer.Option(help="Name of the job, at most 32 characters; made from the file's by default."),
    ] = None,
    problem_type: Annotated[Problem, typer.Option(help="What kind of problem it is.")] = Problem.auto,
    objective: Annotated[
        str | None, typer.Option(help="Metric to optimise, e.g. F1, AUC, MSE, Accuracy.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option(help="Training mode.")] = None,
    pilot: Annotated[bool, typer.Option("--pilot", help="Only create the candidate definitions.")] = False,
    max_candidates: MaxCandidates = 50,
    max_runtime: Annotated[int | None, typer.Option(min=1, help="Seconds for the whole job.")] = None,
    max_trial_runtime: Annotated[int | None, typer.Option(min=1, help="Seconds for one trial.")] = None,
    output: Annotated[
        str | None, typer.Option(help="s3:// address for the results; the default bucket otherwise.")
    ] = None,
    deploy: Annotated[
        bool, typer.Option("--deploy", help="Deploy the best candidate to an endpoint of the job's name.")
    ] = False,
    on: TargetKind = "local",
    profile: Profile = None,
    region: Region = None,
    role: Annotated[str | None, typer.Option(help="Execution role on AWS; the identity's otherwise.")] = None,
    yes: Yes = False,
    data: Data = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON, nothing else on stdout.")
    ] = False,
) -> None:
    """Upload a table, run Autopilot on it, and show the leaderboard. (`--target` is the column here; `--on` the target.)

    Exit codes: 0 the job completed; 1 it failed or was refused; 130 it was stopped by Ctrl-C.
    """
    from rich.console import Console

    from smstudio_ext.studio.models.automl import CreateAutoMLJob

    console = Console(stderr=as_json)
    with aws_errors():
        place = chosen(on, profile, region, data)
    with aws_errors(place), asking(place, yes):
        _confirm(place, max_runtime, None if pilot else max_candidates, deploy=deploy and not pilot)
        request = CreateAutoMLJob(
            name=name or job_name(file),
            input_s3_uri=uploaded(place, file, console),
            target=target,
            output_s3_uri=output,
            problem_type=problem_type.value,
            objective=objective,
            complete=not pilot,
            compression="Gzip" if file.endswith(".gz") else None,
            mode=mode.value if mode else None,
            max_candidates=None if pilot else max_candidates,
            max_runtime_per_training_job_seconds=max_trial_runtime,
            max_job_runtime_seconds=max_runtime,
            role_arn=role,
        )
        finished = run_job(place, request, console, deploy=deploy and not pilot)
    if as_json:
        typer.echo(json.dumps(_as_json(finished), indent=2))
    else:
        _report(console, finished)
    if finished.job.status != "Completed":
        raise typer.Exit(1)


def _confirm(place: Target, seconds: int | None, candidates: int | None, *, deploy: bool) -> None:
    """Asks for the cost of everything at the beginning: before the upload, and not hours later for the endpoint."""
    if place.kind == "local":
        return
    from smstudio_ext.studio.billable import endpoint_bill
    from smstudio_ext.studio.cost_consent import confirm_ahead, confirm_request
    from smstudio_ext.studio.models.automl import DeployCandidate

    limits = {"MaxAutoMLJobRuntimeInSeconds": seconds, "MaxCandidates": candidates}
    config = {"TabularJobConfig": {"CompletionCriteria": limits}}
    confirm_request(place, "CreateAutoMLJobV2", {"AutoMLProblemTypeConfig": config})
    if deploy:
        form = DeployCandidate(endpoint_name="of-the-job")
        variant = {"InstanceType": form.instance_type, "InitialInstanceCount": form.instance_count}
        confirm_ahead(place, "CreateEndpoint", lambda: endpoint_bill([variant]))


def run_job(place: Target, request: CreateAutoMLJob, console: Console, *, deploy: bool = False) -> Finished:
    """Creates a job, follows it to its end with a progress bar, and deploys its best candidate if asked.

    Ctrl-C stops the job and ends the command with exit code 130.

    Raises:
        botocore.exceptions.ClientError, ValueError: the job or the endpoint was refused.
    """
    from smstudio_ext.studio import automl
    from smstudio_ext.studio.automl_create import create_automl_job

    created = create_automl_job(place, request)
    console.print(
        f"Experiment [bold]{created.name}[/bold] on {request.input_s3_uri}, target {request.target!r}"
    )
    try:
        job = follow(place, created.name, console)
    except KeyboardInterrupt:
        automl.stop_automl_job(place, created.name)
        fail(f"Stopped {created.name}; what finished is kept.", code=130)
    page = best_candidates(place, job.name)
    if deploy and job.best_candidate is not None:
        return Finished(job, page, deployed(place, job.name, endpoint_name=job.name, console=console))
    return Finished(job, page)


def follow(place: Target, name: str, console: Console) -> AutoMLJob:
    """Shows a job's progress until it ends."""
    from smstudio_ext.cli.show import JobProgress
    from smstudio_ext.studio import automl
    from smstudio_ext.studio.waiting import LOOK_SECONDS

    with JobProgress(console) as progress:
        while True:
            job = automl.describe_automl_job(place, name)
            progress.update(job, finished_trials(place, name))
            if job.status not in ("InProgress", "Stopping"):
                return job
            time.sleep(LOOK_SECONDS[place.kind])


def finished_trials(place: Target, name: str) -> int:
    """How many candidates of a job have a score."""
    count = 0
    more: dict[str, str] = {}
    while True:
        answer = place.client("sagemaker").list_candidates_for_auto_ml_job(
            AutoMLJobName=name, StatusEquals="Completed", MaxResults=100, **more
        )
        count += len(answer["Candidates"])
        if not answer.get("NextToken"):
            return count
        more = {"NextToken": answer["NextToken"]}


def best_candidates(place: Target, name: str) -> CandidatePage:
    """The first page of a job's leaderboard."""
    from smstudio_ext.studio import automl
    from smstudio_ext.studio.models.automl import ListCandidates

    return automl.list_candidates(place, name, ListCandidates(status="Completed"))


def deployed(place: Target, job: str, *, endpoint_name: str, console: Console) -> Deployed:
    """Deploys the best candidate of a job and waits until the endpoint is in service.

    Raises:
        Conflict: the endpoint failed; the message says why.
    """
    from smstudio_ext.studio.automl_deploy import deploy_candidate
    from smstudio_ext.studio.models.automl import DeployCandidate
    from smstudio_ext.studio.waiting import in_service, settling

    started = time.monotonic()
    result = deploy_candidate(place, job, DeployCandidate(endpoint_name=endpoint_name))
    with console.status(f"Deploying to endpoint {endpoint_name}"):
        *_, (answer, _) = settling(place, endpoint_name)
    in_service(answer)
    console.print(
        f"Endpoint [bold]{endpoint_name}[/bold] is InService after {time.monotonic() - started:.1f} s"
    )
    return result


def uploaded(place: Target, file: str, console: Console) -> str:
    """The s3:// address of the data; a local file goes to the default bucket first.

    Raises:
        ValueError: there is no such file.
    """
    if file.startswith("s3://"):
        return file
    path = Path(file).expanduser()
    if not path.is_file():
        raise ValueError(f"There is no file {file}.")
    from smstudio_ext.studio import buckets

    with console.status(f"Uploading {path.name}"):
        return buckets.upload_file(place, path, None, None).s3_uri


def job_name(file: str) -> str:
    """A fresh job name (1-32 characters) from a file's name and the time."""
    stem = re.sub(r"[^a-zA-Z0-9]+", "-", Path(file.rstrip("/")).name.split(".")[0]).strip("-") or "autopilot"
    return f"{stem[:16].rstrip('-')}-{time.strftime('%m%d-%H%M%S')}"


def _report(console: Console, finished: Finished) -> None:
    from smstudio_ext.cli.show import leaderboard

    job = finished.job
    if job.status == "Failed":
        fail(f"{job.name} failed: {job.failure_reason}")
    leaderboard(console, job, finished.page)
    console.print(
        f"{job.name}: {job.secondary_status} after {job.elapsed_seconds:.1f} s; results in {job.output_s3_uri}"
    )
    if finished.endpoint:
        console.print(
            f"Send it rows: boto3.client('sagemaker-runtime').invoke_endpoint(EndpointName={job.name!r}, ContentType='text/csv', Body=...)"
        )


def _as_json(finished: Finished) -> dict[str, Any]:
    return {
        "job": finished.job.model_dump(mode="json"),
        "candidates": [candidate.model_dump(mode="json") for candidate in finished.page.items],
        "endpoint": finished.endpoint.model_dump(mode="json") if finished.endpoint else None,
    }


autopilot_jobs.install(app)
autopilot_reports.install(app)
