"""Fixtures for all tests: a real engine process and unmodified boto3 clients for it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from smstudio_ext.engine.server import lifecycle

T = TypeVar("T")

# Tests start hundreds of engines, servers and commands; without bytecode each would compile the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

REGION = "us-east-1"

# Most tests create things on moto without a word; those of the confirmation say that it is wanted.
os.environ.setdefault("SMSTUDIO_CONFIRM_COSTS", "0")


PATIENCE = 150.0
"""Seconds to wait for what happens within one on a quiet machine: a busy one is no failure, and success costs nothing."""


def eventually(condition: Callable[[], T], timeout: float = PATIENCE, what: str = "") -> T:
    """Waits until `condition()` is true and returns its value; for ends of real processes only.

    Args:
        timeout: seconds; never less than `PATIENCE`.
        what: named in the failure.
    """
    timeout = max(timeout, PATIENCE)
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition}\n{busy_machine()}")
        time.sleep(0.02)


def busy_machine() -> str:
    """How busy the machine is just now, for failures that a busy one may explain."""
    processes = list(psutil.process_iter(["name", "cmdline", "memory_info"]))
    for each in processes:  # the first call of each begins its measure
        with contextlib.suppress(psutil.Error):
            each.cpu_percent()
    time.sleep(1)
    lines = []
    for each in processes:
        with contextlib.suppress(psutil.Error):
            command = " ".join(each.info["cmdline"] or [each.info["name"]])[-120:]
            lines.append((each.cpu_percent(), each.info["memory_info"].rss // 2**20, each.status(), command))
    memory = psutil.virtual_memory()
    busiest = "\n".join(
        f"  {cpu:.0f} % {rss} MB {status}: {what}" for cpu, rss, status, what in sorted(lines)[:-9:-1]
    )
    return (
        f"load {os.getloadavg()} on {os.cpu_count()} cores, {memory.available // 2**20} of {memory.total // 2**20} MB "
        f"of memory and {psutil.disk_usage('/').free // 2**20} MB of the disk are free, {len(lines)} processes:\n{busiest}"
    )


class RunningEngine:
    """A real engine process on a data directory of the test's own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.info = lifecycle.start_engine(data_dir)

    @property
    def url(self) -> str:
        return self.info.url

    def client(self, service: str, region: str = REGION, **options: Any) -> Any:
        """A plain boto3 client of a service."""
        import boto3

        return boto3.client(
            service,
            **{
                "endpoint_url": self.info.url,
                "region_name": region,
                "aws_access_key_id": self.info.access_key,
                "aws_secret_access_key": self.info.secret_key,
                **options,
            },
        )

    def environment(self) -> dict[str, str]:
        """This process's environment with the engine's variables, for subprocesses."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**clean, **lifecycle.engine_environment(self.info)}

    def kill(self) -> None:
        """`kill -9` of the engine alone; jobs go on."""
        os.kill(self.info.pid, signal.SIGKILL)
        eventually(lambda: lifecycle.lock_holder(self.data_dir) is None, what="end of the killed engine")

    def stop(self) -> None:
        """Stops the engine as `smstudio engine stop` does."""
        lifecycle.stop_engine(self.data_dir)

    def start(self) -> None:
        """Starts it again on the same data, at a new port."""
        self.info = lifecycle.start_engine(self.data_dir)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """One engine for the tests of this process; use names of your own."""
    running = RunningEngine(tmp_path_factory.mktemp("engine"))
    yield running
    lifecycle.reset_engine(running.data_dir)


@pytest.fixture
def own_engine(tmp_path: Path) -> Iterator[RunningEngine]:
    """An engine for one test alone, which may kill and restart it."""
    running = RunningEngine(tmp_path / "engine")
    yield running
    lifecycle.reset_engine(running.data_dir)
