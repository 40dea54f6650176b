"""Pages on AWS behind a slow network: 1,000 jobs of each kind, every call delayed, time to the first rows of each list.

Run: `python benchmarks/bench_aws_pages.py [--jobs 1000] [--latency 0.2] [--rounds 7]`. A real Jupyter server asks moto's server as
its AWS account; each answer of moto comes `--latency` seconds later than it would. Timed is the route that gives a page its first
rows, as the browser asks it, when the server has asked once before (as after the panel was opened). Beside it stand the calls
that were made and the same question asked of moto directly by boto3: what no page can be quicker than.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
RESULTS = Path(__file__).resolve().parent / "results" / "aws-pages.json"

PAGES: dict[str, tuple[str, str, dict[str, Any], Callable[[Any], Any]]] = {
    "Autopilot experiments": ("GET", "automl-jobs", {}, lambda sm: sm.list_auto_ml_jobs(MaxResults=50)),
    "Training jobs": ("GET", "training-jobs", {}, lambda sm: sm.list_training_jobs(MaxResults=50)),
    "Training jobs, searched": (
        "GET",
        "training-jobs",
        {"search": "bench-0700"},
        lambda sm: sm.list_training_jobs(MaxResults=50, NameContains="bench-0700"),
    ),
    "Batch transform jobs": ("GET", "transform-jobs", {}, lambda sm: sm.list_transform_jobs(MaxResults=50)),
    "Tuning jobs": ("GET", "tuning-jobs", {}, lambda sm: sm.list_hyper_parameter_tuning_jobs(MaxResults=50)),
    "Models": ("GET", "models", {}, lambda sm: sm.list_models(MaxResults=50)),
    "Endpoints": ("GET", "endpoints", {}, lambda sm: sm.list_endpoints(MaxResults=50)),
    "A training job": (
        "GET",
        "training-jobs/bench-0000",
        {},
        lambda sm: sm.describe_training_job(TrainingJobName="bench-0000"),
    ),
}


def fill(place: Any, count: int) -> None:
    """Makes jobs and models at moto."""
    client = place.client("sagemaker")
    client.create_model(ModelName="bench", ExecutionRoleArn=place.role, PrimaryContainer={"Image": "image"})
    variant = {"VariantName": "a", "ModelName": "bench", "InstanceType": "ml.m5.large"}
    client.create_endpoint_config(
        EndpointConfigName="bench", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    data = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}}
    for number in range(count):
        name = f"bench-{number:04d}"
        client.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            RoleArn=place.role,
            OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )
        client.create_model(ModelName=name, ExecutionRoleArn=place.role, PrimaryContainer={"Image": "image"})
        client.create_transform_job(
            TransformJobName=name,
            ModelName=name,
            TransformInput={
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}
            },
            TransformOutput={"S3OutputPath": "s3://bucket/out"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        client.create_endpoint(EndpointName=name, EndpointConfigName="bench")
        client.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
            },
        )
        client.create_auto_ml_job_v2(
            AutoMLJobName=name,
            AutoMLJobInputDataConfig=[{"ChannelType": "training", **data}],
            OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
            AutoMLProblemTypeConfig={
                "TabularJobConfig": {
                    "TargetAttributeName": "y",
                    "ProblemType": "Regression",
                    "CompletionCriteria": {"MaxCandidates": 1},
                }
            },
            AutoMLJobObjective={"MetricName": "MSE"},
            RoleArn=place.role,
        )


def timed(work: Callable[[], Any], rounds: int) -> float:
    """Median milliseconds."""
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        found.append((time.perf_counter() - begin) * 1000)
    return statistics.median(found)


def measure(place: Any, rounds: int, latency: float) -> list[dict[str, Any]]:
    """One row a page."""
    rows = []
    client = place.client("sagemaker")

    def slow() -> None:
        time.sleep(latency)

    for name, (method, path, query, directly) in PAGES.items():

        def page() -> Any:
            answer = place.request(method, path, query=query)  # noqa: B023 - used at once
            answer.raise_for_status()
            return answer

        page()
        with place.gate.answering(lambda request: None, delay=slow):
            with place.gate.counting() as calls:
                shown = page().json()
            milliseconds = timed(page, rounds)
            alone = timed(lambda: directly(client), rounds)  # noqa: B023
        rows.append(
            {
                "page": name,
                "rows": len(shown.get("items", [])),
                "calls": len(calls),
                "first_rows_ms": round(milliseconds),
                "boto3_ms": round(alone),
                "over_boto3_ms": round(milliseconds - alone),
            }
        )
    return rows


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds by which each call is delayed")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    from tests.contract.routes.gate import Gate
    from tests.contract.routes.place import AWS_CONFIG, AWS_ROLE, Place
    from tests.contract.routes.stand_ins import stand_ins
    from tests.server.conftest import JupyterServer

    gate = Gate(stand_ins())
    with tempfile.TemporaryDirectory(prefix="smstudio-bench-") as folder:
        settings = {"target": "aws", "aws_profile": "moto", "role_arn": AWS_ROLE}
        server = JupyterServer(Path(folder) / "jupyter", settings, AWS_CONFIG.format(url=gate.url))
        try:
            place = Place("aws", server, gate)
            fill(place, options.jobs)
            rows = measure(place, options.rounds, options.latency)
        finally:
            server.close()
            gate.close()
    print(
        f"| page ({options.jobs} jobs, {options.latency * 1000:.0f} ms a call) | calls | first rows, ms | boto3 alone, ms |"
    )
    print("| --- | ---: | ---: | ---: |")
    for row in rows:
        print(
            f"| {row['page']} ({row['rows']} rows) | {row['calls']} | {row['first_rows_ms']} | {row['boto3_ms']} |"
        )
    result = {
        "jobs": options.jobs,
        "latency_seconds": options.latency,
        "rounds": options.rounds,
        "pages": rows,
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": sys.version.split()[0],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
