"""What happens while training jobs run: metrics become series, checkpoints objects; spot, waiting and quotas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from smstudio_ext.engine.errors import ResourceInUse, ResourceLimitExceeded, ValidationException
from smstudio_ext.engine.experiments.entities import create_experiment, create_trial
from smstudio_ext.engine.runtime import training, training_live, training_utilisation
from smstudio_ext.engine.runtime.quotas import check_quota
from smstudio_ext.engine.store import tables
from tests.conftest import eventually
from tests.unit.job_stand import BUCKET, IMAGE, REGION, JobStand, job_stand
from tests.unit.own_image import own_image

SPOT: dict[str, Any] = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 200},
}


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobStand]:
    monkeypatch.setattr(training_live, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(training_live, "SYNC_SECONDS", 0.02)
    with job_stand(tmp_path / "data") as made:
        yield made


def series(stand: JobStand, name: str) -> list[float]:
    table = tables.metric_points
    query = select(table.c.value).where(table.c.name == name).order_by(table.c.timestamp, table.c.value)
    with stand.ctx.store.database.read() as connection:
        return [row.value for row in connection.execute(query)]


def stepped(stand: JobStand, condition: Callable[[], Any]) -> Any:
    def look() -> Any:
        stand.ctx.reconciler.run_due()
        return condition()

    return eventually(look)


def test_metrics_are_series_while_the_job_runs_and_a_restart_doubles_none(
    stand: JobStand, tmp_path: Path
) -> None:
    program = f"""
import os, time
print("loss=4.5", flush=True)
for step in (1, 2):
    while not os.path.exists("{tmp_path}/go-" + str(step)): time.sleep(0.01)
    print(f"loss={{3 - step}}.5", flush=True)
"""
    specification = {
        **own_image(stand, "prints", train=program),
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
    }
    stand.train("job", AlgorithmSpecification=specification)
    stepped(stand, lambda: series(stand, "loss") == [4.5])
    stand.restart()
    (tmp_path / "go-1").touch()
    stepped(stand, lambda: sorted(series(stand, "loss")) == [2.5, 4.5])
    assert stand.job("job").status == "InProgress"
    (tmp_path / "go-2").touch()
    row = stand.settle("job")
    assert series(stand, "loss") == [4.5, 2.5, 1.5]
    assert [m["Value"] for m in row.document["FinalMetricDataList"]] == [1.5]


def test_the_use_of_the_hosts_is_measured_while_the_job_runs(
    stand: JobStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_utilisation, "PUBLISH_SECONDS", 0.05)
    program = "while True: sum(range(100_000))"
    specification = {
        **own_image(stand, "busy", train=program),
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
    }
    stand.train("job", AlgorithmSpecification=specification)
    stepped(stand, lambda: max(series(stand, "CPUUtilization"), default=0.0) > 10)
    assert max(series(stand, "MemoryUtilization")) > 0
    assert series(stand, "DiskUtilization")[0] < 5
    training.stop_training_job(stand.ctx, REGION, "job", grace=0)
    assert stand.settle("job").status == "Stopped"


def test_only_jobs_that_have_ended_can_be_deleted(stand: JobStand) -> None:
    stand.train("job", do="wait")
    stand.reach("job", "Training")
    with pytest.raises(ResourceInUse):
        training.delete_training_job(stand.ctx, REGION, "job")
    training.stop_training_job(stand.ctx, REGION, "job", grace=0)
    stand.settle("job")
    training.delete_training_job(stand.ctx, REGION, "job")
    with pytest.raises(ValidationException, match="Requested resource not found"):
        training.describe_training_job(stand.ctx, REGION, "job")


def test_checkpoints_and_tensorboard_files_are_stored_while_the_job_runs(
    stand: JobStand, tmp_path: Path
) -> None:
    stand.put("ckpt/old/step-1", "one")
    program = f"""
