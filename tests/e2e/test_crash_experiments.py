"""`kill -9` of a real engine while metrics are written and a job logs: what was answered is there, nothing counts twice."""

from __future__ import annotations

import threading
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.conftest import RunningEngine, eventually
from tests.e2e.test_crash_training import create, finished, prepare

WRITERS = 4


def test_metrics_that_were_answered_outlive_a_kill(own_engine: RunningEngine) -> None:
    sagemaker = own_engine.client("sagemaker")
    sagemaker.create_trial_component(TrialComponentName="run")
    kept = [0] * WRITERS
    once = Config(retries={"max_attempts": 0})

    def write(writer: int) -> None:
        metrics = own_engine.client("sagemaker-metrics", config=once)
        try:
            while True:
                points = [
                    {
                        "MetricName": f"m{writer}",
                        "Timestamp": 1_700_000_000,
                        "Step": kept[writer] + n,
                        "Value": 1.0,
                    }
                    for n in range(10)
                ]
                metrics.batch_put_metrics(TrialComponentName="run", MetricData=points)
                kept[writer] += 10
        except (BotoCoreError, ClientError):
            return  # the engine is gone

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    eventually(lambda: min(kept) >= 50, what="fifty points of each writer")
    own_engine.kill()
    for thread in threads:
        thread.join()
    own_engine.start()
    described = own_engine.client("sagemaker").describe_trial_component(TrialComponentName="run")
    counts = {row["MetricName"]: row["Count"] for row in described["Metrics"]}
    metrics = own_engine.client("sagemaker-metrics")
    for writer in range(WRITERS):
        # the last call may have been written without its answer
        assert counts[f"m{writer}"] in (kept[writer], kept[writer] + 10)
        query = {
            "MetricName": f"m{writer}",
            "ResourceArn": described["TrialComponentArn"],
            "MetricStat": "Count",
            "Period": "IterationNumber",
            "XAxisType": "IterationNumber",
        }
        (series,) = metrics.batch_get_metrics(MetricQueries=[query])["MetricQueryResults"]
        assert series["XAxisValues"] == list(range(counts[f"m{writer}"]))


def test_a_job_that_logs_on_through_a_kill_counts_each_value_once(own_engine: RunningEngine) -> None:
    prepare(own_engine)
    own_engine.client("sagemaker").create_experiment(ExperimentName="crash")
    rounds = 3000
    create(
        own_engine.client("sagemaker"), "long", rounds=rounds, ExperimentConfig={"ExperimentName": "crash"}
    )

    def component() -> dict[str, Any]:
        found: dict[str, Any] = own_engine.client("sagemaker").describe_trial_component(
            TrialComponentName="long-aws-training-job"
        )
        return found

    eventually(lambda: component()["Metrics"] or component()["Status"]["PrimaryStatus"] != "InProgress")
    own_engine.kill()
    own_engine.start()
    job = finished(own_engine, "long")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = component()
    assert found["Status"]["PrimaryStatus"] == "Completed"
    (metric,) = found["Metrics"]
    assert metric["Count"] == rounds
    assert found["OutputArtifacts"]["SageMaker.ModelArtifact"]["Value"].endswith("long/output/model.tar.gz")
    trials = own_engine.client("sagemaker").list_trials(ExperimentName="crash")["TrialSummaries"]
    assert [row["TrialName"] for row in trials] == ["long-aws-trial"]
