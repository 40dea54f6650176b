"""An instance that is smaller than the machine: its kernels see its size, and are held to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.notebooks import instance_types, placing
from smstudio_ext.notebooks.kernelspecs import KERNELS_DIR

SMALL = "ml.t3.small"
"""One vCPU and 1 GiB: Studio has no type with one vCPU, and the machine of the tests may have two."""

BURN = """
import os, subprocess, sys, time
os.sched_setaffinity(0, range({cpus}))  # only the control group is left
burn = "import time\\nwhile time.process_time() < 0.5: pass"
began = time.monotonic()
running = [subprocess.Popen([sys.executable, "-I", "-S", "-c", burn]) for _ in range(2)]
assert [each.wait() for each in running] == [0, 0]
print(time.monotonic() - began)
"""


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A kernel on an instance of the small type; no engine runs."""
    from jupyter_client.manager import KernelManager

    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system gives processes all CPUs")
    for name in list(os.environ):
        if name.startswith(("AWS_", "SMSTUDIO_", "JUPYTER", "JPY_")):
            monkeypatch.delenv(name)
    small = replace(instance_types.INSTANCE_TYPES["ml.t3.medium"], name=SMALL, vcpus=1, memory_gib=1.0)
    monkeypatch.setitem(instance_types.INSTANCE_TYPES, SMALL, small)
    monkeypatch.setenv(placing.INSTANCE_TYPE, SMALL)
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SMSTUDIO_TARGET", "aws")  # no engine is started for it
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PATH", str(KERNELS_DIR.parent))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    manager: Any = KernelManager(kernel_name="python3-python-3.6")
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


def test_a_kernel_sees_and_has_what_its_instance_has(kernel: Any) -> None:
    found = placing.placement(kernel.kernel_id)
    assert found is not None
    assert found.instance_type == SMALL
    seen = _run(
        kernel,
        "import multiprocessing, os\n"
        "print(os.cpu_count(), multiprocessing.cpu_count(), len(os.sched_getaffinity(0)))\n"
        "print(os.popen('nproc').read().strip(), os.environ['SMSTUDIO_INSTANCE_TYPE'])",
    )
    assert seen == f"1 1 1\n1 {SMALL}\n"
    assert "affinity" in found.limits
    if "cpu" not in found.limits:
        pytest.skip("no control group that limits CPU time can be made here")
    # Two processes that want a second of CPU time together need a second: less what a period may begin with.
    seconds = float(_run(kernel, BURN.format(cpus=os.cpu_count())))
    assert seconds > 0.8


def _run(kernel: Any, code: str) -> str:
    client = kernel.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        said: list[str] = []

        def hook(message: dict[str, Any]) -> None:
            content = message["content"]
            said.append(content.get("text") or "\n".join(content.get("traceback") or []))

        client.execute_interactive(code, output_hook=hook, timeout=60)
        return "".join(said)
    finally:
        client.stop_channels()
