"""The tree of commands: what its help says of each, and that nothing loads before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from smstudio_ext.cli.app import COMMANDS, app

TREE = typer.main.get_command(app)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_help_says_what_the_command_says_of_itself(name: str) -> None:
    loaded = TREE.get_command(None, name)  # type: ignore[attr-defined]
    assert loaded is TREE.get_command(None, name)  # type: ignore[attr-defined]
    assert loaded.get_short_help_str(500) == TREE.commands[name].get_short_help_str(500)  # type: ignore[attr-defined]


def test_every_command_has_a_place_in_the_help() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert [line.split()[0] for line in shown.partition("Commands:\n")[2].splitlines()] == list(COMMANDS)


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    result = CliRunner().invoke(app, ["endpiont"])
    assert result.exit_code == 2
    assert "'endpoints'" in result.output


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("smstudio endp", ["endpoints"]),
        ("smstudio endpoints sc", ["scaling"]),
        ("smstudio domains apps create x --ty", ["--type"]),
    ],
    ids=["group", "command", "option"],
)
def test_a_shell_completes(monkeypatch: pytest.MonkeyPatch, words: str, found: list[str]) -> None:
    monkeypatch.setenv("_SMSTUDIO_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert CliRunner().invoke(app, [], prog_name="smstudio").output.split() == found


@pytest.mark.parametrize("way", ["help", "completion"])
def test_a_list_of_commands_loads_none(way: str) -> None:
    program = (
        "import os, sys\n"
        "from smstudio_ext.cli.app import app\n"
        f"if {way == 'completion'}:\n"
        "    os.environ.update(_SMSTUDIO_COMPLETE='complete_bash', COMP_WORDS='smstudio ', COMP_CWORD='1')\n"
        "try:\n"
        "    app(['--help'], prog_name='smstudio')\n"
        "except SystemExit:\n"
        "    pass\n"
        "print(sorted(name for name in sys.modules if name.startswith('smstudio_ext.cli.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == str(["smstudio_ext.cli.app", "smstudio_ext.cli.lazy"])
