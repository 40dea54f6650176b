"""A training job with next to nothing to do, from Create to Completed, next to a cold process that does the same.

The job is one round of XGBoost on 20 rows: real data from S3, a real process, a real model.tar.gz. What is left is what
the engine costs. The peer is what a job runner without a warm fork server pays at least: `python -c` that imports
xgboost and trains the same round. Rounds are taken in turn.

    python benchmarks/bench_noop_job.py [--rounds 15]
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

import boto3

from smstudio_ext.engine.server import lifecycle

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
RESULTS = Path(__file__).parent / "results" / "noop_job.json"
ROWS = "".join(f"{number % 2},{number},{number * 7 % 5}\n" for number in range(20))
COLD = """
import sys, numpy as np, xgboost as xgb
table = np.loadtxt(sys.argv[1], delimiter=",")
booster = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(table[:, 1:], label=table[:, 0]), 1)
booster.save_model(sys.argv[1] + ".ubj")
"""


def main() -> None:
    """Runs the benchmark and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory) / "engine"
        engine = lifecycle.start_engine(data)
        try:
            figures = measure(engine, Path(directory), rounds)
        finally:
            lifecycle.reset_engine(data)
    report(figures, rounds)


def measure(engine: Any, directory: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of each round by what was measured."""
    options = {
        "endpoint_url": engine.url,
        "region_name": "us-east-1",
        "aws_access_key_id": engine.access_key,
        "aws_secret_access_key": engine.secret_key,
    }
    s3, sagemaker = boto3.client("s3", **options), boto3.client("sagemaker", **options)
    s3.create_bucket(Bucket="bench")
    s3.put_object(Bucket="bench", Key="train/rows.csv", Body=ROWS.encode())
    table = directory / "rows.csv"
    table.write_text(ROWS)
    run_job(sagemaker, "warm-up")  # the fork server has loaded its libraries when this one ends
    figures: dict[str, list[float]] = {"seen by the client": [], "in the engine": [], "cold process": []}
    for number in range(rounds):
        started = time.perf_counter()
        description = run_job(sagemaker, f"noop-{number}")
        figures["seen by the client"].append(time.perf_counter() - started)
        life = description["TrainingEndTime"] - description["CreationTime"]
        figures["in the engine"].append(life.total_seconds())
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", COLD, str(table)], check=True)
        figures["cold process"].append(time.perf_counter() - started)
    return figures


def run_job(sagemaker: Any, name: str) -> dict[str, Any]:
    """Creates a job and waits for its end with botocore's own waiter."""
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/train/"}
    sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn="arn:aws:iam::000000000000:role/bench",
        HyperParameters={"objective": "binary:logistic", "num_round": "1"},
        InputDataConfig=[
            {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
        ],
        OutputDataConfig={"S3OutputPath": "s3://bench/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    description: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
    assert description["TrainingJobStatus"] == "Completed", description
    return description


def report(figures: dict[str, list[float]], rounds: int) -> None:
    """Prints a markdown table and keeps the figures."""
    print(f"No-op training job, {rounds} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| Create to Completed | median s | min s | max s |\n| --- | ---: | ---: | ---: |")
    summary: dict[str, Any] = {}
    for name, seconds in figures.items():
        low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
        summary[name] = {"median_s": middle, "min_s": low, "max_s": high}
        print(f"| {name} | {middle:.3f} | {low:.3f} | {high:.3f} |")
    ratio = summary["in the engine"]["median_s"] / summary["cold process"]["median_s"]
    print(f"\nengine / cold process: {ratio:.2f}; goal: at most 0.5 s")
    RESULTS.parent.mkdir(exist_ok=True)
    conditions = {
        "rounds": rounds,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    RESULTS.write_text(
        json.dumps({"conditions": conditions, "figures": summary, "ratio": ratio}, indent=2) + "\n"
    )


if __name__ == "__main__":
    main()
