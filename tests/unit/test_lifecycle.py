"""Starting, finding, stopping and losing an engine."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from smstudio_ext.engine.runtime import procfs
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.engine.store.database import HEAD, Database
from tests.conftest import RunningEngine, eventually


def test_credentials_are_private_and_stay_over_restarts(own_engine: RunningEngine) -> None:
    first = own_engine.info
    mode = stat.S_IMODE((own_engine.data_dir / lifecycle.ENGINE_FILE).stat().st_mode)
    assert mode == 0o600
    assert lifecycle.read_engine(own_engine.data_dir) == first
    own_engine.stop()
    assert lifecycle.read_engine(own_engine.data_dir) is None
    own_engine.start()
    assert (own_engine.info.access_key, own_engine.info.secret_key) == (first.access_key, first.secret_key)
    assert own_engine.info.pid != first.pid
    assert own_engine.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_what_was_acknowledged_outlives_a_kill(own_engine: RunningEngine) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for number in range(5):
        own_engine.client("iam").create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=trust)
    own_engine.client("logs").create_log_group(logGroupName="/kept")
    own_engine.kill()
    own_engine.start()
    names = {role["RoleName"] for role in own_engine.client("iam").list_roles()["Roles"]}
    assert {f"role-{number}" for number in range(5)} <= names
    assert own_engine.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "/kept"


def test_a_second_engine_on_the_same_data_is_refused_with_the_pid(own_engine: RunningEngine) -> None:
    with pytest.raises(lifecycle.EngineHeld, match=f"process {own_engine.info.pid}"):
        lifecycle.start_engine(own_engine.data_dir)
    assert own_engine.client("sts").get_caller_identity()["Account"]


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(lifecycle.EngineError, match=f"Port {port} .*--port"):
            lifecycle.start_engine(tmp_path / "engine", port=port)
    assert lifecycle.read_engine(tmp_path / "engine") is None


def test_data_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    database = Database.at(tmp_path)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(lifecycle.EngineError, match=f"9999.*{HEAD}.*--data"):
        lifecycle.start_engine(tmp_path)
    assert lifecycle.lock_holder(tmp_path) is None


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(lifecycle.EngineError, match="cannot be written"):
        lifecycle.start_engine(tmp_path / "file" / "engine")


def test_stop_without_an_engine_says_so(tmp_path: Path) -> None:
    assert lifecycle.stop_engine(tmp_path) is False
    assert lifecycle.read_engine(tmp_path / "none") is None


def test_reset_deletes_data_and_nothing_else(tmp_path: Path) -> None:
    directory = tmp_path / "engine"
    running = RunningEngine(directory)
    lifecycle.reset_engine(directory)
    assert lifecycle.read_engine(directory) is None
    assert [entry.name for entry in directory.iterdir()] == [lifecycle.LOCK_FILE]
    eventually(lambda: not psutil.pid_exists(running.info.pid), what="the end of the engine")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("")
    with pytest.raises(lifecycle.EngineError, match="not a data directory"):
        lifecycle.reset_engine(tmp_path / "other")
    assert (tmp_path / "other" / "mine.txt").exists()


def test_reset_ends_supervised_processes_and_spares_reused_numbers(tmp_path: Path) -> None:
    running = RunningEngine(tmp_path)
    running.stop()
    with (
        subprocess.Popen(["sleep", "300"], start_new_session=True) as ours,
        subprocess.Popen(["sleep", "300"], start_new_session=True) as strange,
    ):
        for number, (process, lag) in enumerate(((ours, 0), (strange, 1))):
            folder = tmp_path / "jobs" / str(number)
            folder.mkdir(parents=True)
            ticks = procfs.start_ticks(process.pid) - lag
            record = {
                "supervisor": process.pid,
                "supervisor_ticks": ticks,
                "pid": process.pid,
                "ticks": ticks,
            }
            (folder / "process.json").write_text(json.dumps({**record, "boot": procfs.boot_id()}))
        lifecycle.reset_engine(tmp_path)
        assert ours.wait(120) != 0
        assert strange.poll() is None
        strange.kill()


def test_foreground_engine_ends_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smstudio_ext.engine.server", "--data", str(tmp_path), "--port", "0"]
    root = str(Path(lifecycle.__file__).resolve().parents[3])
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}) as process:
        assert process.stderr is not None
        while b"answers at" not in process.stderr.readline():
            assert process.poll() is None
        process.terminate()
        process.stderr.read()
        assert process.wait(120) == 0
    assert lifecycle.lock_holder(tmp_path) is None


def test_environment_has_what_the_sdks_read(engine: Any) -> None:
    values = lifecycle.engine_environment(engine.info)
    assert values["AWS_ENDPOINT_URL"] == engine.url
    assert values["AWS_REGION"] == values["AWS_DEFAULT_REGION"] == "us-east-1"
    assert Path(values["SAGEMAKER_USER_CONFIG_OVERRIDE"]).exists()
    hook = Path(values["PYTHONPATH"].split(os.pathsep)[0])
    assert [entry.name for entry in hook.iterdir() if entry.suffix == ".py"] == ["sitecustomize.py"]


def test_lifecycle_is_cheap_to_import() -> None:
    code = (
        "import sys, smstudio_ext.engine.server.lifecycle;"
        "print([name for name in ('boto3', 'botocore', 'sqlalchemy', 'numpy', 'uvicorn') if name in sys.modules])"
    )
    root = str(Path(lifecycle.__file__).resolve().parents[3])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
