"""Hours of instances per day and type with their cost: from AWS's own times, and from what was noted before."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smstudio_ext.studio.metering import Span, by_day, clipped, instance_times
from smstudio_ext.studio.models.running import HistoryPart, HistoryQuery, UsageHistory, UsageRow, UsageTotal
from smstudio_ext.studio.prices import PriceTable, price_table
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.studio.running_apps import App, list_apps
from smstudio_ext.studio.running_resources import (
    JOB_KINDS,
    JobKind,
    job_spans,
    list_endpoints,
    list_notebook_instances,
)
from smstudio_ext.studio.search import AWS_PAGE, search_all
from smstudio_ext.studio.usage_ledger import UsageLedger, place_of
from smstudio_ext.target import Target

MOST_JOBS = 20_000
"""Training jobs of a period that are counted; more are said to be missing."""
MOST_DESCRIBED = 500
"""Processing and transform jobs that are asked about one by one."""
_OVERLAP = 120.0
"""Seconds by which a look at the jobs begins before the last one ended: search is a little behind."""


def usage_history(
    target: Target, query: HistoryQuery, ledger: UsageLedger, *, now: float, data_dir: Any = None
) -> UsageHistory:
    """Hours per day, kind and type of the last days, with their cost at today's prices.

    Raises:
        BadInput: no such time zone.
    """
    zone = _zone(query.timezone)
    missing = refresh(target, ledger, now=now, days=query.days, part=query.part)
    since = _midnight(now, query.days, zone)
    times = clipped(instance_times(ledger.spans(place_of(target), since), now), since)
    prices = price_table(target.region, data_dir)
    rows = [
        _priced(each.day, each.metered, each.instance_type, each.hours, prices)
        for each in by_day(times, zone)
    ]
    return UsageHistory(
        target=target.kind,
        timezone=query.timezone,
        days=query.days,
        rows=rows,
        totals=_totals(rows),
        cost=sum(row.cost or 0.0 for row in rows),
        unpriced=sorted({row.instance_type for row in rows if row.cost is None}),
        missing=missing,
        prices=prices.source,
    )


def sums_by_day(history: UsageHistory) -> list[tuple[str, float, float]]:
    """Day, hours and USD of all types together, the newest day first."""
    sums: dict[str, tuple[float, float]] = {}
    for row in history.rows:
        hours, cost = sums.get(row.day, (0.0, 0.0))
        sums[row.day] = (hours + row.hours, cost + (row.cost or 0.0))
    return [(day, hours, cost) for day, (hours, cost) in sums.items()]


def history_csv(history: UsageHistory) -> Iterator[bytes]:
    """The rows as CSV, with where the prices are from."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            "day",
            "time zone",
            "metered as",
            "instance type",
            "hours",
            "USD an hour",
            "USD",
            "prices of",
            "prices from",
        ]
    )
    for row in history.rows:
        writer.writerow(
            [
                row.day,
                history.timezone,
                row.metered,
                row.instance_type,
                f"{row.hours:.6f}",
                "" if row.hourly is None else f"{row.hourly:g}",
                "" if row.cost is None else f"{row.cost:.6f}",
                history.prices.region,
                f"{history.prices.source} ({history.prices.date})",
            ]
        )
    yield text.getvalue().encode()


def known_end(target: Target, ledger: UsageLedger, app: App) -> float | None:
    """When an app ended, if the ledger knows."""
    return ledger.ended(place_of(target), "Studio", f"{app.domain_id}/{app.owner}", app.name, app.created)


def refresh(
    target: Target, ledger: UsageLedger, *, now: float, days: int, part: HistoryPart | None = None
) -> list[str]:
    """Brings the ledger up to date.

    Args:
        part: only this of it.

    Returns:
        What is not in it, and why; empty when all is.
    """
    from botocore.exceptions import ClientError

    place = place_of(target)
    missing: list[str] = []
    notes: dict[HistoryPart, Callable[[], str]] = {
        "apps": lambda: _note_apps(target, ledger, place),
        "endpoints": lambda: _note_endpoints(target, ledger, place),
        "notebook instances": lambda: _note_notebook_instances(target, ledger, place),
        "training jobs": lambda: _note_training(target, ledger, place, now, days),
        "processing jobs": lambda: _note_jobs(target, ledger, place, "ProcessingJob", now, days),
        "transform jobs": lambda: _note_jobs(target, ledger, place, "TransformJob", now, days),
    }
    for what, note in notes.items():
        if part not in (None, what):
            continue
        try:
            problem = note()
        except ClientError as error:
            problem = error.response["Error"].get("Message") or str(error)
        if problem:
            missing.append(f"{what}: {problem}")
    return missing


