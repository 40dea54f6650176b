"""`smstudio config`: what this installation works with; the first thing to send with a question."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import typer

from smstudio_ext.cli.accounts import assume, identity, login, roles
from smstudio_ext.cli.options import Json
from smstudio_ext.cli.places import Printer
from smstudio_ext.cli.prices import prices
from smstudio_ext.cli.session import Data

_PACKAGES = ("smstudio-ext", "jupyterlab", "jupyter_server", "boto3", "sagemaker", "xgboost-cpu", "xgboost")
_EXTRAS = {
    "deep": "torch",
    "trees": "lightgbm",
    "text": "gensim",
    "faiss": "faiss-cpu",
    "mlflow": "mlflow-skinny",
    "mcp": "mcp",
    "autogluon": "autogluon.tabular",
}


app = typer.Typer(help="What this installation works with, and its settings.", invoke_without_command=True)
app.command("login")(login)
app.command("assume")(assume)
app.command("identity")(identity)
app.command("roles")(roles)
app.command("prices")(prices)


@app.callback()
def config(
    context: typer.Context,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show versions, extras, the engine and the AWS profiles. No credentials are read or shown."""
    if context.invoked_subcommand is None:
        _show(data, as_json=as_json)


def _show(data: Path | None, *, as_json: bool) -> None:
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.engine.settings import default_data_dir

    directory = data or default_data_dir()
    engine = lifecycle.read_engine(directory)
    found: dict[str, Any] = {
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": platform.platform(),
        "packages": {name: seen for name in _PACKAGES if (seen := _version(name))},
        "extras": {name: _version(package) for name, package in _EXTRAS.items()},
        "data_directory": str(directory),
        "engine": engine.url if engine else None,
        **_profiles(),
    }
    printer = Printer(as_json)
    if as_json:
        printer.document(found)
        return
    rows: list[tuple[str, Any]] = [
        ("Python", found["python"]),
        ("System", found["system"]),
        *found["packages"].items(),
        *((f"extra {name}", seen or "not installed") for name, seen in found["extras"].items()),
        ("Data directory", found["data_directory"]),
        ("Engine", found["engine"] or "does not run"),
        ("AWS profiles", found["aws_problem"] or ", ".join(found["aws_profiles"]) or "none"),
    ]
    printer.rows(["What", "Value"], rows, empty="")


def _profiles() -> dict[str, Any]:
    """The profiles with their regions; a configuration that cannot be read is what somebody wants to know here."""
    from botocore.exceptions import ConfigParseError

    from smstudio_ext.target import aws_profiles

    try:
        return {"aws_profiles": aws_profiles(), "aws_problem": None}
    except ConfigParseError as error:
        return {"aws_profiles": {}, "aws_problem": str(error)}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
