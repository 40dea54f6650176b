"""`smstudio running` and `smstudio stop-all` with real apps and a real kernel that no Jupyter server has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.server import lifecycle
from smstudio_ext.target import LocalEngine, Target
from tests.conftest import eventually

KERNEL = "python3-python-3.6"


def smstudio(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command and returns what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "smstudio_ext.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory with a running engine, for kernels of this process too."""
    directory = tmp_path / "data"
    monkeypatch.setenv("SMSTUDIO_HOME", str(directory))
    lifecycle.start_engine(directory)
    yield directory
    lifecycle.stop_engine(directory)


@pytest.fixture
def kernel(data: Path) -> Iterator[Any]:
    """A kernel on an instance, started as nbclient does."""
    from jupyter_client import KernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    from smstudio_ext.notebooks.kernelspecs import offer_kernels

    specs = KernelSpecManager()
    offer_kernels(specs)
    manager = KernelManager(kernel_name=KERNEL, kernel_spec_manager=specs)
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


def shown(data: Path) -> Any:
    answer = smstudio("running", "--json", "--data", str(data))
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_a_kernel_and_its_instance_are_told_and_stopped(data: Path, kernel: Any) -> None:
    info = lifecycle.read_engine(data)
    assert info is not None
    sagemaker = Target.local(LocalEngine(info.url, info.access_key, info.secret_key)).client("sagemaker")
    eventually(lambda: sagemaker.list_apps()["Apps"], what="the kernel's app")
    found = eventually(
        lambda: now if (now := shown(data))["instances"] and now["kernels"][0]["app"] else None,
        what="the kernel on its app",
    )
    assert [each["instance_type"] for each in found["instances"]] == ["ml.t3.medium"]
    assert found["kernels"][0]["kernel_name"] == KERNEL
    text = smstudio("running", "--data", str(data)).stdout
    for part in ("Instance", "Kernel", "ml.t3.medium", "Simulated cost so far", "nobody bills it"):
        assert part in text

    assert smstudio("stop-all", "--data", str(data), stdin="n\n").returncode == 1
    assert kernel.is_alive()
    stopped = smstudio("stop-all", "--yes", "--data", str(data))
    assert stopped.returncode == 0, stopped.stderr
    assert "Stopped 2." in stopped.stdout
    assert not kernel.is_alive()
    eventually(
        lambda: smstudio("running", "--data", str(data)).stdout.strip() == "Nothing runs.",
        what="nothing to run",
    )
    assert smstudio("stop-all", "--data", str(data)).stdout.strip() == "Nothing runs."
