"""`python -m smstudio_ext.notebooks.images.worker IMAGE`: makes an image's environment; its output is the build's log."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks.home import environments_dir
from smstudio_ext.notebooks.images import building, catalogue, condafile, environments, specs
from smstudio_ext.notebooks.images.recipes import Recipe
from smstudio_ext.overlays import find_uv, lend_base, take_back, uv_variables

SPACE = 300_000_000
"""Bytes that must be free before a build begins."""

_NETWORK = (
    "failed to fetch",
    "error sending request",
    "dns error",
    "network was disabled",
    "timed out",
    "offline",
)
_FULL = ("no space left", "os error 28", "disk quota", "os error 122")

_PROBE = """
import json
from importlib.metadata import distributions
import ipykernel
print("PROBE" + json.dumps({each.metadata["Name"]: each.version for each in distributions()}))
"""


class BuildProblem(Exception):
    """The image cannot be built; the message says why and what to do."""


class Cancelled(BaseException):
    """Somebody cancelled the build."""


def main() -> None:
    """Builds the image that the command line names."""
    image_id = sys.argv[1]
    signal.signal(signal.SIGTERM, _cancel)
    try:
        sys.stdin.read()  # ends when who started this has written its record
        _build(image_id)
    except BuildProblem as problem:
        print(f"The image was not built. {problem}")
        building.finish(image_id, "failed", str(problem))
        sys.exit(1)
    except OSError as error:
        said = f"{error.filename or environments_dir()} cannot be written: {error.strerror}."
        print(f"The image was not built. {said}")
        building.finish(image_id, "failed", said)
        sys.exit(1)
    except Cancelled:
        print("Cancelled; nothing of the image stays.")
        building.finish(image_id, "cancelled")
        sys.exit(130)
    building.finish(image_id, "built")
    print("The image is ready.")


def _cancel(*_: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Cancelled


def _build(image_id: str) -> None:
    recipe = catalogue.recipe(image_id)
    if recipe is None:
        raise BuildProblem(f"There is no image '{image_id}' any more.")
    lack = recipe.lacks()
    if lack:
        raise BuildProblem(lack)
    building.sweep()
    if recipe.kind == "kernelspec":
        for place in specs.write_specs(recipe):
            print(f"Wrote {place}")
        return
    folder = environments.folder_of(recipe)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        free = shutil.disk_usage(folder.parent).free
        if free < SPACE:
            raise BuildProblem(
                f"{folder.parent} has {free / 1e6:.0f} MB free, and {SPACE / 1e6:.0f} MB are needed. Make room, or set "
                "SMSTUDIO_ENVIRONMENTS to a folder on another disk."
            )
        aside = folder.with_name(f".new-{folder.name}.{os.getpid()}")
        try:
            aside.mkdir()
            packages = _fill(aside, recipe)
            environments.mark_whole(aside, recipe, packages)
            environments.remove(folder)  # of another build, without its Python, or to be made again
            aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    specs.write_specs(recipe)


def _fill(folder: Path, recipe: Recipe) -> dict[str, str]:
    python = environments.python_of(folder)
    if recipe.kind == "layer":
        packages = environments.make_layer(folder)
        lend_base(packages)
        _install(python, recipe, folder)
        found = take_back(packages)
        _probe(python)
        return found
    wanted = sys.executable
    if recipe.kind == "conda" and recipe.file is not None:
        try:
            said = condafile.translate(recipe.file)
        except condafile.BadFile as bad:
            raise BuildProblem(str(bad)) from bad
        print(f"Taking the packages of {recipe.file.name} from PyPI by uv.")
        if said.left_out:
            print(f"Left out, as PyPI has no need of them: {', '.join(said.left_out)}")
        recipe = replace(recipe, kind="own", file=None, requirements=said.requirements)
        wanted = said.python or wanted
    venv = ["venv", "--quiet", "--relocatable", "--allow-existing"]
    _run([_uv(), *venv, "--python", wanted, str(folder)])
    _install(python, recipe, folder)
    return _probe(python)


def _install(python: Path, recipe: Recipe, folder: Path) -> None:
    command = [_uv(), "pip", "install", "--python", str(python)]
    if recipe.kind == "own":
        command += ["ipykernel>=6"]
    if recipe.requirements:
        lines = folder / "requirements.txt"
        lines.write_text("\n".join(recipe.requirements) + "\n")
        command += ["-r", str(lines)]
    if recipe.file is not None:
        command += ["-r", str(recipe.file)]
    _run(command)


def _run(command: list[str]) -> None:
    """Runs uv and hands on what it says; its failures get a word on what to do."""
    process = subprocess.Popen(
        command,
        env=uv_variables(UV_NO_PROGRESS="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.append(line.rstrip())
            print(line.rstrip(), flush=True)
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if code != 0:
        raise BuildProblem(_advice(lines, code))


_CAUSES = ("cause:", "caused by:", "╰─▶")
"""What uv's line with the reason begins with."""


def _advice(lines: list[str], code: int) -> str:
    said = "\n".join(lines).lower()
    if any(sign in said for sign in _FULL):
        return "The disk is full: make room, or set SMSTUDIO_ENVIRONMENTS to a folder on another disk."
    if any(sign in said for sign in _NETWORK):
        return (
            "The packages could not be fetched: look at the network, the proxy and the index (UV_DEFAULT_INDEX or "
            "PIP_INDEX_URL). Images with Jupyter's own Python (Base Python, Data Science 3.0) need no network."
        )
    last = next((line.strip() for line in lines if "×" in line or line.lower().startswith("error")), "")
    cause = next((line.strip() for line in lines if line.lstrip().lower().startswith(_CAUSES)), "")
    return f"The installer ended with exit code {code}. {last} {cause[:400]}".strip()


def _probe(python: Path) -> dict[str, str]:
    """Versions of what an environment has; says when its kernel cannot start."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")
    }
    done = subprocess.run(
        [str(python), "-c", _PROBE],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    for line in done.stdout.splitlines():
        if line.startswith("PROBE"):
            found: dict[str, str] = json.loads(line[len("PROBE") :])
            return found
    last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
    raise BuildProblem(f"The environment has no IPython kernel that starts: {last}")


def _uv() -> str:
    found = find_uv()
    if found is None:
        raise BuildProblem("Images are made with uv, which is not installed here: pip install uv")
    return found


if __name__ == "__main__":
    main()
