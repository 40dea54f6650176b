"""The tree of commands, as its help lists it; each group is a module of its own that loads on first use."""

from __future__ import annotations

from typing import Annotated

import typer

from smstudio_ext import __version__
from smstudio_ext.cli.lazy import Listed, lazy_group

COMMANDS: dict[str, Listed] = {
    "demo": Listed(
        "demo:demo",
        "Run Autopilot on sample data, show the leaderboard, deploy the best model, predict, and clean up.",
    ),
    "lab": Listed("lab:lab", "Open JupyterLab with the SageMaker panel and the sample data ready."),
    "mcp": Listed(
        "mcp:mcp",
        "Serve SageMaker's tools to an AI assistant over standard input and output; read-only unless --write is given.",
    ),
    "promote": Listed(
        "promote:promote",
        "Print a job's definition for the other target, or create it there: instance types kept, S3 inputs copied.",
    ),
    "cost": Listed(
        "cost:cost",
        "Show what instances ran and what they cost: estimated on AWS, simulated on the local engine.",
    ),
    "monitor": Listed(
        "monitor:monitor",
        "Model Monitor: not offered by this version; says what there is instead.",
        {"allow_extra_args": True, "ignore_unknown_options": True},
    ),
    "running": Listed(
        "running:running",
        "List instances, apps, kernels, endpoints and jobs that run, and what they cost, or would cost on AWS.",
    ),
    "lineage": Listed(
        "experiment_views:lineage",
        "Show what led to something, and what came of it; --json also tells where each is.",
    ),
    "stop-all": Listed(
        "running:stop_all",
        "On the local engine: stop every app, kernel, notebook instance and job, and delete every endpoint; models, "
        "results and data stay.",
    ),
    "idle": Listed(
        "idle:idle",
        "Show or set when idle instances of the local engine are shut down; what is not named stays.",
    ),
    "engine": Listed("engine", "The local engine: AWS's wire protocols on this machine."),
    "autopilot": Listed(
        "autopilot",
        "Autopilot: find the best model for a table; look at experiments, deploy their candidates.",
    ),
    "jobs": Listed(
        "jobs", "Jobs of every kind: list, describe, create, logs, metrics, outputs, wait, stop, delete."
    ),
    "endpoints": Listed(
        "endpoints",
        "Endpoints: list, describe, deploy, invoke, logs, metrics, update, traffic, scaling, delete.",
    ),
    "models": Listed("models", "Models: list, describe, deploy, delete."),
    "experiments": Listed(
        "experiments",
        "Experiments: list, show, compare, assign and delete them and their runs, bring them in, take them out.",
    ),
    "data": Listed("data", "Data in S3: buckets, list, peek, preview, upload, download; sample data."),
    "config": Listed("config", "What this installation works with, and its settings."),
    "gateways": Listed(
        "gateways",
        "Jupyter gateways (Enterprise Gateway, Kernel Gateway, other Jupyter servers) whose kernels notebooks can choose.",
    ),
    "images": Listed(
        "images",
        "Images of notebooks (build, attach, own, delete) and folders with train and serve programs (register, remove).",
    ),
    "kernel": Listed(
        "kernels",
        "Notebook kernels with the engine's settings; `add sdk3` makes the one of SageMaker SDK v3; kernels that run.",
    ),
    "model": Listed("model", "Look into models."),
    "share": Listed(
        "share",
        "Snapshots of notebooks that are shared: list, create, show, copy, delete; whether one may share.",
    ),
    "examples": Listed(
        "examples", "Example notebooks: list, copy; Git repositories and S3 folders with more of them."
    ),
    "clusters": Listed(
        "clusters", "EMR clusters and serverless applications that notebooks can attach to: list, cell."
    ),
    "domains": Listed(
        "domains",
        "Domains of Studio: list, describe, create, update, delete, url; their users, spaces and apps.",
    ),
    "scripts": Listed(
        "scripts",
        "Start-up scripts of apps (Studio's lifecycle configurations): list, show, create, attach, detach, delete.",
    ),
    "notebook-instances": Listed(
        "notebook_instances",
        "Notebook instances: list, describe, create, update, start, stop, open, logs, delete; their scripts.",
    ),
}
"""In the order of the help."""

app = typer.Typer(
    name="smstudio",
    cls=lazy_group(COMMANDS),
    help="Amazon SageMaker Studio on your own machine: the local engine, Autopilot, and what runs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich's would import Markdown and tracebacks, half of the time of a command
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


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
