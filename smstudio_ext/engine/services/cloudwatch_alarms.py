"""CloudWatch alarms at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime import alarms
from smstudio_ext.engine.runtime.metric_series import UnknownStatistic, statistic
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store.resources import Resource, ResourceMissing

Document = dict[str, Any]
_MOST = 100


def _invalid(message: str, code: str = "ValidationError") -> AwsError:
    return AwsError(message, code=code, status=400)


def _not_found() -> AwsError:
    return AwsError("Unknown alarm", code="ResourceNotFound", status=404)


@operation("cloudwatch", "PutMetricAlarm")
def put_metric_alarm(ctx: EngineContext, call: Call, request: Document) -> None:
    """Makes or changes an alarm."""
    definition = {key: value for key, value in request.items() if key != "Tags"}
    if definition.get("Metrics"):
        definition = _single_metric(definition)
    for member in ("EvaluationCriteria", "ThresholdMetricId", "EvaluateLowSampleCountPercentile"):
        if definition.get(member):
            raise _invalid(f"{member} of alarms is not offered by this engine yet.")
    missing = [
        name
        for name in (
            "MetricName",
            "Namespace",
            "Period",
            "EvaluationPeriods",
            "Threshold",
            "ComparisonOperator",
        )
        if definition.get(name) is None
    ]
    if missing:
        raise _invalid(f"The parameter {missing[0]} is required.")
    if ("Statistic" in definition) == ("ExtendedStatistic" in definition):
        raise _invalid("Exactly one of Statistic and ExtendedStatistic must be specified.")
    _check(definition)
    row = alarms.put_alarm(ctx, call.region, definition)
    if request.get("Tags"):
        ctx.store.tags.put(row.arn, request["Tags"])


@operation("cloudwatch", "DescribeAlarms", inline=False)
def describe_alarms(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Alarms by name, prefix, state or action."""
    wanted = request.get("AlarmNames")
    if request.get("AlarmTypes") and "MetricAlarm" not in request["AlarmTypes"]:
        return {"MetricAlarms": [], "CompositeAlarms": []}
    found = [
        row.document
        for row in _all(ctx, call.region)
        if (wanted is None or row.name in wanted)
        and row.name.startswith(request.get("AlarmNamePrefix", ""))
        and request.get("StateValue") in (None, row.status)
        and _acts(row, request.get("ActionPrefix"))
    ]
    start = int(request["NextToken"]) if str(request.get("NextToken", "")).isdigit() else 0
    end = start + int(request.get("MaxRecords", _MOST))
    token = str(end) if end < len(found) else None
    return {"MetricAlarms": found[start:end], "CompositeAlarms": [], "NextToken": token}


