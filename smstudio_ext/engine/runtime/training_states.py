"""The states of training jobs, and how entering one is written into the job's document."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.runtime.states import state_machine

Document = dict[str, Any]

SECONDARY = state_machine(
    "TrainingJob.SecondaryStatus",
    {
        "Starting": {"Pending", "Downloading", "Stopping", "Stopped", "MaxWaitTimeExceeded", "Failed"},
        "Pending": {"Downloading", "Stopping", "Stopped", "MaxWaitTimeExceeded", "Failed"},
        "Downloading": {"Training", "Stopping", "Stopped", "Failed"},
        "Training": {"Uploading", "Restarting", "Stopping", "Stopped", "Failed"},
        "Restarting": {"Downloading", "Stopping", "Stopped", "Failed"},
        "Uploading": {
            "Completed",
            "Stopping",
            "Stopped",
            "MaxRuntimeExceeded",
            "MaxWaitTimeExceeded",
            "Failed",
        },
        "Stopping": {"Stopped", "Completed", "MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Failed"},
        "Completed": (),
        "Stopped": (),
        "MaxRuntimeExceeded": (),
        "MaxWaitTimeExceeded": (),
        "Failed": (),
    },
    notes={
        "Starting": "The job was accepted; a slot of this machine (for all its hosts together) is asked for.",
        "Pending": "The machine is full; the job waits for its turn.",
        "Downloading": "Input channels are put into each host's /opt/ml.",
        "Training": "The image's program runs on each host under a supervisor.",
        "Restarting": "The process was lost and RetryStrategy allows another attempt.",
        "Uploading": "Model, output and metrics are stored.",
        "Stopping": "A stop was asked for: SIGTERM, grace, SIGKILL.",
        "MaxRuntimeExceeded": "MaxRuntimeInSeconds passed; what the program had saved is stored. Status Stopped.",
        "MaxWaitTimeExceeded": "MaxWaitTimeInSeconds of a spot job passed, waiting and running together. Status Stopped.",
    },
)
STATUS = state_machine(
    "TrainingJob.TrainingJobStatus",
    {
        "InProgress": {"Completed", "Failed", "Stopping", "Stopped"},
        "Stopping": {"Stopped", "Completed", "Failed"},
        "Completed": (),
        "Failed": (),
        "Stopped": (),
    },
)

_MESSAGES = {
    "Starting": "Starting the training job",
    "Pending": "Waiting for a free instance of this machine",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Restarting": "Restarting the training job after its process was lost",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "Completed": "Training job completed",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
    "MaxPendingTimeExceeded": "Training job pending time exceeded MaxPendingTimeInSeconds provided",
}
# states of the runtime that have another name on the wire
_SECONDARY_OF = {"Running": "Training", "MaxPendingTimeExceeded": "Stopped"}
_STATUS_OF = {
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
    "MaxWaitTimeExceeded": "Stopped",
    "Completed": "Completed",
    "Failed": "Failed",
}


def enter_training_state(document: Document, state: str, now: float, message: str = "") -> str:
    """Writes a state, its transition and its times; returns TrainingJobStatus."""
    secondary = _SECONDARY_OF.get(state, state)
    before = document.get("SecondaryStatus")
    if before is not None:
        SECONDARY.check(before, secondary)
    if before != secondary:
        transitions = document.setdefault("SecondaryStatusTransitions", [])
        if transitions:
            transitions[-1]["EndTime"] = now
        told = message or _MESSAGES.get(state) or _MESSAGES.get(secondary, "")
        transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": told})
        if SECONDARY.is_final(secondary):
            transitions[-1]["EndTime"] = now
    if secondary == "Training":
        document.setdefault("TrainingStartTime", now)
    if SECONDARY.is_final(secondary):
        document.setdefault("TrainingEndTime", now)
    document["SecondaryStatus"] = secondary
    document["LastModifiedTime"] = now
    document["TrainingJobStatus"] = _STATUS_OF.get(secondary, "InProgress")
    return str(document["TrainingJobStatus"])
