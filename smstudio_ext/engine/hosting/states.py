"""The life of an endpoint as a table; docs/endpoints.md shows the same one."""

from __future__ import annotations

from smstudio_ext.engine.runtime.states import state_machine

ENDPOINT = state_machine(
    "Endpoint.EndpointStatus",
    {
        "Creating": {"InService", "Failed", "Deleting"},
        "InService": {"Updating", "Deleting"},
        "Updating": {"InService", "Deleting"},
        "Failed": {"Deleting"},
        "Deleting": {"Gone"},
        "Gone": set(),
    },
    notes={
        "Creating": "Model data is fetched, model servers load it.",
        "InService": "Every server answered; crashed ones are started again.",
        "Updating": "New servers come up while the old ones serve; a failure goes back to InService with a FailureReason.",
        "Failed": "A model could not be loaded; its servers are gone, FailureReason says why.",
        "Deleting": "Servers are being stopped.",
        "Gone": "The endpoint, its processes and its files are away.",
    },
)
"""Endpoint statuses and what may follow each."""

SERVING = frozenset({"InService", "Updating"})
"""Statuses in which an endpoint answers invocations."""
