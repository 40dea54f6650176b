"""100 tuning trials on churn, two at a time: what a trial costs beyond the algorithm, and the best score next to Optuna's own.

Ours: one CreateHyperParameterTuningJob (Bayesian, built-in XGBoost). The peer: a script in which Optuna (its default sampler)
drives xgboost directly, two trials at a time in two processes, over the same ranges, data, rounds, threads and number of trials.
Both once for each seed, in turn. The overhead of a trial is (slots x wall - sum of the programs' own times) / trials. Of ours
the program's own time is that of its process (from its start to its end: reading, training, saving the model); of the peer
that of `xgboost.train`.

    python benchmarks/bench_tuning.py [--trials 100] [--seeds 3]

The data come from `$SMSTUDIO_BENCH_DATA` (default `../shared/data` beside the repository): `churn/churn.txt`, `churn/split.json`.
"""

from __future__ import annotations

import argparse
import csv
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
import numpy as np
from botocore.config import Config

from smstudio_ext.engine.server import lifecycle

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results" / "tuning.json"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::000000000000:role/bench"
STATIC = {"objective": "binary:logistic", "eval_metric": "logloss", "num_round": "60"}
CONTINUOUS = {
    "eta": ("0.01", "0.5", "Logarithmic"),
    "min_child_weight": ("0.1", "20", "Logarithmic"),
    "subsample": ("0.5", "1", "Linear"),
    "colsample_bytree": ("0.5", "1", "Linear"),
    "gamma": ("0", "5", "Linear"),
}
INTEGER = {"max_depth": ("2", "10", "Linear")}
PARALLEL = 2
PEER = """
import json, multiprocessing, sys, time
import numpy as np, optuna, xgboost as xgb
folder, trials, seed, parallel = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
optuna.logging.set_verbosity(optuna.logging.WARNING)

def read(part):
    table = np.loadtxt(f"{folder}/{part}.csv", delimiter=",", dtype=np.float32)
    return xgb.DMatrix(table[:, 1:], label=table[:, 0], nthread=1)

def evaluate(params):
    train, validation = read("train"), read("validation")
    began = time.perf_counter()
    found = {}
    xgb.train({"objective": "binary:logistic", "eval_metric": "logloss", "nthread": 1, **params}, train, 60,
              evals=[(train, "train"), (validation, "validation")], evals_result=found, verbose_eval=False)
    return found["validation"]["logloss"][-1], time.perf_counter() - began

def ask(study):
    trial = study.ask()
    params = {
        "max_depth": trial.suggest_int("max_depth", 2, 10),
        "eta": trial.suggest_float("eta", 0.01, 0.5, log=True),
        "min_child_weight": trial.suggest_float("min_child_weight", 0.1, 20, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.5, 1),
        "gamma": trial.suggest_float("gamma", 0, 5),
    }
    return trial, params

if __name__ == "__main__":
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed))
    with multiprocessing.Pool(parallel) as pool:
        pool.map(int, range(parallel))
        began, running, made, own = time.perf_counter(), [], 0, []
        while made < trials or running:
            while made < trials and len(running) < parallel:
                trial, params = ask(study)
                running.append((trial, pool.apply_async(evaluate, (params,))))
                made += 1
            ready = [one for one in running if one[1].ready()]
            for one in ready:
                value, seconds = one[1].get()
                own.append(seconds)
                study.tell(one[0], value)
                running.remove(one)
            if not ready:
                time.sleep(0.001)
        print(json.dumps({"seconds": time.perf_counter() - began, "best": study.best_value, "own": own}))
"""


