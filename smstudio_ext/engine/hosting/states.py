"""The life of an endpoint as a table; docs/endpoints.md shows the same one."""

from __future__ import annotations

from smstudio_ext.engine.runtime.states import state_machine

ENDPOINT = state_machine(
    "Endpoint.EndpointStatus",
    {
        "Creating": {"InService", "Failed", "Deleting"},
        "InService": {"Updating", "Deleting"},
        "Updating": {"InService", "RollingBack", "Deleting"},
        "RollingBack": {"InService", "UpdateRollbackFailed", "Deleting"},
        "UpdateRollbackFailed": {"Deleting"},
        "Failed": {"Deleting"},
        "Deleting": {"Gone"},
        "Gone": set(),
    },
    notes={
        "Creating": "Model data is fetched, model servers load it.",
        "InService": "Every server answered; crashed ones are started again.",
        "Updating": "New servers come up while the old ones serve; traffic goes over as the deployment policy says.",
        "RollingBack": "An alarm, a failure or a time-out ended the update: the traffic goes back to the old servers.",
        "UpdateRollbackFailed": "Old servers could not be started again: the endpoint serves with a mix of both.",
        "Failed": "A model could not be loaded; its servers are gone, FailureReason says why.",
        "Deleting": "Servers are being stopped.",
        "Gone": "The endpoint, its processes and its files are away.",
    },
)
"""Endpoint statuses and what may follow each."""

SERVING = frozenset({"InService", "Updating", "RollingBack", "UpdateRollbackFailed"})
"""Statuses in which an endpoint answers invocations."""
CHANGING = frozenset({"Creating", "Updating", "RollingBack", "Deleting"})
"""Statuses in which an endpoint takes no other change than its deletion."""
