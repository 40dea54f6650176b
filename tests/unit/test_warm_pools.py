"""Warm pools: who gets them, what they hand on, how long they last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime import training, warm_pools
from smstudio_ext.engine.services.sagemaker.training import list_training_jobs
from tests.unit.job_stand import REGION, JobStand, job_stand
from tests.unit.own_image import own_image

CACHE = """
import os
place = "/opt/ml/sagemaker/warmpoolcache/steps"
before = open(place).read() if os.path.exists(place) else ""
open(place, "w").write(before + "x")
print("cache", repr(before))
"""


class Hands:
    """A clock that a test moves."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.ahead = 0.0

    def now(self) -> float:
        return float(self._inner.now()) + self.ahead

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def resources(seconds: int, **members: Any) -> dict[str, Any]:
    return {
        "InstanceType": "ml.m5.large",
        "InstanceCount": 1,
        "VolumeSizeInGB": 5,
        "KeepAlivePeriodInSeconds": seconds,
        **members,
    }


def pool(stand: JobStand, name: str) -> dict[str, Any]:
    return dict(training.describe_training_job(stand.ctx, REGION, name)["WarmPoolStatus"])


def test_a_matching_job_takes_the_pool_and_finds_its_cache(stand: JobStand) -> None:
    image = own_image(stand, "cached", train=CACHE)
    stand.train("first", AlgorithmSpecification=image, ResourceConfig=resources(600))
    assert pool(stand, "first")["Status"] == "InUse"
    assert stand.log(stand.settle("first")) == ["cache ''"]
    assert pool(stand, "first")["Status"] == "Available"
    stand.train("other", AlgorithmSpecification=image, ResourceConfig=resources(600, VolumeSizeInGB=6))
    assert stand.log(stand.settle("other")) == ["cache ''"]
    stand.train("second", AlgorithmSpecification=image, ResourceConfig=resources(600))
    first = pool(stand, "first")
    assert (first["Status"], first["ReusedByJob"]) == ("Reused", "second")
    assert stand.log(stand.settle("second")) == ["cache 'x'"]
    stand.train("third", AlgorithmSpecification=image, ResourceConfig=resources(0))
    assert stand.log(stand.settle("third")) == ["cache 'xx'"]
    assert pool(stand, "third")["Status"] == "Terminated"  # it asked for none
    wanted = {"WarmPoolStatusEquals": "Available", "MaxResults": 10}
    listed: Any = list_training_jobs(stand.ctx, _call(), wanted)
    assert [row["TrainingJobName"] for row in listed["TrainingJobSummaries"]] == ["other"]


def test_a_pool_ends_with_its_time_and_bills_no_more(
    stand: JobStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.train("job", ResourceConfig=resources(100))
    stand.settle("job")
    hands = Hands(stand.ctx.clock)
    monkeypatch.setattr(stand.ctx, "clock", hands)
    hands.ahead = 40
    status = pool(stand, "job")
    assert status["Status"] == "Available"
    assert 40 <= status["ResourceRetainedBillableTimeInSeconds"] < 60
    training.update_training_job(
        stand.ctx, REGION, {"TrainingJobName": "job", "ResourceConfig": {"KeepAlivePeriodInSeconds": 200}}
    )
    hands.ahead = 150
    assert pool(stand, "job")["Status"] == "Available"
    hands.ahead = 1000
    assert pool(stand, "job") == {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 200}
    assert list((stand.data_dir / "warm-pools").iterdir()) == []
    with pytest.raises(ValidationException, match="no warm pool in status Available"):
        training.update_training_job(
            stand.ctx, REGION, {"TrainingJobName": "job", "ResourceConfig": {"KeepAlivePeriodInSeconds": 9}}
        )


def test_jobs_that_fail_leave_no_pool(stand: JobStand) -> None:
    stand.train("job", do="refuse", ResourceConfig=resources(600))
    stand.settle("job")
    assert pool(stand, "job")["Status"] == "Terminated"
    assert stand.ctx.store.documents.all(warm_pools.FAMILY) == []


def test_a_running_job_takes_new_profiler_settings_and_a_finished_one_does_not(stand: JobStand) -> None:
    stand.train("job", do="wait")
    stand.reach("job", "Training")
    change = {"TrainingJobName": "job", "ProfilerConfig": {"DisableProfiler": True}}
    training.update_training_job(stand.ctx, REGION, change)
    assert stand.job("job").document["ProfilerConfig"] == {"DisableProfiler": True}
    with pytest.raises(ValidationException, match="created with one"):
        training.update_training_job(
            stand.ctx, REGION, {"TrainingJobName": "job", "ResourceConfig": {"KeepAlivePeriodInSeconds": 9}}
        )
    training.stop_training_job(stand.ctx, REGION, "job", grace=0)
    stand.settle("job")
    with pytest.raises(ValidationException, match="is in status Stopped"):
        training.update_training_job(stand.ctx, REGION, change)


def _call() -> Any:
    from smstudio_ext.engine.context import Call

    return Call("sagemaker", "ListTrainingJobs", REGION, "000000000000", "key", "id")
