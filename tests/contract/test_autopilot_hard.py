"""Data and limits that are hard on an Autopilot job, each on a real job: it ends well, or says why it cannot."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.autopilot_jobs import BUCKET, ROLE, analysis_of, candidates, put_data, running, wait_for
from tests.conftest import RunningEngine, eventually

PREFIX = "hard-input"
OUTPUT = f"{PREFIX}-output"
ENSEMBLE = {
    "Mode": "ENSEMBLING",
    "CandidateGenerationConfig": {
        "AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost", "linear-learner", "extra-trees"]}]
    },
}
TUNING = {"Mode": "HYPERPARAMETER_TUNING"}


def table(header: list[str], rows: list[list[Any]]) -> bytes:
    """A CSV file."""
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue().encode()


def start(
    engine: RunningEngine,
    name: str,
    body: bytes,
    *,
    config: dict[str, Any] = ENSEMBLE,
    criteria: dict[str, Any] | None = None,
    validation: bytes | None = None,
    **members: Any,
) -> None:
    """Starts a job on a table whose target is `y`."""
    parts = {"training": body} | ({} if validation is None else {"validation": validation})
    channels = []
    for kind, data in parts.items():
        uri = put_data(engine, f"{PREFIX}/{name}/{kind}.csv", data)
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
        channels.append({"DataSource": source, "TargetAttributeName": "y", "ChannelType": kind})
    engine.client("sagemaker").create_auto_ml_job(
        AutoMLJobName=name,
        InputDataConfig=channels,
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/{OUTPUT}"},
        RoleArn=ROLE,
        AutoMLJobConfig={"CompletionCriteria": criteria or {"MaxCandidates": 2}, **config},
        **members,
    )


def completed(engine: RunningEngine, name: str) -> dict[str, Any]:
    """The job, once it is completed."""
    job = wait_for(engine, name)
    assert job["AutoMLJobStatus"] == "Completed", job.get("FailureReason")
    assert job["BestCandidate"]["CandidateStatus"] == "Completed"
    return job


def score(job: dict[str, Any]) -> float:
    """The best candidate's objective."""
    return float(job["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]["Value"])


def test_noise_is_reported_as_chance(engine: RunningEngine) -> None:
    draw = np.random.default_rng(11)
    rows = [[*draw.normal(size=6).round(3), draw.integers(0, 9), draw.choice(["a", "b"])] for _ in range(900)]
    header = [*(f"x{at}" for at in range(7)), "y"]
    numbers = [[*row[:-1], round(float(draw.normal()), 3)] for row in rows]
    start(
        engine,
        "hard-noise",
        table(header, rows),
        criteria={"MaxCandidates": 5},
        ProblemType="BinaryClassification",
        AutoMLJobObjective={"MetricName": "AUC"},
    )
    start(
        engine,
        "hard-noise-numbers",
        table(header, numbers),
        criteria={"MaxCandidates": 5},
        ProblemType="Regression",
        AutoMLJobObjective={"MetricName": "R2"},
    )
    # The standard error of the AUC of 450 rows of each class is 0.019; the best of five is a little lucky.
    assert abs(score(completed(engine, "hard-noise")) - 0.5) < 3.5 * 0.019
    assert score(completed(engine, "hard-noise-numbers")) < 0.02


def test_more_columns_than_rows(engine: RunningEngine) -> None:
    draw = np.random.default_rng(3)
    values = draw.integers(0, 100, (60, 10_200))
    rows = [[*line, "high" if line[17] >= 50 else "low"] for line in values.tolist()]
    linear = {"CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["linear-learner"]}]}}
    start(
        engine,
        "hard-wide",
        table([*(f"v{at}" for at in range(10_200)), "y"], rows),
        config=ENSEMBLE | linear,
        criteria={"MaxCandidates": 1},
    )
    assert "PartialFailureReasons" not in completed(engine, "hard-wide")
    analysis = analysis_of(engine, "hard-wide", OUTPUT)
    used = [one["Name"] for one in analysis["Columns"] if one["Used"]]
    assert len(used) == 5000
    assert "v17" in used
    assert "Of 10200 columns the 5000 that tell most" in " ".join(analysis["Warnings"])


@pytest.mark.parametrize("config", [ENSEMBLE, TUNING], ids=["ensembling", "tuning"])
def test_rows_of_nothing_but_text(
    engine: RunningEngine, config: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    name = f"hard-text-{request.node.callspec.id}"
    words = ["a good phone that lasts", "bad service and long waits", "never again would I go", "very happy"]
    rows = [
        [
            f"{words[at % 4]} for customer {at * 7919 % 400} of shop {at % 11}",
            ["good", "bad"][at % 4 in (1, 2)],
        ]
        for at in range(400)
    ]
    start(engine, name, table(["review", "y"], rows), config=config)
    job = completed(engine, name)
    assert [one["Type"] for one in analysis_of(engine, name, OUTPUT)["Columns"]] == ["text", "categorical"]
    assert score(job) > 0.9


def test_nine_rows_in_ten_repeat_others_and_one_column_is_the_target(engine: RunningEngine) -> None:
    draw = np.random.default_rng(4)
    seen = [[*draw.normal(size=3).round(3), draw.choice(["no", "yes"])] for _ in range(60)]
    rows = [[*row[:3], {"no": "N", "yes": "Y"}[row[3]], row[3]] for row in seen * 10]
    start(engine, "hard-leak", table(["a", "b", "c", "twin", "y"], rows), config=TUNING)
    completed(engine, "hard-leak")
    analysis = analysis_of(engine, "hard-leak", OUTPUT)
    assert analysis["DuplicateRows"] == 540
    warned = " ".join(analysis["Warnings"])
    assert "540 of 600 rows (90%) repeat an earlier row" in warned
    s3 = engine.client("s3")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{OUTPUT}/hard-leak/")["Contents"]
    key = next(one["Key"] for one in listed if one["Key"].endswith("DataExplorationNotebook.ipynb"))
    report = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert "Target leakage" in report
    assert "twin" in report.partition("Target leakage")[2]


BAD: dict[str, tuple[list[list[Any]], dict[str, Any], str]] = {
    "classes": (
        [[at % 9, f"name-{at % 10_000}"] for at in range(20_000)],
        {
            "ProblemType": "MulticlassClassification",
            "AutoMLJobObjective": {"MetricName": "Accuracy"},
        },
        "has 10000 classes; at most 2000",
    ),
    "columns": ([[at % 9, ["a", "b"][at % 2]] for at in range(99)], {}, "validation.csv"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_hopeless_data_end_the_job_with_the_reason(engine: RunningEngine, case: str) -> None:
    rows, members, reason = BAD[case]
    other = table(["z", "y"], rows) if case == "columns" else None
    start(engine, f"hard-{case}", table(["x", "y"], rows), validation=other, **members)
    job = wait_for(engine, f"hard-{case}")
    assert job["AutoMLJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


LINES = [[at % 7, at * 31 % 101, ["no", "yes"][(at * 31 % 101 > 50) ^ (at % 13 == 0)]] for at in range(1500)]


@pytest.mark.parametrize("config", [ENSEMBLE, TUNING], ids=["ensembling", "tuning"])
def test_a_limit_of_one_second_ends_soon_either_way(
    engine: RunningEngine, config: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    name = f"hard-second-{request.node.callspec.id}"
    limit = {"MaxAutoMLJobRuntimeInSeconds": 1}
    start(engine, name, table(["a", "b", "y"], LINES), config=config, criteria=limit)
    job = wait_for(engine, name)
    if job["AutoMLJobStatus"] == "Failed":
        assert "MaxAutoMLJobRuntimeInSeconds (1) was reached" in job["FailureReason"]
    else:  # a quick machine
        assert job["AutoMLJobStatus"] == "Completed"
        assert job["BestCandidate"]["CandidateStatus"] == "Completed"
    eventually(lambda: running(engine, name) == [], 10, "end of the children")


def test_trials_that_may_take_no_time_name_their_limit(engine: RunningEngine) -> None:
    limit = {"MaxRuntimePerTrainingJobInSeconds": 1, "MaxCandidates": 2}
    draw = np.random.default_rng(5)
    rows = [[*draw.normal(size=20).round(4), f"class {at % 300}"] for at in range(9000)]
    start(
        engine,
        "hard-trials",
        table([*(f"x{at}" for at in range(20)), "y"], rows),
        config=ENSEMBLE
        | {"CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]}},
        criteria=limit,
    )
    job = wait_for(engine, "hard-trials")
    assert job["AutoMLJobStatus"] == "Failed"
    assert "MaxRuntimePerTrainingJobInSeconds (1)" in job["FailureReason"]


@pytest.mark.parametrize("stage", ["Starting", "TrainingModels", "GeneratingModelInsightsReport"])
def test_stop_in_further_stages(engine: RunningEngine, stage: str) -> None:
    name, client = f"hard-{stage[:14].lower()}", engine.client("sagemaker")
    start(engine, name, table(["a", "b", "y"], LINES), criteria={"MaxCandidates": 3})
    if stage != "Starting":
        wait_for(engine, name, stage)  # a stage that passed unseen is no harm: the job has ended then
    with suppress(ClientError):  # it ended in between
        client.stop_auto_ml_job(AutoMLJobName=name)
    job = wait_for(engine, name)
    assert job["AutoMLJobStatus"] in ("Stopped", "Completed"), job.get("FailureReason")
    eventually(lambda: running(engine, name) == [], 10, "end of the children")
    done = [one for one in candidates(engine, name) if one["CandidateStatus"] == "Completed"]
    assert ("BestCandidate" in job) == bool(done)
