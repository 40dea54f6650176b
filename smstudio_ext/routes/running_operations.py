"""The REST API's operations on what runs."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

RUNNING_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "running", "getRunning", "What runs, and its cost so far", "running.Running"),
    Operation("GET", "running/usage", "getUsage", "CPU and memory of what runs here", "running.UsageNow"),
    Operation(
        "GET",
        "running/kernels/{name}/usage",
        "getKernelUsage",
        "CPU and memory of a kernel and of its instance",
        "running.KernelUsage",
    ),
    Operation(
        "POST",
        "running/shutdown",
        "shutDown",
        "Shut down instances, apps, kernels, terminals, endpoints or jobs",
        "running.ShutdownResult",
        body="running.Shutdown",
    ),
)
