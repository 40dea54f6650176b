"""Folders of the images' environments: where they are, whether they are whole, and how a layer lies over Jupyter's Python."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
from pathlib import Path

import smstudio_ext
from smstudio_ext.notebooks.home import environments_dir, read_json, write_json
from smstudio_ext.notebooks.images.recipes import Recipe
from smstudio_ext.notebooks.kernelspecs import SDK3, read_spec
from smstudio_ext.overlays import make_overlay

MARKER = "smstudio-image.json"
"""File in an environment that is whole."""

FORMAT = "1"


def folder_of(recipe: Recipe) -> Path:
    """The folder of an image's environment; another one when what it is made of changes."""
    return environments_dir() / f"{recipe.id}-{_fingerprint(recipe)}"


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python"


def interpreter(recipe: Recipe) -> Path | None:
    """The Python that runs an image's kernels; None while it is not there (or is no Python)."""
    if recipe.kind == "host":
        return Path(sys.executable)
    if recipe.kind == "kernelspec":
        return None
    if recipe.kind == "interpreter":
        found = Path(recipe.python or "")
        return found if os.access(found, os.X_OK) and found.is_file() else None
    folder = folder_of(recipe)
    if is_whole(folder):
        return python_of(folder)
    return _added_by_command(recipe)


def _added_by_command(recipe: Recipe) -> Path | None:
    """The interpreter that `smstudio kernel add` gave the kernel of this image."""
    from smstudio_ext.notebooks.images.specs import kernels_folder

    for kernel in recipe.kernels:
        if kernel.name == SDK3:
            said = (read_spec(kernels_folder()) or {}).get("python")
            if said and os.access(said, os.X_OK):
                return Path(said)
    return None


def is_whole(folder: Path) -> bool:
    """Whether an environment was made to its end, and its Python is still there."""
    return (folder / MARKER).is_file() and os.access(python_of(folder), os.X_OK)


def mark_whole(folder: Path, recipe: Recipe, packages: dict[str, str]) -> None:
    """Says that an environment is whole; the last step of making it.

    Args:
        packages: name -> version of what was installed.

    Raises:
        OSError: it cannot be written.
    """
    write_json(folder / MARKER, {"image": recipe.id, "packages": packages})


def installed(folder: Path) -> dict[str, str]:
    """Name -> version of what was installed into an environment when it was made."""
    found = read_json(folder / MARKER).get("packages")
    return found if isinstance(found, dict) else {}


def remove(folder: Path) -> None:
    """Takes an environment away; from the first moment on nobody takes it for whole.

    Raises:
        OSError: it cannot be deleted.
    """
    with contextlib.suppress(FileNotFoundError):
        (folder / MARKER).unlink()
    if folder.exists():
        shutil.rmtree(folder)


def make_layer(folder: Path) -> Path:
    """Makes an environment that has Jupyter's packages; what is installed into it goes before them.

    Returns:
        Its site-packages folder.

    Raises:
        OSError: it cannot be written.
    """
    # `relocatable` tells uv that the folder will be renamed: programs in bin find their Python beside them.
    # This package may lie outside of all folders of packages.
    return make_overlay(
        folder,
        settings="relocatable = true\n",
        further=[str(Path(smstudio_ext.__file__).resolve().parents[1])],
    )


def _fingerprint(recipe: Recipe) -> str:
    """Same for the same packages on the same interpreter."""
    digest = hashlib.sha256()
    digest.update(f"{FORMAT}\0{recipe.kind}\0{sys.version}\0{recipe.python}\0".encode())
    if recipe.kind == "layer":
        digest.update(f"{sys.prefix}\0{Path(smstudio_ext.__file__).resolve().parents[1]}\0".encode())
    digest.update("\n".join(recipe.requirements).encode())
    if recipe.file is not None:
        with contextlib.suppress(OSError):
            digest.update(recipe.file.read_bytes())
    return digest.hexdigest()[:12]
