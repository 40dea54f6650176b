"""Updates and scaling of an endpoint while requests come at a fixed rate: how many fail, and how late answers come.

An open-loop client sends a signed request every 1/rate seconds over kept-alive connections, whatever the answers do.
Meanwhile the endpoint is updated (all at once, canary, linear, rolling) and scaled 1 -> 4 -> 1.

    python benchmarks/bench_update.py [--rate 200]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_invoke import NAME, deploy, rows, signed, train

from smstudio_ext.engine.server import lifecycle

RESULTS = Path(__file__).parent / "results" / "update.json"


class Traffic:
    """Sends requests at a rate in a thread of its own."""

    def __init__(self, info: lifecycle.EngineInfo, rate: float) -> None:
        self._info = info
        self._rate = rate
        self._stop = threading.Event()
        self.seconds: list[float] = []
        self.failures: list[str] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Traffic:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        body = rows(1)[0]
        port = int(self._info.url.rsplit(":", 1)[1])
        idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        tasks: set[asyncio.Task[None]] = set()
        request, made = signed(self._info, body), time.monotonic()
        begin, sent = time.monotonic(), 0
        while not self._stop.is_set():
            if time.monotonic() - made > 60:
                request, made = signed(self._info, body), time.monotonic()
            task = asyncio.create_task(self._one(port, request, idle))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            sent += 1
            await asyncio.sleep(max(0.0, begin + sent / self._rate - time.monotonic()))
        await asyncio.gather(*tasks)

    async def _one(self, port: int, request: bytes, idle: list[Any]) -> None:
        begin = time.perf_counter()
        try:
            reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            at = head.lower().index(b"content-length:") + 15
            await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
            if not head.startswith(b"HTTP/1.1 200"):
                self.failures.append(head.decode())
            idle.append((reader, writer))
        except (OSError, asyncio.IncompleteReadError) as error:
            self.failures.append(repr(error))
        self.seconds.append(time.perf_counter() - begin)


def wait(sagemaker: Any) -> None:
    """Waits until the endpoint is in service."""
    while sagemaker.describe_endpoint(EndpointName=NAME)["EndpointStatus"] != "InService":
        time.sleep(0.05)


def update(sagemaker: Any, deployment: dict[str, Any] | None) -> None:
    """Updates the endpoint to a new configuration of the same model."""
    name = f"{NAME}-{time.monotonic_ns()}"
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": NAME,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    more = {} if deployment is None else {"DeploymentConfig": deployment}
    sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName=name, **more)
    wait(sagemaker)


def scale(sagemaker: Any, count: int) -> None:
    """Changes the number of instances."""
    wish = {"VariantName": "AllTraffic", "DesiredInstanceCount": count}
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=NAME, DesiredWeightsAndCapacities=[wish])
    wait(sagemaker)


def actions(sagemaker: Any) -> dict[str, Callable[[], None]]:
    """What is done under traffic, by name."""
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}

    def blue_green(kind: str, **size: Any) -> dict[str, Any]:
        routing = {"Type": kind, "WaitIntervalInSeconds": 1, **size}
        return {
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 1}
        }

    def scaling() -> None:
        for count in (1, 4, 1):
            scale(sagemaker, count)

    rolling = {"RollingUpdatePolicy": {"MaximumBatchSize": half, "WaitIntervalInSeconds": 1}}
    return {
        "update, all at once": lambda: update(sagemaker, None),
        "update, canary": lambda: update(sagemaker, blue_green("CANARY", CanarySize=half)),
        "update, linear": lambda: update(sagemaker, blue_green("LINEAR", LinearStepSize=half)),
        "update, rolling": lambda: update(sagemaker, rolling),
        "scale 1, 4, 1": scaling,
    }


def main() -> None:
    """Runs every action under traffic, prints a table and writes the results."""
    import boto3

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    arguments = parser.parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        info = lifecycle.start_engine(folder / "engine")
        try:
            deploy(info, train(folder))
            sagemaker = boto3.client(
                "sagemaker",
                endpoint_url=info.url,
                region_name=info.region,
                aws_access_key_id=info.access_key,
                aws_secret_access_key=info.secret_key,
            )
            for name, act in actions(sagemaker).items():
                with Traffic(info, arguments.rate) as traffic:
                    time.sleep(1.0)
                    begin = time.monotonic()
                    act()
                    took = time.monotonic() - begin
                    time.sleep(1.5)  # the old servers end
                cuts = statistics.quantiles(traffic.seconds, n=100)
                result[name] = {
                    "requests": len(traffic.seconds),
                    "failed": len(traffic.failures),
                    "p50_ms": round(cuts[49] * 1000, 2),
                    "p99_ms": round(cuts[98] * 1000, 2),
                    "action_s": round(took, 2),
                }
                for failure in traffic.failures[:3]:
                    print(failure)
        finally:
            lifecycle.reset_engine(folder / "engine")
    result["conditions"] = {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "scheduler": "real-time" if os.sched_getscheduler(0) != os.SCHED_OTHER else "normal",
        "rate_per_second": arguments.rate,
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        "| under traffic | requests | failed | p50 ms | p99 ms | took s |\n| --- | --- | --- | --- | --- | --- |"
    )
    for name, row in result.items():
        if name != "conditions":
            print(
                f"| {name} | {row['requests']} | {row['failed']} | {row['p50_ms']} | {row['p99_ms']} | {row['action_s']} |"
            )


if __name__ == "__main__":
    main()
