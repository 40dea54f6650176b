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


def history_table(target: Target, days: int, *, by_day: bool) -> Table:
    """Hours and cost of the last days, a row for each type or each day."""
    from smstudio_ext.notebooks.home import data_dir
    from smstudio_ext.studio.models.running import HistoryQuery
    from smstudio_ext.studio.running import target_time
    from smstudio_ext.studio.usage_history import sums_by_day, usage_history
    from smstudio_ext.studio.usage_ledger import UsageLedger

    directory = data_dir()
    found = usage_history(
        target, HistoryQuery(days=days), UsageLedger(directory), now=target_time(target), data_dir=directory
    )
    rows: list[list[Any]]
    if by_day:
        headings = ["Day", "Hours", "USD"]
        rows = [[day, f"{hours:.3f}", _dollars(cost)] for day, hours, cost in sums_by_day(found)]
    else:
        headings = ["What", "Type", "Hours", "USD an hour", "USD"]
        rows = [
            [
                each.metered,
                each.instance_type,
                f"{each.hours:.3f}",
                _dollars(each.hourly),
                _dollars(each.cost),
            ]
            for each in found.totals
        ]
    kind = "Simulated: nothing is billed." if found.target == "local" else "Estimated: your bill may differ."
    lacking = f" Without a price: {', '.join(found.unpriced)}." if found.unpriced else ""
    missing = f" Not counted: {'; '.join(found.missing)}." if found.missing else ""
    note = (
        f"{kind} {found.cost:.3f} USD in {days} days; prices of {found.prices.region}, {found.prices.date}."
    )
    return Table(headings, rows, title=f"{note}{lacking}{missing}", empty=f"Nothing ran. {note}{missing}")


def _dollars(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
