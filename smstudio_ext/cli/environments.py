"""Environments for kernels of their own: made by uv from pinned packages, never used half made."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MARKER = "smstudio-kernel.json"
"""File in an environment that was made here; its `state` is `making` until everything is installed."""

SPACE = 1_000_000_000
"""Bytes that must be free where an environment with the SageMaker SDK is made (it takes 800 MB)."""

_PROBE = """
import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
found = {}
for name in ("sagemaker", "ipykernel"):
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        found[name] = None
print("PROBE" + json.dumps({"python": platform.python_version(), **found}))
"""

_NETWORK = ("failed to fetch", "error sending request", "dns error", "network was disabled", "timed out")
_FULL = ("no space left", "os error 28", "disk quota", "os error 122")


class EnvironmentProblem(Exception):
    """An environment cannot be made or used; the message says why and what to do."""


@dataclass(frozen=True)
class Interpreter:
    """A Python with the SageMaker SDK v3 and ipykernel.

    Attributes:
        python: the program, not resolved: a link in `bin` is what makes it that of its environment.
        version: of Python.
        sdk: version of the package `sagemaker`.
    """

    python: Path
    version: str
    sdk: str


def sdk3_interpreter(python: Path) -> Interpreter:
    """Looks whether an interpreter can be the kernel of the SDK v3.

    Raises:
        EnvironmentProblem: it is no Python, or lacks the SDK v3 or ipykernel.
    """
    python = python.expanduser().absolute()
    if python.is_dir():
        raise EnvironmentProblem(
            f"{python} is a folder. Name its interpreter, for example {python}/bin/python."
        )
    if not python.is_file():
        raise EnvironmentProblem(f"There is no interpreter {python}.")
    if not os.access(python, os.X_OK):
        raise EnvironmentProblem(f"{python} may not be executed.")
    found = _ask(python)
    if not found["sagemaker"]:
        raise EnvironmentProblem(
            f"{python} does not have the SageMaker SDK. {_install(python, 'sagemaker>=3')}"
        )
    if found["sagemaker"].split(".")[0] != "3":
        raise EnvironmentProblem(
            f"{python} has version {found['sagemaker']} of the SageMaker SDK, not version 3. "
            "The versions cannot share an environment: name one that has version 3, or leave --python out."
        )
    if not found["ipykernel"]:
        raise EnvironmentProblem(f"{python} does not have ipykernel. {_install(python, 'ipykernel')}")
    return Interpreter(python, str(found["python"]), str(found["sagemaker"]))


def make_environment(folder: Path, requirements: Path, lock: Path, say: Callable[[str], None]) -> Interpreter:
    """The environment in a folder, made if it is not there in full; one that was cut off is made anew.

    Args:
        folder: of the environment; new, empty, or made here.
        requirements: the packages, pinned.
        lock: a file that one process at a time holds.
        say: takes each line of progress.

    Raises:
        EnvironmentProblem: it cannot be made; what was made of it is gone.
    """
    folder = folder.expanduser().absolute()
    wanted = requirements.read_text()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(lock, say) as held:
            if _marker(folder) == {"state": "ready", "packages": wanted}:
                with contextlib.suppress(EnvironmentProblem):  # its Python is gone, or somebody changed it
                    found = sdk3_interpreter(python_of(folder))
                    say(f"The environment {folder} is there already.")
                    return found
            return _make(folder, requirements, held, say)
    except OSError as error:
        raise EnvironmentProblem(_cannot_write(folder, error)) from error


def remove_environment(folder: Path) -> bool:
    """Takes an environment away that was made here; another folder is left alone.

    Returns:
        Whether it is gone.

    Raises:
        EnvironmentProblem: it cannot be deleted.
    """
    if _marker(folder) is None:
        return not folder.exists()
    try:
        _write_marker(folder, {"state": "making"})  # from here on nobody takes it for whole
        shutil.rmtree(folder)
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be deleted: {error.strerror}.") from error
    return True


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python"


def is_ready(folder: Path) -> bool:
    """Says whether an environment that was made here is whole."""
    return (_marker(folder) or {}).get("state") == "ready"


def _make(folder: Path, requirements: Path, held: int, say: Callable[[str], None]) -> Interpreter:
    if folder.exists() and _marker(folder) is None and (not folder.is_dir() or any(folder.iterdir())):
        raise EnvironmentProblem(
            f"{folder} is there and was not made by this command; nothing was changed. Name another folder with "
            f"--env, or, if it has the SDK v3 and ipykernel: --python {python_of(folder)}"
        )
    uv = _uv()
    free = shutil.disk_usage(folder.parent).free
    if free < SPACE and _marker(folder) is None:
        raise EnvironmentProblem(
            f"{folder.parent} has {free / 1e6:.0f} MB free, and the environment needs {SPACE / 1e6:.0f} MB. "
            "Make room, or name a folder on another disk with --env."
        )
    if folder.exists():
        shutil.rmtree(folder)  # cut off, of other versions, or without its Python
    folder.mkdir()
    whole = False
    try:
        _write_marker(folder, {"state": "making"})
        say(f"Making {folder}")
        python = python_of(folder)
        for command in (
            [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--python", str(python), "-r", str(requirements)],
        ):
            _run(command, folder, held, say)
        found = sdk3_interpreter(python)
        _write_marker(folder, {"state": "ready", "packages": requirements.read_text()})
        whole = True
    finally:
        if not whole:
            shutil.rmtree(folder, ignore_errors=True)
    return found


def _run(command: list[str], folder: Path, held: int, say: Callable[[str], None]) -> None:
    """Runs uv and hands on what it says; its failures get a word on what to do."""
    from smstudio_ext.engine.images.toolkit.requirements import installer_environment

    process = subprocess.Popen(
        command,
        env=installer_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=(held,),  # uv that outlives this process (kill -9) keeps the lock until it ends
    )
    lines: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.append(line.rstrip())
            if not line.startswith((" + ", " - ")):  # the list of what it installed is long
                say(line.rstrip())
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if code != 0:
        raise EnvironmentProblem(f"uv could not make the environment {folder}. {_advice(lines, code)}")


def _advice(lines: list[str], code: int) -> str:
    said = "\n".join(lines).lower()
    if any(sign in said for sign in _FULL):
        return "The disk is full: make room, or name a folder on another disk with --env."
    if any(sign in said for sign in _NETWORK):
        return (
            "The packages could not be fetched: look at the network, the proxy and the index (UV_DEFAULT_INDEX or "
            "PIP_INDEX_URL). Without a network, name an interpreter that has the SDK v3 and ipykernel with --python."
        )
    return f"Its exit code is {code}; what it said is above."


def _uv() -> str:
    from smstudio_ext.engine.images.toolkit.failures import UserError
    from smstudio_ext.engine.images.toolkit.requirements import find_uv

    try:
        return find_uv()
    except UserError:
        raise EnvironmentProblem(
            "The environment is made with uv, which is not installed here: pip install uv. Or name an interpreter "
            "that has the SDK v3 and ipykernel with --python."
        ) from None


def _ask(python: Path) -> dict[str, str | None]:
    """Versions of an interpreter and of its packages; variables of this process's Python do not reach it."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
    try:
        done = subprocess.run(
            [str(python), "-c", _PROBE],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentProblem(f"{python} does not run as a Python interpreter: {error}") from error
    for line in done.stdout.splitlines():
        if line.startswith("PROBE"):
            found: dict[str, str | None] = json.loads(line[len("PROBE") :])
            return found
    last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
    raise EnvironmentProblem(f"{python} does not run as a Python interpreter: {last}")


def _install(python: Path, package: str) -> str:
    return f"Install it there: uv pip install -p {python} '{package}'"


def _marker(folder: Path) -> dict[str, str] | None:
    """What the marker says; None where there is none, nothing in it where it was cut."""
    try:
        content = json.loads((folder / MARKER).read_text())
    except OSError:
        return None
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _write_marker(folder: Path, content: dict[str, str]) -> None:
    aside = folder / f".{MARKER}"
    with aside.open("w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / MARKER)


@contextlib.contextmanager
def _alone(path: Path, say: Callable[[str], None]) -> Iterator[int]:
    """Lets one process at a time make an environment; the lock goes with its holders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process makes an environment; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _cannot_write(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full; {folder} was not made. Make room, or name a folder on another disk with --env."
    return f"{error.filename or folder} cannot be written: {error.strerror}. Name another folder with --env."
