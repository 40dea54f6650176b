"""The magics in a real kernel: interrupts that come while a job runs, completion, help, pictures and errors on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from tests.conftest import RunningEngine, eventually

_PATIENCE = 120
_SLEEPER = "import time\nprint('awake', flush=True)\ntime.sleep(600)"


class Cell:
    """What a cell left on the wire.

    Attributes:
        text: of its streams and plain texts.
        bundles: of its displays, the newest of each.
        error: name and value of its error.
    """

    def __init__(self) -> None:
        self.text = ""
        self.bundles: list[dict[str, Any]] = []
        self.error: tuple[str, str, list[str]] | None = None


class Kernel:
    """A kernel with the magics."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def run(self, code: str, watch: Callable[[Cell], None] = lambda cell: None) -> Cell:
        """Runs a cell to its end.

        Args:
            watch: called after each message.
        """
        message_id = self.client.execute(code)
        cell = Cell()
        while True:
            message = self.client.get_iopub_msg(timeout=_PATIENCE)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                cell.text += content["text"]
            elif kind in ("display_data", "update_display_data", "execute_result"):
                cell.bundles.append(content["data"])
                cell.text += content["data"].get("text/plain", "") + "\n"
            elif kind == "error":
                cell.error = (content["ename"], content["evalue"], content["traceback"])
            elif kind == "status" and content["execution_state"] == "idle":
                return cell
            watch(cell)

    def interrupted(self, code: str, when: str) -> Cell:
        """Runs a cell and interrupts it once, as the toolbar's button does, when its output holds a text."""
        sent: list[bool] = []

        def watch(cell: Cell) -> None:
            if when in cell.text and not sent:
                sent.append(True)
                self.manager.interrupt_kernel()

        found = self.run(code, watch)
        assert sent, found.text
        return found


@pytest.fixture(scope="module")
def kernel(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("kernel")
    manager, client = start_new_kernel(
        kernel_name="python3", env={**engine.environment(), "IPYTHONDIR": str(folder)}, cwd=str(folder)
    )
    found = Kernel(manager, client)
    assert not found.run("%load_ext smstudio_ext").error
    yield found
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    ("choice", "told", "ends"), [("stop", "was asked to stop", True), ("detach", "goes on without", False)]
)
def test_an_interrupt_stops_or_detaches_by_choice(
    kernel: Kernel, engine: RunningEngine, choice: str, told: str, ends: bool
) -> None:
    name = f"kernel-interrupted-{choice}"
    cell = kernel.interrupted(
        f"%%sm_train --image sklearn --name {name} --on-interrupt {choice} -o job\n{_SLEEPER}", "awake"
    )
    assert cell.error is not None
    assert told in cell.error[1]
    assert "Traceback" not in "".join(cell.error[2])
    sagemaker = engine.client("sagemaker")

    def status() -> str:
        return str(sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"])

    if not ends:
        assert status() == "InProgress"
        assert "InProgress" in kernel.run("job").text  # the variable is there: the job can be looked at
        assert "was asked to stop" in kernel.run("%sm_stop job").text
    eventually(lambda: status() == "Stopped", what="the end of the interrupted job")


def test_an_interrupted_wait_leaves_the_job_and_says_so(kernel: Kernel, engine: RunningEngine) -> None:
    name = "kernel-waited-for"
    kernel.run(f"%%sm_train --image sklearn --name {name} --no-wait -o waited\n{_SLEEPER}")
    cell = kernel.interrupted("waited.wait()", "awake")
    assert cell.error is not None
    assert f"{name} goes on" in cell.error[1]
    cell = kernel.interrupted(f"%sm_logs {name} -f", "awake")
    assert cell.error is None
    assert f"{name} goes on" in cell.text
    assert kernel.run("waited.stop()").error is None
    eventually(
        lambda: (
            engine.client("sagemaker").describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
            == "Stopped"
        ),
        what="the end of the job",
    )


def test_an_interrupted_deployment_takes_its_endpoint_away(kernel: Kernel, engine: RunningEngine) -> None:
    made = kernel.run(
        "%%sm_train --image sklearn --quiet -o slow\n"
        "import os, time\n"
        "open(os.environ['SM_MODEL_DIR'] + '/model.txt', 'w').write('model')\n"
        "def model_fn(folder):\n"
        "    time.sleep(600)\n"
    )
    assert made.error is None
    sagemaker = engine.client("sagemaker")
    cell = kernel.interrupted("%sm_deploy slow --name kernel-slow-endpoint -o endpoint", "Creating")
    assert cell.error is not None
    assert "kernel-slow-endpoint is being deleted" in cell.error[1]
    eventually(
        lambda: not sagemaker.list_endpoints(NameContains="kernel-slow-endpoint")["Endpoints"],
        what="the end of the endpoint",
    )
    assert not sagemaker.list_endpoint_configs(NameContains="kernel-slow-endpoint")["EndpointConfigs"]
    cell = kernel.interrupted("%sm_deploy slow --name kernel-left-alone --on-interrupt detach", "Creating")
    assert cell.error is not None
    assert "kernel-left-alone goes on" in cell.error[1]
    assert "being deleted" in kernel.run("%sm_stop kernel-left-alone").text


def test_an_interrupted_cell_is_a_stopped_run(kernel: Kernel, engine: RunningEngine) -> None:
    cell = kernel.interrupted(
        "%%sm_run kernel-interrupted-run\nrun.log_metric('loss', 1)\nprint('awake')\nimport time\ntime.sleep(600)",
        "awake",
    )
    assert "is Stopped" in cell.text + str(cell.error)
    component = engine.client("sagemaker").describe_trial_component(
        TrialComponentName="kernel-interrupted-run"
    )
    assert component["Status"]["PrimaryStatus"] == "Stopped"
    assert component["Metrics"][0]["Last"] == 1


def test_a_taken_name_is_refused_before_anything_is_sent(kernel: Kernel) -> None:
    cell = kernel.run("%%sm_train --image sklearn --name kernel-waited-for\npass")
    assert cell.error is not None
    assert "already one named 'kernel-waited-for'" in cell.error[1]


def test_completion_and_help_reach_the_frontend(kernel: Kernel) -> None:
    kernel.run("my_table = 1")

    def matches(code: str) -> list[str]:
        answer = kernel.client.complete(code, reply=True, timeout=_PATIENCE)
        return list(answer["content"]["matches"])

    assert "%sm_autopilot" in matches("%sm_auto")
    assert matches("%sm_autopilot my_table --max-c") == ["--max-candidates"]
    assert matches("%sm_autopilot my_table --mode EN") == ["ENSEMBLING"]
    assert matches("%sm_autopilot my_t") == ["my_table"]
    assert matches("%%sm_train --image sklearn --channel train=my_t") == ["my_table"]
    message = kernel.client.execute("%sm_autopilot?")
    reply = kernel.client.get_shell_msg(timeout=_PATIENCE)
    assert reply["parent_header"]["msg_id"] == message
    (page,) = reply["content"]["payload"]
    assert "--target" in page["data"]["text/plain"]


def test_results_have_html_and_text(kernel: Kernel) -> None:
    (bundle,) = kernel.run("%smstudio").bundles
    assert "<table>" in bundle["text/html"]
    assert "local (us-east-1)" in bundle["text/plain"]


def test_unknown_arguments_are_one_line(kernel: Kernel) -> None:
    cell = kernel.run("%sm_jobs --nonsense")
    assert "unrecognized arguments: --nonsense" in cell.text
    assert "Traceback" not in cell.text
