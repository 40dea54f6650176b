"""Charts over trial components in a real JupyterLab and Chromium: scatter, many long series, a live chart.

Run: `python benchmarks/bench_charts.py [--components 10000] [--points 10000] [--rounds 5]`. Needs the packages of ui-tests and a Chromium.
A time is that from the choice of another column to the drawn chart; nothing of it was read before.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bench_panel import ROOT, serve
from experiment_data import REGION, populate

from smstudio_ext.engine.clock import SystemClock
from smstudio_ext.engine.experiments.components import new_component
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.experiments.summaries import Point
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.engine.store import Database, Store

RESULTS = Path(__file__).resolve().parent / "results" / "charts.json"
_RUNS = 100
_LIVE_SECONDS = 20
_LIVE = "live-000"


def add_series(data_dir: Path, points: int) -> None:
    """A hundred components with one long series each, and one that runs."""
    store = Store(Database.at(data_dir), SystemClock())
    experiments = Experiments(store)
    draw = random.Random(11)
    start = time.time() - points
    for number in range(_RUNS + 1):
        name = f"series-{number:03d}" if number < _RUNS else _LIVE
        status = "Completed" if number < _RUNS else "InProgress"
        made = new_component(
            REGION, {"TrialComponentName": name, "Status": {"PrimaryStatus": status}}, time.time(), {}
        )
        count = points if number < _RUNS else 5
        series = [
            Point(start + step, math.exp(-step / points * 4) + draw.gauss(0, 0.02), step)
            for step in range(count)
        ]
        with store.database.write(durable=False) as connection:
            identity = experiments.index.insert(connection, made)
            experiments.metrics.add(connection, identity, {"loss": series})
    experiments.close()
    store.close()


def log_live(info: lifecycle.EngineInfo, stop: threading.Event, logged: list[tuple[int, float]]) -> None:
    """Logs a point every 1.3 s, as a training script does; (points, time in ms) of each."""
    import boto3

    client = boto3.client(
        "sagemaker-metrics",
        endpoint_url=info.url,
        region_name=REGION,
        aws_access_key_id=info.access_key,
        aws_secret_access_key=info.secret_key,
    )
    step = 5
    while not stop.wait(1.3):
        client.batch_put_metrics(
            TrialComponentName=_LIVE,
            MetricData=[
                {
                    "MetricName": "loss",
                    "Timestamp": datetime.now(timezone.utc),
                    "Step": step,
                    "Value": math.exp(-step / 50),
                }
            ],
        )
        step += 1
        logged.append((step, time.time() * 1000))


def measure(directory: Path, work: Path, rounds: int) -> tuple[dict[str, Any], list[tuple[int, float]]]:
    """What the browser measured, and what was logged meanwhile."""
    info = lifecycle.start_engine(directory)
    process, url = serve(directory, work)
    stop = threading.Event()
    logged: list[tuple[int, float]] = []
    logger = threading.Thread(target=log_live, args=(info, stop, logged))
    logger.start()
    try:
        answer = subprocess.run(
            ["node", str(ROOT / "ui-tests" / "chart-times.js"), url, str(rounds), str(_LIVE_SECONDS)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=500,
        )
    finally:
        stop.set()
        logger.join(10)
        process.terminate()
        process.wait(30)
        lifecycle.stop_engine(directory)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found, logged


def delays(live: list[list[float]], logged: list[tuple[int, float]]) -> list[float]:
    """Milliseconds from logging a point to the chart that shows it."""
    found = []
    for points, when in logged:
        shown = next((at for rows, at in live if rows >= points), None)
        if shown is not None and when >= live[0][1]:
            found.append(shown - when)
    return found


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--components", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smstudio-bench-") as folder:
        directory = Path(folder) / "engine"
        directory.mkdir()
        populate(directory, options.components)
        add_series(directory, options.points)
        measured, logged = measure(directory, Path(folder), options.rounds)
    late = delays(measured["live"], logged)
    result = {
        "components": options.components,
        "marks": measured["marks"],
        "open_ms": measured["open"],
        "scatter_ms": measured["scatter"],
        "series": _RUNS,
        "points_each": options.points,
        "points_drawn": measured["points"],
        "series_ms": measured["series"],
        "live_ms": late,
        "errors": measured["errors"],
        "python": sys.version.split()[0],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    median = statistics.median
    print("| what | measured (median; worst) | wanted |\n| --- | --- | --- |")
    for what, times in (
        (f"scatter of {measured['marks']:,} components, to drawn", measured["scatter"]),
        (f"{_RUNS} series of {options.points:,} points, to drawn", measured["series"]),
        ("live chart, from logging to drawn", late),
    ):
        print(f"| {what} | {median(times):.0f} ms; {max(times):.0f} ms | <= 1000 ms |")


if __name__ == "__main__":
    main()
