"""The main job: churn, 50 candidates, F1; time to the leaderboard and F1 on the held-out fifth, with peers if installed.

Run: `python benchmarks/bench_autopilot.py [--candidates 50] [--peers flaml autogluon] [--runs 1]`. The data come from
`$SMSTUDIO_BENCH_DATA` (default `../shared/data` beside the repository): `churn/churn.txt` and `churn/split.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from smstudio_ext.engine.server import lifecycle

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results" / "autopilot.json"
TARGET = "Churn?"
POSITIVE = "True."
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonSageMaker-ExecutionRole"
FINAL = ("Completed", "Failed", "Stopped")

Rows = list[list[str]]


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=50)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--name", default="bench-churn", help="job name; the seed follows from it")
    parser.add_argument("--peers", nargs="*", default=[], choices=["flaml", "autogluon"])
    parser.add_argument("--peer-seconds", type=int, default=60)
    arguments = parser.parse_args()
    header, train, test = load()
    results = []
    for run in range(arguments.runs):
        results.append(ours(header, train, test, arguments.candidates, f"{arguments.name}-{run}"))
        for peer in arguments.peers:
            results.append(PEERS[peer](header, train, test, arguments.peer_seconds))
    print(table(results))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"cores": os.cpu_count(), "results": results}, indent=1) + "\n")


def load() -> tuple[list[str], Rows, Rows]:
    """Header, training rows and test rows of the fixed split."""
    folder = Path(os.environ.get("SMSTUDIO_BENCH_DATA", ROOT.parent / "shared" / "data")) / "churn"
    with (folder / "churn.txt").open(newline="") as stream:
        header, *rows = list(csv.reader(stream))
    split = json.loads((folder / "split.json").read_text())
    return header, [rows[at] for at in split["train"]], [rows[at] for at in split["test"]]


def ours(header: list[str], train: Rows, test: Rows, count: int, name: str) -> dict[str, Any]:
    """One Autopilot job on a fresh engine, then the best candidate deployed and asked."""
    with engine() as info:
        client, s3 = connect(info, "sagemaker"), connect(info, "s3")
        s3.create_bucket(Bucket="bench")
        s3.put_object(Bucket="bench", Key="input/churn.csv", Body=as_csv([header, *train]))
        meter, begin = CpuMeter(info.pid), time.monotonic()
        create(client, name, count)
        job, stages, first = follow(client, name, begin, meter)
        seconds = time.monotonic() - begin
        used, cpu = meter.share, meter.seconds
        if job["AutoMLJobStatus"] != "Completed":
            raise SystemExit(f"the job ended as {job['AutoMLJobStatus']}: {job.get('FailureReason')}")
        listed = leaderboard(client, name)
        seconds_to_board = time.monotonic() - begin
        labels = predict(info, client, job["BestCandidate"], header, test)
        best = definition(client, listed[0]["CandidateName"])
    target = header.index(TARGET)
    return {
        "tool": "smstudio autopilot",
        "candidates": len(listed),
        "seconds": round(seconds_to_board, 1),
        "job_seconds": round(seconds, 1),
        "first_candidate_seconds": round(first, 1),
        "stages": stages,
        "cpu_share": round(used, 2),
        "cpu_seconds": round(cpu, 1),
        "validation_f1": round(listed[0]["FinalAutoMLJobObjectiveMetric"]["Value"], 4),
        "best": best,
        "test_f1": round(f1([row[target] for row in test], labels), 4),
    }


@contextlib.contextmanager
def engine() -> Iterator[lifecycle.EngineInfo]:
    """An engine on a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="smstudio-bench-") as folder:
        info = lifecycle.start_engine(Path(folder))
        try:
            yield info
        finally:
            lifecycle.reset_engine(Path(folder))


class CpuMeter:
    """CPU seconds of a process and everything below it, including processes that have ended.

    `sample` must be called often: what a process used after its last sample is not counted.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._begin = time.monotonic()
        self._seen: dict[tuple[int, float], float] = {}
        self.sample()
        self._before = sum(self._seen.values())

    def sample(self) -> None:
        """Reads the times of all processes."""
        for process in (self._root, *self._root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                self._seen[(process.pid, process.create_time())] = times.user + times.system

    @property
    def seconds(self) -> float:
        """CPU seconds since the start."""
        return sum(self._seen.values()) - self._before

    @property
    def share(self) -> float:
        """Part of all cores' time since the start."""
        return self.seconds / ((time.monotonic() - self._begin) * (os.cpu_count() or 1))


def connect(info: lifecycle.EngineInfo, service: str) -> Any:
    """A plain boto3 client."""
    import boto3

    return boto3.client(
        service,
        endpoint_url=info.url,
        region_name=info.region,
        aws_access_key_id=info.access_key,
        aws_secret_access_key=info.secret_key,
    )


