"""`smstudio cost`: hours of instances and their cost, by day and type."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstudio_ext.cli.places import Printer, on_target

if TYPE_CHECKING:
    from smstudio_ext.studio.models.running import UsageHistory
    from smstudio_ext.target import Target
else:
    Target = Any


@on_target
def cost(
    place: Target,
    printer: Printer,
    days: Annotated[int, typer.Option(min=1, max=366, help="Today and the days before it.")] = 30,
    by: Annotated[
        Literal["type", "day", "both"],
        typer.Option(help="One row for each instance type, each day, or both."),
    ] = "type",
    timezone_name: Annotated[
        str, typer.Option("--timezone", help="IANA name; days begin at its midnight.")
    ] = "UTC",
    csv: Annotated[
        Path | None, typer.Option(help="Write every day and type to this CSV file; - is standard output.")
    ] = None,
) -> None:
    """Show what instances ran and what they cost: estimated on AWS, simulated on the local engine."""
    from smstudio_ext.notebooks.home import data_dir
    from smstudio_ext.studio.models.running import HistoryQuery
    from smstudio_ext.studio.running import target_time
    from smstudio_ext.studio.usage_history import history_csv, usage_history
    from smstudio_ext.studio.usage_ledger import UsageLedger

    directory = data_dir()
    found = usage_history(
        place,
        HistoryQuery(days=days, timezone=timezone_name),
        UsageLedger(directory),
        now=target_time(place),
        data_dir=directory,
    )
    if csv is not None:
        _write(b"".join(history_csv(found)), csv)
        return
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    headings, rows = _table(found, by)
    printer.rows(headings, rows, empty=f"Nothing ran in the last {days} days.")
    _notes(found)


def _table(found: UsageHistory, by: str) -> tuple[list[str], list[list[Any]]]:
    if by == "both":
        return ["Day", "What", "Type", "Hours", "USD an hour", "USD"], [
            [row.day, row.metered, row.instance_type, _hours(row.hours), _usd(row.hourly), _usd(row.cost)]
            for row in found.rows
        ]
    if by == "day":
        from smstudio_ext.studio.usage_history import sums_by_day

        return ["Day", "Hours", "USD"], [
            [day, _hours(hours), _usd(dollars)] for day, hours, dollars in sums_by_day(found)
        ]
    return ["What", "Type", "Hours", "USD an hour", "USD"], [
        [each.metered, each.instance_type, _hours(each.hours), _usd(each.hourly), _usd(each.cost)]
        for each in found.totals
    ]


def _notes(found: UsageHistory) -> None:
    kind = "Simulated (nobody bills it)" if found.target == "local" else "Estimated (your bill may differ)"
    source = found.prices
    typer.echo(
        f"{kind}: {found.cost:.4f} USD in {found.days} days, on-demand prices of {source.region}, list of {source.date}."
    )
    if not source.exact:
        typer.echo(f"No prices of this region are known here; these are those of {source.region}.")
    if found.unpriced:
        typer.echo(f"No price is known for {', '.join(found.unpriced)}.")
    for each in found.missing:
        typer.echo(f"Not counted: {each}", err=True)


def _write(content: bytes, path: Path) -> None:
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    path.write_bytes(content)
    typer.echo(f"Wrote {path} at {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC.", err=True)


def _hours(value: float) -> str:
    return f"{value:,.3f}"


def _usd(value: float | None) -> str | None:
    return None if value is None else f"{value:,.4f}"
