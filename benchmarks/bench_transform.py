"""Batch transform of 1,000,000 rows next to xgboost predicting the same file directly.

The job is CreateTransformJob over one CSV file in the engine's S3 with the built-in XGBoost image: split into requests, parsed,
predicted, assembled, stored. The peer is one plain script: pandas reads the file, xgboost predicts, the predictions are
written. Both may use the machine's cores. Runs are taken in turn. Memory is the largest sum of the unique memory of the
job's processes, at 1/4 of the rows and at all of them: flat means that the second is not larger.

    python benchmarks/bench_transform.py [--rows 1000000] [--columns 30] [--rounds 3]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import psutil
import xgboost as xgb

from smstudio_ext.engine.server import lifecycle

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::000000000000:role/bench"
RESULTS = Path(__file__).parent / "results" / "transform.json"
INSTANCE = "ml.m5.large"
DIRECT = """
import sys, numpy as np, pandas as pd, xgboost as xgb
booster = xgb.Booster(model_file=sys.argv[1])
rows = pd.read_csv(sys.argv[2], header=None, dtype=np.float32).to_numpy()
scores = booster.inplace_predict(rows)
with open(sys.argv[3], "w") as sink:
    sink.write("\\n".join(map(repr, scores.tolist())) + "\\n")
"""


def main() -> None:
    """Runs the benchmark and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        make_inputs(home, arguments.rows, arguments.columns)
        engine = lifecycle.start_engine(home / "engine")
        try:
            figures = measure(engine, home, arguments.rounds)
        finally:
            lifecycle.reset_engine(home / "engine")
    report(figures, arguments)


def make_inputs(home: Path, rows: int, columns: int) -> None:
    """A model, its archive, and the rows as CSV: all, and a quarter of them."""
    draw = np.random.default_rng(7)
    table = draw.normal(size=(rows, columns)).astype(np.float32)
    label = (table[:, 0] * table[:, 1] + table[:, 2] + draw.normal(size=rows) > 0).astype(int)
    part = slice(0, min(rows, 50_000))
    booster = xgb.train(
        {"objective": "binary:logistic", "max_depth": 6}, xgb.DMatrix(table[part], label=label[part]), 100
    )
    booster.save_model(home / "xgboost-model.ubj")
    with tarfile.open(home / "model.tar.gz", "w:gz") as tar:
        data = bytes(booster.save_raw("ubj"))
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    with (home / "all.csv").open("w") as sink:
        for start in range(0, rows, 50_000):
            lines = [
                ",".join(f"{cell:.6g}" for cell in row) for row in table[start : start + 50_000].tolist()
            ]
            sink.write("\n".join(lines) + "\n")
            if start <= rows // 4 < start + 50_000:
                sink.flush()
                (home / "quarter.csv").write_bytes((home / "all.csv").read_bytes())


def measure(engine: Any, home: Path, rounds: int) -> dict[str, Any]:
    """Seconds of each round and the memory of the job."""
    options = {
        "endpoint_url": engine.url,
        "region_name": "us-east-1",
        "aws_access_key_id": engine.access_key,
        "aws_secret_access_key": engine.secret_key,
    }
    s3, sagemaker = boto3.client("s3", **options), boto3.client("sagemaker", **options)
    s3.create_bucket(Bucket="bench")
    s3.upload_file(str(home / "model.tar.gz"), "bench", "model.tar.gz")
    for name in ("all", "quarter"):
        s3.upload_file(str(home / f"{name}.csv"), "bench", f"{name}/{name}.csv")
    sagemaker.create_model(
        ModelName="bench",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://bench/model.tar.gz"},
    )
    run_job(sagemaker, "warm-up", "quarter")
    figures: dict[str, Any] = {"job": [], "direct": [], "memory_mb": {}}
    for name in ("quarter", "all"):
        with watch_memory() as peak:
            run_job(sagemaker, f"memory-{name}", name)
        figures["memory_mb"][name] = round(peak["bytes"] / 2**20)
    for number in range(rounds):
        figures["job"].append(run_job(sagemaker, f"round-{number}", "all"))
        figures["direct"].append(run_direct(home))
    s3.download_file("bench", f"out/round-{rounds - 1}/all.csv.out", str(home / "job.out"))
    ours = np.loadtxt(home / "job.out")
    theirs = np.loadtxt(home / "direct.out")
    figures["largest_difference"] = float(np.abs(ours - theirs).max())
    return figures


def run_job(sagemaker: Any, name: str, prefix: str) -> float:
    """Seconds from CreateTransformJob to the answer that it has ended (the call is held until then)."""
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://bench/{prefix}/"}}
    started = time.perf_counter()
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName="bench",
        TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        TransformOutput={
            "S3OutputPath": f"s3://bench/out/{name}",
            "AssembleWith": "Line",
            "Accept": "text/csv",
        },
        TransformResources={"InstanceType": INSTANCE, "InstanceCount": 1},
    )
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=name)
    seconds = time.perf_counter() - started
    described = sagemaker.describe_transform_job(TransformJobName=name)
    assert described["TransformJobStatus"] == "Completed", described
    return seconds


def run_direct(home: Path) -> float:
    """Seconds of the plain script."""
    started = time.perf_counter()
    paths = [str(home / name) for name in ("xgboost-model.ubj", "all.csv", "direct.out")]
    subprocess.run([sys.executable, "-c", DIRECT, *paths], check=True)
    return time.perf_counter() - started


@contextlib.contextmanager
def watch_memory() -> Any:
    """The peak of the unique memory of processes that start meanwhile below this one's engine."""
    before = {process.pid for process in psutil.process_iter()}
    peak = {"bytes": 0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            total = 0
            for process in psutil.process_iter():
                if process.pid in before:
                    continue
                with contextlib.suppress(psutil.Error):
                    if "python" in process.name():
                        total += process.memory_full_info().uss
            peak["bytes"] = max(peak["bytes"], total)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def report(figures: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Prints a markdown table and keeps the figures."""
    job, direct = statistics.median(figures["job"]), statistics.median(figures["direct"])
    load = os.getloadavg()[0]
    print(f"{arguments.rows:,} rows x {arguments.columns} columns, {os.cpu_count()} cores, load {load:.1f}\n")
    print("| | median s | rows/s |\n| --- | ---: | ---: |")
    print(f"| transform job, create to end | {job:.2f} | {arguments.rows / job:,.0f} |")
    print(f"| pandas + xgboost, one script | {direct:.2f} | {arguments.rows / direct:,.0f} |")
    memory = figures["memory_mb"]
    print(f"\nthroughput of the job / direct: {direct / job:.2f} (goal: at least 0.70)")
    print(f"memory of the job: {memory['quarter']} MB for a quarter of the rows, {memory['all']} MB for all")
    print(f"largest difference of a prediction: {figures['largest_difference']:.1e}")
    conditions = {
        "rows": arguments.rows,
        "columns": arguments.columns,
        "rounds": arguments.rounds,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": load,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    result = {"conditions": conditions, "ratio": direct / job, **figures}
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
