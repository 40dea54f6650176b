"""An engine that a notebook starts is no part of that notebook: it leaves the limits of the notebook's instance."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

PYTHON = "SMSTUDIO_ENGINE_PYTHON"
"""Variable of kernels whose packages are not those of the engine: the interpreter that has them."""

_INSTANCE = re.compile(r"smstudio-[0-9a-f]{8}-ml-")
_ROOT = Path("/sys/fs/cgroup")


def leave_notebook_limits() -> None:
    """Moves this process out of the control groups of a kernel that started it, and takes back its CPUs and priority.

    Otherwise the engine would share the kernel's memory, and end with it.
    """
    if not os.environ.pop("SMSTUDIO_INSTANCE_TYPE", None):
        return
    for place in _groups():
        with contextlib.suppress(OSError):
            (place / "cgroup.procs").write_text(str(os.getpid()))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("0")
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, range(os.cpu_count() or 1))


def _groups() -> list[Path]:
    """The groups above those of the notebook's instance."""
    found: list[Path] = []
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        parts = path.strip("/").split("/")
        inside = next((number for number, part in enumerate(parts) if _INSTANCE.match(part)), None)
        if inside is None:
            continue
        bases = (
            [_ROOT / controllers, *(_ROOT / each for each in controllers.split(","))]
            if controllers
            else [_ROOT, _ROOT / "unified"]
        )
        for base in bases:
            place = base.joinpath(*parts[:inside])
            if (place / "cgroup.procs").exists():
                found.append(place)
                break
    return found