import os, time
here = "/opt/ml/checkpoints/mine/"
print(open(here + "old/step-1").read())
open(here + "step-2", "w").write("two")
open("/opt/ml/output/tensorboard/events", "w").write("e")
while not os.path.exists("{tmp_path}/go"): time.sleep(0.01)
open(here + "step-2", "w").write("two, changed")
"""
    stand.train(
        "job",
        AlgorithmSpecification=own_image(stand, "saves", train=program),
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/ckpt/", "LocalPath": "/opt/ml/checkpoints/mine"},
        TensorBoardOutputConfig={"S3OutputPath": f"s3://{BUCKET}/tb"},
    )
    stepped(stand, lambda: {"ckpt/step-2", "tb/job/events"} <= set(stand.keys()))
    assert stand.text("ckpt/step-2") == "two"
    assert stand.job("job").status == "InProgress"
    (tmp_path / "go").touch()
    assert stand.log(stand.settle("job")) == ["one"]
    assert stand.text("ckpt/step-2") == "two, changed"
    assert stand.text("ckpt/old/step-1") == "one"


def test_spot_training_runs_as_on_demand_and_says_so(stand: JobStand) -> None:
    stand.train("job", **SPOT)
    row = stand.settle("job")
    assert row.document["EnableManagedSpotTraining"] is True
    assert row.document["BillableTimeInSeconds"] == row.document["TrainingTimeInSeconds"]
    assert "runs as on-demand" in stand.log(row)[0]


@pytest.mark.parametrize(
    ("members", "secondary", "message"),
    [
        (SPOT, "MaxWaitTimeExceeded", "MaxWaitTimeInSeconds"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 100, "MaxPendingTimeInSeconds": 1800}},
            "Stopped",
            "MaxPendingTimeInSeconds",
        ),
    ],
)
def test_a_job_that_waits_too_long_for_its_slot_ends(
    stand: JobStand, monkeypatch: pytest.MonkeyPatch, members: dict[str, Any], secondary: str, message: str
) -> None:
    stand.train("busy", do="wait")
    stand.reach("busy", "Training")
    stand.train("job", **members)
    stand.reach("job", "Pending")
    now = stand.ctx.clock.now()
    monkeypatch.setattr(type(stand.ctx.clock), "now", lambda clock: now + 3600)
    stand.ctx.reconciler.wake(*stand.job("job").key)
    row = stand.settle("job")
    assert (row.status, row.document["SecondaryStatus"]) == ("Stopped", secondary)
    assert message in row.document["SecondaryStatusTransitions"][-1]["StatusMessage"]


def test_fields_of_other_services_are_echoed_with_honest_statuses(stand: JobStand) -> None:
    members: dict[str, Any] = {
        "ExperimentConfig": {"ExperimentName": "e", "TrialName": "t"},
        "DebugRuleConfigurations": [{"RuleConfigurationName": "r", "RuleEvaluatorImage": "i"}],
        "DebugHookConfig": {"S3OutputPath": f"s3://{BUCKET}/tensors"},
        "ProfilerConfig": {"S3OutputPath": f"s3://{BUCKET}/profile"},
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        "EnableInterContainerTrafficEncryption": True,
        "RetryStrategy": {"MaximumRetryAttempts": 2},
    }
    create_experiment(stand.ctx.store, "us-east-1", {"ExperimentName": "e"}, {})
    create_trial(stand.ctx.store, "us-east-1", {"TrialName": "t", "ExperimentName": "e"}, {})
    stand.train("job", **members)
    document = stand.settle("job").document
    for name, value in members.items():
        assert document[name] == value
    (status,) = document["DebugRuleEvaluationStatuses"]
    assert (status["RuleEvaluationStatus"], "does not evaluate" in status["StatusDetails"]) == ("Error", True)
    assert document["ProfilingStatus"] == "Disabled"


def quotas(stand: JobStand, given: object) -> None:
    text = given if isinstance(given, str) else json.dumps(given)
    (stand.data_dir / "quotas.json").write_text(text)


def test_a_quota_counts_the_instances_of_unfinished_jobs(stand: JobStand) -> None:
    quotas(stand, {"ml.m5.large for training job usage": 2, "ml.c5* for training job usage": 0})
    two = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    stand.train("first")
    with pytest.raises(ResourceLimitExceeded) as caught:
        stand.train("second", ResourceConfig=two)
    assert caught.value.message.startswith(
        "The account-level service limit 'ml.m5.large for training job usage' is 2 Instances, with current utilization of "
        "1 Instances and a request delta of 2 Instances. Please use AWS Service Quotas"
    )
    with pytest.raises(ResourceLimitExceeded, match=r"ml\.c5\.xlarge for training job usage. is 0"):
        stand.train("third", ResourceConfig={**two, "InstanceType": "ml.c5.xlarge"})
    stand.train("spot", **SPOT)  # another quota
    stand.settle("first")
    stand.train("second", ResourceConfig=two)
    assert stand.settle("second").status == "Completed"
    quotas(stand, {"Number of instances for a training job": 1})
    with pytest.raises(ResourceLimitExceeded, match="Number of instances for a training job' is 1 Instances"):
        stand.train("fourth", ResourceConfig=two)


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": "many"}'])
def test_quotas_that_cannot_be_read_are_told(stand: JobStand, text: str) -> None:
    quotas(stand, text)
    with pytest.raises(ValidationException, match=r"quotas\.json cannot be read"):
        stand.train("job")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/tmp/x"}}, "LocalPath '/tmp/x'"),
        ({"ServerlessJobConfig": {"JobType": "FineTuning"}}, "Serverless training jobs"),
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
        (
            {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File", "ContainerArguments": ["a"]}},
            "ContainerArguments without ContainerEntrypoint",
        ),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_refused_by_name(stand: JobStand, members: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        stand.train("job", **members)


def test_endpoints_transform_and_processing_jobs_have_quotas_too(stand: JobStand) -> None:
    quotas(stand, {"ml.m5.large for *": 0, "ml.m5.xlarge for *": 3})
    ctx, used = stand.ctx, Counter({"ml.m5.xlarge": 2})
    for usage in ("endpoint usage", "transform job usage", "processing job usage"):
        with pytest.raises(ResourceLimitExceeded, match=f"'ml.m5.large for {usage}' is 0"):
            check_quota(ctx, REGION, usage, {"ml.m5.large": 1}, kinds=())
    stand.train("job", ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1})
    with pytest.raises(ResourceLimitExceeded, match="current utilization of 2 Instances"):
        check_quota(
            ctx,
            REGION,
            "training job usage",
            {"ml.m5.xlarge": 2},
            kinds=("TrainingJob",),
            used_by=lambda row: used,
        )
