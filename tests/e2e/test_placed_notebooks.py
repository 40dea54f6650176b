"""Notebooks run by nbclient on kernels of images: placed on an instance, recorded as an app, gone afterwards."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.notebooks import limits, placing
from smstudio_ext.notebooks.home import environments_dir
from smstudio_ext.notebooks.images import catalogue, own, specs
from smstudio_ext.notebooks.kernelspecs import KERNELS_DIR
from tests.conftest import RunningEngine


@pytest.fixture
def jupyter(own_engine: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunningEngine:
    """This process's Jupyter with the package's kernels and an engine of its own."""
    built = str(environments_dir())
    for name in list(os.environ):
        if name.startswith(("AWS_", "SMSTUDIO_", "JUPYTER")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SMSTUDIO_HOME", str(own_engine.data_dir))
    monkeypatch.setenv("SMSTUDIO_ENVIRONMENTS", built)  # images are built once for all tests
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PATH", str(KERNELS_DIR.parent))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return own_engine


def test_a_notebook_runs_on_its_image_and_counts_to_an_app(jupyter: RunningEngine) -> None:
    said, during = _run(
        "python3-datascience-1.0",
        "import pandas, numpy, os, boto3\n"
        "print(pandas.__version__.split('.')[0], os.environ['SMSTUDIO_INSTANCE_TYPE'])\n"
        "print(boto3.client('sagemaker').list_training_jobs()['TrainingJobSummaries'])",
    )
    assert said == "2 ml.t3.medium\n[]\n"
    assert (during.image, during.instance_type) == ("datascience-1.0", "ml.t3.medium")
    assert during.app_name is not None
    assert during.app_name.startswith("datascience-1-0-ml-t3-medium-")
    apps = jupyter.client("sagemaker").list_apps()["Apps"]
    assert [(each["AppName"], each["AppType"]) for each in apps] == [(during.app_name, "KernelGateway")]
    described = jupyter.client("sagemaker").describe_app(
        DomainId=during.domain_id,
        UserProfileName=during.user_profile,
        AppType="KernelGateway",
        AppName=during.app_name,
    )
    assert described["ResourceSpec"]["InstanceType"] == "ml.t3.medium"
    assert described["ResourceSpec"]["SageMakerImageArn"].endswith(":image/datascience-1.0")
    assert placing.placements() == []
    assert not any(Path(place).exists() for place in during.groups.values())


def test_an_image_of_the_users_own_is_a_kernel_everywhere(
    jupyter: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sagemaker = jupyter.client("sagemaker")
    domain = sagemaker.list_domains()["Domains"][0]["DomainId"]
    role = "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole"
    sagemaker.create_image(ImageName="mine", RoleArn=role, DisplayName="My own")
    sagemaker.create_image_version(ImageName="mine", BaseImage=sys.prefix, ClientToken="0" * 36)
    sagemaker.create_app_image_config(
        AppImageConfigName="mine",
        KernelGatewayImageConfig={"KernelSpecs": [{"Name": "python3", "DisplayName": "Snake"}]},
    )
    custom = {"ImageName": "mine", "AppImageConfigName": "mine"}
    settings = {"KernelGatewayAppSettings": {"CustomImages": [custom]}}
    sagemaker.update_domain(DomainId=domain, DefaultUserSettings=settings)
    found = {each.id: each for each in catalogue.images()}["mine"]
    assert (found.name, found.state, found.kernels[0].name) == ("My own", "built", "python3-mine")
    written = json.loads((specs.kernels_folder() / "python3-mine" / "kernel.json").read_text())
    assert written["display_name"] == "Snake (My own)"
    said, during = _run("python3-mine", "import sys; print(sys.executable)")
    assert said == f"{Path(sys.prefix) / 'bin' / 'python'}\n"
    assert (during.image, (during.app_name or "")[:18]) == ("mine", "mine-ml-t3-medium-")
    # Taken away while a notebook still names it: no other Python takes its place.
    kernel = json.loads((specs.kernels_folder() / "python3-mine" / "kernel.json").read_text())
    sagemaker.update_domain(
        DomainId=domain, DefaultUserSettings={"KernelGatewayAppSettings": {"CustomImages": []}}
    )
    monkeypatch.setattr(own, "_asked", {})
    assert "mine" not in {each.id for each in catalogue.images()}
    assert not (specs.kernels_folder() / "python3-mine").exists()
    (specs.kernels_folder() / "python3-mine").mkdir()
    (specs.kernels_folder() / "python3-mine" / "kernel.json").write_text(json.dumps(kernel))
    with pytest.raises(RuntimeError, match="The image mine of this kernel is not there any more"):
        _run("python3-mine", "1")


def test_a_fork_bomb_ends_its_kernel_and_nothing_else(
    jupyter: RunningEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from nbclient.exceptions import DeadKernelError

    probe = limits.instance_group("smstudio-00000000-ml-forks")
    limited = "pids" in probe.limit(pids=100)
    probe.remove()
    if not limited:
        pytest.skip("no control group that limits processes can be made here")
    monkeypatch.setattr(limits, "PIDS_PER_VCPU", 60)
    bomb = "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(0.01)"
    with pytest.raises(DeadKernelError):
        _run("python3-python-3.6", bomb)
    assert "processes and threads, the most that a kernel on ml.t3.medium may have here" in caplog.text
    assert placing.placements() == []


def test_a_kernel_goes_on_and_restarts_when_its_kernelspec_is_removed(
    jupyter: RunningEngine, tmp_path: Path
) -> None:
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_client.manager import KernelManager

    folder = tmp_path / "jupyter" / "kernels" / "passing"
    shutil.copytree(KERNELS_DIR / "python3-python-3.6", folder)
    manager: Any = KernelManager(kernel_name="passing")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        shutil.rmtree(folder)
        for _ in range(2):
            answer = client.execute_interactive("1 + 1", timeout=60, output_hook=lambda message: None)
            assert answer["content"]["status"] == "ok"
            manager.restart_kernel(now=True)
            client.wait_for_ready(timeout=60)
        assert placing.placement(manager.kernel_id) is not None
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    with pytest.raises(NoSuchKernel):
        KernelManager(kernel_name="passing").start_kernel()
    assert placing.placements() == []


def _run(kernel: str, code: str) -> tuple[str, placing.Placement]:
    """What a notebook's cell printed, and where its kernel ran."""
    import nbformat
    from nbclient import NotebookClient

    from tests.conftest import eventually

    class Watched(NotebookClient):
        placed: placing.Placement

        async def async_execute_cell(self, *args: Any, **kwargs: Any) -> Any:
            cell = await super().async_execute_cell(*args, **kwargs)
            eventually(lambda: placing.placements()[0].app_name, what="the app's record")
            self.placed = placing.placements()[0]
            return cell

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = Watched(notebook, kernel_name=kernel, timeout=120)
    client.execute()
    texts = [each["text"] for each in notebook.cells[0].outputs if each["output_type"] == "stream"]
    return "".join(texts), client.placed
