"""`smstudio autopilot candidate`, `explain`, `performance`, `model` and `activity`: what pages of candidates and jobs tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.options import ExperimentName
from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

Which = Annotated[str | None, typer.Argument(help="Candidate; the best one by default.")]


def install(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    for command in (candidate, explain, performance, model, activity):
        app.command()(on_target(command))


def candidate(place: Target, printer: Printer, name: ExperimentName, candidate: Which = None) -> None:
    """Show a candidate: metrics, containers, hyperparameters, where its files are."""
    from smstudio_ext.studio.automl_details import describe_candidate

    found = describe_candidate(place, name, _candidate(place, name, candidate))
    its = found.candidate
    score = its.objective
    printer.facts(
        found,
        [
            ("Name", its.name),
            ("Status", its.status),
            ("Score", f"{score.metric} {score.value}" if score else None),
            *((f"{each.name} ({each.set})", each.value) for each in its.metrics),
            ("Seconds", round(its.elapsed_seconds, 1)),
            ("Training job", found.training_job),
            ("Instance", found.training_instance),
            *((key, value) for key, value in sorted(found.hyperparameters.items())),
            *((f"{each.kind}: {each.name}", each.s3_uri) for each in found.artifacts),
        ],
    )


def explain(
    place: Target,
    printer: Printer,
    name: ExperimentName,
    candidate: Which = None,
    most: Annotated[int, typer.Option("-n", min=1, help="Features of each output, the greatest first.")] = 20,
) -> None:
    """Show how much each feature moves the predictions of a candidate (mean absolute SHAP values)."""
    from smstudio_ext.studio.automl_reports import explainability

    found = explainability(place, name, _candidate(place, name, candidate))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    rows = [
        [*([each.label] if len(found.labels) > 1 else []), impact.feature, impact.value]
        for each in found.labels
        for impact in each.impacts[:most]
    ]
    headings = [*(["Output"] if len(found.labels) > 1 else []), "Feature", "Impact"]
    printer.rows(
        headings, rows, empty="There is no explainability report: it is made for the best model alone."
    )


def performance(place: Target, printer: Printer, name: ExperimentName, candidate: Which = None) -> None:
    """Show how good a candidate is on data that it has not seen; --json has its curves, too."""
    from smstudio_ext.studio.automl_reports import performance as read

    found = read(place, name, _candidate(place, name, candidate))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    rows = [[each.name, each.value, each.standard_deviation] for each in found.statistics]
    printer.rows(["Metric", "Value", "± standard deviation"], rows, empty="There is no performance report.")
    if found.confusion:
        labels = found.confusion.labels
        counts = [
            [label, *(int(count) for count in line)]
            for label, line in zip(labels, found.confusion.counts, strict=True)
        ]
        printer.rows(["Actual \\ predicted", *labels], counts, empty="")


def model(
    place: Target,
    printer: Printer,
    name: ExperimentName,
    candidate: Which = None,
    model_name: Annotated[
        str | None, typer.Option("--name", help="Name of the model; the candidate's by default.")
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option(help="What it answers, with commas between: predicted_label,probability"),
    ] = None,
) -> None:
    """Make a SageMaker model of a candidate, for batch transform jobs or to deploy it later."""
    from smstudio_ext.studio.automl_details import create_candidate_model
    from smstudio_ext.studio.models.automl_pages import CreateCandidateModel

    chosen = _candidate(place, name, candidate)
    form = CreateCandidateModel(
        name=model_name or chosen[:63].rstrip("-"),
        candidate=chosen,
        response_keys=[key.strip() for key in keys.split(",") if key.strip()] if keys else [],
    )
    made = create_candidate_model(place, name, form)
    printer.line(f"Created the model {made.name}", **made.model_dump(mode="json"))


def activity(place: Target, printer: Printer, name: ExperimentName) -> None:
    """List the jobs that run for an experiment now."""
    from smstudio_ext.studio.automl import describe_automl_job
    from smstudio_ext.studio.automl_activity import automl_activity

    describe_automl_job(place, name)  # says when there is none
    printer.items(
        automl_activity(place, name).jobs,
        ["Kind", "Name", "Status", "Created", "Seconds"],
        lambda each: [each.kind, each.name, each.status, each.created, round(each.elapsed_seconds, 1)],
        empty="No job runs for it.",
    )


def _candidate(place: Target, name: str, given: str | None) -> str:
    """The candidate that is meant; the command ends when there is no best one yet."""
    from smstudio_ext.studio.automl import describe_automl_job

    if given:
        return given
    best = describe_automl_job(place, name).best_candidate
    if best is None:
        fail(f"{name} has no best candidate yet.")
    return best.name
