"""The REST API's operations on what runs."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

RUNNING_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "running", "getRunning", "What runs, and its cost so far", "running.Running"),
)
