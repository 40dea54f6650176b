"""Memory limits that the kernel keeps: a control group a job, where this user may make one. Standard library only."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
MIB = 1024 * 1024


def make_group(name: str, memory_mb: int) -> Path | None:
    """A new group below this process's own that may use so much memory; None where that is not allowed.

    Version 1 needs a writable memory hierarchy (root, mostly), version 2 a delegated group with the memory controller (as
    systemd gives a user's services). The watchdog of the supervisor stands in where there is none.
    """
    for parent, limit in _parents():
        group = parent / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(memory_mb * MIB))
        except OSError:
            remove_group(group)
            continue
        return group
    return None


def limit_processes(name: str, most: int, group: Path | None) -> Path | None:
    """A group in which there are at most so many processes and threads; None where that is not allowed.

    Args:
        group: what `make_group` made: version 2 counts processes in the same group.
    """
    if group is not None and (group / "pids.max").exists():
        with contextlib.suppress(OSError):
            (group / "pids.max").write_text(str(most))
            return group
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "pids" not in controllers.split(","):
            continue
        made = _ROOT / "pids" / path.strip("/") / name
        try:
            made.mkdir()
            (made / "pids.max").write_text(str(most))
        except OSError:
            remove_group(made)
            return None
        return made
    return None


def enter_group(group: Path) -> None:
    """Moves this process into a group.

    Raises:
        OSError: the kernel refuses.
    """
    (group / "cgroup.procs").write_text(str(os.getpid()))


def kills_in(group: Path) -> int:
    """How many processes of the group the kernel ended because the group's memory was used up."""
    for name in ("memory.events", "memory.oom_control"):
        with contextlib.suppress(OSError):
            for line in (group / name).read_text().splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill":
                    return int(value)
    return 0


def peak_mb(group: Path) -> int | None:
    """The most memory that the group used, page cache included, MiB; None where the kernel does not tell."""
    for name in ("memory.peak", "memory.max_usage_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            return int((group / name).read_text()) // MIB
    return None


def end_members(group: Path) -> None:
    """Kills every process of a group."""
    with contextlib.suppress(OSError):
        for pid in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(pid), signal.SIGKILL)


def remove_group(group: Path) -> None:
    """Takes an empty group away; processes that have just been killed may hold it for a moment."""
    for _ in range(50):
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return


def _parents() -> list[tuple[Path, str]]:
    """Where groups may be made, the nearest first, with the name of the file for the limit."""
    found: list[tuple[Path, str]] = []
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            found.append((_ROOT / "memory" / path.strip("/"), "memory.limit_in_bytes"))
        elif number == "0" and not controllers:
            base = _ROOT if (_ROOT / "cgroup.controllers").exists() else _ROOT / "unified"
            place = base / path.strip("/")
            for candidate in (place, *place.parents):
                if candidate == base.parent:
                    break
                if _delegates_memory(candidate):
                    found.append((candidate, "memory.max"))
    return [(place, limit) for place, limit in found if os.access(place, os.W_OK)]


def _delegates_memory(group: Path) -> bool:
    try:
        return "memory" in (group / "cgroup.subtree_control").read_text().split()
    except OSError:
        return False
