"""A built-in XGBoost training job, from Create to Completed, next to a plain script that calls xgboost on the same file.

Both read the same CSV files with the same number of threads and the same parameters, score both data sets each round, and write
a model. The script is what a person writes: pandas, DMatrix, xgboost.train. Rounds are taken in turn. Peak memory is the
kernel's VmHWM of the process that trains (the script's, and the job's in the engine).

Jobs run with OMP_WAIT_POLICY=PASSIVE, as waiting threads that spin slow everything down where other programs run too. So that
this does not decide the comparison on a busy machine, the script runs both ways, and the faster way counts.

Data: `bank_clean` (`$SMSTUDIO_BENCH_DATA`, default `../shared/data` beside the repository; left out when it is missing), and
1,000,000 rows x 30 columns made here.

    python benchmarks/bench_xgboost_job.py [--rounds 3] [--rows 1000000]
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import psutil

from smstudio_ext.engine.server import lifecycle

ROOT = Path(__file__).resolve().parent.parent
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
RESULTS = Path(__file__).parent / "results" / "xgboost_job.json"
PARAMETERS = {
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
    "subsample": 0.8,
    "objective": "binary:logistic",
    "seed": 1,
}
SCRIPT = """
import json, sys
import pandas as pd
import xgboost as xgb
train, validation, model, settings = sys.argv[1:5]
settings = json.loads(settings)
matrices = []
for path in (train, validation):
    frame = pd.read_csv(path, header=None)
    matrices.append(xgb.DMatrix(frame.iloc[:, 1:], label=frame[0], nthread=settings["params"]["nthread"]))
booster = xgb.train(settings["params"], matrices[0], settings["rounds"],
                    evals=[(matrices[0], "train"), (matrices[1], "validation")])
booster.save_model(model)
print("peak", next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def main() -> None:
    """Runs the benchmark and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        data_sets = make_data(work, arguments.rows)
        engine = lifecycle.start_engine(work / "engine")
        try:
            for name, (train, validation, boosting_rounds) in data_sets.items():
                results[name] = compare(
                    engine, work, name, train, validation, boosting_rounds, arguments.rounds
                )
        finally:
            lifecycle.reset_engine(work / "engine")
    report(results, arguments.rounds)


def make_data(work: Path, rows: int) -> dict[str, tuple[Path, Path, int]]:
    """Training file, validation file and boosting rounds by data set."""
    made: dict[str, tuple[Path, Path, int]] = {}
    folder = Path(os.environ.get("SMSTUDIO_BENCH_DATA", ROOT.parent / "shared" / "data")) / "bank_clean"
    if folder.is_dir():
        frame = pd.read_csv(folder / "bank_clean.csv").drop(columns=["y_no"], errors="ignore").astype(float)
        frame = frame[["y_yes", *[column for column in frame.columns if column != "y_yes"]]]
        cut = int(len(frame) * 0.7)
        made["bank"] = (*write_parts(work, "bank", frame.sample(frac=1, random_state=1729), cut), 100)
    rng = np.random.default_rng(0)
    values = rng.random((rows, 30), dtype=np.float32).round(6)
    label = (values[:, 0] + values[:, 1] * values[:, 2] + rng.normal(0, 0.2, rows) > 0.8).astype(int)
    frame = pd.DataFrame(values)
    frame.insert(0, "y", label)
    made[f"{rows:,} x 30"] = (*write_parts(work, "synthetic", frame, int(rows * 0.9)), 50)
    return made


def write_parts(work: Path, name: str, frame: pd.DataFrame, cut: int) -> tuple[Path, Path]:
    """Writes two CSV files without header."""
    paths = (work / f"{name}-train.csv", work / f"{name}-validation.csv")
    for path, part in zip(paths, (frame[:cut], frame[cut:]), strict=True):
        part.to_csv(path, header=False, index=False)
    return paths


def compare(
    engine: Any, work: Path, name: str, train: Path, validation: Path, boosting_rounds: int, rounds: int
) -> dict[str, Any]:
    """Seconds and peak MB of job and script, in turn."""
    client = Client(engine, work / "engine")
    client.upload({"train": train, "validation": validation})
    threads = os.cpu_count() or 1
    hyperparameters = PARAMETERS | {"num_round": boosting_rounds, "nthread": threads}
    found: dict[str, list[float]] = {
        "job_s": [],
        "script_s": [],
        "passive_s": [],
        "job_mb": [],
        "script_mb": [],
    }
    client.run_job(f"warm-{train.stem}", hyperparameters | {"num_round": 1})
    for number in range(rounds):
        seconds, peak = client.run_job(f"{train.stem}-{number}", hyperparameters)
        found["job_s"].append(seconds)
        found["job_mb"].append(peak)
        settings = {"params": PARAMETERS | {"nthread": threads}, "rounds": boosting_rounds}
        for kind, environment in (("script_s", {}), ("passive_s", {"OMP_WAIT_POLICY": "PASSIVE"})):
            seconds, peak = run_script(work, train, validation, settings, environment)
            found[kind].append(seconds)
        found["script_mb"].append(peak)
        print(
            f"{name}, round {number + 1}: { ({k: round(v[-1], 2) for k, v in found.items()}) }",
            file=sys.stderr,
        )
    return {key: statistics.median(values) for key, values in found.items()} | {
        "fastest_job_s": min(found["job_s"]),
        "fastest_script_s": min(found["script_s"] + found["passive_s"]),
    }


def run_script(
    work: Path, train: Path, validation: Path, settings: dict[str, Any], environment: dict[str, str]
) -> tuple[float, float]:
    """Seconds and peak MB of the script."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, train, validation, work / "model.ubj", json.dumps(settings)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    return time.perf_counter() - started, int(done.stdout.split()[-1]) / 1024


class Client:
    """Runs jobs on the engine by boto3 and watches their memory."""

    def __init__(self, engine: Any, data: Path) -> None:
        options = {
            "endpoint_url": engine.url,
            "region_name": "us-east-1",
            "aws_access_key_id": engine.access_key,
            "aws_secret_access_key": engine.secret_key,
        }
        self._s3, self._sagemaker = boto3.client("s3", **options), boto3.client("sagemaker", **options)
        self._data = data

    def upload(self, files: dict[str, Path]) -> None:
        """Puts one file a channel into S3."""
        self._s3.create_bucket(Bucket="bench")
        for channel, path in files.items():
            self._s3.upload_file(str(path), "bench", f"{channel}/data.csv")

    def run_job(self, name: str, hyperparameters: dict[str, Any]) -> tuple[float, float]:
        """Wall seconds from Create to Completed, and peak MB of the process that trains."""
        peak = Peak(self._data)
        started = time.perf_counter()
        self._sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            RoleArn="arn:aws:iam::000000000000:role/bench",
            HyperParameters={key: str(value) for key, value in hyperparameters.items()},
            InputDataConfig=[
                {
                    "ChannelName": channel,
                    "ContentType": "text/csv",
                    "DataSource": {
                        "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://bench/{channel}/"}
                    },
                }
                for channel in ("train", "validation")
            ],
            OutputDataConfig={"S3OutputPath": "s3://bench/out"},
            ResourceConfig={"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
        )
        self._sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
        seconds = time.perf_counter() - started
        description = self._sagemaker.describe_training_job(TrainingJobName=name)
        assert description["TrainingJobStatus"] == "Completed", description.get("FailureReason")
        return seconds, peak.stop()


