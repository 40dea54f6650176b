"""`smstudio examples`: the gallery of example notebooks, and sources of more of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.notebook_files import write_notebook
from smstudio_ext.cli.options import CopyTo, Json
from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Example notebooks: list, copy; Git repositories and S3 folders with more of them.",
    no_args_is_help=True,
)
sources = typer.Typer(help="Sources of more examples: list, add, remove.", no_args_is_help=True)
app.add_typer(sources, name="sources")


@app.command("list")
def list_(
    search: Annotated[str | None, typer.Option(help="Only those with this in title or text.")] = None,
    section: Annotated[
        Literal["walkthroughs", "algorithms", "magics", "sources"] | None,
        typer.Option(help="Only this part of the gallery."),
    ] = None,
    language: Annotated[Literal["en", "ja", "ko"] | None, typer.Option(help="Only of this language.")] = None,
    as_json: Json = False,
) -> None:
    """List the example notebooks."""
    from smstudio_ext.studio.examples import list_examples

    word = (search or "").lower()
    found = [
        each
        for each in list_examples().items
        if section in (None, each.section)
        and language in (None, each.language)
        and word in f"{each.name} {each.title} {each.description}".lower()
    ]
    Printer(as_json).items(
        found,
        ["Name", "Title", "Section", "Language", "Seconds", "Needs"],
        lambda each: [each.name, each.title, each.section, each.language, each.seconds, each.needs],
        empty="There is no such example.",
    )


@app.command()
@on_target
def copy(
    place: Target,
    printer: Printer,
    name: Annotated[str, typer.Argument(help="Name of the example, as `examples list` shows it.")],
    to: CopyTo = None,
) -> None:
    """Copy an example to a file; one that is there is not overwritten."""
    from smstudio_ext.studio.examples import read_example

    found = read_example(name, lambda: place)
    path = write_notebook(found.notebook, to or Path(), found.example.file_name)
    printer.line(f"Wrote {path}", file=str(path))


@sources.command("list")
def list_sources(as_json: Json = False) -> None:
    """List the sources that were added."""
    from smstudio_ext.studio.example_sources import list_sources as read

    Printer(as_json).items(
        read(),
        ["Id", "Address", "Branch", "Notebooks", "Read"],
        lambda each: [each.id, each.address, each.branch, each.notebooks, each.updated],
        empty="There are no sources. Add one: smstudio examples sources add ADDRESS",
    )


@sources.command()
@on_target
def add(
    place: Target,
    printer: Printer,
    address: Annotated[str, typer.Argument(help="Git repository, or s3://bucket/folder/.")],
    branch: Annotated[str | None, typer.Option(help="Or tag of the repository.")] = None,
) -> None:
    """Add a source to the gallery, or read it again."""
    from smstudio_ext.studio.example_sources import add_source
    from smstudio_ext.studio.models.examples import AddExampleSource

    found = add_source(lambda: place, AddExampleSource(address=address, branch=branch))
    printer.line(
        f"{found.id}: {found.notebooks} notebooks of {found.address}", **found.model_dump(mode="json")
    )


@sources.command()
@on_target
def remove(
    place: Target, printer: Printer, source: Annotated[str, typer.Argument(help="Id of the source.")]
) -> None:
    """Take a source out of the gallery; copies of its notebooks stay."""
    from smstudio_ext.studio.example_sources import remove_source

    remove_source(source)
    printer.line(f"{source} is gone.", id=source)
