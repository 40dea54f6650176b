"""Metrics that jobs print: read from their logs by regular expressions, kept as CloudWatch time series."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert

from smstudio_ext.engine.runtime.joblogs import LogEvent, iterate_events
from smstudio_ext.engine.store import tables

if TYPE_CHECKING:
    from smstudio_ext.engine.store.database import Database

TRAINING_NAMESPACE = "/aws/sagemaker/TrainingJobs"
LONGEST_SEARCHED = 4096
"""Characters at the end of a line that are searched: a progress bar can print a megabyte without a line feed, and many an
expression takes time by the square of the length."""


@dataclass(frozen=True)
class MetricPoint:
    """One value of one metric; `timestamp` in seconds."""

    name: str
    timestamp: float
    value: float


class MetricReader:
    """Finds metrics in log lines.

    Args:
        definitions: metric name -> expression with one group; the first group is the value.

    Raises:
        re.error: an expression is not valid.
    """

    def __init__(self, definitions: Mapping[str, str]) -> None:
        self._patterns = [
            (name, _finder(expression), required_text(expression)) for name, expression in definitions.items()
        ]

    def read(self, log: Path) -> list[MetricPoint]:
        """Every value in a log file, in the order printed."""
        return self.points(iterate_events(log)) if self._patterns else []

    def points(self, events: Iterable[LogEvent]) -> list[MetricPoint]:
        """Every value in some lines of a log, in the order printed."""
        points: list[MetricPoint] = []
        for event in events:
            text = event.message[-LONGEST_SEARCHED:]
            for name, find, needed in self._patterns:
                if needed not in text:
                    continue
                match = find(text)
                value = _number(match) if match else None
                if value is not None:
                    points.append(MetricPoint(name, event.timestamp / 1000, value))
        return points


def _finder(expression: str) -> Callable[[str], re.Match[str] | None]:
    """What finds an expression in a line.

    AWS's own expressions begin with `.*`: those match at the start of a line or nowhere, and trying each later start
    would cost the square of the line's length, during which nothing else in this process can run.
    """
    pattern = re.compile(expression)
    return pattern.match if expression.startswith(".*") and "|" not in expression else pattern.search


def final_values(points: Iterable[MetricPoint]) -> list[MetricPoint]:
    """The last point of each metric, by name."""
    last = {point.name: point for point in points}
    return [last[name] for name in sorted(last)]


def replace_series(
    database: Database,
    region: str,
    namespace: str,
    dimensions: Mapping[str, str],
    points: Iterable[MetricPoint],
) -> None:
    """Writes all points of one set of dimensions; what was there before goes, so repeating it doubles nothing."""
    table = tables.metric_points
    key = json.dumps(dict(dimensions), sort_keys=True)
    rows = _rows(region, namespace, key, points)
    if not rows:
        return
    with database.write(durable=False) as connection:
        # one statement a name: the index leads with the name
        for name in {row["name"] for row in rows}:
            connection.execute(
                delete(table).where(
                    table.c.region == region,
                    table.c.namespace == namespace,
                    table.c.name == name,
                    table.c.dimensions == key,
                )
            )
        connection.execute(insert(table), rows)


def append_series(
    database: Database,
    region: str,
    namespace: str,
    dimensions: Mapping[str, str],
    points: Iterable[MetricPoint],
) -> None:
    """Adds points to series; each must be new."""
    rows = _rows(region, namespace, json.dumps(dict(dimensions), sort_keys=True), points)
    if rows:
        with database.write(durable=False) as connection:
            connection.execute(insert(tables.metric_points), rows)


def _rows(region: str, namespace: str, key: str, points: Iterable[MetricPoint]) -> list[dict[str, object]]:
    return [
        {
            "region": region,
            "namespace": namespace,
            "dimensions": key,
            "name": point.name,
            "timestamp": point.timestamp,
            "value": point.value,
            "unit": None,
        }
        for point in points
    ]


@lru_cache(maxsize=4096)  # images define the same seventy expressions for every job
def required_text(expression: str) -> str:
    """The longest text that every match of `expression` must hold, as far as it is plain to see; else "".

    An image defines some seventy metrics of which a job prints two: a search for plain text passes over the others at a
    hundredth of the cost.
    """
    if re.search(r"\(\?[aiLmsux-]*[ix]", expression):
        return ""  # letters match in either case, or blanks do not count
    runs, run, depth, at = [], "", 0, 0
    while at < len(expression):
        char = expression[at]
        width, literal = 1, ""
        if char == "\\":
            width, literal = 2, expression[at + 1 : at + 2]
            literal = "" if literal.isalnum() else literal
        elif char == "[":
            width = _class_width(expression, at)
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            return ""
        elif char not in ".^$|*+?{}":
            literal = char
        at += width
        if depth or not literal or expression[at : at + 1] in ("*", "?", "{"):
            runs.append(run)
            run = ""
        else:
            run += literal
    return max([*runs, run], key=len)


def _class_width(expression: str, at: int) -> int:
    """Length of the character class that begins at `at`."""
    end = at + 1
    if expression[end : end + 1] == "^":
        end += 1
    if expression[end : end + 1] == "]":
        end += 1
    while end < len(expression) and expression[end] != "]":
        end += 2 if expression[end] == "\\" else 1
    return end + 1 - at


def _number(match: re.Match[str]) -> float | None:
    try:
        value = float(match.group(1) if match.re.groups else match.group(0))
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None
