"""Kernels of a real Jupyter gateway through jupyter_client: all channels, ends, breaks of the connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from smstudio_ext.notebooks.gateway import config, registry, specs
from tests.conftest import PATIENCE, eventually
from tests.server.gateway_stand import TOKEN, GatewayServer, Wire

KERNEL = "gateway-team-python3"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayServer]:
    running = GatewayServer(tmp_path_factory.mktemp("gateway") / "home")
    yield running
    running.close()


@pytest.fixture
def wire(gateway: GatewayServer) -> Iterator[Wire]:
    made = Wire(gateway.port)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    for name in ("KERNEL_CPUS", "KERNEL_MEMORY", "KERNEL_GPUS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def team(gateway: GatewayServer, wire: Wire) -> config.Gateway:
    made = config.add({"name": "team", "url": f"http://127.0.0.1:{wire.port}", "token": TOKEN})
    assert specs.offers()[0].problem == ""
    return made


class Running:
    """A kernel with a client."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name=KERNEL)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def outputs(self, message_id: str) -> list[dict[str, Any]]:
        """What a cell writes until it is done."""
        found = []
        while True:
            said = self.client.get_iopub_msg(timeout=PATIENCE)
            if said["parent_header"].get("msg_id") != message_id:
                continue
            if said["msg_type"] == "status" and said["content"]["execution_state"] == "idle":
                return found
            if said["msg_type"] in ("stream", "error", "execute_result", "comm_open", "comm_msg"):
                found.append({"type": said["msg_type"], "buffers": said["buffers"], **said["content"]})

    def text(self, message_id: str) -> str:
        """What a cell prints, with its errors."""
        return "".join(
            each.get("text") or f"{each['ename']}: {each['evalue']}"
            for each in self.outputs(message_id)
            if each["type"] in ("stream", "error")
        )

    def run(self, code: str) -> str:
        """Runs a cell; what it prints."""
        return self.text(self.client.execute(code))

    def begin(self, code: str) -> str:
        """Runs a cell that prints `begun` first; its message's id, once it has."""
        message_id = self.client.execute(f"print('begun', flush=True)\n{code}")
        while True:
            said = self.client.get_iopub_msg(timeout=PATIENCE)
            if said["msg_type"] == "stream" and "begun" in said["content"]["text"]:
                return str(message_id)

    @property
    def remote_id(self) -> str:
        found = registry.remote(self.manager.kernel_id)
        assert found is not None
        return found.remote_id

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)


@pytest.fixture
def kernel(team: config.Gateway) -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


def test_a_notebook_runs_on_the_gateway_from_a_script(team: config.Gateway, gateway: GatewayServer) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("import os; print('hello', os.getcwd())"),
            nbformat.v4.new_code_cell("6 * 7"),
        ]
    )
    NotebookClient(notebook, kernel_name=KERNEL, timeout=int(PATIENCE)).execute()
    assert notebook.cells[0].outputs[0].text == f"hello {gateway.home}\n"
    assert notebook.cells[1].outputs[0].data["text/plain"] == "42"
    assert gateway.kernels() == []
    assert registry.remotes() == []


def test_every_channel_of_a_kernel_works(kernel: Running, gateway: GatewayServer) -> None:
    asked = kernel.client.execute("print('I am ' + input('who? '))", allow_stdin=True)
    question = kernel.client.get_stdin_msg(timeout=PATIENCE)
    assert question["content"]["prompt"] == "who? "
    kernel.client.input("me")
    assert kernel.text(asked) == "I am me\n"

    opened = kernel.outputs(
        kernel.client.execute(
            "import comm\nc = comm.create_comm(target_name='t', data={'a': 1}, buffers=[b'\\x00\\xff' * 3])"
        )
    )
    assert [(each["type"], each["data"], bytes(each["buffers"][0])) for each in opened] == [
        ("comm_open", {"a": 1}, b"\x00\xff" * 3)
    ]
    kernel.run("got = []\nc.on_msg(lambda m: got.append(bytes(m['buffers'][0])))")
    message = kernel.client.session.msg("comm_msg", {"comm_id": opened[0]["comm_id"], "data": {}})
    kernel.client.session.send(kernel.client.shell_channel.socket, message, buffers=[b"\x01\xfe"])
    assert kernel.run("print(got)") == "[b'\\x01\\xfe']\n"

    long = kernel.begin("import time\nwhile True: time.sleep(0.05)")
    kernel.manager.interrupt_kernel()
    assert "KeyboardInterrupt" in kernel.text(long)

    kernel.run("kept = 1")
    before = kernel.remote_id
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=PATIENCE)
    assert "NameError" in kernel.run("print(kept)")
    assert kernel.remote_id == before
    assert [each["id"] for each in gateway.kernels()] == [before]
    large = kernel.outputs(kernel.client.execute("'x' * 1_500_000"))
    assert large[0]["data"]["text/plain"] == repr("x" * 1_500_000)


