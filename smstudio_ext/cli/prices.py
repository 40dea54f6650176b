"""`smstudio config prices`: the price list in use; a newer one, from a file of AWS's or asked from AWS."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstudio_ext.cli.places import Printer, on_target
from smstudio_ext.cli.session import fail

if TYPE_CHECKING:
    from smstudio_ext.target import Target
else:
    Target = Any


@on_target
def prices(
    place: Target,
    printer: Printer,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Take prices from AWS's price list file of AmazonSageMaker: a path or an https:// address.",
        ),
    ] = None,
    fetch: Annotated[
        bool,
        typer.Option("--fetch", help="Ask AWS's price list (pricing:GetProducts); needs --target aws."),
    ] = False,
    regions: Annotated[bool, typer.Option("--regions", help="Only list whose own prices are known.")] = False,
) -> None:
    """Show the prices an hour that estimates use, with their source and date; or bring them up to date.

    Prices are kept in the data directory, for every target. Regions without a list of their own are estimated by that of
    us-east-1, and each estimate says so.
    """
    from smstudio_ext.notebooks.home import data_dir
    from smstudio_ext.studio.prices import known_regions, list_prices, update_prices

    if source and fetch:
        fail("Say either --from or --fetch.", code=2)
    directory = data_dir()
    if source:
        from smstudio_ext.studio.price_files import keep_offer

        kept = keep_offer(source, directory)
        told = ", ".join(f"{region} ({count})" for region, count in kept.items())
        printer.line(f"Kept prices of {told}.", kept=kept)
        return
    if regions:
        rows = [[region, date] for region, date in known_regions(directory).items()]
        printer.rows(["Region", "List of"], rows, empty="")
        return
    today = datetime.now(timezone.utc).date().isoformat()
    found = update_prices(place, None, directory, today) if fetch else list_prices(place, None, directory)
    if printer.as_json:
        printer.document(found.model_dump(mode="json"))
        return
    kinds = sorted({kind for row in found.rows for kind in row.prices})
    printer.rows(
        ["Name", *kinds],
        [[row.instance_type, *(_price(row.prices.get(kind)) for kind in kinds)] for row in found.rows],
        empty="No prices are known.",
    )
    typer.echo(
        f"USD an hour on demand, {found.source.region}, list of {found.source.date}: {found.source.source}"
    )
    if not found.source.exact:
        typer.echo(f"No prices of {place.region} are known here; take them over with --from or --fetch.")


def _price(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"
