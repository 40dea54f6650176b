"""Supervised processes: how they start, end, are stopped, and what is left when somebody is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.runtime import forkserver
from smstudio_ext.engine.runtime.joblogs import iterate_events
from smstudio_ext.engine.runtime.processes import (
    LOST,
    OUT_OF_MEMORY,
    STOPPED,
    TIMEOUT,
    ProcessRunner,
    ProcessSpec,
    ProcessState,
)
from smstudio_ext.engine.runtime.procfs import descendants, group_members
from tests.conftest import eventually

HERE = Path(__file__).parent


class Stand:
    """A runner and what it was told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ended: list[tuple[str, str, str]] = []
        self.runner = self.new_runner()

    def new_runner(self) -> ProcessRunner:
        runner = ProcessRunner(self.directory / "run", preload=["numpy"], on_exit=self.ended.append)
        runner.open()
        return runner

    def spec(self, name: str, **members: Any) -> ProcessSpec:
        return ProcessSpec(
            self.directory / name,
            self.directory / f"{name}.log",
            owner=("Kind", "us-east-1", name),
            **members,
        )

    def start(self, name: str, **members: Any) -> Path:
        spec = self.spec(name, **members)
        self.runner.start(spec)
        return spec.directory

    def shell(self, name: str, script: str, **members: Any) -> Path:
        return self.start(name, command=["/bin/sh", "-c", script], **members)

    def end(self, directory: Path) -> ProcessState:
        def exited() -> ProcessState | None:
            state = self.runner.state(directory)
            return state if state.state == "exited" else None

        return eventually(exited, what=f"end of {directory.name}")

    def log(self, name: str) -> list[str]:
        return [event.message for event in iterate_events(self.directory / f"{name}.log")]


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    made = Stand(tmp_path)
    yield made
    for process in tmp_path.glob("*/process.json"):
        made.runner.stop(process.parent, 0)
    made.runner.close()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_command_runs_with_its_own_log_and_exit_code(stand: Stand) -> None:
    directory = stand.shell("a", "echo out; echo err >&2; printf 'no newline'; exit 3")
    state = stand.end(directory)
    assert (state.code, state.signal, state.reason, state.ok) == (3, None, "", False)
    assert stand.log("a") == ["out", "err", "no newline"]
    assert state.started is not None
    assert state.ended is not None
    assert state.started <= state.ended
    eventually(lambda: stand.ended == [("Kind", "us-east-1", "a")], what="notice")


def test_an_entry_runs_in_a_fork_of_the_warm_server(stand: Stand) -> None:
    directory = stand.start("a", entry="json:dumps", args={"obj": 1})
    assert stand.end(directory).ok
    server = stand.runner.fork_server_facts()
    assert server["pid"] != os.getpid()
    failing = stand.start("b", entry="json:loads", args={"s": "{"})
    assert stand.end(failing).code == 1
    assert any("JSONDecodeError" in line for line in stand.log("b"))
    missing = stand.start("c", entry="no_such_module:run")
    assert stand.end(missing).code == 1
    assert "ModuleNotFoundError" in stand.log("c")[-1]


def test_a_program_that_is_not_there_ends_with_127_and_says_so(stand: Stand) -> None:
    directory = stand.start("a", command=["/no/such/program"])
    assert stand.end(directory).code == 127
    assert "Cannot run /no/such/program" in stand.log("a")[0]