def test_a_broken_connection_comes_back_and_the_cell_goes_on(
    kernel: Running, wire: Wire, gateway: GatewayServer, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    cell = kernel.begin(
        f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)\nprint('through')\n21 * 2"
    )
    wire.cut()
    said = kernel.client.get_iopub_msg(timeout=PATIENCE)
    assert "The connection to the gateway team (127.0.0.1:" in said["content"]["text"]
    assert registry.state(kernel.manager.kernel_id).state == "reconnecting"
    go.touch()  # it ends while nobody listens
    eventually(
        lambda: (
            next(each for each in gateway.kernels() if each["id"] == kernel.remote_id)["execution_state"]
            == "idle"
        ),
        what="the end of the cell",
    )
    wire.mend()
    outputs = kernel.outputs(cell)
    texts = "".join(each.get("text", "") for each in outputs)
    assert "Connected to the gateway team" in texts
    assert "through\n" in texts
    assert outputs[-1]["data"]["text/plain"] == "42"
    assert registry.state(kernel.manager.kernel_id).state == "connected"
    assert kernel.run("print('and on')") == "and on\n"


def test_a_kernel_that_somebody_ends_there_says_so_until_its_user_starts_it_again(
    kernel: Running, gateway: GatewayServer
) -> None:
    cell = kernel.begin(
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(0.05)"
    )
    assert gateway.call("DELETE", f"api/kernels/{kernel.remote_id}").status_code == 204
    assert "GatewayError: The kernel is not on the gateway team (127.0.0.1:" in kernel.text(cell)
    assert "is not on the gateway team" in kernel.run("print('and now?')")
    assert kernel.manager.is_alive()
    assert gateway.kernels() == []
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=PATIENCE)
    assert kernel.run("print('new')") == "new\n"


def test_a_kernel_that_dies_there_fails_the_notebook(team: config.Gateway) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; os._exit(9)")])
    with pytest.raises(CellExecutionError, match=r"ended by itself on the gateway team \(127\.0\.0\.1:\d+\)"):
        NotebookClient(notebook, kernel_name=KERNEL, timeout=int(PATIENCE)).execute()


def test_a_relay_that_is_killed_leaves_no_kernel_there(team: config.Gateway, gateway: GatewayServer) -> None:
    running = Running()
    remote_id = running.remote_id
    running.manager.provisioner.process.kill()
    running.manager.provisioner.process.wait()
    running.close()
    assert remote_id not in [each["id"] for each in gateway.kernels()]


def test_starts_that_cannot_work_say_why(
    team: config.Gateway, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> str:
        with pytest.raises(RuntimeError) as caught:
            KernelManager(kernel_name=KERNEL).start_kernel()
        assert TOKEN not in str(caught.value)
        return str(caught.value)

    config.add({"name": "team", "url": team.url, "token": "wrong"}, replace=True)
    assert "refuses the token (403). Check token or token_env" in refused()
    config.add({"name": "team", "url": team.url, "token_env": "TEAM_TOKEN"}, replace=True)
    assert "the variable TEAM_TOKEN, which is not set" in refused()
    monkeypatch.setenv("TEAM_TOKEN", TOKEN)
    folder = specs.folder_of_kernels() / KERNEL / "kernel.json"
    folder.write_text(folder.read_text().replace('"kernel": "python3"', '"kernel": "gone"'))
    assert "The kernel gone is not offered by the gateway team any more. It offers: " in refused()
    wire.cut()
    assert "cannot be reached" in refused()
    config.remove("team")
    assert "The gateway team of this kernel is not set up here (any more)" in refused()
    assert registry.remotes() == []


def test_a_slow_gateway_is_given_up_in_time(home: Path, team: config.Gateway) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        config.add(
            {"name": "team", "url": f"http://127.0.0.1:{silent.getsockname()[1]}", "launch_timeout": 1},
            replace=True,
        )
        began = time.monotonic()
        with pytest.raises(RuntimeError, match="did not start the kernel within 1 s"):
            KernelManager(kernel_name=KERNEL).start_kernel()
        assert time.monotonic() - began < PATIENCE


def test_kernels_run_on_a_kernel_gateway_with_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("kernel_gateway")
    other = GatewayServer(tmp_path / "kernel-gateway", program="kernel_gateway")
    try:
        config.add(
            {
                "name": "team",
                "url": other.url,
                "token": TOKEN,
                "username": "mary",
                "env": {"KERNEL_QUEUE": "q"},
            }
        )
        offer = specs.offers()[0]
        assert (offer.problem, offer.sized) == ("", True)
        monkeypatch.setenv("KERNEL_CPUS", "2")
        monkeypatch.setenv("KERNEL_MEMORY", "4Gi")
        running = Running()
        names = ("KERNEL_CPUS", "KERNEL_MEMORY", "KERNEL_GPUS", "KERNEL_USERNAME", "KERNEL_QUEUE")
        said = running.run(f"import os; print(*[os.environ.get(name) for name in {names}])")
        running.close()
    finally:
        other.close()
    assert said == "2 4Gi None mary q\n"
