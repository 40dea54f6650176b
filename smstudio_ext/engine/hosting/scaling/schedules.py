"""Scheduled actions: at a time, at a rate, or by AWS's cron expressions."""

from __future__ import annotations

import datetime
import re
import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.hosting.scaling.targets import KIND, ObjectNotFound, ScalingError, get_target
from smstudio_ext.engine.settings import ACCOUNT_ID

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LOOK_BACK = 24 * 3600


def put_action(ctx: EngineContext, region: str, request: Document) -> None:
    """Makes or changes a scheduled action of a target.

    Raises:
        ObjectNotFound, ScalingError: no such target; a schedule that cannot be read.
    """
    target = get_target(ctx, region, request)
    name = request["ScheduledActionName"]
    present: Document | None = target.internal["schedules"].get(name)
    if present is None and not (request.get("Schedule") and request.get("ScalableTargetAction")):
        raise ScalingError("Schedule and ScalableTargetAction are required for a new scheduled action.")
    now = ctx.clock.now()
    arn = (
        f"arn:{partition(region)}:autoscaling:{region}:{ACCOUNT_ID}:scheduledAction:{uuid.uuid4()}:resource/sagemaker/"
        f"{request['ResourceId']}:scheduledActionName/{name}"
    )
    action: Document = {
        "ScheduledActionARN": arn,
        "CreationTime": now,
        "Timezone": "UTC",
        **(present or {}),
        **{key: value for key, value in request.items() if key != "Tags"},
        "done_until": now,
    }
    latest_run(action, now)  # refuses what cannot be read
    ctx.store.resources.change(
        KIND, region, target.name, lambda row: row.internal["schedules"].update({name: action})
    )
    ctx.reconciler.wake(KIND, region, target.name)


def delete_action(ctx: EngineContext, region: str, request: Document) -> None:
    """Takes a scheduled action away.

    Raises:
        ObjectNotFound: there is none.
    """
    target = get_target(ctx, region, request)
    name = request["ScheduledActionName"]
    if name not in target.internal["schedules"]:
        raise ObjectNotFound(f"No scheduled action found for name: {name}")
    ctx.store.resources.change(
        KIND, region, target.name, lambda row: row.internal["schedules"].pop(name, None)
    )


def due(action: Document, now: float) -> bool:
    """Whether an action's time has come since it was last done."""
    if action.get("EndTime") is not None and now > float(action["EndTime"]):
        return False
    last = latest_run(action, now)
    if last is None or last <= float(action["done_until"]):
        return False
    return action.get("StartTime") is None or last >= float(action["StartTime"])


def latest_run(action: Document, now: float) -> float | None:
    """The newest time, not after `now`, that a schedule names (within a day, for cron).

    Raises:
        ScalingError: the schedule or the time zone cannot be read.
    """
    schedule = action["Schedule"]
    try:
        zone = zoneinfo.ZoneInfo(action.get("Timezone") or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ScalingError(f"Invalid time zone: {action.get('Timezone')}") from None
    if found := _AT.fullmatch(schedule):
        moment = datetime.datetime.fromisoformat(found[1]).replace(tzinfo=zone).timestamp()
        return moment if moment <= now else None
    if found := _RATE.fullmatch(schedule):
        begin = float(action.get("StartTime") or action["CreationTime"])
        every = int(found[1]) * _SECONDS[found[2].rstrip("s")]
        runs = int((now - begin) // every) if every else 0
        return begin + runs * every if runs > 0 else None
    if found := _CRON.fullmatch(schedule):
        fields = _cron_fields(found.groups())
        minute = int(now) // 60 * 60
        for moment in range(minute, minute - _LOOK_BACK, -60):
            if moment < float(action.get("done_until", 0.0)):
                return None
            if _matches(fields, datetime.datetime.fromtimestamp(moment, zone)):
                return float(moment)
        return None
    raise ScalingError(f"Invalid schedule expression: {schedule}. Expected at(...), rate(...) or cron(...).")


def _cron_fields(texts: tuple[str, ...]) -> list[set[int] | None]:
    """Minutes, hours, days of the month, months, days of the week, years; None for any."""
    bounds = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (1, 7, _DAYS), (1970, 2199, ()))
    return [_field(text, low, high, names) for text, (low, high, names) in zip(texts, bounds, strict=True)]


def _field(text: str, low: int, high: int, names: tuple[str, ...]) -> set[int] | None:
    if text in ("*", "?"):
        return None

    def number(word: str) -> int:
        value = names.index(word.upper()) + 1 if word.upper() in names else int(word)
        if not low <= value <= high:
            raise ValueError(word)
        return value

    found: set[int] = set()
    try:
        for part in text.split(","):
            span, _, step = part.partition("/")
            first, dash, last = span.partition("-")
            start = low if span == "*" else number(first)
            end = number(last) if dash else high if step or span == "*" else start
            found.update(range(start, end + 1, int(step or 1)))
    except ValueError:
        raise ScalingError(f"Invalid field '{text}' in a cron expression.") from None
    return found


def _matches(fields: list[set[int] | None], moment: datetime.datetime) -> bool:
    values = (
        moment.minute,
        moment.hour,
        moment.day,
        moment.month,
        moment.isoweekday() % 7 + 1,
        moment.year,
    )
    return all(field is None or value in field for field, value in zip(fields, values, strict=True))
