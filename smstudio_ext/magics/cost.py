"""What `%sm_cost` shows: what runs now, and what it has cost or would cost on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.magics.show import Table, span

if TYPE_CHECKING:
    from smstudio_ext.target import Target


def cost_table(target: Target) -> Table:
    """Instances, endpoints and jobs that run, with their prices; the last row is the sum."""
    from smstudio_ext.studio.running import get_running

    found = get_running(target)
    rows: list[list[Any]] = [
        ["Studio instance", each.name, span(each.seconds), _dollars(each.hourly), _dollars(each.cost)]
        for each in found.instances
    ]
    rows += [
        [each.kind, each.name, span(each.seconds), _dollars(each.hourly), _dollars(each.cost)]
        for each in (*found.endpoints, *found.jobs, *found.notebook_instances)
    ]
    if rows:
        rows.append(["Together", "", "", _dollars(found.hourly), _dollars(found.costs)])
    kind = "Simulated: nothing is billed." if found.simulated else "Estimated: your bill may differ."
    prices = f"Prices of {found.prices.region}, {found.prices.date}."
    lacking = f" Without a price: {', '.join(found.unpriced)}." if found.unpriced else ""
    refused = f" Not seen: {'; '.join(found.refused)}." if found.refused else ""
    return Table(
        ["What", "Name", "Running for", "USD an hour", "USD so far"],
        rows,
        title=f"{kind} {prices}{lacking}{refused}",
        empty=f"Nothing runs. {prices}{refused}",
    )


def _dollars(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
