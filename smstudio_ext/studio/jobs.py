"""Jobs of every kind by one set of functions: lists, descriptions, logs, stopping; for the command line, magics and tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from smstudio_ext.studio.job_logs import log_page, log_streams
from smstudio_ext.studio.models.training import LogsQuery
from smstudio_ext.studio.problems import BadInput, Missing
from smstudio_ext.studio.waiting import NOT_THERE, moments
from smstudio_ext.target import Target

JobWord = Literal["autopilot", "tuning", "training", "processing", "transform"]
RUNNING = ("InProgress", "Stopping")

_LOG_LINES = 10_000
_PAGE = 100


@dataclass(frozen=True)
class JobKind:
    """One kind of job, as AWS's calls name it.

    Attributes:
        word: short name for people.
        noun: AWS's name, e.g. `TrainingJob`; operations and members begin with it.
        ended: member of a list's rows with the time of the end.
        listed: operation that lists, e.g. `list_training_jobs`, and the member with the rows.
        description: operation that describes.
        log_group: of CloudWatch; none where jobs of this kind write no log of their own.
    """

    word: JobWord
    title: str
    noun: str
    ended: str
    listed: tuple[str, str]
    description: str
    stopping: str
    log_group: str | None

    @property
    def name(self) -> str:
        """Member with the name."""
        return f"{self.noun}Name"

    @property
    def status(self) -> str:
        """Member with the status."""
        return f"{self.noun}Status"


KINDS = (
    JobKind(
        "autopilot",
        "Autopilot",
        "AutoMLJob",
        "EndTime",
        ("list_auto_ml_jobs", "AutoMLJobSummaries"),
        "describe_auto_ml_job_v2",
        "stop_auto_ml_job",
        None,
    ),
    JobKind(
        "tuning",
        "Tuning",
        "HyperParameterTuningJob",
        "HyperParameterTuningEndTime",
        ("list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries"),
        "describe_hyper_parameter_tuning_job",
        "stop_hyper_parameter_tuning_job",
        None,
    ),
    JobKind(
        "training",
        "Training",
        "TrainingJob",
        "TrainingEndTime",
        ("list_training_jobs", "TrainingJobSummaries"),
        "describe_training_job",
        "stop_training_job",
        "/aws/sagemaker/TrainingJobs",
    ),
    JobKind(
        "processing",
        "Processing",
        "ProcessingJob",
        "ProcessingEndTime",
        ("list_processing_jobs", "ProcessingJobSummaries"),
        "describe_processing_job",
        "stop_processing_job",
        "/aws/sagemaker/ProcessingJobs",
    ),
    JobKind(
        "transform",
        "Transform",
        "TransformJob",
        "TransformEndTime",
        ("list_transform_jobs", "TransformJobSummaries"),
        "describe_transform_job",
        "stop_transform_job",
        "/aws/sagemaker/TransformJobs",
    ),
)
"""Those that start jobs of other kinds come first: stopping them stops what they started."""


@dataclass(frozen=True)
class JobRow:
    """One job of a list.

    Attributes:
        seconds: from its creation to its end or now.
    """

    kind: JobKind
    name: str
    status: str
    created: datetime
    seconds: float


def newest_jobs(
    target: Target, most: int, *, kind: JobWord | None = None, running: bool = False
) -> list[JobRow]:
    """The newest jobs, of one kind or of all.

    Args:
        most: how many, 1 to 100.
        running: only those that run.
    """
    rows = [
        row
        for each in KINDS
        if kind in (None, each.word)
        for row in _listed(target, each, max(1, min(most, _PAGE)), running=running)
    ]
    return sorted(rows, key=lambda row: row.created, reverse=True)[:most]


def kind_of(target: Target, name: str) -> JobKind:
    """The kind of the job of a name.

    Raises:
        Missing: no job has it.
    """
    for kind in (*KINDS[2:], *KINDS[:2]):
        if status_of(target, kind, name) is not None:
            return kind
    raise Missing(f"There is no job named {name!r}.", hint="A list of jobs shows the names of the newest.")


def describe_job(target: Target, kind: JobKind, name: str) -> dict[str, Any]:
    """AWS's description of a job."""
    found: dict[str, Any] = getattr(target.client("sagemaker"), kind.description)(**{kind.name: name})
    found.pop("ResponseMetadata", None)
    return found


def status_of(target: Target, kind: JobKind, name: str) -> str | None:
    """The status of a job; None when there is none of this name."""
    from botocore.exceptions import ClientError

    try:
        return str(describe_job(target, kind, name)[kind.status])
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_THERE:
            raise
        return None


def stop_job(target: Target, kind: JobKind, name: str) -> None:
    """Asks a job to stop; it keeps what it has finished.

    Raises:
        BadInput: it does not run.
    """
    status = describe_job(target, kind, name)[kind.status]
    if status not in RUNNING:
        raise BadInput(f"{name} does not run: it is {status}.")
    getattr(target.client("sagemaker"), kind.stopping)(**{kind.name: name})


def log_lines(target: Target, kind: JobKind, name: str) -> Iterator[list[str]]:
    """New lines of a job's log, again and again: a list each time, empty when there is nothing new.

    Raises:
        BadInput: jobs of this kind write no log of their own.
    """
    if kind.log_group is None:
        raise BadInput(
            f"{name} is a job of kind {kind.word}: its log is that of its training jobs.",
            hint="List the training jobs, and ask for the log of one.",
        )
    logs = target.client("logs")
    tokens: dict[str, str | None] = {}
    while True:
        fresh: list[str] = []
        for stream in log_streams(logs, kind.log_group, name):
            while True:
                query = LogsQuery(next_token=tokens.get(stream), from_start=True, max_results=_LOG_LINES)
                page = log_page(logs, kind.log_group, [stream], stream, query)
                tokens[stream] = page.next_token
                fresh += [line.message for line in page.lines]
                if page.at_end:
                    break
        yield fresh


def until_ended(target: Target, kind: JobKind, name: str) -> Iterator[dict[str, Any]]:
    """AWS's descriptions of a job, one a look, until it has ended; the last one is of its end."""
    for _ in moments(target.kind):
        found = describe_job(target, kind, name)
        yield found
        if found[kind.status] not in RUNNING:
            return


def followed_log(target: Target, kind: JobKind, name: str) -> Iterator[list[str]]:
    """New lines of a job's log, a list a look, until the job has ended; the first list is what there is now.

    Raises:
        BadInput: jobs of this kind write no log of their own.
    """
    log = log_lines(target, kind, name)
    yield next(log)
    for _ in until_ended(target, kind, name):
        yield next(log)


def kind_named(word: JobWord) -> JobKind:
    """The kind of a short name."""
    return next(kind for kind in KINDS if kind.word == word)


def _listed(target: Target, kind: JobKind, most: int, *, running: bool) -> list[JobRow]:
    request: dict[str, Any] = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": most}
    if running:
        request["StatusEquals"] = "InProgress"
    operation, member = kind.listed
    answer = getattr(target.client("sagemaker"), operation)(**request)
    now = datetime.now(timezone.utc)
    return [
        JobRow(
            kind,
            job[kind.name],
            job[kind.status],
            job["CreationTime"],
            ((job.get(kind.ended) or now) - job["CreationTime"]).total_seconds(),
        )
        for job in answer[member]
    ]
