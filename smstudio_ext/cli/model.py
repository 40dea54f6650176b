"""`smstudio model inspect`: what is in a model.tar.gz, and how to load it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.session import Data, aws_errors, fail, local_target

if TYPE_CHECKING:
    from rich.console import Console

    from smstudio_ext.inspection.report import Finding, Report

app = typer.Typer(name="model", help="Look into models.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Look into models."""


@app.command()
def inspect(
    file: Annotated[
        str, typer.Argument(help="model.tar.gz (or a bare model file): a path, or s3://bucket/key.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    profile: Annotated[
        str | None, typer.Option(help="AWS profile to read s3:// with, instead of the local engine.")
    ] = None,
    data: Data = None,
) -> None:
    """Show what is in a model archive and the lines of Python that load it. Nothing in it is run."""
    from smstudio_ext.inspection.archive import ArchiveError
    from smstudio_ext.inspection.inspector import inspect_archive

    with tempfile.TemporaryDirectory(prefix="smstudio-model-") as folder:
        path = Path(file)
        if file.startswith("s3://"):
            path = _download(file, Path(folder), profile, data)
        try:
            report = inspect_archive(path, file)
        except ArchiveError as error:
            fail(str(error))
    if as_json:
        typer.echo(json.dumps(report.to_dict(), indent=2))
    else:
        _show(report)


def _download(uri: str, folder: Path, profile: str | None, data: Path | None) -> Path:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not bucket or not key or key.endswith("/"):
        fail(f"'{uri}' names no object; expected s3://bucket/key of a model.tar.gz.")
    path = folder / (key.rpartition("/")[2] or "model.tar.gz")
    with aws_errors():
        if profile is not None:
            import boto3

            client: Any = boto3.Session(profile_name=profile).client("s3")
        else:
            client = local_target(data).client("s3")
        client.download_file(bucket, key, str(path))
    return path


def _show(report: Report) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    total = sum(report.files.values())
    console.print(f"[bold]{_safe(report.source)}[/bold]: {len(report.files)} file(s), {_size(total)}")
    for name, size in sorted(report.files.items()):
        console.print(f"  {_safe(name)}  {_size(size)}")
    for model in report.models:
        _show_model(console, model)
    for note in report.notes:
        console.print(f"\n{_safe(note)}")
    if report.models:
        console.print("\n[bold]Load it[/bold]")
        if report.source.endswith((".gz", ".tar", ".tgz")):
            name = report.source.rpartition("/")[2]
            print("import tarfile")
            print(f"tarfile.open({name!r}).extractall('model', filter='data')")
        for model in report.models:
            print("\n".join(model.load))


def _show_model(console: Console, model: Finding) -> None:
    title = ", ".join(part for part in (model.algorithm, model.kind) if part)
    console.print(f"\n[bold]{_safe(model.file)}[/bold]: {_safe(title)}")
    for name, value in model.facts.items():
        console.print(f"  {name}: {_safe(_text(value))}")
    if model.warning:
        console.print(f"  [yellow]{_safe(model.warning)}[/yellow]")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_text(inner) for inner in value)
    return str(value)


def _safe(text: str) -> str:
    """Text of a stranger's file without markup of ours and control characters of theirs."""
    from rich.markup import escape

    return escape("".join(mark if mark.isprintable() else "?" for mark in text))


def _size(count: int) -> str:
    for unit in ("bytes", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024  # type: ignore[assignment]
    return f"{count:.1f} GB"
