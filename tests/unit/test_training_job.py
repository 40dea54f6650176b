"""Training jobs through the controller: results, failures, stops, queueing, and a crash after every write."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.errors import AwsError, ResourceInUse, ResourceLimitExceeded, ValidationException
from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.jobs import sweep_folders
from smstudio_ext.engine.store import Resource
from smstudio_ext.engine.store.resources import ResourceStore
from tests.conftest import eventually
from tests.unit.job_stand import (
    ACCOUNT,
    BUCKET,
    IMAGE,
    REGION,
    JobStand,
    channel,
    job_stand,
    training_request,
)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def statuses(row: Resource) -> list[str]:
    return [step["Status"] for step in row.document["SecondaryStatusTransitions"]]


def archive_names(stand: JobStand, key: str) -> list[str]:
    with stand.ctx.objects.open(BUCKET, key) as file:
        return sorted(tarfile.open(fileobj=io.BytesIO(file.read())).getnames())


def test_a_job_completes_with_model_output_metrics_and_times(stand: JobStand) -> None:
    stand.put("in/a.csv", "1,2")
    stand.put("in/more/b.csv", "3,4")
    stand.train(
        "job", channels={"train": f"s3://{BUCKET}/in/"}, say="train-loss:0.5|train-loss:0.25", output="fine"
    )
    row = stand.settle("job")
    document = row.document
    assert (row.status, row.finished) == ("Completed", True)
    assert document["TrainingJobStatus"] == document["SecondaryStatus"] == "Completed"
    assert statuses(row) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    ends = [step["EndTime"] for step in document["SecondaryStatusTransitions"]]
    assert ends == sorted(ends)
    assert document["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/out/job/output/model.tar.gz"
    assert archive_names(stand, "out/job/output/model.tar.gz") == ["model.txt"]
    assert archive_names(stand, "out/job/output/output.tar.gz") == ["report.txt"]
    (metric,) = document["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("train:loss", 0.25)
    assert document["TrainingStartTime"] <= document["TrainingEndTime"]
    assert document["BillableTimeInSeconds"] == document["TrainingTimeInSeconds"] >= 1
    assert stand.log(row)[2:] == ["train/a.csv=1,2", "train/more/b.csv=3,4"]
    assert not Path(row.internal["folder"]).exists()
    assert stand.ctx.slots.usage()["cpus_used"] == 0


def test_the_program_finds_the_files_of_the_container_contract(stand: JobStand, tmp_path: Path) -> None:
    stand.put("in/a.csv", "1")
    stand.train("job", channels={"train": f"s3://{BUCKET}/in/"}, do="until", until=tmp_path / "go", depth=3)
    row = stand.reach("job", "Training")
    config = Path(row.internal["folder"]) / "ml/input/config"
    read = {path.stem: json.loads(path.read_text()) for path in config.iterdir()}
    assert read["hyperparameters"] == {"do": "until", "until": str(tmp_path / "go"), "depth": "3"}
    assert read["resourceconfig"]["hosts"] == ["algo-1"]
    assert read["resourceconfig"]["current_instance_type"] == "ml.m5.large"
    assert read["inputdataconfig"]["train"] == {
        "TrainingInputMode": "File",
        "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None",
    }
    (tmp_path / "go").touch()
    assert stand.settle("job").status == "Completed"


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("refuse", "ClientError: the label column is empty, exit code: 2"),
        ("break", "AlgorithmError: framework error: ValueError: kaputt, exit code: 1"),
        ("exit", "AlgorithmError: , exit code: 7"),
    ],
)
def test_a_failing_program_fails_the_job_with_its_reason(stand: JobStand, do: str, reason: str) -> None:
    stand.train("job", do=do, say="train-loss:1.5")
    row = stand.settle("job")
    assert (row.status, row.document["FailureReason"]) == ("Failed", reason)
    assert statuses(row)[-1] == "Failed"
    assert row.document["SecondaryStatusTransitions"][-1]["StatusMessage"] == reason
    assert row.document["FinalMetricDataList"][0]["Value"] == 1.5
    assert "ModelArtifacts" not in row.document
    assert stand.keys("out/") == []


def test_out_of_memory_is_a_clear_failure(stand: JobStand) -> None:
    request = training_request("job", {}, {"do": "grow"})
    training.create_training_job(stand.ctx, REGION, request, slot=Slot(1, 150))
    row = stand.settle("job")
    assert row.status == "Failed"
    assert row.document["FailureReason"].startswith("ClientError: Out of memory")
    assert "150 MiB, ml.m5.large" in row.document["FailureReason"]


def test_max_runtime_stops_the_job_and_keeps_what_it_saved(stand: JobStand) -> None:
    stand.train("job", do="wait", StoppingCondition={"MaxRuntimeInSeconds": 1})
    row = stand.settle("job")
    assert (row.status, row.document["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert archive_names(stand, "out/job/output/model.tar.gz") == ["model.txt"]
    assert "FailureReason" not in row.document


@pytest.mark.parametrize("deaf", [{}, {"deaf": 1}])
def test_stop_ends_the_processes_and_keeps_what_was_saved(stand: JobStand, deaf: dict[str, int]) -> None:
    stand.train("job", do="wait", **deaf)
    folder = Path(stand.reach("job", "Training").internal["folder"])
    eventually((folder / "ml/model/model.txt").exists, what="first results")
    assert training.stop_training_job(stand.ctx, REGION, "job", grace=0.2).status == "Stopping"
    row = stand.settle("job")
    assert (row.status, row.document["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert statuses(row)[-2:] == ["Stopping", "Stopped"]
    assert archive_names(stand, "out/job/output/model.tar.gz") == ["model.txt"]
    with pytest.raises(ValidationException, match="is in status Stopped"):
        training.stop_training_job(stand.ctx, REGION, "job")


def test_a_job_that_waits_for_a_slot_is_pending_and_can_be_stopped(stand: JobStand, tmp_path: Path) -> None:
    stand.train("first", do="until", until=tmp_path / "go")
    stand.reach("first", "Training")
    stand.train("second")
    stand.train("third")
    assert stand.reach("second", "Pending").status == "InProgress"
    stand.reach("third", "Pending")
    training.stop_training_job(stand.ctx, REGION, "second")
    assert stand.settle("second").status == "Stopped"
    (tmp_path / "go").touch()
    assert stand.settle("first").status == "Completed"
    assert stand.settle("third").status == "Completed"
    assert "Training" not in statuses(stand.job("second"))


def test_missing_input_fails_with_the_uri(stand: JobStand) -> None:
    stand.train("a", channels={"train": f"s3://{BUCKET}/nothing/"})
    stand.train("b", channels={"train": "s3://no-such-bucket/x"})
    for name, uri in (("a", f"s3://{BUCKET}/nothing/"), ("b", "s3://no-such-bucket/x")):
        row = stand.settle(name)
        assert row.status == "Failed"
        assert row.document["FailureReason"].startswith(
            f'ClientError: No S3 objects found under S3 URL "{uri}"'
        )


def test_channels_of_manifests_and_gzip_files_arrive(stand: JobStand) -> None:
    stand.put("data/a.csv", "A")
    stand.put("data/b.csv", "B")
    manifest = stand.put("m.json", json.dumps([{"prefix": f"s3://{BUCKET}/data/"}, "b.csv", "b.csv"]))
    stand.put("packed/c.csv.gz", gzip.compress(b"C"))
    listed = channel("listed", manifest)
    listed["DataSource"]["S3DataSource"]["S3DataType"] = "ManifestFile"
    packed = channel("packed", f"s3://{BUCKET}/packed", CompressionType="Gzip")
    stand.train("job", InputDataConfig=[listed, packed])
    row = stand.settle("job")
    assert stand.log(row) == ["", "listed/b.csv=B", "packed/c.csv=C"]


@pytest.mark.parametrize(
    ("key", "content", "members", "words"),
    [
        ("bad/../../escape", b"x", {}, "cannot be a file name"),
        ("bad/a.gz", b"no gzip", {"CompressionType": "Gzip"}, "is not a gzip file"),
    ],
)
def test_hostile_or_broken_inputs_fail_the_job(
    stand: JobStand, key: str, content: bytes, members: dict[str, Any], words: str
) -> None:
    stand.put(key, content)
    stand.train("job", InputDataConfig=[channel("train", f"s3://{BUCKET}/bad/", **members)])
    row = stand.settle("job")
    assert row.status == "Failed"
    assert words in row.document["FailureReason"]


def test_a_key_that_is_also_a_folder_fails_the_job(stand: JobStand) -> None:
    stand.put("in/a", "file")
    stand.put("in/a/b", "below it")
    stand.train("job", channels={"train": f"s3://{BUCKET}/in/"})
    assert "another object has that name" in stand.settle("job").document["FailureReason"]


def test_a_full_disk_fails_the_job_and_nothing_hangs(
    stand: JobStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    stand.put("in/a.csv", "1")
    monkeypatch.setattr(stand.ctx.objects, "link_to", full)
    stand.train("download", channels={"train": f"s3://{BUCKET}/in/"})
    monkeypatch.setattr(stand.ctx.objects, "put_file", full)
    stand.train("upload")
    for name in ("download", "upload"):
        row = stand.settle(name)
        assert row.status == "Failed"
        assert "No space left on the device" in row.document["FailureReason"]
    assert stand.ctx.slots.usage()["cpus_used"] == 0


def test_an_output_bucket_that_goes_away_fails_the_job(stand: JobStand) -> None:
    stand.ctx.objects.create_bucket("short-lived", REGION)
    stand.train("job", OutputDataConfig={"S3OutputPath": "s3://short-lived/x"})
    stand.ctx.objects.delete_bucket("short-lived")
    row = stand.settle("job")
    assert row.status == "Failed"
    assert "bucket does not exist" in row.document["FailureReason"]


def test_checkpoints_travel_between_jobs_and_uncompressed_models_are_files(stand: JobStand) -> None:
    stand.put("ckpt/state.txt", "step 7")
    stand.train(
        "job",
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/ckpt"},
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out/", "CompressionType": "NONE"},
    )
    row = stand.settle("job")
    assert row.document["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/out/job/output/model/"
    assert stand.text("out/job/output/model/model.txt") == "a model"
    assert stand.text("ckpt/state.txt") == "step 7"


def test_names_are_unique_and_the_error_is_aws_own(stand: JobStand) -> None:
    stand.train("job")
    with pytest.raises(ResourceInUse) as caught:
        stand.train("job")
    assert caught.value.message == (
        "Training job names must be unique within an AWS account and region, and a training job with this name already "
        "exists (arn:aws:sagemaker:us-east-1:000000000000:training-job/job)"
    )
    with pytest.raises(ResourceInUse):
        stand.train("JOB")


@pytest.mark.parametrize(
    ("members", "error", "words"),
    [
        ({"sagemaker_program": "train.py"}, ValidationException, "does not run scripts"),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://no-such-bucket/x"}},
            ValidationException,
            "does not exist: no-such",
        ),
        ({"OutputDataConfig": {"S3OutputPath": "/tmp/x"}}, ValidationException, "Invalid S3 URI"),
        (
            {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 21, "VolumeSizeInGB": 5}},
            ResourceLimitExceeded,
            "is 20 Instances, with current utilization of 0 Instances and a request delta of 21 Instances",
        ),
        (
            {"ResourceConfig": {"InstanceType": "m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}},
            ValidationException,
            "instanceType",
        ),
        (
            {
                "InputDataConfig": [
                    {"ChannelName": "a", "DataSource": {"FileSystemDataSource": {"FileSystemId": "fs-1"}}}
                ]
            },
            ValidationException,
            "Channel a: FileSystemDataSource.*not offered",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": f"{ACCOUNT}/test-counter:1",
                    "TrainingInputMode": "File",
                }
            },
            ValidationException,
            "has no training program",
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": f"{ACCOUNT}/nobody:1", "TrainingInputMode": "File"}},
            ValidationException,
            "Cannot find repository",
        ),
        (
            {"AlgorithmSpecification": {"AlgorithmName": "x", "TrainingInputMode": "File"}},
            ValidationException,
            "not offered",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "x", "Regex": "("}],
                }
            },
            ValidationException,
            "regular expression of metric definition 'x'",
        ),
        (
            {"InputDataConfig": [channel("a", f"s3://{BUCKET}/x"), channel("a", f"s3://{BUCKET}/y")]},
            ValidationException,
            "must be unique",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 10, "MaxWaitTimeInSeconds": 20}},
            ValidationException,
            "Managed Spot Training is disabled",
        ),
    ],
)
def test_requests_that_cannot_run_are_refused_and_leave_nothing(
    stand: JobStand, members: dict[str, Any], error: type[AwsError], words: str
) -> None:
    with pytest.raises(error, match=words):
        stand.train("job", **members)
    assert stand.ctx.store.resources.find("TrainingJob", REGION, "job") is None


class EngineKilled(BaseException):
    """Stands for kill -9: nothing after it happens."""


class Killer:
    """Ends the engine at its n-th write, before or after the write is on disk."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at = at
        self.after = after
        self.count = 0
        self.done = False

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original = ResourceStore.change

        def change(store: ResourceStore, *args: Any, **options: Any) -> Resource:
            self.count += 1
            fatal = self.count == self.at and not self.done
            if fatal and not self.after:
                self.done = True
                raise EngineKilled
            written = original(store, *args, **options)
            if fatal:
                self.done = True
                raise EngineKilled
            return written

        monkeypatch.setattr(ResourceStore, "change", change)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 6))
