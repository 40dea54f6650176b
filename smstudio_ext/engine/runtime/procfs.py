"""Facts about processes from /proc (Linux) or `ps` (elsewhere). Standard library only."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

_PROC = Path("/proc")


def boot_id() -> str:
    """Changes with each start of the machine; empty where unknown."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_ticks(pid: int) -> int:
    """When the process started, in clock ticks since boot; tells reused pids apart. 0 where unknown."""
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from `state` on; empty when there is no such process."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def _table() -> list[tuple[int, int, int, int]]:
    """(pid, parent, group, session) of every process that is not a zombie."""
    rows: list[tuple[int, int, int, int]] = []
    if _PROC.is_dir():
        for name in os.listdir(_PROC):
            if name.isdigit():
                fields = _stat(int(name))
                if fields and fields[0] not in "ZX":
                    rows.append((int(name), int(fields[1]), int(fields[2]), int(fields[3])))
        return rows
    listing = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,pgid=,sess=,stat="], capture_output=True, text=True, check=False
    )
    for line in listing.stdout.splitlines():
        parts = line.split()
        with contextlib.suppress(ValueError):
            if len(parts) == 5 and not parts[4].startswith("Z"):
                rows.append((int(parts[0]), int(parts[1]), int(parts[2]), int(parts[3], 0)))
    return rows


def group_members(group: int, session: int | None = None) -> list[int]:
    """Living processes of a process group (of one session, if given)."""
    return [pid for pid, _, pgid, sid in _table() if pgid == group and session in (None, sid)]


def descendants(root: int) -> list[int]:
    """Living children of `root`, their children, and so on."""
    if (
        _children(os.getpid()) is not None
    ):  # this kernel tells children; else all processes are looked through
        found, heap = [], [root]
        while heap:
            alive = [pid for pid in _children(heap.pop()) or () if (_stat(pid) or "Z")[0] not in "ZX"]
            found += alive
            heap += alive
        return found
    children: dict[int, list[int]] = {}
    for pid, parent, _, _ in _table():
        children.setdefault(parent, []).append(pid)
    found = []
    heap = list(children.get(root, ()))
    while heap:
        pid = heap.pop()
        found.append(pid)
        heap += children.get(pid, ())
    return found


def _children(pid: int) -> list[int] | None:
    """Children of one process, zombies among them; None where the kernel does not tell or there is no such process."""
    try:
        found: list[int] = []
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:
        return None
    return found


def private_memory_mb(pids: list[int]) -> int:
    """Anonymous memory of processes together, MiB; shared pages of a fork count once more for each."""
    total = 0
    for pid in set(pids):
        with contextlib.suppress(OSError):
            for line in (_PROC / str(pid) / "status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    total += int(line.split()[1])
                    break
    return total // 1024


def cpu_seconds(pids: list[int]) -> float:
    """CPU time (user and system) that living processes have used, seconds; 0 for those that are gone or unknown."""
    ticks = 0
    for pid in set(pids):
        fields = _stat(pid)
        if fields:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / float(os.sysconf("SC_CLK_TCK"))
