"""`smstudio data`: buckets and objects of the target's S3, previews of tables, sample data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.studio.models.data import DataPreview
    from smstudio_ext.target import Target
else:
    Target = Any

app = typer.Typer(
    help="Data in S3: buckets, list, peek, preview, upload, download; sample data.", no_args_is_help=True
)

Uri = Annotated[str, typer.Argument(help="s3:// address of an object.")]

_COLUMNS = 8
"""Of a preview for people; JSON has them all."""


@app.command()
@on_target
def buckets(place: Target, printer: Printer) -> None:
    """List the buckets."""
    from smstudio_ext.studio.buckets import list_buckets

    found = list_buckets(place)
    rows = [
        [each.name, each.created, "default" if each.name == found.default_bucket else ""]
        for each in found.items
    ]
    printer.rows(["Name", "Created", "Is"], rows, empty="There are no buckets.")


@app.command("list")
@on_target
def list_(
    place: Target,
    printer: Printer,
    uri: Annotated[str, typer.Argument(help="s3://bucket/folder/ to list.")],
    most: Annotated[int, typer.Option("-n", min=1, help="How many objects.")] = 100,
) -> None:
    """List a folder of a bucket: folders, then objects."""
    from smstudio_ext.studio.buckets import list_objects, split_s3_uri
    from smstudio_ext.studio.models.data import ListObjects

    bucket, prefix = split_s3_uri(uri)
    rows: list[list[Any]] = []
    token: str | None = None
    while len(rows) < most:
        query = ListObjects(
            bucket=bucket, prefix=prefix, max_results=min(100, most - len(rows)), next_token=token
        )
        page = list_objects(place, query)
        rows += [[f"s3://{bucket}/{each}", None, None] for each in page.prefixes]
        rows += [[each.s3_uri, each.size, each.modified] for each in page.objects]
        token = page.next_token
        if not token:
            break
    printer.rows(["Name", "Bytes", "Modified"], rows, empty="There is nothing.")
    if token:
        typer.echo(f"Only the first {len(rows)} are shown.", err=True)


@app.command()
@on_target
def peek(place: Target, printer: Printer, uri: Uri) -> None:
    """Print how an object begins."""
    from smstudio_ext.studio.buckets import peek_object
    from smstudio_ext.studio.models.data import PeekObject

    found = peek_object(place, PeekObject(uri=uri))
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    if found.text is None:
        fail(f"{uri} is no text ({found.size:,} bytes).")
    typer.echo(found.text, nl=not found.text.endswith("\n"))
    if not found.whole:
        typer.echo(f"It goes on: it has {found.size:,} bytes.", err=True)


@app.command()
@on_target
def preview(
    place: Target,
    printer: Printer,
    source: Annotated[str, typer.Argument(help="CSV or Parquet: a file, or an s3:// address or prefix.")],
    most: Annotated[int, typer.Option("-n", min=1, max=200, help="How many rows.")] = 5,
) -> None:
    """Look into a table: its columns, its first rows, and what a job would stumble over."""
    from smstudio_ext.studio.data import is_s3, preview_file, preview_s3
    from smstudio_ext.studio.models.data import PreviewRequest

    request = PreviewRequest(source=source, sample_rows=most)
    if is_s3(source):
        found = preview_s3(place, request)
    else:
        path = Path(source).expanduser()
        if not path.is_file():
            fail(f"There is no file {source}.", code=2)
        found = preview_file(path, request)
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
    else:
        _print(found, printer)


def _print(found: DataPreview, printer: Printer) -> None:
    headings = ["Name", "Kind", "Distinct", "Missing", "Examples"]
    rows = [[each.name, each.kind, each.distinct, each.missing, each.examples[:3]] for each in found.columns]
    printer.rows(headings, rows, empty="It has no columns.")
    if found.rows:
        names = [each.name for each in found.columns[:_COLUMNS]]
        printer.rows(names, [row[:_COLUMNS] for row in found.rows], empty="")
    count = "an unknown number of" if found.row_count is None else f"{found.row_count:,}"
    about = "" if found.row_count_exact or found.row_count is None else "about "
    typer.echo(f"{about}{count} rows, {len(found.columns)} columns, {found.size:,} bytes.")
    for each in found.warnings:
        typer.echo(f"{each.severity}: {each.message}", err=True)


@app.command()
@on_target
def upload(
    place: Target,
    printer: Printer,
    file: Annotated[Path, typer.Argument(help="File to send.")],
    to: Annotated[
        str | None,
        typer.Argument(help="s3:// address; one that ends in / is a folder. The default bucket otherwise."),
    ] = None,
) -> None:
    """Send a file to S3."""
    from smstudio_ext.studio.buckets import split_s3_uri, upload_file

    path = file.expanduser()
    if not path.is_file():
        fail(f"There is no file {file}.", code=2)
    bucket, key = split_s3_uri(to) if to else (None, None)
    found = upload_file(place, path, bucket, (key or path.name) if to else None)
    printer.line(found.s3_uri, **found.model_dump(mode="json"))


@app.command()
@on_target
def download(
    place: Target,
    printer: Printer,
    uri: Uri,
    to: Annotated[
        Path | None, typer.Argument(help="File; the object's name here by default, - is standard output.")
    ] = None,
) -> None:
    """Fetch an object; a file that is there is not overwritten."""
    from smstudio_ext.studio.buckets import read_object

    content = read_object(place, uri)
    first = next(content, b"")  # what fails, fails before there is a file
    if str(to) == "-":
        for piece in (first, *content):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    path = (to or Path()).expanduser()
    if path.is_dir():
        path /= uri.rstrip("/").rpartition("/")[2]
    try:
        with path.open("xb") as file:
            file.write(first)
            for piece in content:
                file.write(piece)
    except FileExistsError:
        fail(f"{path} is there already.")
    printer.line(f"Wrote {path}", file=str(path), bytes=path.stat().st_size)


@app.command()
@on_target
def samples(place: Target, printer: Printer) -> None:
    """List the sample data sets that ship with the package."""
    from smstudio_ext.studio.samples import list_samples

    printer.items(
        list_samples(),
        ["Name", "Title", "Rows", "Target", "Objective"],
        lambda each: [each.name, each.title, each.rows, each.target, each.objective],
        empty="There are none.",
    )


@app.command()
@on_target
def sample(
    place: Target,
    printer: Printer,
    name: Annotated[str, typer.Argument(help="Name of the sample.")],
    bucket: Annotated[str | None, typer.Option(help="The default one otherwise.")] = None,
) -> None:
    """Put a sample data set into S3."""
    from smstudio_ext.studio.buckets import put_sample_data
    from smstudio_ext.studio.models.data import PutSample

    found = put_sample_data(place, name, PutSample(bucket=bucket))
    printer.line(f"{found.s3_uri}, target {found.target}", **found.model_dump(mode="json"))
