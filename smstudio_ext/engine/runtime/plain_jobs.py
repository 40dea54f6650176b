"""What transform and processing jobs share: one status, its times, names that must be unique."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.errors import ResourceInUse, ValidationException
from smstudio_ext.engine.runtime.states import StateMachine, state_machine

Document = dict[str, Any]

# what the phases of a job are called in a kind that has no secondary status
_STATUS = {
    "Stopping": "Stopping",
    "Completed": "Completed",
    "Failed": "Failed",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
}


def job_states(kind: str) -> StateMachine:
    """The state table of a job kind with one status."""
    return state_machine(
        f"{kind}.{kind}Status",
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


def enter_state(machine: StateMachine, stem: str, document: Document, state: str, now: float) -> str:
    """Writes a state into a document with `<stem>JobStatus`, `<stem>StartTime` and `<stem>EndTime`."""
    status = _STATUS.get(state, "InProgress")
    before = document.get(f"{stem}JobStatus")
    if before is not None:
        machine.check(before, status)
    if state == "Running":
        document.setdefault(f"{stem}StartTime", now)
    if machine.is_final(status):
        document.setdefault(f"{stem}EndTime", now)
    document[f"{stem}JobStatus"] = status
    document["LastModifiedTime"] = now
    return status


def name_taken(kind_words: str, arn: str) -> ResourceInUse:
    """The error for a job name that is in use; `kind_words` e.g. `Transform job`."""
    return ResourceInUse(
        f"{kind_words} names must be unique within an AWS account and region, and a {kind_words.lower()} with this name "
        f"already exists ({arn})"
    )


def not_stoppable(kind_words: str, status: str) -> ValidationException:
    """The error for a stop of a job that has ended."""
    return ValidationException(
        f"The request was rejected because the {kind_words.lower()} is in status {status}."
    )
