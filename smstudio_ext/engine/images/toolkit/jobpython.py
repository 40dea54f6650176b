"""The Python of one job: a small environment of its own over what is installed, so that `pip install` stays in the job."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from smstudio_ext.overlays import base_packages, site_packages_of

COMPAT = Path(__file__).parent.parent / "frameworks" / "compat"
"""Folder of the modules that scripts of older images import; last on a job's path."""

PACKAGE_ROOT = Path(__file__).parents[4]

_PIP = """#!/bin/sh
exec "{python}" -m pip "$@"
"""


_FIRST_PIP = """import os, shutil, subprocess, sys
shutil.rmtree(os.path.dirname(__file__))
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
os.execv(sys.executable, [sys.executable, "-m", "pip", *sys.argv[1:]])
"""


@dataclass(frozen=True)
class JobPython:
    """An environment that belongs to one job.

    Attributes:
        folder: the environment; its `bin` comes first in the job's PATH.
        python: its interpreter.
        site_packages: where `pip install` of the job puts packages.
        layers: site-packages folders between it and what is installed, the nearest first.
    """

    folder: Path
    python: Path
    site_packages: Path
    layers: tuple[Path, ...]

    def environment(self, given: dict[str, str]) -> dict[str, str]:
        """`given` with PATH and the installers' variables set for this environment."""
        path = [str(self.folder / "bin")]
        path += [str(layer.parents[2] / "bin") for layer in self.layers]
        path += [os.path.dirname(sys.executable), given.get("PATH") or os.defpath]
        values = {
            **given,
            "PATH": os.pathsep.join(path),
            "VIRTUAL_ENV": str(self.folder),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "PIP_NO_INPUT": "1",
        }
        values.pop("PYTHONHOME", None)
        return values

    def import_path(self) -> list[str]:
        """What a warm process adds to the front and to the end of its `sys.path` to see the same packages."""
        return [str(self.site_packages), *(str(layer) for layer in self.layers)]


def make_job_python(folder: Path, layers: tuple[Path, ...] = ()) -> JobPython:
    """Makes the environment; one that is there already is made anew.

    Args:
        folder: a new folder of the job.
        layers: site-packages folders of shared environments, the nearest first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    site_packages = site_packages_of(folder)
    site_packages.mkdir(parents=True)
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {sys.version.split()[0]}\n"
    )
    binaries = folder / "bin"
    binaries.mkdir()
    python = binaries / "python3"
    python.symlink_to(base)
    for name in ("python", f"python{version}"):
        (binaries / name).symlink_to("python3")
    for name in ("pip", "pip3"):
        _program(binaries / name, _PIP.format(python=python))
    _program(binaries / "torchrun", f'#!/bin/sh\nexec "{python}" -m torch.distributed.run "$@"\n')
    (site_packages / "_smstudio_job.pth").write_text(_path_lines([*layers, *base_packages()]))
    if importlib.util.find_spec("pip") is None:
        _bring_pip(site_packages)
    return JobPython(folder, python, site_packages, layers)


def _bring_pip(site_packages: Path) -> None:
    """Where no pip is installed (uv makes such environments), the first call brings Python's own."""
    place = site_packages / "pip"
    place.mkdir()
    (place / "__init__.py").touch()
    (place / "__main__.py").write_text(_FIRST_PIP)


def _path_lines(folders: list[Path]) -> str:
    # addsitedir also reads the folders' own .pth files (editable installs)
    lines = [f"import site; site.addsitedir({str(folder)!r})" for folder in folders]
    # This package itself, for those modules; it may lie outside of all site-packages (a checkout on PYTHONPATH).
    lines += [str(PACKAGE_ROOT), str(COMPAT), "import smstudio_job; smstudio_job.install()"]
    return "\n".join(lines) + "\n"


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
