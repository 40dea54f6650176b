"""`smstudio running` and `smstudio stop-all`: what runs on the local engine, and stopping it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.session import Data, aws_errors, fail, local_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target


@dataclass(frozen=True)
class Running:
    """One resource that holds processes.

    Attributes:
        kind: AWS's name of the kind.
        since: creation time, ISO 8601.
    """

    kind: str
    name: str
    status: str
    since: str


@dataclass(frozen=True)
class _Kind:
    kind: str
    list_operation: str
    answer: str
    name: str
    status: str
    filters: dict[str, str]
    stop_operation: str
    argument: str


# Parents first: stopping an Autopilot job stops its training jobs.
_KINDS = (
    _Kind(
        "AutoMLJob",
        "list_auto_ml_jobs",
        "AutoMLJobSummaries",
        "AutoMLJobName",
        "AutoMLJobStatus",
        {"StatusEquals": "InProgress"},
        "stop_auto_ml_job",
        "AutoMLJobName",
    ),
    _Kind(
        "TrainingJob",
        "list_training_jobs",
        "TrainingJobSummaries",
        "TrainingJobName",
        "TrainingJobStatus",
        {"StatusEquals": "InProgress"},
        "stop_training_job",
        "TrainingJobName",
    ),
    _Kind(
        "TransformJob",
        "list_transform_jobs",
        "TransformJobSummaries",
        "TransformJobName",
        "TransformJobStatus",
        {"StatusEquals": "InProgress"},
        "stop_transform_job",
        "TransformJobName",
    ),
    _Kind(
        "ProcessingJob",
        "list_processing_jobs",
        "ProcessingJobSummaries",
        "ProcessingJobName",
        "ProcessingJobStatus",
        {"StatusEquals": "InProgress"},
        "stop_processing_job",
        "ProcessingJobName",
    ),
    _Kind(
        "Endpoint",
        "list_endpoints",
        "Endpoints",
        "EndpointName",
        "EndpointStatus",
        {},
        "delete_endpoint",
        "EndpointName",
    ),
)


def running(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the jobs and endpoints that run on the local engine."""
    with aws_errors():
        found = list(_find(local_target(data)))
    if as_json:
        typer.echo(json.dumps([asdict(item) for item in found], indent=2))
        return
    if not found:
        typer.echo("Nothing runs.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Kind", "Name", "Status", "Since")
    for item in found:
        table.add_row(item.kind, item.name, item.status, item.since)
    Console().print(table)


def stop_all(
    data: Data = None, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Stop every job and delete every endpoint of the local engine; models, results and data stay."""
    with aws_errors():
        place = local_target(data)
        found = list(_find(place))
        if not found:
            typer.echo("Nothing runs.")
            return
        if not yes and not typer.confirm(f"Stop {len(found)} jobs and endpoints?"):
            fail("Nothing was stopped.")
        _stop(place, found)
    typer.echo(f"Stopped {len(found)}.")


def _find(place: Target) -> Iterator[Running]:
    sagemaker = place.client("sagemaker")
    for kind in _KINDS:
        for page in sagemaker.get_paginator(kind.list_operation).paginate(**kind.filters):
            for item in page[kind.answer]:
                yield Running(kind.kind, item[kind.name], item[kind.status], item["CreationTime"].isoformat())


def _stop(place: Target, found: list[Running]) -> None:
    from botocore.exceptions import ClientError

    sagemaker: Any = place.client("sagemaker")
    kinds = {kind.kind: kind for kind in _KINDS}
    for item in found:
        kind = kinds[item.kind]
        try:
            getattr(sagemaker, kind.stop_operation)(**{kind.argument: item.name})
        except ClientError as error:
            # a child that its parent's stop has ended meanwhile
            if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
                raise
