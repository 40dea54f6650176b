"""Start-up scripts of notebooks' apps: the one that was chosen, none, and a default one that nobody chose."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.notebooks import notices, placing
from smstudio_ext.notebooks.kernelspecs import KERNELS_DIR
from tests.conftest import RunningEngine, eventually

KERNEL = "python3-python-3.6"
NOTEBOOK = "/files/a.ipynb"


@pytest.fixture
def engine(
    own_engine: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningEngine]:
    """This process's Jupyter, as a server starts kernels of `NOTEBOOK`, with an engine of its own."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "SMSTUDIO_", "JUPYTER", "JPY_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SMSTUDIO_HOME", str(own_engine.data_dir))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PATH", str(KERNELS_DIR.parent))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv(placing.SESSION_NAME, NOTEBOOK)
    yield own_engine
    placing.forget_choice(NOTEBOOK)


def test_a_default_script_that_fails_is_said_in_the_notebook_and_makes_one_failed_app(
    engine: RunningEngine,
) -> None:
    _default_script(engine, "exit 3")
    with _kernel() as first:
        eventually(notices.place(first.kernel_id).exists, what="the notice")
        said = _run(first, "print('ran')")
        assert "ran\n" in said
        assert "The default start-up script of this image’s app failed" in said
        assert "non zero exit code 3" in said
        assert "start-up script" not in _run(first, "print(2)")
        with _kernel() as second:
            placed = eventually(lambda: _app_of(second), what="the second kernel's app")
            assert placed == _app_of(first)
            assert _run(second, "print(3)") == "3\n"
    apps = engine.client("sagemaker").list_apps()["Apps"]
    assert sorted(each["Status"] for each in apps) == ["Failed", "InService"]
    assert not notices.place(first.kernel_id).exists()


def test_a_kernel_does_not_wait_for_a_default_script_that_nobody_chose(engine: RunningEngine) -> None:
    _default_script(engine, "sleep 3600")
    with _kernel() as kernel:
        assert _run(kernel, "print('at once')") == "at once\n"
        app = eventually(lambda: _app_of(kernel), what="the app")
        sagemaker = engine.client("sagemaker")
        described = next(each for each in sagemaker.list_apps()["Apps"] if each["AppName"] == app)
        assert described["Status"] == "Pending"


def test_no_script_runs_no_default_one_either(engine: RunningEngine) -> None:
    _default_script(engine, "exit 3")
    placing.choose(NOTEBOOK, "ml.t3.medium", lifecycle_config_arn=placing.NO_SCRIPT)
    with _kernel() as kernel:
        eventually(lambda: _app_of(kernel), what="the app")
        assert _run(kernel, "print(1)") == "1\n"
    apps = engine.client("sagemaker").list_apps()["Apps"]
    assert [each["Status"] for each in apps] == ["InService"]


def test_a_chosen_script_that_fails_keeps_the_kernel_from_starting(engine: RunningEngine) -> None:
    arn = _default_script(engine, "exit 4")
    placing.choose(NOTEBOOK, "ml.t3.medium", lifecycle_config_arn=arn)
    with pytest.raises(RuntimeError, match="non zero exit code 4"), _kernel():
        pass
    assert placing.placements() == []


def _default_script(engine: RunningEngine, text: str) -> str:
    sagemaker = engine.client("sagemaker")
    arn = str(
        sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName="prepare",
            StudioLifecycleConfigContent=base64.b64encode(f"#!/bin/sh\n{text}\n".encode()).decode(),
            StudioLifecycleConfigAppType="KernelGateway",
        )["StudioLifecycleConfigArn"]
    )
    domain = sagemaker.list_domains()["Domains"][0]["DomainId"]
    settings = {"LifecycleConfigArns": [arn], "DefaultResourceSpec": {"LifecycleConfigArn": arn}}
    sagemaker.update_domain(DomainId=domain, DefaultUserSettings={"KernelGatewayAppSettings": settings})
    return arn


@contextmanager
def _kernel() -> Iterator[Any]:
    from jupyter_client.manager import KernelManager

    manager: Any = KernelManager(kernel_name=KERNEL)
    manager.start_kernel()
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


def _app_of(kernel: Any) -> str | None:
    found = placing.placement(kernel.kernel_id)
    return found.app_name if found else None


def _run(kernel: Any, code: str) -> str:
    client = kernel.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        printed: list[str] = []

        def hook(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        client.execute_interactive(code, output_hook=hook, timeout=60)
        return "".join(printed)
    finally:
        client.stop_channels()
