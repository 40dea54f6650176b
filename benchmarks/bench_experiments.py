"""Search and metric writes of experiments next to MLflow's tracking server on SQLite.

Run: `python benchmarks/bench_experiments.py --mlflow PATH/TO/mlflow [--components 10000] [--runs 1000]`. Both hold runs with 20 metrics of 10 points
and 20 parameters; both get plain JSON over one kept-alive HTTP connection on loopback, in turn, so that a busy machine slows both. Timed is from
sending to the parsed answer; making and signing the request is left out on both sides, as is what either client library adds. `--mlflow` is the command of an MLflow in an
environment of its own (its server does not share ours). MLflow takes 1,000 points in a call, the engine gets the same calls.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
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

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from experiment_data import METRICS, PARAMETERS, REGION, populate

from smstudio_ext.engine.server import lifecycle

RESULTS = Path(__file__).resolve().parent / "results" / "experiments.json"
_STEPS = 50
_BATCH = len(METRICS) * _STEPS
"""Points in a call: the most that MLflow takes."""


class Wire:
    """A kept-alive connection that sends JSON."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=600)
        self._connection.connect()
        self.milliseconds = 0.0

    def send(self, method: str, path: str, headers: dict[str, str], data: bytes) -> Any:
        """The parsed answer; keeps how long it took."""
        try:
            began = time.perf_counter()
            self._connection.request(method, path, data, headers)
        except ConnectionError:  # it lay idle too long while the other side was asked
            self._connection.close()
            self._connection.connect()
            began = time.perf_counter()
            self._connection.request(method, path, data, headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status} {text[:500]!r}")
        answer = json.loads(text or b"{}")
        self.milliseconds = (time.perf_counter() - began) * 1000
        return answer


