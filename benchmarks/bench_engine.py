"""The engine's front door: start, memory, DescribeTrainingJob next to moto_server, ListTrainingJobs among 10,000.

Run: `python benchmarks/bench_engine.py [--calls 400] [--jobs 10000] [--starts 5]`. Both servers get the same signed requests over one kept-alive
connection each, alternating, so that a busy machine slows both; boto3's own cost is left out.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto_peer import start_moto

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.clock import SystemClock
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.engine.store import Database, Resource, Store

RESULTS = Path(__file__).resolve().parent / "results" / "engine.json"
REGION = "us-east-1"


def job(name: str) -> dict[str, Any]:
    """Input of a plain XGBoost training job."""
    return {
        "TrainingJobName": name,
        "HyperParameters": {
            "objective": "binary:logistic",
            "num_round": "100",
            "max_depth": "6",
            "eta": "0.2",
        },
        "AlgorithmSpecification": {
            "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
            "TrainingInputMode": "File",
        },
        "RoleArn": "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole",
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://bench/train/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
                "ContentType": "text/csv",
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://bench/out/"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


class Wire:
    """A kept-alive connection that sends signed json 1.1 requests to one server."""

    def __init__(self, url: str, access_key: str, secret_key: str) -> None:
        self._url = url
        self._credentials = Credentials(access_key, secret_key)
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"))
        self._connection.connect()

    def call(self, operation: str, body: dict[str, Any]) -> tuple[float, Any]:
        """Seconds from sending to the last byte, and the answer; signing is not in it."""
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"SageMaker.{operation}"}
        request = AWSRequest("POST", self._url + "/", headers=headers, data=data)
        SigV4Auth(self._credentials, "sagemaker", REGION).add_auth(request)
        prepared = dict(request.headers.items())
        began = time.perf_counter()
        self._connection.request("POST", "/", data, prepared)
        response = self._connection.getresponse()
        answer = response.read()
        took = time.perf_counter() - began
        if response.status != 200:
            raise SystemExit(f"{operation}: {response.status} {answer[:500]!r}")
        return took, json.loads(answer or b"{}")


def fill(directory: Path, count: int) -> None:
    """Writes finished training jobs into the store of a data directory."""
    store = Store(Database.at(directory), SystemClock())
    now = time.time() - count
    for number in range(count):
        request = job(f"bench-{number:05d}")
        name = request["TrainingJobName"]
        arn = sagemaker_arn("TrainingJob", REGION, name)
        moment = now + number
        document = {
            **request,
            "TrainingJobArn": arn,
            "TrainingJobStatus": "Completed",
            "SecondaryStatus": "Completed",
            "CreationTime": moment,
            "TrainingStartTime": moment,
            "TrainingEndTime": moment + 1,
            "LastModifiedTime": moment + 1,
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://bench/out/{name}/output/model.tar.gz"},
            "SecondaryStatusTransitions": [
                {"Status": status, "StartTime": moment, "EndTime": moment + 1, "StatusMessage": "done"}
                for status in ("Starting", "Downloading", "Training", "Uploading", "Completed")
            ],
        }
        store.resources.create(
            Resource(
                "TrainingJob", REGION, name, arn, "Completed", moment, moment + 1, document, finished=True
            )
        )
    store.close()


def start_seconds(directory: Path) -> float:
    """From the start of the process to the first answered, signed request."""
    began = time.perf_counter()
    info = lifecycle.start_engine(directory)
    Wire(info.url, info.access_key, info.secret_key).call("ListTrainingJobs", {"MaxResults": 1})
    took = time.perf_counter() - began
    lifecycle.stop_engine(directory)
    return took


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--starts", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "engine"
        fill(directory, arguments.jobs)
        starts = [start_seconds(directory) for _ in range(arguments.starts)]
        info = lifecycle.start_engine(directory)
        moto, moto_url = start_moto()
        moto_wire = Wire(moto_url, "testing", "testing")
        moto_wire.call("CreateTrainingJob", job("bench-00000"))
        try:
            time.sleep(5)  # idle: the warm-up of the fork server is over
            rss = psutil.Process(info.pid).memory_info().rss / 2**20
            wire = Wire(info.url, info.access_key, info.secret_key)
            ours, theirs = [], []
            for number in range(arguments.calls + 20):
                one, _ = wire.call("DescribeTrainingJob", {"TrainingJobName": "bench-00000"})
                other, _ = moto_wire.call("DescribeTrainingJob", {"TrainingJobName": "bench-00000"})
                if number >= 20:
                    ours.append(one)
                    theirs.append(other)
            lists = [wire.call("ListTrainingJobs", {"MaxResults": 100})[0] for _ in range(50)]
            after = psutil.Process(info.pid).memory_info().rss / 2**20
        finally:
            moto.terminate()
            moto.wait()
            lifecycle.reset_engine(directory)
    report(starts, rss, after, ours, theirs, lists, arguments)


def report(
    starts: list[float],
    rss: float,
    after: float,
    ours: list[float],
    theirs: list[float],
    lists: list[float],
    arguments: argparse.Namespace,
) -> None:
    """Prints and keeps the figures."""
    ms = {
        name: statistics.median(values) * 1000
        for name, values in (("ours", ours), ("moto", theirs), ("list", lists))
    }
    result = {
        "cores": os.cpu_count(),
        "ready_seconds": sorted(starts),
        "idle_rss_mb": rss,
        "rss_after_mb": after,
        "describe_ms": ms["ours"],
        "describe_moto_ms": ms["moto"],
        "describe_ratio": ms["ours"] / ms["moto"],
        "list_100_ms": ms["list"],
        "jobs": arguments.jobs,
    }
    print(
        "| figure | engine | moto_server | wanted |\n| --- | ---: | ---: | ---: |\n"
        f"| ready and first answer, s (median of {len(starts)}) | {statistics.median(starts):.2f} | | <= 1.0 |\n"
        f"| idle RSS, MB | {rss:.0f} | | <= 150 |\n"
        f"| DescribeTrainingJob p50, ms | {ms['ours']:.2f} | {ms['moto']:.2f} | ratio {result['describe_ratio']:.2f} <= 0.33 |\n"
        f"| ListTrainingJobs, 100 of {arguments.jobs:,}, ms | {ms['list']:.1f} | | <= 30 |"
    )
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
