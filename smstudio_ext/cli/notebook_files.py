"""Notebooks as files that commands read and write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from smstudio_ext.cli.session import fail


def read_notebook(file: Path) -> dict[str, Any]:
    """The notebook of a file; the command ends when it cannot be read.

    Raises:
        smstudio_ext.studio.problems.StudioProblem: it is no notebook of format 4, or too large.
    """
    from smstudio_ext.studio.notebook_documents import check_size, read_document

    path = file.expanduser()
    try:
        check_size(path.stat().st_size, str(file))
        return read_document(path.read_bytes(), str(file))
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", code=2)


def write_notebook(document: dict[str, Any], to: Path, file_name: str) -> Path:
    """Writes a notebook to a file that is not there yet; the command ends when it is.

    Args:
        to: the file, or the folder that gets one of this name.
    """
    from smstudio_ext.studio.notebook_documents import notebook_name

    path = to.expanduser()
    if path.is_dir():
        path /= notebook_name(file_name)
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(document, file, indent=1, ensure_ascii=False)
            file.write("\n")
    except FileExistsError:
        fail(f"{path} is there already.")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    return path
