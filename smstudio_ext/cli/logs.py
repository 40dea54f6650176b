"""How commands print a log of CloudWatch: whole, its end, or as it grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.cli.places import Printer
    from smstudio_ext.studio.models.training import LogLines, LogsQuery
    from smstudio_ext.target import Target

Stream = Annotated[str | None, typer.Option(help="Which log, where there are several; see --streams.")]
Streams = Annotated[bool, typer.Option("--streams", help="Only list which logs there are.")]
Tail = Annotated[int | None, typer.Option("-n", min=1, max=10_000, help="Only the last lines.")]
Follow = Annotated[bool, typer.Option("-f", "--follow", help="Go on until Ctrl-C.")]

_PAGE = 10_000


def show_log(
    place: Target,
    printer: Printer,
    read: Callable[[LogsQuery], LogLines],
    *,
    stream: str | None,
    streams: bool = False,
    tail: int | None = None,
    follow: bool = False,
) -> None:
    """Prints a log; Ctrl-C ends following.

    Args:
        read: answers a query, as the pages ask it.
    """
    from smstudio_ext.studio.models.training import LogsQuery

    if follow and printer.as_json:
        fail("A log that is followed is no JSON document: leave --json or --follow out.", code=2)
    page = read(LogsQuery(stream=stream, from_start=tail is None, max_results=tail or _PAGE))
    if streams:
        printer.rows(["Name"], [[each] for each in page.streams], empty="Nothing was written yet.")
        return
    if printer.as_json:
        lines = list(page.lines)
        while not page.at_end:
            page = _after(read, page)
            lines += page.lines
        printer.document([line.model_dump(mode="json") for line in lines])
        return
    if page.stream is None:
        typer.echo("Nothing was written yet.", err=True)
    _print(page)
    while not page.at_end:
        page = _after(read, page)
        _print(page)
    if follow:
        _follow(place, read, page)


def _follow(place: Target, read: Callable[[LogsQuery], LogLines], page: LogLines) -> None:
    from smstudio_ext.studio.waiting import moments

    try:
        for _ in moments(place.kind):
            page = _after(read, page)
            _print(page)
    except KeyboardInterrupt:
        return


def _after(read: Callable[[LogsQuery], LogLines], page: LogLines) -> LogLines:
    """What comes after a page; the log's beginning, when there was none yet."""
    from smstudio_ext.studio.models.training import LogsQuery

    return read(
        LogsQuery(
            stream=page.stream,
            next_token=page.next_token if page.stream else None,
            from_start=True,
            max_results=_PAGE,
        )
    )


def _print(page: LogLines) -> None:
    for line in page.lines:
        typer.echo(line.message)
