"""Search and metric writes of experiments next to MLflow's tracking server on SQLite.

Run: `python benchmarks/bench_experiments.py --mlflow PATH/TO/mlflow [--components 10000] [--runs 1000]`. Both hold runs with 20 metrics of 10 points
and 20 parameters; both are asked over HTTP on loopback by their own client (boto3, MlflowClient's REST calls), alternating, so that a
busy machine slows both. `--mlflow` is the command of an MLflow in an environment of its own (its server does not share ours).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import requests
from experiment_data import METRICS, PARAMETERS, REGION, populate

from smstudio_ext.engine.server import lifecycle

RESULTS = Path(__file__).resolve().parent / "results" / "experiments.json"
_BATCH = 200
"""Points in a call: 20 metrics of 10 points; MLflow takes 1,000 at most."""


def timed(call: Callable[[], Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


class MLflow:
    """A tracking server on SQLite with some runs."""

    def __init__(self, command: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/api/2.0/mlflow"
        self._process = subprocess.Popen(
            [command, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
             "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.session = requests.Session()
        self._wait(port)
        self.experiment = self.post("experiments/create", name="bench")["experiment_id"]

    def post(self, path: str, **body: Any) -> Any:
        """The answer of a REST call."""
        answer = self.session.post(f"{self.url}/{path}", json=body, timeout=600)
        answer.raise_for_status()
        return answer.json()

    def search(self, most: int, **body: Any) -> int:
        """Searches runs; returns how many came."""
        found = self.post("runs/search", experiment_ids=[self.experiment], max_results=most, **body)
        return len(found.get("runs", []))

    def run(self) -> str:
        """A new run."""
        made = self.post("runs/create", experiment_id=self.experiment, start_time=int(time.time() * 1000))
        return str(made["run"]["info"]["run_id"])

    def log(self, run: str, batch: list[dict[str, Any]]) -> None:
        """Logs metric points."""
        self.post("runs/log-batch", run_id=run, metrics=batch)

    def close(self) -> None:
        """Ends the server and its workers."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()

    def _wait(self, port: int) -> None:
        for _ in range(1500):
            try:
                if requests.get(f"http://127.0.0.1:{port}/health", timeout=2).ok:
                    return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.2)
        self.close()
        raise SystemExit("MLflow's server did not start.")

    def fill(self, runs: int) -> None:
        """Makes runs with 20 metrics of 10 points and 20 parameters."""
        draw = random.Random(7)
        for number in range(runs):
            run = self.run()
            params = [{"key": name, "value": f"{draw.random():.6f}"} for name in PARAMETERS[1:]]
            params.append({"key": PARAMETERS[0], "value": f"group-{number % 50}"})
            self.post("runs/log-batch", run_id=run, metrics=mlflow_batch(draw), params=params)


def mlflow_batch(draw: random.Random) -> list[dict[str, Any]]:
    """20 metrics of 10 points."""
    now = int(time.time() * 1000)
    return [
        {"key": name, "value": draw.random() / (step + 1), "timestamp": now + step, "step": step}
        for name in METRICS
        for step in range(10)
    ]


class Engine:
    """An engine whose data directory holds some components."""

    def __init__(self, folder: Path, components: int) -> None:
        began = time.perf_counter()
        populate(folder, components)
        print(f"{components} components written in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        self.folder = folder
        self.info = lifecycle.start_engine(folder)

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.info.url,
            region_name=REGION,
            aws_access_key_id=self.info.access_key,
            aws_secret_access_key=self.info.secret_key,
        )

    def close(self) -> None:
        """Ends the engine."""
        lifecycle.stop_engine(self.folder)


def equal(name: str, operator: str, value: str) -> dict[str, Any]:
    """A search expression of one filter."""
    return {"Filters": [{"Name": name, "Operator": operator, "Value": value}]}


