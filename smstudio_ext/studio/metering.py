"""What instances have run how long, by AWS's metering rule: from the first app on an instance until its last one ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo

from smstudio_ext.studio.models.running import Metered


@dataclass(frozen=True)
class Span:
    """Time in which something was metered.

    Attributes:
        metered: what AWS bills it as.
        owner: whose instance it was; names of jobs and endpoints for theirs.
        name: of the app, job or endpoint.
        count: instances at the same time.
        started, ended: seconds since the epoch; None while it runs.
        drift: seconds by which the clock was set forward (back when negative) between the two, and which did not pass.
    """

    metered: Metered
    owner: str
    name: str
    instance_type: str
    started: float
    ended: float | None
    count: int = 1
    drift: float = 0.0

    def until(self, now: float) -> float:
        """Its end as if no clock had been set in between; never before its start."""
        end = self.ended if self.ended is not None else now
        return max(self.started, end - self.drift)


@dataclass(frozen=True)
class InstanceTime:
    """One unbroken time of one instance.

    Attributes:
        names: apps that ran on it.
        running: whether it still runs; `ended` is then now.
    """

    metered: Metered
    owner: str
    instance_type: str
    started: float
    ended: float
    count: int
    names: tuple[str, ...]
    running: bool

    @property
    def seconds(self) -> float:
        """Metered seconds of one instance."""
        return self.ended - self.started


def instance_times(spans: Iterable[Span], now: float) -> list[InstanceTime]:
    """Times of instances, oldest first.

    Apps of Studio that share an owner and an instance type run on one instance: where their times overlap or touch they
    count once. Jobs, endpoints and notebook instances have instances of their own.

    Args:
        now: seconds since the epoch, by the clock that wrote the spans.
    """
    shared: dict[tuple[str, str], list[Span]] = {}
    found: list[InstanceTime] = []
    for span in spans:
        if span.metered == "Studio":
            shared.setdefault((span.owner, span.instance_type), []).append(span)
        else:
            found.append(_time([span], span.until(now)))
    for group in shared.values():
        found += _merged(group, now)
    return sorted(found, key=lambda each: (each.started, each.owner, each.instance_type))


def hours_by_type(times: Iterable[InstanceTime]) -> dict[str, float]:
    """Instance type -> hours of all its instances."""
    hours: dict[str, float] = {}
    for each in times:
        hours[each.instance_type] = hours.get(each.instance_type, 0.0) + each.seconds * each.count / 3600
    return hours


@dataclass(frozen=True)
class DayUse:
    """What one kind of instance ran on one day.

    Attributes:
        day: ISO 8601.
        hours: of all instances of the type together.
    """

    day: str
    metered: Metered
    instance_type: str
    hours: float


def by_day(times: Iterable[InstanceTime], zone: tzinfo = timezone.utc) -> list[DayUse]:
    """Hours per day, kind and type, newest day first; days begin at midnight of `zone`."""
    found: dict[tuple[str, Metered, str], float] = {}
    for each in times:
        for day, seconds in _days(each.started, each.ended, zone):
            key = (day, each.metered, each.instance_type)
            found[key] = found.get(key, 0.0) + seconds * each.count / 3600
    rows = [DayUse(day, metered, kind, hours) for (day, metered, kind), hours in found.items()]
    return sorted(
        sorted(rows, key=lambda row: (row.metered, row.instance_type)), key=lambda row: row.day, reverse=True
    )


def clipped(times: Iterable[InstanceTime], since: float) -> list[InstanceTime]:
    """Only what lies after `since`."""
    return [
        InstanceTime(
            each.metered,
            each.owner,
            each.instance_type,
            max(each.started, since),
            each.ended,
            each.count,
            each.names,
            each.running,
        )
        for each in times
        if each.ended > since
    ]


def _merged(spans: list[Span], now: float) -> Iterator[InstanceTime]:
    together: list[Span] = []
    end = float("-inf")
    for span in sorted(spans, key=lambda each: each.started):
        if together and span.started > end:
            yield _time(together, end)
            together, end = [], float("-inf")
        together.append(span)
        end = max(end, span.until(now))
    if together:
        yield _time(together, end)


def _time(spans: list[Span], end: float) -> InstanceTime:
    first = spans[0]
    return InstanceTime(
        first.metered,
        first.owner,
        first.instance_type,
        first.started,
        end,
        first.count,
        tuple(dict.fromkeys(span.name for span in spans)),
        any(span.ended is None for span in spans),
    )


def _days(start: float, end: float, zone: tzinfo) -> Iterator[tuple[str, float]]:
    """Pieces of a time, by day."""
    while start < end:
        day = datetime.fromtimestamp(start, zone).date()
        # Midnight is looked up anew for each day: days of clock changes have 23 or 25 hours.
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
        until = min(end, midnight)
        yield day.isoformat(), until - start
        start = until
