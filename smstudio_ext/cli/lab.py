"""`smstudio lab`: JupyterLab with the SageMaker panel, in a folder that holds the sample data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from smstudio_ext.cli.session import fail


def lab(
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder to open; ./smstudio-lab by default. Sample files are put there."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port of JupyterLab.")] = 8888,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
) -> None:
    """Open JupyterLab with the SageMaker panel and the sample data ready."""
    directory = (folder or Path("smstudio-lab")).resolve()
    try:
        write_samples(directory / "samples")
    except OSError as error:
        fail(
            f"Cannot write the sample data to {directory}: {error.strerror}. Choose another folder with --folder."
        )
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={directory}", f"--port={port}"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # Jupyter refuses root otherwise; whoever typed this as root meant it
    typer.echo(f"JupyterLab opens {directory}; the SageMaker panel is in the left sidebar.")
    sys.stdout.flush()
    os.execv(command[0], command)


def write_samples(directory: Path) -> None:
    """Writes every sample data set as a CSV file; files that are there stay as they are.

    Raises:
        OSError: the folder cannot be written.
    """
    from smstudio_ext.studio.samples import list_samples, sample_csv

    directory.mkdir(parents=True, exist_ok=True)
    for sample in list_samples():
        path = directory / sample.file_name
        if not path.exists():
            path.write_bytes(sample_csv(sample.name))
