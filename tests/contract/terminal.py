"""`smstudio` as tests of the command line run it, in this process, on the engine of the tests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from smstudio_ext.cli.app import app
from tests.conftest import RunningEngine


class Command:
    """`smstudio` with options that every call gets.

    Args:
        always: those options.
    """

    def __init__(self, *always: str) -> None:
        self.always = always

    def __call__(self, *arguments: str, code: int = 0, given: str | bytes | None = None) -> str:
        result = CliRunner().invoke(app, [*arguments, *self.always], input=given)
        assert result.exit_code == code, result.output
        return result.output

    def json(self, *arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, [*arguments, *self.always, "--json"])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)


@pytest.fixture
def command(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on the session's engine."""
    monkeypatch.setenv("SMSTUDIO_HOME", str(engine.data_dir))
    monkeypatch.delenv("SMSTUDIO_TARGET", raising=False)
    return Command()
