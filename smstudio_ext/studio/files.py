"""Files of the Jupyter server, never outside its root."""

from __future__ import annotations

from pathlib import Path

from smstudio_ext.studio.problems import BadInput, Missing, NotOffered


def file_below(root: Path | None, path: str, *, allow_hidden: bool = False, folders: bool = False) -> Path:
    """The file of a Jupyter path.

    Args:
        root: root of the server's files; None when its contents are not files.
        path: as the file browser shows it, with or without a leading slash.
        folders: a folder will do, too.

    Raises:
        NotOffered: the server's contents are not files.
        BadInput: the path leaves the root (also by a link), names a hidden file, or is no file.
        Missing: there is no such file.
    """
    if root is None:
        raise NotOffered(
            "This Jupyter server keeps its contents elsewhere than in files.",
            hint="Give an s3:// location instead.",
        )
    if "\0" in path:
        raise BadInput("The path holds a null character.", fields=[("path", "is no path")])
    base = root.resolve()
    relative = path.lstrip("/")
    try:
        found = (base / relative).resolve()
    except (OSError, RuntimeError) as error:
        raise BadInput(f"{path!r} cannot be read: {error}.") from None
    if not found.is_relative_to(base):
        raise BadInput(
            f"{path!r} is outside the folder that this Jupyter server shows.",
            hint="Copy the file into the server's folder first.",
        )
    hidden = [part for part in found.relative_to(base).parts if part.startswith(".")]
    if hidden and not allow_hidden:
        raise BadInput(f"{path!r} is a hidden file, which this Jupyter server does not show.")
    try:
        if found.is_dir():
            if folders:
                return found
            raise BadInput(f"{path!r} is a folder; choose a file.")
        if not found.is_file():
            raise Missing(f"There is no file {path!r}.")
    except OSError as error:  # a name too long for the file system, or no permission
        raise BadInput(f"{path!r} cannot be read: {error.strerror}.") from None
    return found
