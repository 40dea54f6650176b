"""Says which limit of an Autopilot job is behind a training job's failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.specification import Specification

# What trials say that were cut off, or given up before they began.
_SIGNS = ("MaxRuntimeInSeconds", "do not suffice")


def with_advice(spec: Specification, reason: str) -> str:
    """The reason, with the limit to raise when a trial's own time was too short."""
    limit = spec.max_trial_runtime
    if limit is None or not any(sign in reason for sign in _SIGNS):
        return reason
    return f"{reason} No candidate was ready within MaxRuntimePerTrainingJobInSeconds ({limit}): raise it."