@operation("cloudwatch", "DescribeAlarmsForMetric", inline=False)
def describe_alarms_for_metric(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Alarms of one metric."""
    pairs = {one["Name"]: one["Value"] for one in request.get("Dimensions", [])}
    found = [
        row.document
        for row in _all(ctx, call.region)
        if (row.document["Namespace"], row.document["MetricName"])
        == (request["Namespace"], request["MetricName"])
        and dict(alarms.metric_of(row).dimensions) == pairs
    ]
    return {"MetricAlarms": found}


@operation("cloudwatch", "DescribeAlarmHistory", inline=False)
def describe_alarm_history(ctx: EngineContext, call: Call, request: Document) -> Document:
    """What happened to alarms, the newest first."""
    kind, name = request.get("HistoryItemType"), request.get("AlarmName")
    items = [
        {"AlarmName": row.name, "AlarmType": "MetricAlarm", **item}
        for row in _all(ctx, call.region)
        if name in (None, row.name)
        for item in row.internal["history"]
        if kind in (None, item["HistoryItemType"])
        and request.get("StartDate", 0.0) <= item["Timestamp"] <= request.get("EndDate", float("inf"))
    ]
    newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    items.sort(key=lambda item: float(item["Timestamp"]), reverse=newest_first)
    return {"AlarmHistoryItems": items[: request.get("MaxRecords", _MOST)]}


@operation("cloudwatch", "SetAlarmState")
def set_alarm_state(ctx: EngineContext, call: Call, request: Document) -> None:
    """Sets the state of an alarm for a while."""
    try:
        alarms.set_state(
            ctx,
            call.region,
            request["AlarmName"],
            request["StateValue"],
            request["StateReason"],
            request.get("StateReasonData"),
        )
    except ResourceMissing:
        raise _not_found() from None


@operation("cloudwatch", "DeleteAlarms")
def delete_alarms(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes alarms away."""
    names = request["AlarmNames"]
    if any(ctx.store.resources.find(alarms.KIND, call.region, name) is None for name in names):
        raise _not_found()
    for name in names:
        ctx.store.resources.delete(alarms.KIND, call.region, name)


@operation("cloudwatch", "EnableAlarmActions")
def enable_alarm_actions(ctx: EngineContext, call: Call, request: Document) -> None:
    """Lets alarms act."""
    _switch(ctx, call.region, request["AlarmNames"], enabled=True)


@operation("cloudwatch", "DisableAlarmActions")
def disable_alarm_actions(ctx: EngineContext, call: Call, request: Document) -> None:
    """Keeps alarms from acting."""
    _switch(ctx, call.region, request["AlarmNames"], enabled=False)


def _switch(ctx: EngineContext, region: str, names: list[str], *, enabled: bool) -> None:
    for name in names:
        with ctx.store.resources.changing(alarms.KIND, region, name, missing=_not_found()) as row:
            row.document.update(ActionsEnabled=enabled)


def _all(ctx: EngineContext, region: str) -> list[Resource]:
    rows: list[Resource] = []
    token: str | None = None
    while True:
        page = ctx.store.resources.list(
            alarms.KIND, region, sort_by="name", descending=False, limit=500, token=token
        )
        rows += page.items
        token = page.next_token
        if token is None:
            return rows


def _acts(row: Resource, prefix: str | None) -> bool:
    names = ("OKActions", "AlarmActions", "InsufficientDataActions")
    return prefix is None or any(action.startswith(prefix) for name in names for action in row.document[name])


def _single_metric(definition: Document) -> Document:
    """An alarm on `Metrics` that is one plain metric, as if it were given the other way."""
    queries = definition["Metrics"]
    if len(queries) != 1 or "MetricStat" not in queries[0]:
        raise _invalid("Metric math expressions of alarms are not offered by this engine yet.")
    stat = queries[0]["MetricStat"]
    plain = {key: value for key, value in definition.items() if key != "Metrics"}
    standard = stat["Stat"] in ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
    plain.update(
        Namespace=stat["Metric"].get("Namespace"),
        MetricName=stat["Metric"].get("MetricName"),
        Dimensions=stat["Metric"].get("Dimensions", []),
        Period=stat["Period"],
    )
    plain["Statistic" if standard else "ExtendedStatistic"] = stat["Stat"]
    return plain


def _check(definition: Document) -> None:
    period, periods = definition["Period"], definition["EvaluationPeriods"]
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        raise _invalid("Period must be 10, 20, 30, or a multiple of 60")
    if period * periods > 604_800:
        raise _invalid(
            "Metrics cannot be checked across more than 7 days (EvaluationPeriods * Period must be <= 604800)."
        )
    if definition.get("DatapointsToAlarm", 1) > periods:
        raise _invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
    if definition["ComparisonOperator"] not in alarms.COMPARISONS:
        raise _invalid("Anomaly detection alarms are not offered by this engine yet.")
    if definition.get("TreatMissingData", "missing") not in (
        "breaching",
        "notBreaching",
        "ignore",
        "missing",
    ):
        raise _invalid(
            f"Option {definition['TreatMissingData']} is not supported. Supported options for TreatMissingData are [breaching, "
            "notBreaching, ignore, missing]"
        )
    if "ExtendedStatistic" in definition:
        try:
            statistic(definition["ExtendedStatistic"], [(0.0, 1)])
        except UnknownStatistic:
            raise _invalid(
                f"The value {definition['ExtendedStatistic']} for parameter ExtendedStatistic is not supported."
            ) from None
