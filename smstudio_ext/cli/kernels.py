"""`smstudio kernel`: notebook kernels that come on demand, because their packages need an environment of their own."""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from smstudio_ext.cli import running_kernels
from smstudio_ext.cli.session import fail

app = typer.Typer(
    help="Notebook kernels with the engine's settings; `add sdk3` makes the one of SageMaker SDK v3; kernels that run.",
    no_args_is_help=True,
)
running_kernels.install(app)

Name = Annotated[str, typer.Argument(help="The kernel: sdk3.")]


@app.command()
def add(
    name: Name,
    env: Annotated[
        Path | None,
        typer.Option(help="Folder for the environment; <data directory>/kernels/sdk3 by default."),
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(help="An interpreter that has SageMaker SDK 3 and ipykernel; nothing is installed."),
    ] = None,
    sys_prefix: Annotated[
        bool,
        typer.Option(
            "--sys-prefix", help="Offer it to the Jupyter of this Python only, not to all of yours."
        ),
    ] = False,
) -> None:
    """Add the kernel "Python 3 (SageMaker SDK v3)": an environment with the SDK (800 MB), and its kernelspec."""
    from smstudio_ext.cli.environments import EnvironmentProblem, make_environment, sdk3_interpreter
    from smstudio_ext.notebooks.kernelspecs import (
        SDK3_PACKAGES,
        SpecProblem,
        read_spec,
        sdk3_spec,
        write_spec,
    )

    _known(name)
    if env is not None and python is not None:
        fail("--env is for an environment to be made, --python for one that is there: give one of them.")
    began = time.monotonic()
    folder = None if python else (env or _default_environment()).expanduser().absolute()
    try:
        if folder is None:
            assert python is not None
            found = sdk3_interpreter(python)
        else:
            lock = _default_environment().with_name("add.lock")
            found = make_environment(folder, SDK3_PACKAGES, lock, lambda line: typer.echo(line, err=True))
        kernels = _kernels_folder(sys_prefix)
        before = (read_spec(kernels) or {}).get("environment")
        launcher = [sys.executable, "-m", "smstudio_ext.cli.foreign"]
        place = write_spec(kernels, sdk3_spec(launcher, found.python, found.sdk, folder))
    except (EnvironmentProblem, SpecProblem) as problem:
        fail(str(problem))
    except KeyboardInterrupt:
        fail("Stopped; no kernel was added.", code=130)
    typer.echo(
        f'The kernel "Python 3 (SageMaker SDK v3)" is in JupyterLab\'s launcher after a reload of the page: '
        f"SDK {found.sdk} on Python {found.version} ({time.monotonic() - began:.0f} s).\n"
        f"  interpreter: {found.python}\n  kernelspec:  {place}"
    )
    if before and Path(before) != folder and Path(before).exists():
        typer.echo(f"The environment {before} is not used any more; delete the folder if you do not need it.")
    if find_spec("jupyterlab_widgets") is None:
        typer.echo(
            "JupyterLab shows the SDK's live logs with a package it lacks here: pip install jupyterlab_widgets"
        )


@app.command("list")
def list_kernels(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the kernels, and what keeps one of them from starting."""
    rows = _rows()
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']}: {row['display_name']}, {row['state']}")
        if row.get("python"):
            typer.echo(f"    SDK {row['sdk']}, {row['python']}")
    if not any(row["kernel"] == "sdk3" for row in rows):
        typer.echo("sdk3: not added. SageMaker SDK v3 in a notebook: smstudio kernel add sdk3")


@app.command()
def remove(name: Name) -> None:
    """Remove a kernel and the environment that was made for it; an interpreter of yours (--python) stays."""
    from smstudio_ext.cli.environments import EnvironmentProblem, remove_environment
    from smstudio_ext.notebooks.kernelspecs import SDK3, SpecProblem, read_spec, remove_spec

    _known(name)
    removed = False
    environments = {_default_environment()}
    try:
        for kernels in _kernels_folders():
            note = read_spec(kernels)
            if note is not None:
                remove_spec(kernels)
                removed = True
                typer.echo(f"Removed {kernels / SDK3}")
                environments |= {Path(note["environment"])} if note.get("environment") else set()
        for folder in sorted(environments):
            if not folder.exists():
                continue
            if remove_environment(folder):
                removed = True
                typer.echo(f"Removed {folder}")
            else:
                typer.echo(f"{folder} was not made by smstudio and stays.")
    except (EnvironmentProblem, SpecProblem) as problem:
        fail(str(problem))
    if not removed:
        fail("The kernel sdk3 is not there. Add it with: smstudio kernel add sdk3")


def _rows() -> list[dict[str, Any]]:
    """The package's kernels and, where it was added, the one of the SDK v3."""
    from smstudio_ext.notebooks.kernelspecs import KERNELS_DIR, SDK3, read_spec

    rows: list[dict[str, Any]] = []
    for folder in sorted(KERNELS_DIR.iterdir()):
        spec = json.loads((folder / "kernel.json").read_text())
        rows.append(
            {
                "name": folder.name,
                "kernel": "datascience",
                "display_name": spec["display_name"],
                "state": "comes with smstudio",
            }
        )
    for kernels in _kernels_folders():
        note = read_spec(kernels)
        if note:
            rows.append(
                {
                    "name": SDK3,
                    "kernel": "sdk3",
                    "display_name": "Python 3 (SageMaker SDK v3)",
                    "state": _state(note),
                    "sdk": note.get("sdk"),
                    "python": note.get("python"),
                    "environment": note.get("environment"),
                    "kernelspec": str(kernels / SDK3),
                }
            )
    return rows


def _state(note: dict[str, Any]) -> str:
    """`ready`, or what is wrong with the SDK v3's kernel and what mends it."""
    from smstudio_ext.cli.environments import is_ready

    again = "run smstudio kernel add sdk3 again"
    launcher = str((note["argv"] or [""])[0])
    if not os.access(launcher, os.X_OK):
        return f"broken: the Python {launcher} of smstudio that starts it is gone; {again}"
    if not os.access(str(note.get("python")), os.X_OK):
        return f"broken: its interpreter is gone; {again}"
    if note.get("environment") and not is_ready(Path(note["environment"])):
        return f"broken: its environment is not whole; {again}"
    return "ready"


def _known(name: str) -> None:
    if name != "sdk3":
        fail(f"There is no kernel '{name}' to add or remove. There is: sdk3 (SageMaker SDK v3).", code=2)


def _kernels_folder(sys_prefix: bool) -> Path:
    from jupyter_core.paths import jupyter_data_dir

    data = Path(sys.prefix) / "share" / "jupyter" if sys_prefix else Path(jupyter_data_dir())
    return data / "kernels"


def _kernels_folders() -> list[Path]:
    return list(dict.fromkeys([_kernels_folder(False), _kernels_folder(True)]))


def _default_environment() -> Path:
    from smstudio_ext.engine.settings import default_data_dir

    return default_data_dir().absolute() / "kernels" / "sdk3"
