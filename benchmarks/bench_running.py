"""What the panel of running things costs: how soon it shows a change, and the readout of CPU and memory."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
KERNEL = "python3-python-3.6"
ROUNDS = 8
READOUT_SECONDS = 20
KERNELS = 20


class Api:
    """The REST API of a Jupyter server."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request; its JSON."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            data=json.dumps(body).encode() if body is not None else None,
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            text = response.read()
        return json.loads(text) if text else None


async def changes(api: Api) -> dict[str, list[float]]:
    """Seconds from a change until a page that follows the events has read it: kernel started, kernel ended, app ended.

    As the front end does: it gathers events for a quarter of a second, then reads the list.
    """
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    socket = await websocket_connect(
        HTTPRequest(
            f"{api.url.replace('http', 'ws', 1)}api/events/subscribe",
            headers={"Authorization": f"token {api.token}"},
        )
    )
    loop = asyncio.get_running_loop()

    def run(method: str, path: str, body: Any = None) -> Any:
        return loop.run_in_executor(None, api.call, method, path, body)

    async def until_read(begun: float, wanted: Any) -> float:
        while True:
            message = await socket.read_message()
            if "smstudio" not in str(message):
                continue
            await asyncio.sleep(0.25)
            if wanted(await run("GET", "smstudio/api/running")):
                return time.perf_counter() - begun

    found: dict[str, list[float]] = {"kernel started": [], "kernel ended": [], "app ended": []}
    for _ in range(ROUNDS):
        await run("POST", "smstudio/api/presence", {"page": "bench", "visible": True})
        kernel = (await run("POST", "api/kernels", {"name": KERNEL}))["id"]
        begun = time.perf_counter()
        found["kernel started"].append(
            await until_read(begun, lambda now, k=kernel: k in {each["id"] for each in now["kernels"]})
        )
        while True:
            now = await run("GET", "smstudio/api/running")
            if any(kernel in each["kernels"] for each in now["instances"]):
                break
            await asyncio.sleep(0.1)
        await run("DELETE", f"api/kernels/{kernel}")
        begun = time.perf_counter()
        found["kernel ended"].append(
            await until_read(begun, lambda now, k=kernel: k not in {each["id"] for each in now["kernels"]})
        )
        shut = {"scope": "instance", "name": now["instances"][0]["name"]}
        begun = time.perf_counter()
        await run("POST", "smstudio/api/running/shutdown", shut)
        found["app ended"].append(await until_read(begun, lambda now: not now["instances"]))
    socket.close()
    return found


def readout(api: Api, pid: int, seconds: float) -> dict[str, float]:
    """Processor time of the server, as a share of one core, without and with a page that reads the use each second."""
    process = psutil.Process(pid)

    def share(read: bool) -> float:
        before, begun = sum(process.cpu_times()[:2]), time.perf_counter()
        while time.perf_counter() - begun < seconds:
            if read:
                api.call("GET", "smstudio/api/running/usage")
            time.sleep(1)
        return 100 * (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - begun)

    rest, reading = share(False), share(True)
    return {"at rest": rest, "read each second": reading, "difference": reading - rest}


def reader_alone(rounds: int = 100) -> float:
    """Milliseconds of processor time of one look at the kernels that run now, without server and HTTP."""
    from smstudio_ext.notebooks.usage import UsageReader

    ticks = iter(range(10**9))
    reader = UsageReader(clock=lambda: float(next(ticks)))
    reader.read()
    begun = time.process_time()
    for _ in range(rounds):
        reader.read()
    return (time.process_time() - begun) / rounds * 1000


def main() -> None:
    """Prints a table and writes benchmarks/results/running.json."""
    from benchmarks.bench_extension import Lab

    with tempfile.TemporaryDirectory() as home:
        lab = Lab(Path(home), extension=True)
        os.environ["SMSTUDIO_HOME"] = str(lab.engine_dir)
        api = Api(lab.url, lab.token)
        try:
            api.call("POST", "smstudio/api/engine/start", {})
            soon = asyncio.run(changes(api))
            kernels = [api.call("POST", "api/kernels", {"name": KERNEL})["id"] for _ in range(KERNELS)]
            api.call("POST", "smstudio/api/presence", {"page": "bench", "visible": True})
            use = readout(api, lab.process.pid, READOUT_SECONDS)
            alone = reader_alone()
            alive = {each["id"] for each in api.call("GET", "api/kernels")}
            if not alive >= set(kernels):
                print(f"{len(set(kernels) - alive)} of {KERNELS} kernels did not live to the end.")
            api.call("POST", "smstudio/api/running/shutdown", {"scope": "instances"})
        finally:
            lab.close()
    print("| change | shown after, median (ms) | worst (ms) |\n| --- | ---: | ---: |")
    for name, times in soon.items():
        print(f"| {name} | {statistics.median(times) * 1000:.0f} | {max(times) * 1000:.0f} |")
    print(f"\n| readout of {KERNELS} kernels | |\n| --- | ---: |")
    for name, percent in use.items():
        print(f"| server, {name} (% of one core) | {percent:.2f} |")
    print(f"| one look (ms of processor time) | {alone:.2f} |")
    result = ROOT / "benchmarks" / "results" / "running.json"
    result.write_text(
        json.dumps(
            {
                "cpus": os.cpu_count(),
                "load": os.getloadavg()[0],
                "seconds until shown": soon,
                "kernels": KERNELS,
                "percent of a core": use,
                "milliseconds of a look": alone,
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
