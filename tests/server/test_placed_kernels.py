"""Kernels on instances, in real Jupyter servers: placed, found again after a crash, ended with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PATIENCE, eventually
from tests.server.conftest import JupyterServer

BASE_PYTHON = "python3-python-3.6"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    from smstudio_ext.engine.server import lifecycle

    lifecycle.reset_engine(tmp_path / "home" / "engine")


def test_a_kernel_outlives_its_server_and_is_found_again_with_its_notebook(home: Path) -> None:
    first = JupyterServer(home)
    (first.root / "work").mkdir()
    (first.root / "work" / "a.ipynb").write_text(
        json.dumps(
            {"cells": [], "metadata": {"instance_type": "ml.m5.large"}, "nbformat": 4, "nbformat_minor": 5}
        )
    )
    session = first.expect(
        201,
        "POST",
        f"{_base(first)}api/sessions",
        json={"path": "work/a.ipynb", "name": "a.ipynb", "type": "notebook", "kernel": {"name": BASE_PYTHON}},
    )
    kernel_id = session["kernel"]["id"]
    connection = home / "runtime" / f"kernel-{kernel_id}.json"
    assert (
        _run(connection, "kept = 41; import os; print(os.environ['SMSTUDIO_INSTANCE_TYPE'])")
        == "ml.m5.large\n"
    )
    placed = _placements(home)[kernel_id]
    assert (placed["instance_type"], placed["image"]) == ("ml.m5.large", "python-3.6")
    first.client.close()
    first.process.kill()
    first.process.wait(PATIENCE)

    second = first
    second.start()
    try:
        sessions = eventually(
            lambda: second.expect(200, "GET", f"{_base(second)}api/sessions"), what="sessions"
        )
        assert [(each["path"], each["kernel"]["id"]) for each in sessions] == [("work/a.ipynb", kernel_id)]
        assert _run(connection, "print(kept + 1)") == "42\n"
        restarted = second.expect(200, "POST", f"{_base(second)}api/kernels/{kernel_id}/restart", json={})
        assert restarted["id"] == kernel_id
        assert "NameError" in _run(connection, "print(kept + 1)")
        assert second.client.delete(f"{_base(second)}api/kernels/{kernel_id}").status_code == 204
        assert kernel_id not in _placements(home)
    finally:
        second.close()


def test_a_memory_bomb_ends_its_kernel_with_a_reason_and_nothing_else(server: JupyterServer) -> None:
    if not _memory_is_limited():
        pytest.skip("no control group with a memory limit can be made here")
    started = server.expect(201, "POST", f"{_base(server)}api/kernels", json={"name": BASE_PYTHON})
    other = server.expect(201, "POST", f"{_base(server)}api/kernels", json={"name": BASE_PYTHON})
    connection = server.home / "runtime" / f"kernel-{started['id']}.json"
    _run(server.home / "runtime" / f"kernel-{other['id']}.json", "kept = 5")
    bomb = "held = []\nfor _ in range(64): held.append(b'x' * 2**27)"
    _send(connection, bomb)
    said = eventually(
        lambda: [line for line in server.log.read_text().splitlines() if "was used up" in line],
        timeout=60,
        what="the reason in the server's log",
    )
    assert started["id"] in said[0]
    assert "its instance ml.t3.medium was used up (4 GiB, shared by all kernels on it)" in said[0]
    answer = eventually(lambda: _run(connection, "print('alive')") or None, timeout=60, what="the new kernel")
    assert "memory of its instance ml.t3.medium was used up" in answer
    assert _run(server.home / "runtime" / f"kernel-{other['id']}.json", "print(kept)") == "5\n"
    for each in (started, other):
        assert server.client.delete(f"{_base(server)}api/kernels/{each['id']}").status_code == 204


def _memory_is_limited() -> bool:
    from smstudio_ext.notebooks.limits import instance_group

    group = instance_group("smstudio-00000000-ml-probe")
    try:
        return "memory" in group.limit(memory=2**30)
    finally:
        group.remove()


def _placements(home: Path) -> dict[str, Any]:
    folder = home / "engine" / "notebooks" / "placements"
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def _placements_of(server: JupyterServer) -> dict[str, Any]:
    return _placements(server.home)


def _base(server: JupyterServer) -> str:
    return str(server.client.base_url).removesuffix("smstudio/api/")


def _client(connection: Path) -> Any:
    from jupyter_client.blocking.client import BlockingKernelClient

    eventually(
        lambda: connection.is_file() and connection.stat().st_size, what="the kernel's connection file"
    )
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    eventually(lambda: _ready(client), timeout=60, what="the kernel's start")
    return client


def _ready(client: Any) -> bool:
    try:
        client.wait_for_ready(timeout=120)
    except RuntimeError:
        return False  # no heartbeat yet: it is still importing
    return True


def _run(connection: Path, code: str) -> str:
    """What a cell prints in a running kernel."""
    client = _client(connection)
    printed: list[str] = []

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] in ("stream", "error"):
            printed.append(message["content"].get("text") or str(message["content"]))

    try:
        client.execute_interactive(code, output_hook=note, timeout=PATIENCE)
    finally:
        client.stop_channels()
    return "".join(printed)


def _send(connection: Path, code: str) -> None:
    client = _client(connection)
    client.execute(code)
    eventually(lambda: client.is_alive(), what="the cell's start")
    client.stop_channels()


def test_a_notebook_of_the_real_studio_starts_on_the_matching_image(server: JupyterServer) -> None:
    name = (
        "python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:081325390199:image/sagemaker-base-python-38"
    )
    (server.root / "from-studio.ipynb").write_text("{}")
    session = server.expect(
        201,
        "POST",
        f"{_base(server)}api/sessions",
        json={
            "path": "from-studio.ipynb",
            "name": "from-studio.ipynb",
            "type": "notebook",
            "kernel": {"name": name},
        },
    )
    try:
        placed = eventually(lambda: _placements_of(server).get(session["kernel"]["id"]), what="the placement")
        assert (placed["image"], placed["instance_type"]) == ("python-3.6", "ml.t3.medium")
    finally:
        assert server.client.delete(f"{_base(server)}api/sessions/{session['id']}").status_code == 204
    unknown = name.replace("sagemaker-base-python-38", "mxnet-1.6-cpu-py36")
    refused = server.client.post(
        f"{_base(server)}api/sessions",
        json={"path": "x.ipynb", "name": "x.ipynb", "type": "notebook", "kernel": {"name": unknown}},
    )
    assert refused.status_code == 501
    assert "mxnet-1.6-cpu-py36" in refused.text