def _note_apps(target: Target, ledger: UsageLedger, place: str) -> str:
    from smstudio_ext.studio.running import app_spans

    apps = list_apps(target, history=True, ended_at=lambda app: known_end(target, ledger, app))
    ledger.note(place, app_spans(apps), complete=("Studio",))
    return ""


def _note_endpoints(target: Target, ledger: UsageLedger, place: str) -> str:
    spans = [span for each in list_endpoints(target) for span in each.spans]
    ledger.note(place, spans, complete=("Endpoint",))
    return ""


def _note_notebook_instances(target: Target, ledger: UsageLedger, place: str) -> str:
    spans = [span for each in list_notebook_instances(target) for span in each.spans]
    ledger.note(place, spans, complete=("NotebookInstance",))
    return ""


def _note_training(target: Target, ledger: UsageLedger, place: str, now: float, days: int) -> str:
    """Training jobs come from Search, which gives whole jobs, a hundred at a time on AWS."""
    kind = next(each for each in JOB_KINDS if each.kind == "TrainingJob")
    since = max(now - days * 86400, ledger.looked(place, f"TrainingJob/{days}") - _OVERLAP)
    expression = {
        "Filters": [
            {"Name": "LastModifiedTime", "Operator": "GreaterThan", "Value": _moment(since).isoformat()}
        ]
    }
    found = 0
    spans: list[Span] = []
    for job in search_all(
        target,
        "TrainingJob",
        expression,
        at_most=MOST_JOBS,
        sort_by="LastModifiedTime",
        page=1000 if target.kind == "local" else AWS_PAGE,
    ):
        found += 1
        spans += job_spans(kind, job)
    ledger.note(place, spans)
    ledger.note_look(place, f"TrainingJob/{days}", now)
    return f"only the newest {MOST_JOBS:,}" if found >= MOST_JOBS else ""


def _note_jobs(target: Target, ledger: UsageLedger, place: str, name: str, now: float, days: int) -> str:
    """Jobs that only a description tells the times of: those that changed since the last look."""
    kind: JobKind = next(each for each in JOB_KINDS if each.kind == name)
    sagemaker = target.client("sagemaker")
    since = max(now - days * 86400, ledger.looked(place, f"{name}/{days}") - _OVERLAP)
    names: list[str] = []
    for page in sagemaker.get_paginator(kind.operation).paginate(
        LastModifiedTimeAfter=_moment(since), SortBy="CreationTime", SortOrder="Descending"
    ):
        names += [entry[kind.name] for entry in page[kind.answer]]
        if len(names) > MOST_DESCRIBED:
            break
    spans: list[Span] = []
    for each in names[:MOST_DESCRIBED]:
        spans += job_spans(kind, getattr(sagemaker, kind.describe)(**{kind.name: each}))
    ledger.note(place, spans)
    ledger.note_look(place, f"{name}/{days}", now)
    return f"only the newest {MOST_DESCRIBED}" if len(names) > MOST_DESCRIBED else ""


def _priced(day: str, metered: Any, instance_type: str, hours: float, prices: PriceTable) -> UsageRow:
    hourly = prices.price(metered, instance_type)
    return UsageRow(
        day=day,
        metered=metered,
        instance_type=instance_type,
        hours=hours,
        hourly=hourly,
        cost=None if hourly is None else hourly * hours,
    )


def _totals(rows: list[UsageRow]) -> list[UsageTotal]:
    found: dict[tuple[Any, str], UsageTotal] = {}
    for row in rows:
        key = (row.metered, row.instance_type)
        before = found.get(key)
        hours = row.hours + (before.hours if before else 0.0)
        found[key] = UsageTotal(
            metered=row.metered,
            instance_type=row.instance_type,
            hours=hours,
            hourly=row.hourly,
            cost=None if row.hourly is None else row.hourly * hours,
        )
    return sorted(found.values(), key=lambda each: (-(each.cost or 0.0), each.metered, each.instance_type))


def _midnight(now: float, days: int, zone: ZoneInfo) -> float:
    today = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today - timedelta(days=days - 1)).timestamp()


def _zone(name: str) -> ZoneInfo:
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(name)
    raise BadInput(f"There is no time zone {name!r}.", fields=[("timezone", "is unknown here")])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
