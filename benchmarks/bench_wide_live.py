"""A table of 2,000 columns, and the memory of a page with a live chart, in a real JupyterLab and Chromium.

Run: `python benchmarks/bench_wide_live.py [--components 200] [--rounds 3] [--refreshes 600]`. Needs the packages of ui-tests and a Chromium.
The live page is refreshed as often as it can be; what its heap grows a refresh is scaled to eight hours of one each 0.9 s.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench_panel import ROOT, serve
from experiment_data import REGION

from smstudio_ext.engine.clock import SystemClock
from smstudio_ext.engine.experiments.components import new_component
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.experiments.summaries import Point
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.engine.store import Database, Store
from smstudio_ext.target import LocalEngine, Target

RESULTS = Path(__file__).resolve().parent / "results" / "wide_live.json"
_METRICS = 1700
_PARAMETERS = 300
_SMALL = 5
_LIVE_POINTS = 5000
_EIGHT_HOURS = 8 * 3600 / 0.9
"""Refreshes of a live chart in eight hours."""


def fill(data_dir: Path, components: int) -> None:
    """Components with 1,700 metrics and 300 parameters each, some small ones, and one that runs."""
    store = Store(Database.at(data_dir), SystemClock())
    experiments = Experiments(store)
    draw = random.Random(3)
    now = time.time() - 3600

    def add(name: str, parameters: int, series: dict[str, list[Point]], status: str = "Completed") -> None:
        request = {
            "TrialComponentName": name,
            "Status": {"PrimaryStatus": status},
            "Parameters": {
                f"param{at:03d}": {"NumberValue": round(draw.random(), 4)} for at in range(parameters)
            },
        }
        made = new_component(REGION, request, now, {})
        with store.database.write(durable=False) as connection:
            identity = experiments.index.insert(connection, made)
            experiments.metrics.add(connection, identity, series)

    for number in range(components):
        add(
            f"wide-{number:04d}",
            _PARAMETERS,
            {
                f"layer{at // 50:02d}.metric{at:04d}": [
                    Point(now + step, draw.random(), step) for step in (0, 1)
                ]
                for at in range(_METRICS)
            },
        )
    for number in range(_SMALL):
        add(f"small-{number}", 3, {"loss": [Point(now, 0.5, 0)]})
    add("live", 3, {"loss": [Point(now + at, 1 / (at + 1), at) for at in range(_LIVE_POINTS)]}, "InProgress")
    experiments.close()
    store.close()


def target_of(info: lifecycle.EngineInfo) -> Target:
    """The engine, for boto3."""
    return Target.local(LocalEngine(info.url, info.access_key, info.secret_key, REGION))


def assign(info: lifecycle.EngineInfo, components: int) -> None:
    """Puts the components into experiments."""
    sagemaker = target_of(info).client("sagemaker")
    for experiment, count, form in (("wide", components, "wide-{:04d}"), ("small", _SMALL, "small-{}")):
        sagemaker.create_experiment(ExperimentName=experiment)
        sagemaker.create_trial(TrialName=f"{experiment}-trial", ExperimentName=experiment)
        for number in range(count):
            sagemaker.associate_trial_component(
                TrialComponentName=form.format(number), TrialName=f"{experiment}-trial"
            )


def log_live(info: lifecycle.EngineInfo, stop: threading.Event) -> None:
    """Logs a point each second, so that every refresh draws something else."""
    metrics = target_of(info).client("sagemaker-metrics")
    step = _LIVE_POINTS
    while not stop.wait(1.0):
        point = {"MetricName": "loss", "Timestamp": int(time.time()), "Step": step, "Value": 1 / (step + 1)}
        metrics.batch_put_metrics(TrialComponentName="live", MetricData=[point])
        step += 1


def measure(directory: Path, work: Path, components: int, rounds: int, refreshes: int) -> dict[str, Any]:
    """What the browser measured."""
    info = lifecycle.start_engine(directory)
    assign(info, components)
    process, url = serve(directory, work)
    stop = threading.Event()
    logger = threading.Thread(target=log_live, args=(info, stop))
    logger.start()
    try:
        answer = subprocess.run(
            ["node", str(ROOT / "ui-tests" / "wide-live.js"), url, str(rounds), str(refreshes)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=1500,
        )
    finally:
        stop.set()
        logger.join(10)
        process.terminate()
        process.wait(30)
        lifecycle.stop_engine(directory)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def slope(counts: list[float], heap: list[float]) -> float:
    """Bytes of heap a refresh: least squares over all looks but the first, by when what is kept once is there."""
    grows, _ = statistics.linear_regression(counts[1:], heap[1:])
    return grows


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--components", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--refreshes", type=int, default=600)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smstudio-bench-") as folder:
        directory = Path(folder) / "engine"
        directory.mkdir()
        fill(directory, options.components)
        found = measure(directory, Path(folder), options.components, options.rounds, options.refreshes)
    live = found["live"]
    grows = slope(live["refreshes"], live["heap"])
    result = {
        "components": options.components,
        "columns": found["wide"][0]["shown"],
        "wide": found["wide"],
        "live": live,
        "heap_bytes_a_refresh": grows,
        "heap_bytes_in_eight_hours": grows * _EIGHT_HOURS,
        "python": sys.version.split()[0],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")

    def median(name: str) -> float:
        times: list[float] = [each[name] for each in found["wide"]]
        return statistics.median(times)

    print("| what | measured | wanted |\n| --- | --- | --- |")
    print(f"| table of 2,000 columns, to the first rows | {median('rows'):.0f} ms | <= 1000 ms |")
    print(f"| the same, to the columns that its components have | {median('columns'):.0f} ms | <= 1000 ms |")
    print(f"| all {result['columns']} columns shown | {median('all'):.0f} ms | |")
    print(f"| sorted by one of them | {median('sort'):.0f} ms | |")
    longest = max((task for each in found["wide"] for task in each["across"]), default=0)
    print(f"| longest task while scrolling across | {longest:.0f} ms | |")
    print(
        f"| heap of a live page after {live['refreshes'][1]:.0f} and {live['refreshes'][-1]:.0f} refreshes | "
        f"{live['heap'][1] / 1e6:.1f}, {live['heap'][-1] / 1e6:.1f} MB | flat |"
    )
    print(f"| scaled to eight hours | {grows * _EIGHT_HOURS / 1e6:+.0f} MB | flat |")


if __name__ == "__main__":
    main()
