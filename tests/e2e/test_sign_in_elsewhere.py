"""Signing in and assuming roles from a terminal and a notebook, against a small identity center and moto."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tests.identity_center import CONFIG, IdentityCenter, identity_center

ROLE = "arn:aws:iam::123456789012:role/Other"


class Machine:
    """A home directory with an AWS configuration, and programs that run there."""

    def __init__(self, home: Path, center: IdentityCenter, moto_url: str) -> None:
        self.home = home
        self.center = center
        self.config = home / "aws-config"
        self.config.write_text(CONFIG.format(moto=moto_url, center=center.url))
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMSTUDIO"))
        }
        self.environment = {
            **clean,
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "AWS_CONFIG_FILE": str(self.config),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs Python with arguments; its output must hold no secret."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == code, done.stderr
        for secret in self.center.secrets:
            assert secret not in done.stdout + done.stderr
        return done

    def smstudio(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs a command."""
        return self.run("-m", "smstudio_ext.cli", *arguments, code=code)

    def notebook(self, *cells: str) -> str:
        """Runs cells in one IPython shell; returns what they printed."""
        program = (
            "from IPython.core.interactiveshell import InteractiveShell; import sys; shell = InteractiveShell.instance()\n"
            "for cell in sys.argv[1:]: shell.run_cell(cell)"
        )
        return self.run("-c", program, "%load_ext smstudio_ext", *cells).stdout


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    with identity_center() as center:
        center.confirm()
        yield Machine(tmp_path_factory.mktemp("home"), center, f"http://{host}:{port}")
    moto.stop()


def test_a_command_signs_in_and_the_next_ones_work(machine: Machine) -> None:
    signed = machine.smstudio("config", "login", "--profile", "work", "--no-browser")
    assert signed.stdout.strip() == "Signed in for the profile work."
    assert "Code: ABCD-EFGH" in signed.stderr
    told: dict[str, Any] = json.loads(
        machine.smstudio("config", "identity", "--target", "aws", "--profile", "work", "--json").stdout
    )
    assert (told["account"], told["credentials"], told["renews"]) == ("123456789012", "sso", True)
    assumed = json.loads(
        machine.smstudio(
            "config",
            "assume",
            ROLE,
            "--profile",
            "keys",
            "--session-name",
            "ann",
            "--region",
            "us-east-2",
            "--save-as",
            "ann",
            "--json",
        ).stdout
    )
    assert assumed["arn"] == "arn:aws:sts::123456789012:assumed-role/Other/ann"
    assert "[profile ann]" in machine.config.read_text()
    assert (
        "already"
        in machine.smstudio("config", "assume", ROLE, "--profile", "keys", "--save-as", "ann", code=1).stderr
    )


def test_a_command_makes_a_profile_of_an_account(machine: Machine) -> None:
    with machine.config.open("a") as file:
        file.write(f"[default]\nendpoint_url = {machine.center.url}\n")
    login = ("config", "login", "--start-url", "https://team.example.com/start", "--no-browser", "--json")
    accounts = json.loads(machine.smstudio(*login).stdout)
    assert accounts[0] == {
        "account": "444455556666",
        "name": "Development",
        "roles": "Administrator, Scientist",
    }
    choice = ("--account", "444455556666", "--role", "Scientist", "--save-as", "team")
    assert json.loads(machine.smstudio(*login, *choice).stdout)["profile"] == "team"
    assert "sso_account_id = 444455556666" in machine.config.read_text()
    refused = machine.smstudio(*login, "--account", "1", "--role", "Scientist", "--save-as", "x", code=1)
    assert "may not work in the account 1" in refused.stderr


def test_refusals_end_with_a_sentence_and_what_to_do(machine: Machine) -> None:
    failed = machine.smstudio("config", "login", "--profile", "keys", code=1).stderr
    assert "does not sign in to IAM Identity Center" in failed
    machine.center.answer = "AccessDeniedException"
    try:
        refused = machine.smstudio("config", "login", "--profile", "work", "--no-browser", code=1).stderr
    finally:
        machine.center.confirm()
    assert refused.endswith(
        "The request to sign in was refused in the browser.\nStart again, and allow it there.\n"
    )


def test_a_notebook_signs_in_and_works_as_a_role(machine: Machine) -> None:
    told = machine.notebook("%smstudio login --profile work", f"%smstudio aws --profile work --assume {ROLE}")
    assert "check that it shows the code ABCD-EFGH" in told
    assert "arn:aws:sts::123456789012:user/moto" in told
    assert "sso, until" in told
    assert "arn:aws:sts::123456789012:assumed-role/Other/smstudio" in told
    lacking = machine.notebook("%smstudio aws --external-id x", "%smstudio aws --profile lacking")
    assert "Name it: --assume ARN" in lacking
    assert "Mend the settings of the profile 'lacking'" in lacking
    assert "Traceback" not in lacking


def test_a_kernel_follows_what_the_pages_chose(machine: Machine) -> None:
    machine.environment |= {
        "SMSTUDIO_TARGET": "aws",
        "AWS_PROFILE": "keys",
        "AWS_REGION": "us-east-2",
        "SMSTUDIO_ASSUME_ROLE": json.dumps({"role_arn": ROLE, "session_name": "page"}),
        "SMSTUDIO_ROLE_ARN": "arn:aws:iam::123456789012:role/Jobs",
        "SMSTUDIO_READ_ONLY": "1",
    }
    try:
        told = machine.notebook("%smstudio")
    finally:
        for name in [
            name for name in machine.environment if name.startswith(("SMSTUDIO", "AWS_PROFILE", "AWS_REGION"))
        ]:
            del machine.environment[name]
    assert "assumed-role/Other/page" in told
    assert "role/Jobs" in told
