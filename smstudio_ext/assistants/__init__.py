"""Tools for AI assistants (Model Context Protocol): the pages' functions with plain arguments and JSON answers.

The entry point `jupyter_server_mcp.tools` and `smstudio mcp` offer the same ones: those that only read, and those that act
where the user allows it (`SMSTUDIO_MCP_WRITE=1`, `smstudio mcp --write`).
"""

from __future__ import annotations

import os

WRITE = "SMSTUDIO_MCP_WRITE"
"""Variable: `1` also offers tools that start, stop and delete."""

_READING = (
    "sagemaker_status",
    "sagemaker_list_jobs",
    "sagemaker_describe_job",
    "sagemaker_job_log",
    "sagemaker_leaderboard",
    "sagemaker_list_endpoints",
    "sagemaker_describe_endpoint",
    "sagemaker_list_experiments",
    "sagemaker_compare_trial_components",
    "sagemaker_what_runs",
    "sagemaker_list_s3",
    "sagemaker_preview_s3",
    "sagemaker_list_algorithms",
)
_ACTING = (
    "sagemaker_start_autopilot",
    "sagemaker_start_training",
    "sagemaker_deploy",
    "sagemaker_predict",
    "sagemaker_stop",
    "sagemaker_delete_endpoint",
)
_STARTING = ("sagemaker_start_tuning", "sagemaker_start_transform", "sagemaker_promote")


def tool_specs(*, write: bool | None = None) -> list[str]:
    """The tools as `module:function`.

    Args:
        write: also those that act; by default what the variable `SMSTUDIO_MCP_WRITE` says.
    """
    found = [f"smstudio_ext.assistants.reading:{name}" for name in _READING]
    if os.environ.get(WRITE) == "1" if write is None else write:
        found += [f"smstudio_ext.assistants.acting:{name}" for name in _ACTING]
        found += [f"smstudio_ext.assistants.starting:{name}" for name in _STARTING]
    return found