class Peak:
    """The largest VmHWM among the processes of the engine's jobs from now on."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._largest = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Ends watching; megabytes."""
        self._ended.set()
        self._thread.join()
        return self._largest / 1024

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            for path in glob.glob(f"{self._data}/jobs/*/*/*/**/process.json", recursive=True):
                try:
                    supervisor = psutil.Process(json.loads(Path(path).read_text())["pid"])
                    for process in [supervisor, *supervisor.children(recursive=True)]:
                        status = Path(f"/proc/{process.pid}/status").read_text()
                        self._largest = max(self._largest, int(status.split("VmHWM:")[1].split()[0]))
                except (OSError, ValueError, KeyError, IndexError, psutil.Error):
                    continue  # the job has just ended


def report(results: dict[str, Any], rounds: int) -> None:
    """Prints a markdown table and keeps the figures."""
    load = os.getloadavg()[0]
    print(
        f"Built-in XGBoost job and plain script, median of {rounds}, {os.cpu_count()} cores, load {load:.1f}\n"
    )
    print(
        "| data | job s | script s | script, passive s | allowed s | fastest job | fastest script | job MB | script MB | memory ratio |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, found in results.items():
        found["allowed_s"] = 1.15 * min(found["script_s"], found["passive_s"]) + 0.5
        found["memory_ratio"] = found["job_mb"] / found["script_mb"]
        print(
            f"| {name} | {found['job_s']:.2f} | {found['script_s']:.2f} | {found['passive_s']:.2f} | {found['allowed_s']:.2f} "
            f"| {found['fastest_job_s']:.2f} | {found['fastest_script_s']:.2f} | {found['job_mb']:.0f} "
            f"| {found['script_mb']:.0f} | {found['memory_ratio']:.2f} |"
        )
    print("\ngoals: job <= 1.15 x script + 0.5 s; memory <= 1.3 x")
    RESULTS.parent.mkdir(exist_ok=True)
    conditions = {
        "rounds": rounds,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": load,
    }
    RESULTS.write_text(json.dumps({"conditions": conditions, "figures": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
