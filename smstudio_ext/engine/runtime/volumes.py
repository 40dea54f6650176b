"""The disk of a job: how much its folder holds, against what its volume grants. Standard library only."""

from __future__ import annotations

import os
import time
from pathlib import Path

MIB = 1024 * 1024
RESERVE_MB = 256
"""Space that jobs leave to the engine: a job that grows while less is free is ended."""
GROWTH_MB = 8
LOOK_SECONDS = 1.0


class VolumeWatch:
    """Looks at what a job's folder holds; seldom when looking takes long.

    Args:
        root: what the job sees at /opt/ml.
        limit_mb: what its volume grants, MiB; 0 for no limit.
        reserve_mb: space that must stay free on the file system.
        log: what the job prints; it is not on the volume, but grows on the same disk of this machine.
    """

    def __init__(
        self, root: Path, limit_mb: int, reserve_mb: int = RESERVE_MB, log: Path | None = None
    ) -> None:
        self.root = root
        self.log = log
        self.limit_mb = limit_mb
        self.reserve_mb = reserve_mb
        self.used_mb = 0
        self._seen = -1
        self._next = 0.0
        self._pause = LOOK_SECONDS

    def problem(self) -> str | None:
        """Why the job must end, or None."""
        now = time.monotonic()
        if now < self._next:
            return None
        self.used_mb = folder_mb(self.root)
        took = time.monotonic() - now
        self._pause = max(LOOK_SECONDS, 20 * took)
        self._next = now + self._pause
        written = self.used_mb + self._log_mb()
        grown = written - self._seen if self._seen >= 0 else 0
        self._seen = written
        if self.limit_mb and self.used_mb > self.limit_mb:
            return self._beyond()
        free = free_mb(self.root)
        if free < self.reserve_mb and grown >= GROWTH_MB:
            return f"only {free} MiB are left on the disk of this machine"
        return None

    def full(self) -> str | None:
        """Why a program that has failed could not write any more, or None when it could; looks at once."""
        self.used_mb = folder_mb(self.root)
        return self._beyond() if self.limit_mb and self.used_mb >= self.limit_mb else None

    def _beyond(self) -> str:
        return f"it wrote {self.used_mb} MiB, and its volume holds {self.limit_mb} MiB (VolumeSizeInGB)"

    def _log_mb(self) -> int:
        try:
            return 0 if self.log is None else self.log.stat().st_size // MIB
        except OSError:  # nothing was printed yet
            return 0


def folder_mb(root: Path) -> int:
    """MiB that the files below `root` take on disk; inputs that are links to stored objects take none."""
    inputs = str(root / "input" / "data")
    total = 0
    seen: set[int] = set()
    heap = [str(root)]
    while heap:
        folder = heap.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:  # it went away meanwhile
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    heap.append(entry.path)
                    continue
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if facts.st_nlink > 1:
                if entry.path.startswith(inputs) or facts.st_ino in seen:
                    continue
                seen.add(facts.st_ino)
            total += facts.st_blocks * 512
    return total // MIB


def free_mb(place: Path) -> int:
    """MiB that this user may still write on the file system of `place`."""
    facts = os.statvfs(place)
    return facts.f_bavail * facts.f_frsize // MIB
