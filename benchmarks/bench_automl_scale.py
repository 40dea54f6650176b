"""Autopilot on a table of a million rows and thirty columns: time, peak memory and score, with one core and with two.

Run: `python benchmarks/bench_automl_scale.py [--rows 1000000] [--budget 600] [--cores 2 1] [--mode AUTO] [--candidates 10]`. What a second core
saves shows without a limit, on the same work: `--rows 200000 --budget 0 --candidates 6`; that adds to the results file with `--append`. The table is made here: 24 numbers
and 6 categories, of which a few decide about the target with noise, so that the best possible AUC is known.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import bench_automl_peers
import bench_autopilot
import numpy as np

RESULTS = Path(__file__).resolve().parent / "results" / "automl_scale.json"
CHUNK = 100_000


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--budget", type=int, default=600)
    parser.add_argument("--cores", nargs="+", type=int, default=[2, 1])
    parser.add_argument("--mode", default="AUTO")
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--append", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    everything = os.sched_getaffinity(0)
    results = (
        json.loads(given.results.read_text())["results"] if given.append and given.results.is_file() else []
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        ceiling = write_table(file, given.rows)
        for cores in given.cores:
            # The engine and its jobs inherit the cores that this process may use.
            os.sched_setaffinity(0, sorted(everything)[:cores])
            found = run(file, given.budget, given.mode, given.candidates)
            results.append(
                {
                    "rows": given.rows,
                    "cores": cores,
                    "budget": given.budget,
                    "candidates": given.candidates,
                    "load": round(os.getloadavg()[0], 1),
                    "best_possible_auc": ceiling,
                    **found,
                }
            )
            os.sched_setaffinity(0, everything)
            print(json.dumps(results[-1]), flush=True)
    given.results.parent.mkdir(exist_ok=True)
    given.results.write_text(json.dumps({"results": results}, indent=1) + "\n")
    print(table(results))


def write_table(file: Path, rows: int) -> float:
    """Writes the table; returns the AUC of the true probabilities."""
    draw = np.random.default_rng(0)
    truth, chance = [], []
    with file.open("w") as stream:
        names = [f"n{at}" for at in range(24)] + [f"c{at}" for at in range(6)] + ["y"]
        stream.write(",".join(names) + "\n")
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            x = draw.normal(size=(count, 24)).round(4)
            codes = draw.integers(0, 12, size=(count, 6))
            score = x[:, 0] * x[:, 1] + np.sin(x[:, 2]) + 0.5 * x[:, 3] + (codes[:, 0] > 6) - 0.5
            probability = 1 / (1 + np.exp(-2 * score))
            yes = draw.random(count) < probability
            truth.append(yes)
            chance.append(probability)
            cells = [x[:, at].astype(str) for at in range(24)]
            cells += [np.char.add("v", codes[:, at].astype(str)) for at in range(6)]
            cells.append(np.where(yes, "yes", "no"))
            stream.writelines(",".join(row) + "\n" for row in zip(*cells, strict=True))
    return bench_automl_peers.auc(np.concatenate(truth).astype(int), np.concatenate(chance))


def run(file: Path, budget: int, mode: str, candidates: int) -> dict[str, Any]:
    """One job on a fresh engine; budget 0 is no limit."""
    with bench_autopilot.engine() as info:
        client, s3 = bench_autopilot.connect(info, "sagemaker"), bench_autopilot.connect(info, "s3")
        s3.create_bucket(Bucket="bench")
        s3.upload_file(str(file), "bench", "input/table.csv")
        memory = bench_automl_peers.Meter(info.pid)
        meter, begin = bench_autopilot.CpuMeter(info.pid), time.monotonic()
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/input/table.csv"}}
        client.create_auto_ml_job(
            AutoMLJobName="scale",
            InputDataConfig=[{"DataSource": source, "TargetAttributeName": "y"}],
            OutputDataConfig={"S3OutputPath": "s3://bench/output"},
            ProblemType="BinaryClassification",
            AutoMLJobObjective={"MetricName": "AUC"},
            AutoMLJobConfig={
                "Mode": mode,
                "CompletionCriteria": {
                    "MaxCandidates": candidates,
                    **({"MaxAutoMLJobRuntimeInSeconds": budget} if budget else {}),
                },
            },
            RoleArn=bench_autopilot.ROLE,
        )
        job, stages, first = bench_autopilot.follow(client, "scale", begin, meter)
        best = job.get("BestCandidate") or {}
        listed = bench_autopilot.leaderboard(client, "scale")
        return {
            "status": job["AutoMLJobStatus"],
            "reason": job.get("FailureReason", ""),
            "seconds": round(time.monotonic() - begin, 1),
            "first_model_seconds": round(first, 1),
            "models": sum("FinalAutoMLJobObjectiveMetric" in one for one in listed),
            "auc": round((best.get("FinalAutoMLJobObjectiveMetric") or {}).get("Value", 0.0), 4),
            "peak_mb": round(memory.stop() / 2**20),
            "cpu_seconds": round(meter.seconds, 1),
            "stages": stages,
        }


def table(results: list[dict[str, Any]]) -> str:
    """The results as a markdown table."""
    members = "rows cores budget candidates status seconds first_model_seconds models auc best_possible_auc peak_mb cpu_seconds".split()
    lines = [
        "| " + " | ".join(name.replace("_", " ") for name in members) + " |",
        "| --- |" + " --- |" * (len(members) - 1),
    ]
    lines += ["| " + " | ".join(str(one.get(name, "")) for name in members) + " |" for one in results]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