def test_a_job_survives_a_kill_at_each_write_and_runs_once(
    stand: JobStand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    stand.put("in/a.csv", "1")
    killer = Killer(at, after=after)
    killer.install(monkeypatch)
    killed = False
    try:
        stand.train("job", channels={"train": f"s3://{BUCKET}/in/"}, ran=tmp_path / "ran", say="train-loss:1")
        stand.settle("job")
    except EngineKilled:
        killed = True
        stand.restart()
        stand.settle("job")
    assert killed == (at <= 4)  # four writes: Downloading, Training, Uploading, Completed
    row = stand.job("job")
    assert row.status == "Completed"
    assert statuses(row) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert (tmp_path / "ran").read_text() == "ran\n"
    assert len([line for line in stand.log(row) if line == "train-loss:1"]) == 1
    assert stand.keys("out/") == ["out/job/output/model.tar.gz"]
    assert stand.ctx.slots.usage()["cpus_used"] == 0
    sweep_folders(stand.ctx)
    assert not Path(row.internal["folder"]).exists()


@pytest.mark.parametrize("secondary", ["Pending", "Training"])
def test_a_stop_asked_before_the_kill_is_done_after_it(
    stand: JobStand, tmp_path: Path, secondary: str
) -> None:
    stand.train("busy", do="until", until=tmp_path / "go")
    stand.reach("busy", "Training")
    name = "busy"
    if secondary == "Pending":
        name = "waiting"
        stand.train(name)
        stand.reach(name, "Pending")
    training.stop_training_job(stand.ctx, REGION, name, grace=0.1)
    stand.restart()
    assert stand.settle(name).status == "Stopped"
    (tmp_path / "go").touch()
    assert stand.settle("busy").finished


def test_a_restart_books_the_slots_of_running_jobs_again(stand: JobStand, tmp_path: Path) -> None:
    stand.train("first", do="until", until=tmp_path / "go")
    stand.reach("first", "Training")
    stand.train("second")
    stand.restart()
    stand.reach("second", "Pending")
    assert stand.job("first").document["SecondaryStatus"] == "Training"
    (tmp_path / "go").touch()
    assert stand.settle("second").status == "Completed"
    assert stand.job("first").status == "Completed"


def test_a_job_whose_end_came_while_the_engine_was_away_is_completed(stand: JobStand, tmp_path: Path) -> None:
    stand.train("job", do="until", until=tmp_path / "go")
    row = stand.reach("job", "Training")
    (tmp_path / "go").touch()
    eventually((Path(row.internal["folder"]) / "process/exit.json").exists, what="exit.json")
    stand.restart()
    assert stand.settle("job").status == "Completed"


def test_real_workers_finish_many_jobs_without_mixing_them_up(tmp_path: Path) -> None:
    with job_stand(tmp_path / "data", workers=True, cpus=4) as stand:
        for number in range(12):
            request = training_request(f"job-{number}", {}, {"say": f"train-loss:{number}"})
            training.create_training_job(stand.ctx, REGION, request, slot=Slot(1, 100))
        for number in range(12):
            row = stand.settle(f"job-{number}")
            assert row.status == "Completed"
            assert row.document["FinalMetricDataList"][0]["Value"] == number
        assert stand.ctx.slots.usage()["cpus_used"] == 0
