"""`smstudio images`: images of notebooks, and folders with `train` and `serve` programs as images of jobs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Annotated

import typer

from smstudio_ext.cli import notebook_images, own_images
from smstudio_ext.cli.session import Data, fail

app = typer.Typer(
    help="Images of notebooks (build, attach, own, delete) and folders with train and serve programs (register, remove).",
    no_args_is_help=True,
)
app.command("build")(notebook_images.build)
app.command("attach")(notebook_images.attach)
app.command("remove-env")(notebook_images.remove_env)
own_images.install(app)

PROGRAMS = ("train", "serve", "process")
_NAME = re.compile(r"[a-z0-9]+(?:[._\-/][a-z0-9]+)*")


@app.command()
def register(
    name: Annotated[
        str, typer.Argument(help="Repository name, as in <account>.dkr.ecr.<region>.amazonaws.com/NAME:tag.")
    ],
    folder: Annotated[
        Path, typer.Argument(help="Folder with executable files `train`, `serve` or `process`.")
    ],
    data: Data = None,
) -> None:
    """Register a folder as an image; one of that name is replaced. The engine need not be restarted."""
    if not _NAME.fullmatch(name) or "__" in name:
        fail(f"'{name}' is no repository name: lower-case letters, digits, and single . _ - / between them.")
    folder = folder.expanduser().absolute()
    found = [program for program in PROGRAMS if (folder / program).is_file()]
    if not found:
        fail(f"{folder} has none of the programs {', '.join(PROGRAMS)}.")
    for program in found:
        if not os.access(folder / program, os.X_OK):
            fail(f"{folder / program} may not be executed. Run: chmod +x {folder / program}")
    place = _place(name, data)
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_suffix(".new")
    aside.write_text(json.dumps({"name": name, "folder": str(folder)}, indent=2) + "\n")
    aside.replace(place)
    typer.echo(f"{name}: {folder} ({', '.join(found)})")


@app.command("list")
def list_images(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    notebooks: Annotated[
        bool, typer.Option("--notebooks", help="List the images of notebooks instead.")
    ] = False,
) -> None:
    """List the registered folders, or the images that notebooks run in."""
    if notebooks:
        _list_notebooks(data, as_json)
        return
    rows = [json.loads(path.read_text()) for path in sorted(_directory(data).glob("*.json"))]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        folder = Path(row["folder"])
        programs = [program for program in PROGRAMS if (folder / program).is_file()]
        typer.echo(f"{row['name']}: {folder} ({', '.join(programs) or 'no program any more'})")
    if not rows:
        typer.echo("No images of your own. Register one: smstudio images register NAME FOLDER")


def _list_notebooks(data: Path | None, as_json: bool) -> None:
    found = notebook_images.rows(data)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for row in found:
        typer.echo(f"{row['id']}: {row['name']}, {row['state']}{' (own)' if row['source'] == 'own' else ''}")
        typer.echo(f"    kernels: {', '.join(row['kernels'])}")
        if row["reason"]:
            typer.echo(f"    {row['reason']}")


@app.command()
def remove(name: str, data: Data = None) -> None:
    """Forget a registration; the folder stays."""
    try:
        _place(name, data).unlink()
    except FileNotFoundError:
        fail(f"No image '{name}' is registered.")
    typer.echo(f"{name} is not registered any more.")


def _place(name: str, data: Path | None) -> Path:
    return _directory(data) / f"{name.replace('/', '__')}.json"


def _directory(data: Path | None) -> Path:
    from smstudio_ext.engine.settings import default_data_dir

    return (data or default_data_dir()) / "images"