class MLflow:
    """A tracking server on SQLite with some runs."""

    def __init__(self, command: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [command, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
             "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._wait(port)
        self.wire = Wire(self.url)
        self.experiment = self.post("experiments/create", name="bench")["experiment_id"]

    def post(self, path: str, **body: Any) -> Any:
        """The answer of a REST call."""
        data = json.dumps(body).encode()
        return self.wire.send("POST", f"/api/2.0/mlflow/{path}", {"Content-Type": "application/json"}, data)

    def search(self, most: int, **body: Any) -> float:
        """Milliseconds of a search of runs."""
        found = self.post("runs/search", experiment_ids=[self.experiment], max_results=most, **body)
        assert found.get("runs"), "nothing was found"
        return self.wire.milliseconds

    def run(self) -> str:
        """A new run."""
        made = self.post("runs/create", experiment_id=self.experiment, start_time=int(time.time() * 1000))
        return str(made["run"]["info"]["run_id"])

    def log(self, run: str, batch: list[dict[str, Any]]) -> float:
        """Milliseconds of a call that logs metric points."""
        self.post("runs/log-batch", run_id=run, metrics=batch)
        return self.wire.milliseconds

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
            self.post("runs/log-batch", run_id=run, metrics=mlflow_batch(draw, 10), params=params)


def mlflow_batch(draw: random.Random, steps: int = _STEPS) -> list[dict[str, Any]]:
    """Points of 20 metrics."""
    now = int(time.time() * 1000)
    return [
        {"key": name, "value": draw.random() / (step + 1), "timestamp": now + step, "step": step}
        for name in METRICS
        for step in range(steps)
    ]


class EngineWire:
    """A connection to the engine that signs its requests."""

    def __init__(self, info: lifecycle.EngineInfo) -> None:
        self._url = info.url
        self._credentials = Credentials(info.access_key, info.secret_key)
        self.wire = Wire(info.url)

    def sagemaker(self, operation: str, hints: dict[str, str] | None = None, **body: Any) -> Any:
        """The answer of an operation of SageMaker."""
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"SageMaker.{operation}",
            **(hints or {}),
        }
        return self._send("POST", "/", headers, body)

    def put_metrics(self, component: str, batch: list[dict[str, Any]]) -> float:
        """Milliseconds of a BatchPutMetrics call."""
        body = {"TrialComponentName": component, "MetricData": batch}
        answer = self._send("PUT", "/BatchPutMetrics", {"Content-Type": "application/json"}, body)
        assert not answer.get("Errors"), answer
        return self.wire.milliseconds

    def _send(self, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        request = AWSRequest(method, self._url + path, headers=headers, data=data)
        SigV4Auth(self._credentials, "sagemaker", REGION).add_auth(request)
        return self.wire.send(method, path, dict(request.headers.items()), data)


class Engine:
    """An engine whose data directory holds some components."""

    def __init__(self, folder: Path, components: int) -> None:
        if not (folder / "engine.db").exists():
            began = time.perf_counter()
            populate(folder, components)
            print(f"{components} components written in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        self.folder = folder
        self.info = lifecycle.start_engine(folder)

    def wire(self) -> EngineWire:
        """A connection."""
        return EngineWire(self.info)

    def close(self) -> None:
        """Ends the engine."""
        lifecycle.stop_engine(self.folder)


def equal(name: str, operator: str, value: str) -> dict[str, Any]:
    """A search expression of one filter."""
    return {"Filters": [{"Name": name, "Operator": operator, "Value": value}]}


def searches(engine: Engine, mlflow: MLflow, repeats: int) -> list[dict[str, Any]]:
    """Medians of searches, both sides in turn."""
    wire = engine.wire()
    shown = [
        "TrialComponentName",
        *(f"Metrics.{name}" for name in METRICS),
        *(f"Parameters.{name}" for name in PARAMETERS),
    ]

    def ours(
        most: int,
        expression: dict[str, Any] | None = None,
        sort: str = "CreationTime",
        select: list[str] | None = None,
    ) -> float:
        hints = {"x-smstudio-select": ",".join(select)} if select else None
        request: dict[str, Any] = {"Resource": "ExperimentTrialComponent", "MaxResults": most, "SortBy": sort}
        if expression:
            request["SearchExpression"] = expression
        found = wire.sagemaker("Search", hints, **request)
        assert found["Results"], "nothing was found"
        return wire.wire.milliseconds

    number, text = f"Parameters.{PARAMETERS[1]}", f"Parameters.{PARAMETERS[0]}"
    cases: list[tuple[str, Callable[[], float], Callable[[], float] | None]] = [
        ("newest 100, whole", lambda: ours(100), lambda: mlflow.search(100)),
        ("newest 1,000, whole", lambda: ours(1000), lambda: mlflow.search(1000)),
        (
            "newest 1,000, as a page asks: 20 metrics, 20 parameters",
            lambda: ours(1000, select=shown),
            lambda: mlflow.search(1000),
        ),
        (
            "100 sorted by a metric",
            lambda: ours(100, sort=f"Metrics.{METRICS[3]}.Last"),
            lambda: mlflow.search(100, order_by=[f"metrics.{METRICS[3]} DESC"]),
        ),
        (
            "100 filtered by a parameter",
            lambda: ours(100, equal(text, "Equals", "group-7")),
            lambda: mlflow.search(100, filter=f"params.{PARAMETERS[0]} = 'group-7'"),
        ),
        (
            "100 filtered by a number, sorted by a metric",
            lambda: ours(100, equal(number, "GreaterThan", "0.5"), f"Metrics.{METRICS[4]}.Min"),
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
            times["ours"].append(mine())
            if theirs is not None:
                times["mlflow"].append(theirs())
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
    wire = engine.wire()
    component = f"bench-writes-{time.time_ns()}"
    wire.sagemaker("CreateTrialComponent", TrialComponentName=component)
    draw, run = random.Random(3), mlflow.run()
    times: dict[str, list[float]] = {"ours": [], "mlflow": []}
    for _ in range(calls):
        batch = mlflow_batch(draw)
        times["mlflow"].append(mlflow.log(run, batch))
        times["ours"].append(wire.put_metrics(component, our_batch(batch)))
    rates = {side: _BATCH * 1000 / statistics.median(taken) for side, taken in times.items()}
    return {
        "points_a_call": _BATCH,
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
    wire = engine.wire()
    names = [f"bench-many-{time.time_ns()}-{number}" for number in range(4)]
    for name in names:
        wire.sagemaker("CreateTrialComponent", TrialComponentName=name)

    def write(number: int) -> None:
        own, draw = engine.wire(), random.Random(number)
        for _ in range(calls):
            own.put_metrics(names[number % 4], our_batch(mlflow_batch(draw)))

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
        for metric in wire.sagemaker("DescribeTrialComponent", TrialComponentName=name)["Metrics"]
    )
    sent = 16 * calls * _BATCH
    return {"sent": sent, "kept": kept, "points_per_second": round(sent / took)}


def main() -> None:
    """Measures, prints a table, keeps the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlflow", required=True, help="command of MLflow")
    parser.add_argument("--components", type=int, default=10_000)
    parser.add_argument("--data", type=Path, help="data directory that holds the components, or gets them")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--calls", type=int, default=40)
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engine = Engine(arguments.data or folder / "engine", arguments.components)
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
