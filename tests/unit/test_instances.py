"""Slots: what instance types grant, the queue, and what a start books again."""

from __future__ import annotations

import pytest

from smstudio_ext.engine.errors import ResourceLimitExceeded, ValidationException
from smstudio_ext.engine.runtime.instances import (
    INSTANCE_TYPES,
    InstancePool,
    Owner,
    instance_type,
    require_one_instance,
)


def owner(name: str) -> Owner:
    return ("TrainingJob", "us-east-1", name)


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_gib"),
    [
        ("ml.t3.medium", 2, 4),
        ("ml.m4.xlarge", 4, 16),
        ("ml.m5.large", 2, 8),
        ("ml.m5.24xlarge", 96, 384),
        ("ml.m5d.xlarge", 4, 16),
        ("ml.c4.8xlarge", 32, 60),
        ("ml.c5.9xlarge", 36, 72),
        ("ml.r5.xlarge", 4, 32),
        ("ml.g4dn.xlarge", 4, 16),
        ("ml.p3.2xlarge", 8, 61),
    ],
)
def test_instance_types_grant_what_aws_lists(name: str, vcpus: float, memory_gib: int) -> None:
    assert INSTANCE_TYPES[name].vcpus == vcpus
    assert INSTANCE_TYPES[name].memory_mb == memory_gib * 1024


def test_unknown_ml_types_get_a_default_and_others_are_refused() -> None:
    assert instance_type("ml.x99.huge").vcpus == 2
    with pytest.raises(ValidationException, match="ML instance type"):
        instance_type("m5.large")


def test_more_than_one_instance_is_aws_own_quota_error() -> None:
    require_one_instance("ml.m5.large", 1, "training job")
    with pytest.raises(ResourceLimitExceeded, match=r"'ml\.m5.large for training job usage' is 1 Instances"):
        require_one_instance("ml.m5.large", 3, "training job")


def test_a_demand_beyond_the_machine_is_capped() -> None:
    pool = InstancePool(2, 1000)
    assert pool.acquire(owner("a"), 96, 400_000)
    grant = pool.grant_of(owner("a"))
    assert grant is not None
    assert (grant.cpus, grant.memory_mb) == (2, 1000)


def test_the_queue_is_first_come_first_served_and_owners_are_told() -> None:
    told: list[Owner] = []
    pool = InstancePool(4, 1000, told.append)
    assert pool.acquire(owner("a"), 3, 100)
    assert not pool.acquire(owner("big"), 4, 100)
    assert not pool.acquire(owner("small"), 1, 100)  # would fit, but must not starve the big one
    assert not pool.acquire(owner("big"), 4, 100)
    pool.release(owner("a"))
    assert told == [owner("big")]
    assert pool.acquire(owner("big"), 4, 100)
    pool.release(owner("big"))
    assert told == [owner("big"), owner("small")]
    assert pool.usage()["cpus_used"] == 1


def test_one_who_leaves_the_queue_lets_the_next_one_in() -> None:
    told: list[Owner] = []
    pool = InstancePool(2, 1000, told.append)
    pool.acquire(owner("a"), 1, 100)
    pool.acquire(owner("big"), 2, 100)
    pool.acquire(owner("small"), 1, 100)
    pool.release(owner("big"))
    assert told == [owner("small")]


def test_memory_counts_as_cores_do() -> None:
    pool = InstancePool(8, 1000)
    assert pool.acquire(owner("a"), 1, 600)
    assert not pool.acquire(owner("b"), 1, 600)


def test_repeated_calls_are_harmless() -> None:
    pool = InstancePool(2, 1000)
    for _ in range(3):
        assert pool.acquire(owner("a"), 1, 100)
        pool.adopt(owner("a"), 1, 100)
    assert pool.usage()["cpus_used"] == 1
    for _ in range(3):
        pool.release(owner("a"))
    assert pool.usage()["cpus_used"] == 0


def test_slots_of_before_are_adopted_even_beyond_the_machine() -> None:
    pool = InstancePool(2, 1000)
    pool.adopt(owner("a"), 2, 900)
    pool.adopt(owner("b"), 2, 900)
    assert not pool.acquire(owner("c"), 1, 10)
    pool.release(owner("a"))
    assert pool.grant_of(owner("c")) is None
    pool.release(owner("b"))
    assert pool.grant_of(owner("c")) is not None


def test_cores_are_shared_out_evenly() -> None:
    pool = InstancePool(4, 1000)
    pool._cores, pool._load = (0, 1, 2, 3), dict.fromkeys(range(4), 0.0)
    for number in range(4):
        pool.acquire(owner(str(number)), 1, 10)
    cores = [pool.grant_of(owner(str(number))) for number in range(4)]
    assert sorted(grant.cores for grant in cores if grant) == [(0,), (1,), (2,), (3,)]
    pool.release(owner("2"))
    pool.acquire(owner("again"), 1, 10)
    again = pool.grant_of(owner("again"))
    assert again is not None
    assert again.cores == (2,)
