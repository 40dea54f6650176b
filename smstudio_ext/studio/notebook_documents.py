"""Notebook documents that come from others, or go to them: what they may carry."""

from __future__ import annotations

import copy
import json
from typing import Any

from smstudio_ext.studio.problems import BadInput, Conflict

MAX_BYTES = 64 * 1024 * 1024
"""Largest notebook that is shared or shown."""


def read_document(content: bytes, where: str) -> dict[str, Any]:
    """A notebook of format 4 in these bytes.

    Args:
        where: it lies, for messages.

    Raises:
        Conflict: they are no such notebook.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if (
        not isinstance(document, dict)
        or document.get("nbformat") != 4
        or not isinstance(document.get("metadata", {}), dict)
        or not isinstance(document.get("cells"), list)
        or not all(isinstance(cell, dict) for cell in document["cells"])
    ):
        raise Conflict(f"{where} is no notebook of format 4.")
    return document


def check_size(size: int, what: str) -> None:
    """Raises BadInput when a notebook of so many bytes is too large."""
    if size > MAX_BYTES:
        raise BadInput(
            f"{what} has {size:,} bytes; at most {MAX_BYTES:,} can be shared.",
            hint="Clear large outputs, or share without outputs.",
        )


def untrusted(document: dict[str, Any]) -> dict[str, Any]:
    """A copy that claims no trust: whoever opens it decides on their own whether its outputs may run scripts.

    Jupyter signs a notebook as trusted when the cells that it saves say so themselves.
    """
    changed = copy.deepcopy(document)
    changed.get("metadata", {}).pop("signature", None)
    for cell in changed["cells"]:
        metadata = cell.get("metadata")
        if isinstance(metadata, dict):
            metadata.pop("trusted", None)
    return changed


def without_output(document: dict[str, Any]) -> dict[str, Any]:
    """A copy without outputs and without what was computed beside them: counts, times, states of widgets."""
    changed = copy.deepcopy(document)
    changed.get("metadata", {}).pop("widgets", None)
    for cell in changed["cells"]:
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
        metadata = cell.get("metadata")
        if isinstance(metadata, dict):
            for name in ("execution", "ExecuteTime"):
                metadata.pop(name, None)
    return changed


def notebook_name(file_name: str) -> str:
    """A file name for a notebook; the ending is added when it is missing.

    Raises:
        BadInput: it cannot be a file's name.
    """
    name = file_name.strip()
    problem = None
    if not name.removesuffix(".ipynb"):
        problem = "Give the copy a name."
    elif "/" in name or "\\" in name or any(ord(letter) < 32 for letter in name):
        problem = "A name holds no slashes and no control characters."
    elif name.startswith("."):
        problem = "A name that begins with a dot would hide the file."
    elif len(name.encode()) > 240:
        problem = "The name is too long."
    if problem:
        raise BadInput(problem, fields=[("file_name", problem)])
    return name if name.endswith(".ipynb") else f"{name}.ipynb"
