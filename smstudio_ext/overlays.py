"""Python environments laid over the packages of this process's interpreter, and filled by uv."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

_BORROWED = "smstudio-borrowed"


def site_packages_of(folder: Path) -> Path:
    """Where the packages of an environment are."""
    return folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def base_packages() -> list[Path]:
    """The site-packages folders of this process's interpreter, in its order."""
    found = [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    return list(dict.fromkeys(found))


def make_overlay(folder: Path, *, settings: str = "", further: Sequence[str] = ()) -> Path:
    """Makes an environment that has this interpreter's packages; what is installed into it goes before them.

    Args:
        settings: further lines of `pyvenv.cfg`.
        further: further lines of the `.pth` file that names those packages.

    Returns:
        Its site-packages folder.

    Raises:
        OSError: it cannot be written.
    """
    packages = site_packages_of(folder)
    packages.mkdir(parents=True)
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    version = sys.version.split()[0]
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = {version}\n{settings}")
    (folder / "bin").mkdir()
    for name in ("python3", "python", f"python{sys.version_info.major}.{sys.version_info.minor}"):
        (folder / "bin" / name).symlink_to(base)
    # addsitedir also reads the folders' own .pth files (editable installs)
    lines = [f"import site; site.addsitedir({str(path)!r})" for path in base_packages()]
    (packages / "_smstudio_base.pth").write_text("\n".join([*lines, *further]) + "\n")
    return packages


def lend_base(site_packages: Path) -> None:
    """Tells the installer which packages are there already, so that it adds only what is missing.

    uv looks for installed packages in one folder only. It gets the metadata of the others there, with a RECORD that
    lists nothing but itself, so that replacing one takes nothing away from this interpreter.
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


def find_uv() -> str | None:
    """The uv program, or None where it is not installed."""
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        return shutil.which("uv")


def uv_variables(**defaults: str) -> dict[str, str]:
    """This process's variables for uv: those of pip that have another name for uv are given under that name too.

    Args:
        defaults: values of variables that are not set.
    """
    values = dict(os.environ)
    values.pop("VIRTUAL_ENV", None)
    values.pop("PYTHONPATH", None)
    for pip, uv in (
        ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
        ("PIP_EXTRA_INDEX_URL", "UV_INDEX"),
        ("PIP_FIND_LINKS", "UV_FIND_LINKS"),
        ("PIP_NO_INDEX", "UV_NO_INDEX"),
        ("PIP_CERT", "SSL_CERT_FILE"),
    ):
        if pip in values:
            values.setdefault(uv, values[pip])
    return {**defaults, **values}


def _lend(distribution: Distribution, name: str, site_packages: Path) -> None:
    folder = site_packages / f"{re.sub(r'[^A-Za-z0-9.]+', '_', name)}-{distribution.version}.dist-info"
    folder.mkdir(exist_ok=True)
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    (folder / "METADATA").write_text(text.split("\n\n", 1)[0] + "\n")
    (folder / "INSTALLER").write_text(_BORROWED)
    (folder / _BORROWED).touch()
    names = ("METADATA", "INSTALLER", _BORROWED, "RECORD")
    (folder / "RECORD").write_text("".join(f"{folder.name}/{file},,\n" for file in names))
