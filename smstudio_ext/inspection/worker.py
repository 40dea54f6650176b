"""The process that parses a stranger's files: `python -m smstudio_ext.inspection.worker FOLDER` prints findings as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

CPU_SECONDS = 100


def main() -> None:
    """Looks at every file of the folder."""
    _limit()
    folder = Path(sys.argv[1])
    from smstudio_ext.inspection.kinds import inspect_folder

    # Libraries that print must not spoil the answer.
    with contextlib.redirect_stdout(io.StringIO()):
        models, notes = inspect_folder(folder)
    sys.stdout.write(json.dumps({"models": [asdict(model) for model in models], "notes": notes}, default=str))


def _limit() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        import resource
    except ImportError:
        return
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for kind, value in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_DATA, memory // 2),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main()
