"""Seed 002's way through Autopilot: a pilot, then the candidate definition notebook as the seed edits it, step by step.

Runs the pilot on the churn data, keeps the first xgboost and the first linear-learner candidate, sets max_jobs=8 and
max_parallel_jobs=4, and executes the notebook in a kernel with the SageMaker SDK 2. AWS's users needed 5 to 10 minutes for
the pilot, 5 to 6 for the transform step, 7 to 8 for the tuning and 5 to 10 for the endpoint (seed 002).

    python benchmarks/bench_candidate_notebook.py [--unmodified]

The data come from `$SMSTUDIO_BENCH_DATA` (default `../shared/data` beside the repository): `churn/churn.txt`; without it
the churn sample of this package is used.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import nbformat
from nbclient import NotebookClient

from smstudio_ext.engine.server import lifecycle
from smstudio_ext.studio.samples import sample_csv

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results" / "candidate_notebook.json"
ROLE = "arn:aws:iam::000000000000:role/bench"
BUCKET = "sagemaker-studio-gildong"
JOB = "autopilot-hol-gildong"
STEPS = {
    "transform step (2 candidates)": ("fit_data_transformers(", 15.0),
    "tuning (8 jobs)": ("tuner.fit(", 20.0),
    "endpoint": ("pipeline_model.deploy(", 3.0),
}
"""Name -> words of its cell, and the time it should keep to."""
PILOT_BAR = 8.0


class TimedClient(NotebookClient):
    """Notes how long each code cell takes."""

    async def async_execute_cell(self, cell: Any, cell_index: int, **options: Any) -> Any:
        began = time.perf_counter()
        done = await super().async_execute_cell(cell, cell_index, **options)
        cell.metadata["seconds"] = round(time.perf_counter() - began, 3)
        return done


def churn() -> bytes:
    """The seed's data set."""
    folder = Path(os.environ.get("SMSTUDIO_BENCH_DATA") or ROOT.parent / "shared/data")
    file = folder / "churn/churn.txt"
    return file.read_bytes() if file.exists() else sample_csv("churn")


def run_pilot(client: Any) -> tuple[float, str]:
    """Seconds from the request to the notebooks, and the candidate notebook's place."""
    began = time.perf_counter()
    client.create_auto_ml_job(
        AutoMLJobName=JOB,
        InputDataConfig=[
            {
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/train.csv"}
                },
                "TargetAttributeName": "Churn?",
            }
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ProblemType="BinaryClassification",
        AutoMLJobObjective={"MetricName": "F1"},
        GenerateCandidateDefinitionsOnly=True,
        RoleArn=ROLE,
    )
    while True:
        job = client.describe_auto_ml_job(AutoMLJobName=JOB)
        if job["AutoMLJobStatus"] != "InProgress":
            break
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    return seconds, job["AutoMLJobArtifacts"]["CandidateDefinitionNotebookLocation"]


def edited(notebook: Any) -> Any:
    """The notebook as seed 002 has it edited."""
    kept: set[str] = set()
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and "select_candidate({" in cell.source:
            algorithm = re.findall(r"'name': '([\w-]+)'", cell.source)[-1]
            if algorithm not in ("xgboost", "linear-learner") or algorithm in kept:
                continue
            kept.add(algorithm)
        cell.source = cell.source.replace("max_jobs=250", "max_jobs=8")
        cell.source = cell.source.replace("max_parallel_jobs=2", "max_parallel_jobs=4")
        cells.append(cell)
    notebook.cells = cells
    return notebook


def measure(unmodified: bool) -> dict[str, float]:
    """Seconds of each step."""
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "engine"
        engine = lifecycle.start_engine(data)
        try:
            os.environ.update(lifecycle.engine_environment(engine))
            s3 = boto3.client("s3")
            s3.create_bucket(Bucket=BUCKET)
            s3.put_object(Bucket=BUCKET, Key="in/train.csv", Body=churn())
            pilot, place = run_pilot(boto3.client("sagemaker"))
            body = s3.get_object(Bucket=BUCKET, Key=place.removeprefix(f"s3://{BUCKET}/"))["Body"].read()
            notebook = nbformat.reads(body.decode(), 4)
            notebook = notebook if unmodified else edited(notebook)
            began = time.perf_counter()
            resources = {"metadata": {"path": scratch}}
            TimedClient(notebook, kernel_name="python3", resources=resources, timeout=3600).execute()
            found = {"pilot": round(pilot, 2)}
            for name, (words, _) in STEPS.items():
                cell = next(one for one in notebook.cells if one.cell_type == "code" and words in one.source)
                found[name] = cell.metadata["seconds"]
            found["whole notebook"] = round(time.perf_counter() - began, 2)
            return found
        finally:
            lifecycle.reset_engine(data)


def main() -> None:
    """Measures, prints a table, writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unmodified", action="store_true", help="all candidates and 250 jobs")
    unmodified = parser.parse_args().unmodified
    found = measure(unmodified)
    bars = {"pilot": PILOT_BAR, **{name: bar for name, (_, bar) in STEPS.items()}}
    print("| step | s | bar | load average |\n| --- | --- | --- | --- |")
    load = os.getloadavg()[0]
    for name, seconds in found.items():
        bar = "" if unmodified and name != "pilot" else bars.get(name, "")
        print(f"| {name} | {seconds:.2f} | {bar} | {load:.1f} |")
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    stored["unmodified" if unmodified else "as seed 002 edits it"] = {
        "seconds": found,
        "load_average": round(load, 1),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }
    RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
