"""Facts about processes, and how often a supervisor asks for them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smstudio_ext.engine.runtime import procfs, supervisor
from smstudio_ext.engine.runtime.procfs import descendants
from tests.conftest import eventually


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    """A shell with a grandchild of this process below it."""
    shell = subprocess.Popen(["sh", "-c", "sh -c 'sleep 60; true' & wait"], start_new_session=True)
    try:
        yield shell
    finally:
        os.killpg(shell.pid, 9)
        shell.wait()


@pytest.mark.parametrize("told", [True, False])
def test_descendants_are_found_at_every_depth(
    family: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    if not told:  # as on kernels without /proc/PID/task/TID/children
        monkeypatch.setattr(procfs, "_children", lambda pid: None)
    found = eventually(
        lambda: len(below := descendants(family.pid)) == 2 and below, what="child and grandchild"
    )
    assert family.pid in descendants(os.getpid())
    assert set(found) <= set(descendants(os.getpid()))
    assert descendants(found[-1]) == []


def test_the_dead_have_no_descendants_and_are_none() -> None:
    child = subprocess.Popen(["true"])
    eventually(lambda: child.pid not in descendants(os.getpid()), what="a zombie")
    child.wait()
    assert descendants(child.pid) == []


def test_a_talkative_job_costs_no_more_looks_at_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[list[int]] = []
    monkeypatch.setattr(supervisor, "private_memory_mb", lambda pids: looks.append(pids) or 1)
    watched = supervisor._Supervised(tmp_path, {"memory_mb": 100})
    watched.child = os.getpid()
    began = time.monotonic()
    for _ in range(200):  # each line that a job prints leads to such a call
        watched._limits()
    assert 1 <= len(looks) <= 1 + (time.monotonic() - began) / supervisor.LOOK_SECONDS