def searches(engine: Engine, mlflow: MLflow, repeats: int) -> list[dict[str, Any]]:
    """Medians of searches, both sides in turn."""
    sagemaker = engine.client("sagemaker")

    def ours(most: int, expression: dict[str, Any] | None = None, sort: str = "CreationTime") -> None:
        request: dict[str, Any] = {"Resource": "ExperimentTrialComponent", "MaxResults": most, "SortBy": sort}
        found = sagemaker.search(**request, **({"SearchExpression": expression} if expression else {}))
        assert found["Results"], "nothing was found"

    half = equal(f"Parameters.{PARAMETERS[1]}", "GreaterThan", "0.5")
    cases: list[tuple[str, Callable[[], Any], Callable[[], Any] | None]] = [
        ("newest 100, whole", lambda: ours(100), lambda: mlflow.search(100)),
        ("newest 1,000, whole", lambda: ours(1000), lambda: mlflow.search(1000)),
        (
            "100 sorted by a metric",
            lambda: ours(100, sort=f"Metrics.{METRICS[3]}.Last"),
            lambda: mlflow.search(100, order_by=[f"metrics.{METRICS[3]} DESC"]),
        ),
        (
            "100 filtered by a parameter",
            lambda: ours(100, equal(f"Parameters.{PARAMETERS[0]}", "Equals", "group-7")),
            lambda: mlflow.search(100, filter=f"params.{PARAMETERS[0]} = 'group-7'"),
        ),
        (
            "100 filtered by a number, sorted by a metric",
            lambda: ours(100, half, f"Metrics.{METRICS[4]}.Min"),
            None,
        ),
        (
            "100 by text in the name",
            lambda: ours(100, equal("TrialComponentName", "Contains", "00042")),
            None,
        ),
    ]
    rows = []
    for name, mine, theirs in cases:
        times: dict[str, list[float]] = {"ours": [], "mlflow": []}
        mine()
        for _ in range(repeats):
            times["ours"].append(timed(mine))
            if theirs is not None:
                times["mlflow"].append(timed(theirs))
        rows.append(
            {
                "what": name,
                "ours_ms": round(statistics.median(times["ours"]), 1),
                "mlflow_ms": round(statistics.median(times["mlflow"]), 1) if theirs else None,
            }
        )
    return rows


def writes(engine: Engine, mlflow: MLflow, calls: int) -> dict[str, Any]:
    """Points a second, one client, both sides in turn; then 16 clients of the engine at once."""
    sagemaker, metrics = engine.client("sagemaker"), engine.client("sagemaker-metrics")
    sagemaker.create_trial_component(TrialComponentName="bench-writes")
    draw, run = random.Random(3), mlflow.run()
    times: dict[str, list[float]] = {"ours": [], "mlflow": []}
    for _ in range(calls):
        batch = mlflow_batch(draw)
        times["mlflow"].append(timed(lambda batch=batch: mlflow.log(run, batch)))  # type: ignore[misc]
        data = our_batch(batch)
        times["ours"].append(
            timed(
                lambda data=data: metrics.batch_put_metrics(
                    TrialComponentName="bench-writes", MetricData=data
                )
            )  # type: ignore[misc]
        )
    rates = {side: _BATCH * 1000 / statistics.median(taken) for side, taken in times.items()}
    return {
        "points_per_second": {side: round(rate) for side, rate in rates.items()},
        "ratio": round(rates["ours"] / rates["mlflow"], 1),
        "sixteen_writers": sixteen(engine, max(5, calls // 4)),
    }


def our_batch(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same points as BatchPutMetrics takes them."""
    return [
        {"MetricName": p["key"], "Value": p["value"], "Timestamp": p["timestamp"] / 1000, "Step": p["step"]}
        for p in batch
    ]


def sixteen(engine: Engine, calls: int) -> dict[str, Any]:
    """16 threads write to 4 components at once; counts what arrived."""
    sagemaker = engine.client("sagemaker")
    names = [f"bench-many-{number}" for number in range(4)]
    for name in names:
        sagemaker.create_trial_component(TrialComponentName=name)
    clients = [engine.client("sagemaker-metrics") for _ in range(16)]

    def write(number: int) -> None:
        draw = random.Random(number)
        for _ in range(calls):
            clients[number].batch_put_metrics(
                TrialComponentName=names[number % 4], MetricData=our_batch(mlflow_batch(draw))
            )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    kept = sum(
        metric["Count"]
        for name in names
        for metric in sagemaker.describe_trial_component(TrialComponentName=name)["Metrics"]
    )
    sent = 16 * calls * _BATCH
    return {"sent": sent, "kept": kept, "points_per_second": round(sent / took)}


def main() -> None:
    """Measures, prints a table, keeps the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlflow", required=True, help="command of MLflow")
    parser.add_argument("--components", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--calls", type=int, default=40)
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engine = Engine(folder / "engine", arguments.components)
        stack.callback(engine.close)
        mlflow = MLflow(arguments.mlflow, folder)
        stack.callback(mlflow.close)
        mlflow.fill(arguments.runs)
        rows = searches(engine, mlflow, arguments.repeats)
        written = writes(engine, mlflow, arguments.calls)
    print(f"| search | ours, {arguments.components:,} components | MLflow, {arguments.runs:,} runs | ratio |")
    print("| --- | --- | --- | --- |")
    for row in rows:
        peer = row["mlflow_ms"]
        ratio = f"{peer / row['ours_ms']:.1f}x" if peer else ""
        print(f"| {row['what']} | {row['ours_ms']} ms | {f'{peer} ms' if peer else ''} | {ratio} |")
    print(json.dumps(written))
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    found[str(arguments.components)] = {"runs": arguments.runs, "searches": rows, "writes": written}
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
