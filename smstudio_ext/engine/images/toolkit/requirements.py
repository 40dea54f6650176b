"""Environments for `requirements.txt`: made by uv, kept by content, shared by jobs, never used half made."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import IO

from smstudio_ext.engine.images.toolkit.failures import CommandError, UserError
from smstudio_ext.engine.images.toolkit.jobpython import base_packages

FORMAT = "1"
READY = "ready"
KEEP_SECONDS = 60 * 86_400
"""An environment that no job has used for so long is taken away."""
_BORROWED = "smstudio-borrowed"
_LOCAL_LINE = re.compile(
    r"^\s*(-e|--editable|-r|--requirement|-c|--constraint|\.|/|file:|[^#\s]+\.(whl|zip|tar\.gz))|@\s*file:"
)


class Environment:
    """A shared environment that a job uses; it stays as long as this object's lock is held.

    Attributes:
        site_packages: the folder that the job puts on its path.
    """

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        self.site_packages = site_packages_of(folder)
        self._lock = lock

    def keep_open(self) -> None:
        """Lets the lock outlive `exec` of another program by this process."""
        os.set_inheritable(self._lock.fileno(), True)


def environment_for(requirements: Path, cache: Path, *, project: bool = False) -> Environment:
    """The environment that has what `requirements` names; made if there is none yet.

    Args:
        requirements: `requirements.txt`; relative paths in it are relative to its folder.
        cache: folder of the environments.
        project: install the project in the same folder (`setup.py`) too.

    Raises:
        CommandError: it cannot be installed (no such package, no network); says what uv said.
        UserError: uv is missing.
    """
    home = cache / "environments"
    home.mkdir(parents=True, exist_ok=True)
    folder = home / _fingerprint(requirements, project)
    while True:
        with _locked(folder, fcntl.LOCK_EX):
            if not (folder / READY).exists():
                _sweep(home, folder)
                _make(folder, requirements, project)
            os.utime(folder / READY)
        # Shared from here on: others use it too, and nobody may take it away meanwhile.
        lock = _lock_file(folder)
        fcntl.flock(lock, fcntl.LOCK_SH)
        if (folder / READY).exists():
            return Environment(folder, lock)
        lock.close()


def site_packages_of(folder: Path) -> Path:
    """Where the packages of an environment are."""
    return folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def find_uv() -> str:
    """The uv program.

    Raises:
        UserError: it is not installed.
    """
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
        if found is None:
            raise UserError(
                "requirements.txt needs uv, which is not installed here: pip install uv"
            ) from None
        return found


def borrow_base(site_packages: Path) -> None:
    """Tells the installer which packages the engine's interpreter has, so that it adds only what is missing.

    uv looks for installed packages in one folder only. It gets the metadata of the others there, with a RECORD that
    lists nothing but itself, so that replacing one takes nothing away from the engine.
    """
    seen: set[str] = set()
    for distribution in distributions(path=[str(path) for path in base_packages()]):
        name = str(distribution.metadata["Name"] or "")
        if not name or name.lower() in seen:
            continue
        seen.add(name.lower())
        _lend(distribution, name, site_packages)


def give_back(site_packages: Path) -> None:
    """Takes the borrowed metadata away that the installer has left."""
    for folder in site_packages.glob("*.dist-info"):
        if (folder / _BORROWED).exists():
            shutil.rmtree(folder)


def _lend(distribution: Distribution, name: str, site_packages: Path) -> None:
    folder = site_packages / f"{re.sub(r'[^A-Za-z0-9.]+', '_', name)}-{distribution.version}.dist-info"
    folder.mkdir(exist_ok=True)
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    (folder / "METADATA").write_text(text.split("\n\n", 1)[0] + "\n")
    (folder / "INSTALLER").write_text(_BORROWED)
    (folder / _BORROWED).touch()
    names = ("METADATA", "INSTALLER", _BORROWED, "RECORD")
    (folder / "RECORD").write_text("".join(f"{folder.name}/{file},,\n" for file in names))


def _make(folder: Path, requirements: Path, project: bool) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # of a build that was cut off
    site_packages = site_packages_of(folder)
    site_packages.mkdir(parents=True)
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    version = sys.version.split()[0]
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = {version}\n")
    (folder / "bin").mkdir()
    for name in ("python3", "python"):
        (folder / "bin" / name).symlink_to(base)
    lines = [f"import site; site.addsitedir({str(path)!r})" for path in base_packages()]
    (site_packages / "_smstudio_base.pth").write_text("\n".join(lines) + "\n")
    borrow_base(site_packages)
    _install(folder, requirements, project)
    give_back(site_packages)
    (folder / READY).touch()


def _install(folder: Path, requirements: Path, project: bool) -> None:
    command = [find_uv(), "pip", "install", "--python", str(folder / "bin" / "python3"), "--no-progress"]
    shown = ["python3", "-m", "pip", "install"]
    if project:
        command += ["--no-build-isolation-package", "setuptools", "."]
        shown += ["."]
    if requirements.exists():
        command += ["-r", requirements.name]
        shown += ["-r", requirements.name]
    done = subprocess.run(
        command,
        cwd=requirements.parent,
        env=installer_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        kind = "InstallModuleError" if project else "InstallRequirementsError"
        raise CommandError(kind, done.returncode, done.stdout.strip(), " ".join(shown))


def installer_environment() -> dict[str, str]:
    """The variables of pip that have another name for uv are given to it under that name too."""
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
    values.setdefault("UV_LINK_MODE", "copy")  # the cache of the user's uv may be on another file system
    return values


def _fingerprint(requirements: Path, project: bool) -> str:
    """Same for the same packages on the same interpreter."""
    digest = hashlib.sha256()
    digest.update(f"{FORMAT}\0{sys.version}\0{sys.prefix}\0{project}\0".encode())
    for path in base_packages():
        digest.update(f"{path}\0{path.stat().st_mtime_ns if path.exists() else 0}\0".encode())
    text = requirements.read_bytes() if requirements.exists() else b""
    digest.update(text)
    local = any(_LOCAL_LINE.search(line) for line in text.decode("utf-8", "replace").splitlines())
    if local or project:  # what lies beside the file counts too
        for path in sorted(requirements.parent.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(requirements.parent)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def _lock_file(folder: Path) -> IO[str]:
    return folder.with_suffix(".lock").open("a")


@contextlib.contextmanager
def _locked(folder: Path, mode: int) -> Iterator[None]:
    with _lock_file(folder) as lock:  # the kernel drops the lock with its holder
        fcntl.flock(lock, mode)
        yield


def _sweep(home: Path, wanted: Path) -> None:
    """Takes environments away that no job has used for long."""
    for ready in home.glob(f"*/{READY}"):
        folder = ready.parent
        if folder == wanted or time.time() - ready.stat().st_mtime < KEEP_SECONDS:
            continue
        with _lock_file(folder) as lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ready.unlink()
            shutil.rmtree(folder, ignore_errors=True)
