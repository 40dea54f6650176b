"""The Trial Component List in a real JupyterLab and Chromium: first rows, sort, search, filter, scrolling and the browser's heap.

Run: `python benchmarks/bench_leaderboard.py [--components 100000] [--rounds 3]`. Needs the packages of ui-tests and a Chromium. The engine holds `--components`
components with 20 metrics and 20 parameters each and runs already; each round opens JupyterLab anew in a fresh browser context.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench_panel import ROOT, serve
from experiment_data import populate

from smstudio_ext.engine.server import lifecycle

RESULTS = Path(__file__).resolve().parent / "results" / "leaderboard.json"
PAUSE_MS = 250
"""The search box waits this long for the next letter."""


def measure(directory: Path, work: Path, rounds: int) -> list[dict[str, Any]]:
    """What the browser measured, one entry a round."""
    lifecycle.start_engine(directory)
    process, url = serve(directory, work)
    try:
        answer = subprocess.run(
            ["node", str(ROOT / "ui-tests" / "leaderboard.js"), url, str(rounds)],
            check=True,
            capture_output=True,
            text=True,
            timeout=180 * rounds,
        )
    finally:
        process.terminate()
        process.wait(30)
        lifecycle.stop_engine(directory)
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--components", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="data directory that experiment_data filled already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smstudio-bench-") as folder:
        directory = options.data or Path(folder) / "engine"
        if not options.data:
            directory.mkdir()
            populate(directory, options.components)
        rounds = measure(directory, Path(folder), options.rounds)
    result = {
        "components": rounds[0]["rows"],
        "rounds": len(rounds),
        "load_average": os.getloadavg()[0],
        "cpus": os.cpu_count(),
        **{f"{name}_ms": [each[name] for each in rounds] for name in ("open", "sort", "search", "filter")},
        "long_tasks": [len(each["longtasks"]) for each in rounds],
        "longest_task_ms": [max(each["longtasks"], default=0) for each in rounds],
        "cpu_long_tasks": [each["cpu"]["long"] for each in rounds],
        "cpu_longest_task_ms": [each["cpu"]["longest"] for each in rounds],
        "cpu_ms_per_jump": [each["cpu"]["jump"] for each in rounds],
        "heap_bytes": [each["heap"] for each in rounds],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"| {result['components']:,} trial components | median ms |\n| --- | --- |")
    for name, label, pause in (
        ("open", "table opened, first rows on screen", 0),
        ("sort", "sort by a metric", 0),
        ("search", "text search (without the pause for typing)", PAUSE_MS),
        ("filter", "filter by a parameter", 0),
    ):
        print(f"| {label} | {statistics.median(result[f'{name}_ms']) - pause:.0f} |")
    before, after = rounds[0]["heap"]
    print(f"| heap before and after scrolling all rows | {before / 1e6:.1f} MB, {after / 1e6:.1f} MB |")
    print(
        f"| tasks over 50 ms in 200 jumps; longest | {result['long_tasks'][0]}; {result['longest_task_ms'][0]:.0f} |"
    )
    print(
        f"| the same by CPU time, 100 jumps: tasks over 50 ms; longest; a jump's all tasks "
        f"| {max(result['cpu_long_tasks'])}; {max(result['cpu_longest_task_ms']):.0f}; "
        f"{statistics.median(result['cpu_ms_per_jump']):.0f} |"
    )
    print(f"\nLoad {result['load_average']:.1f} on {result['cpus']} CPUs.")


if __name__ == "__main__":
    main()
