"""The package's kernels in a real Jupyter server: offered with their logos, and at work with the server's own engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.notebooks.kernelspecs import DATA_SCIENCE
from tests.conftest import eventually

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer


def test_the_server_offers_the_kernels_with_their_logos(server: JupyterServer) -> None:
    listed = server.expect(200, "GET", f"{_base(server)}api/kernelspecs")
    found = listed["kernelspecs"][DATA_SCIENCE]
    assert found["spec"]["display_name"] == "Python 3 (Data Science)"
    assert listed["kernelspecs"]["conda_python3"]["spec"]["display_name"] == "conda_python3"
    assert listed["default"] != DATA_SCIENCE
    origin = str(server.client.base_url.copy_with(path="/"))
    for name in ("logo-64x64", "logo-svg"):
        assert server.client.get(origin + found["resources"][name].lstrip("/")).status_code == 200


def test_a_kernel_works_with_the_engine_of_its_server(server: JupyterServer) -> None:
    server.post("engine/start")
    kernel = server.expect(201, "POST", f"{_base(server)}api/kernels", json={"name": DATA_SCIENCE})
    try:
        said = _run(
            server.home / "runtime" / f"kernel-{kernel['id']}.json",
            "import boto3, os; print(os.environ['AWS_ENDPOINT_URL'], boto3.client('sts').get_caller_identity()['Account'])",
        )
    finally:
        assert server.client.delete(f"{_base(server)}api/kernels/{kernel['id']}").status_code == 204
    engine = json.loads((server.engine_dir / "engine.json").read_text())
    assert said.split() == [engine["url"], "000000000000"]


def _base(server: JupyterServer) -> str:
    return str(server.client.base_url).removesuffix("smstudio/api/")


def _ready(client: Any) -> bool:
    try:
        client.wait_for_ready(timeout=120)
    except RuntimeError:
        return False  # no heartbeat yet: it is still importing
    return True


def _run(connection: Path, code: str) -> str:
    """What a cell prints in a running kernel."""
    from jupyter_client.blocking.client import BlockingKernelClient

    eventually(
        lambda: connection.is_file() and connection.stat().st_size, what="the kernel's connection file"
    )
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    printed: list[str] = []

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] in ("stream", "error"):
            printed.append(message["content"].get("text") or str(message["content"]))

    try:
        eventually(lambda: _ready(client), timeout=120, what="the kernel's start")
        client.execute_interactive(code, output_hook=note, timeout=120)
    finally:
        client.stop_channels()
    return "".join(printed)
