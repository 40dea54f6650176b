"""What the server extension costs: JupyterLab's start with and without it in turn, and the panel's first list."""

from __future__ import annotations

import compileall
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
CLEAN = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Installed packages have their bytecode; a checkout has it after the first start, unless it is told to keep none."""


class Lab:
    """One JupyterLab server on a home of its own."""

    def __init__(self, home: Path, *, extension: bool) -> None:
        self.token = secrets.token_hex(8)
        self.port = _free_port()
        self.engine_dir = home / "engine"
        config = home / "config"
        config.mkdir(parents=True)
        (config / "jupyter_server_config.json").write_text(
            json.dumps(
                {
                    "ServerApp": {"jpserver_extensions": {"jupyterlab": True, "smstudio_ext": extension}},
                    "IdentityProvider": {"token": self.token},
                    "SmStudioApp": {"data_dir": str(self.engine_dir)},
                }
            )
        )
        environment = {**CLEAN, "HOME": str(home), "PYTHONPATH": str(ROOT)}
        for name in ("CONFIG", "DATA", "RUNTIME"):
            environment[f"JUPYTER_{name}_DIR"] = str(home / name.lower())
        self.url = f"http://127.0.0.1:{self.port}/"
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *(f"--port={self.port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={home}"),
            ],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not self._answers():
            time.sleep(0.005)
        self.start_seconds = time.perf_counter() - started
        used = psutil.Process(self.process.pid).cpu_times()
        self.start_cpu_seconds = used.user + used.system

    def timed(self, path: str) -> float:
        """Seconds of one GET of the API."""
        request = urllib.request.Request(
            f"{self.url}smstudio/api/{path}", headers={"Authorization": f"token {self.token}"}
        )
        started = time.perf_counter()
        with urllib.request.urlopen(request) as response:
            response.read()
        return time.perf_counter() - started

    def close(self) -> None:
        """Ends the server and its engine."""
        from smstudio_ext.engine.server import lifecycle

        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        lifecycle.reset_engine(self.engine_dir)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}api", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


def measure_start(rounds: int) -> dict[str, dict[bool, list[float]]]:
    """Seconds (by the clock, and of processor time) from the command to the first answer, without and with, in turn.

    Processor time hardly depends on what else runs on the machine; the clock does.
    """
    clock: dict[bool, list[float]] = {False: [], True: []}
    processor: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for extension in (False, True):
            with tempfile.TemporaryDirectory() as home:
                lab = Lab(Path(home), extension=extension)
                clock[extension].append(lab.start_seconds)
                processor[extension].append(lab.start_cpu_seconds)
                lab.close()
    return {"clock": clock, "processor": processor}


def measure_import(rounds: int) -> list[float]:
    """Seconds of importing the extension into a process that has JupyterLab loaded."""
    program = (
        "import time, jupyterlab.labapp; t = time.perf_counter(); import smstudio_ext.app; "
        "from smstudio_ext.routes import all_handlers; all_handlers(); print(time.perf_counter() - t)"
    )
    environment = {**CLEAN, "PYTHONPATH": str(ROOT)}
    return [
        float(
            subprocess.run(
                [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(rounds)
    ]


def measure_lists() -> dict[str, float]:
    """Seconds of the panel's first requests, in the order in which a browser makes them."""
    from smstudio_ext.engine.server import lifecycle

    with tempfile.TemporaryDirectory() as home:
        lab = Lab(Path(home), extension=True)
        lifecycle.start_engine(lab.engine_dir)
        found = {"status as the page loads": lab.timed("status")}
        time.sleep(3)  # the user looks at JupyterLab before the click
        found["first list after the click"] = lab.timed("automl-jobs")
        found["first list of another panel"] = lab.timed("training-jobs")
        found["list again (median of 50)"] = statistics.median(lab.timed("automl-jobs") for _ in range(50))
        lab.close()
    with tempfile.TemporaryDirectory() as home:
        lab = Lab(Path(home), extension=True)
        lab.timed("status")
        time.sleep(3)
        found["first list, engine not yet started"] = lab.timed("automl-jobs")
        lab.close()
    return found


def main() -> None:
    """Prints a table and writes benchmarks/results/extension.json."""
    sys.path.insert(0, str(ROOT))
    compileall.compile_dir(ROOT / "smstudio_ext", quiet=2)  # as pip does when it installs
    starts = measure_start(ROUNDS)
    clock, processor = starts["clock"], starts["processor"]
    imports = measure_import(ROUNDS)
    rows: dict[str, Any] = {
        "JupyterLab's start without the extension, clock": statistics.median(clock[False]),
        "JupyterLab's start with the extension, clock": statistics.median(clock[True]),
        "JupyterLab's start without the extension, processor": statistics.median(processor[False]),
        "JupyterLab's start with the extension, processor": statistics.median(processor[True]),
        "difference in processor time (goal: 60 ms)": statistics.median(processor[True])
        - statistics.median(processor[False]),
        "import of the extension and its routes": statistics.median(imports),
        **measure_lists(),
    }
    print("| what | ms |\n| --- | ---: |")
    for name, seconds in rows.items():
        print(f"| {name} | {seconds * 1000:.1f} |")
    result = ROOT / "benchmarks" / "results" / "extension.json"
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(
        json.dumps(
            {
                "rounds": ROUNDS,
                "cpus": os.cpu_count(),
                "load": os.getloadavg()[0],
                "seconds": rows,
                "starts": {
                    kind: {"without": times[False], "with": times[True]} for kind, times in starts.items()
                },
            },
            indent=1,
        )
        + "\n"
    )


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
