"""CloudWatch alarms: metrics compared with thresholds, by the engine's clock."""

from __future__ import annotations

import datetime
import json
import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.runtime.metric_series import Metric, read_periods, statistic
from smstudio_ext.engine.runtime.reconciler import After, Next, controller
from smstudio_ext.engine.runtime.states import state_machine
from smstudio_ext.engine.settings import ACCOUNT_ID
from smstudio_ext.engine.store.resources import Resource, ResourceExists

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

Document = dict[str, Any]
KIND = "Alarm"
OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"

LOOK_SECONDS = 10.0
"""How often an alarm is evaluated."""
SETTLE_SECONDS = 10.0
"""How long the points of a period may come after its end."""
SET_SECONDS = 60.0
"""How long a state that SetAlarmState has set stays before the metric is looked at again."""
HISTORY = 100

STATE = state_machine(
    "Alarm.StateValue",
    {
        INSUFFICIENT: {OK, ALARM},
        OK: {ALARM, INSUFFICIENT},
        ALARM: {OK, INSUFFICIENT},
    },
    notes={
        INSUFFICIENT: "New, or the metric has no points in the evaluated periods.",
        OK: "The threshold is not crossed.",
        ALARM: "The threshold is crossed: scaling policies act, deployments that name the alarm are rolled back.",
    },
)

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
COMPARISONS = frozenset(_COMPARISONS)
"""ComparisonOperators that alarms may have."""


def alarm_arn(region: str, name: str) -> str:
    """The ARN of an alarm."""
    return f"arn:{partition(region)}:cloudwatch:{region}:{ACCOUNT_ID}:alarm:{name}"


def put_alarm(ctx: EngineContext, region: str, definition: Document) -> Resource:
    """Makes an alarm, or changes one; its state stays until it is evaluated anew.

    Args:
        definition: members of PutMetricAlarm without Tags.
    """
    name, now = definition["AlarmName"], ctx.clock.now()
    document: Document = {
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
        "TreatMissingData": "missing",
        **definition,
        "AlarmArn": alarm_arn(region, name),
        "AlarmConfigurationUpdatedTimestamp": now,
    }

    def change(row: Resource) -> None:
        kept = {key: row.document[key] for key in row.document if key.startswith("State")}
        row.document = {**document, **kept}

    if ctx.store.resources.find(KIND, region, name) is not None:
        row = ctx.store.resources.change(KIND, region, name, change)
    else:
        document.update(
            StateValue=INSUFFICIENT,
            StateReason="Unchecked: Initial alarm creation",
            StateUpdatedTimestamp=now,
            StateTransitionedTimestamp=now,
        )
        made = Resource(
            KIND, region, name, alarm_arn(region, name), INSUFFICIENT, now, now, document, {"history": []}
        )
        try:
            row = ctx.store.resources.create(made)
        except ResourceExists:  # another thread was first
            row = ctx.store.resources.change(KIND, region, name, change)
    _note(ctx, row, "ConfigurationUpdate", f'Alarm "{name}" created or updated', {})
    ctx.reconciler.wake(KIND, region, name)
    return row


def set_state(
    ctx: EngineContext, region: str, name: str, state: str, reason: str, data: str | None = None
) -> None:
    """Sets an alarm's state until the metric is looked at again.

    Raises:
        ResourceMissing: there is no such alarm.
    """
    now = ctx.clock.now()

    def change(row: Resource) -> None:
        row.internal["set_until"] = now + SET_SECONDS
        _enter(row, state, reason, data, now)

    ctx.store.resources.change(KIND, region, name, change)


@controller
class AlarmController:
    """Evaluates alarms; an alarm is never finished."""

    kind = KIND

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """Looks at the metric once."""
        now = ctx.clock.now()
        hold = float(resource.internal.get("set_until", 0.0)) - now
        if hold > 0:
            return After(min(hold, SET_SECONDS))
        state, reason, data = evaluate(ctx, resource, now)
        if state != resource.status:
            ctx.store.resources.change(
                *resource.key, lambda row: _enter(row, state, reason, json.dumps(data), now)
            )
        return After(LOOK_SECONDS)


