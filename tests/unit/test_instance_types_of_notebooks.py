"""Tests of the table of Studio's instance types."""

from __future__ import annotations

from pathlib import Path

import botocore.session
import pytest

from smstudio_ext.engine.runtime.instances import INSTANCE_TYPES as OF_JOBS
from smstudio_ext.notebooks import instance_types as types

MACHINE = types.Machine(vcpus=4, memory_gib=15.5, gpus=0)


def test_fast_launch_and_defaults_are_the_documented_ones() -> None:
    assert {"ml.t3.medium", "ml.m5.large", "ml.c5.large", "ml.g4dn.xlarge"} == types.FAST_LAUNCH
    assert types.default_type(gpu=False) == "ml.t3.medium"
    assert types.default_type(gpu=True) == "ml.g4dn.xlarge"
    assert {each.name for each in types.studio_types()[:4]} == types.FAST_LAUNCH


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ml.t3.medium", "2 vCPU + 4 GiB"),
        ("ml.m5.24xlarge", "96 vCPU + 384 GiB"),
        ("ml.g4dn.xlarge", "4 vCPU + 16 GiB + 1 GPU"),
        ("ml.g5.48xlarge", "192 vCPU + 768 GiB + 8 GPU"),
        ("ml.c4.xlarge", "4 vCPU + 7.5 GiB"),
    ],
)
def test_text_of_the_toolbar(name: str, text: str) -> None:
    assert types.INSTANCE_TYPES[name].text() == text


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        ("ml.t3.medium", ()),
        ("ml.t3.xlarge", ("memory",)),
        ("ml.m5.2xlarge", ("vcpu", "memory")),
        ("ml.g4dn.xlarge", ("memory", "gpu")),
    ],
)
def test_what_a_machine_lacks(name: str, lacks: tuple[str, ...]) -> None:
    kind = types.INSTANCE_TYPES[name]
    assert kind.lacks(MACHINE) == lacks
    assert kind.fits(MACHINE) == (not lacks)


def test_names_are_aws_own() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    apps = set(model.shape_for("AppInstanceType").metadata["enum"])
    notebooks = set(model.shape_for("InstanceType").metadata["enum"])
    assert {each.name for each in types.studio_types()} <= apps
    assert set(types.INSTANCE_TYPES) <= apps | notebooks


def test_the_table_agrees_with_the_engines() -> None:
    # The engine takes c4.8xlarge by the rule of its family, not by AWS's exception of 36 vCPUs.
    for name in sorted(types.INSTANCE_TYPES.keys() & OF_JOBS.keys() - {"ml.c4.8xlarge"}):
        mine, theirs = types.INSTANCE_TYPES[name], OF_JOBS[name]
        assert (mine.vcpus, mine.memory_gib * 1024) == (theirs.vcpus, theirs.memory_mb), name


def test_a_type_that_is_not_known() -> None:
    assert types.instance_type("ml.x9.huge") is None


def test_this_machine_heeds_the_cgroup(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("1073741824\n")
    assert types._memory_bytes([str(limit)]) == 2**30
    limit.write_text("max\n")
    whole = types._memory_bytes([str(limit), str(tmp_path / "none")])
    assert whole > 2**30
    machine = types.this_machine()
    assert machine.vcpus >= 1
    assert machine.memory_gib > 0


def test_gpus_are_counted(tmp_path: Path) -> None:
    assert types._gpus(str(tmp_path / "none")) == 0
    (tmp_path / "0000:00:1e.0").mkdir()
    assert types._gpus(str(tmp_path)) == 1
