"""The life of a notebook instance as a table."""

from __future__ import annotations

from collections.abc import Collection

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime.states import state_machine

NOTEBOOK_INSTANCE = state_machine(
    "NotebookInstance.NotebookInstanceStatus",
    {
        "Pending": {"InService", "Failed"},
        "InService": {"Stopping", "Pending", "Failed"},
        "Stopping": {"Stopped"},
        "Stopped": {"Pending", "Updating", "Deleting"},
        "Updating": {"Stopped"},
        "Failed": {"Pending", "Updating", "Deleting"},
        "Deleting": {"Gone"},
        "Gone": set(),
    },
    notes={
        "Pending": "Repositories are cloned, lifecycle scripts run, the Jupyter server starts.",
        "InService": "The Jupyter server answers; when its process is lost (the machine was started anew), it is Pending again.",
        "Stopping": "Jupyter server and kernels are being ended.",
        "Stopped": "Nothing runs; the folder `SageMaker` is kept, all other files of the instance are gone.",
        "Updating": "Settings are being changed.",
        "Failed": "A script, a repository or the server failed; FailureReason says why. Here it can be started or changed again.",
        "Deleting": "Processes and files are being taken away.",
        "Gone": "The instance and its folder `SageMaker` are away.",
    },
)
"""Statuses of a notebook instance and what may follow each."""


def require_status(status: str, allowed: Collection[str], aim: str, arn: str) -> None:
    """Refuses a change that the present status does not allow, in AWS's words.

    Raises:
        ValidationException: `Status (InService) not in ([Stopped]). Unable to transition to (Pending) for ...`.
    """
    if status not in allowed:
        raise ValidationException(
            f"Status ({status}) not in ([{', '.join(allowed)}]). Unable to transition to ({aim}) for "
            f"Notebook Instance ({arn})"
        )
