"""Pipe mode on a channel several times larger than the memory of the instance, next to a program that reads the same file.

The job streams every epoch through `/opt/ml/input/data/train_<epoch>`, counts the rows and adds up a checksum with the reader that
built-in images use (`channel_streams.parts`). The peer is the same reader over a plain file, without any engine. The instance's
memory is kept by a control group where this user may make one, by the supervisor's watchdog elsewhere. Rounds are taken in turn.

    python benchmarks/bench_pipe.py [--megabytes 2048] [--memory 512] [--rounds 3]
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

from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.server.wiring import build_context, start_parts, stop_parts
from smstudio_ext.engine.settings import Settings

RESULTS = Path(__file__).parent / "results" / "pipe.json"
REGION = "us-east-1"
MIB = 1 << 20
READER = """
import json, resource, sys, time, zlib
from pathlib import Path
from smstudio_ext.engine.images.channel_streams import parts
from smstudio_ext.engine.images.jobfiles import Channel
place, mode, epochs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
channel = Channel("train", place, "text/csv", {}, mode)
started, sizes, checks = time.perf_counter(), [], []
for epoch in range(epochs):
    check = size = rows = 0
    for part in parts(channel, "lines"):
        check = zlib.crc32(part.data, check)
        size += len(part.data)
        rows += part.data.count(b"\\n")
    sizes.append(size)
    checks.append((check, rows))
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "bytes": sum(sizes), "checks": checks, "peak_mb": peak}))
"""


def main() -> None:
    """Runs the benchmark and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2048, help="size of the channel")
    parser.add_argument("--memory", type=int, default=512, help="memory of the instance, MiB")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        figures = measure(Path(directory), options)
    report(figures, options)


def measure(directory: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Facts of each round: job in Pipe mode, peer on the plain file, memory of the feeder."""
    root = str(Path(__file__).parent.parent)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    plain = directory / "plain"
    plain.mkdir()
    write_rows(plain / "rows.csv", options.megabytes)
    ctx = build_context(Settings(directory / "engine", cpus=2, memory_mb=options.memory))
    register(directory)
    start_parts(ctx)
    try:
        ctx.objects.create_bucket("bench", REGION)
        ctx.objects.put_file("bench", "train/rows.csv", plain / "rows.csv")
        figures: dict[str, Any] = {"pipe": [], "plain": [], "feeder_mb": []}
        for number in range(options.rounds):
            facts, feeder = run_job(ctx, f"pipe-{number}")
            figures["pipe"].append(facts)
            figures["feeder_mb"].append(feeder)
            done = subprocess.run(
                [sys.executable, "-c", READER, str(plain), "File", "2"], capture_output=True, check=True
            )
            figures["plain"].append(json.loads(done.stdout))
    finally:
        stop_parts(ctx)
    checks = {json.dumps(facts["checks"]) for facts in (*figures["pipe"], *figures["plain"])}
    assert len(checks) == 1, f"the streams differ: {checks}"
    return figures


def write_rows(path: Path, megabytes: int) -> None:
    """A CSV file of random numbers."""
    import numpy as np

    block = b"\n".join(
        b",".join(b"%.6f" % value for value in row) for row in np.random.default_rng(0).random((20_000, 6))
    )
    block += b"\n"
    with path.open("wb") as file:
        for _ in range(megabytes * MIB // len(block)):
            file.write(block)


def register(directory: Path) -> None:
    """The reader as an image of its own."""
    folder = directory / "image"
    folder.mkdir()
    program = folder / "train"
    program.write_text(
        f"#!/bin/sh\nexec {sys.executable} {folder}/reader.py $SMSTUDIO_OPT_ML/input/data/train Pipe 2\n"
    )
    (folder / "reader.py").write_text(READER)
    program.chmod(0o755)
    registrations = directory / "engine" / "images"
    registrations.mkdir(parents=True, exist_ok=True)
    (registrations / "reader.json").write_text(json.dumps({"name": "reader", "folder": str(folder)}))


def run_job(ctx: Any, name: str) -> tuple[dict[str, Any], int]:
    """Runs one job; returns what its program printed, and the most memory (MiB, private) that its feeder had."""
    request = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "reader:1", "TrainingInputMode": "Pipe"},
        "RoleArn": "arn:aws:iam::000000000000:role/bench",
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/train/"}},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://bench/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    row = training.create_training_job(ctx, REGION, request)
    feeder = 0
    while not ctx.store.resources.get(*row.key).finished:
        feeder = max(feeder, feeder_mb(Path(row.internal["folder"]) / "process"))
        time.sleep(0.05)
    row = ctx.store.resources.get(*row.key)
    log = Path(row.internal["log"]).read_text()
    assert row.status == "Completed", (row.document.get("FailureReason"), log)
    facts: dict[str, Any] = json.loads(log.splitlines()[-1].split(" ", 1)[1])
    return facts, feeder


def feeder_mb(process: Path) -> int:
    """Resident memory of the supervisor's other child, MiB; 0 while there is none."""
    try:
        facts = json.loads((process / "process.json").read_text())
        children = (
            Path(f"/proc/{facts['supervisor']}/task/{facts['supervisor']}/children").read_text().split()
        )
        for pid in children:
            if int(pid) != facts["pid"]:
                for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith("VmRSS:"):
                        return int(line.split()[1]) // 1024
    except (OSError, ValueError):
        pass
    return 0


def report(figures: dict[str, Any], options: argparse.Namespace) -> None:
    """Prints a table and keeps the figures."""
    speed = {
        name: statistics.median(facts["bytes"] / MIB / facts["seconds"] for facts in figures[name])
        for name in ("pipe", "plain")
    }
    peak = {name: max(facts["peak_mb"] for facts in figures[name]) for name in ("pipe", "plain")}
    result = {
        "conditions": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "channel_mb": options.megabytes,
            "epochs": 2,
            "instance_memory_mb": options.memory,
            "rounds": options.rounds,
        },
        "pipe_mb_per_second": round(speed["pipe"], 1),
        "plain_file_mb_per_second": round(speed["plain"], 1),
        "ratio": round(speed["pipe"] / speed["plain"], 3),
        "program_peak_mb": peak["pipe"],
        "plain_program_peak_mb": peak["plain"],
        "feeder_peak_mb": max(figures["feeder_mb"]),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"Channel {options.megabytes} MiB, two epochs, instance memory {options.memory} MiB, {options.rounds} rounds\n"
    )
    print("| | MiB/s (median) | peak memory of the program, MiB | of the feeder, MiB |")
    print("| --- | --- | --- | --- |")
    print(f"| job in Pipe mode | {speed['pipe']:.0f} | {peak['pipe']} | {result['feeder_peak_mb']} |")
    print(f"| same reader, plain file | {speed['plain']:.0f} | {peak['plain']} | - |")
    print(f"\nPipe/plain: {result['ratio']:.2f}x")


if __name__ == "__main__":
    main()
