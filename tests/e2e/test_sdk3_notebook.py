"""A notebook of the SageMaker SDK v3 in its kernel, which `smstudio kernel add sdk3` adds; SDK and ipykernel unmodified."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PATIENCE, RunningEngine, eventually
from tests.e2e.notebooks import sdk3

ROOT = Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("SMSTUDIO_SDK3_PYTHON", str(ROOT / ".venv" / "sdk3" / "bin" / "python"))
KERNEL = "python3-sagemaker-sdk-3"

pytestmark = [
    pytest.mark.sdk,
    pytest.mark.skipif(
        not Path(PYTHON).exists(), reason="SDK v3 has an environment of its own: run `make sdk3`"
    ),
]


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Jupyter data directory with the kernel in it; removed with the command afterwards."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "SMSTUDIO_SDK_V1"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # a source tree that is not installed
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "unused"))
    said = smstudio("kernel", "add", "sdk3", "--python", PYTHON)
    assert "SDK 3." in said
    yield tmp_path / "jupyter"
    assert str(tmp_path / "jupyter") in smstudio("kernel", "remove", "sdk3")
    assert not (tmp_path / "jupyter" / "kernels" / KERNEL).exists()
    assert Path(PYTHON).exists()


def smstudio(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "smstudio_ext.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Kernel:
    """A running kernel, and what its cells print."""

    def __init__(self, folder: Path) -> None:
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import KernelManager

        folder.mkdir()
        self.manager = KernelManager(kernel_name=KERNEL, kernel_spec_manager=KernelSpecManager())
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def cell(self, code: str) -> dict[str, str]:
        """Runs a cell: its `stdout`, its `stderr`, and its `error` if it raised."""
        said = {"stdout": "", "stderr": "", "error": ""}

        def note(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                said[content["name"]] += content["text"]
            elif message["msg_type"] == "error":
                said["error"] = content["ename"] + ": " + content["evalue"]

        self.client.execute_interactive(code, output_hook=note, timeout=560)
        return said

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(
    jupyter: Path, engine: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Kernel]:
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
    monkeypatch.setenv("SMSTUDIO_SDK_V1", "1")
    running = Kernel(tmp_path / "work")
    yield running
    running.close()


def test_train_deploy_invoke_delete(kernel: Kernel, engine: RunningEngine) -> None:
    printed: dict[str, str] = {}
    for code in sdk3.CELLS:
        said = kernel.cell(code)
        assert not said["error"], said
        printed |= dict(line.split(" = ", 1) for line in said["stdout"].splitlines() if " = " in line)
    one, zero = (float(number) for number in printed["answers"].split())
    assert one > 0.8
    assert zero < 0.2
    assert printed["sdk"].startswith("3.")
    assert printed["status"] == "Completed"
    assert printed["waits quickly"] == "QuickTime"
    assert printed["smstudio_ext"] == "None"
    job = engine.client("sagemaker").describe_training_job(TrainingJobName=printed["job"])
    assert job["TrainingJobStatus"] == "Completed"
    # Deleting takes a moment: AWS, too, lists the endpoint until then.
    eventually(lambda: "sdk3-notebook" not in _endpoints(engine), what="the end of the deleted endpoint")


def _endpoints(engine: RunningEngine) -> list[str]:
    return [found["EndpointName"] for found in engine.client("sagemaker").list_endpoints()["Endpoints"]]


def test_programs_of_a_cell_have_the_kernels_packages_and_its_engine(
    kernel: Kernel, engine: RunningEngine
) -> None:
    said = kernel.cell(
        "!python -c \"import sys, importlib.metadata as m, boto3; print(sys.prefix, m.version('sagemaker'), "
        "boto3.client('s3').meta.endpoint_url)\""
    )
    prefix, version, url = said["stdout"].split()[-3:]
    assert (Path(prefix), version[0], url) == (Path(PYTHON).parents[1], "3", engine.url)


def test_a_cell_can_be_interrupted(kernel: Kernel, tmp_path: Path) -> None:
    flag = tmp_path / "runs"
    # After a cell that failed, a kernel drops cells for a moment, also one that is sent upon the reply: not here.
    identity = kernel.client.execute(
        f"open({str(flag)!r}, 'w').close()\nimport time\ntime.sleep(600)", stop_on_error=False
    )
    eventually(flag.exists, what="the cell's start")
    kernel.manager.interrupt_kernel()
    while True:
        reply = kernel.client.get_shell_msg(timeout=PATIENCE)
        if reply["parent_header"].get("msg_id") == identity:
            break
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.cell("print(1 + 1)")["stdout"] == "2\n"


def test_an_engine_that_comes_back_elsewhere_is_followed(
    jupyter: Path, own_engine: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSTUDIO_HOME", str(own_engine.data_dir))
    kernel = Kernel(tmp_path / "work")
    try:
        code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'], boto3.client('s3').meta.endpoint_url)"
        assert kernel.cell(code)["stdout"].split() == ["000000000000", own_engine.url]
        before = own_engine.url
        own_engine.stop()
        own_engine.start()
        said = kernel.cell(code)
        assert said["stdout"].split() == ["000000000000", own_engine.url]
        assert (own_engine.url in said["stderr"]) == (own_engine.url != before)
    finally:
        kernel.close()
