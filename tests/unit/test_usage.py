"""What processes use: real processes that burn, hold memory, fork and end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from smstudio_ext.notebooks import usage
from smstudio_ext.notebooks.placing import Placement
from smstudio_ext.notebooks.usage import UsageReader
from tests.conftest import eventually

MIB = 2**20


class Steps:
    """A clock that moves a second at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a child of its own that holds 64 MiB; both wait."""
    held = "x = bytearray(64 * 2**20); print('held', flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.communicate(b"\n", timeout=120)


def place(kernel: str, pid: int, kind: str = "ml.t3.medium", **groups: Path) -> Placement:
    return Placement(
        kernel_id=kernel,
        pid=pid,
        app_name="a",
        image="datascience-1.0",
        instance_type=kind,
        cgroup=None,
        started=0.0,
        user_profile="ada",
        groups={name: str(folder) for name, folder in groups.items()},
    )


def test_memory_of_children_counts(child: subprocess.Popen[bytes]) -> None:
    reader = UsageReader(clock=Steps(), registry=list)
    found = reader.read({"k": child.pid})
    assert found.kernels["k"].memory_bytes > 64 * MIB
    assert found.kernels["k"].cpu_percent is None  # the first look has nothing to compare with
    assert reader.read({"k": child.pid}).kernels["k"].cpu_percent is not None
    assert found.instances == {}


def test_kernels_of_an_instance_count_together(child: subprocess.Popen[bytes]) -> None:
    places = [place("k", child.pid), place("other", child.pid)]
    reader = UsageReader(clock=Steps(), registry=lambda: places)
    found = reader.read({}, {child.pid: "ml.t3.medium"})
    one = found.kernels["k"].memory_bytes
    assert set(found.kernels) == {"k", "other"}
    assert found.instances["ada/ml.t3.medium"].memory_bytes == 3 * one
    assert found.kernels["k"].memory_percent == pytest.approx(100 * one / (4 * 2**30))


def test_processor_time_is_of_the_instance(child: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """A control group of version 1: two of the instance's two vCPUs for half of the time."""
    (tmp_path / "cpuacct.usage").write_text("0")
    (tmp_path / "memory.usage_in_bytes").write_text(str(100 * MIB))
    (tmp_path / "memory.stat").write_text(f"inactive_file 1\ntotal_rss 5\ntotal_inactive_file {40 * MIB}\n")
    placed = place("k", child.pid, cpuacct=tmp_path, memory=tmp_path)
    reader = UsageReader(clock=Steps(), registry=lambda: [placed])
    reader.read()
    (tmp_path / "cpuacct.usage").write_text(str(10**9))
    use = reader.read().kernels["k"]
    size = usage.size_of("ml.t3.medium", reader.read().size)
    assert use.cpu_percent == pytest.approx(100 / size.vcpus)
    assert use.memory_bytes == 60 * MIB


def test_a_control_group_of_version_2(child: subprocess.Popen[bytes], tmp_path: Path) -> None:
    (tmp_path / "cpu.stat").write_text("usage_usec 0\nuser_usec 0\n")
    (tmp_path / "memory.current").write_text(str(100 * MIB))
    (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {30 * MIB}\n")
    placed = place("k", child.pid, cpu=tmp_path, memory=tmp_path)
    reader = UsageReader(clock=Steps(), registry=lambda: [placed])
    reader.read()
    (tmp_path / "cpu.stat").write_text("usage_usec 500000\nuser_usec 0\n")
    use = reader.read().kernels["k"]
    size = usage.size_of("ml.t3.medium", reader.read().size)
    assert (use.cpu_percent, use.memory_bytes) == (pytest.approx(50 / size.vcpus), 70 * MIB)


def test_a_kernel_that_was_killed_outside_is_missing_and_its_registry_read_anew(
    child: subprocess.Popen[bytes],
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    asked: list[int] = []
    placed = [place("k", child.pid), place("dead", gone.pid)]

    def registry() -> list[Placement]:
        asked.append(1)
        return placed

    reader = UsageReader(clock=Steps(), registry=registry)
    assert set(reader.read().kernels) == {"k"}
    placed.pop()
    reader.read()
    reads = len(asked)
    reader.read()
    assert len(asked) == reads  # nothing came or went


def test_a_control_group_that_is_gone_falls_back_to_the_processes(
    child: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    placed = place("k", child.pid, cpuacct=tmp_path / "no", memory=tmp_path / "no")
    reader = UsageReader(clock=Steps(), registry=lambda: [placed])
    assert reader.read().kernels["k"].memory_bytes > 64 * MIB


def test_whoever_asks_again_at_once_gets_the_same_answer() -> None:
    reader = UsageReader(clock=lambda: 5.0, registry=list)
    assert reader.read() is reader.read()


def test_an_unknown_type_is_measured_by_the_machine(child: subprocess.Popen[bytes]) -> None:
    reader = UsageReader(clock=Steps(), registry=lambda: [place("k", child.pid, "ml.none.huge")])
    found = reader.read()
    assert found.kernels["k"].memory_percent == pytest.approx(
        100 * found.kernels["k"].memory_bytes / found.size.memory
    )


def test_the_slow_table_says_the_same(child: subprocess.Popen[bytes]) -> None:
    """The way of systems without /proc."""
    eventually(lambda: child.pid in usage._slow_process_table(), what="the process in psutil's table")
    quick, slow = usage._process_table()[child.pid], usage._slow_process_table()[child.pid]
    assert quick[0] == slow[0]
    assert quick[2] == pytest.approx(slow[2], rel=0.2)


def test_a_kernel_whose_app_is_not_yet_known_counts_on_the_users_instance(
    child: subprocess.Popen[bytes],
) -> None:
    fresh = replace(place("fresh", child.pid), app_name=None, user_profile=None)
    reader = UsageReader(clock=Steps(), registry=lambda: [place("k", child.pid), fresh])
    assert set(reader.read().instances) == {"ada/ml.t3.medium"}
