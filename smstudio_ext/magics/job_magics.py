"""`%sm_jobs`, `%sm_logs`, `%sm_stop` and `%sm_cost`: what runs, what it says, and its end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from smstudio_ext.magics.failure import MagicFailure, plain_errors
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.show import AWS_LOOK_EVERY, LOOK_EVERY, Shown, Table, span

if TYPE_CHECKING:
    from smstudio_ext.target import Target


@dataclass(frozen=True)
class Kind:
    """One kind of job, as AWS's calls name it.

    Attributes:
        title: for people.
        word: what `%sm_jobs` takes.
        log: kind of log (`training.GROUPS`); none where jobs of this kind write none of their own.
    """

    title: str
    word: str
    list_operation: str
    answer: str
    name: str
    status: str
    ended: str
    describe_operation: str
    stop_operation: str
    log: str | None


KINDS = (
    Kind("Autopilot", "autopilot", "list_auto_ml_jobs", "AutoMLJobSummaries", "AutoMLJobName", "AutoMLJobStatus", "EndTime", "describe_auto_ml_job_v2", "stop_auto_ml_job", None),
    Kind("Tuning", "tuning", "list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries", "HyperParameterTuningJobName", "HyperParameterTuningJobStatus", "HyperParameterTuningEndTime", "describe_hyper_parameter_tuning_job", "stop_hyper_parameter_tuning_job", None),
    Kind("Training", "training", "list_training_jobs", "TrainingJobSummaries", "TrainingJobName", "TrainingJobStatus", "TrainingEndTime", "describe_training_job", "stop_training_job", "training"),
    Kind("Processing", "processing", "list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName", "ProcessingJobStatus", "ProcessingEndTime", "describe_processing_job", "stop_processing_job", "processing"),
    Kind("Transform", "transform", "list_transform_jobs", "TransformJobSummaries", "TransformJobName", "TransformJobStatus", "TransformEndTime", "describe_transform_job", "stop_transform_job", "transform"),
)  # fmt: skip
_RUNNING = ("InProgress", "Stopping")


@magics_class
class JobMagics(Magics):
    """Jobs of every kind."""

    @magic_arguments()
    @argument("kind", nargs="?", choices=[kind.word for kind in KINDS], help="Only jobs of this kind.")
    @argument("--running", action="store_true", help="Only jobs that run.")
    @argument("-n", type=int, default=20, help="How many, the newest first.")
    @line_magic
    @plain_errors
    def sm_jobs(self, line: str) -> Shown:
        """List jobs, the newest first."""
        given: Any = parse_argstring(self.sm_jobs, line)
        if given.n < 1:
            raise MagicFailure("-n takes a number of 1 or more.")
        kinds = [kind for kind in KINDS if given.kind in (None, kind.word)]
        found = sorted(
            (job for kind in kinds for job in jobs(PLACE.target(), kind, given.n, running=given.running)),
            key=lambda job: job[3],
            reverse=True,
        )
        rows = [
            [title, name, status, _ago(created), span(seconds)]
            for title, name, status, created, seconds in found
        ]
        return Table(
            ["Kind", "Name", "Status", "Created", "Duration"], rows[: given.n], empty="There are no jobs."
        )

    @magic_arguments()
    @argument("job", help="Variable of a job, or its name (training, processing, transform).")
    @argument(
        "-f", "--follow", action="store_true", help="Go on until the job ends; Ctrl-C leaves it running."
    )
    @argument("-n", "--tail", type=int, help="Only the last lines.")
    @line_magic
    @plain_errors
    def sm_logs(self, line: str) -> None:
        """Print a job's log."""
        given: Any = parse_argstring(self.sm_logs, line)
        target = PLACE.target()
        kind, name = self._job(target, given.job)
        if kind.log is None:
            raise MagicFailure(
                f"{name} is an {kind.title} job: its log is that of its training jobs.",
                hint="See: %sm_jobs training",
            )
        from smstudio_ext.magics.training import log_lines

        log = log_lines(target, kind.log, name)
        lines = next(log)
        for each in lines[-given.tail :] if given.tail else lines:
            print(each)
        try:
            while given.follow and describe(target, kind, name)[kind.status] in _RUNNING:
                time.sleep(LOOK_EVERY if target.kind == "local" else AWS_LOOK_EVERY)
                for each in next(log):
                    print(each)
            if given.follow:
                for each in next(log):
                    print(each)
        except KeyboardInterrupt:
            print(f"{name} goes on; this cell no longer follows it.")

    @magic_arguments()
    @argument("job", nargs="?", help="Variable or name of a job or an endpoint.")
    @argument("--all", action="store_true", help="Every job that runs, of every kind; endpoints stay.")
    @line_magic
    @plain_errors
    def sm_stop(self, line: str) -> Shown:
        """Stop a job (it keeps what it has finished), or delete an endpoint."""
        given: Any = parse_argstring(self.sm_stop, line)
        target = PLACE.target()
        if bool(given.job) == given.all:
            raise MagicFailure("Name one job or endpoint, or say --all.")
        if not given.all:
            return Table(["Stopped"], [[self._stop(target, given.job)]])
        stopped = []
        for kind in KINDS:  # those that start others come first
            for _, name, status, *_ in jobs(target, kind, 100, running=True):
                if status == "InProgress":
                    getattr(target.client("sagemaker"), kind.stop_operation)(**{kind.name: name})
                    stopped.append([f"{kind.title} {name}"])
        return Table(["Stopped"], stopped, empty="Nothing runs.")

    @magic_arguments()
    @line_magic
    @plain_errors
    def sm_cost(self, line: str) -> Shown:
        """Show what runs, and what it has cost or would cost on AWS."""
        from smstudio_ext.magics.cost import cost_table

        parse_argstring(self.sm_cost, line)
        return cost_table(PLACE.target())

    def _job(self, target: Target, text: str) -> tuple[Kind, str]:
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        name = getattr(names.get(text), "name", None) or text
        return kind_of(target, name), name

    def _stop(self, target: Target, text: str) -> str:
        from smstudio_ext.magics.endpoint_magics import Endpoint

        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        value = names.get(text)
        if isinstance(value, Endpoint):
            value.delete()
            return f"Endpoint {value.name} is being deleted"
        name = getattr(value, "name", None) or text
        try:
            kind = kind_of(target, name)
        except MagicFailure:
            from botocore.exceptions import ClientError

            endpoint = Endpoint(target, name)
            try:
                endpoint.delete()
            except ClientError:
                raise MagicFailure(f"There is no job and no endpoint named {name!r}.") from None
            return f"Endpoint {name} is being deleted"
        status = describe(target, kind, name)[kind.status]
        if status not in _RUNNING:
            raise MagicFailure(f"{name} does not run: it is {status}.")
        getattr(target.client("sagemaker"), kind.stop_operation)(**{kind.name: name})
        return f"{kind.title} {name} was asked to stop"


