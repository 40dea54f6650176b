"""CloudWatch metrics: points are kept as they came and aggregated when asked for."""

from __future__ import annotations

import json
import math
from typing import Any

from sqlalchemy import insert, select

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.invocations import flush_metrics
from smstudio_ext.engine.runtime.metric_series import (
    Metric,
    UnknownStatistic,
    Weighted,
    canonical,
    read_periods,
    statistic,
)
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.store import tables

Document = dict[str, Any]
MAX_DATAPOINTS = 1440


def _invalid(message: str, code: str = "InvalidParameterValue") -> AwsError:
    return AwsError(message, code=code, status=400)


@operation("cloudwatch", "PutMetricData")
def put_metric_data(ctx: EngineContext, call: Call, request: Document) -> None:
    """Keeps data points."""
    if request["Namespace"].startswith("AWS/"):
        raise _invalid("The value AWS/ for parameter Namespace is invalid.")
    rows = []
    for datum in request.get("MetricData", []):
        base = {
            "region": call.region,
            "namespace": request["Namespace"],
            "dimensions": canonical(_pairs(datum)),
            "name": datum["MetricName"],
            "timestamp": datum.get("Timestamp", ctx.clock.now()),
            "unit": datum.get("Unit"),
        }
        for value, count in _values(datum):
            if math.isnan(value) or math.isinf(value):
                raise _invalid(f"The value {value} for parameter MetricData.member.1.Value is invalid.")
            rows.append({**base, "value": value, "count": count})
    if rows:
        with ctx.store.database.write() as connection:
            connection.execute(insert(tables.metric_points), rows)


@operation("cloudwatch", "GetMetricStatistics", inline=False)
def get_metric_statistics(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Statistics of one metric by period."""
    flush_metrics(ctx)
    period = request["Period"]
    statistics = [*request.get("Statistics", []), *request.get("ExtendedStatistics", [])]
    if not statistics:
        raise _invalid(
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
            "MissingParameter",
        )
    if request["StartTime"] >= request["EndTime"]:
        raise _invalid(
            "The parameter StartTime must be less than the parameter EndTime.", "InvalidParameterCombination"
        )
    if (request["EndTime"] - request["StartTime"]) / period > MAX_DATAPOINTS:
        raise _invalid(
            f"You have requested up to {math.ceil((request['EndTime'] - request['StartTime']) / period)} datapoints, "
            f"which exceeds the limit of {MAX_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, "
            "or decreasing the time range.",
            "InvalidParameterCombination",
        )
    metric = Metric(
        call.region, request["Namespace"], request["MetricName"], _pairs(request), request.get("Unit")
    )
    buckets = read_periods(ctx.store.database, metric, request["StartTime"], request["EndTime"], period)
    points = []
    for start, (values, unit) in sorted(buckets.items()):
        point: Document = {"Timestamp": start, "Unit": unit or "None"}
        for name in request.get("Statistics", []):
            point[name] = _statistic(name, values)
        if request.get("ExtendedStatistics"):
            point["ExtendedStatistics"] = {
                name: _statistic(name, values) for name in request["ExtendedStatistics"]
            }
        points.append(point)
    return {"Label": request["MetricName"], "Datapoints": points}


@operation("cloudwatch", "GetMetricData", inline=False)
def get_metric_data(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Series of several metrics."""
    flush_metrics(ctx)
    descending = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = []
    for query in request["MetricDataQueries"]:
        stat = query.get("MetricStat")
        if stat is None:
            raise _invalid("Metric math expressions are not offered by this engine yet.", "ValidationError")
        if query.get("ReturnData") is False:
            continue
        metric = stat["Metric"]
        series = Metric(
            call.region,
            metric.get("Namespace", ""),
            metric.get("MetricName", ""),
            _pairs(metric),
            stat.get("Unit"),
        )
        buckets = read_periods(
            ctx.store.database, series, request["StartTime"], request["EndTime"], stat["Period"]
        )
        starts = sorted(buckets, reverse=descending)
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label", metric.get("MetricName")),
                "Timestamps": starts,
                "Values": [_statistic(stat["Stat"], buckets[start][0]) for start in starts],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results, "Messages": []}


@operation("cloudwatch", "ListMetrics", inline=False)
def list_metrics(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Metrics that have points."""
    flush_metrics(ctx)
    table = tables.metric_points
    query = (
        select(table.c.namespace, table.c.name, table.c.dimensions)
        .where(table.c.region == call.region)
        .distinct()
    )
    if "Namespace" in request:
        query = query.where(table.c.namespace == request["Namespace"])
    if "MetricName" in request:
        query = query.where(table.c.name == request["MetricName"])
    with ctx.store.database.read() as connection:
        rows = connection.execute(
            query.order_by(table.c.namespace, table.c.name, table.c.dimensions)
        ).fetchall()
    metrics = []
    for row in rows:
        dimensions: dict[str, str] = json.loads(row.dimensions)
        if all(_has(dimensions, wanted) for wanted in request.get("Dimensions", [])):
            metrics.append(
                {
                    "Namespace": row.namespace,
                    "MetricName": row.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                }
            )
    start = int(request["NextToken"]) if str(request.get("NextToken", "")).isdigit() else 0
    more = start + 500 < len(metrics)
    return {"Metrics": metrics[start : start + 500], "NextToken": str(start + 500) if more else None}


def _pairs(request: Document) -> dict[str, str]:
    """Dimensions of a request by name."""
    return {item["Name"]: item["Value"] for item in request.get("Dimensions", [])}


def _statistic(name: str, values: Weighted) -> float:
    try:
        return statistic(name, values)
    except UnknownStatistic:
        raise _invalid(f"The value {name} for parameter Stat is invalid.") from None


def _values(datum: Document) -> list[tuple[float, int]]:
    """Values of a datum and how often each stands there."""
    if "Value" in datum:
        return [(float(datum["Value"]), 1)]
    if "Values" in datum:
        counts = datum.get("Counts") or [1.0] * len(datum["Values"])
        return [(float(value), int(count)) for value, count in zip(datum["Values"], counts, strict=False)]
    statistics = datum.get("StatisticValues")
    if statistics is None:
        raise _invalid(
            "At least one of the parameters MetricData.member.1.Value, MetricData.member.1.Values or "
            "MetricData.member.1.StatisticValues must be specified.",
            "MissingParameter",
        )
    # Points that have the given count, sum, minimum and maximum.
    count = int(statistics["SampleCount"])
    low, high = float(statistics["Minimum"]), float(statistics["Maximum"])
    if count <= 2:
        return [(low, 1), (high, 1)][:count]
    return [(low, 1), ((statistics["Sum"] - low - high) / (count - 2), count - 2), (high, 1)]


def _has(dimensions: dict[str, str], wanted: dict[str, str]) -> bool:
    if wanted["Name"] not in dimensions:
        return False
    return "Value" not in wanted or dimensions[wanted["Name"]] == wanted["Value"]
