"""The back-test of a forecasting candidate: what it forecast beside what came."""

from __future__ import annotations

import csv
import io
import re

from smstudio_ext.studio.models.automl_pages import Artifact, Curve
from smstudio_ext.target import Target

FILE = "forecasted-values.csv"
MAX_BYTES = 256 * 1024
"""How much of the file is read: the series that come first are enough to look at."""
MAX_SERIES = 6
"""Series of which curves are told."""

_ACTUAL = "target_value"
_LEVEL = re.compile(r"p\d{1,2}$")


def read_backtest(target: Target, files: list[Artifact]) -> list[Curve]:
    """Curves of the first series in the back-test's files; empty when there is none or it has another form."""
    from smstudio_ext.studio.buckets import split_s3_uri

    found = next((file for file in files if file.name == FILE and file.size), None)
    if found is None:
        return []
    bucket, key = split_s3_uri(found.s3_uri)
    with target.client("s3").get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{MAX_BYTES - 1}")[
        "Body"
    ] as body:
        text = body.read().decode("utf-8", errors="replace")
    whole = (found.size or 0) <= MAX_BYTES
    return backtest_curves(text if whole else text[: text.rfind("\n") + 1])


def backtest_curves(text: str) -> list[Curve]:
    """For each series the actual values and the quantiles, step by step.

    Args:
        text: CSV with the columns of the series' key, the time, `target_value` and `p10`, `p50`, ...
    """
    header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    if _ACTUAL not in header[1:]:
        return []
    actual = header.index(_ACTUAL)
    lines = [
        (actual, "actual"),
        *((at, name) for at, name in enumerate(header) if at > actual and _LEVEL.match(name)),
    ]
    series: dict[tuple[str, ...], dict[str, list[float]]] = {}
    for row in rows:
        key = tuple(row[: actual - 1])
        if key not in series and len(series) == MAX_SERIES:
            continue
        try:
            values = [float(row[at]) for at, _ in lines]
        except (ValueError, IndexError):
            return []
        series.setdefault(key, {})[row[actual - 1]] = values
    return [
        Curve(
            id=f"backtest:{' · '.join(key)}",
            kind="line",
            label=name,
            x_title="Step of the back-test",
            y_title="Value",
            x=[float(step + 1) for step in range(len(steps))],
            y=[steps[time][number] for time in sorted(steps)],
        )
        for key, steps in series.items()
        for number, (_, name) in enumerate(lines)
    ]