def create(client: Any, name: str, count: int) -> None:
    """CreateAutoMLJob as the issue says: F1, so many candidates."""
    client.create_auto_ml_job(
        AutoMLJobName=name,
        InputDataConfig=[
            {
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/input/churn.csv"}
                },
                "TargetAttributeName": TARGET,
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://bench/output"},
        ProblemType="BinaryClassification",
        AutoMLJobObjective={"MetricName": "F1"},
        AutoMLJobConfig={"CompletionCriteria": {"MaxCandidates": count}},
        RoleArn=ROLE,
    )


def follow(
    client: Any, name: str, begin: float, meter: CpuMeter
) -> tuple[dict[str, Any], dict[str, float], float]:
    """Waits for the end; when each stage began and when the first candidate was there, in seconds."""
    stages: dict[str, float] = {}
    first = 0.0
    while True:
        job = client.describe_auto_ml_job(AutoMLJobName=name)
        now = time.monotonic() - begin
        stages.setdefault(job["AutoMLJobSecondaryStatus"], round(now, 1))
        if not first and "BestCandidate" in job:
            first = now
        if job["AutoMLJobStatus"] in FINAL:
            return job, stages, first
        meter.sample()
        time.sleep(0.2)


def leaderboard(client: Any, name: str) -> list[dict[str, Any]]:
    """All candidates, best first."""
    pages = client.get_paginator("list_candidates_for_auto_ml_job").paginate(
        AutoMLJobName=name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending"
    )
    return [one for page in pages for one in page["Candidates"]]


def definition(client: Any, candidate: str) -> str:
    """The pipeline of a candidate."""
    job = client.describe_training_job(TrainingJobName=candidate)
    return str(job["OutputDataConfig"]["S3OutputPath"].rsplit("/", 1)[1])


def predict(
    info: lifecycle.EngineInfo, client: Any, candidate: dict[str, Any], header: list[str], test: Rows
) -> list[str]:
    """Labels of the test rows from an endpoint of the candidate."""
    name = "bench-endpoint"
    client.create_model(ModelName=name, Containers=candidate["InferenceContainers"], ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "v",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    while (status := client.describe_endpoint(EndpointName=name)["EndpointStatus"]) == "Creating":
        time.sleep(0.1)
    if status != "InService":
        raise SystemExit(f"the endpoint is {status}")
    target = header.index(TARGET)
    runtime = connect(info, "sagemaker-runtime")
    labels: list[str] = []
    for start in range(0, len(test), 200):
        body = as_csv([row[:target] + row[target + 1 :] for row in test[start : start + 200]])
        answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)["Body"].read()
        labels += answer.decode().split()
    client.delete_endpoint(EndpointName=name)
    return labels


def flaml(header: list[str], train: Rows, test: Rows, seconds: int) -> dict[str, Any]:
    """FLAML for the same time on the same rows."""
    from flaml import AutoML

    x_train, y_train, x_test, y_test = frames(header, train, test)
    meter, begin = CpuMeter(os.getpid()), time.monotonic()
    automl = AutoML()
    automl.fit(x_train, y_train, task="classification", metric="f1", time_budget=seconds, n_jobs=2, verbose=0)
    meter.sample()
    return peer_result("flaml", time.monotonic() - begin, meter, y_test, list(automl.predict(x_test)))


def autogluon(header: list[str], train: Rows, test: Rows, seconds: int) -> dict[str, Any]:
    """AutoGluon (medium quality) for the same time on the same rows."""
    from autogluon.tabular import TabularPredictor

    x_train, y_train, x_test, y_test = frames(header, train, test)
    meter, begin = CpuMeter(os.getpid()), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor(label=TARGET, eval_metric="f1", path=folder, verbosity=0)
        predictor.fit(x_train.assign(**{TARGET: y_train}), time_limit=seconds, presets="medium_quality")
        taken = time.monotonic() - begin
        meter.sample()
        labels = list(predictor.predict(x_test))
    return peer_result("autogluon medium", taken, meter, y_test, labels)


PEERS: dict[str, Callable[[list[str], Rows, Rows, int], dict[str, Any]]] = {
    "flaml": flaml,
    "autogluon": autogluon,
}


def frames(header: list[str], train: Rows, test: Rows) -> tuple[Any, list[int], Any, list[int]]:
    """The rows as pandas frames and 0/1 targets, read as the peers' users do."""
    import pandas

    both = pandas.read_csv(io.BytesIO(as_csv([header, *train, *test])))
    target = [int(value == POSITIVE) for value in both.pop(TARGET)]
    return both[: len(train)], target[: len(train)], both[len(train) :], target[len(train) :]


def peer_result(
    tool: str, seconds: float, meter: CpuMeter, truth: list[int], labels: list[int]
) -> dict[str, Any]:
    """A row of the table for a peer."""
    return {
        "tool": tool,
        "seconds": round(seconds, 1),
        "cpu_share": round(meter.share, 2),
        "test_f1": round(f1([str(one) for one in truth], [str(int(one)) for one in labels], "1"), 4),
    }


def f1(truth: list[str], labels: list[str], positive: str = POSITIVE) -> float:
    """F1 of the positive class."""
    if len(truth) != len(labels):
        raise ValueError(f"{len(labels)} answers to {len(truth)} rows")
    hits = sum(one == two == positive for one, two in zip(truth, labels, strict=True))
    return 2 * hits / (truth.count(positive) + labels.count(positive))


def as_csv(rows: Rows) -> bytes:
    """Rows as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def table(results: list[dict[str, Any]]) -> str:
    """The results as a markdown table."""
    lines = [
        "| tool | seconds to leaderboard | first candidate | candidates | validation F1 | test F1 | CPU seconds | share of the cores |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in results:
        cells = (
            "seconds",
            "first_candidate_seconds",
            "candidates",
            "validation_f1",
            "test_f1",
            "cpu_seconds",
            "cpu_share",
        )
        lines.append("| " + " | ".join([one["tool"], *(str(one.get(cell, "-")) for cell in cells)]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
