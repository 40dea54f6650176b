"""The sidebar's first rows: from the click on its icon to the first row on screen, in a real JupyterLab and Chromium.

Run: `python benchmarks/bench_panel.py [--jobs 5000] [--rounds 7]`. Needs the packages of ui-tests and a Chromium. The engine holds `--jobs` finished
experiments and runs already; each round opens JupyterLab anew in a fresh browser context.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.clock import SystemClock
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.engine.store import Database, Resource, Store

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results" / "panel.json"
STATIC = ROOT / "smstudio_ext" / "labextension" / "static"
REGION = "us-east-1"


def fill(directory: Path, count: int) -> None:
    """Writes finished Autopilot jobs into the store of a data directory."""
    store = Store(Database.at(directory), SystemClock())
    now = time.time() - count
    for number in range(count):
        name = f"bench-{number:05d}"
        arn = sagemaker_arn("AutoMLJob", REGION, name)
        moment = now + number
        document = {
            "AutoMLJobName": name,
            "AutoMLJobArn": arn,
            "AutoMLJobStatus": "Completed",
            "AutoMLJobSecondaryStatus": "Completed",
            "CreationTime": moment,
            "LastModifiedTime": moment + 1,
            "EndTime": moment + 1,
        }
        store.resources.create(
            Resource("AutoMLJob", REGION, name, arn, "Completed", moment, moment + 1, document, finished=True)
        )
    store.close()


def serve(directory: Path, work: Path) -> tuple[subprocess.Popen[bytes], str]:
    """JupyterLab on a free port with the engine of a data directory."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--config",
            str(ROOT / "ui-tests" / "jupyter_server_test_config.py"),
        ],
        cwd=work,
        env={**os.environ, "SMSTUDIO_HOME": str(directory), "SMSTUDIO_TEST_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{url}/smstudio/api/status", timeout=5).close()
            return process, url
        except OSError:
            if time.monotonic() > deadline or process.poll() is not None:
                raise
            time.sleep(0.2)


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smstudio-bench-") as folder:
        directory = Path(folder) / "engine"
        directory.mkdir()
        fill(directory, options.jobs)
        lifecycle.start_engine(directory)
        process, url = serve(directory, Path(folder))
        try:
            answer = subprocess.run(
                ["node", str(ROOT / "ui-tests" / "panel-rows.js"), url, str(options.rounds)],
                check=True,
                capture_output=True,
                text=True,
                timeout=600,
            )
        finally:
            process.terminate()
            process.wait(30)
            lifecycle.stop_engine(directory)
    measured = json.loads(answer.stdout)
    chunks = {path.name: len(gzip.compress(path.read_bytes())) for path in sorted(STATIC.glob("*.js"))}
    loaded = sum(chunks.get(name, 0) for name in measured["loaded"])
    result = {
        "experiments": options.jobs,
        "first_rows_ms": measured["milliseconds"],
        "first_rows_ms_median": statistics.median(measured["milliseconds"]),
        "gzip_bytes_at_start": loaded,
        "gzip_bytes_all_chunks": sum(chunks.values()),
        "python": sys.version.split()[0],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("| what | measured | wanted |\n| --- | --- | --- |")
    print(
        f"| first rows after the click, {options.jobs:,} experiments (median of {options.rounds}; worst) "
        f"| {result['first_rows_ms_median']:.0f} ms; {max(measured['milliseconds']):.0f} ms | <= 300 ms |"
    )
    print(f"| front end at JupyterLab's start, gzipped | {loaded / 1000:.0f} kB | <= 150 kB |")
    print(f"| front end with all lazy chunks, gzipped | {sum(chunks.values()) / 1000:.0f} kB | |")


if __name__ == "__main__":
    main()
