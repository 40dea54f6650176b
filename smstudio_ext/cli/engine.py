"""`smstudio engine`: start, stop and look at the local engine, and print its environment."""

from __future__ import annotations

import json
import shlex
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstudio_ext.cli.consent import Sure
from smstudio_ext.cli.session import Data, fail, lifecycle_errors

if TYPE_CHECKING:
    from smstudio_ext.engine.server.lifecycle import EngineInfo

app = typer.Typer(help="The local engine: AWS's wire protocols on this machine.", no_args_is_help=True)


class EnvFormat(str, Enum):
    """How `engine env` prints."""

    dotenv = "dotenv"
    export = "export"
    json = "json"


@app.command()
def start(
    port: Annotated[int | None, typer.Option(help="Port to listen on; a free one by default.")] = None,
    data: Data = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay in the foreground until Ctrl-C.")
    ] = False,
) -> None:
    """Start the engine on 127.0.0.1 and print its URL when it answers."""
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir

    with lifecycle_errors():
        info = lifecycle.start_engine(data or default_data_dir(), port=port, foreground=foreground)
    typer.echo(info.url)


@app.command()
def env(
    data: Data = None,
    format: Annotated[
        EnvFormat, typer.Option(help="dotenv: KEY=VALUE a line; export: for eval; json.")
    ] = EnvFormat.dotenv,
) -> None:
    """Print the environment that points boto3, the SDKs and the AWS CLI at the engine."""
    from smstudio_ext.engine.server import lifecycle

    values = lifecycle.engine_environment(_running(data))
    if format is EnvFormat.json:
        typer.echo(json.dumps(values, indent=2))
        return
    for key, value in values.items():
        typer.echo(f"export {key}={shlex.quote(value)}" if format is EnvFormat.export else f"{key}={value}")


@app.command()
def status(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Say whether the engine runs; exit code 1 when it does not."""
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir

    directory = data or default_data_dir()
    info = lifecycle.read_engine(directory)
    if as_json:
        state = {"state": "running" if info else "stopped", "data_dir": str(directory)}
        if info:
            state |= {"url": info.url, "pid": str(info.pid), "version": info.version, "region": info.region}
        typer.echo(json.dumps(state, indent=2))
    elif info:
        typer.echo(f"running at {info.url} (pid {info.pid}, version {info.version}), data in {directory}")
    else:
        typer.echo(f"not running; data directory {directory}. Start it with: smstudio engine start")
    if info is None:
        raise typer.Exit(1)


@app.command()
def stop(data: Data = None) -> None:
    """Stop the engine; jobs that run go on and are picked up by the next start."""
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir

    with lifecycle_errors():
        stopped = lifecycle.stop_engine(data or default_data_dir())
    typer.echo("stopped" if stopped else "not running")


@app.command()
def reset(data: Data = None, yes: Sure = False) -> None:
    """Delete everything that the engine keeps: jobs, endpoints, models, buckets and their objects."""
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir

    directory = data or default_data_dir()
    if not yes and not typer.confirm(f"Delete all jobs, endpoints, models and buckets in {directory}?"):
        fail("Nothing was deleted.")
    with lifecycle_errors():
        lifecycle.reset_engine(directory)
    typer.echo(f"{directory} is empty")


def _running(data: Path | None) -> EngineInfo:
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir

    directory = data or default_data_dir()
    info = lifecycle.read_engine(directory)
    if info is None:
        fail(f"The engine of {directory} is not running. Start it with: smstudio engine start")
    return info
