"""The REST API's operations on what runs."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

RUNNING_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "running",
        "getRunning",
        "What runs, and its cost so far",
        "running.Running",
        query="running.RunningQuery",
    ),
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
    Operation(
        "GET",
        "running/history",
        "getUsageHistory",
        "Hours of instances per day and type, and their cost",
        "running.UsageHistory",
        query="running.HistoryQuery",
    ),
    Operation(
        "GET",
        "running/history/download",
        "downloadUsageHistory",
        "The same as CSV",
        None,
        query="running.HistoryQuery",
    ),
    Operation(
        "GET",
        "running/prices",
        "getPrices",
        "Prices of instances an hour, with their source and date",
        "running.PriceList",
        query="running.PricesQuery",
    ),
    Operation(
        "POST",
        "running/prices",
        "fetchPrices",
        "Fetch the newest prices from AWS",
        "running.PriceList",
        body="running.FetchPrices",
    ),
    Operation("GET", "running/idle", "getIdle", "The idle policy and idle instances", "running.IdleState"),
    Operation(
        "PUT",
        "running/idle",
        "setIdle",
        "Set the idle policy",
        "running.IdleState",
        body="running.IdlePolicy",
    ),
    Operation(
        "POST",
        "running/idle/keep",
        "keepInstance",
        "Keep an idle instance",
        "base.Accepted",
        body="running.KeepInstance",
    ),
    Operation(
        "GET",
        "running/script-logs",
        "getScriptLogs",
        "Output of an app's start-up script",
        "training.LogLines",
        query="running.ScriptLogsQuery",
        runs="script_logs.script_logs",
    ),
    Operation(
        "GET",
        "running/script-logs/download",
        "downloadScriptLog",
        "The whole output of an app's start-up script as text",
        None,
        query="training.DownloadLog",
    ),
)