def main() -> None:
    """Runs the benchmark and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    runs: dict[str, list[dict[str, Any]]] = {"tuning job": [], "optuna + xgboost": []}
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        write_data(home)
        (home / "peer.py").write_text(PEER)
        engine = lifecycle.start_engine(home / "engine")
        try:
            clients = connect(engine, home)
            tune(clients, "warm-up", 4, 99)
            for seed in range(arguments.seeds):
                runs["tuning job"].append(tune(clients, f"churn-{seed}", arguments.trials, seed))
                runs["optuna + xgboost"].append(peer(home, arguments.trials, seed))
        finally:
            lifecycle.reset_engine(home / "engine")
    report(runs, arguments)


def write_data(home: Path) -> None:
    """Churn as numbers, target first; the training part of the fixed split, four fifths of it to train with."""
    folder = Path(os.environ.get("SMSTUDIO_BENCH_DATA", ROOT.parent / "shared" / "data")) / "churn"
    with (folder / "churn.txt").open(newline="") as stream:
        header, *rows = list(csv.reader(stream))
    chosen = json.loads((folder / "split.json").read_text())["train"]
    rows = [rows[at] for at in chosen]
    columns: list[list[float]] = [[float(row[-1] == "True.") for row in rows]]
    for at, name in enumerate(header[:-1]):
        cells = [row[at] for row in rows]
        if name == "Phone":
            continue
        try:
            columns.append([float(cell) for cell in cells])
        except ValueError:
            columns.extend([float(cell == value) for cell in cells] for value in sorted(set(cells)))
    table = np.array(columns).T
    order = np.random.default_rng(0).permutation(len(table))
    cut = len(table) * 4 // 5
    np.savetxt(home / "train.csv", table[order[:cut]], delimiter=",", fmt="%g")
    np.savetxt(home / "validation.csv", table[order[cut:]], delimiter=",", fmt="%g")


def connect(engine: Any, home: Path) -> tuple[Any, Any]:
    """SageMaker and S3 clients; the data are in S3 afterwards."""
    options = {
        "endpoint_url": engine.url,
        "region_name": "us-east-1",
        "aws_access_key_id": engine.access_key,
        "aws_secret_access_key": engine.secret_key,
    }
    # Describe calls of this user agent are held until the job has ended, as those of the SDK are
    held = Config(user_agent_extra="AWS-SageMaker-Python-SDK/2.257.7", read_timeout=120)
    sagemaker, s3 = boto3.client("sagemaker", config=held, **options), boto3.client("s3", **options)
    s3.create_bucket(Bucket="bench")
    for part in ("train", "validation"):
        s3.upload_file(str(home / f"{part}.csv"), "bench", f"{part}/{part}.csv")
    return sagemaker, s3


def tune(clients: tuple[Any, Any], name: str, trials: int, seed: int) -> dict[str, Any]:
    """One tuning job, from its creation to the answer that it has ended."""
    sagemaker, _ = clients
    channels = [
        {
            "ChannelName": part,
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://bench/{part}/"}},
        }
        for part in ("train", "validation")
    ]
    started = time.perf_counter()
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": PARALLEL},
            "RandomSeed": seed,
            "ParameterRanges": {
                "ContinuousParameterRanges": [range_of(key, *ends) for key, ends in CONTINUOUS.items()],
                "IntegerParameterRanges": [range_of(key, *ends) for key, ends in INTEGER.items()],
            },
        },
        TrainingJobDefinition={
            "StaticHyperParameters": STATIC,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": "s3://bench/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    )
    while True:
        described = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        if described["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"):
            break
    seconds = time.perf_counter() - started
    assert described["HyperParameterTuningJobStatus"] == "Completed", described
    assert described["TrainingJobStatusCounters"]["Completed"] == trials, described
    best = described["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    listed = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, MaxResults=100
    )
    own = [program_seconds(sagemaker, job["TrainingJobName"]) for job in listed["TrainingJobSummaries"]]
    return {"seconds": seconds, "best": best, "own": own}


def program_seconds(sagemaker: Any, name: str) -> float:
    """How long the process of a training job ran."""
    described = sagemaker.describe_training_job(TrainingJobName=name)
    (uploading,) = [
        entry for entry in described["SecondaryStatusTransitions"] if entry["Status"] == "Uploading"
    ]
    return float((uploading["StartTime"] - described["TrainingStartTime"]).total_seconds())


def range_of(name: str, low: str, high: str, scaling: str) -> dict[str, str]:
    """A range as the request takes it."""
    return {"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": scaling}


def peer(home: Path, trials: int, seed: int) -> dict[str, Any]:
    """Optuna driving xgboost; its own start and imports are not counted."""
    command = [sys.executable, str(home / "peer.py"), str(home), str(trials), str(seed), str(PARALLEL)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(runs: dict[str, list[dict[str, Any]]], arguments: argparse.Namespace) -> None:
    """Prints a markdown table and keeps the figures."""
    load = os.getloadavg()[0]
    print(
        f"{arguments.trials} trials on churn, {PARALLEL} at a time, {os.cpu_count()} cores, load {load:.1f}\n"
    )
    print("| | seed | wall s | s a trial | program s a trial | overhead ms a trial | best logloss |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, found in runs.items():
        for seed, run in enumerate(found):
            own = statistics.fmean(run["own"])
            slot = PARALLEL * run["seconds"] / arguments.trials
            run.update(overhead_ms=1000 * (slot - own), program_s=own)
            del run["own"]
            print(
                f"| {name} | {seed} | {run['seconds']:.2f} | {slot:.3f} | {own:.3f} | {run['overhead_ms']:.0f} | {run['best']:.5f} |"
            )
    ours, theirs = runs["tuning job"], runs["optuna + xgboost"]
    mean_ours, mean_theirs = (statistics.fmean(run["best"] for run in part) for part in (ours, theirs))
    overhead = statistics.median(run["overhead_ms"] for run in ours)
    print(f"\noverhead of a trial: {overhead:.0f} ms (goal: at most 60)")
    print(
        f"mean of the best values: {mean_ours:.5f}, Optuna directly {mean_theirs:.5f} (goal: no worse; less is better)"
    )
    conditions = {
        "trials": arguments.trials,
        "parallel": PARALLEL,
        "seeds": arguments.seeds,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": load,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps({"conditions": conditions, "overhead_ms": overhead, "runs": runs}, indent=2) + "\n"
    )


if __name__ == "__main__":
    main()
