"""What the pages of domains, scripts, notebook instances, images and shared notebooks do, from the terminal."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smstudio_ext.aws_rules import NO_QUESTIONS
from smstudio_ext.studio.waiting import LOOK_SECONDS
from tests.conftest import eventually
from tests.contract.studio_targets import MOTO_ROLE
from tests.contract.terminal import Command

if TYPE_CHECKING:
    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine

REGION = "eu-south-2"
"""Where no other test makes domains."""


@pytest.fixture
def command(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
    monkeypatch.delenv("SMSTUDIO_TARGET", raising=False)
    return Command("--region", REGION)


@pytest.fixture
def aws(moto_target: Target, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command at moto, where costs are asked for."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(moto_target._endpoint_url))
    monkeypatch.setenv(NO_QUESTIONS, "1")
    monkeypatch.setitem(LOOK_SECONDS, "aws", 0.05)
    return Command("--target", "aws", "--region", REGION)


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(3)}"


def test_a_domain_with_users_spaces_scripts_and_apps(command: Command, tmp_path: Path) -> None:
    name, script = unique("team"), unique("script")
    made = command.json("domains", "create", name, "--user", "ada", "--no-sharing")
    assert made["id"] in command("domains", "list")
    of = ("--domain", name)
    command("domains", "users", "create", "bob", *of)
    assert {each["name"] for each in command.json("domains", "users", "list", *of)} == {"ada", "bob"}
    assert "owns" in command("domains", "spaces", "create", "alone", "--private", *of, code=1)
    command("domains", "spaces", "create", "lab", "--owner", "ada", "--private", *of)
    assert [each["sharing"] for each in command.json("domains", "spaces", "list", *of)] == ["Private"]
    command("domains", "update", name, code=2)
    command("domains", "update", name, "--share-to", "s3://somewhere-else-of-nobody/x", code=1)
    assert command("domains", "url", "ada", *of).startswith("http://127.0.0.1:")
    assert "no domain nobody" in command("domains", "describe", "nobody", code=1)

    text = tmp_path / "start.sh"
    text.write_text("#!/bin/bash\necho from the script\n")
    command("scripts", "create", script, str(text))
    assert command("scripts", "show", script) == text.read_text()
    command("scripts", "attach", script, "--default", *of)
    places = next(each for each in command.json("scripts", "list", "--attached") if each["name"] == script)
    assert places["attached_to"] == [f"{name} (default)"]
    assert script in command("domains", "describe", name)
    command("scripts", "detach", script, *of)
    command("scripts", "create", unique("none"), "/no/such/file", code=2)

    app = ("--type", "JupyterLab", *of)
    command("domains", "apps", "create", "default", "--space", "lab", "--user", "ada", *app, code=2)
    command("domains", "apps", "create", "default", "--space", "lab", *app)
    listed = command.json("domains", "apps", "list", *of)
    assert [(each["name"], each["owner"]) for each in listed] == [("default", "lab")]
    assert "did not fail" in command("domains", "apps", "failure", "default", *of)
    assert "no start-up script" in command("domains", "apps", "log", "default", *of, code=1)
    assert "no app other" in command("domains", "apps", "delete", "other", "--yes", *of, code=1)
    command("domains", "apps", "delete", "default", *of, code=1, given="n\n")
    command("domains", "apps", "delete", "default", "--yes", *of)

    def ended() -> bool:
        return all(each["status"] == "Deleted" for each in command.json("domains", "apps", "list", *of))

    eventually(ended, what="the app's end")
    command("scripts", "delete", script, "--yes")
    command("domains", "spaces", "delete", "lab", "--yes", *of)
    for user in ("ada", "bob"):
        command("domains", "users", "delete", user, "--yes", *of)
    command("domains", "delete", name, code=1, given="n\n")
    command("domains", "delete", name, "--home", "--yes")
    assert name not in command("domains", "list")


def test_notebook_instances_and_their_scripts(aws: Command, tmp_path: Path) -> None:
    name, config = unique("nb"), unique("config")
    start = tmp_path / "start.sh"
    start.write_text("#!/bin/bash\necho started\n")
    lifecycle = ("notebook-instances", "lifecycle")
    aws(*lifecycle, "create", config, "--on-start", str(start))
    aws(*lifecycle, "create", unique("empty"), code=1)
    assert "echo started" in aws(*lifecycle, "describe", config)
    create = ("notebook-instances", "create", name, "--role", MOTO_ROLE, "--instance", "ml.t3.large")
    assert "USD an hour" in aws(*create, "--lifecycle", config, code=1, given="n\n")
    assert aws.json("notebook-instances", "list", "--search", name) == []
    assert f"{name}: InService" in aws(*create, "--lifecycle", config, "--volume", "8", "--yes")
    page = aws.json("notebook-instances", "describe", name)
    assert (page["volume_gb"], page["lifecycle_config"]) == (8, config)
    assert "Volume 8 GB" in " ".join(aws("notebook-instances", "describe", name).split())
    assert "Nothing was written yet" in aws("notebook-instances", "logs", name)
    assert "Unable to transition" in aws("notebook-instances", "delete", name, "--yes", code=1)
    assert f"{name}: Stopped" in aws("notebook-instances", "stop", name)
    assert "USD an hour" in aws("notebook-instances", "start", name, code=1, given="n\n")
    aws("notebook-instances", "delete", name, code=1, given="n\n")
    aws("notebook-instances", "delete", name, "--yes")
    assert "no notebook instance" in aws("notebook-instances", "describe", name, code=1)
    aws(*lifecycle, "delete", config, "--yes")
    assert "no lifecycle configuration" in aws(*lifecycle, "describe", config, code=1)


def test_what_is_not_named_stays_as_it_is(command: Command, tmp_path: Path) -> None:
    name, config = unique("kept"), unique("config")
    start = tmp_path / "start.sh"
    start.write_text("#!/bin/bash\necho started\n")
    lifecycle = ("notebook-instances", "lifecycle")
    command(*lifecycle, "create", config, "--on-start", str(start))
    assert config in command(*lifecycle, "list", "--search", config)
    command(*lifecycle, "update", config, "--on-create", str(start))
    page = command.json(*lifecycle, "describe", config)
    assert page["on_create"] == page["on_start"] == start.read_text()
    command(*lifecycle, "delete", config, "--yes")
    create = ("notebook-instances", "create", name, "--tag", "team=a", "--no-root", "--volume", "9")
    assert f"{name}: InService" in command(*create)
    assert command("notebook-instances", "open", name).startswith("http://127.0.0.1:")
    assert command("notebook-instances", "logs", name, "--stream", f"{name}/progress")
    assert f"{name}: Stopped" in command("notebook-instances", "stop", name)
    assert f"{name}: Stopped" in command("notebook-instances", "update", name, "--instance", "ml.t3.large")
    page = command.json("notebook-instances", "describe", name)
    assert (page["instance_type"], page["volume_gb"], page["root_access"]) == ("ml.t3.large", 9, False)
    assert page["tags"] == [{"key": "team", "value": "a"}]
    command("notebook-instances", "delete", name, "--yes")


def test_own_images_of_a_region(command: Command, aws: Command) -> None:
    assert command.json("images", "own") == []
    assert "does not exist" in command("images", "versions", "nothing-of-this-name", code=1)
    assert "does not exist" in command("images", "delete", "nothing-of-this-name", "--yes", code=1)
    types = {each["name"]: each for each in command.json("images", "instance-types", "--all")}
    assert types["ml.t3.medium"]["vcpu"] == 2
    assert "no domain" in aws("images", "attach", "mine", "1.dkr.ecr.eu-south-2.amazonaws.com/a:1", code=1)


def notebook() -> str:
    code = {
        "cell_type": "code",
        "id": "a",
        "source": "1",
        "metadata": {},
        "outputs": [],
        "execution_count": 1,
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code]})


def test_a_notebook_is_shared_copied_and_taken_back(
    engine: RunningEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
    command = Command("--region", "me-central-1")  # its first domain is the engine's own
    file = tmp_path / "report.ipynb"
    file.write_text(notebook())
    assert command.json("share", "options")["enabled"] is True
    name = command("share", "create", str(file)).strip()
    assert [each["name"] for each in command.json("share", "list", "--search", "report")] == [name]
    assert "report.ipynb" in command("share", "show", name)
    folder = tmp_path / "copies"
    folder.mkdir()
    command("share", "copy", name, str(folder))
    assert json.loads((folder / "report.ipynb").read_text())["cells"][0]["source"] == "1"
    assert "is there already" in command("share", "copy", name, str(folder), code=1)
    command("share", "delete", name, code=1, given="n\n")
    command("share", "delete", name, "--yes")
    assert "does not exist" in command("share", "show", name, code=1)
    (tmp_path / "broken.ipynb").write_text("{}")
    assert "no notebook" in command("share", "create", str(tmp_path / "broken.ipynb"), code=1)
    command("share", "create", str(tmp_path / "none.ipynb"), code=2)


def test_clusters_belong_to_an_account(command: Command) -> None:
    assert "SparkAnalytics" in command("clusters", "list")
    assert "SparkAnalytics" in command("clusters", "cell", "j-1", code=1)
