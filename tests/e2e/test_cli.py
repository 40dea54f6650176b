"""The command `smstudio`, run as a user runs it: in a process of its own, against a real engine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smstudio_ext.cli.autopilot import job_name
from smstudio_ext.engine.server import lifecycle
from smstudio_ext.studio.samples import sample_csv
from tests.conftest import RunningEngine


def smstudio(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command and returns what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "smstudio_ext.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data directory whose engine, if any, is gone afterwards."""
    directory = tmp_path / "data"
    yield directory
    lifecycle.stop_engine(directory)


def test_engine_life_from_the_command_line(data: Path) -> None:
    assert smstudio("engine", "status", "--data", str(data)).returncode == 1
    started = smstudio("engine", "start", "--data", str(data))
    assert started.returncode == 0
    assert started.stdout.startswith("http://127.0.0.1:")
    again = smstudio("engine", "start", "--data", str(data))
    assert again.returncode == 1
    assert str(lifecycle.read_engine(data).pid) in again.stderr  # type: ignore[union-attr]
    status = json.loads(smstudio("engine", "status", "--data", str(data), "--json").stdout)
    assert status["url"] == started.stdout.strip()
    assert smstudio("engine", "stop", "--data", str(data)).stdout.strip() == "stopped"
    assert smstudio("engine", "stop", "--data", str(data)).stdout.strip() == "not running"


def test_engine_env_prints_what_boto3_needs(engine: RunningEngine) -> None:
    lines = smstudio("engine", "env", "--data", str(engine.data_dir)).stdout.splitlines()
    values = dict(line.split("=", 1) for line in lines)
    assert values["AWS_ENDPOINT_URL"] == engine.url
    assert values["AWS_DEFAULT_REGION"] == values["AWS_REGION"] == "us-east-1"
    assert values["AWS_ACCESS_KEY_ID"]
    assert values["AWS_SECRET_ACCESS_KEY"]
    exported = smstudio("engine", "env", "--data", str(engine.data_dir), "--format", "export").stdout
    assert all(line.startswith("export ") for line in exported.splitlines())
    as_json = smstudio("engine", "env", "--data", str(engine.data_dir), "--format", "json").stdout
    assert json.loads(as_json) == values


def test_engine_env_without_engine_says_how_to_start(data: Path) -> None:
    result = smstudio("engine", "env", "--data", str(data))
    assert result.returncode == 1
    assert "smstudio engine start" in result.stderr


def test_engine_start_on_a_taken_port_says_so(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = smstudio("engine", "start", "--port", str(port), "--data", str(data))
    assert result.returncode == 1
    assert str(port) in result.stderr
    assert "Traceback" not in result.stderr


def test_engine_reset_asks_first(data: Path) -> None:
    smstudio("engine", "start", "--data", str(data))
    refused = smstudio("engine", "reset", "--data", str(data), stdin="n\n")
    assert refused.returncode == 1
    assert (data / "engine.db").exists()
    assert smstudio("engine", "reset", "--data", str(data), "--yes").returncode == 0
    assert not (data / "engine.db").exists()


def test_autopilot_run_deploys_and_prints_json(engine: RunningEngine, tmp_path: Path) -> None:
    table = tmp_path / "wheat.csv"
    table.write_bytes(sample_csv("wheat", rows=600))
    result = smstudio(
        "autopilot", "run", str(table), "--target", "variety", "--name", "cli-wheat", "--max-candidates", "4",
        "--deploy", "--json", "--data", str(engine.data_dir),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["job"]["status"] == "Completed"
    assert answer["job"]["resolved_problem_type"] == "MulticlassClassification"
    assert len(answer["candidates"]) == 4
    assert answer["candidates"][0]["is_best"]
    assert answer["endpoint"]["endpoint_name"] == "cli-wheat"
    row = sample_csv("wheat", rows=1, seed=3).decode().splitlines()[1].rsplit(",", 1)[0]
    said = engine.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="cli-wheat", ContentType="text/csv", Body=row
    )
    assert said["Body"].read().decode().strip() in {"Kama", "Rosa", "Canadian", "Durum"}
    data = ("--data", str(engine.data_dir))
    page = json.loads(smstudio("autopilot", "candidate", "cli-wheat", "--json", *data).stdout)
    assert page["candidate"]["name"] == answer["candidates"][0]["name"]
    assert "Feature" in smstudio("autopilot", "explain", "cli-wheat", *data).stdout
    assert "Kama" in smstudio("autopilot", "performance", "cli-wheat", *data).stdout
    made = smstudio("autopilot", "model", "cli-wheat", "--name", "cli-wheat-model", *data)
    assert made.stdout == "Created the model cli-wheat-model\n"
    listed = json.loads(smstudio("running", "--json", "--data", str(engine.data_dir)).stdout)
    assert "cli-wheat" in [item["name"] for item in listed["endpoints"]]
    assert smstudio("stop-all", "--yes", "--data", str(engine.data_dir)).returncode == 0
    names = [item["EndpointName"] for item in engine.client("sagemaker").list_endpoints()["Endpoints"]]
    assert (
        "cli-wheat" not in names
        or engine.client("sagemaker").describe_endpoint(EndpointName="cli-wheat")["EndpointStatus"]
        == "Deleting"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.csv", "--target", "y"], "There is no file nowhere.csv"),
        (["{table}", "--target", "nothing"], "nothing"),
        (["{table}", "--target", "variety", "--name", "x" * 33], "32"),
        (["{table}", "--target", "variety", "--objective", "Nonsense"], "bjective"),
    ],
)
def test_autopilot_run_refuses_bad_input_in_one_line(
    engine: RunningEngine, tmp_path: Path, arguments: list[str], said: str
) -> None:
    table = tmp_path / "wheat.csv"
    table.write_bytes(sample_csv("wheat", rows=600))
    result = smstudio(
        "autopilot", "run", *[part.format(table=table) for part in arguments], "--data", str(engine.data_dir)
    )
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "file", ["a b?.csv", "s3://bucket/some.long/prefix-of-a-file-with-a-long-name.csv", "日本語.csv"]
)
def test_job_name_is_one_that_aws_takes(file: str) -> None:
    name = job_name(file)
    assert len(name) <= 32
    assert all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name)
    assert name[0].isalnum()
