"""`smstudio share`: snapshots of notebooks in the domain's S3 location, for others to see and copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.consent import Sure, sure
from smstudio_ext.cli.notebook_files import read_notebook, write_notebook
from smstudio_ext.cli.options import CopyTo, Most
from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.studio.models.snapshots import Snapshot
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Snapshots of notebooks that are shared: list, create, show, copy, delete; whether one may share.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the snapshot, as `share list` shows it.")]


@app.command()
@on_target
def options(place: Target, printer: Printer) -> None:
    """Show whether notebooks can be shared here, and where snapshots are kept. Exit code 1: they cannot."""
    from smstudio_ext.studio.sharing import sharing_options

    found = sharing_options(place, None)
    printer.facts(
        found,
        [
            ("Can share", found.enabled),
            ("Why not", " ".join(each for each in (found.reason, found.hint) if each)),
            ("Domain", found.domain),
            ("User", found.user),
            ("Kept in", found.s3_uri),
            ("Outputs may be shared", found.output_allowed if found.enabled else None),
        ],
    )
    if not found.enabled:
        raise typer.Exit(1)


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    search: Annotated[str | None, typer.Option(help="Only files with this in their names.")] = None,
    most: Most = 20,
) -> None:
    """List your own snapshots, the newest first."""
    from smstudio_ext.studio.models.snapshots import ListSnapshots
    from smstudio_ext.studio.snapshots import list_snapshots

    page = list_snapshots(place, ListSnapshots(search=search, max_results=most))
    printer.items(
        page.items,
        ["Name", "File", "Created", "Outputs", "Cells"],
        lambda each: [each.name, each.file_name, each.created, each.include_output, each.cells],
        empty="You have no snapshots.",
    )


@app.command()
@on_target
def create(
    place: Target,
    printer: Printer,
    file: Annotated[Path, typer.Argument(help="Notebook.")],
    outputs: Annotated[bool, typer.Option("--outputs", help="With the outputs of its cells.")] = False,
    git: Annotated[bool, typer.Option("--git", help="Tell its repository and commit.")] = False,
) -> None:
    """Create a snapshot of a notebook; its name goes into links, and to `share copy`."""
    from smstudio_ext.studio.git_information import git_information
    from smstudio_ext.studio.snapshots import create_snapshot

    made = create_snapshot(
        place,
        read_notebook(file),
        file.name,
        git=git_information(file.expanduser().absolute()) if git else None,
        include_output=outputs,
    )
    printer.line(made.name, **made.model_dump(mode="json"))


@app.command()
@on_target
def show(place: Target, printer: Printer, name: Name) -> None:
    """Show what is known of a snapshot; --json has its notebook, too."""
    from smstudio_ext.studio.snapshots import describe_snapshot

    found = describe_snapshot(place, name)
    printer.facts(found, _facts(found.snapshot))


def _facts(found: Snapshot) -> list[tuple[str, Any]]:
    git = found.git
    return [
        ("Name", found.name),
        ("File", found.file_name),
        ("User", found.user),
        ("Created", found.created),
        ("Cells", found.cells),
        ("Bytes", found.size),
        ("With outputs", found.include_output),
        ("Kernel", found.kernel),
        ("Image", found.image),
        ("Instance", found.instance_type),
        ("Repository", git.url if git else None),
        ("Commit", f"{git.commit}{' and changes' if git.changed else ''}" if git and git.commit else None),
        ("Kept in", found.s3_uri),
    ]


@app.command()
@on_target
def copy(
    place: Target,
    printer: Printer,
    name: Name,
    to: CopyTo = None,
) -> None:
    """Copy a snapshot to a file; one that is there is not overwritten."""
    from smstudio_ext.studio.snapshots import describe_snapshot

    found = describe_snapshot(place, name)
    path = write_notebook(found.notebook, to or Path(), found.snapshot.file_name)
    printer.line(f"Wrote {path}", file=str(path))


@app.command()
@on_target
def delete(place: Target, printer: Printer, name: Name, yes: Sure = False) -> None:
    """Delete a snapshot of yours; its link leads nowhere then, copies stay."""
    from smstudio_ext.studio.snapshots import delete_snapshot

    sure(f"Delete the snapshot {name}?", yes)
    delete_snapshot(place, name)
    printer.line(f"{name} is gone.", name=name)
