"""Runs a program of SDK flows against an engine and hands over what each flow returned."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import RunningEngine

PROGRAMS = Path(__file__).parent / "programs"


class Flows:
    """What the flows of one program returned.

    Args:
        python: interpreter that has the SDK.
        program: file name under `programs`.
    """

    def __init__(self, engine: RunningEngine, python: str, program: str, folder: Path) -> None:
        done = _run(engine, folder, python, str(PROGRAMS / program))
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
        assert lines, f"{program} did not come to its end:\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
        found = json.loads(lines[0][len("RESULT") :])
        self._results: dict[str, Any] = found["results"]
        self.took: dict[str, float] = found["took"]
        self._errors = done.stderr

    def __getitem__(self, name: str) -> Any:
        value = self._results[name]
        assert value != "FAILED", f"{name} failed:\n{self._errors[-6000:]}"
        return value


class Ran(NamedTuple):
    """What a script handed over, and all that it printed."""

    result: Any
    printed: str


def run_script(engine: RunningEngine, script: str, folder: Path, *arguments: str) -> Ran:
    """Runs SDK code in a folder; its result is what it printed as JSON after RESULT.

    Args:
        script: Python source; an error of it fails the test with the ends of what it wrote.
    """
    program = folder / "run.py"
    program.write_text(script)
    done = _run(engine, folder, sys.executable, str(program), *arguments)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-6000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    return Ran(json.loads(line[len("RESULT") :]), done.stdout)


def _run(engine: RunningEngine, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=engine.environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
    )
