"""What a kernel that runs has to tell in its next cell: a file that its process looks at before each cell."""

from __future__ import annotations

import contextlib
from pathlib import Path

from smstudio_ext.notebooks.home import notebooks_dir

FILE = "SMSTUDIO_NOTICE_FILE"
"""Variable that names the file to a kernel."""


def place(kernel_id: str) -> Path:
    """The file of a kernel; there is none while there is nothing to tell."""
    return notebooks_dir() / "notices" / f"{kernel_id}.txt"


def leave(kernel_id: str, message: str) -> None:
    """Has a kernel tell something; a data directory that cannot be written costs the message, not the kernel."""
    path = place(kernel_id)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{message}\n")


def forget(kernel_id: str) -> None:
    """Takes the file of a kernel that ended away."""
    with contextlib.suppress(OSError):
        place(kernel_id).unlink()
