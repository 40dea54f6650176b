"""Which Java this machine has, as far as Spark needs to know."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

NEEDED = 17
"""The oldest Java that Spark 4 runs on."""


def lack() -> str:
    """What keeps Spark from running here; empty when nothing does."""
    program = _program()
    if program is None:
        return f"Java {NEEDED} or newer is not installed here (JAVA_HOME or java on PATH)."
    version = _version(program, Path(program).stat().st_mtime)
    if version is None:
        return f"{program} does not tell its version."
    return "" if version >= NEEDED else f"{program} is Java {version}; Spark needs {NEEDED} or newer."


def _program() -> str | None:
    home = os.environ.get("JAVA_HOME")
    if home and os.access(Path(home) / "bin" / "java", os.X_OK):
        return str(Path(home) / "bin" / "java")
    return shutil.which("java")


@lru_cache(maxsize=4)
def _version(program: str, changed: float) -> int | None:
    try:
        done = subprocess.run(
            [program, "-version"], capture_output=True, text=True, errors="replace", timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(found.group(1)) if found else None