def evaluate(ctx: EngineContext, resource: Resource, now: float) -> tuple[str, str, Document]:
    """State, reason and data of an alarm at a time."""
    alarm = resource.document
    period, periods = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    end = math.floor((now - SETTLE_SECONDS) / period) * period
    name = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    found = read_periods(ctx.store.database, metric_of(resource), end - period * periods, end, period)
    starts = [float(end - period * number) for number in range(1, periods + 1)]  # newest first
    values = [statistic(name, found[start][0]) if start in found else None for start in starts]
    data = {
        "version": "1.0",
        "queryDate": _iso(now),
        "statistic": name,
        "period": period,
        "recentDatapoints": [value for value in reversed(values) if value is not None],
        "threshold": alarm["Threshold"],
    }
    state, reason = _judge(alarm, starts, values, resource.status)
    return state, reason, data


def latest_value(ctx: EngineContext, resource: Resource) -> float | None:
    """The statistic of the newest whole period that an alarm looks at."""
    now = ctx.clock.now()
    points: list[float] = evaluate(ctx, resource, now)[2]["recentDatapoints"]
    return points[-1] if points else None


def metric_of(resource: Resource) -> Metric:
    """The series that an alarm looks at."""
    alarm = resource.document
    dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
    return Metric(resource.region, alarm["Namespace"], alarm["MetricName"], dimensions, alarm.get("Unit"))


def _judge(alarm: Document, starts: list[float], values: list[float | None], before: str) -> tuple[str, str]:
    compare, words = _COMPARISONS[alarm["ComparisonOperator"]]
    threshold = float(alarm["Threshold"])
    needed = int(alarm.get("DatapointsToAlarm") or len(values))
    present = [(start, value) for start, value in zip(starts, values, strict=True) if value is not None]
    missing = alarm["TreatMissingData"]
    crossing = sum(compare(value, threshold) for _, value in present)
    shown = ", ".join(f"{value} ({_short(start)})" for start, value in present)
    if missing in ("breaching", "notBreaching"):
        crossing += (len(values) - len(present)) if missing == "breaching" else 0
    elif not present:
        if missing == "ignore":
            return before, "No datapoints: the state is kept."
        return INSUFFICIENT, f"Insufficient Data: {len(values)} datapoints were unknown."
    elif crossing == len(present) < needed:
        # fewer points than are needed make an alarm only once the oldest of them has that age:
        # docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html, "premature alarm state"
        if values[needed - 1 :] == [None] * len(values[needed - 1 :]):
            return before, f"Too few datapoints yet: {len(present)} of {needed} [{shown}]."
        needed = crossing
    state = ALARM if crossing >= needed else OK
    verb = "was" if crossing == 1 else "were"
    negated = "" if state == ALARM else "not "
    count = crossing if state == ALARM else len(values) - crossing
    return state, (
        f"Threshold Crossed: {count} out of the last {len(values)} datapoints [{shown}] {verb} {negated}{words} the "
        f"threshold ({threshold}) (minimum {needed} datapoint{'s' if needed > 1 else ''} for {before} -> {state} transition)."
    )


def _enter(row: Resource, state: str, reason: str, data: str | None, now: float) -> None:
    before = row.status
    row.status = row.document["StateValue"] = STATE.check(before, state)
    row.document["StateReason"] = reason[:1023]
    row.document["StateUpdatedTimestamp"] = now
    if data is not None:
        row.document["StateReasonData"] = data[:4000]
    if state == before:
        return
    row.document["StateTransitionedTimestamp"] = now
    _remember(row, now, "StateUpdate", f"Alarm updated from {before} to {state}", {"newState": reason})
    names = {OK: "OKActions", ALARM: "AlarmActions", INSUFFICIENT: "InsufficientDataActions"}
    if not row.document["ActionsEnabled"]:
        return
    for action in row.document[names[state]]:
        if ":sns:" in action:
            summary = f"Not sent: this engine has no SNS. {action}"
        else:
            summary = f"In state {state}: action {action}"
        _remember(row, now, "Action", summary[:255], {"actionState": state})


def _note(ctx: EngineContext, row: Resource, kind: str, summary: str, data: Document) -> None:
    now = ctx.clock.now()
    ctx.store.resources.change(*row.key, lambda found: _remember(found, now, kind, summary, data))


def _remember(row: Resource, now: float, kind: str, summary: str, data: Document) -> None:
    row.internal["history"] = [
        *row.internal["history"][-HISTORY:],
        {
            "Timestamp": now,
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps(data),
        },
    ]


def _iso(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"


def _short(seconds: float) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc):%d/%m/%y %H:%M:%S}"
