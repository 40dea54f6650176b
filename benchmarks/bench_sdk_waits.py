"""How long the SageMaker SDKs' own calls take next to the work in them: `fit`, `deploy`, `transform`, tuner.

Each SDK runs, unmodified, in a process of its own against a fresh engine: a script that works for one second (`fit` with logs),
a small built-in job, its `deploy()` up to an endpoint that answers, a batch transform and a tuning job of four trials. The peer is
the bare script: `python script.py` on the same file. "after the end" is the time from the end that Describe shows to the return of
the SDK's call, so what waiting costs.

    python benchmarks/bench_sdk_waits.py [--rounds 5]

SDK v2 is that of this interpreter; v3 needs an environment of its own: `make sdk3`, or name its interpreter in
`SMSTUDIO_SDK3_PYTHON`. An SDK that is not there is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from smstudio_ext.engine.server import lifecycle

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "sdk_waits.json"
SDK3 = os.environ.get("SMSTUDIO_SDK3_PYTHON", str(HERE.parent / ".venv" / "sdk3" / "bin" / "python"))
WORK_SECONDS = 1.0
GOALS = {"fit": 3.0, "deploy": 4.0, "transform after the end": 2.0, "tuner after the end": 2.0}
SCRIPT = f"""
import os, sys, time
began, line = time.perf_counter(), 0
table = [row.split(",") for row in open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv"))]
while time.perf_counter() - began < {WORK_SECONDS}:
    line += 1
    print("step", line, "loss=%.4f;" % (sum(float(value) for row in table for value in row) / line), flush=True)
    while time.perf_counter() - began < line / 10:
        sum(number * number for number in range(1000))
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.txt"), "w") as file:
    file.write(str(line))
"""


def main() -> None:
    """Runs the benchmark and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    programs = {"v2": (sys.executable, HERE / "waits_sdk2.py"), "v3": (SDK3, HERE / "waits_sdk3.py")}
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "train.csv").write_text(
            "".join(f"{n % 2},{n % 2 + n / 1000},{n % 7}\n" for n in range(400))
        )
        (folder / "script.py").write_text(SCRIPT)
        (folder / "model").mkdir()
        bare = [bare_script(folder) for _ in range(rounds)]
        found = {
            name: run_sdk(python, program, folder, rounds)
            for name, (python, program) in programs.items()
            if Path(python).exists()
        }
    report(bare, found, rounds)


def bare_script(folder: Path) -> float:
    """Seconds of the script alone."""
    environment = {**os.environ, "SM_CHANNEL_TRAIN": str(folder), "SM_MODEL_DIR": str(folder / "model")}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, str(folder / "script.py")], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def run_sdk(python: str, program: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Figures of one SDK on an engine of its own; checks that the script's lines were shown."""
    data = folder / f"engine-{program.stem}"
    engine = lifecycle.start_engine(data)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    work = folder / program.stem
    work.mkdir()
    for name in ("script.py", "train.csv"):
        (work / name).write_bytes((folder / name).read_bytes())
    try:
        done = subprocess.run(
            [python, str(program), "script.py", "train.csv", str(rounds)],
            env={**clean, **lifecycle.engine_environment(engine)},
            cwd=work,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        lifecycle.reset_engine(data)
    lines = [line for line in done.stdout.splitlines() if line.startswith("FIGURES")]
    if not lines:
        raise SystemExit(
            f"{program.name} did not come to its end:\n{done.stdout[-2000:]}\n{done.stderr[-5000:]}"
        )
    shown = (done.stdout + done.stderr).count("step 10 loss=")
    if shown != rounds + 1:
        raise SystemExit(
            f"{program.name}: the script's last line was shown {shown} times in {rounds + 1} jobs"
        )
    found: dict[str, Any] = json.loads(lines[0].removeprefix("FIGURES"))
    return found


def report(bare: list[float], found: dict[str, dict[str, Any]], rounds: int) -> None:
    """Prints a markdown table and keeps the figures."""
    print(f"SDK calls, {rounds} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| SDK | call | median s | min s | max s | goal s |\n| --- | --- | ---: | ---: | ---: | ---: |")
    summary: dict[str, Any] = {"bare script": spread(bare)}
    print(row("(none)", "the bare script", summary["bare script"]))
    ratios = {}
    for name, one in found.items():
        title = f"{name} {one['sdk']}"
        summary[title] = {call: spread(seconds) for call, seconds in one["figures"].items()}
        for call, facts in summary[title].items():
            print(row(title, call, facts))
        ratios[title] = summary[title]["fit"]["median_s"] / summary["bare script"]["median_s"]
        print(f"| {title} | `fit` / bare script | {ratios[title]:.2f} x | | | |")
    conditions = {
        "rounds": rounds,
        "work_s": WORK_SECONDS,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    content = {"conditions": conditions, "goals_s": GOALS, "figures": summary, "fit_to_bare_script": ratios}
    RESULTS.write_text(json.dumps(content, indent=2) + "\n")


def spread(seconds: list[float]) -> dict[str, float]:
    """Median, least and most, seconds."""
    return {"median_s": statistics.median(seconds), "min_s": min(seconds), "max_s": max(seconds)}


def row(sdk: str, call: str, facts: dict[str, float]) -> str:
    """One line of the table."""
    goal = f"{GOALS[call]:g}" if call in GOALS else ""
    return (
        f"| {sdk} | {call} | {facts['median_s']:.2f} | {facts['min_s']:.2f} | {facts['max_s']:.2f} | {goal} |"
    )


if __name__ == "__main__":
    main()
