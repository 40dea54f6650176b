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
from pathlib import Path
from typing import IO

from smstudio_ext import overlays
from smstudio_ext.engine.images.toolkit.failures import CommandError, UserError

FORMAT = "1"
READY = "ready"
KEEP_SECONDS = 60 * 86_400
"""An environment that no job has used for so long is taken away."""
_LOCAL_LINE = re.compile(
    r"^\s*(-e|--editable|-r|--requirement|-c|--constraint|\.|/|file:|[^#\s]+\.(whl|zip|tar\.gz))|@\s*file:"
)


class Environment:
    """A shared environment that a job uses; it stays as long as this object's lock is held.

    Attributes:
        site_packages: the folder that the job puts on its path.
    """

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        self.site_packages = overlays.site_packages_of(folder)
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


def find_uv() -> str:
    """The uv program.

    Raises:
        UserError: it is not installed.
    """
    found = overlays.find_uv()
    if found is None:
        raise UserError("requirements.txt needs uv, which is not installed here: pip install uv")
    return found


def _make(folder: Path, requirements: Path, project: bool) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # of a build that was cut off
    site_packages = overlays.make_overlay(folder)
    overlays.lend_base(site_packages)
    _install(folder, requirements, project)
    overlays.take_back(site_packages)
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
    """Variables for uv; the cache of the user's uv may be on another file system."""
    return overlays.uv_variables(UV_LINK_MODE="copy")


def _fingerprint(requirements: Path, project: bool) -> str:
    """Same for the same packages on the same interpreter."""
    digest = hashlib.sha256()
    digest.update(f"{FORMAT}\0{sys.version}\0{sys.prefix}\0{project}\0".encode())
    for path in overlays.base_packages():
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
