"""The tree of commands; each group is a module of its own and imports what is heavy on first use."""

from __future__ import annotations

from typing import Annotated

import typer

from smstudio_ext import __version__
from smstudio_ext.cli import (
    autopilot,
    config,
    endpoints,
    engine,
    experiments,
    gateways,
    images,
    jobs,
    kernels,
    model,
    running,
)
from smstudio_ext.cli.cost import cost
from smstudio_ext.cli.demo import demo
from smstudio_ext.cli.lab import lab
from smstudio_ext.cli.mcp import mcp
from smstudio_ext.cli.monitor import monitor
from smstudio_ext.cli.promote import promote

app = typer.Typer(
    name="smstudio",
    help="Amazon SageMaker Studio on your own machine: the local engine, Autopilot, and what runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich's would import Markdown and tracebacks, half of the time of a command
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.add_typer(engine.app, name="engine")
app.add_typer(autopilot.app, name="autopilot")
app.add_typer(jobs.app, name="jobs")
app.add_typer(endpoints.app, name="endpoints")
app.add_typer(experiments.app, name="experiments")
app.add_typer(config.app, name="config")
app.add_typer(gateways.app, name="gateways")
app.add_typer(images.app, name="images")
app.add_typer(kernels.app, name="kernel")
app.add_typer(model.app, name="model")
app.command("demo")(demo)
app.command("lab")(lab)
app.command("mcp")(mcp)
app.command("promote")(promote)
app.command("cost")(cost)
app.command("monitor", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(monitor)
app.command("running")(running.running)
app.command("stop-all")(running.stop_all)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"smstudio {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Amazon SageMaker Studio on your own machine."""
