"""What the pages of experiments and Autopilot, the S3 browser and the gallery do, from the terminal."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smstudio_ext.notebooks.idle import read_policy
from tests.contract.experiment_runs import Runs
from tests.contract.studio_targets import engine_target
from tests.contract.terminal import Command, command

if TYPE_CHECKING:
    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine

__all__ = ["command"]  # a fixture


@pytest.fixture(scope="module")
def local(engine: RunningEngine) -> Target:
    return engine_target(engine)


@pytest.fixture(scope="module")
def made(local: Target) -> Runs:
    return Runs(local)


def test_runs_are_put_into_trials_and_taken_out(command: Command, made: Runs) -> None:
    name = f"cli-{secrets.token_hex(3)}"
    command("experiments", "create", name, "--description", "from the terminal")
    assert "not" in command("experiments", "trials", "nothing-of-this-name", code=1)
    runs = made.names[:2]
    assign = ("experiments", "assign", *runs, "--experiment", name, "--trial", f"{name}-t")
    command(*assign, code=1)
    assert command.json(*assign, "--create")["done"] == runs
    assert [each["name"] for each in command.json("experiments", "trials", name)] == [f"{name}-t"]
    assert len(command.json("experiments", "runs", name)) == 2
    left = command("experiments", "remove", runs[0], "no-such-run", "--trial", f"{name}-t", code=1)
    assert "no-such-run" in left
    assert [each["name"] for each in command.json("experiments", "runs", name)] == [runs[1]]
    assert "no job" in command("experiments", "stop", runs[1], "--yes", code=1)
    told = command("experiments", "delete", f"{name}-t", "--kind", "trial", "--keep-runs", "--yes")
    assert "1 trials, 0 runs" in told
    assert command.json("experiments", "delete", name, "--yes")["experiments"] == [name]
    assert "does not exist" in command("experiments", "delete", "nothing", "--kind", "run", "--yes", code=1)


def test_runs_are_shown_with_what_they_measured(command: Command, made: Runs) -> None:
    run = made.names[1]
    page = command.json("experiments", "show", run)
    assert {each["name"]: each["value"] for each in page["parameters"]}["depth"] == 4
    assert "validation:f1" in command("experiments", "show", run)
    of = ("--experiment", made.experiment)
    series = command.json("experiments", "series", "validation:f1", *of)["series"]
    assert run in {each["name"] for each in series}
    assert "measured nothing" in command("experiments", "series", "nothing", *of)
    shares = command.json("experiments", "importance", "Metrics.validation:f1.Last", *of)
    assert {each["parameter"] for each in shares["items"]} >= {"eta"}


def test_lineage_is_told(command: Command, local: Target) -> None:
    sagemaker, uri = local.client("sagemaker"), f"s3://cli-lineage/{secrets.token_hex(4)}"
    arns = [
        sagemaker.create_artifact(
            ArtifactName=f"cli-{kind}", ArtifactType=kind, Source={"SourceUri": f"{uri}/{kind}"}
        )["ArtifactArn"]
        for kind in ("DataSet", "Model")
    ]
    sagemaker.add_association(SourceArn=arns[0], DestinationArn=arns[1], AssociationType="ContributedTo")
    found = command.json("lineage", f"{uri}/Model", "--direction", "up")
    assert {each["name"] for each in found["nodes"]} == {"cli-DataSet", "cli-Model"}
    assert "cli-DataSet" in command("lineage", arns[1])
    assert "no job named" in command("lineage", "nothing-of-this-name", code=1)


def test_data_in_s3(command: Command, local: Target, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n" + "\n".join(f"{n},x{n}" for n in range(30)) + "\n")
    local.client("s3").create_bucket(Bucket="cli-data-of-tests")
    uri = command("data", "upload", str(table), "s3://cli-data-of-tests/in/").strip()
    assert uri == "s3://cli-data-of-tests/in/table.csv"
    assert "cli-data-of-tests" in command("data", "buckets")
    assert [each["name"] for each in command.json("data", "list", "s3://cli-data-of-tests/in/")] == [uri]
    assert command.json("data", "list", "s3://cli-data-of-tests")[0]["name"] == "s3://cli-data-of-tests/in/"
    assert command("data", "peek", uri).startswith("a,b\n")
    for source in (uri, str(table)):
        assert "30 rows, 2 columns" in command("data", "preview", source, "-n", "3")
    copy = tmp_path / "copy.csv"
    command("data", "download", uri, str(copy))
    assert copy.read_text() == table.read_text()
    assert "is there already" in command("data", "download", uri, str(copy), code=1)
    assert command("data", "download", uri, "-") == table.read_text()
    assert command("data", "download", f"{uri}.none", str(tmp_path / "none"), code=1)
    assert not (tmp_path / "none").exists()
    assert "is not an S3 location" in command("data", "list", "nowhere", code=1)
    assert "wheat" in command("data", "samples")
    assert command.json("data", "sample", "wheat")["target"] == "variety"
    assert "no sample" in command("data", "sample", "nothing", code=1)


def test_examples_are_copied(command: Command, tmp_path: Path) -> None:
    found = command.json("examples", "list", "--section", "magics")
    assert "magics" in {each["section"] for each in found}
    name = found[0]["name"]
    command("examples", "copy", name, str(tmp_path / "mine.ipynb"))
    assert json.loads((tmp_path / "mine.ipynb").read_text())["nbformat"] == 4
    assert "is there already" in command("examples", "copy", name, str(tmp_path / "mine.ipynb"), code=1)
    assert "no example" in command("examples", "copy", "nothing-of-this-name", code=1)
    assert "password" in command("examples", "sources", "add", "https://me:secret@host.invalid/a.git", code=1)
    assert "no such source" in command("examples", "sources", "remove", "12345678", code=1)


def test_the_idle_policy_is_kept(command: Command, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    assert command.json("idle", *data)["enabled"] is False
    changed = command.json("idle", "--on", "--after", "30", *data)
    assert (changed["enabled"], changed["timeout_minutes"]) == (True, 30)
    assert read_policy(tmp_path).warn_minutes == changed["warn_minutes"]
    assert "5" in command("idle", "--after", "1", *data, code=1)
    assert "are shut down" in command("idle", *data)


def test_kernels_and_their_use(command: Command) -> None:
    assert isinstance(command.json("kernel", "running"), list)
    assert "no kernel abc" in command("kernel", "stop", "abc", "--yes", code=1)
    assert command.json("running", "--usage")[-1]["kind"] == "Machine"


def test_candidates_of_experiments_that_are_not_there(command: Command) -> None:
    for verb in ("candidate", "explain", "performance", "model", "activity"):
        assert "Could not find" in command("autopilot", verb, "nothing-of-this-name", code=1)
