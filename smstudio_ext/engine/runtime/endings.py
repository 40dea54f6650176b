"""How a job's end is told: its FailureReason from how its process ended and from what the program wrote about it."""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path

from smstudio_ext.engine.runtime.processes import (
    COULD_NOT_START,
    DISK_FULL,
    INPUT_FAILED,
    LOST,
    OUT_OF_MEMORY,
    STOPPED,
    TIMEOUT,
    ProcessState,
)

LONGEST_REASON = 1024
FAILURE_FILE = "output/failure"


def failure_of(
    end: ProcessState, ml: Path, instance: str, memory_mb: int, *, own_program: bool = False
) -> str | None:
    """FailureReason of a process that ended, in AWS's form; None when it ended well or was asked to.

    Args:
        ml: what the program of the host saw as /opt/ml.
        own_program: the program is the user's: its exit code 2 does not mean that the user is at fault.
    """
    if end.ok or end.reason in (STOPPED, TIMEOUT):
        return None
    if end.reason == OUT_OF_MEMORY:
        return (
            f"ClientError: Out of memory: the job needed more than it was granted ({memory_mb} MiB, {instance}). Please "
            "use an instance type with more memory, or reduce the size of training data processed on an instance., "
            "exit code: 137"
        )
    if end.reason == DISK_FULL:
        return (
            f"ClientError: No space left on device: {end.message}. Please use a larger VolumeSizeInGB, or write less., "
            "exit code: 137"
        )
    if end.reason == INPUT_FAILED:
        return f"ClientError: Data download failed: {end.message}"
    if end.reason in (LOST, COULD_NOT_START):
        detail = f" ({end.message})" if end.message else ""
        return f"InternalServerError: The process of the job was lost{detail}. Please create the job again."
    code = end.code if end.code is not None else 128 + (end.signal or 0)
    told = what_was_told(ml / FAILURE_FILE, LONGEST_REASON - 60)
    if told:
        kind = "ClientError" if code == 2 and not own_program else "AlgorithmError"
        return f"{kind}: {told}, exit code: {code}"
    return f"AlgorithmError: , exit code: {code}"


def what_was_told(path: Path, longest: int) -> str | None:
    """The beginning of a text file that a job's program left; None when there is none.

    Programs may leave anything under that name. Links are not followed (they would lead out of the job's folder), and what is no
    file (a FIFO nobody writes to would be waited for without end) tells nothing.

    Args:
        longest: characters.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(longest * 4).decode("utf-8", "replace").strip()[:longest] or None


def whole_seconds(start: float | None, end: float | None) -> int:
    """Seconds from start to end, rounded up as AWS bills them."""
    return 0 if start is None or end is None else max(1, math.ceil(end - start))
