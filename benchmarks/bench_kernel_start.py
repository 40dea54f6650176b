"""Kernels of images beside a plain `python3`: time until ready, many on one instance, the first line of a build's log.

One Jupyter server starts each kernel through its REST API as JupyterLab does, in turns, so that both kinds see the same
machine. Ready = the answer to `kernel_info_request` over the kernel's own shell channel.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).parent / "results" / "kernel_start.json"
PLAIN = "python3"
IMAGES = ("python3-datascience-1.0", "python3-python-3.6")
ALLOWED_MS = 100.0
ALLOWED_LINE_S = 1.0
TOGETHER = 20
PART_MB = 320
"""What each of the kernels that share an instance takes, MiB: together 6.25 GiB, on an instance of 4 GiB."""


class Server:
    """A Jupyter server on folders of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self.token = secrets.token_hex(16)
        (home / "files").mkdir(parents=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "JUPYTER"))},
            "PYTHONPATH": str(ROOT),
            "SMSTUDIO_HOME": str(home / "engine"),
            "SMSTUDIO_ENVIRONMENTS": str(home / "environments"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
        }
        os.environ.update({name: environment[name] for name in ("SMSTUDIO_HOME", "SMSTUDIO_ENVIRONMENTS")})
        with (home / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser",
                    "--ServerApp.jpserver_extensions={'smstudio_ext': True}",
                    f"--ServerApp.port={self.port}", f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={home / 'files'}",
                ],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/",
            headers={"Authorization": f"token {self.token}"},
            timeout=600,
            trust_env=False,
        )
        while True:
            with contextlib.suppress(httpx.TransportError):
                if self.client.get("api/status").status_code == 200:
                    break
            time.sleep(0.05)

    def start(self, kernel: str, notebook: str = "") -> str:
        """Starts a kernel; its id."""
        answer = self.client.post(
            "api/kernels", json={"name": kernel, **({"path": notebook} if notebook else {})}
        )
        answer.raise_for_status()
        return str(answer.json()["id"])

    def end(self, kernel_id: str) -> None:
        """Shuts a kernel down."""
        self.client.delete(f"api/kernels/{kernel_id}")

    def connection(self, kernel_id: str) -> Path:
        """The connection file of a kernel."""
        return self.home / "runtime" / f"kernel-{kernel_id}.json"

    def close(self) -> None:
        """Ends server, kernels and engine."""
        self.process.terminate()
        self.process.wait(60)
        from smstudio_ext.engine.server import lifecycle

        lifecycle.stop_engine(self.home / "engine")


async def _ready(connection: Path) -> None:
    """Returns when a kernel answers `kernel_info_request`."""
    from jupyter_client.asynchronous.client import AsyncKernelClient

    while not connection.exists() or not connection.stat().st_size:
        await asyncio.sleep(0.001)
    client = AsyncKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    client.kernel_info()
    await client.get_shell_msg(timeout=120)
    client.stop_channels()


def _start_time(server: Server, kernel: str) -> float:
    began = time.perf_counter()
    kernel_id = server.start(kernel)
    asyncio.run(_ready(server.connection(kernel_id)))
    took = time.perf_counter() - began
    server.end(kernel_id)
    return took


def measure_start(server: Server, rounds: int) -> dict[str, Any]:
    """Seconds until ready of each kernel, in turns; the first round warms up and does not count."""
    times: dict[str, list[float]] = {name: [] for name in (PLAIN, *IMAGES)}
    for number in range(rounds + 1):
        for name in times:
            took = _start_time(server, name)
            if number:
                times[name].append(took)
    found: dict[str, Any] = {}
    for name, taken in times.items():
        more = statistics.median(one - plain for one, plain in zip(taken, times[PLAIN], strict=True))
        found[name] = {
            "median_s": statistics.median(taken),
            "fastest_s": min(taken),
            "more_than_plain_ms": more * 1000,
        }
    return found


def measure_sharing(server: Server) -> dict[str, Any]:
    """Starts many kernels on one instance that together want more memory than it has."""
    from smstudio_ext.notebooks import placing
    from smstudio_ext.notebooks.limits import Group

    ids = [server.start(IMAGES[1]) for _ in range(TOGETHER)]
    for each in ids:
        asyncio.run(_ready(server.connection(each)))
    placed = [each for each in placing.placements() if each.kernel_id in ids]
    groups = {Path(each.groups["memory"]).parent for each in placed if "memory" in each.groups}
    if len(groups) != 1:
        return {"kernels": len(placed), "limited": False}
    shared = Group({"memory": next(iter(groups)), "cpuacct": Path(placed[0].groups["cpuacct"]).parent})
    cpu = _cpu_share(server, ids, shared)
    most = 0
    for each in ids:
        _execute(server.connection(each), f"held = b'x' * ({PART_MB} * 2**20)")
        most = max(most, shared.memory_used() or 0)
    kills = sum(Group({"memory": Path(each.groups["memory"])}).memory_kills() for each in placed)
    limit = (
        int((next(iter(groups)) / "memory.limit_in_bytes").read_text())
        if (next(iter(groups)) / "memory.limit_in_bytes").exists()
        else int((next(iter(groups)) / "memory.max").read_text())
    )
    for each in ids:
        server.end(each)
    return {
        "kernels": len(placed),
        "limited": True,
        "instance_type": placed[0].instance_type,
        "wanted_gib": TOGETHER * PART_MB / 1024,
        "limit_gib": limit / 2**30,
        "most_used_gib": most / 2**30,
        "kernels_ended_for_memory": kills,
        "server_answers": server.client.get("api/status").status_code == 200,
        "vcpus_used_by_all_spinning": cpu,
    }


