"""Folders of the images' environments: where they are, whether they are whole, and how a layer lies over Jupyter's Python."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

import smstudio_ext
from smstudio_ext.notebooks.home import environments_dir, read_json, write_json
from smstudio_ext.notebooks.images.recipes import Recipe
from smstudio_ext.notebooks.kernelspecs import SDK3, read_spec

MARKER = "smstudio-image.json"
"""File in an environment that is whole."""

FORMAT = "1"
_BORROWED = "smstudio-borrowed"
_BASE = "_smstudio_base.pth"


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


def make_layer(folder: Path) -> None:
    """Makes an environment that has Jupyter's packages; what is installed into it goes before them.

    Raises:
        OSError: it cannot be written.
    """
    packages = site_packages_of(folder)
    packages.mkdir(parents=True)
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    version = sys.version.split()[0]
    # `relocatable` tells uv that the folder will be renamed: programs in bin find their Python beside them.
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = {version}\nrelocatable = true\n")
    (folder / "bin").mkdir()
    for name in ("python3", "python", f"python{sys.version_info.major}.{sys.version_info.minor}"):
        (folder / "bin" / name).symlink_to(base)
    # addsitedir also reads the folders' own .pth files (editable installs); the package may lie outside of all of them.
    lines = [f"import site; site.addsitedir({str(path)!r})" for path in base_packages()]
    lines.append(str(Path(smstudio_ext.__file__).resolve().parents[1]))
    (packages / _BASE).write_text("\n".join(lines) + "\n")


def site_packages_of(folder: Path) -> Path:
    """Where the packages of a layer are."""
    return folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def base_packages() -> list[Path]:
    """The site-packages folders of this process's interpreter, in its order."""
    found = [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    return list(dict.fromkeys(found))


def lend_base(site_packages: Path) -> None:
    """Tells the installer which packages are there already, so that it adds only what is missing.

    uv looks for installed packages in one folder only. It gets the metadata of the others there, with a RECORD that
    lists nothing but itself, so that replacing one takes nothing away from Jupyter.
    """
    seen: set[str] = set()
    for distribution in distributions(path=[str(path) for path in base_packages()]):
        name = str(distribution.metadata["Name"] or "")
        if name and name.lower() not in seen:
            seen.add(name.lower())
            _lend(distribution, name, site_packages)


def take_back(site_packages: Path) -> dict[str, str]:
    """Takes the lent metadata away that the installer has left.

    Returns:
        Name -> version of what was installed.
    """
    found: dict[str, str] = {}
    for folder in site_packages.glob("*.dist-info"):
        if (folder / _BORROWED).exists():
            shutil.rmtree(folder)
            continue
        name, _, version = folder.name.removesuffix(".dist-info").partition("-")
        found[name] = version
    return dict(sorted(found.items()))


def _lend(distribution: Distribution, name: str, site_packages: Path) -> None:
    folder = site_packages / f"{re.sub(r'[^A-Za-z0-9.]+', '_', name)}-{distribution.version}.dist-info"
    folder.mkdir(exist_ok=True)
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    (folder / "METADATA").write_text(text.split("\n\n", 1)[0] + "\n")
    (folder / "INSTALLER").write_text(_BORROWED)
    (folder / _BORROWED).touch()
    names = ("METADATA", "INSTALLER", _BORROWED, "RECORD")
    (folder / "RECORD").write_text("".join(f"{folder.name}/{file},,\n" for file in names))


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