def jobs(
    target: Target, kind: Kind, most: int, *, running: bool = False
) -> list[tuple[str, str, str, datetime, float]]:
    """The newest jobs of a kind: title of the kind, name, status, creation time, seconds."""
    request: dict[str, Any] = {
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": min(most, 100),
    }
    if running:
        request["StatusEquals"] = "InProgress"
    answer = getattr(target.client("sagemaker"), kind.list_operation)(**request)
    now = datetime.now(timezone.utc)
    return [
        (
            kind.title,
            job[kind.name],
            job[kind.status],
            job["CreationTime"],
            ((job.get(kind.ended) or now) - job["CreationTime"]).total_seconds(),
        )
        for job in answer[kind.answer]
    ]


def kind_of(target: Target, name: str) -> Kind:
    """The kind of the job of a name.

    Raises:
        MagicFailure: no job has it.
    """
    from botocore.exceptions import ClientError

    for kind in (*KINDS[2:], *KINDS[:2]):
        try:
            describe(target, kind, name)
        except ClientError as error:
            if error.response["Error"]["Code"] in (
                "ValidationException",
                "ResourceNotFound",
                "ResourceNotFoundException",
            ):
                continue
            raise
        return kind
    raise MagicFailure(f"There is no job named {name!r}.", hint="%sm_jobs lists the newest.")


def describe(target: Target, kind: Kind, name: str) -> dict[str, Any]:
    """AWS's description of a job."""
    found: dict[str, Any] = getattr(target.client("sagemaker"), kind.describe_operation)(**{kind.name: name})
    return found


def _ago(moment: datetime) -> str:
    return f"{span((datetime.now(timezone.utc) - moment).total_seconds())} ago"