def _cpu_share(server: Server, ids: list[str], shared: Any) -> float:
    """CPUs that all kernels of the instance take together when each of them spins."""
    end = time.time() + 12
    for each in ids:
        spin = f"import time\nwhile time.time() < {end}: pass"
        _execute(server.connection(each), spin, wait=False)
    began, before = time.perf_counter(), shared.cpu_seconds() or 0.0
    time.sleep(3)
    used = (shared.cpu_seconds() or 0.0) - before
    share = used / (time.perf_counter() - began)
    time.sleep(max(0.0, end - time.time()))
    return float(share)


def _execute(connection: Path, code: str, *, wait: bool = True) -> None:
    async def run() -> None:
        from jupyter_client.asynchronous.client import AsyncKernelClient

        client = AsyncKernelClient(connection_file=str(connection))
        client.load_connection_file()
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        client.execute(code)
        if wait:
            with contextlib.suppress(Exception):  # its kernel may be the one that is ended
                await client.get_shell_msg(timeout=20)
        else:
            await asyncio.sleep(0.05)
        client.stop_channels()

    asyncio.run(run())


def measure_build(image: str) -> dict[str, Any]:
    """Seconds until the first line of a build's log, and until a cancelled build is gone."""
    from smstudio_ext.notebooks.home import environments_dir
    from smstudio_ext.notebooks.images import building

    began = time.perf_counter()
    building.start(image, again=True)
    while not building.log(image)[0].strip():
        time.sleep(0.001)
    first = time.perf_counter() - began
    while len(building.log(image)[0].splitlines()) < 2:
        time.sleep(0.001)
    second = time.perf_counter() - began
    began = time.perf_counter()
    building.cancel(image)
    cancelled = time.perf_counter() - began
    found = building.status(image)
    return {
        "image": image,
        "first_line_s": first,
        "installers_first_line_s": second,
        "cancelled_s": cancelled,
        "state": found.state if found else None,
        "left_behind": len(list(environments_dir().glob(".new-*"))),
    }


def table(found: dict[str, Any]) -> str:
    """The figures as markdown."""
    lines = ["| kernel | ready, median | fastest | more than plain python3 |", "| --- | --- | --- | --- |"]
    for name, row in found["start"].items():
        lines.append(
            f"| {name} | {row['median_s'] * 1000:.0f} ms | {row['fastest_s'] * 1000:.0f} ms | "
            f"{row['more_than_plain_ms']:+.0f} ms |"
        )
    build = found["build"]
    lines.append(
        f"\nBuild: first line of the log after {build['first_line_s'] * 1000:.0f} ms, the installer's after "
        f"{build['installers_first_line_s']:.1f} s; cancelled within {build['cancelled_s']:.1f} s."
    )
    share = found.get("sharing") or {}
    if share.get("limited"):
        lines.append(
            f"{share['kernels']} kernels on one {share['instance_type']} wanted {share['wanted_gib']:.2f} GiB: at most "
            f"{share['most_used_gib']:.2f} of {share['limit_gib']:.0f} GiB were used, {share['kernels_ended_for_memory']} were "
            f"ended for memory, the server answers. All spinning, they took {share['vcpus_used_by_all_spinning']:.2f} CPUs."
        )
    return "\n".join(lines)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def main() -> None:
    """Measures, prints the table, writes the result; ends with an error when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--no-sharing", action="store_true", help="leave the 20 kernels out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        try:
            server.end(server.start(IMAGES[0]))  # builds the image
            found: dict[str, Any] = {"start": measure_start(server, arguments.rounds)}
            if not arguments.no_sharing:
                found["sharing"] = measure_sharing(server)
            found["build"] = measure_build("datascience-1.0")
        finally:
            server.close()
    print(table(found))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    slow = [name for name in IMAGES if found["start"][name]["more_than_plain_ms"] > ALLOWED_MS]
    if slow or found["build"]["first_line_s"] > ALLOWED_LINE_S:
        raise SystemExit(f"missed: {slow or 'first line of the log'}")


if __name__ == "__main__":
    main()
