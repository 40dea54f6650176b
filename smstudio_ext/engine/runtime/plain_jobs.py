"""What transform and processing jobs share: one status and its times, and how they are accepted, found and stopped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.runtime.jobs import request_stop
from smstudio_ext.engine.runtime.states import state_machine
from smstudio_ext.engine.store.resources import Resource

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
STOP_GRACE = 30.0

# what the phases of a job are called in a kind that has no secondary status
_STATUS = {
    "Stopping": "Stopping",
    "Completed": "Completed",
    "Failed": "Failed",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
}


class PlainJobs:
    """The jobs of a kind with one status.

    Args:
        stem: how AWS's names of the kind begin, e.g. `Transform` of `TransformJob` and `TransformEndTime`.
    """

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self.kind = f"{stem}Job"
        self._words = f"{stem} job"
        self._states = state_machine(
            f"{self.kind}.{self.kind}Status",
            {
                "InProgress": {"Completed", "Failed", "Stopping", "Stopped"},
                "Stopping": {"Stopped", "Completed", "Failed"},
                "Completed": (),
                "Failed": (),
                "Stopped": (),
            },
            notes={
                "InProgress": "A slot is waited for, inputs are fetched, the program runs, or results are stored.",
                "Stopping": "A stop was asked for: SIGTERM, grace, SIGKILL.",
            },
        )

    def enter(self, document: Document, state: str, now: float) -> str:
        """Writes a state into a document with `<stem>JobStatus`, `<stem>StartTime` and `<stem>EndTime`."""
        status = _STATUS.get(state, "InProgress")
        before = document.get(f"{self.kind}Status")
        if before is not None:
            self._states.check(before, status)
        if state == "Running":
            document.setdefault(f"{self.stem}StartTime", now)
        if self._states.is_final(status):
            document.setdefault(f"{self.stem}EndTime", now)
        document[f"{self.kind}Status"] = status
        document["LastModifiedTime"] = now
        return status

    def new_arn(self, ctx: EngineContext, region: str, name: str) -> str:
        """The ARN of a job that is to be made.

        Raises:
            ResourceInUse: the name is taken.
        """
        arn = sagemaker_arn(self.kind, region, name)
        if ctx.store.resources.find(self.kind, region, name) is not None:
            raise self._taken(arn)
        return arn

    def accept(
        self,
        ctx: EngineContext,
        region: str,
        name: str,
        document: Document,
        internal: Document,
        *,
        tags: Iterable[dict[str, str]] | None,
        parent: str | None,
    ) -> Resource:
        """Writes a new job and leaves it to its controller.

        Args:
            document: with its CreationTime.
            parent: `Kind/name` of the resource that makes it.

        Raises:
            ResourceInUse: the name is taken.
        """
        arn, now = sagemaker_arn(self.kind, region, name), document["CreationTime"]
        kind, _, maker = (parent or "").partition("/")
        if kind == "AutoMLJob":
            document["AutoMLJobArn"] = sagemaker_arn(kind, region, maker)
        status = self.enter(document, "Starting", now)
        resource = Resource(self.kind, region, name, arn, status, now, now, document, internal, parent)
        ctx.store.resources.create(resource, tags or (), taken=self._taken(arn))
        ctx.reconciler.wake(*resource.key)
        return resource

    def get(self, ctx: EngineContext, region: str, name: str) -> Resource:
        """The job.

        Raises:
            ValidationException: `Could not find requested job with name: ...`
        """
        missing = ValidationException(f"Could not find requested job with name: {name}")
        return ctx.store.resources.get(self.kind, region, name, missing=missing)

    def stop(self, ctx: EngineContext, region: str, name: str, *, grace: float = STOP_GRACE) -> Resource:
        """Asks a job to stop.

        Raises:
            ValidationException: there is no such job, or it has ended.
        """
        resource = self.get(ctx, region, name)
        if resource.finished:
            raise ValidationException(
                f"The request was rejected because the {self._words.lower()} is in status {resource.status}."
            )
        request_stop(ctx, resource, self.enter, grace)
        return ctx.store.resources.get(*resource.key)

    def summary(self, resource: Resource) -> Document:
        """The job in AWS's listings."""
        document = resource.document
        summary = {
            f"{self.kind}Name": resource.name,
            f"{self.kind}Arn": resource.arn,
            "CreationTime": resource.created,
            "LastModifiedTime": document["LastModifiedTime"],
            f"{self.kind}Status": resource.status,
        }
        for member in (f"{self.stem}EndTime", "FailureReason", "ExitMessage"):
            if member in document:
                summary[member] = document[member]
        return summary

    def _taken(self, arn: str) -> ResourceInUse:
        return ResourceInUse(
            f"{self._words} names must be unique within an AWS account and region, and a {self._words.lower()} with this name "
            f"already exists ({arn})"
        )