def test_the_environment_is_small_and_holds_no_secrets_of_the_engine(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    directory = stand.shell("a", "env", env={"GIVEN": "1"})
    stand.end(directory)
    names = {line.partition("=")[0] for line in stand.log("a")}
    assert {"GIVEN", "PATH", "OMP_NUM_THREADS"} <= names
    assert "AWS_SECRET_ACCESS_KEY" not in names


def test_opt_ml_is_the_folder_of_the_job_or_the_log_says_where_it_is(stand: Stand, tmp_path: Path) -> None:
    (tmp_path / "ml").mkdir()
    script = "echo made > ${SMSTUDIO_OPT_ML}/file; echo base $SAGEMAKER_BASE_DIR"
    directory = stand.shell("a", script, optml=tmp_path / "ml")
    assert stand.end(directory).ok, stand.log("a")
    assert (tmp_path / "ml/file").read_text() == "made\n"
    assert stand.log("a")[-1] == f"base {tmp_path / 'ml'}"
    assert not Path("/opt/ml/file").exists()


def test_cores_and_thread_counts_are_those_of_the_slot(stand: Stand) -> None:
    core = min(os.sched_getaffinity(0))
    stand.end(stand.shell("a", "nproc; echo $OMP_NUM_THREADS", cores=[core], cpus=1))
    assert stand.log("a") == ["1", "1"]


def test_start_is_idempotent_also_between_two_engines(stand: Stand, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    other = ProcessRunner(tmp_path / "run", preload=["numpy"])
    spec = stand.spec("a", command=["/bin/sh", "-c", f"echo ran >> {marker}; sleep 0.2"])
    barrier = threading.Barrier(8)

    def start(runner: ProcessRunner) -> None:
        barrier.wait()
        runner.start(spec)

    threads = [threading.Thread(target=start, args=(runner,)) for runner in [stand.runner, other] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stand.end(spec.directory)
    stand.runner.start(spec)
    assert marker.read_text() == "ran\n"


@pytest.mark.parametrize("deaf", [False, True])
def test_stop_leaves_nothing_of_the_group_and_of_what_left_it(
    stand: Stand, tmp_path: Path, deaf: bool
) -> None:
    trap = "trap '' TERM;" if deaf else ""
    script = f"{trap} setsid sleep 600 & echo $! > {tmp_path}/left; sleep 600 & echo $! > {tmp_path}/in; echo up; wait"
    directory = stand.shell("a", script)
    eventually(lambda: stand.log("a") == ["up"], what="start")
    pids = [int((tmp_path / name).read_text()) for name in ("left", "in")]
    supervisor = json.loads((directory / "process.json").read_text())["supervisor"]
    stand.runner.stop(directory, grace=0.2)
    state = stand.end(directory)
    assert state.reason == STOPPED
    assert state.signal == (signal.SIGKILL if deaf else signal.SIGTERM)
    assert not any(alive(pid) for pid in pids)
    eventually(lambda: not alive(supervisor), what="end of the supervisor")


def test_children_that_outlive_the_process_are_ended_with_it(stand: Stand, tmp_path: Path) -> None:
    directory = stand.shell("a", f"setsid sleep 600 & echo $! > {tmp_path}/pid; exit 0")
    assert stand.end(directory).ok
    assert not alive(int((tmp_path / "pid").read_text()))


def test_a_process_beyond_its_time_is_stopped(stand: Stand) -> None:
    state = stand.end(stand.shell("a", "sleep 600", timeout=0.2, grace=1))
    assert state.reason == TIMEOUT


def test_a_process_beyond_its_memory_is_ended(stand: Stand) -> None:
    program = "x = [bytearray(16 << 20) for _ in range(40)]\nimport time; time.sleep(600)"
    directory = stand.start("a", command=[sys.executable, "-c", program], memory_mb=200)
    state = stand.end(directory)
    assert state.reason == OUT_OF_MEMORY


def test_processes_outlive_the_engine_and_a_new_one_finds_them(stand: Stand, tmp_path: Path) -> None:
    go = tmp_path / "go"
    waiting = f"while [ ! -e {go} ]; do sleep 0.01; done; echo done"
    script = stand.shell("a", waiting)
    entry = stand.start("b", entry="subprocess:call", args={"args": ["/bin/sh", "-c", waiting]})
    server = stand.runner.fork_server_facts()["pid"]
    stand.runner.close(keep_fork_server=True)
    stand.runner = stand.new_runner()
    assert stand.runner.state(script).state == "running"
    assert stand.runner.state(entry).state == "running"
    assert stand.runner.fork_server_facts()["pid"] == server
    go.touch()
    assert stand.end(script).ok
    assert stand.end(entry).ok
    eventually(lambda: len(stand.ended) == 2, what="notices to the new engine")


def test_a_process_that_must_not_be_alone_ends_when_no_engine_comes_back(stand: Stand) -> None:
    patient = stand.shell("patient", "sleep 600", alone=600.0)
    lonely = stand.shell("lonely", "sleep 600", alone=0.2, grace=0.0)
    assert stand.runner.state(lonely).state == "running"
    stand.runner.close()
    eventually((lonely / "exit.json").exists, what="its end")
    assert json.loads((lonely / "exit.json").read_text())["reason"] == "Alone"
    stand.runner = stand.new_runner()
    assert stand.runner.state(patient).state == "running"


def test_a_process_whose_folder_is_gone_ends(stand: Stand) -> None:
    directory = stand.shell("lost", "sleep 600", alone=0.2, grace=0.0)
    pid = stand.runner.state(directory).pid
    assert pid is not None
    directory.rename(directory.with_name("elsewhere"))
    eventually(lambda: not alive(pid), what="its end")


def test_an_engine_that_was_away_finds_the_exit(stand: Stand, tmp_path: Path) -> None:
    directory = stand.shell("a", "sleep 0.1; exit 4")
    stand.runner.close()
    eventually(lambda: (directory / "exit.json").exists(), what="exit.json")
    assert ProcessRunner(tmp_path / "run").state(directory).code == 4


def test_a_killed_supervisor_takes_its_group_along_and_is_reported_as_lost(
    stand: Stand, tmp_path: Path
) -> None:
    directory = stand.shell("a", f"sleep 600 & echo $! > {tmp_path}/pid; echo up; wait")
    eventually(lambda: stand.log("a") == ["up"], what="start")
    process = json.loads((directory / "process.json").read_text())
    os.kill(process["supervisor"], signal.SIGKILL)
    state = stand.end(directory)
    assert (state.reason, state.code, state.ok) == (LOST, None, False)
    eventually(lambda: group_members(process["pid"]) == [], what="end of the group")
    assert not alive(int((tmp_path / "pid").read_text()))


def test_the_fork_server_may_die_and_its_children_and_later_jobs_do_not_mind(
    stand: Stand, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    script = f"while [ ! -e {go} ]; do sleep 0.01; done"
    first = stand.start("a", entry="subprocess:call", args={"args": ["/bin/sh", "-c", script]})
    os.kill(stand.runner.fork_server_facts()["pid"], signal.SIGKILL)
    second = stand.start("b", entry="json:dumps", args={"obj": 1})
    assert stand.end(second).ok
    assert stand.runner.state(first).state == "running"
    go.touch()
    assert stand.end(first).ok


def test_the_fork_server_ends_with_the_engine_that_closes(stand: Stand) -> None:
    server = stand.runner.fork_server_facts()["pid"]
    stand.runner.close()
    eventually(lambda: not alive(server), what="end of the fork server")


def test_the_fork_server_has_one_thread_with_everything_loaded(tmp_path: Path) -> None:
    runner = ProcessRunner(tmp_path / "run")
    runner.open()
    try:
        pid = runner.fork_server_facts()["pid"]
        assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
        assert (tmp_path / "run/forkserver.log").read_text() == ""  # every module could be loaded
    finally:
        runner.close()


def test_a_missing_process_is_missing_and_stopping_it_harmless(stand: Stand, tmp_path: Path) -> None:
    assert stand.runner.state(tmp_path / "nothing").state == "missing"
    stand.runner.stop(tmp_path / "nothing")


def test_a_directory_path_longer_than_a_socket_address_works(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100) / ("y" * 100)
    deep.mkdir(parents=True)
    stand = Stand(deep)
    try:
        assert stand.end(stand.start("a", entry="json:dumps", args={"obj": 1})).ok
        eventually(lambda: len(stand.ended) == 1, what="notice")
    finally:
        stand.runner.close()


def test_no_supervisor_stays_a_child_of_the_engine(stand: Stand) -> None:
    stand.end(stand.shell("a", "exit 0"))
    server = stand.runner.fork_server_facts()["pid"] if stand.runner._server else None
    assert [pid for pid in descendants(os.getpid()) if pid != server and "supervisor" in _command(pid)] == []


def _command(pid: int) -> str:
    return subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


def test_the_fork_server_starts_what_needs_only_what_it_has_loaded_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules, go = tmp_path / "modules", tmp_path / "go"
    modules.mkdir()
    (modules / "quick_module.py").write_text("")
    (modules / "slow_module.py").write_text(
        f"import os, time\nwhile not os.path.exists({str(go)!r}):\n    time.sleep(0.01)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{modules}:{HERE.parent.parent}")
    listener = forkserver.listen(tmp_path)
    asked = {}
    for name, needs in (("early", ["quick_module", "not_of_the_server"]), ("late", [])):
        (tmp_path / name).mkdir()
        spec = {"entry": "json:dumps", "args": {"obj": 1}, "log_path": str(tmp_path / f"{name}.log")}
        (tmp_path / name / "spec.json").write_text(json.dumps(spec))
        asked[name] = forkserver.connect(tmp_path)
        message = {"op": "start", "directory": str(tmp_path / name), "needs": needs}
        asked[name].sendall(json.dumps(message).encode() + b"\n")
    command = [sys.executable, "-m", forkserver.__name__, str(listener.fileno())]
    server = subprocess.Popen([*command, "quick_module", "slow_module"], pass_fds=[listener.fileno()])
    try:
        assert asked["early"].makefile("r").readline() == "ok\n"
        assert not (tmp_path / "late/process.json").exists()
        go.touch()
        assert asked["late"].makefile("r").readline() == "ok\n"
    finally:
        server.terminate()
        server.wait()
        for connection in (listener, *asked.values()):
            connection.close()
