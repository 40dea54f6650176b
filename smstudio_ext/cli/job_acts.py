"""`smstudio jobs create`, `trials` and `delete`: any job from its request, a tuning job's trials, and tidying up."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.consent import Sure, Yes, asking
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

_OPERATIONS = {
    "autopilot": "CreateAutoMLJobV2",
    "tuning": "CreateHyperParameterTuningJob",
    "training": "CreateTrainingJob",
    "processing": "CreateProcessingJob",
    "transform": "CreateTransformJob",
}


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (create, trials, delete):
        app.command()(on_target(command))


def create(
    place: Target,
    printer: Printer,
    kind: Annotated[
        Literal["autopilot", "tuning", "training", "processing", "transform"],
        typer.Argument(help="Kind of job."),
    ],
    file: Annotated[
        str, typer.Argument(help="The request in AWS's own form, as JSON; - reads standard input.")
    ] = "-",
    check: Annotated[
        bool, typer.Option("--check", help="Only check it, and say what it would cost; create nothing.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Create a job from its request, such as the forms show under "Copy as code" and `smstudio promote` prints."""
    from botocore import xform_name

    from smstudio_ext.studio.billable import estimate_request
    from smstudio_ext.studio.limits import check_request

    operation = _OPERATIONS[kind]
    request = _request(file)
    sagemaker = place.client("sagemaker")
    check_request(sagemaker, operation, request, {})
    if check:
        found = estimate_request(place, operation, request)
        text = found.text if found else "It costs nothing."
        printer.line(
            f"The request is well formed. {text}",
            operation=operation,
            cost=found and found.model_dump(mode="json"),
        )
        return
    with asking(place, yes):
        answer = getattr(sagemaker, xform_name(operation))(**request)
    arn = next(value for key, value in answer.items() if key.endswith("Arn"))
    printer.line(f"Created {arn}", arn=arn)


def _request(file: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        found = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}", code=2)
    except ValueError as error:
        fail(f"{file} is no JSON: {error}", code=2)
    if not isinstance(found, dict):
        fail(f"{file} holds no JSON object.", code=2)
    return found


def trials(
    place: Target,
    printer: Printer,
    name: Annotated[str, typer.Argument(help="Tuning job.")],
    most: Annotated[int, typer.Option("-n", min=1, max=100, help="How many, the best first.")] = 20,
) -> None:
    """List the trials of a tuning job, the best first."""
    from smstudio_ext.studio.models.tuning import ListTrials
    from smstudio_ext.studio.tuning import describe, list_trials

    job = describe(place, name)
    goal = job["HyperParameterTuningJobConfig"].get("HyperParameterTuningJobObjective", {})
    page = list_trials(
        place,
        name,
        ListTrials(
            sort_by="FinalObjectiveMetricValue",
            sort_order="Ascending" if goal.get("Type") == "Minimize" else "Descending",
            max_results=most,
        ),
    )
    if printer.as_json:
        printer.document([each.model_dump(mode="json") for each in page.items])
        return
    rows = [
        [
            each.name,
            each.status,
            each.metric,
            each.objective,
            ", ".join(f"{key}={value}" for key, value in each.hyperparameters.items()),
            round(each.elapsed_seconds, 1),
        ]
        for each in page.items
    ]
    headings = ["Name", "Status", "Metric", "Value", "Hyperparameters", "Seconds"]
    printer.rows(headings, rows, empty="It has no trials yet.")


def delete(
    place: Target,
    printer: Printer,
    name: Annotated[str, typer.Argument(help="Training or tuning job that has ended.")],
    yes: Sure = False,
) -> None:
    """Delete a training or tuning job that has ended; its model and output in S3 stay."""
    from smstudio_ext.studio.jobs import kind_of
    from smstudio_ext.studio.training import delete_training_job
    from smstudio_ext.studio.tuning import delete_tuning_job

    kind = kind_of(place, name)
    acts = {"training": delete_training_job, "tuning": delete_tuning_job}
    if kind.word not in acts:
        fail(
            f"{name} is a job of kind {kind.word}, and AWS keeps these: only training and tuning jobs can be deleted."
        )
    if not yes and not typer.confirm(f"Delete the {kind.word} job {name}?"):
        fail("Nothing was deleted.")
    acts[kind.word](place, name)
    printer.line(f"{name} is being deleted.", name=name, status="Deleting")
